"""What followed earlier breakouts: counted by hand, cut at a day, and unknown where the tape has no highs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.core.findings import Findings
from helpers.core.params import Params, replaced
from helpers.data import bars as tidy_bars
from helpers.data import calendar
from helpers.data.snapshot import Snapshot
from helpers.data.sources import open_source
from helpers.evidence import verdicts
from helpers.sections.history import history, main_horizon
from helpers.sections.section import Section
from helpers.signals import breakout
from tests.few import FEW
from tests.sections.conftest import TAPE, take

AS_OF = "2026-04-16"
QUICK: dict[str, Any] = {"as_of": AS_OF, "bootstrap_draws": 200}
WORDS = {verdicts.CANNOT, *verdicts.VERDICTS}
Taken = tuple[Snapshot, Params]


@pytest.fixture(scope="module")
def taken() -> Taken:
    return take(**QUICK)


@pytest.fixture(scope="module")
def section(taken: Taken) -> Section:
    return history(*taken)


@lru_cache(maxsize=1)
def sample_bars() -> pd.DataFrame:
    """Simulated bars of two pairs."""
    source = open_source("sample")
    symbols = ("IJH", "OEF", "MDY", "SPY")
    parts = [source.history(symbol, "2006-01-03", AS_OF).bars.assign(symbol=symbol) for symbol in symbols]
    return pd.concat(parts, ignore_index=True)


def values(found: Findings) -> dict[str, Any]:
    return {item.address: item.value for item in found}


def own(found: Findings, what: str, **key: Any) -> Any:
    """The value of the note's own pair."""
    item = found.get(f"history.{what}", subject="IJH (simulated)", **key)
    assert item is not None, (what, key)
    return item.value


def days_and_lines(taken: Taken) -> tuple[pd.DatetimeIndex, pd.Series, pd.Series]:
    """Breakouts of the sample's fund found anew, and both total returns."""
    snapshot, _ = taken
    index = snapshot.wide("close", "total_return", ["IJH", "OEF"])
    close = snapshot.wide("close", "tape", ["IJH"])
    high = snapshot.wide("high", "tape", ["IJH"])
    aside = snapshot.flagged("IJH", "lone_high", "ohlc_order")
    high.loc[aside] = np.fmax(close, close.shift(1)).loc[aside]
    flags = breakout.breakout_events(high, close)["IJH"]
    return pd.DatetimeIndex(flags.index[flags]), index["IJH"], index["OEF"]


def test_the_means_are_those_of_the_events_counted_one_at_a_time(taken: Taken, section: Section) -> None:
    days, mid, mega = days_and_lines(taken)
    after = []
    for day in days:
        place = mid.index.get_loc(day)
        if place + 21 < len(mid):
            after.append(mid.iloc[place + 21] / mid.iloc[place] - mega.iloc[place + 21] / mega.iloc[place])
    assert own(section.findings, "events") == len(days) > 20
    assert own(section.findings, "mean_after", horizon=21, era="all") == pytest.approx(np.mean(after), abs=1e-12)
    assert own(section.findings, "hit_rate", horizon=21, era="all") == pytest.approx(np.mean(np.array(after) > 0))
    before = [mid.loc[:day].iloc[-1] / mid.loc[:day].iloc[-22] for day in days]
    other = [mega.loc[:day].iloc[-1] / mega.loc[:day].iloc[-22] for day in days]
    assert own(section.findings, "pre_event", window=21) == pytest.approx(np.subtract(before, other).mean(), abs=1e-12)


def test_the_difference_is_the_mean_less_the_baseline_in_every_era(section: Section) -> None:
    for item in section.findings.all("history.difference"):
        mean, base = (
            section.findings.get(f"history.{what}", subject=item.subject, **item.key)
            for what in ("mean_after", "baseline")
        )
        assert item.value == pytest.approx(mean.value - base.value, abs=1e-15)
        assert item.n == mean.n <= base.n
        assert (item.low is None) == (item.n < 30)
        assert item.low is None or item.low < item.value < item.high


