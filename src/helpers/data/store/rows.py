"""Bars as plain columns: days, symbol codes and numbers, which join, filter and scatter much faster than frames."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.core.errors import UnfitDataError
from helpers.data.bars import DATE_TYPE, FIELDS, Bools, Floats, tidy

Days = npt.NDArray[np.datetime64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Rows:
    """Bars sorted by date, then symbol.

    Attributes
    ----------
    days : array of datetime64[D], shape (rows,)
        The date of each row.
    codes : array of int32, shape (rows,)
        Places in `symbols`.
    symbols : tuple of str
        Sorted, each once.
    fields : dict of str to array of float64, shape (rows,)
        Numbers by field; NaN where unknown. A field that is left out is NaN throughout.
    """

    days: Days
    codes: Codes
    symbols: tuple[str, ...]
    fields: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.days)

    def taken(self, which: npt.NDArray[Any] | slice) -> Rows:
        """The rows at some places, those of a mask, or a stretch of them."""
        fields = {name: values[which] for name, values in self.fields.items()}
        return Rows(self.days[which], self.codes[which], self.symbols, fields)

    def are_of(self, symbols: Collection[str]) -> Bools:
        """Which rows belong to one of `symbols`."""
        wanted = set(symbols)
        return np.array([name in wanted for name in self.symbols], dtype=np.bool_)[self.codes]

    def compact(self) -> Rows:
        """The same rows, with the symbols alone that have one."""
        used = np.bincount(self.codes, minlength=len(self.symbols)) > 0
        places = np.cumsum(used, dtype=np.int32) - np.int32(1)
        symbols = tuple(name for name, is_used in zip(self.symbols, used, strict=True) if is_used)
        return Rows(self.days, places[self.codes], symbols, self.fields)

    def frame(self) -> pd.DataFrame:
        """Tidy bars, as `helpers.data.bars.tidy` gives them: sorted by symbol and date."""
        small = self.codes.astype(np.int16) if len(self.symbols) < 2**15 else self.codes  # which numpy sorts by radix
        order = np.argsort(small, kind="stable")
        columns: dict[str, Any] = {"date": self.days[order].astype(DATE_TYPE)}
        columns["symbol"] = pd.Series(list(self.symbols), dtype="str").array.take(self.codes[order])
        for name in FIELDS:
            held = self.fields.get(name)
            columns[name] = held[order] if held is not None else np.full(len(self), np.nan)
        return pd.DataFrame(columns, copy=False)

    def matrices(self, days: Days, symbols: Sequence[str], fields: Sequence[str]) -> dict[str, Floats]:
        """Each field as a matrix of `days` x `symbols`, which name all that these rows hold; NaN where no bar."""
        place = {name: column for column, name in enumerate(symbols)}
        columns = np.array([place[name] for name in self.symbols], dtype=np.int64)
        flat = np.searchsorted(days, self.days) * len(symbols) + columns[self.codes]
        matrices = {}
        for name in fields:
            values = np.full(len(days) * len(symbols), np.nan)
            if name in self.fields:
                values[flat] = self.fields[name]
            matrices[name] = values.reshape(len(days), len(symbols))
        return matrices


def of_frame(bars: pd.DataFrame) -> Rows:
    """The rows of tidy bars in any order.

    Raises
    ------
    UnfitDataError
        A row without a date or a symbol, or two rows for one day and symbol.
    """
    frame = tidy(bars)
    codes, symbols = pd.factorize(frame["symbol"])
    days = frame["date"].to_numpy().astype("datetime64[D]")
    if (codes < 0).any() or np.isnat(days).any():
        raise UnfitDataError("a bar without a date or a symbol found; name both in every row")
    again = np.flatnonzero((codes[1:] == codes[:-1]) & (days[1:] == days[:-1]))
    if len(again):
        symbol, day = str(symbols[codes[again[0]]]), str(days[again[0]])
        raise UnfitDataError(
            f"{symbol} {day}: two bars found, one needed; drop one of the rows", symbol=symbol, date=day
        )
    order = np.argsort(days, kind="stable")
    fields = {name: frame[name].to_numpy()[order] for name in FIELDS}
    held = {name: values for name, values in fields.items() if not np.isnan(values).all()}
    return Rows(days[order], codes[order].astype(np.int32), tuple(map(str, symbols)), held)


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of some parts, one part below the other."""
    symbols = tuple(sorted({name for part in parts for name in part.symbols}))
    place = {name: code for code, name in enumerate(symbols)}
    codes = [np.array([place[name] for name in part.symbols], dtype=np.int32)[part.codes] for part in parts]
    fields = {}
    for name in FIELDS:
        if any(name in part.fields for part in parts):
            blank = [part.fields.get(name, np.full(len(part), np.nan)) for part in parts]
            fields[name] = np.concatenate(blank)
    days = np.concatenate([part.days for part in parts]) if parts else np.array([], dtype="datetime64[D]")
    return Rows(days, np.concatenate(codes) if parts else np.array([], dtype=np.int32), symbols, fields)


def merged(held: Rows, added: Rows) -> Rows:
    """Both in order of date and symbol; an added row takes the place of the one held for its date and symbol."""
    both = joined([held, added])
    keys = both.days.astype(np.int64) * len(both.symbols) + both.codes
    kept = np.ones(len(both), dtype=np.bool_)
    kept[: len(held)] = ~np.isin(keys[: len(held)], keys[len(held) :])
    order = np.argsort(keys, kind="stable")
    return both.taken(order[kept[order]])
