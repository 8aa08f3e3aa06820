"""The words for an estimate, tried in their order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import verdicts
from helpers.evidence.verdicts import Effect

SMALL = 0.005


def effect(difference: float, half: float = math.nan, p: float = 1.0, n: int = 60) -> Effect:
    return Effect(n, difference, difference - half, difference + half, p)


def word(whole: Effect, before: Effect, after: Effect) -> str:
    return verdicts.verdict(whole, before, after, small=SMALL, alpha=0.05, least=10)


UP, DOWN = effect(0.01), effect(-0.01)


@pytest.mark.parametrize(
    ("whole", "before", "after", "expected"),
    [
        (effect(0.01, 0.005, 0.01, n=9), UP, UP, "cannot be tested"),
        (effect(math.nan), UP, UP, "cannot be tested"),
        (effect(0.002, 0.001, 0.001), UP, UP, "small"),  # size before significance
        (effect(0.01, 0.004, 0.01), UP, UP, "supported"),
        (effect(-0.01, 0.004, 0.01), DOWN, DOWN, "contradicted"),
        (effect(0.01, 0.004, 0.05), UP, UP, "leaning"),  # the p value is not below alpha
        (effect(0.01, 0.004, 0.01), DOWN, UP, "leaning"),  # the eras differ in sign
        (effect(0.01, 0.004, 0.01), effect(math.nan), UP, "leaning"),  # an unknown era confirms nothing
        (effect(0.01, 0.004, 0.01), effect(0.03, 0.01, 0.01), DOWN, "faded"),
        (effect(0.005, 0.02, 0.5), effect(0.03, 0.01, 0.01), DOWN, "faded"),
        (effect(0.005, 0.02, 0.5), effect(-0.03, 0.01, 0.01), DOWN, "inconclusive"),
        (effect(-0.01, 0.004, 0.2), DOWN, DOWN, "leaning against"),
        (effect(0.01, 0.02, 0.001), UP, UP, "inconclusive"),  # significant by rotation alone
        (effect(0.01, math.nan, 0.001), UP, UP, "inconclusive"),  # too few events for an interval
        (effect(0.01, math.nan, math.nan), UP, UP, "inconclusive"),
    ],
)
def test_the_first_rule_that_holds_gives_the_word(whole: Effect, before: Effect, after: Effect, expected: str) -> None:
    assert word(whole, before, after) == expected


FIGURES = st.floats(-0.1, 0.1)
EFFECTS = st.builds(effect, FIGURES, st.floats(0, 0.05), st.floats(0, 1), st.integers(10, 200))
PAIRS = (("supported", "contradicted"), ("leaning", "leaning against"))
OPPOSITE = {word: other for one, two in PAIRS for word, other in ((one, two), (two, one))}


@given(whole=EFFECTS, before=EFFECTS, after=EFFECTS)
def test_turning_every_sign_turns_support_into_contradiction(whole: Effect, before: Effect, after: Effect) -> None:
    plain = word(whole, before, after)
    turned = word(*(Effect(item.n, -item.difference, -item.high, -item.low, item.p) for item in (whole, before, after)))
    if "faded" not in (plain, turned):  # the claim is of a lead, so only a lead can fade
        assert turned == OPPOSITE.get(plain, plain)


def test_a_small_effect_grows_with_the_root_of_the_horizon() -> None:
    assert verdicts.small_bound(0.005, 21) == 0.005
    assert verdicts.small_bound(0.005, 84) == pytest.approx(0.01)
