"""One estimate of what follows events: its size, its interval, its placebo, and the rules it is made by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from helpers.evidence import statistics

ERAS = ("all", "before", "after")
LEAST_BLOCK = 63
UNKNOWN = math.nan


@dataclass(frozen=True)
class Rules:
    """How a study is made; the defaults are those of docs/methods.md.

    ``block`` is the mean block in trading days, None for 63 or twice the horizon, the longer; ``small_effect`` a
    fraction at 21 days; ``min_mean`` and ``min_interval`` are events needed to print a mean and an interval.
    """

    draws: int = 2000
    block: int | None = None
    alpha: float = 0.05
    correction: str = "holm"
    min_mean: int = 10
    min_interval: int = 30
    small_effect: float = 0.005
    seed: int = 20260417

    def mean_block(self, horizon: int) -> int:
        """Mean length of a resampled block, trading days."""
        return max(LEAST_BLOCK, 2 * horizon) if self.block is None else self.block

    def rng(self, horizon: int, era: str) -> np.random.Generator:
        """A stream of its own for each horizon and era, so that asking for more of them changes none."""
        return np.random.default_rng([self.seed, horizon, ERAS.index(era)])


@dataclass(frozen=True)
class Estimate:
    """One horizon in one era. Fractions; NaN where unknown or where there are too few events to print.

    ``n`` counts events with a complete window, ``incomplete`` the others, ``days`` all days with a complete window;
    ``baseline`` and ``base_rate`` are over these days. ``p`` is the placebo's.
    """

    n: int
    incomplete: int
    days: int
    baseline: float = UNKNOWN
    base_rate: float = UNKNOWN
    mean_after: float = UNKNOWN
    difference: float = UNKNOWN
    low: float = UNKNOWN
    high: float = UNKNOWN
    detectable: float = UNKNOWN
    hit_rate: float = UNKNOWN
    hit_low: float = UNKNOWN
    hit_high: float = UNKNOWN
    p: float = UNKNOWN
    hac_t: float = UNKNOWN
    regime_n: int = 0
    regime_difference: float = UNKNOWN
    regime_low: float = UNKNOWN
    regime_high: float = UNKNOWN


def estimate(
    outcome: np.ndarray,
    flags: np.ndarray,
    horizon: int,
    *,
    rules: Rules,
    rng: np.random.Generator,
    regime: np.ndarray | None = None,
) -> Estimate:
    """One horizon in one era: outcomes and event flags of the era's days, in order; NaN = window not complete."""
    known = ~np.isnan(outcome)
    outcome, incomplete = outcome[known], int((flags & ~known).sum())
    flags = flags[known]
    n, days = int(flags.sum()), len(outcome)
    if not days:
        return Estimate(n, incomplete, days)
    baseline, base_rate = float(outcome.mean()), float((outcome > 0).mean())
    sides = None if regime is None else regime[known]
    if n < rules.min_mean:
        regime_n = 0 if sides is None else int((flags & ~np.isnan(sides)).sum())
        return Estimate(n, incomplete, days, baseline, base_rate, regime_n=regime_n)
    mean_after = float(outcome[flags].mean())
    hits = int((outcome[flags] > 0).sum())
    draws, regime_draws = _resampled(outcome, flags, sides, horizon, rules, rng)
    regime_difference, regime_n = _within_regime(outcome, flags, sides)
    low, high = interval(draws, n, rules)
    regime_low, regime_high = interval(regime_draws, regime_n, rules)
    hit_low, hit_high = statistics.wilson(hits, n, 1 - rules.alpha) if n >= rules.min_interval else (UNKNOWN, UNKNOWN)
    return Estimate(
        n=n,
        incomplete=incomplete,
        days=days,
        baseline=baseline,
        base_rate=base_rate,
        mean_after=mean_after,
        difference=mean_after - baseline,
        low=low,
        high=high,
        detectable=statistics.detectable(float(np.nanstd(draws, ddof=1))),
        hit_rate=hits / n,
        hit_low=hit_low,
        hit_high=hit_high,
        p=statistics.placebo_p(outcome, flags),
        hac_t=float(statistics.hac_ols(outcome, flags, lags=horizon).t[1]),
        regime_n=regime_n,
        regime_difference=regime_difference if regime_n >= rules.min_mean else UNKNOWN,
        regime_low=regime_low,
        regime_high=regime_high,
    )


def interval(draws: np.ndarray, n: int, rules: Rules) -> tuple[float, float]:
    """The percentile interval at the level of the rules; NaN with too few events to print one."""
    return statistics.percentile_interval(draws, 1 - rules.alpha) if n >= rules.min_interval else (UNKNOWN, UNKNOWN)


def _resampled(
    outcome: np.ndarray,
    flags: np.ndarray,
    sides: np.ndarray | None,
    horizon: int,
    rules: Rules,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Both differences in every resample, from one set of resampled days."""
    columns = _products(outcome, flags, sides)
    means = statistics.stationary_bootstrap(columns, mean_block=rules.mean_block(horizon), draws=rules.draws, rng=rng)
    return _difference(means), _regime_difference(means)


def _products(outcome: np.ndarray, flags: np.ndarray, sides: np.ndarray | None) -> np.ndarray:
    """Columns whose means give every difference: flag, outcome, both; then each side and these within it."""
    columns = [flags, outcome, outcome * flags]
    for side in (0.0, 1.0) if sides is not None else ():
        within = sides == side
        columns += [within, outcome * within, flags & within, outcome * (flags & within)]
    return np.column_stack(columns).astype(np.float64)


def _difference(means: np.ndarray) -> np.ndarray:
    """Mean after events less the mean of all days; NaN in a resample without an event."""
    difference: np.ndarray = _over(means[:, 2], means[:, 0]) - means[:, 1]
    return difference


def _regime_difference(means: np.ndarray) -> np.ndarray:
    """The same against days on the side of each event."""
    gained, events = np.zeros(len(means)), np.zeros(len(means))
    for side in range(3, means.shape[1], 4):
        within, outcome, flagged, after = means[:, side : side + 4].T
        usual = np.divide(outcome, within, out=np.zeros(len(means)), where=within > 0)
        gained += after - flagged * usual
        events += flagged
    return _over(gained, events)


def _within_regime(outcome: np.ndarray, flags: np.ndarray, sides: np.ndarray | None) -> tuple[float, int]:
    """Difference against days on the side of each event, and the events whose side is known."""
    if sides is None:
        return UNKNOWN, 0
    means = _products(outcome, flags, sides).mean(axis=0, keepdims=True)
    return float(_regime_difference(means)[0]), int((flags & ~np.isnan(sides)).sum())


def _over(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return quotient
