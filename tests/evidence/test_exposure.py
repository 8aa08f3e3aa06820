"""Betas, volatility and drawdown against empyrical-reloaded and gs-quant, and what holds for any prices."""

import empyrical
import gs_quant.timeseries as gs
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.evidence import exposure

DAYS = pd.bdate_range("2020-01-02", periods=700)
SEEDS = pytest.mark.parametrize("seed", range(4))
LEVELS = hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(1, 1e4))


def pair(seed: int) -> tuple[pd.Series, pd.Series]:
    """Daily returns of a fund and of its market."""
    rng = np.random.default_rng(seed)
    market = rng.standard_t(4, len(DAYS)) * 0.008
    fund = 1.2 * market + rng.standard_t(4, len(DAYS)) * 0.004
    return pd.Series(fund, DAYS), pd.Series(market, DAYS)


def prices(returns: pd.Series) -> pd.Series:
    """Prices with these returns, 100 the evening before."""
    before = pd.Series([100.0], [returns.index[0] - pd.offsets.BDay()])
    return pd.concat([before, 100 * (1 + returns).cumprod()])


@SEEDS
def test_beta_equals_empyrical(seed):
    fund, market = pair(seed)
    found = exposure.beta(fund.to_frame("A"), market).loc["A"]
    assert found["beta"] == pytest.approx(empyrical.beta(fund, market), rel=1e-10)
    assert found["n"] == len(DAYS)


@SEEDS
def test_beta_leaves_out_the_days_that_empyrical_leaves_out(seed):
    fund, market = pair(seed)
    fund.iloc[5:25] = np.nan
    found = exposure.beta(fund.to_frame("A"), market).loc["A"]
    assert found["beta"] == pytest.approx(empyrical.beta(fund, market), rel=1e-10)
    assert found["n"] == len(DAYS) - 20


@SEEDS
def test_beta_equals_gs_quant_on_prices(seed):
    fund, market = pair(seed)
    # gs_quant takes prices, makes returns itself and gives one slope a day: the last is that of all days
    theirs = gs.beta(prices(fund), prices(market)).iloc[-1]
    assert exposure.beta(fund.to_frame("A"), market).loc["A", "beta"] == pytest.approx(theirs, rel=1e-9)


@SEEDS
def test_rolling_beta_equals_gs_quant(seed):
    fund, market = pair(seed)
    ours = exposure.rolling_beta(fund, market.to_frame("B"), 126)[0]["B"]
    theirs = gs.beta(fund, market, 126, prices=False)  # a whole window is cut off at the start, not one day less
    assert theirs.index[0] == DAYS[126]
    np.testing.assert_allclose(ours[theirs.index], theirs, rtol=1e-8)


@SEEDS
def test_rolling_beta_equals_empyrical(seed):
    fund, market = pair(seed)
    ours = exposure.rolling_beta(fund, market.to_frame("B"), 126)[0]["B"].iloc[125:]
    np.testing.assert_allclose(ours, empyrical.roll_beta(fund, market, window=126), rtol=1e-9)


@SEEDS
def test_weighted_rolling_beta_equals_pandas_weights_within_each_window(seed):
    fund, market = pair(seed)
    slope, n = exposure.rolling_beta(fund, market.to_frame("B"), 126, half_life=42)
    for day in (125, 300, 699):
        own, other = fund.iloc[day - 125 : day + 1], market.iloc[day - 125 : day + 1]
        weighted = own.ewm(halflife=42).cov(other, bias=True) / other.ewm(halflife=42).var(bias=True)
        assert slope["B"].iloc[day] == pytest.approx(weighted.iloc[-1], rel=1e-9)
    weight = 0.5 ** (np.arange(126) / 42)
    assert n["B"].iloc[-1] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


@SEEDS
def test_annual_volatility_equals_empyrical(seed):
    fund, _ = pair(seed)
    ours = exposure.realised_volatility(fund.to_frame("A"), 63)["A"].iloc[-1]
    assert ours == pytest.approx(empyrical.annual_volatility(fund.tail(63)), rel=1e-12)


