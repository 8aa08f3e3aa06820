"""Attribution adds up; flow, reports and revisions are stated only from observations that carry them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import drivers

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside the package, met while it is imported
    import statsmodels.api as sm

DAYS = pd.bdate_range("2024-01-01", periods=300)
SLOPES = {"rates": 0.0002, "credit": -0.0004, "market": 0.1}


def daily(noise: float = 0.002, seed: int = 1) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    factors = pd.DataFrame(rng.normal(size=(300, 3)) * [5, 6, 0.01], index=DAYS, columns=list(SLOPES))
    y = (factors * pd.Series(SLOPES)).sum(axis=1) + rng.normal(scale=noise, size=300)
    return y, factors


def attributed(y: pd.Series, factors: pd.DataFrame, window: int = 21) -> drivers.Attribution:
    return drivers.attribution(y, factors, factors.tail(window).sum(), y.tail(window).sum(), window=window)


@given(seed=st.integers(0, 500), window=st.sampled_from([5, 21]))
def test_the_parts_add_up_to_the_move(seed: int, window: int) -> None:
    found = attributed(*daily(seed=seed), window)
    assert found.parts.sum() == pytest.approx(found.move, abs=1e-12)
    assert found.parts.index.tolist() == [*SLOPES, "unexplained"]


def test_each_part_is_the_regressions_slope_times_the_factors_move() -> None:
    y, factors = daily()
    peer = sm.OLS(y.tail(252).to_numpy(), sm.add_constant(factors.tail(252).to_numpy())).fit()
    found = attributed(y, factors)
    assert found.parts.iloc[:3].tolist() == pytest.approx(peer.params[1:] * factors.tail(21).sum().to_numpy())


def test_a_move_made_of_the_factors_alone_is_explained() -> None:
    found = attributed(*daily(noise=0.0))
    assert found.r_squared == pytest.approx(1.0)
    assert found.parts["unexplained"] == pytest.approx(0.0, abs=1e-12)


def test_factors_that_have_nothing_to_do_with_it_explain_next_to_nothing() -> None:
    rng = np.random.default_rng(7)
    shares = [attributed(pd.Series(rng.normal(size=300), index=DAYS), daily(seed=k)[1]).r_squared for k in range(40)]
    assert min(shares) >= 0
    assert np.median(shares) < 0.1


def test_a_missing_factor_or_too_short_a_past_leaves_the_parts_unknown_and_the_move_known() -> None:
    y, factors = daily()
    for found in (attributed(y, factors.assign(credit=np.nan)), attributed(y.tail(100), factors.tail(100))):
        assert found.parts.isna().all()
        assert np.isnan(found.r_squared)
        assert found.move == pytest.approx(y.tail(21).sum())


def counts(shares: list[float], basis: str = "stated") -> pd.DataFrame:
    return pd.DataFrame({"date": DAYS[: len(shares)], "shares": shares, "basis": basis})


def price(days: int, value: float = 50.0) -> pd.Series:
    return pd.Series(value, index=DAYS[:days])


def test_a_flow_is_new_shares_at_the_price_of_the_day_before() -> None:
    held = counts([100.0] * 25 + [110.0, 108.0])
    closes = price(27)
    closes.iloc[24], closes.iloc[25] = 40.0, 60.0
    assert drivers.flow(held, closes, window=5).value == pytest.approx(10 * 40 - 2 * 60)


def test_nineteen_days_of_counts_are_not_enough_and_are_counted() -> None:
    short, enough = (drivers.flow(counts([100.0] * n), price(n), window=5) for n in (19, 20))
    assert np.isnan(short.value)
    assert (short.days, enough.days) == (19, 20)
    assert enough.value == 0.0


def test_a_flow_from_derived_counts_says_so_and_two_kinds_are_not_compared() -> None:
    derived = "net assets / net asset value"
    assert drivers.flow(counts([100.0] * 25, derived), price(25), window=5) == (0.0, 25, derived)
    mixed = counts([100.0] * 25)
    mixed.loc[22:, "basis"] = derived
    found = drivers.flow(mixed, price(25), window=5)
    assert np.isnan(found.value)
    assert found.basis == f"stated and {derived}"


def test_a_split_is_no_flow() -> None:
    held = counts([100.0] * 22 + [500.0] * 3)
    split = pd.Series(np.nan, index=DAYS[:25])
    assert np.isnan(drivers.flow(held, price(25), window=5, split=split).value)
    split.iloc[22] = 5.0
    assert drivers.flow(held, price(25), window=5, split=split).value == 0.0


def test_an_old_count_says_nothing_of_today() -> None:
    assert drivers.flow(counts([100.0] * 25), price(28), window=5).value == 0.0
    assert np.isnan(drivers.flow(counts([100.0] * 25), price(29), window=5).value)


def test_a_count_of_a_later_day_is_not_read() -> None:
    held = counts([100.0] * 25 + [120.0])
    assert drivers.flow(held, price(25), window=5) == drivers.flow(held.iloc[:25], price(25), window=5)


HOLDINGS = pd.DataFrame({"symbol": ["AAA", "BBB", "CCC"], "weight": [0.05, 0.03, 0.02]})


def dated(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["as_of", "subject", "date"]).assign(event="earnings")
    return table.assign(as_of=pd.to_datetime(table["as_of"]), date=pd.to_datetime(table["date"]))


def reporting(events: pd.DataFrame, first: str = "2026-04-16", last: str = "2026-04-20") -> drivers.Reporting:
    return drivers.reporting(HOLDINGS, events, pd.Timestamp(first), pd.Timestamp(last))


def test_the_weight_of_companies_that_report_in_the_span_counts() -> None:
    events = dated(("2026-04-10", "AAA", "2026-04-17"), ("2026-04-10", "BBB", "2026-04-21"))
    assert reporting(events) == pytest.approx((0.05, 2))


def test_a_company_with_two_possible_dates_counts_once() -> None:
    events = dated(("2026-04-10", "AAA", "2026-04-17"), ("2026-04-10", "AAA", "2026-04-20"))
    assert reporting(events) == pytest.approx((0.05, 1))


def test_a_date_that_was_moved_does_not_count() -> None:
    events = dated(("2026-04-01", "AAA", "2026-04-17"), ("2026-04-10", "AAA", "2026-04-28"))
    assert reporting(events).weight == 0.0


def test_a_date_that_was_replaced_after_the_report_still_counts() -> None:
    events = dated(("2026-04-15", "AAA", "2026-04-17"), ("2026-04-20", "AAA", "2026-07-17"))
    assert reporting(events).weight == pytest.approx(0.05)


def test_no_date_at_all_is_unknown_and_not_nothing() -> None:
    assert np.isnan(reporting(dated(("2026-04-10", "ZZZ", "2026-04-17"))).weight)
    assert np.isnan(reporting(dated().iloc[:0]).weight)
    assert drivers.reporting(HOLDINGS.iloc[:0], dated(), DAYS[0], DAYS[1]).n == 0


def revised(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["subject", "period", "up_30", "down_30"])


def test_breadth_is_the_mean_of_the_companies_by_weight() -> None:
    found = drivers.revisions(HOLDINGS, revised(("AAA", "0y", 3, 1), ("AAA", "+1y", 0, 0), ("BBB", "0y", 0, 2)))
    assert found.breadth == pytest.approx((0.05 * 0.5 + 0.03 * -1) / 0.08)
    assert (found.n, found.coverage) == (2, pytest.approx(0.08))


def test_a_company_nobody_revised_is_covered_and_has_no_say() -> None:
    found = drivers.revisions(HOLDINGS, revised(("AAA", "0y", 3, 0), ("BBB", "0y", 0, 0)))
    assert found == (1.0, 1, pytest.approx(0.08))


def test_quarters_and_unknown_counts_are_not_read() -> None:
    found = drivers.revisions(HOLDINGS, revised(("AAA", "0q", 5, 0), ("BBB", "0y", np.nan, 1)))
    assert np.isnan(found.breadth)
    assert found.n == 0
    assert np.isnan(drivers.revisions(HOLDINGS, revised().iloc[:0]).coverage)
