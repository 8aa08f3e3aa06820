"""Members that move together after the market, and where a value stands in its own past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import crowding

WEEKS = pd.date_range("2015-01-02", periods=160, freq="7D")


def weekly(shared: float, members: int = 10, seed: int = 1) -> tuple[pd.DataFrame, pd.Series]:
    """Returns of members that follow the market, and each other by `shared` beyond it."""
    rng = np.random.default_rng(seed)
    market, common = rng.normal(scale=0.02, size=(2, len(WEEKS)))
    own = rng.normal(scale=0.02, size=(len(WEEKS), members))
    returns = rng.uniform(0.5, 1.5, size=members) * market[:, None] + shared * common[:, None] + own
    return pd.DataFrame(returns, index=WEEKS), pd.Series(market, index=WEEKS)


def by_hand(members: pd.DataFrame, market: pd.Series) -> float:
    """The mean of every pair's correlation, one regression and one pair at a time."""
    design = np.column_stack([np.ones(len(market)), market])
    residual = members - design @ np.linalg.lstsq(design, members.to_numpy(), rcond=None)[0]
    pairs = residual.corr().to_numpy()[np.triu_indices(members.shape[1], 1)]
    return float(pairs.mean())


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_it_equals_the_mean_over_all_pairs(shared: float) -> None:
    members, market = weekly(shared)
    found = crowding.comomentum(members, market, 52)["correlation"]
    for end in (52, 100, len(WEEKS)):
        assert found.iloc[end - 1] == pytest.approx(by_hand(members.iloc[end - 52 : end], market.iloc[end - 52 : end]))


def test_what_the_market_does_to_all_of_them_is_not_crowding() -> None:
    members, market = weekly(0.0)
    assert members.corr().to_numpy()[np.triu_indices(10, 1)].mean() > 0.3
    assert abs(crowding.comomentum(members, market)["correlation"].iloc[-1]) < 0.1


def test_members_that_share_a_move_beyond_the_market_are_crowded() -> None:
    assert crowding.comomentum(*weekly(1.0))["correlation"].iloc[-1] > 0.35


def test_nothing_is_said_before_a_full_window_or_of_too_few_members() -> None:
    members, market = weekly(1.0)
    found = crowding.comomentum(members, market, 52)
    assert found["correlation"].first_valid_index() == WEEKS[51]
    assert crowding.comomentum(members.iloc[:, :7], market)["correlation"].isna().all()
    assert crowding.comomentum(members.iloc[:30], market.iloc[:30])["correlation"].isna().all()


def test_a_member_with_a_hole_is_left_out_of_the_windows_that_see_it() -> None:
    members, market = weekly(1.0)
    members.iloc[80, 0] = np.nan
    found = crowding.comomentum(members, market, 52)
    assert found["members"].iloc[[79, 80, 131, 132]].tolist() == [10, 9, 9, 10]
    expected = by_hand(members.iloc[49:101, 1:], market.iloc[49:101])
    assert found["correlation"].iloc[100] == pytest.approx(expected)


def test_later_weeks_change_no_earlier_value() -> None:
    members, market = weekly(0.5)
    cut = crowding.comomentum(members.iloc[:100], market.iloc[:100])
    pd.testing.assert_frame_equal(cut, crowding.comomentum(members, market).iloc[:100])


def test_a_member_that_is_the_market_has_no_residual() -> None:
    members, market = weekly(0.5)
    twin = members.assign(**{"0": market})
    assert crowding.comomentum(twin, market)["members"].iloc[-1] == 10


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_a_percentile_lies_within_its_range(values: list[float]) -> None:
    found, n = crowding.percentile(pd.Series(values), len(values), 1)
    assert 0 < found < 1 or len(values) == 1
    assert n == len(values)


def test_the_highest_stands_at_the_top_and_equal_values_in_the_middle() -> None:
    assert crowding.percentile(pd.Series([1.0, 2.0, 3.0, 9.0]), 4, 1)[0] == pytest.approx(0.875)
    assert crowding.percentile(pd.Series([5.0] * 8), 8, 1)[0] == pytest.approx(0.5)


def test_only_the_window_counts_and_an_unknown_last_value_has_no_place() -> None:
    assert crowding.percentile(pd.Series([9.0, 1.0, 2.0]), 2, 1) == (0.75, 2)
    assert np.isnan(crowding.percentile(pd.Series([1.0, 2.0, np.nan]), 3, 1)[0])
    assert np.isnan(crowding.percentile(pd.Series([1.0, 2.0]), 5, 3)[0])


@given(
    values=st.lists(st.sampled_from([float("nan"), -1.0, 0.0, 0.5, 2.0, 3.0]), min_size=1, max_size=60),
    window=st.integers(1, 20),
    least=st.integers(1, 10),
)
def test_percentiles_of_many_days_are_those_of_each_day_alone(values: list[float], window: int, least: int) -> None:
    history = np.array(values)
    places = np.arange(len(history))[::-1][::3][::-1]
    found, n = crowding.percentiles(history, places, window, least)
    alone = [crowding.percentile(pd.Series(history[: place + 1]), window, least) for place in places]
    np.testing.assert_array_equal(found, [value for value, _ in alone])
    np.testing.assert_array_equal(n, [known for _, known in alone])
