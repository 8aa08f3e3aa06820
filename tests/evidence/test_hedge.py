"""Hedges use ratios of the evening before and nothing later; what they remove is judged by the days that follow."""

import empyrical
import gs_quant.timeseries as gs
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.core.errors import ParameterError
from helpers.evidence import hedge

DAYS = pd.bdate_range("2018-01-02", periods=600)
METHODS = ("ols", "ewma", "dollar")
each_method = pytest.mark.parametrize("method", METHODS)


def world(seed: int = 1, beta: float = 1.3) -> tuple[pd.Series, pd.DataFrame]:
    """Returns of a fund, of a leg it follows, and of one it has nothing to do with."""
    rng = np.random.default_rng(seed)
    leg, own, other = rng.standard_t(5, (3, len(DAYS))) * [[0.009], [0.004], [0.01]]
    legs = pd.DataFrame({"SPY": leg, "GLD": other}, index=DAYS)
    return pd.Series(beta * leg + own, DAYS), legs


@settings(max_examples=40)
@given(st.integers(0, 2**16), st.integers(130, 599), st.sampled_from(METHODS), st.floats(-0.2, 0.2))
def test_the_returns_of_a_day_change_no_ratio_used_on_it(seed, day, method, shock):
    mid, legs = world(seed)
    before = hedge.hedge_ratio(mid, legs, method=method)
    moved, others = mid.copy(), legs.copy()
    moved.iloc[day] += shock
    others.iloc[day] -= 2 * shock
    after = hedge.hedge_ratio(moved, others, method=method)
    pd.testing.assert_frame_equal(after.iloc[: day + 1], before.iloc[: day + 1], check_exact=True)


@pytest.mark.parametrize("method", ["ols", "ewma"])
def test_the_returns_of_a_day_change_the_ratio_of_the_next(method):
    mid, legs = world()
    moved = mid.copy()
    moved.iloc[300] += 0.1
    before, after = (hedge.hedge_ratio(line, legs, method=method)["SPY"] for line in (mid, moved))
    assert before.index[(before - after).abs() > 1e-6][0] == DAYS[301]


@settings(max_examples=20)
@given(st.integers(0, 2**16), st.integers(130, 599), st.sampled_from(METHODS))
def test_later_days_change_no_ratio(seed, kept, method):
    mid, legs = world(seed)
    whole = hedge.hedge_ratio(mid, legs, method=method)
    cut = hedge.hedge_ratio(mid.iloc[:kept], legs.iloc[:kept], method=method)
    pd.testing.assert_frame_equal(cut, whole.iloc[:kept], check_exact=True)


def test_a_ratio_is_the_slope_of_the_evening_before_drawn_halfway_to_one():
    mid, legs = world()
    found = hedge.hedge_ratio(mid, legs)["SPY"]
    for day in (126, 400, 599):
        slope = empyrical.beta(mid.iloc[day - 126 : day], legs["SPY"].iloc[day - 126 : day])
        assert found.iloc[day] == pytest.approx(0.5 * slope + 0.5, rel=1e-10)


def test_every_ratio_follows_from_gs_quants_beta():
    mid, legs = world()
    slope = gs.beta(mid, legs["SPY"], 63, prices=False)
    weight = 63 / (63 + 126)
    expected = (weight * slope + 1 - weight).clip(0, 2).shift(1).dropna()
    assert len(expected) > 500
    np.testing.assert_allclose(hedge.hedge_ratio(mid, legs, 63)["SPY"][expected.index], expected, rtol=1e-8)


def test_a_shorter_history_is_drawn_nearer_to_one():
    mid, legs = world(beta=1.8)
    young = hedge.hedge_ratio(mid, legs.iloc[500:].reindex(DAYS))["SPY"]
    old = hedge.hedge_ratio(mid, legs)["SPY"]
    slope = empyrical.beta(mid.iloc[500:599], legs["SPY"].iloc[500:599])
    assert young.iloc[599] == pytest.approx((99 * slope + 126) / (99 + 126))
    assert 1 < young.iloc[599] < old.iloc[599]


@pytest.mark.parametrize(("beta", "bound"), [(9.0, 2.0), (-9.0, 0.0)])
def test_a_ratio_stays_within_bounds(beta, bound):
    mid, legs = world(beta=beta)
    known = hedge.hedge_ratio(mid, legs)["SPY"].dropna()
    assert set(known) == {bound}


@each_method
def test_a_leg_equal_to_the_position_takes_one_for_one(method):
    mid, legs = world()
    known = hedge.hedge_ratio(mid, legs.assign(SPY=mid), method=method)["SPY"].dropna()
    assert known.to_numpy() == pytest.approx(1.0)
    assert len(known) > 500


@each_method
def test_a_leg_without_returns_has_no_ratio(method):
    mid, legs = world()
    assert hedge.hedge_ratio(mid, legs.assign(SPY=np.nan), method=method)["SPY"].isna().all()


def test_weights_that_fade_follow_a_change_sooner():
    _, legs = world()
    noise = np.random.default_rng(0).normal(0, 0.001, len(DAYS))
    mid = legs["SPY"] * np.where(np.arange(len(DAYS)) < 400, 0.5, 1.5) + noise
    plain, fading = (hedge.hedge_ratio(mid, legs, method=method)["SPY"] for method in ("ols", "ewma"))
    assert fading.iloc[450] > plain.iloc[450] + 0.05
    assert fading.iloc[399] == pytest.approx(plain.iloc[399], abs=0.1)


