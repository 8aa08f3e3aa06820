"""How good probabilities were once their outcomes are known: score, calibration, skill, hit rates."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import statistics

#: resolved calls under which nothing is said of their score, and windows apart under which nothing is said of skill
FEWEST = 20
#: windows of either outcome that a verdict needs: what has hardly ever failed to happen tells nothing of skill
RAREST = 5
#: windows at which the share of what happened counts as much as the base
WEIGHT = 30
#: bins of a reliability table at most, and calls that each of them needs
MOST_BINS, BIN_CALLS = 5, 10
TOO_FEW, ONE_SIDED, NONE, POSITIVE, NEGATIVE = "too few", "one-sided", "none", "positive", "negative"
BINS = ["mean_p", "share", "n", "windows", "low", "high"]


class Parts(NamedTuple):
    """A Brier score and what it is made of: ``brier = reliability - resolution + uncertainty``; NaN without calls."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    n: int


class Skill(NamedTuple):
    """One less the ratio of two Brier scores, with its interval; NaN where unknown. Above zero is better."""

    value: float
    low: float
    high: float
    n: int

    @property
    def word(self) -> str:
        """What the interval tells.

        "too few" windows; "one-sided" where nearly all came out the same way; "positive" or "negative" where the
        interval leaves out zero; else "none".
        """
        if self.n < FEWEST:
            return TOO_FEW
        if math.isnan(self.low):
            return ONE_SIDED
        return POSITIVE if self.low > 0 else NEGATIVE if self.high < 0 else NONE


def brier(p: np.ndarray, outcome: np.ndarray) -> float:
    """Mean squared distance of probabilities from outcomes (1 happened, 0 did not); NaN without any.

    References
    ----------
    Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78.

    Examples
    --------
    >>> brier(np.array([0.8, 0.4]), np.array([1.0, 0.0])).__round__(3)
    0.1
    """
    return float(np.mean((np.asarray(p) - np.asarray(outcome)) ** 2)) if len(p) else math.nan


