"""Statistics of small and dependent samples."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

#: rotations nearer to the truth than this many rows are no placebo
PLACEBO_DROP = 63
#: 1.96 + 0.84 standard errors: found at the 5 % level in 80 % of samples
DETECTABLE_ERRORS = 2.8
#: blocks drawn at a time, so that a long sample in short blocks does not fill memory
_BLOCKS_AT_ONCE = 1 << 20
#: resamples added up at a time: their gathered rows stay in a core's cache
_DRAWS_AT_ONCE = 8
_ROUNDING = 1e-12


class Blocks(NamedTuple):
    """Resamples of `n` rows as blocks: rows ``starts`` up to but not ``stops``, around the end where it must be.

    ``first`` has the place of each resample's first block. A block as long as the sample, or one of no rows, starts
    where it stops.
    """

    starts: np.ndarray
    stops: np.ndarray
    first: np.ndarray


class HacFit(NamedTuple):
    """Least squares with errors that allow for dependence: constant first, then the columns of `x`."""

    coef: np.ndarray
    se: np.ndarray
    t: np.ndarray
    r_squared: float
    n: int

    def interval(self, term: int, level: float) -> tuple[float, float]:
        """Normal interval of the coefficient of `term`; NaN without a fit."""
        half = NormalDist().inv_cdf(0.5 + level / 2) * float(self.se[term])
        return float(self.coef[term]) - half, float(self.coef[term]) + half


def wilson(k: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a share of `k` successes in `n` trials: fractions in [0, 1]; NaN for no trials.

    References
    ----------
    Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n == 0:
        return math.nan, math.nan
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def stationary_blocks(n: int, *, mean_block: float, draws: int, rng: np.random.Generator) -> Blocks:
    """Blocks of geometric length that begin anywhere, each place as likely, until `n` rows are drawn; `draws` times.

    All resamples are laid end to end and cut anew at each one's first row, which the geometric law permits.
    """
    total, rate = draws * n, 1 / mean_block
    expected = total * rate
    ends = np.cumsum(rng.geometric(rate, size=int(expected + 6 * math.sqrt(expected) + 16)))
    while ends[-1] < total:  # six standard deviations short: practically never
        ends = np.append(ends, ends[-1] + rng.geometric(rate))
    fresh = np.arange(draws, dtype=np.int64) * n
    begins = np.sort(np.concatenate([fresh, ends[: np.searchsorted(ends, total)]]), kind="stable")
    starts = rng.integers(n, size=len(begins))
    return Blocks(starts, (starts + np.diff(begins, append=total)) % n, np.searchsorted(begins, fresh))


def block_means(values: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Column means of each resample: a block's sum is the difference of two rows of running sums.

    Columns are centred first, so that a whole turn around the sample adds nothing and little is lost to rounding.
    `values` have shape (n, k) and `blocks` are of n rows; the means have shape (draws, k).
    """
    n, columns = values.shape
    mean = values.mean(axis=0)
    sums = np.zeros((n, columns))
    np.cumsum(values[:-1] - mean, axis=0, out=sums[1:])
    bounds = np.append(blocks.first, len(blocks.starts))
    out = np.empty((len(blocks.first), columns))
    for draw in range(0, len(out), _DRAWS_AT_ONCE):
        part = bounds[draw : draw + _DRAWS_AT_ONCE + 1]
        moved = sums[blocks.stops[part[0] : part[-1]]]
        moved -= sums[blocks.starts[part[0] : part[-1]]]
        np.add.reduceat(moved, part[:-1] - part[0], axis=0, out=out[draw : draw + _DRAWS_AT_ONCE])
    means: np.ndarray = mean + out / n
    return means


