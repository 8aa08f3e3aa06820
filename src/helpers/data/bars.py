"""Tidy bars, and the one door from them to frames of trading days x symbols."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.core.errors import MissingColumnError, ParameterError, UnfitDataError

Basis = Literal["tape", "total_return", "as_traded"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRICES = ("open", "high", "low", "close")
FIELDS = (*PRICES, "volume", "dividend", "split", "adj_close")
COLUMNS = ("date", "symbol", *FIELDS)
DATE_TYPE = "datetime64[s]"

INDEX_START = 100.0

FROM_DIVIDENDS = "close and dividends"
FROM_ADJUSTED = "vendor's adjusted close"
FROM_CLOSE = "close, no dividends stated"
FROM_NOTHING = "none"


def tidy(rows: pd.DataFrame, symbol: str | None = None) -> pd.DataFrame:
    """Bars with exactly `COLUMNS`, sorted by symbol and date; what is not stated is NaN.

    What an absent dividend means is for `wide` to say, day by day; see its Notes.

    Parameters
    ----------
    rows : DataFrame
        ``date`` and any of `FIELDS`; ``symbol`` unless given.
    symbol : str, optional
        The symbol that all rows belong to.
    """
    held = {name: rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in FIELDS if name in rows}
    missing = np.full(len(rows), np.nan)
    frame = pd.DataFrame({name: held.get(name, missing) for name in FIELDS}, copy=True)
    names = [symbol] * len(rows) if symbol else rows["symbol"].to_numpy()
    frame.insert(0, "symbol", pd.Series(names, dtype="str"))
    frame.insert(0, "date", _days(rows["date"]))
    return frame.sort_values(["symbol", "date"], kind="stable", ignore_index=True)


def wide(bars: pd.DataFrame, field: str, basis: Basis) -> pd.DataFrame:
    """One field as a frame of days x symbols, on a named basis of price.

    The basis has no default, because a tape high and a total-return high are different facts.

    Parameters
    ----------
    bars : DataFrame
        Tidy rows: ``date``, ``symbol`` and any of `FIELDS`, in any order; a time of day is dropped from the date.
    field : str
        One of `FIELDS`; "total_return" takes "close" only, "as_traded" a price.
    basis : {"tape", "total_return", "as_traded"}
        "tape": as stored, adjusted for splits, not for dividends. "total_return": a forward index, see Notes.
        "as_traded": the tape times every later split, to quote an old print; it needs the column ``split``.

    Returns
    -------
    DataFrame of shape (days, symbols)
        Days that any symbol has, oldest first; NaN where a symbol has no bar.

    Raises
    ------
    ParameterError
        No such field or basis, or a field that the basis does not have.
    MissingColumnError
        "as_traded" without a column ``split``.
    UnfitDataError
        Two rows for one day and symbol.

    Notes
    -----
    The total-return index is 100 on a symbol's first day. Each step is (close + dividend) / previous close where the
    dividend is known, else adj_close / previous adj_close; where neither is known the index is NaN from there on.
    Until the symbol's first dividend (0 counts) or the day after its first adj_close, none are stated and the step is
    close / previous close; from then on a missing dividend is unknown. A hole is NaN on its own day; the next step
    starts from the last known value. Each step is decided by its own row and earlier ones, so cutting later rows, or
    leaving out a column that only later rows fill, changes no bit of what is left.

    Examples
    --------
    >>> rows = pd.DataFrame({"date": pd.to_datetime(["2024-01-02", "2024-01-03"]), "symbol": "IJH",
    ...                      "close": [50.0, 50.0], "dividend": [0.0, 0.5]})
    >>> wide(rows, "close", "total_return")["IJH"].tolist()
    [100.0, 101.0]
    """
    if basis not in get_args(Basis):
        raise ParameterError(f"basis {basis!r} found; one of {', '.join(get_args(Basis))} is needed", basis=basis)
    if field not in FIELDS or field not in bars:
        held = ", ".join(name for name in FIELDS if name in bars)
        raise ParameterError(f"field {field!r} is not in these bars; they hold {held}", field=field)
    if basis == "total_return" and field != "close":
        raise ParameterError(f"field {field!r} has no total return; ask for the field 'close'", field=field)
    grid = Grid(bars)
    if basis == "tape":
        return grid.frame(grid.values(field))
    if basis == "total_return":
        return grid.frame(index_of(steps_of(grid)))
    if field not in PRICES:
        raise ParameterError(f"field {field!r} has no as-traded price; ask for one of {', '.join(PRICES)}", field=field)
    if "split" not in bars:
        raise MissingColumnError("as traded needs the column `split`; add it or use the basis 'tape'", column="split")
    return grid.frame(grid.values(field) * _later_splits(grid.values("split")))


class Grid:
    """Positions of tidy rows in a matrix of days x symbols; a scatter is many times faster than unstacking."""

    def __init__(self, bars: pd.DataFrame) -> None:
        self.bars = bars
        dates = _days(bars["date"]).to_numpy()
        codes, symbols = pd.factorize(bars["symbol"])
        self.days, rows = np.unique(dates, return_inverse=True)
        self.symbols = symbols
        self.shape = (len(self.days), len(symbols))
        self.rows, self.codes = rows, codes
        seen = np.zeros(self.shape, dtype=np.bool_)
        seen[rows, codes] = True
        if int(seen.sum()) != len(bars):
            again = int(np.argmax(pd.DataFrame({"row": rows, "code": codes}).duplicated()))
            day = pd.Timestamp(self.days[rows[again]]).date()
            raise UnfitDataError(f"{symbols[codes[again]]} {day}: two bars found, one needed; drop one of the rows")

    def values(self, field: str) -> Floats:
        """One field as a matrix; NaN where there is no row."""
        matrix = np.full(self.shape, np.nan)
        if field in self.bars:
            matrix[self.rows, self.codes] = self.bars[field].to_numpy(dtype=np.float64, na_value=np.nan)
        return matrix

    def frame(self, matrix: Floats) -> pd.DataFrame:
        """A matrix with its days and symbols."""
        return pd.DataFrame(
            matrix, index=pd.DatetimeIndex(self.days, name="date"), columns=pd.Index(self.symbols, name="symbol")
        )


class Steps(NamedTuple):
    """Growth since the last known value, the days that have a value, and what the step of each day is made from."""

    growth: Floats
    usable: Bools
    from_bare_close: Bools
    from_adjusted: Bools


def steps_of(grid: Grid) -> Steps:
    """Each day's step, decided by that day and earlier ones only."""
    close, adjusted, dividend = grid.values("close"), grid.values("adj_close"), grid.values("dividend")
    usable = ~(np.isnan(close) & np.isnan(adjusted))
    before = row_before(usable)
    has_before = before >= 0
    adjusted_before = np.vstack([np.zeros((1, grid.shape[1]), dtype=np.bool_), _seen(~np.isnan(adjusted))])[:-1]
    none_stated = ~(_seen(~np.isnan(dividend)) | adjusted_before)
    dividend = np.where(none_stated, 0.0, dividend)
    _carry_over_holes(dividend, usable)
    at = (np.maximum(before, 0), np.arange(grid.shape[1])[None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        by_close = (close + dividend) / np.where(close[at] > 0, close[at], np.nan)
        by_adjusted = adjusted / np.where(adjusted[at] > 0, adjusted[at], np.nan)
    known = np.where(has_before, by_close, close + dividend)
    from_adjusted = np.isnan(known)
    growth = np.where(has_before, np.where(from_adjusted, by_adjusted, by_close), INDEX_START)
    return Steps(growth, usable, none_stated & ~from_adjusted, from_adjusted)


def index_of(steps: Steps) -> Floats:
    """The product of the steps; 1 on a hole, so that the next step resumes from the last known value."""
    return np.where(steps.usable, np.cumprod(np.where(steps.usable, steps.growth, 1.0), axis=0), np.nan)


def _seen(held: Bools) -> Bools:
    """Whether there was one on the day or earlier."""
    return np.asarray(np.logical_or.accumulate(held, axis=0), dtype=np.bool_)


def row_before(usable: Bools) -> npt.NDArray[np.intp]:
    """Row of the last usable day before each day, for each column; -1 where there is none."""
    rows = np.where(usable, np.arange(len(usable))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0) if len(rows) else rows
    return np.vstack([np.full((1, usable.shape[1]), -1), last[:-1]])[: len(usable)]


def _carry_over_holes(dividend: Floats, usable: Bools) -> None:
    """Move a dividend paid on a day without a price to the next day that has one."""
    for row, column in np.argwhere(~usable & (dividend > 0)):
        later = np.flatnonzero(usable[row:, column])
        if len(later):
            dividend[row + later[0], column] += dividend[row, column]


def _later_splits(split: Floats) -> Floats:
    """Product of the splits after each day: a split's own day already trades at the new price."""
    factor = np.where((split > 0) & ~np.isnan(split), split, 1.0)
    ones = np.ones((1, split.shape[1]))
    later = np.vstack([factor[1:], ones])[: len(split)]
    return np.cumprod(later[::-1], axis=0)[::-1]


def _days(dates: Any) -> pd.Series:
    """Dates as midnight seconds without a zone: the day that the row's own clock shows."""
    values = pd.Series(dates).reset_index(drop=True)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(values)
    return pd.Series(values.dt.tz_localize(None).to_numpy().astype("datetime64[D]").astype(DATE_TYPE))
