"""How good probabilities were once their outcomes are known: score, calibration, skill, hit rates."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import statistics

#: resolved calls under which nothing is said of skill
FEWEST = 20
#: bins of a reliability table at most, and calls that each of them needs
MOST_BINS, BIN_CALLS = 5, 10
TOO_FEW, NONE, POSITIVE, NEGATIVE = "too few", "none", "positive", "negative"
BINS = ["mean_p", "share", "n", "low", "high"]
RATES = ["label", "share", "n", "low", "high"]


class Parts(NamedTuple):
    """A Brier score and what it is made of: ``brier = reliability - resolution + uncertainty``; NaN without calls."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    n: int


class Skill(NamedTuple):
    """One less the ratio of two Brier scores, with its interval; NaN where unknown. Above zero beats the base."""

    value: float
    low: float
    high: float
    n: int

    @property
    def word(self) -> str:
        """The word: "too few" calls; "positive" or "negative" where the interval leaves out zero; else "none"."""
        if self.n < FEWEST or math.isnan(self.low):
            return TOO_FEW
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

    Equal probabilities share a bin, so there are fewer bins than that where many are equal.
    """
    p = np.asarray(p, dtype=np.float64)
    wanted = min(MOST_BINS, max(1, len(p) // BIN_CALLS))
    # the place of the first of equals decides for all of them
    first = np.searchsorted(np.sort(p), p, side="left")
    return np.unique(first * wanted // max(len(p), 1), return_inverse=True)[1].reshape(len(p))


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


def reliability(p: np.ndarray, outcome: np.ndarray, level: float = 0.95) -> pd.DataFrame:
    """What happened of what was expected, a row per bin in the order of probability.

    Returns
    -------
    DataFrame
        Columns mean_p, share (fractions), n, low, high (Wilson interval of the share). No rows without calls.
    """
    p, outcome = np.asarray(p, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    place = bins(p)
    rows = []
    for number in range(int(place.max()) + 1 if len(p) else 0):
        inside = place == number
        n, k = int(inside.sum()), int(outcome[inside].sum())
        rows.append((float(p[inside].mean()), k / n, n, *statistics.wilson(k, n, level)))
    return pd.DataFrame(rows, columns=BINS).astype({"n": "int64"})


def skill(p: np.ndarray, base: np.ndarray, outcome: np.ndarray, *, lags: int = 0, level: float = 0.95) -> Skill:
    """By what share the score of `p` is better than that of `base`, the climatology known when each call was made.

    Parameters
    ----------
    p, base, outcome : ndarray of shape (n,)
        In the order in which the calls were made; no NaN.
    lags : int
        Neighbours whose windows overlap (`overlap`): the differences of the scores are dependent over so many.
    level : float
        Of the interval: normal, with Newey-West errors of the mean difference, over the base's score.

    Returns
    -------
    Skill
        NaN without calls, or where the base was never wrong.

    References
    ----------
    Diebold and Mariano (1995), Comparing Predictive Accuracy, Journal of Business and Economic Statistics 13.
    """
    p, base, outcome = (np.asarray(values, dtype=np.float64) for values in (p, base, outcome))
    reference = brier(base, outcome)
    if not reference > 0:
        return Skill(math.nan, math.nan, math.nan, len(p))
    gained = ((base - outcome) ** 2 - (p - outcome) ** 2) / reference
    fit = statistics.hac_ols(gained, np.empty((len(gained), 0)), lags=lags)
    return Skill(float(gained.mean()), *fit.interval(0, level), len(p))


def overlap(made: np.ndarray, resolved: np.ndarray) -> int:
    """Most calls that were made while one was open: rows in the order made; the day a window ends counts as open."""
    made, resolved = np.asarray(made), np.asarray(resolved)
    if not len(made):
        return 0
    return int(np.max(np.searchsorted(made, resolved, side="right") - np.arange(len(made)) - 1))


def label_rates(labels: np.ndarray, outcome: np.ndarray, level: float = 0.95) -> pd.DataFrame:
    """Share of calls that came true by label, in the order of the alphabet: columns label, share, n, low, high."""
    labels, outcome = np.asarray(labels, dtype=str), np.asarray(outcome, dtype=np.float64)
    rows = []
    for label in sorted(set(labels.tolist())):
        held = outcome[labels == label]
        n, k = len(held), int(held.sum())
        rows.append((label, k / n, n, *statistics.wilson(k, n, level)))
    return pd.DataFrame(rows, columns=RATES).astype({"n": "int64"})


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
