"""A forecast knows only what was over on its day, and its skill is measured on windows that do not overlap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import forecast

EMBARGO, LEAST = 3, 10
NAN = math.nan


def world(rows: int = 600, slope: float = 0.0, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes that follow them by `slope`."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, rows)
    return score, slope * score + rng.normal(size=rows)


def by_hand(score: np.ndarray, outcome: np.ndarray, row: int) -> tuple[float, float]:
    """Probability and base rate of one row, by a regression over the rows whose window was over."""
    held = [i for i in range(row - EMBARGO + 1) if not math.isnan(score[i]) and not math.isnan(outcome[i])]
    won = (outcome[held] > 0).astype(float)
    slope = np.polyfit(score[held], won, 1)[0]
    m = len(held) / EMBARGO
    p = won.mean() + m / (m + 100) * slope * (score[row] - score[held].mean())
    return min(max(p, 0.02), 0.98), won.mean()


@pytest.mark.parametrize("row", [40, 100, 599])
def test_a_probability_is_the_shrunk_line_through_windows_that_were_over(row: int) -> None:
    score, outcome = world(slope=1.0)
    score[[3, 50]], outcome[[20, 70]] = NAN, NAN
    made = forecast.expanding(score, outcome, embargo=EMBARGO, least=LEAST)
    assert (made.probability[row], made.base[row]) == pytest.approx(by_hand(score, outcome, row), abs=1e-12)


@given(cut=st.integers(1, 200), last=st.floats(-5, 5))
def test_no_row_knows_an_outcome_that_was_not_over(cut: int, last: float) -> None:
    score, outcome = world(200)
    plain = forecast.expanding(score, outcome, embargo=EMBARGO, least=LEAST)
    changed = outcome.copy()
    changed[cut - 1 :] = last
    made = forecast.expanding(score, changed, embargo=EMBARGO, least=LEAST)
    np.testing.assert_array_equal(made.probability[: cut - 1 + EMBARGO], plain.probability[: cut - 1 + EMBARGO])


def test_the_first_row_that_speaks_has_the_windows_asked_for() -> None:
    made = forecast.expanding(*world(), embargo=EMBARGO, least=LEAST)
    first = int(np.flatnonzero(~np.isnan(made.probability))[0])
    assert first == LEAST * EMBARGO - 1 + EMBARGO and made.windows[first] == LEAST


def test_a_row_without_a_score_has_the_base_rate() -> None:
    score, outcome = world(slope=2.0)
    score[-1] = NAN
    made = forecast.expanding(score, outcome, embargo=EMBARGO, least=LEAST)
    assert made.probability[-1] == made.base[-1]


def test_more_shrinkage_lies_nearer_to_the_base_rate() -> None:
    score, outcome = world(slope=2.0)
    off = [
        abs(made.probability[-1] - made.base[-1])
        for k in (0, 100, 10_000)
        for made in [forecast.expanding(score, outcome, embargo=EMBARGO, least=LEAST, shrinkage=k)]
    ]
    assert off[0] > 2 * off[2] and off[0] > off[1] > off[2] > 0


def test_a_score_that_never_moves_leaves_the_base_rate() -> None:
    _, outcome = world()
    made = forecast.expanding(np.full(600, 0.3), outcome, embargo=EMBARGO, least=LEAST)
    np.testing.assert_allclose(made.probability[50:], made.base[50:])


def test_no_forecast_is_surer_than_98_in_100() -> None:
    score, outcome = np.tile([-1.0, 1.0], 3000), np.tile([-1.0, 1.0], 3000)
    made = forecast.expanding(score, outcome, embargo=1, least=LEAST, shrinkage=0)
    assert set(np.round(made.probability[100:], 9)) == {0.02, 0.98}


def test_a_sample_shorter_than_a_window_says_nothing() -> None:
    made = forecast.expanding(np.array([0.1, 0.2]), np.array([NAN, NAN]), embargo=EMBARGO, least=LEAST)
    assert np.isnan(made.probability).all() and not made.windows.any()


def test_a_rank_correlation_is_spearmans_with_ties_at_their_mean() -> None:
    rng = np.random.default_rng(2)
    score, outcome = rng.integers(0, 6, 200) / 6, rng.integers(0, 9, 200) / 9
    score[7] = NAN
    found = forecast.rank_correlation(score, outcome, level=0.95, least=30)
    whole = pd.DataFrame({"s": score, "y": outcome}).dropna().rank()
    assert (found.value, found.n) == (pytest.approx(whole["s"].corr(whole["y"]), abs=1e-12), 199)


def test_its_interval_covers_zero_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    trials = [
        forecast.rank_correlation(rng.normal(size=60), rng.normal(size=60), level=0.9, least=30) for _ in range(2000)
    ]
    covered = sum(found.low <= 0 <= found.high for found in trials)
    # 1,800 are expected, with a standard error of 13
    assert 1755 < covered < 1845


def test_an_interval_needs_its_number_of_pairs() -> None:
    score, outcome = world(29)
    few = forecast.rank_correlation(score, outcome, level=0.95, least=30)
    assert math.isnan(few.low) and not math.isnan(few.value) and forecast.skill_word(few) == "unknown"


@pytest.mark.parametrize(("score", "outcome"), [(np.arange(3.0), np.arange(3.0)), (np.ones(50), np.arange(50.0))])
def test_too_few_pairs_or_a_score_that_never_moves_have_no_correlation(score: np.ndarray, outcome: np.ndarray) -> None:
    assert math.isnan(forecast.rank_correlation(score, outcome, level=0.95, least=3).value)


@pytest.mark.parametrize(
    ("slope", "word"), [(1.0, "positive"), (-1.0, "negative"), (0.0, "none")], ids=["with", "against", "nothing"]
)
def test_skill_needs_an_interval_that_leaves_zero_out(slope: float, word: str) -> None:
    found = forecast.rank_correlation(*world(300, slope=slope), level=0.95, least=30)
    assert forecast.skill_word(found) == word


def test_an_order_without_a_fault_has_bounds_within_one() -> None:
    found = forecast.rank_correlation(np.arange(40.0), np.arange(40.0), level=0.95, least=30)
    assert found.value == pytest.approx(1) and 0.99 < found.low <= found.high <= 1


def test_brier_skill_is_nought_for_the_base_rate_and_one_for_hindsight() -> None:
    met = np.array([1.0, 0.0, 1.0, 1.0, NAN])
    base = np.full(5, 0.6)
    assert forecast.brier_skill(base, base, met) == (0.0, 4)
    assert forecast.brier_skill(np.nan_to_num(met), base, met) == (1.0, 4)
    worse, _ = forecast.brier_skill(np.array([0.1, 0.9, 0.1, 0.1, 0.5]), base, met)
    assert worse < 0


def test_brier_skill_of_nothing_is_unknown() -> None:
    assert forecast.brier_skill(np.array([NAN]), np.array([0.5]), np.array([1.0])) == (
        pytest.approx(NAN, nan_ok=True),
        0,
    )
