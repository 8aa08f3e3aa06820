"""Baskets are rebalanced daily and start with their youngest fund; a past score never changes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.signals import rotation


def frame(columns: dict[str, list[float]]) -> pd.DataFrame:
    out = pd.DataFrame(columns, dtype=float)
    return out.set_axis(pd.bdate_range("2026-01-05", periods=len(out)), axis=0)


def walks(days: int = 200, funds: int = 6, seed: int = 3) -> pd.DataFrame:
    steps = 0.01 * np.random.default_rng(seed).standard_normal((days, funds))
    return pd.DataFrame(
        100 * np.exp(steps.cumsum(axis=0)),
        index=pd.bdate_range("2020-01-01", periods=days),
        columns=list("ABCDEFGH"[:funds]),
    )


def compounded(steps: list[float]) -> list[float]:
    return [100.0, *(100 * np.cumprod(1 + np.array(steps)))]


def test_a_basket_takes_the_mean_of_each_days_returns():
    two = frame({"A": [100, 110, 121], "B": [100, 90, 99]})
    assert rotation.basket(two).tolist() == pytest.approx([100, 100, 110])


def test_a_basket_is_rebalanced_daily_and_not_held():
    two = frame({"A": [100, 200, 200], "B": [100, 100, 200]})
    assert rotation.basket(two).iloc[-1] == pytest.approx(225)  # held it would be 200


def test_a_basket_starts_at_the_latest_inception():
    two = frame({"A": [100, 300, 330], "B": [np.nan, 50, 55]})
    line = rotation.basket(two)
    assert line.isna().tolist() == [True, False, False]
    assert line.tolist()[1:] == pytest.approx([100, 110])


def test_a_hole_in_one_fund_is_unknown_on_its_day_and_made_up_for_on_the_next():
    two = frame({"A": [100, np.nan, 120], "B": [100, 100, 100]})
    line = rotation.basket(two)
    assert np.isnan(line.iloc[1])
    assert line.iloc[2] == pytest.approx(110)


def test_a_fund_that_is_not_held_leaves_its_basket_unknown():
    assert rotation.basket(frame({"A": [100, 110], "B": [np.nan, np.nan]})).isna().all()


def test_a_fund_that_ends_ends_its_basket():
    assert np.isnan(rotation.basket(frame({"A": [100, 110, np.nan], "B": [100, 100, 100]})).iloc[-1])


def test_a_basket_of_nothing_is_unknown():
    assert rotation.basket(pd.DataFrame(index=range(3))).isna().all()


def test_excess_is_measured_in_its_own_volatility():
    fund, market = compounded([0.02, 0.0, 0.04]), compounded([0.01, 0.01, 0.01])
    both = frame({"A": fund, "M": market})
    found = rotation.scaled_excess(both[["A"]], both["M"], 3)["A"].iloc[-1]
    excess = fund[-1] / 100 - market[-1] / 100
    assert found == pytest.approx(excess / (np.std([0.01, -0.01, 0.03], ddof=1) * np.sqrt(3)))


def test_the_market_itself_has_no_excess():
    line = walks()
    assert (rotation.scaled_excess(line[["A"]], line["A"], 21)["A"].dropna() == 0).all()


def test_the_strongest_fund_scores_one_and_the_weakest_nil():
    up = np.array([0.01, 0.012] * 70)
    index = frame({"A": compounded(list(up)), "B": compounded(list(-up)), "C": compounded(list(0 * up))})
    market = pd.Series(100.0, index=index.index)
    scores = rotation.score(index, market).iloc[-1]
    assert scores.tolist() == [1.0, 0.0, 0.5]


def test_a_fund_alone_has_no_score():
    line = walks()
    assert rotation.score(line[["A"]], line["B"]).isna().all(axis=None)


def test_a_young_fund_has_no_score_and_takes_no_rank():
    line = walks()
    young = line.assign(F=line["F"].where(np.arange(200) > 150))
    scores = rotation.score(young, line["A"])
    pd.testing.assert_frame_equal(
        scores.drop(columns="F").iloc[:150],
        rotation.score(young.drop(columns="F"), line["A"]).iloc[:150],
    )
    assert scores["F"].isna().all()


def test_scores_of_a_day_average_one_half():
    line = walks()
    assert rotation.score(line[list("BCDEF")], line["A"]).dropna().mean(axis=1).to_numpy() == pytest.approx(0.5)


@settings(max_examples=25)
@given(st.integers(128, 199), st.integers(0, 20))
def test_a_past_score_never_changes_as_data_are_added(kept, seed):
    line = walks(seed=seed)
    line.iloc[:140, 4] = np.nan
    whole = rotation.score(line.drop(columns="A"), line["A"])
    cut = line.iloc[:kept]
    pd.testing.assert_frame_equal(rotation.score(cut.drop(columns="A"), cut["A"]), whole.iloc[:kept], check_exact=True)


@settings(max_examples=25)
@given(st.integers(1, 199), st.integers(0, 20))
def test_a_past_basket_never_changes_as_data_are_added(kept, seed):
    line = walks(seed=seed)
    line.iloc[:30, 1], line.iloc[77, 2] = np.nan, np.nan
    whole = rotation.basket(line)
    pd.testing.assert_series_equal(rotation.basket(line.iloc[:kept]), whole.iloc[:kept], check_exact=True)


def test_twice_the_market_leaves_nothing_but_compounding():
    steps = [0.01, -0.02, 0.015, 0.0] * 5
    both = frame({"L": compounded([2 * step for step in steps]), "M": compounded(steps)})
    found = rotation.residual(both["L"], both["M"], 20)
    assert found.beta == pytest.approx(2)
    assert abs(found.left) < 0.01
    assert found.total == pytest.approx(both["L"].iloc[-1] / 100 - 1)


def test_a_steady_gain_beside_the_market_is_left():
    steps = np.array([0.01, -0.01] * 10)
    both = frame({"L": compounded(list(steps + 0.001)), "M": compounded(list(steps))})
    found = rotation.residual(both["L"], both["M"], 20)
    assert found.beta == pytest.approx(1)
    assert found.left == pytest.approx(both["L"].iloc[-1] / 100 - both["M"].iloc[-1] / 100)


def test_beta_is_that_of_least_squares():
    line = walks(127)
    steps = (line / line.shift(1) - 1).iloc[1:]
    slope = np.polyfit(steps["B"], steps["A"], 1)[0]
    assert rotation.residual(line["A"], line["B"], 126).beta == pytest.approx(slope)


def test_a_window_that_is_not_full_has_no_beta():
    line = walks(100)
    found = rotation.residual(line["A"], line["B"], 126)
    assert np.isnan(found.beta) and np.isnan(found.left)
    assert found.n == 99


def test_a_hole_inside_the_window_is_stepped_over():
    line = walks(127)
    line.iloc[60, 0] = np.nan
    found = rotation.residual(line["A"], line["B"], 126)
    assert found.n == 125
    assert found.total == pytest.approx(line["A"].iloc[-1] / line["A"].iloc[0] - 1)
    assert rotation.scaled_excess(line[["A"]], line["B"], 126)["A"].notna().iloc[-1]


def test_a_window_with_a_tenth_of_holes_is_unknown():
    line = walks(127)
    line.iloc[60:75, 0] = np.nan
    assert np.isnan(rotation.residual(line["A"], line["B"], 126).beta)
    assert rotation.scaled_excess(line[["A"]], line["B"], 126)["A"].isna().all()


def test_a_market_that_stands_still_has_no_beta():
    line = walks(30)
    assert np.isnan(rotation.residual(line["A"], pd.Series(100.0, index=line.index), 20).beta)
