"""The verdict: which conditions give which word, its band and hold, and that no later day changes an earlier one."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.sections import broadening

DAYS = pd.bdate_range("2024-01-01", periods=400)


def line(values) -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float), index=DAYS[: len(values)])


def day(*met: float) -> str:
    return broadening.verdict(pd.DataFrame([met], columns=list(broadening.CONDITIONS))).iloc[0]


def met(on: list[int], off: list[int], known: list[int] | None = None) -> list[float]:
    flags = [line(values).astype(bool) for values in (on, off, known or [1] * len(on))]
    return broadening.settled(*flags).tolist()


# the word


@pytest.mark.parametrize(
    ("conditions", "word"),
    [
        ((1, 0, 1, 1, 0), "broadening"),
        ((0, 1, 0, 1, 1), "broadening"),
        ((1, 1, 1, 0, 0), "broadening"),
        ((1, 1, 0, 0, 0), "mixed"),
        ((1, 0, 1, 0, 0), "mixed"),
        ((0, 0, 1, 1, 1), "recovering"),
        ((0, 0, 0, 0, 1), "recovering"),
        ((0, 0, 0, 0, 0), "narrow"),
    ],
)
def test_each_mix_of_conditions_has_its_word(conditions, word):
    assert day(*conditions) == word


def test_never_broadening_without_one_of_the_first_two():
    for rest in itertools.product([0.0, 1.0, np.nan], repeat=3):
        for first in itertools.product([0.0, np.nan], repeat=2):
            assert day(*first, *rest) != "broadening"


def test_an_unknown_condition_counts_as_not_met():
    assert day(1, 1, np.nan, np.nan, 0) == "mixed"
    assert day(0, 0, np.nan, np.nan, 0) == "narrow"
    assert day(1, 1, np.nan, np.nan, 1) == "broadening"


def test_without_either_of_the_first_two_known_there_is_no_verdict():
    assert day(np.nan, np.nan, 1, 1, 1) == ""
    assert day(np.nan, 0, 1, 1, 1) == "recovering"


# band and hold


def test_a_state_changes_on_the_third_day_alike():
    assert met([0, 0, 0, 1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 1, 1, 1])[2:] == [0, 0, 0, 1, 1, 1, 0]


def test_two_days_past_the_threshold_change_nothing():
    assert met([0, 0, 0, 1, 1, 0, 0], [1, 1, 1, 0, 0, 1, 1])[2:] == [0] * 5


def test_inside_the_band_a_state_stays_what_it_was():
    assert met([1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0])[2:] == [1, 1, 1, 1, 0, 0]


def test_before_it_ever_was_on_a_condition_is_off():
    assert met([0] * 5, [0] * 5)[2:] == [0] * 3


def test_the_first_two_days_are_unknown():
    assert np.isnan(met([1, 1, 1], [0, 0, 0])[:2]).all()


def test_an_unknown_day_is_passed_over():
    found = met([0, 0, 0, 1, 0, 1, 1], [1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 1, 1])
    assert np.isnan(found[4])
    assert found[5:] == [0, 1]


# each condition


def test_a_new_high_of_the_ratio_lasts_until_it_is_two_percent_below():
    flat = [100.0] * 63
    found = broadening.at_high(line([*flat, 101, 100.5, 99.5, 99.2, *[98.9] * 3]))
    assert found.now.tolist()[63:] == [1, 0, 0, 0, 0, 0, 0]
    assert found.met.tolist()[65:] == [1, 1, 1, 1, 0]


def test_a_ratio_that_equals_its_high_is_not_at_a_new_one():
    assert broadening.at_high(line([100.0] * 70)).now.dropna().eq(0).all()


def test_a_ratio_half_a_percent_above_its_mean_is_above_it_but_not_past_the_band():
    found = broadening.above_mean(line([*[100.0] * 60, *[100.6] * 5]))
    assert found.now.iloc[-1] == 1
    assert found.met.iloc[-1] == 0


def test_sixty_percent_of_members_is_enough_now_and_not_past_the_band():
    found = broadening.enough(line([0.5, 0.5, 0.5, 0.60, 0.60, 0.60, 0.61, 0.61, 0.61, 0.595, 0.595, 0.595]))
    assert found.now.tolist() == [0, 0, 0, *[1] * 6, 0, 0, 0]
    assert found.met.tolist()[2:] == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_net_new_highs_have_to_be_positive_and_rising():
    steady = broadening.positive_and_rising(line([0.05] * 30))
    assert steady.now.dropna().eq(0).all()
    rising = broadening.positive_and_rising(line(np.linspace(0, 0.2, 30)))
    assert rising.met.iloc[-1] == 1
    below = broadening.positive_and_rising(line(np.linspace(-0.5, -0.2, 30)))
    assert below.now.dropna().eq(0).all()


def test_highs_and_lows_in_balance_are_not_positive():
    net = [*[0.0] * 12, *np.linspace(0, 0.2, 12), *[0.0] * 30]
    found = broadening.positive_and_rising(line(net))
    assert found.met.iloc[25] == 1
    assert found.met.iloc[-1] == 0


def test_ten_days_of_highs_are_compared_with_the_ten_before():
    found = broadening.positive_and_rising(line([*[0.02] * 10, *[0.05] * 10]))
    assert found.measure.notna().sum() == 1
    assert found.measure.iloc[-1] == pytest.approx(0.03)


# over time


def test_the_verdict_runs_since_its_last_change():
    words = pd.Series(["", "narrow", "mixed", "mixed"], index=DAYS[:4])
    assert broadening.since(words) == DAYS[2]
    assert broadening.since(words.iloc[:2]) is None
    assert broadening.since(pd.Series(["narrow", "mixed", ""], index=DAYS[:3])) is None


def test_flips_are_counted_over_a_full_year_of_known_days():
    words = pd.Series(["narrow", "mixed"] * 127, index=DAYS[:254])
    assert broadening.flips(words) == 252
    assert broadening.flips(words.iloc[:252]) is None
    assert broadening.flips(pd.Series("narrow", index=DAYS[:300])) == 0


def verdicts(ratio: pd.Series, equal: pd.Series, share: pd.Series, net: pd.Series) -> pd.Series:
    conditions = {
        "mid_mega_high": broadening.at_high(ratio).met,
        "equal_weight": broadening.above_mean(equal).met,
        "members": broadening.enough(share).met,
        "net_new_highs": broadening.positive_and_rising(net).met,
        "cyclical_defensive": broadening.above_mean(ratio * equal).met,
    }
    return broadening.verdict(pd.DataFrame(conditions))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 399))
def test_a_past_verdict_never_changes_as_data_are_added(seed, kept):
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((4, 400))
    walks = np.cumsum(steps, axis=1)
    lines = [np.exp(0.01 * walks[0]), np.exp(0.01 * walks[1]), 1 / (1 + np.exp(-0.3 * walks[2])), 0.1 * steps[3]]
    lines[0][rng.random(400) < 0.01] = np.nan
    whole = verdicts(*(line(values) for values in lines))
    assert verdicts(*(line(values[:kept]) for values in lines)).tolist() == whole.iloc[:kept].tolist()
