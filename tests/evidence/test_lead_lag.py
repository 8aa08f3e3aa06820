"""Who moves first: a planted lead is found in its direction, and returns without one show none."""

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import lead_lag
from helpers.evidence.lead_lag import Lagged

DAYS = pd.bdate_range("2018-01-01", periods=1500)


def noise(seed: int, scale: float = 1.0) -> pd.Series:
    return pd.Series(scale * np.random.default_rng(seed).standard_normal(len(DAYS)), index=DAYS)


def test_a_fund_that_is_followed_a_day_later_is_first():
    fund = noise(1)
    members = 0.8 * fund.shift(1) + noise(2)
    found = lead_lag.lagged(fund, members)
    assert found["fund_first"].coef == pytest.approx(0.8, abs=0.1)
    assert found["fund_first"].n == len(DAYS) - 2
    assert lead_lag.who_leads(found) == "fund first"


def test_members_that_are_followed_are_first():
    members = noise(3)
    assert lead_lag.who_leads(lead_lag.lagged(0.8 * members.shift(1) + noise(4), members)) == "members first"


def test_returns_that_move_together_show_neither():
    market = noise(5)
    found = lead_lag.lagged(market + noise(6, 0.1), market + noise(7, 0.1))
    assert lead_lag.who_leads(found) == "neither"


def test_a_market_that_repeats_itself_is_no_lead():
    shocks = noise(8)
    market = shocks + 0.5 * shocks.shift(1, fill_value=0.0)
    found = lead_lag.lagged(market + noise(9, 0.05), market + noise(10, 0.05))
    assert lead_lag.who_leads(found) == "neither"


@pytest.mark.parametrize(
    ("fund", "members", "leads"),
    [
        (2.5, 0.3, "fund first"),
        (0.3, 2.5, "members first"),
        (2.5, 2.5, "neither"),
        (-2.1, 2.0, "neither"),  # both ways show something: the two move together
        (-2.5, 0.3, "neither"),
        (1.96, 1.95, "fund first"),
        (np.nan, 2.5, None),
    ],
)
def test_first_is_who_is_followed_in_the_same_direction_alone(fund, members, leads):
    found = {"fund_first": Lagged(0.1, fund, 99), "members_first": Lagged(0.1, members, 99)}
    assert lead_lag.who_leads(found) == leads


def test_the_lag_counts_days_from_the_fund_to_its_members():
    fund = noise(11)
    table = lead_lag.cross_correlation(fund, fund.shift(2)).set_index("lag")
    assert table.index.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert table["correlation"].idxmax() == 2
    assert table.loc[2, "correlation"] == pytest.approx(1)
    assert table.loc[2, "n"] == len(DAYS) - 2


def test_each_correlation_is_that_of_its_own_pairs():
    fund, members = noise(12), noise(13)
    table = lead_lag.cross_correlation(fund, members).set_index("lag")
    assert table.loc[-1, "correlation"] == pytest.approx(np.corrcoef(fund[1:], members[:-1])[0, 1])
    assert table.loc[0, "high"] == pytest.approx(1.96 / np.sqrt(len(DAYS)))


def test_without_members_nothing_is_known():
    nothing = pd.Series(np.nan, index=DAYS)
    assert lead_lag.cross_correlation(noise(14), nothing)["correlation"].isna().all()
    found = lead_lag.lagged(noise(14), nothing)
    assert found["fund_first"].n == 0
    assert lead_lag.who_leads(found) is None


def test_a_line_that_stands_still_has_no_correlation():
    assert lead_lag.cross_correlation(noise(15), pd.Series(0.0, index=DAYS))["correlation"].isna().all()


def test_members_count_alike_whatever_their_price():
    index = pd.DataFrame({"A": [100.0, 110.0], "B": [1.0, 0.9], "C": [50.0, 53.0]})
    assert lead_lag.mean_return(index).tolist()[1:] == pytest.approx([0.02])


def test_a_mean_of_fewer_than_half_the_members_is_unknown():
    index = pd.DataFrame({"A": [100.0, 110.0], "B": [1.0, np.nan], "C": [50.0, np.nan]})
    assert lead_lag.mean_return(index).isna().all()
    assert lead_lag.mean_return(index, at_least=0.3).tolist()[1:] == pytest.approx([0.1])


def test_a_bad_splice_is_no_return():
    index = pd.DataFrame({"A": [1.0, 258.0, 260.0], "B": [50.0, 51.0, 51.0], "C": [50.0, 49.0, 49.0], "D": [9, 1, 1]})
    assert lead_lag.mean_return(index).tolist()[1:] == pytest.approx([0.0, 2 / 258 / 4])


def test_no_members_have_no_return():
    assert lead_lag.mean_return(pd.DataFrame(index=range(3))).isna().all()
