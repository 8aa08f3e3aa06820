"""Scores of probabilities: against sums by hand, the published identity, and forecasts whose quality is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import calibration


def drawn(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and outcomes that happen as often as these say."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.1, 0.9, n)
    return p, (rng.uniform(size=n) < p).astype(float)


def test_the_score_is_the_mean_squared_distance():
    assert calibration.brier(np.array([1.0, 0.5, 0.0]), np.array([1.0, 0.0, 1.0])) == pytest.approx(1.25 / 3)
    assert math.isnan(calibration.brier(np.array([]), np.array([])))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.35, 0.5, 0.52, 0.9]), st.booleans()), min_size=1, max_size=120))
def test_the_parts_add_up_to_the_score_and_none_but_resolution_is_negative(calls):
    p, outcome = np.array([item[0] for item in calls]), np.array([float(item[1]) for item in calls])
    found = calibration.parts(p, outcome)
    assert found.brier == pytest.approx(calibration.brier(p, outcome))
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.brier, abs=1e-12)
    assert found.reliability >= 0 and 0 <= found.uncertainty <= 0.25


def test_one_probability_for_all_is_uncertainty_and_its_distance_from_the_share():
    found = calibration.parts(np.full(40, 0.7), np.repeat([1.0, 0.0], 20))
    assert found.uncertainty == pytest.approx(0.25)
    assert found.reliability == pytest.approx(0.04)
    assert found.resolution == pytest.approx(0.0)


def test_murphys_parts_of_two_probabilities_by_hand():
    """Ten calls of 20 % of which one came true, ten of 80 % of which nine did."""
    p = np.repeat([0.2, 0.8], 10)
    outcome = np.array([1.0] + [0.0] * 9 + [1.0] * 9 + [0.0])
    found = calibration.parts(p, outcome)
    assert found.reliability == pytest.approx(0.01)
    assert found.resolution == pytest.approx(0.16)
    assert found.uncertainty == pytest.approx(0.25)


def test_there_are_at_most_five_bins_and_every_call_is_in_one():
    p, outcome = drawn(503)
    table = calibration.reliability(p, outcome)
    assert len(table) == 5
    assert table["n"].sum() == 503
    assert table["n"].between(100, 101).all()
    assert table["mean_p"].is_monotonic_increasing


@pytest.mark.parametrize(("n", "bins"), [(1, 1), (9, 1), (20, 2), (49, 4), (50, 5), (1000, 5)])
def test_few_calls_make_few_bins(n, bins):
    p, outcome = drawn(n)
    assert len(calibration.reliability(p, outcome)) == bins


def test_equal_probabilities_share_a_bin():
    p = np.array([0.5] * 60 + [0.6] * 40)
    table = calibration.reliability(p, np.zeros(100))
    assert table["mean_p"].tolist() == [0.5, 0.6]
    assert table["n"].tolist() == [60, 40]


def test_without_calls_there_is_no_bin_and_no_score():
    nothing = np.array([])
    assert calibration.reliability(nothing, nothing).empty
    assert calibration.parts(nothing, nothing).n == 0
    assert calibration.skill(nothing, nothing, nothing).word == "too few"
    assert calibration.label_rates(nothing, nothing).empty
    assert calibration.overlap(nothing, nothing) == 0


def test_probabilities_that_are_true_lie_within_their_intervals():
    table = calibration.reliability(*drawn(2000), level=0.99)
    assert ((table["low"] <= table["mean_p"]) & (table["mean_p"] <= table["high"])).all()


def test_knowing_more_than_the_base_is_skill_and_knowing_less_is_negative():
    p, outcome = drawn(400)
    base = np.full(400, 0.5)
    good, bad = calibration.skill(p, base, outcome), calibration.skill(1 - p, base, outcome)
    assert good.word == "positive" and good.low > 0
    assert good.value == pytest.approx(1 - calibration.brier(p, outcome) / calibration.brier(base, outcome))
    assert bad.word == "negative" and bad.high < 0


def test_repeating_the_base_has_no_skill():
    _, outcome = drawn(100)
    found = calibration.skill(np.full(100, 0.6), np.full(100, 0.6), outcome)
    assert (found.value, found.low, found.high, found.word) == (0.0, 0.0, 0.0, "none")


@pytest.mark.parametrize(("n", "word"), [(19, "too few"), (20, "positive")])
def test_under_twenty_calls_there_is_no_verdict(n, word):
    outcome = np.tile([1.0, 0.0], 10)[:n]
    p = np.clip(outcome, 0.1, 0.9)
    assert calibration.skill(p, np.full(n, 0.5), outcome).word == word


def test_a_base_that_was_never_wrong_leaves_skill_unknown():
    found = calibration.skill(np.full(30, 0.5), np.ones(30), np.ones(30))
    assert math.isnan(found.value) and found.word == "too few"


def test_windows_that_overlap_widen_the_interval():
    """Each call repeated four times over the same window is no more evidence than one."""
    p, outcome = drawn(60, seed=8)
    base = np.full(60, outcome.mean())
    once = calibration.skill(p, base, outcome)
    again = [np.repeat(values, 4) for values in (p, base, outcome)]
    blind, seen = calibration.skill(*again), calibration.skill(*again, lags=8)
    width = once.high - once.low
    assert blind.high - blind.low == pytest.approx(width / 2, rel=0.1)
    assert seen.high - seen.low > 0.8 * width


@pytest.mark.parametrize(("step", "horizon", "most"), [(5, 21, 4), (5, 30, 6), (21, 20, 0), (21, 21, 1)])
def test_overlap_counts_the_calls_made_while_one_was_open(step, horizon, most):
    made = np.arange(0, 400, step)
    assert calibration.overlap(made, made + horizon) == most


def test_hit_rates_are_counted_by_label_with_their_wilson_interval():
    labels = np.array(["neutral", "mildly positive", "neutral", "neutral"])
    table = calibration.label_rates(labels, np.array([1.0, 1.0, 0.0, 0.0])).set_index("label")
    assert table["n"].to_dict() == {"mildly positive": 1, "neutral": 3}
    assert table["share"]["neutral"] == pytest.approx(1 / 3)
    # Wilson (1927) for one of three, from the formula by hand: centre 0.4269, half 0.3654
    assert table["low"]["neutral"] == pytest.approx(0.0615, abs=5e-4)
    assert table["high"]["neutral"] == pytest.approx(0.7923, abs=5e-4)


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (30, 0.6), (270, 0.68)])
def test_few_cases_are_drawn_to_the_base(n, p):
    assert calibration.shrunk(0.7, n, 0.5, 30) == pytest.approx(p)
    assert calibration.shrunk(math.nan, n, 0.5, 30) == 0.5
