"""Same-window comparisons and predictive ones: what counts, what is unknown, and how sure a difference is."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import scenarios, statistics
from helpers.evidence.estimates import Rules

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside the package, met while it is imported
    import statsmodels.api as sm

FEW = Rules(draws=300)


def line(*values: float) -> pd.Series:
    return pd.Series(values, index=pd.bdate_range("2024-01-01", periods=len(values)), dtype=float)


def worlds(effect: float, seed: int = 1, n: int = 4200) -> tuple[pd.Series, pd.Series]:
    """Sums of 21 daily noises, and a state that holds for spells of 40 days, worth `effect` while it holds."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2005-01-03", periods=n)
    noise = np.convolve(rng.normal(scale=0.004, size=n + 20), np.ones(21), mode="valid")
    state = np.repeat(rng.random(n // 40 + 1) < 0.2, 40)[:n].astype(float)
    return pd.Series(noise + effect * state, index=days), pd.Series(state, index=days)


def test_a_fall_counts_from_the_days_own_price_and_never_includes_it() -> None:
    found = scenarios.deepest_fall(line(100, 90, 99, 120, 110), 2)
    assert found.iloc[:3].tolist() == pytest.approx([-0.10, 0.10, 110 / 99 - 1])
    assert found.iloc[3:].isna().all()


def test_a_hole_in_the_window_leaves_it_unknown() -> None:
    assert scenarios.deepest_fall(line(100, np.nan, 90, 80), 2).isna().tolist() == [True, True, True, True]
    assert scenarios.lowest_ahead(line(5, 4, 3, np.nan), 2).isna().tolist() == [False, True, True, True]


def test_the_deepest_excess_may_come_before_the_windows_end() -> None:
    mid, mega = line(100, 95, 103), line(100, 101, 100)
    assert scenarios.deepest_excess(mid, mega, 2).iloc[0] == pytest.approx(-0.06)


def test_claims_compare_two_means_of_four_weeks() -> None:
    weekly = pd.Series([100.0] * 4 + [110.0] * 4)
    assert scenarios.claims_change(weekly).isna().tolist() == [True] * 7 + [False]
    assert scenarios.claims_change(weekly).iloc[-1] == pytest.approx(0.10)


def test_a_change_that_is_the_shock_exactly_does_not_exceed_it_by_the_dust_of_its_means() -> None:
    weekly = pd.Series([225_000.0] * 4 + [236_000.0, 236_000.0, 236_500.0, 236_500.0])
    found = scenarios.claims_change(weekly)
    assert found.iloc[-1] == 0.05 and scenarios.exceeds(found, 0.05).iloc[-1] == 0.0


def test_a_change_equal_to_the_shock_does_not_exceed_it_and_an_unknown_one_is_unknown() -> None:
    found = scenarios.exceeds(line(25.0, 25.1, np.nan), 25)
    assert found.tolist()[:2] == [0.0, 1.0]
    assert np.isnan(found.iloc[2])


def test_a_rise_from_3_97_to_4_22_percent_is_25_basis_points() -> None:
    moved = scenarios.change(line(3.97 * 100, 4.22 * 100), 1)
    assert scenarios.exceeds(moved, 25).iloc[1] == 0.0


def test_each_side_has_its_own_mean_share_and_days() -> None:
    outcome, falls = line(-0.02, 0.01, 0.03, np.nan), line(-0.06, -0.05, 0.0, -0.2)
    found = scenarios.sides(outcome, falls, line(1, 1, 0, 1), horizon=2, limit=-0.05)
    assert found["met"] == pytest.approx((-0.005, 0.5, 1.0, 2, 1.0))
    assert found["not"] == pytest.approx((0.03, 0.0, 0.0, 1, 0.5))


def test_a_side_without_days_says_nothing() -> None:
    found = scenarios.sides(line(0.1), line(0.1), line(0.0))["met"]
    assert np.isnan(found.mean)
    assert (found.n, found.effective) == (0, 0.0)


def test_the_difference_and_its_t_are_those_of_a_regression_on_the_state() -> None:
    outcome, state = worlds(0.01)
    found = scenarios.contrasts(outcome, state, rules=FEW)["all"]
    peer = sm.OLS(outcome.to_numpy(), sm.add_constant(state.to_numpy())).fit(cov_type="HAC", cov_kwds={"maxlags": 21})
    assert found.difference == pytest.approx(peer.params[1], rel=1e-9)
    assert found.t == pytest.approx(peer.tvalues[1], rel=1e-9)


def test_the_interval_is_about_as_wide_as_the_regressions() -> None:
    outcome, state = worlds(0.01)
    found = scenarios.contrasts(outcome, state, rules=Rules())["all"]
    half_width = 1.96 * abs(found.difference / found.t)
    assert (found.high - found.low) / 2 == pytest.approx(half_width, rel=0.35)


def test_unknown_days_are_left_out_of_both_sides() -> None:
    outcome, state = worlds(0.01)
    state.iloc[:500] = np.nan
    whole = scenarios.contrasts(outcome, state, rules=FEW)
    assert whole == scenarios.contrasts(outcome.iloc[500:], state.iloc[500:], rules=FEW)
    assert whole["all"].n == len(outcome) - 500


def test_a_state_that_always_holds_is_compared_with_nothing() -> None:
    outcome, state = worlds(0.0)
    found = scenarios.contrasts(outcome, state * 0 + 1, rules=FEW)["all"]
    assert np.isnan([found.difference, found.low, found.t, found.p]).all()
    assert found.met == found.n == len(outcome)


def hazard(effect: float, seed: int = 1, rules: Rules = FEW) -> str:
    found = scenarios.contrasts(*worlds(effect, seed), rules=rules)
    return scenarios.hazard(found, {era: item.p for era, item in found.items()}, rules=rules)


def test_a_planted_hazard_is_supported_and_its_opposite_contradicted() -> None:
    assert hazard(-0.03) == "supported"
    assert hazard(0.03) == "contradicted"


def test_a_hazard_seen_in_few_separate_windows_cannot_be_tested() -> None:
    outcome, state = worlds(-0.05)
    rare = state.where(state.cumsum() <= 150, 0.0)  # seven windows of 21 days, 150 days
    found = scenarios.contrasts(outcome, rare, rules=FEW)
    assert found["all"].met == 150
    assert scenarios.hazard(found, dict.fromkeys(found, 0.001), rules=FEW) == "cannot be tested"


def test_fewer_separate_windows_than_an_interval_needs_have_none_and_are_inconclusive() -> None:
    outcome, state = worlds(-0.05)
    some = state.where(state.cumsum() <= 29 * 21, 0.0)
    found = scenarios.contrasts(outcome, some, rules=FEW)
    assert found["all"].met == 29 * 21 and np.isnan([found["all"].low, found["all"].high]).all()
    assert scenarios.hazard(found, dict.fromkeys(found, 0.001), rules=FEW) == "inconclusive"
    fewer_needed = Rules(draws=300, min_interval=29)
    found = scenarios.contrasts(outcome, some, rules=fewer_needed)
    assert found["all"].high < 0


def test_without_any_effect_a_hazard_is_seldom_supported() -> None:
    words = [hazard(0.0, seed, Rules(draws=200)) for seed in range(200)]
    low, _ = statistics.wilson(words.count("supported"), len(words))
    assert low <= 0.025  # one side of a test at 5 %


def test_the_same_seed_draws_the_same_interval_whatever_else_is_compared() -> None:
    outcome, state = worlds(0.01)
    one = scenarios.contrasts(outcome, state, rules=FEW, stream=3)
    scenarios.contrasts(outcome, 1 - state, rules=FEW, stream=2)
    assert scenarios.contrasts(outcome, state, rules=FEW, stream=3) == one
    assert scenarios.contrasts(outcome, state, rules=FEW, stream=4)["all"].low != one["all"].low


def test_the_surface_is_the_fit_at_every_pair_of_changes() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(300, 2)) * 30
    y = 0.001 + 0.0001 * x[:, 0] - 0.0002 * x[:, 1]
    found = scenarios.surface(statistics.hac_ols(y, x, lags=21), np.array([-25, 25]), np.array([0, 50]))
    assert found["value"].tolist() == pytest.approx([-0.0015, -0.0115, 0.0035, -0.0065])
