"""Pieces that the second computations of breadth and history share, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from tests.sections.oracle import NAN, YEAR, Book, beats, believed, highest_before

ROUND = 1e-12


def wilson_at(k: int, n: int, level: float) -> tuple[float, float]:
    """Wilson's interval (1927) of a share."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p = k / n
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def steps(line: np.ndarray) -> np.ndarray:
    """Daily returns; NaN where either day is unknown."""
    return np.append(NAN, line[1:] / line[:-1] - 1)


def hac(y: np.ndarray, columns: list[np.ndarray], lags: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Least squares with a constant first: coefficients, Newey-West errors, days. Rows with an unknown are left out.

    A column of zeros has neither coefficient nor error.
    """
    x = np.column_stack([np.ones(len(y)), *columns])
    known = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    y, x = y[known], x[known]
    used = (x != 0).any(axis=0)
    coefficients, errors = np.full(len(used), NAN), np.full(len(used), NAN)
    if used.any():
        x = x[:, used]
        bread = np.linalg.inv(x.T @ x)
        coefficients[used] = bread @ (x.T @ y)
        scores = x * (y - x @ coefficients[used])[:, None]
        meat = scores.T @ scores
        for lag in range(1, min(lags, len(y) - 1) + 1):
            cross = scores[lag:].T @ scores[:-lag]
            meat += (1 - lag / (lags + 1)) * (cross + cross.T)
        errors[used] = np.sqrt(np.diag(bread @ meat @ bread))
    return coefficients, errors, len(y)


def events_of(book: Book, symbol: str, params: Any) -> tuple[np.ndarray, np.ndarray]:
    """Breakouts: first closes above the highest high of the window, after `quiet_gap` days without; and days seen."""
    level = highest_before(believed(book, symbol, 1)[0], params.window)
    close = book.close[symbol].to_numpy()
    known = ~np.isnan(level) & ~np.isnan(close)
    confirmed = [beats(price, bound, True) for price, bound in zip(close, level, strict=True)]
    gap, days = params.quiet_gap, len(close)
    seen = np.array([t >= gap and bool(known[t - gap : t + 1].all()) for t in range(days)])
    event = np.array([seen[t] and confirmed[t] and not any(confirmed[t - gap : t]) for t in range(days)])
    return event, seen


def corrected(p: list[float], how: str) -> list[float]:
    """p values after the correction of the run; an unknown one stays so and is not counted."""
    known = sorted((value, place) for place, value in enumerate(p) if not math.isnan(value))
    out, m = list(p), len(known)
    for rank, (_, place) in enumerate(known, start=1):
        if how == "holm":
            out[place] = min(1.0, max((m - r + 1) * v for r, (v, _) in enumerate(known[:rank], start=1)))
        elif how == "bh":
            out[place] = min(1.0, *(m / r * v for r, (v, _) in enumerate(known, start=1) if r >= rank))
    return out


def placebo(y: np.ndarray, flag: np.ndarray) -> float:
    """Share of rotations of the events, the true one among them, whose mean lies at least as far from the baseline."""
    n, at = len(y), np.flatnonzero(flag)
    moves = np.array([0, *range(64, n - 63)])
    off = np.abs(y[(at[None, :] + moves[:, None]) % n].mean(axis=1) - y.mean())
    return float((off >= off[0] * (1 - ROUND)).mean())


def resampled(columns: np.ndarray, block: float, draws: int, seed: int) -> np.ndarray:
    """Column means of each stationary resample (Politis and Romano 1994), draws x columns."""
    rng, n = np.random.default_rng(seed), len(columns)
    at = rng.integers(n, size=draws)
    total = np.zeros((draws, columns.shape[1]))
    for _ in range(n):
        total += columns[at]
        anew = rng.random(draws) < 1 / block
        at = np.where(anew, rng.integers(n, size=draws), (at + 1) % n)
    return total / n


# --- members --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Members:
    """The list, and bars of trading days x members in its order; NaN where a member has no bar."""

    symbols: list[str]
    weights: list[float]
    dated: str
    close: pd.DataFrame
    high: pd.DataFrame
    low: pd.DataFrame
    total_return: pd.DataFrame


@dataclass(frozen=True)
class Counts:
    """A value of each day; NaN while fewer than half of the members listed are known."""

    above: dict[int, np.ndarray]
    above_known: dict[int, np.ndarray]
    highs: np.ndarray
    lows: np.ndarray
    range_known: np.ndarray
    net_advances: np.ndarray
    advances_known: np.ndarray


def counted(book: Book, members: Members, params: Any) -> Counts:
    """Shares and counts of every day of the book."""
    days, listed = book.close.index, len(members.symbols)
    lines: dict[str, dict[str, pd.Series]] = {"close": {}, "high": {}, "low": {}}
    for symbol in members.symbols:
        total = members.total_return[symbol]
        first = total.first_valid_index()
        on_tape = first is not None and not math.isnan(members.high[symbol][first] + members.low[symbol][first])
        for name, column in lines.items():
            column[symbol] = getattr(members, name)[symbol] if on_tape else total
    close, high, low = (pd.DataFrame(lines[name]).reindex(days) for name in ("close", "high", "low"))

    def stated(values: np.ndarray, known: np.ndarray) -> np.ndarray:
        return np.where((known > 0) & (2 * known >= listed), values, NAN)

    above, above_known = {}, {}
    for window in {*params.breadth_ma, 50}:
        mean = close.rolling(window).mean()
        known = mean.notna().sum(axis=1).to_numpy()
        over_mean = (close > mean).sum(axis=1).to_numpy()
        above[window] = stated(over_mean / np.maximum(known, 1), known)
        above_known[window] = known
    top, bottom = high.rolling(YEAR).max().shift(1), low.rolling(YEAR).min().shift(1)
    in_order = top.notna() & bottom.notna() & high.notna() & low.notna()
    range_known = in_order.sum(axis=1).to_numpy()
    highs = stated(((high > top) & in_order).sum(axis=1).to_numpy(), range_known)
    lows = stated(((low < bottom) & in_order).sum(axis=1).to_numpy(), range_known)
    before = close.shift(1)
    moved = (close.notna() & before.notna()).sum(axis=1).to_numpy()
    up, down = (close > before).sum(axis=1).to_numpy(), (close < before).sum(axis=1).to_numpy()
    net = stated((up - down) / np.maximum(up + down, 1), moved)
    return Counts(above, above_known, highs, lows, range_known, net, moved)


def fading_mean(values: np.ndarray, span: int) -> float:
    """Exponential mean with weight 2 / (span + 1) on the new value, from the first known one on."""
    known = [value for value in values if not math.isnan(value)]
    mean = known[0]
    for value in known[1:]:
        mean += 2 / (span + 1) * (value - mean)
    return mean
