"""The event study: what it finds when something is there, what it says when nothing is, and how it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import estimates, event_study, outcomes, statistics
from helpers.evidence.estimates import ERAS, Rules
from helpers.evidence.event_study import Study
from helpers.evidence.stickiness import stickiness
from helpers.signals import breakout

QUICK = Rules(draws=400)
HORIZONS = [5, 21]


def world(seed: int, days: int = 4000) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Two funds with the same drift and volatility that comes in waves, and the breakouts of the first."""
    rng = np.random.default_rng(seed)
    waves = np.exp(0.5 * np.sin(np.arange(days) / 150 + rng.uniform(0, 6)))
    market = 0.0004 + 0.009 * waves * rng.standard_t(5, size=days)
    own = 0.004 * waves * rng.standard_t(5, size=days)
    index = pd.bdate_range("2004-01-05", periods=days)
    mega = pd.Series(np.exp(market.cumsum()), index=index)
    mid = pd.Series(np.exp((market + own).cumsum()), index=index)
    events = breakout.breakout_events(mid.to_frame(), mid.to_frame(), 63, 10).iloc[:, 0].iloc[75:]
    return mid, mega, events


def planted(mid: pd.Series, events: pd.Series, size: float, over: int) -> pd.Series:
    """The first fund with `size` added evenly over the days after each event."""
    extra = events.reindex(mid.index, fill_value=False).astype(float).shift(1).rolling(over, min_periods=1).sum()
    return mid * np.exp((extra.fillna(0.0) * size / over).cumsum())


def studied(mid: pd.Series, mega: pd.Series, events: pd.Series, **options: object) -> Study:
    after = outcomes.excess_after(mid, mega, HORIZONS)
    return event_study.study(after, events, HORIZONS, rules=QUICK, **options)


def test_a_planted_lead_is_supported_and_its_size_found() -> None:
    mid, mega, events = world(1)
    found = studied(planted(mid, events, 0.02, 21), mega, events)
    row = found.estimates.loc[(21, "all")]
    assert events.sum() == 60
    assert found.verdicts[21] == "supported"
    assert row["low"] < 0.02 < row["high"] + 0.005
    assert row["difference"] == pytest.approx(0.017, abs=0.006)  # all days hold some of it too


def test_a_planted_lag_is_contradicted() -> None:
    mid, mega, events = world(1)
    assert studied(planted(mid, events, -0.02, 21), mega, events).verdicts[21] == "contradicted"


def test_nothing_planted_is_not_supported_though_events_follow_a_rise() -> None:
    before = []
    for seed in range(8):
        mid, mega, events = world(seed)
        found = studied(mid, mega, events)
        assert not {"supported", "contradicted"} & set(found.verdicts.values())
        before.append((mid / mid.shift(21) - mega / mega.shift(21)).reindex(events.index)[events].mean())
    assert np.mean(before) > 0.005 and min(before) > 0


def test_the_difference_is_against_all_days_with_a_complete_window() -> None:
    mid, mega, events = world(2)
    after = outcomes.excess_after(mid, mega, HORIZONS)
    row = studied(mid, mega, events).estimates.loc[(21, "all")]
    sample = after[21].reindex(events.index)
    assert row["mean_after"] == pytest.approx(sample[events].mean(), rel=1e-12)
    assert row["baseline"] == pytest.approx(sample.mean(), rel=1e-12)
    assert row["difference"] == pytest.approx(sample[events].mean() - sample.mean(), rel=1e-12)
    assert row["days"] == sample.notna().sum() == len(events) - 21
    assert row["hit_rate"] == pytest.approx((sample[events].dropna() > 0).mean())
    assert row["base_rate"] == pytest.approx((sample.dropna() > 0).mean())
    k = int((sample[events] > 0).sum())
    assert (row["hit_low"], row["hit_high"]) == statistics.wilson(k, int(row["n"]))


