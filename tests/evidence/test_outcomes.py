"""What is counted as coming after a day: never the day itself, and nothing that is not held yet."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import outcomes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside the packages, met while they are imported
    from alphalens.utils import compute_forward_returns
    from empyrical import max_drawdown

HORIZONS = (1, 5, 10, 21)


def walks(days: int, symbols: int = 2, seed: int = 1) -> pd.DataFrame:
    """Prices of so many symbols on business days."""
    steps = np.random.default_rng(seed).normal(scale=0.01, size=(days, symbols))
    index = pd.bdate_range("2020-01-06", periods=days)
    return pd.DataFrame(100 * np.exp(steps.cumsum(axis=0)), index=index, columns=[f"S{n}" for n in range(symbols)])


@pytest.mark.filterwarnings("ignore::FutureWarning:alphalens", "ignore::DeprecationWarning:alphalens")
def test_forward_returns_are_those_of_alphalens() -> None:
    prices = walks(120, 3)
    events = np.random.default_rng(2).random(prices.shape) < 0.1
    factor = prices.where(events).rename_axis(index="date", columns="asset").stack().dropna()
    theirs = compute_forward_returns(factor, prices, periods=HORIZONS)
    rows, columns = np.nonzero(events)
    ours = outcomes.forward_returns(prices.to_numpy(), rows, columns, HORIZONS)
    np.testing.assert_allclose(ours, theirs.to_numpy(), rtol=0, atol=1e-12)
    assert np.isnan(ours).any() and np.isfinite(ours).any()


def test_a_window_past_the_last_day_or_on_a_hole_is_unknown() -> None:
    prices = np.array([[1.0, np.nan, 4.0, 8.0]]).T
    found = outcomes.forward_returns(prices, np.array([0, 1, 2]), np.array([0, 0, 0]), [1, 2, 3])
    expected = [[np.nan, 3.0, 7.0], [np.nan, np.nan, np.nan], [1.0, np.nan, np.nan]]
    np.testing.assert_array_equal(found, expected)


def test_excess_is_one_return_less_the_other() -> None:
    prices = walks(60)
    every = np.arange(60)
    own, other = (outcomes.forward_returns(prices.to_numpy(), every, np.full(60, side), HORIZONS) for side in (0, 1))
    excess = outcomes.excess_after(prices["S0"], prices["S1"], HORIZONS)
    np.testing.assert_allclose(excess.to_numpy(), own - other, rtol=0, atol=1e-14)


@given(day=st.integers(0, 59), horizon=st.sampled_from(HORIZONS), factor=st.floats(0.5, 2))
def test_only_the_close_of_the_day_and_of_its_horizon_matter(day: int, horizon: int, factor: float) -> None:
    prices = walks(60)
    other = prices.copy()
    touched = np.ones(60, dtype=bool)
    touched[[day, min(day + horizon, 59)]] = False
    other.loc[touched, "S0"] *= factor
    plain, changed = (
        outcomes.excess_after(frame["S0"], frame["S1"], [horizon])[horizon].iloc[day] for frame in (prices, other)
    )
    assert plain == changed or (np.isnan(plain) and np.isnan(changed))


@given(last=st.integers(0, 59))
def test_later_days_change_no_window_that_was_complete(last: int) -> None:
    prices = walks(60)
    whole = outcomes.excess_after(prices["S0"], prices["S1"], HORIZONS)
    cut = outcomes.excess_after(prices["S0"].iloc[: last + 1], prices["S1"].iloc[: last + 1], HORIZONS)
    is_complete = cut.notna()
    assert cut[is_complete].equals(whole.iloc[: last + 1][is_complete])
    assert is_complete.sum().tolist() == [max(0, last + 1 - horizon) for horizon in HORIZONS]


def test_a_fund_against_itself_gains_nothing() -> None:
    line = walks(60)["S0"]
    assert outcomes.excess_after(line, line, HORIZONS).max(axis=None) == 0
    assert np.nanmax(np.abs(outcomes.paths(line, line, 5, 10))) == 0


def test_a_path_is_zero_on_its_day_and_ends_with_the_horizons_excess() -> None:
    prices = walks(60)
    paths = outcomes.paths(prices["S0"], prices["S1"], 5, 10)
    assert paths.shape == (60, 16)
    assert np.all(paths[:, 5] == 0)
    excess = outcomes.excess_after(prices["S0"], prices["S1"], [10])[10].to_numpy()
    np.testing.assert_array_equal(paths[:, -1], excess)
    assert np.isnan(paths[:5, 0]).all() and np.isfinite(paths[5, 0])


def test_drawdown_is_the_deepest_fall_from_a_high_since_the_day() -> None:
    line = pd.Series([100.0, 110.0, 99.0, 104.5, 120.0, 60.0])
    found = outcomes.drawdown_after(line, 3)
    np.testing.assert_allclose(found[:3], [-0.1, -0.1, -0.5], atol=1e-15)
    assert np.isnan(found[3:]).all()


def test_drawdown_is_that_of_empyrical_and_never_positive() -> None:
    line = walks(80)["S0"]
    found = outcomes.drawdown_after(line, 21)
    peers = [max_drawdown(line.iloc[day : day + 22].pct_change().iloc[1:]) for day in range(59)]
    np.testing.assert_allclose(found[:59], peers, rtol=0, atol=1e-12)
    assert np.nanmax(found) <= 0


def test_volatility_is_that_of_the_returns_after_the_day() -> None:
    line = walks(80)["S0"]
    found = outcomes.volatility_after(line, 21)
    assert found[10] == pytest.approx(line.pct_change().iloc[11:32].std(), rel=1e-12)
    assert np.isnan(found[59:]).all()


def test_a_line_shorter_than_the_horizon_has_no_outcome() -> None:
    line = walks(5)["S0"]
    assert np.isnan(outcomes.drawdown_after(line, 5)).all() and len(outcomes.volatility_after(line, 9)) == 5
    assert outcomes.excess_after(line, line, [5]).isna().all(axis=None)
