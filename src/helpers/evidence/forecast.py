"""What a score says of what follows: a probability known at the time, shrunk to the base rate, and its skill."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

#: windows that do not overlap at which a slope counts half: one over the square of a correlation of a tenth, which is
#: what one may expect of a good score (Grinold and Kahn 2000)
SHRINKAGE = 100
#: no forecast is surer than this
SURE = 0.98


class Expanding(NamedTuple):
    """Of every row what was known on it: probability, base rate, and the windows it rests on (overlaps counted once).

    NaN where too few windows are complete; a row without a score has the base rate for its probability.
    """

    probability: np.ndarray
    base: np.ndarray
    windows: np.ndarray


class Correlation(NamedTuple):
    """A rank correlation, the bounds of its interval and the pairs in it; NaN where unknown."""

    value: float
    low: float
    high: float
    n: int


def expanding(
    score: np.ndarray, outcome: np.ndarray, *, embargo: int, least: int, shrinkage: float = SHRINKAGE
) -> Expanding:
    """Probability that the outcome is above zero, from all earlier rows whose window was over by then.

    A straight line of outcome above zero (1 or 0) on the score: the base rate, plus the slope times the score's
    distance from its own mean, the slope counted by m / (m + `shrinkage`) with m windows that do not overlap; cut to
    [1 - `SURE`, `SURE`].

    Parameters
    ----------
    score, outcome : ndarray of shape (rows,)
        Evenly spaced in time, oldest first; the outcome is of the window that begins on the row. NaN is unknown.
    embargo : int
        Rows that a window lasts: row i knows outcomes up to row i - `embargo`.
    least : int
        Windows that do not overlap below which nothing is said.
    shrinkage : float
        Windows at which the slope counts half.

    Returns
    -------
    Expanding
        Arrays of shape (rows,); later rows change no earlier value.
    """
    met, known = (outcome > 0).astype(np.float64), ~np.isnan(score) & ~np.isnan(outcome)
    held = np.where(known, score, 0.0)
    parts = np.column_stack([known, held, known * met, held * held, held * met])
    total = np.zeros_like(parts)
    if len(parts) > embargo:
        total[embargo:] = np.cumsum(parts[:-embargo], axis=0)
    n = total[:, 0]
    mean, base, square, product = (total[:, 1:] / np.maximum(n, 1)[:, None]).T
    spread = square - mean * mean
    has_spread = spread > 1e-12
    slope = np.where(has_spread, product - mean * base, 0.0) / np.where(has_spread, spread, 1.0)
    windows = n / embargo
    trust = windows / np.maximum(windows + shrinkage, 1 / embargo)
    moved = trust * slope * (np.where(np.isnan(score), mean, score) - mean)
    is_enough = windows >= least
    probability = np.clip(base + moved, 1 - SURE, SURE)
    return Expanding(np.where(is_enough, probability, np.nan), np.where(is_enough, base, np.nan), windows)


def rank_correlation(score: np.ndarray, outcome: np.ndarray, *, level: float, least: int) -> Correlation:
    """Spearman's correlation of score and outcome over pairs that do not overlap, with its interval.

    Parameters
    ----------
    score, outcome : ndarray of shape (n,)
        Pairs with an unknown side are left out.
    level : float
        Coverage of the interval: Fisher's transform with the error of Bonett and Wright (2000), Psychometrika 65.
    least : int
        Pairs needed for an interval.

    Returns
    -------
    Correlation
        NaN with fewer than 4 pairs, or where one side does not vary.
    """
    known = ~np.isnan(score) & ~np.isnan(outcome)
    n = int(known.sum())
    one, other = _ranks(score[known]), _ranks(outcome[known])
    if n < 4 or not one.std() or not other.std():
        return Correlation(math.nan, math.nan, math.nan, n)
    value = float(np.corrcoef(one, other)[0, 1])
    if n < least:
        return Correlation(value, math.nan, math.nan, n)
    middle = math.atanh(min(max(value, -1 + 1e-12), 1 - 1e-12))
    half = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt((1 + value * value / 2) / (n - 3))
    return Correlation(value, math.tanh(middle - half), math.tanh(middle + half), n)


def brier_skill(probability: np.ndarray, base: np.ndarray, met: np.ndarray) -> tuple[float, int]:
    """One less the Brier score (1950) over that of the base rate, and the forecasts compared; above 0 is skill.

    Parameters
    ----------
    probability, base, met : ndarray of shape (n,)
        Forecast, base rate as known on its day, and 1 or 0; rows with an unknown are left out.
    """
    known = ~(np.isnan(probability) | np.isnan(base) | np.isnan(met))
    if not known.any():
        return math.nan, 0
    own, other = ((given[known] - met[known]) ** 2 for given in (probability, base))
    return (float(1 - own.sum() / other.sum()) if other.sum() > 0 else math.nan), int(known.sum())


def skill_word(found: Correlation) -> str:
    """What a score may be called: "positive", "negative", "none" while zero is not excluded, "unknown" with too few."""
    if math.isnan(found.low):
        return "unknown"
    return "positive" if found.low > 0 else "negative" if found.high < 0 else "none"


def _ranks(values: np.ndarray) -> np.ndarray:
    """Places from 0 up, equal values at the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last: np.ndarray = np.cumsum(count) - (count + 1) / 2
    return last[place]
