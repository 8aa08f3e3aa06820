"""The user's own bars: one tidy CSV or Parquet file, or a folder of such, or a folder with one file per symbol."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.core.errors import SourceNotFoundError, UnfitDataError
from helpers.data.bars import FIELDS, Floats
from helpers.data.sources import RawHistory
from helpers.data.sources.files import SUFFIXES, Table, read


class FolderSource:
    """Bars of a file or folder, read once when first asked and refused whole if any row is unfit.

    A folder's files are taken in the order of their names, as if written one below the other. In a folder, a file
    without a symbol column holds the symbol its name says (``IJH.csv``). Symbols are upper case.

    Parameters
    ----------
    path : path
        A .csv or .parquet file, or a folder that holds some.

    Raises
    ------
    SourceNotFoundError
        No such path, or nothing in it to read.
    """

    simulated = False

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.name or str(self.path)
        self._files = _files(self.path)

    def symbols(self) -> list[str]:
        """The symbols held, sorted."""
        return sorted(self._rows.spans)

    def history(self, symbol: str, start: str = "", end: str = "") -> RawHistory | None:
        """Bars of one symbol from `start` to `end`, both included; None when the symbol is not held."""
        rows = self._rows
        if symbol not in rows.spans:
            return None
        first, last = rows.spans[symbol]
        dates = rows.dates[first:last]
        low = first + (int(dates.searchsorted(np.datetime64(start, "s"), side="left")) if start else 0)
        high = first + int(dates.searchsorted(np.datetime64(end, "s"), side="right")) if end else last
        files = np.unique(rows.files[first:last])
        stated = [name for name in FIELDS if any(name in rows.tables[file].fields for file in files)]
        bars = pd.DataFrame({"date": rows.dates[low:high], **{name: rows.fields[name][low:high] for name in stated}})
        return RawHistory(bars=bars, actions=_actions(bars), meta={"source": self.name, "simulated": False})

    def locate(self, symbol: str, day: pd.Timestamp) -> str:
        """File and row of one bar, for a message: ``etf.csv: data row 7 (line 8)``."""
        rows = self._rows
        first, last = rows.spans[symbol]
        place = first + int(rows.dates[first:last].searchsorted(np.datetime64(day, "s")))
        return rows.place(int(rows.origin[place]))

    @cached_property
    def _rows(self) -> _Rows:
        alone = self.path.is_file()
        return _Rows([read(path, symbol=None if alone else path.stem.upper()) for path in self._files])


class _Rows:
    """All files as one table, grouped by symbol; file order and dates have been checked."""

    def __init__(self, tables: list[Table]) -> None:
        self.tables = tables
        names = sorted({name for table in tables for name in table.symbols})
        into = [np.array([names.index(name) for name in table.symbols], dtype=np.int32) for table in tables]
        codes = np.concatenate([places[table.codes] for places, table in zip(into, tables, strict=True)])
        self._starts = np.cumsum([0, *(len(table.dates) for table in tables)])
        self.origin: npt.NDArray[np.intp] = np.argsort(codes, kind="stable")
        codes = codes[self.origin]
        self.dates = np.concatenate([table.dates for table in tables])[self.origin]
        self.files = np.repeat(np.arange(len(tables)), np.diff(self._starts))[self.origin]
        self.fields = {name: self._field(name) for name in FIELDS if any(name in table.fields for table in tables)}
        edges = np.searchsorted(codes, np.arange(len(names) + 1))
        self.spans = {name: (int(edges[place]), int(edges[place + 1])) for place, name in enumerate(names)}
        self._refuse_disorder(codes, names)

    def place(self, row: int) -> str:
        file = int(np.searchsorted(self._starts, row, side="right")) - 1
        table = self.tables[file]
        return f"{table.path.name}: {table.place(row - int(self._starts[file]))}"

    def _field(self, name: str) -> Floats:
        parts = [table.fields.get(name, np.full(len(table.dates), np.nan)) for table in self.tables]
        return np.concatenate(parts)[self.origin]

    def _refuse_disorder(self, codes: npt.NDArray[np.int32], names: list[str]) -> None:
        step = np.diff(self.dates).astype(np.int64)
        late = np.flatnonzero((codes[1:] == codes[:-1]) & (step <= 0)) + 1
        if not len(late):
            return
        row = int(late[np.argmin(self.origin[late])])
        symbol = names[codes[row]]
        first = self.spans[symbol][0]
        day = pd.Timestamp(self.dates[row]).date()
        earlier = np.flatnonzero(self.dates[first:row] == self.dates[row])
        if len(earlier):
            other = self.place(int(self.origin[first + earlier[0]]))
            fault = f"{symbol} {day} is there already ({other}); keep one of the two rows"
        else:
            previous = pd.Timestamp(self.dates[row - 1]).date()
            fault = f"{symbol} {day} comes after {previous}; sort each symbol's rows by date, oldest first"
        raise UnfitDataError(f"{self.place(int(self.origin[row]))}: {fault}", symbol=symbol, date=str(day))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise SourceNotFoundError(
                f"{path}: a file whose name ends in .csv or .parquet is needed; rename it", path=str(path)
            )
        return [path]
    if not path.exists():
        raise SourceNotFoundError(
            f"{path}: no such file or folder; give a CSV or Parquet file of daily bars, or a folder of them",
            path=str(path),
        )
    try:
        held = sorted(item for item in path.iterdir() if item.is_file() and item.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise SourceNotFoundError(f"{path}: {error.strerror}; give a folder that can be read", path=str(path)) from None
    held = [item for item in held if not item.name.startswith((".", "_"))]
    if not held:
        raise SourceNotFoundError(f"{path}: no .csv or .parquet file in this folder; put bars there", path=str(path))
    return held


def _actions(bars: pd.DataFrame) -> pd.DataFrame:
    """The days on which a dividend or a split is stated."""
    events = pd.DataFrame({"date": bars["date"]})
    for name in ("dividend", "split"):
        events[name] = bars.get(name, np.nan)
    happened = (events["dividend"] > 0) | (events["split"] > 0)
    return events.loc[happened].reset_index(drop=True)
