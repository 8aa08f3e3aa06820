"""What an estimate may be called: size before significance, by rules fixed beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: from the first that holds; "cannot be tested" before all of them
VERDICTS = ("small", "supported", "contradicted", "faded", "leaning", "leaning against", "inconclusive")
CANNOT = "cannot be tested"
#: trading days at which a small effect is stated
SMALL_AT = 21


@dataclass(frozen=True)
class Effect:
    """An estimated difference with what is known of its error; NaN where unknown.

    ``low`` and ``high`` bound its interval, ``p`` is its p value after correction, ``n`` counts the events.
    """

    n: int
    difference: float
    low: float
    high: float
    p: float


def small_bound(small_effect: float, horizon: float) -> float:
    """The size under which an effect over `horizon` trading days is small: that at 21 days by the root of time."""
    return small_effect * math.sqrt(horizon / SMALL_AT)


def is_significant(effect: Effect, alpha: float, sign: int = 1) -> bool:
    """Whether the interval excludes zero on the side of `sign` and the p value is below `alpha`."""
    bound = effect.low if sign > 0 else -effect.high
    return bound > 0 and effect.p < alpha


def verdict(whole: Effect, before: Effect, after: Effect, *, small: float, alpha: float, least: int) -> str:
    """The word for an effect that a clause claims to be positive.

    Parameters
    ----------
    whole, before, after : Effect
        The whole sample and its two eras.
    small : float
        Bound of a small effect, in the effect's unit.
    alpha : float
        Error that the tests allow.
    least : int
        Events under which nothing is said.

    Returns
    -------
    str
        "cannot be tested" with too few events, else the first of `VERDICTS` whose rule holds. *small*: the interval
        lies within the bound. *supported*: significant in the whole sample, positive in both eras. *contradicted*: the
        same with the opposite sign. *faded*: significant in the earlier era and not in a later one that is known.
        *leaning*: the interval lies above zero; *leaning against*: below. An era whose difference is unknown confirms
        nothing.
    """
    if whole.n < least or math.isnan(whole.difference):
        return CANNOT
    if -small <= whole.low and whole.high <= small:
        return "small"
    for sign, word in ((1, "supported"), (-1, "contradicted")):
        agree = sign * before.difference > 0 and sign * after.difference > 0
        if agree and is_significant(whole, alpha, sign):
            return word
    if is_significant(before, alpha) and not math.isnan(after.difference) and not is_significant(after, alpha):
        return "faded"
    return "leaning" if whole.low > 0 else "leaning against" if whole.high < 0 else "inconclusive"