@SEEDS
def test_annual_volatility_equals_gs_quant_which_counts_in_percent(seed):
    fund, _ = pair(seed)
    ours = exposure.realised_volatility(fund.to_frame("A"), 63)["A"]
    theirs = gs.volatility(fund, 63, returns_type=None, annualization_factor=252) / 100
    assert theirs.index[0] == DAYS[63]
    np.testing.assert_allclose(ours[theirs.index], theirs, rtol=1e-8)


@SEEDS
def test_max_drawdown_equals_empyrical(seed):
    fund, _ = pair(seed)
    ours = exposure.max_drawdown(fund.to_frame("A"))["A"]
    assert ours == pytest.approx(empyrical.max_drawdown(fund), rel=1e-12)


@SEEDS
def test_max_drawdown_equals_gs_quant_on_prices(seed):
    fund, _ = pair(seed)
    # over all days: with a shorter window gs_quant takes the fall from a window's high, and the window's worst of those
    assert exposure.max_drawdown(fund.to_frame("A"))["A"] == pytest.approx(gs.max_drawdown(prices(fund)).iloc[-1])


@given(LEVELS)
def test_drawdown_is_never_positive_and_reaches_zero(levels):
    found = exposure.drawdown(pd.DataFrame({"A": levels}))["A"]
    assert (found <= 0).all() and found.iloc[0] == 0


@given(LEVELS, st.sampled_from([0.25, 0.5, 8.0]))
def test_drawdown_does_not_depend_on_the_scale(levels, factor):
    frame = pd.DataFrame({"A": levels})
    pd.testing.assert_frame_equal(exposure.drawdown(frame * factor), exposure.drawdown(frame))


def test_a_fall_from_the_first_day_counts():
    assert exposure.max_drawdown(pd.DataFrame({"A": [-0.1, 0.05]}))["A"] == pytest.approx(-0.1)


def test_nothing_known_has_no_drawdown():
    assert exposure.max_drawdown(pd.DataFrame({"A": [np.nan, np.nan]})).isna().all()


def test_a_factor_that_does_not_move_has_no_beta():
    fund, _ = pair(0)
    still = pd.Series(0.0001, DAYS)
    assert np.isnan(exposure.beta(fund.to_frame("A"), still).loc["A", "beta"])
    assert exposure.rolling_beta(fund, still.to_frame("B"))[0]["B"].isna().all()


def test_too_few_days_have_no_beta():
    fund, market = pair(0)
    assert np.isnan(exposure.beta(fund.to_frame("A"), market.iloc[:251], 252).loc["A", "beta"])
    assert exposure.beta(fund.to_frame("A"), market.iloc[:252], 252).loc["A", "beta"] > 1


def test_a_rolling_beta_needs_half_a_window():
    fund, market = pair(0)
    known = exposure.rolling_beta(fund, market.to_frame("B"), 126)[0]["B"].notna()
    assert known.idxmax() == DAYS[62]


def test_a_rolling_beta_passes_over_a_hole():
    fund, market = pair(0)
    fund.iloc[400] = np.nan
    slope, n = exposure.rolling_beta(fund, market.to_frame("B"), 126)
    assert n["B"].iloc[[399, 400, 525, 526]].tolist() == [126, 125, 125, 126]
    window = slice(375, 501)
    assert slope["B"].iloc[500] == pytest.approx(empyrical.beta(fund.iloc[window], market.iloc[window]), rel=1e-10)


@settings(max_examples=20)
@given(st.integers(0, 2**16), st.integers(130, 690))
def test_later_days_change_no_bit_of_a_rolling_beta(seed, kept):
    fund, market = pair(seed)
    for half_life in (None, 42.0):
        whole = exposure.rolling_beta(fund, market.to_frame("B"), 126, half_life=half_life)[0]
        cut = exposure.rolling_beta(fund.iloc[:kept], market.iloc[:kept].to_frame("B"), 126, half_life=half_life)[0]
        pd.testing.assert_frame_equal(cut, whole.iloc[:kept], check_exact=True)
