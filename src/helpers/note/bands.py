"""Conditions that read a band or a label: volume, crowding, probability, quadrants; unknown never meets one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helpers.core.findings import Finding
from helpers.note.predicates import Predicate, is_share, is_surely_negative, is_surely_positive, label, number

#: bands of probability and their words (ICD 203); a bound belongs to the band above it
LIKELIHOODS = (
    ("almost no chance", 0.01, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 0.99),
)
#: multiples of the usual volume at which its words change
LIGHT, ELEVATED, HEAVY = 0.7, 1.3, 2.0
#: mean percentile of its own history from which a leg counts as crowded, and the parts that mean is of
CROWDED, CROWDING_PARTS = 0.8, 3


def is_share_of_day(item: Any) -> bool:
    """A share of a usual full day's volume."""
    return is_share(item) and "volume_share" in item.id


def is_explained(item: Any) -> bool:
    """A share of variance explained."""
    return is_share(item) and item.id.rpartition(".")[2] == "explained"


def is_probability(low: float, high: float) -> Predicate:
    """A share of at least `low` and under `high`."""
    return lambda item: is_chance(item) and low <= float(item.value) < high


def is_chance(item: Any) -> bool:
    """A probability, or a share of cases that stands for one."""
    return is_share(item) and any(name in item.id.rpartition(".")[2] for name in ("probability", "rate", "reversal"))


def is_active(items: Iterable[Any]) -> bool:
    """Every multiple is at least `ELEVATED`, and there is one."""
    held = [number(item) if _is_multiple(item) else None for item in items]
    return bool(held) and all(value is not None and value >= ELEVATED for value in held)


def is_not_active(items: Iterable[Any]) -> bool:
    """Multiples are known and not all reach `ELEVATED`."""
    held = [item for item in items if _is_multiple(item)]
    return bool(held) and not is_active(held)


def is_heavy(item: Any) -> bool:
    """Above twice the usual, or said so by the finding."""
    return label(item) == "heavy" or (_is_multiple(item) and float(item.value) > HEAVY)


def is_elevated(item: Any) -> bool:
    """From 1.3 to 2 times the usual, or said so by the finding."""
    return label(item) == "elevated" or (_is_multiple(item) and ELEVATED <= float(item.value) <= HEAVY)


def is_light(item: Any) -> bool:
    """Under 0.7 of the usual, or said so by the finding."""
    return label(item) == "light" or (_is_multiple(item) and float(item.value) < LIGHT)


def crowding(score: Finding) -> bool | None:
    """Whether a crowding score reaches `CROWDED`; None where parts that are not known could still decide it."""
    parts, value = score.n or 0, float(score.value or 0.0)
    if parts >= CROWDING_PARTS:
        return value >= CROWDED
    most = (value * parts + CROWDING_PARTS - parts) / CROWDING_PARTS
    return None if most >= CROWDED else False


def is_crowded(score: Any) -> bool:
    """A crowding score that reaches `CROWDED`."""
    return is_share(score) and "crowding" in score.id and crowding(score) is True


def is_not_crowded(score: Any) -> bool:
    """A crowding score that cannot reach `CROWDED`."""
    return is_share(score) and "crowding" in score.id and crowding(score) is False


def is_crowding_open(score: Any) -> bool:
    """A crowding score whose missing parts decide."""
    return is_share(score) and "crowding" in score.id and crowding(score) is None


def is_most_crowded(leg: Any) -> bool:
    """The name of the leg that the section found most crowded."""
    return label(leg) != "" and leg.id.rpartition(".")[2] == "most_crowded"


def is_one_side(item: Any) -> bool:
    """The test of leads and lags names the fund or its members."""
    return label(item) in ("fund first", "members first")


def are_leading(items: Iterable[Finding]) -> bool:
    """Every label reads Leading, and there is one."""
    held = [label(item) for item in items]
    return bool(held) and set(held) == {"Leading"}


def are_not_leading(items: Iterable[Finding]) -> bool:
    """No label reads Leading."""
    return "Leading" not in {label(item) for item in items}


def is_surely_deeper(item: Any) -> bool:
    """The interval of a difference of drawdowns lies below zero."""
    return is_surely_negative(item) and "drawdown" in item.id


def is_surely_milder(item: Any) -> bool:
    """The interval of a difference of drawdowns lies above zero."""
    return is_surely_positive(item) and "drawdown" in item.id


def is_persistent(item: Any) -> bool:
    """The verdict on what follows such a high is supported."""
    return label(item) == "supported" and str(item.id).startswith("history.")


def _is_multiple(item: Any) -> bool:
    """Of the usual volume, and known."""
    return isinstance(item, Finding) and item.unit == "multiple" and item.is_known and "rvol" in item.id
