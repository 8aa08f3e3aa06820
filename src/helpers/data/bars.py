"""Tidy bars, and the one door from them to frames of trading days x symbols."""

from __future__ import annotations

from typing import Any, Literal, get_args

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

    A dividend is 0 where the rows have no such column and the symbol no adjusted close: then none are stated, and the
    close is all there is. In a column that exists, NaN stays NaN: unknown.

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
    if "dividend" not in rows:
        adjusted = frame["symbol"].isin(frame.loc[frame["adj_close"].notna(), "symbol"].unique())
        frame["dividend"] = frame["dividend"].mask(~adjusted & frame["close"].notna(), 0.0)
    return frame.sort_values(["symbol", "date"], kind="stable", ignore_index=True)


def wide(bars: pd.DataFrame, field: str, basis: Basis) -> pd.DataFrame:
    """One field as a frame of days x symbols, on a named basis of price.

    The basis has no default, because a tape high and a total-return high are different facts.

    Parameters
    ----------
    bars : DataFrame
        Tidy rows: ``date``, ``symbol`` and any of `FIELDS`, in any order.
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
        Two rows for one date and symbol.

    Notes
    -----
    The total-return index is 100 on a symbol's first day. Each step is (close + dividend) / previous close where the
    dividend is known, else adj_close / previous adj_close; where neither is known the index is NaN from there on.
    Where bars have no dividend column and no adj_close, none are stated and the step is close / previous close.
    A hole is NaN on its own day; the next step starts from the last known value. The index runs forward, so cutting
    later rows changes no bit of what is left.

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
        return grid.frame(_index(*_steps(grid)))
    if field not in PRICES:
        raise ParameterError(f"field {field!r} has no as-traded price; ask for one of {', '.join(PRICES)}", field=field)
    if "split" not in bars:
        raise MissingColumnError("as traded needs the column `split`; add it or use the basis 'tape'", column="split")
    return grid.frame(grid.values(field) * _later_splits(grid.values("split")))


def total_return_basis(bars: pd.DataFrame) -> dict[str, str]:
    """How each symbol's total return is made: the weakest step that any of its days needed.

    One of "close and dividends", "vendor's adjusted close", "close, no dividends stated" and "none"
    (the index ends before the symbol's last day).
    """
    grid = Grid(bars)
    step, usable, by_close = _steps(grid)
    value = _index(step, usable, by_close)
    stated = "dividend" in bars
    texts = {}
    for column, symbol in enumerate(grid.symbols):
        held = usable[:, column]
        if not held.any() or np.isnan(value[np.flatnonzero(held)[-1], column]):
            texts[str(symbol)] = FROM_NOTHING
        elif not by_close[held, column].all() or held.sum() == 1 and np.isnan(grid.values("close")[held, column]).any():
            texts[str(symbol)] = FROM_ADJUSTED
        else:
            texts[str(symbol)] = FROM_DIVIDENDS if stated else FROM_CLOSE
    return texts


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
            first = bars.loc[bars.duplicated(["date", "symbol"])].iloc[0]
            day = pd.Timestamp(first["date"]).date()
            raise UnfitDataError(f"{first['symbol']} {day}: two bars found, one needed; drop one of the rows")

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


def _steps(grid: Grid) -> tuple[Floats, Bools, Bools]:
    """Growth since the last known value, the days that have a value, and the steps made from closes."""
    close, adjusted, dividend = grid.values("close"), grid.values("adj_close"), grid.values("dividend")
    usable = ~(np.isnan(close) & np.isnan(adjusted))
    if "dividend" not in grid.bars:
        # none stated: a price index is all that closes can give, unless the vendor's adjusted close says more
        dividend = np.where(~np.isnan(adjusted).all(axis=0), np.nan, np.zeros_like(close))
    _carry_over_holes(dividend, usable)
    before = row_before(usable)
    has_before = before >= 0
    at = (np.maximum(before, 0), np.arange(grid.shape[1])[None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        by_close = (close + dividend) / np.where(close[at] > 0, close[at], np.nan)
        by_adjusted = adjusted / np.where(adjusted[at] > 0, adjusted[at], np.nan)
    from_close = ~np.isnan(by_close) | ~has_before
    step = np.where(from_close, by_close, by_adjusted)
    return np.where(has_before, step, INDEX_START), usable, from_close


def _index(step: Floats, usable: Bools, _from_close: Bools) -> Floats:
    """The product of the steps; 1 on a hole, so that the next step resumes from the last known value."""
    return np.where(usable, np.cumprod(np.where(usable, step, 1.0), axis=0), np.nan)


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
    """Dates as midnight seconds without a zone."""
    values = pd.Series(dates).reset_index(drop=True)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(values)
    return pd.Series(values.to_numpy().astype(DATE_TYPE))