def test_another_method_is_refused():
    mid, legs = world()
    with pytest.raises(ParameterError, match="method is 'kalman'; one of ols, ewma, dollar"):
        hedge.hedge_ratio(mid, legs, method="kalman")


def test_a_hedge_of_the_position_by_itself_removes_everything():
    mid, legs = world()
    twin = legs[["SPY"]].assign(SPY=mid)
    position = hedge.hedged_returns(mid, twin, hedge.hedge_ratio(mid, twin))
    assert hedge.variance_removed(mid, position)["share"]["SPY"] == pytest.approx(1.0)


def test_variance_removed_is_of_the_days_with_a_ratio_only():
    mid, legs = world()
    position = hedge.hedged_returns(mid, legs, hedge.hedge_ratio(mid, legs))
    found = hedge.variance_removed(mid, position)
    known = position["SPY"].dropna()
    assert found["n"]["SPY"] == len(known) == len(DAYS) - 63
    expected = 1 - known.var() / mid[known.index].var()
    assert found["share"]["SPY"] == pytest.approx(expected)
    assert expected > 0.6


def test_a_leg_that_has_nothing_to_do_with_the_position_adds_variance():
    mid, legs = world()
    position = hedge.hedged_returns(mid, legs, hedge.hedge_ratio(mid, legs))
    share = hedge.variance_removed(mid, position)["share"]["GLD"]
    assert share < 0
    assert hedge.is_second_bet(share, {"market": (0.0, 0.2)}, {"market": 1.0}) is True


def test_too_few_days_say_nothing_of_a_hedge():
    mid, legs = world()
    position = hedge.hedged_returns(mid, legs, hedge.hedge_ratio(mid, legs)).iloc[: 63 + 251]
    assert hedge.variance_removed(mid.iloc[: 63 + 251], position)["share"].isna().all()


SECOND_BETS = [
    (0.4, {"rates": -46.0, "market": 0.6}, {"rates": 34.0, "market": 1.1}, True),
    (0.4, {"rates": -30.0, "market": 0.6}, {"rates": 34.0, "market": 1.1}, False),
    (0.4, {"rates": 34.0, "market": 1.1}, {"rates": 34.0, "market": 1.1}, False),
    (0.4, {"rates": 4.0, "market": -1.2}, {"rates": 34.0, "market": 1.1}, True),
    (0.0, {"rates": 4.0, "market": 0.1}, {"rates": 34.0, "market": 1.1}, True),
    (0.4, {"rates": np.nan, "market": 1.2}, {"rates": np.nan, "market": 1.1}, True),
    (0.4, {"rates": np.nan, "market": 0.2}, {"rates": np.nan, "market": 1.1}, None),
    (np.nan, {"rates": 4.0, "market": 0.1}, {"rates": 34.0, "market": 1.1}, None),
]


@pytest.mark.parametrize(("share", "hedged", "alone", "expected"), SECOND_BETS)
def test_a_second_bet_is_a_larger_beta_or_no_variance_removed(share, hedged, alone, expected):
    points = {name: (value, value) for name, value in hedged.items()}
    assert hedge.is_second_bet(share, points, alone) is expected


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((35.0, 60.0), True), ((33.0, 60.0), False), ((-60.0, -35.0), True), ((-60.0, 60.0), False)],
)
def test_a_beta_that_may_be_no_larger_makes_no_second_bet(bounds, expected):
    assert hedge.is_second_bet(0.4, {"rates": bounds}, {"rates": 34.0}) is expected


@given(st.floats(0.001, 3), st.floats(0.02, 0.3), st.floats(0.1, 2))
def test_a_position_never_moves_more_than_its_target_nor_exceeds_its_cap(volatility, target, cap):
    found = hedge.size(volatility, target, cap)
    assert 0 < found <= cap
    assert found * volatility <= target * (1 + 1e-12)


@pytest.mark.parametrize("volatility", [0.0, np.nan])
def test_no_size_follows_from_a_price_that_does_not_move(volatility):
    assert np.isnan(hedge.size(volatility, 0.1, 1.0))


def test_a_gap_is_of_one_night():
    close = pd.Series(100.0, pd.bdate_range("2020-01-01", periods=402))
    opened = close * np.where(np.arange(402) % 50 == 1, 0.9, 1.0)
    close.iloc[200] = np.nan  # the gap of the next morning would be of two nights
    opened.iloc[201] = 0.5
    gap, nights = hedge.overnight_gap(opened, close)
    assert nights == 402 - 1 - 1
    assert gap == pytest.approx(-0.1)


def test_few_nights_have_no_hundredth():
    close = pd.Series(np.full(252, 100.0))
    assert np.isnan(hedge.overnight_gap(close, close)[0])


def test_a_dividend_not_known_leaves_the_yield_unknown():
    close, paid = pd.Series(np.full(300, 50.0)), pd.Series(np.zeros(300))
    paid.iloc[[60, 123, 186, 249]] = 0.25
    assert hedge.dividend_yield(paid, close) == pytest.approx(0.02)
    paid.iloc[10] = np.nan
    assert hedge.dividend_yield(paid, close) == pytest.approx(0.02)
    paid.iloc[200] = np.nan
    assert np.isnan(hedge.dividend_yield(paid, close))


def test_carry_is_what_is_received_less_what_is_paid():
    parts = hedge.carry(0.015, 0.03, 0.8, 0.25, fee_bp=50, cost_bp=2)
    assert sum(parts.values()) == pytest.approx(0.015 - 0.8 * (0.03 + 0.005) - (2 * 1.8 + 0.25) * 0.0002)