def bins(p: np.ndarray) -> np.ndarray:
    """The bin of each probability: at most 5 of about as many calls each, at least 10 where there are so many.

    Equal probabilities share a bin. One that is left with fewer than 10 calls joins the next, the last the one before.
    """
    p = np.asarray(p, dtype=np.float64)
    if not len(p):
        return np.zeros(0, dtype=np.int64)
    wanted = min(MOST_BINS, max(1, len(p) // BIN_CALLS))
    # the place of the first of equals decides for all of them
    first = np.searchsorted(np.sort(p), p, side="left")
    _, place, count = np.unique(first * wanted // len(p), return_inverse=True, return_counts=True)
    joined, held, bin_of = 0, 0, []
    for calls in count:
        bin_of.append(joined)
        held += int(calls)
        if held >= BIN_CALLS:
            joined, held = joined + 1, 0
    last = max(joined - 1, 0) if held else joined
    found: np.ndarray = np.minimum(np.array(bin_of), last)[place.reshape(len(p))]
    return found


def parts(p: np.ndarray, outcome: np.ndarray) -> Parts:
    """Brier score and its parts over the bins of `bins`.

    Reliability is the distance of each bin's mean probability from the share that happened in it, resolution how far
    these shares lie from the share of all, uncertainty what the share of all leaves open. What probabilities differ
    within a bin counts as resolution, so that the parts add up to the score.

    Parameters
    ----------
    p, outcome : ndarray of shape (n,)
        Probabilities, and 1 or 0; no NaN.

    References
    ----------
    Murphy (1973), A New Vector Partition of the Probability Score, Journal of Applied Meteorology 12; Stephenson,
    Coelho and Jolliffe (2008), Two Extra Components in the Brier Score Decomposition, Weather and Forecasting 23.
    """
    p, outcome = np.asarray(p, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    n = len(p)
    if not n:
        return Parts(math.nan, math.nan, math.nan, math.nan, 0)
    place, total = bins(p), brier(p, outcome)
    count = np.bincount(place)
    mean_p, share = np.bincount(place, p) / count, np.bincount(place, outcome) / count
    reliability = float(np.sum(count * (mean_p - share) ** 2)) / n
    uncertainty = float(outcome.mean() * (1 - outcome.mean()))
    return Parts(total, reliability, reliability + uncertainty - total, uncertainty, n)


def apart(made: np.ndarray, resolved: np.ndarray) -> np.ndarray:
    """Which of these windows to take so that none overlaps another: as many as there can be, the first ended first.

    Parameters
    ----------
    made, resolved : ndarray of shape (n,)
        Day whose close a window begins with, and the day it ends on; in any order. One may begin on the day that
        another ends.

    Returns
    -------
    ndarray of bool, of shape (n,)
        Windows that end later change no earlier choice.
    """
    taken = np.zeros(len(made), dtype=bool)
    end = None
    for place in np.lexsort((made, resolved)) if len(made) else ():
        if end is None or made[place] >= end:
            taken[place], end = True, resolved[place]
    return taken


def reliability(
    p: np.ndarray, outcome: np.ndarray, made: np.ndarray, resolved: np.ndarray, level: float = 0.95
) -> pd.DataFrame:
    """What happened of what was expected, a row per bin in the order of probability.

    Returns
    -------
    DataFrame
        Columns mean_p, share (fractions), n (calls), windows (those of them that do not overlap), low, high (Wilson
        interval of the share, of so many windows). No rows without calls.
    """
    p, outcome = np.asarray(p, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    place = bins(p)
    rows = []
    for number in range(int(place.max()) + 1 if len(p) else 0):
        inside = place == number
        share, windows = float(outcome[inside].mean()), int(apart(made[inside], resolved[inside]).sum())
        bounds = statistics.wilson(share * windows, windows, level)
        rows.append((float(p[inside].mean()), share, int(inside.sum()), windows, *bounds))
    return pd.DataFrame(rows, columns=BINS).astype({"n": "int64", "windows": "int64"})


def climatology(
    made: np.ndarray, resolved: np.ndarray, outcome: np.ndarray, base: np.ndarray, *, is_before_close: bool = False
) -> np.ndarray:
    """Of each call the share of those that were over when it was made and had happened, drawn to its own base.

    Drawn as windows that do not overlap to `WEIGHT` of the base (`shrunk`): a share of few would be so far off that any
    probability beats it.

    Parameters
    ----------
    made, resolved : ndarray of shape (n,)
        Of each window, as in `apart`; one that ends on the day a call is made is known to it.
    outcome, base : ndarray of shape (n,)
        1 or 0, and the base stated with the call; where that is NaN the climatology is too.
    is_before_close : bool
        Calls are made before the close that their window begins with: one that ends on that day is not known yet.
    """
    outcome, base = np.asarray(outcome, dtype=np.float64), np.asarray(base, dtype=np.float64)
    if not len(outcome):
        return base
    order = np.argsort(resolved, kind="stable")
    known = np.searchsorted(resolved[order], made, side="left" if is_before_close else "right")
    happened = np.append(0.0, np.cumsum(outcome[order]))[known]
    windows = np.append(0.0, np.cumsum(apart(made, resolved)[order]))[known]
    drawn: np.ndarray = (windows * happened / np.maximum(known, 1) + WEIGHT * base) / (windows + WEIGHT)
    return drawn


def skill(p: np.ndarray, reference: np.ndarray, outcome: np.ndarray, *, level: float = 0.95) -> Skill:
    """By what share the score of `p` is better than that of a reference known when each call was made.

    Parameters
    ----------
    p, reference, outcome : ndarray of shape (n,)
        Of windows that do not overlap (`apart`); no NaN.
    level : float
        Of the interval: Student's, from the spread of the differences of the scores, over the reference's score.

    Returns
    -------
    Skill
        NaN without calls, or where the reference was never wrong; no interval under `FEWEST` windows, or with fewer
        than `RAREST` of either outcome.

    References
    ----------
    Diebold and Mariano (1995), Comparing Predictive Accuracy, Journal of Business and Economic Statistics 13; Harvey,
    Leybourne and Newbold (1997), Testing the Equality of Prediction Mean Squared Errors, Int. J. of Forecasting 13.
    """
    p, reference, outcome = (np.asarray(values, dtype=np.float64) for values in (p, reference, outcome))
    n, scored = len(p), brier(reference, outcome)
    if not scored > 0:
        return Skill(math.nan, math.nan, math.nan, n)
    gained = ((reference - outcome) ** 2 - (p - outcome) ** 2) / scored
    value = float(gained.mean())
    if n < FEWEST or min(outcome.sum(), n - outcome.sum()) < RAREST:
        return Skill(value, math.nan, math.nan, n)
    half = _student(0.5 + level / 2, n - 1) * float(gained.std(ddof=1)) / math.sqrt(n)
    return Skill(value, value - half, value + half, n)


def _student(share: float, freedom: int) -> float:
    """Quantile of Student's t, by halves upon its area (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4)."""
    is_odd, low, high = freedom % 2, 0.0, 1e3
    terms = np.arange(1 + is_odd, freedom - 1, 2)
    for _ in range(80):
        middle = (low + high) / 2
        angle = math.atan(middle / math.sqrt(freedom))
        sine, cosine = math.sin(angle), math.cos(angle)
        series = 1 + float(np.cumprod(terms / (terms + 1) * cosine**2).sum())
        area = 2 / math.pi * (angle + sine * cosine * series) if is_odd else sine * series
        low, high = (middle, high) if area < 2 * share - 1 else (low, middle)
    return high


def shrunk(share: float, n: float, base: float, weight: float) -> float:
    """A share of `n` cases drawn to the base: ``w share + (1 - w) base`` with ``w = n / (n + weight)``.

    The base alone where there is no case; NaN where the base is not known.

    Examples
    --------
    >>> shrunk(0.7, 30, 0.5, 30)
    0.6
    """
    if math.isnan(share) or n <= 0:
        return base
    part = n / (n + weight)
    return part * share + (1 - part) * base