def test_the_dated_table_has_every_event_and_marks_what_is_not_over(taken: Taken) -> None:
    snapshot, params = taken
    shown = history(snapshot, params).frames["events"]
    days, _, _ = days_and_lines(taken)
    assert shown["date"].tolist() == list(days[::-1])
    assert (shown["close"] > shown["level"]).all()
    over = shown["date"] <= snapshot.days[-43]
    assert shown.loc[over, ["after_5", "after_10", "after_21", "after_42"]].notna().all(axis=None)
    cut = history(snapshot.cut(shown["date"].iloc[0] + pd.Timedelta(days=20)), params)
    latest = cut.frames["events"].iloc[0]
    assert latest["after_5"] == shown["after_5"].iloc[0] and np.isnan(latest["after_42"])
    assert own(cut.findings, "incomplete", horizon=42, era="all") >= 1
    text = cut.frames["dated"].iloc[0]
    assert (text["close"], text["after 5"]) == (f"{latest['close']:.2f}", f"{round(latest['after_5'], 3) + 0.0:+.1%}")
    assert text["after 42"] == ""


DAYS = st.sampled_from(list(pd.bdate_range("2012-01-03", "2026-04-10").strftime("%Y-%m-%d")))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=DAYS)
def test_every_finding_equals_the_one_on_data_cut_at_its_day(taken: Taken, from_bars: Any, day: str) -> None:
    snapshot, _ = taken
    few = {**FEW, "long_history_mid": "MDY", "mega_checks": [], "sectors": [], "small": "SPY", "bootstrap_draws": 200}
    whole, params = from_bars(sample_bars(), as_of=AS_OF, **few)
    part, narrow = from_bars(sample_bars()[sample_bars()["date"] <= pd.Timestamp(day)], as_of=day, **few)
    assert values(history(whole.cut(day), params).findings) == values(history(part, narrow).findings)


def test_nothing_of_an_unfinished_day_enters() -> None:
    evening = take(**{**QUICK, "as_of": "2026-04-16"})
    noon = take(tape=TAPE, bootstrap_draws=200)
    assert values(history(*noon).findings) == values(history(*evening).findings)


@pytest.mark.parametrize("fault", ["no highs", "no mega", "no long history"])
def test_what_is_missing_is_unknown_alone_and_never_left_out(from_bars: Any, fault: str) -> None:
    few = {**FEW, "long_history_mid": "MDY", "mega_checks": [], "sectors": [], "small": "SPY"}
    bars = sample_bars()
    plain = history(*from_bars(bars, **QUICK, **few)).findings
    symbol = {"no highs": "IJH", "no mega": "OEF", "no long history": "MDY"}[fault]
    if fault == "no highs":
        faulty = bars.assign(**{name: bars[name].mask(bars["symbol"] == symbol) for name in ("open", "high", "low")})
    else:
        faulty = bars[bars["symbol"] != symbol]
    found = history(*from_bars(faulty, **QUICK, **few)).findings
    assert [item.address for item in found] == [item.address for item in plain]
    for item in found:
        of_fault = symbol in (item.subject, item.key.get("against"))
        # what became of earlier calls is read from the journal, not from bars
        is_of_bars = not item.id.startswith("history.record_") and not item.id.endswith("_next")
        if item.id == "history.longest" or not is_of_bars or not of_fault:
            continue
        if fault == "no highs" and item.id.startswith("history.month_end"):
            is_dated = "after_breakout" not in item.id
            assert (item.value is None) != is_dated, item.address
        else:
            assert item.value is None and item.low is None, item.address
    untouched = [item for item in plain if symbol not in (item.subject, item.key.get("against"))]
    assert [item for item in found if symbol not in (item.subject, item.key.get("against"))] == [
        item if item.id != "history.longest" else found.get("history.longest", **item.key) for item in untouched
    ]


def test_the_pair_with_the_longest_history_carries_the_verdict(from_bars: Any) -> None:
    few = {**FEW, "long_history_mid": "MDY", "mega_checks": [], "sectors": [], "small": "SPY"}
    bars = sample_bars()

    def carried(table: pd.DataFrame) -> tuple[list[Any], Section]:
        made = history(*from_bars(table, **QUICK, **few))
        return [item.value for item in made.findings.all("history.longest")], made

    same, _ = carried(bars)
    younger, made = carried(bars[(bars["symbol"] != "IJH") | (bars["date"] >= "2012-01-03")])
    none, _ = carried(bars.assign(high=np.nan, low=np.nan, open=np.nan))
    assert (same, younger, none) == ([True, False], [False, True], [None, None])
    assert len(made.frames["events"]) == made.findings.get("history.events", subject="MDY").value