def test_incomplete_windows_are_counted_and_left_out() -> None:
    mid, mega, events = world(2)
    late = events.copy()
    late.iloc[[-3, -10, -30]] = True
    estimates = studied(mid, mega, late).estimates
    assert estimates.loc[(5, "all"), "incomplete"] == late.iloc[-5:].sum()
    assert estimates.loc[(21, "all"), "incomplete"] == late.iloc[-21:].sum()
    assert estimates.loc[(21, "all"), "n"] + estimates.loc[(21, "all"), "incomplete"] == late.sum()


def test_eras_part_the_sample() -> None:
    mid, mega, events = world(3)
    found = studied(mid, mega, events)
    assert found.split == events.index[len(events) // 2]
    for horizon in HORIZONS:
        n = {era: found.estimates.loc[(horizon, era), "n"] for era in ERAS}
        assert n["before"] + n["after"] == n["all"]
        assert n["before"] == events[events.index < found.split].sum()


def test_eras_part_in_1995_with_enough_events_on_both_sides() -> None:
    days = pd.bdate_range("1990-01-01", "2010-01-01")
    early = days[:50:5]
    late = days[-50::5]
    assert event_study.era_split(early.append(late), days, 10) == pd.Timestamp("1995-01-01")
    assert event_study.era_split(early[1:].append(late), days, 10) == days[len(days) // 2]
    assert event_study.era_split(days[:0], days[:0], 10) is pd.NaT


@pytest.mark.parametrize(("n", "has_mean", "has_interval"), [(9, False, False), (10, True, False), (30, True, True)])
def test_few_events_print_no_interval_and_fewer_no_mean(n: int, has_mean: bool, has_interval: bool) -> None:
    rng = np.random.default_rng(1)
    flags = np.zeros(1000, dtype=bool)
    flags[rng.choice(1000, n, replace=False)] = True
    found = estimates.estimate(rng.normal(size=1000), flags, 5, rules=QUICK, rng=rng)
    for name in ("mean_after", "difference", "hit_rate", "p", "hac_t", "detectable"):
        assert np.isfinite(getattr(found, name)) == has_mean, name
    for name in ("low", "high", "hit_low", "hit_high"):
        assert np.isfinite(getattr(found, name)) == has_interval, name
    assert np.isfinite([found.baseline, found.base_rate]).all() and found.n == n


def test_fewer_events_than_a_mean_needs_cannot_be_tested() -> None:
    mid, mega, events = world(1)
    few = events & (np.cumsum(events.to_numpy()) <= 9)
    assert set(studied(mid, mega, few).verdicts.values()) == {"cannot be tested"}


def test_an_empty_sample_is_unknown_throughout() -> None:
    mid, mega, events = world(1)
    found = studied(mid, mega, events.iloc[:0], regime=pd.Series(1.0, index=mid.index))
    assert found.split is pd.NaT
    assert found.estimates.drop(columns=["n", "days", "incomplete", "regime_n"]).isna().all(axis=None)
    assert set(found.verdicts.values()) == {"cannot be tested"}


def test_a_horizons_figures_do_not_depend_on_which_others_are_asked_for() -> None:
    mid, mega, events = world(4)
    after = outcomes.excess_after(mid, mega, [5, 10, 21])
    one = event_study.study(after, events, [21], rules=QUICK).estimates.drop(columns="adjusted_p")
    all_three = event_study.study(after, events, [5, 10, 21], rules=QUICK).estimates.drop(columns="adjusted_p")
    pd.testing.assert_frame_equal(one, all_three.loc[[21]], check_exact=True)


def test_the_same_seed_gives_the_same_study_and_another_does_not() -> None:
    mid, mega, events = world(4)
    after = outcomes.excess_after(mid, mega, HORIZONS)
    first, again = (event_study.study(after, events, HORIZONS, rules=QUICK).estimates for _ in range(2))
    other = event_study.study(after, events, HORIZONS, rules=replace(QUICK, seed=7)).estimates
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert (first["difference"] == other["difference"]).sum() == first["difference"].notna().sum()
    assert not first["low"].equals(other["low"])


def test_p_values_are_corrected_over_the_horizons_of_an_era() -> None:
    mid, mega, events = world(5)
    table = studied(mid, mega, events).estimates
    for era in ERAS:
        part = table.xs(era, level="era")
        assert part["adjusted_p"].tolist() == statistics.holm(part["p"].to_numpy()).tolist()


def test_the_interval_covers_the_bootstrap_of_the_two_means() -> None:
    mid, mega, events = world(6)
    outcome = outcomes.excess_after(mid, mega, [21])[21].reindex(events.index).dropna()
    flags = events.reindex(outcome.index).to_numpy()
    found = estimates.estimate(outcome.to_numpy(), flags, 21, rules=QUICK, rng=QUICK.rng(21, "all"))
    values = np.column_stack([flags, outcome, outcome * flags]).astype(float)
    means = statistics.stationary_bootstrap(values, mean_block=63, draws=400, rng=QUICK.rng(21, "all"))
    drawn = means[:, 2] / means[:, 0] - means[:, 1]
    assert (found.low, found.high) == pytest.approx(statistics.percentile_interval(drawn), rel=1e-12)
    assert found.detectable == pytest.approx(2.8 * drawn.std(ddof=1), rel=1e-12)


def test_within_its_regime_an_event_is_held_against_days_of_the_same_side() -> None:
    rng = np.random.default_rng(8)
    sides = np.repeat([0.0, 1.0, np.nan], [600, 600, 100])
    flags = rng.random(1300) < np.where(sides == 1, 0.1, 0.02)
    outcome = np.where(sides == 1, 0.05, -0.05) + rng.normal(scale=0.001, size=1300)
    found = estimates.estimate(outcome, flags, 5, rules=QUICK, rng=rng, regime=sides)
    by_hand = [outcome[place] - outcome[sides == sides[place]].mean() for place in np.flatnonzero(flags[:1200])]
    assert found.regime_difference == pytest.approx(np.mean(by_hand), abs=1e-12)
    assert found.regime_low < found.regime_difference < found.regime_high
    assert found.regime_n == flags[:1200].sum()
    assert found.difference > 0.02 > abs(found.regime_difference)


def test_events_whose_side_is_unknown_have_no_second_baseline() -> None:
    mid, mega, events = world(1)
    unknown = pd.Series(np.nan, index=mid.index)
    row = studied(mid, mega, events, regime=unknown).estimates.loc[(21, "all")]
    assert row["regime_n"] == 0 and np.isnan(row["regime_difference"]) and np.isfinite(row["difference"])


def test_blocks_are_a_quarter_of_a_year_or_twice_the_horizon_unless_given() -> None:
    assert [Rules().mean_block(horizon) for horizon in (5, 21, 42)] == [63, 63, 84]
    assert Rules(block=10).mean_block(42) == 10


def test_a_fund_that_swings_twice_as_far_falls_deeper_after_events_and_before() -> None:
    mid, mega, events = world(9)
    bold = (mega.pct_change().fillna(0.0) * 2 + 1).cumprod()
    found = stickiness(bold, mega, events, 21, rules=QUICK)
    assert found.volatility == pytest.approx(2.0) and found.volatility_base == pytest.approx(2.0)
    assert found.drawdown < -0.01 and found.drawdown_base < -0.01
    assert found.low <= found.drawdown <= found.high
    assert found.difference_low <= found.difference <= found.difference_high
    assert found.n == events.iloc[:-21].sum() and found.days == len(events) - 21


def test_stickiness_of_a_fund_against_itself_is_none_and_of_few_events_unknown() -> None:
    _, mega, events = world(9)
    same = stickiness(mega, mega, events, 21, rules=QUICK)
    assert (same.drawdown, same.drawdown_base, same.volatility) == (0.0, 0.0, 1.0)
    few = stickiness(mega, mega, events & (np.cumsum(events.to_numpy()) <= 9), 21, rules=QUICK)
    assert np.isnan([few.drawdown, few.low, few.volatility]).all() and few.drawdown_base == 0.0
    none = stickiness(mega, mega, events.iloc[:0], 21, rules=QUICK)
    assert none.n == none.days == 0 and np.isnan(none.drawdown_base)