def stationary_bootstrap(values: np.ndarray, *, mean_block: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Column means of stationary bootstrap resamples: whole rows in blocks of random length, around the end.

    Rows keep their columns together, so the mean of a product over the mean of a flag is the mean of flagged rows.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        Rows in the order of time, n at least 1. NaN spreads over its whole column: pass products and flags.
    mean_block : float
        Mean length of a block in rows, at least 1; 1 draws rows one by one.
    draws : int
        Resamples.

    Returns
    -------
    ndarray of shape (draws, k)

    References
    ----------
    Politis and Romano (1994), The Stationary Bootstrap, JASA 89.
    """
    values = np.asarray(values, dtype=np.float64)
    at_once = max(1, int(_BLOCKS_AT_ONCE * mean_block / len(values)))
    parts = [min(at_once, draws - done) for done in range(0, draws, at_once)]
    drawn = (stationary_blocks(len(values), mean_block=mean_block, draws=part, rng=rng) for part in parts)
    return np.concatenate([block_means(values, blocks) for blocks in drawn])


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[Any, Any]:
    """Bounds between which the middle `level` of the draws lies; NaN draws, without a value, are left out.

    Two floats for one statistic; for an array of shape (draws, k) two arrays of k.
    """
    draws = np.asarray(draws, dtype=np.float64)
    tails = [(1 - level) / 2, (1 + level) / 2]
    if draws.ndim > 1:
        bounds = [percentile_interval(column, level) for column in draws.T]
        return np.array([low for low, _ in bounds]), np.array([high for _, high in bounds])
    known = draws[~np.isnan(draws)]
    low, high = np.quantile(known, tails) if len(known) else (math.nan, math.nan)
    return float(low), float(high)


def placebo_p(outcome: np.ndarray, flags: np.ndarray, *, drop: int = PLACEBO_DROP) -> float:
    """Share of rotations of the flags after which the flagged mean is at least as far from the mean of all rows.

    Flags keep their spacing and outcomes their order; only which meets which is changed. Two-sided. The true
    arrangement counts as one of the rotations, so the share is never 0 (Phipson and Smyth 2010).

    Parameters
    ----------
    outcome : ndarray of shape (n,)
        Without NaN.
    flags : ndarray of bool, shape (n,)
    drop : int
        Rotations by up to so many rows either way are left out.

    Returns
    -------
    float
        NaN without flagged rows, or with too few rows to rotate.
    """
    places, n = np.flatnonzero(flags), len(outcome)
    if not len(places) or n <= 2 * drop + 1:
        return math.nan
    centred = np.asarray(outcome, dtype=np.float64) - np.mean(outcome)
    twice = np.concatenate([centred, centred])
    sums = np.zeros(n)
    for place in places:
        sums += twice[place : place + n]
    size = np.abs(sums)
    threshold = size[0] - _ROUNDING * np.abs(centred).sum()
    return float((1 + np.sum(size[drop + 1 : n - drop] >= threshold)) / (n - 2 * drop))


def hac_ols(y: np.ndarray, x: np.ndarray, *, lags: int) -> HacFit:
    """Least squares of `y` on a constant and `x`, with Newey-West errors.

    Parameters
    ----------
    y : ndarray of shape (n,)
    x : ndarray of shape (n, k) or (n,)
        Without the constant. Rows with NaN are left out, those beside them count as neighbours.
    lags : int
        Bartlett kernel over so many rows; no small-sample correction.

    Returns
    -------
    HacFit
        k + 1 coefficients, errors and t values, the constant's first; NaN with fewer than k + 3 rows or where the
        columns do not differ.

    References
    ----------
    Newey and West (1987), A Simple Positive Semi-definite Covariance Matrix, Econometrica 55.
    """
    y = np.asarray(y, dtype=np.float64)
    x = np.asarray(x, dtype=np.float64).reshape(len(y), -1)
    known = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    y, design = y[known], np.column_stack([np.ones(int(known.sum())), x[known]])
    n, terms = design.shape
    unknown = np.full(terms, np.nan)
    coef, _, rank, _ = np.linalg.lstsq(design, y, rcond=None) if n else (unknown, None, 0, None)
    if n < terms + 2 or rank < terms:
        return HacFit(unknown, unknown, unknown, math.nan, n)
    residual = y - design @ coef
    scores = design * residual[:, None]
    middle = scores.T @ scores
    for lag in range(1, min(lags, n - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(design.T @ design)
    se = np.sqrt(np.maximum(np.diag(bread @ middle @ bread), 0.0))
    t = np.divide(coef, se, out=unknown.copy(), where=se > 0)
    spread = np.sum((y - y.mean()) ** 2)
    return HacFit(coef, se, t, float(1 - residual @ residual / spread) if spread > 0 else math.nan, n)


def holm(p: np.ndarray) -> np.ndarray:
    """P values after Holm's step-down correction (Holm 1979); NaN stays NaN and is not counted."""
    values, order = _sorted(p)
    steps = np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1))
    values[order] = np.minimum(steps, 1.0)
    return values


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """P values that control the share of false discoveries (Benjamini and Hochberg 1995); NaN as in `holm`."""
    values, order = _sorted(p)
    steps = values[order] * len(order) / np.arange(1, len(order) + 1)
    values[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return values


def adjusted(p: np.ndarray, correction: str) -> np.ndarray:
    """P values after a correction by name: "holm", "bh" or "none"."""
    if correction == "none":
        return np.array(p, dtype=np.float64)
    return holm(p) if correction == "holm" else benjamini_hochberg(p)


def detectable(se: float) -> float:
    """Smallest true effect found at the 5 % level in 80 % of samples, in the unit of the standard error."""
    return DETECTABLE_ERRORS * se


def _sorted(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A copy of the values and the places of the known ones, smallest first."""
    values = np.array(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    return values, order[: int((~np.isnan(values)).sum())]