def test_a_pair_named_twice_or_not_at_all_is_studied_once(taken: Taken) -> None:
    snapshot, params = taken
    for pair in ({"long_history_mid": "IJH", "long_history_mega": "OEF"}, {"long_history_mid": ""}):
        once = history(snapshot, replaced(params, **pair)).findings
        assert len(once.all("history.verdict")) == 1
        assert own(once, "longest") is True


def test_a_bad_print_makes_no_event(from_bars: Any) -> None:
    few = {**FEW, "mega_checks": [], "sectors": [], "small": "SPY"}
    bars = sample_bars()
    plain = history(*from_bars(bars, **QUICK, **few)).frames["events"]
    row = (bars["symbol"] == "IJH") & (bars["date"] == plain["date"].iloc[3] - pd.Timedelta(days=60))
    row = row if row.any() else (bars["symbol"] == "IJH") & (bars["date"] == "2019-06-03")
    printed = bars.assign(high=bars["high"].mask(row, bars["high"] * 1.4))
    assert history(*from_bars(printed, **QUICK, **few)).frames["events"].equals(plain)


def test_a_dividend_changes_outcomes_and_no_event(from_bars: Any) -> None:
    few = {**FEW, "mega_checks": [], "sectors": [], "small": "SPY"}
    bars = sample_bars()
    plain = history(*from_bars(bars, **QUICK, **few))
    last = plain.frames["events"]["date"].iloc[5]
    paid = bars.copy()
    day = paid.loc[(paid["symbol"] == "IJH") & (paid["date"] > last), "date"].iloc[2]
    paid.loc[(paid["symbol"] == "IJH") & (paid["date"] == day), "dividend"] = 2.0
    richer = history(*from_bars(paid, **QUICK, **few))
    before, after = plain.frames["events"], richer.frames["events"]
    assert before[["date", "level", "close"]].equals(after[["date", "level", "close"]])
    assert after.loc[5, "after_5"] > before.loc[5, "after_5"] + 0.01
    assert after.loc[6:].equals(before.loc[6:])


def test_few_events_cannot_be_tested(taken: Taken) -> None:
    snapshot, params = taken
    found = history(snapshot, replaced(params, min_events_mean=100, min_events_interval=100)).findings
    assert {item.value for item in found.all("history.verdict")} == {verdicts.CANNOT}
    assert {item.value for item in found.all("history.mean_after")} == {None}
    assert {item.value for item in found.all("history.pre_event")} == {None}
    assert None not in {item.value for item in found.all("history.baseline")}
    assert None not in {item.value for item in found.all("history.events")}


def test_the_verdict_is_that_of_the_horizon_nearest_to_a_month(taken: Taken, section: Section) -> None:
    _, params = taken
    assert main_horizon(params) == 21
    assert main_horizon(replaced(params, horizons=[5, 32, 10])) == 10
    for item in section.findings.all("history.verdict"):
        same = section.findings.get("history.horizon_verdict", subject=item.subject, horizon=21)
        assert item.value == same.value and item.value in WORDS


def test_month_ends_are_those_of_the_exchange_and_named_when_near(taken: Taken) -> None:
    snapshot, params = taken

    def following(day: str) -> tuple[Any, Any]:
        found = history(snapshot.cut(day), params).findings
        return own(found, "month_end_next"), own(found, "quarter_end_next")

    assert following("2026-04-16") == ("2026-04-30", None)
    assert following("2026-02-17") == ("2026-02-27", "2026-03-31")
    assert following("2026-03-31") == ("2026-04-30", None)


def test_the_month_end_effect_is_the_mean_inside_less_the_mean_outside(taken: Taken, section: Section) -> None:
    snapshot, _ = taken
    _, mid, mega = days_and_lines(taken)
    spread = (mid.pct_change() - mega.pct_change()).iloc[1:]
    marks = calendar.trading_days(spread.index[0] - pd.Timedelta(days=60), snapshot.calendar.index[-1])
    days, ends = marks.index, pd.DatetimeIndex(marks.index[marks["month_end"]])
    inside = set()
    for end in ends:
        place = days.get_loc(end)
        inside |= set(days[max(place - 4, 0) : place + 6])
    is_in = spread.index.isin(list(inside))
    by_hand = 1e4 * (spread[is_in].mean() - spread[~is_in].mean())
    assert own(section.findings, "month_end", window="month_end") == pytest.approx(by_hand, abs=1e-9)
    assert own(section.findings, "month_end_verdict") in WORDS


def test_frames_carry_what_the_pictures_need(section: Section) -> None:
    frames = section.frames
    assert frames["paths"].columns.tolist() == ["event", "day", "value"]
    assert (frames["paths"].loc[frames["paths"]["day"] == 0, "value"] == 0).all()
    assert frames["paths"]["event"].nunique() == len(frames["events"])
    fan = frames["fan"].set_index("day")
    assert fan.index.tolist() == list(range(-21, 43))
    assert fan.loc[0].eq(0).all()
    assert (fan["base_low"] <= fan["base_mean"]).all() and (fan["base_mean"] <= fan["base_high"]).all()
    assert fan.loc[42, "mean"] == pytest.approx(own(section.findings, "mean_after", horizon=42, era="all"), abs=1e-12)
    forest = frames["forest"]
    assert len(forest) == 2 * 4 * 3 and set(forest.loc[forest["era"] == "all", "verdict"]) <= WORDS
    assert len(frames["month_profile"]) == 20 and frames["month_profile"]["in_window"].sum() == 10
    assert frames["calendar_eras"]["era"].tolist() == ["all", "before", "after"] * 2


CHANGES: dict[str, Any] = {
    "quiet_gap": 63,
    "window": "365d",
    "rs_ma": 50,
    "long_history_mid": "IJR",
    "long_history_mega": "OEF",
    "horizons": [21],
    "bootstrap_draws": 300,
    "block": 20,
    "seed": 7,
    "alpha": 0.1,
    "correction": "none",
    "min_events_mean": 20,
    "min_events_interval": 60,
    "small_effect": 2.0,
    "month_end_days": 3,
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_parameter_changes_something(taken: Taken, section: Section, name: str) -> None:
    snapshot, params = taken
    changed = history(snapshot, replaced(params, **{name: CHANGES[name]})).findings
    assert values(changed) != values(section.findings) or [*changed] != [*section.findings]


def test_the_seed_moves_intervals_and_nothing_else(taken: Taken, section: Section) -> None:
    snapshot, params = taken
    other = values(history(snapshot, replaced(params, seed=7)).findings)
    changed = {address for address, value in values(section.findings).items() if other[address] != value}
    assert {address.split("[")[0] for address in changed} <= {"history.detectable"}


def test_a_break_in_the_bars_makes_days_unknown_and_events_fewer(from_bars: Any) -> None:
    few = {**FEW, "mega_checks": [], "sectors": [], "small": "SPY"}
    bars = sample_bars()
    plain = history(*from_bars(bars, **QUICK, **few)).findings
    hole = (bars["symbol"] == "IJH") & (bars["date"] == "2017-06-01")
    holed = history(*from_bars(bars[~hole], **QUICK, **few)).findings
    days = [found.get("history.longest", subject="IJH").n for found in (plain, holed)]
    assert days[0] - days[1] > 252


def test_the_whole_section_is_a_matter_of_a_second() -> None:
    snapshot, params = take(as_of=AS_OF)
    tidy_bars.wide(snapshot.bars, "close", "total_return")
    history(snapshot, params)
    began = time.process_time()
    history(snapshot, params)
    assert time.process_time() - began < 1.2


def test_the_long_study_of_real_bars_begins_with_the_younger_fund_of_the_pair(real: Callable[..., Taken]) -> None:
    found = history(*real(as_of="2025-09-19", mid="MDY", mega="OEF", mega_checks=["XLG"], bootstrap_draws=200)).findings
    # MDY is held since 1995, OEF since October 2000, SPY in the same file since 2005
    starts = {item.key["against"]: item.value for item in found.all("history.study_from")}
    assert starts == {"OEF": "2000-10-27", "SPY": "2005-01-03"}
    assert [(item.key["against"], item.value) for item in found.all("history.longest")] == [
        ("OEF", True),
        ("SPY", False),
    ]
    difference = found.get("history.difference", subject="MDY", against="OEF", horizon=21, era="all")
    assert "vendor's adjusted close" in difference.basis
    assert difference.n >= 30 and difference.low < difference.value < difference.high
    assert found.get("history.verdict", subject="MDY", against="OEF").value in WORDS
