"""What would reverse the move: rules counted by hand, signs as found, and each missing input alone unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.data.sources import open_source
from helpers.sections import reversals
from helpers.sections.risks import risks
from tests.sections.conftest import take

AS_OF = "2026-04-16"
MEMBERS = {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}
SCENARIOS = ("rates_up", "credit_wider", "spread_wider", "claims_up")
#: what the parts that are left make anew; the parts themselves are not among it
OF_THE_SCORE = (
    "risks.score[",
    *(f"risks.score_{what}[" for what in ("coverage", "weight", "label", "probability", "base_rate")),
    *(f"risks.score_{what}[" for what in ("rank_ic", "brier_skill", "skill")),
)
#: enough for the section, and fewer draws, so that a test is quick
QUICK: dict[str, Any] = {"as_of": AS_OF, "bootstrap_draws": 200}
Taken = tuple[Snapshot, Params]


@pytest.fixture(scope="module")
def taken() -> Taken:
    return take(sources=MEMBERS, **QUICK)


@pytest.fixture(scope="module")
def found(taken: Taken) -> Findings:
    return risks(*taken).findings


@pytest.fixture(scope="module")
def real_found(shared_data: Path) -> Callable[..., Findings]:
    @lru_cache(maxsize=4)
    def made(*macro: str) -> Findings:
        bars = [str(shared_data / name) for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")]
        sources = {"bars": bars, "macro": [str(shared_data / name) for name in macro]}
        return risks(*take(sources=sources, as_of="2025-12-30")).findings

    return made


@lru_cache(maxsize=1)
def sample_bars() -> pd.DataFrame:
    """Simulated bars of what the section reads, without members."""
    source = open_source("sample")
    symbols = take(**QUICK)[1].symbols
    parts = [source.history(symbol, "2010-01-01", AS_OF).bars.assign(symbol=symbol) for symbol in symbols]
    return pd.concat(parts, ignore_index=True)


def with_background(taken: Taken, **frames: pd.DataFrame) -> Findings:
    snapshot, params = taken
    return risks(replace(snapshot, background=replace(snapshot.background, **frames)), params).findings


def values(found: Findings) -> dict[str, Any]:
    return {item.address: item.value for item in found}


# reversals


def test_reversals_are_those_counted_one_event_at_a_time(taken: Taken, found: Findings) -> None:
    snapshot, params = taken
    events = reversals.events_of(snapshot, params)
    index = snapshot.wide("close", "total_return", ["IJH", "OEF"])
    close = snapshot.wide("close", "tape", ["IJH"])["IJH"]
    counted = {"excess": 0, "level": 0, "drawdown": 0}
    complete = 0
    for day, event in events.iterrows():
        ahead = index.loc[day:].iloc[1:31]
        if len(ahead) < 30:
            continue
        complete += 1
        gained = ahead / index.loc[day] - 1
        counted["excess"] += bool((gained["IJH"] - gained["OEF"] <= -0.02).any())
        counted["drawdown"] += bool((gained["IJH"] <= -0.05).any())
        counted["level"] += bool((close.loc[day:].iloc[1:31] < event["level"] - event["atr"]).any())
    assert complete >= 20
    for rule, k in counted.items():
        said = found.get("risks.reversal", rule=rule)
        assert said is not None
        assert (said.value, said.n) == (pytest.approx(k / complete), complete)
        assert said.low is not None and said.high is not None
        assert said.low < said.value < said.high


def test_a_window_that_is_not_over_is_not_counted(taken: Taken) -> None:
    snapshot, params = taken
    last = reversals.events_of(snapshot, params).index[-1]
    days = snapshot.days
    late, early = (risks(snapshot.cut(days[days.get_loc(last) + after]), params).findings for after in (30, 29))
    one, other = (item.get("risks.reversal", rule="excess") for item in (late, early))
    assert one is not None and other is not None
    assert one.n == (other.n or 0) + 1


def test_few_events_give_a_count_and_no_share() -> None:
    said = risks(*take(**QUICK, start="2021-01-04")).findings.get("risks.reversal", rule="excess")
    assert said is not None
    assert said.value is None
    assert said.n is not None and said.n < 10


# scenarios


def test_every_scenario_says_both_sides_the_difference_and_a_verdict(found: Findings) -> None:
    for scenario in SCENARIOS:
        for what in ("mean", "trails", "drawdown", "effective"):
            assert {item.key["state"] for item in found.all(f"risks.scenario_{what}", scenario=scenario)} == {
                "met",
                "not",
            }
        for what in ("scenario_difference", "scenario_t", "scenario_verdict", "predictive_p", "predictive_verdict"):
            assert found.get(f"risks.{what}", scenario=scenario) is not None


def test_the_difference_is_the_one_of_both_means(found: Findings) -> None:
    for scenario in SCENARIOS[:2]:
        met, other = (found.value("risks.scenario_mean", scenario=scenario, state=side) for side in ("met", "not"))
        assert found.value("risks.scenario_difference", scenario=scenario) == pytest.approx(met - other)


def test_windows_that_overlap_count_once_in_the_effective_number(found: Findings) -> None:
    for item in found.all("risks.scenario_effective", scenario="rates_up"):
        assert item.value == pytest.approx((item.n or 0) / 21)


def test_the_sign_found_stands_even_where_it_contradicts_the_claim(real_found: Callable[..., Findings]) -> None:
    real = real_found("fred_series.parquet")
    difference = real.value("risks.scenario_difference", scenario="rates_up")
    assert difference > 0  # rises of the yield went with better mid caps, since 2005
    assert real.value("risks.scenario_verdict", scenario="rates_up") != "supported"
    assert real.value("risks.sensitivity", factor="rates") > 0
    assert real.value("risks.scenario_difference", scenario="credit_wider") < 0
    assert real.value("risks.scenario_difference", scenario="spread_wider") < 0


def test_what_went_together_does_not_forecast(real_found: Callable[..., Findings]) -> None:
    words = {
        item.key["scenario"]: item.value for item in real_found("fred_series.parquet").all("risks.predictive_verdict")
    }
    assert set(words) == set(SCENARIOS)
    assert "supported" not in words.values()


def test_without_published_series_only_what_needs_them_is_unknown(real_found: Callable[..., Findings]) -> None:
    held, without = real_found("fred_series.parquet"), real_found()
    assert values(held).keys() == values(without).keys()
    for scenario in ("spread_wider", "claims_up"):
        assert held.value("risks.scenario_mean", scenario=scenario, state="met") is not None
        assert without.value("risks.scenario_mean", scenario=scenario, state="met") is None
        assert without.value("risks.scenario_verdict", scenario=scenario) == "cannot be tested"
    for trigger in ("spread", "claims"):
        assert held.value("risks.trigger_state", trigger=trigger) in ("met", "near", "not met")
        assert without.value("risks.trigger_state", trigger=trigger) == "unknown"
    for what in ("risks.scenario_mean", "risks.scenario_t", "risks.predictive_p"):
        assert held.value(what, scenario="rates_up") == without.value(what, scenario="rates_up")


# what presses today


def yields(last: float) -> pd.DataFrame:
    """The sample with a yield of 4 % everywhere and `last` on the last day."""
    bars = sample_bars().copy()
    rows = bars["symbol"] == "^TNX"
    bars.loc[rows, "close"] = 4.0
    bars.loc[rows & (bars["date"] == bars["date"].max()), "close"] = last
    bars.loc[rows, ["open", "high", "low"]] = np.nan
    return bars


@pytest.mark.parametrize(
    ("last", "state"), [(4.16, "not met"), (4.17, "near"), (4.25, "near"), (4.26, "met"), (3.5, "not met")]
)
def test_a_trigger_is_near_from_two_thirds_of_the_way(from_bars: Any, last: float, state: str) -> None:
    section = risks(*from_bars(yields(last), **QUICK))
    assert section.findings.value("risks.trigger_bp", trigger="rates") == pytest.approx((last - 4) * 100)
    assert section.findings.value("risks.trigger_state", trigger="rates") == state
    row = section.frames["triggers"].set_index("trigger").loc["rates"]
    assert row["progress"] == pytest.approx(max(0.0, (last - 4) * 4))


def test_the_warning_is_the_last_breakouts_and_without_one_there_is_none(taken: Taken) -> None:
    snapshot, params = taken
    events = reversals.events_of(snapshot, params)
    event, days = events.iloc[-1], snapshot.days
    place = int(days.searchsorted(events.index[-1]))
    soon, later = (risks(snapshot.cut(days[place + after]), params).findings for after in (3, 31))
    close = snapshot.wide("close", "tape", ["IJH"])["IJH"].iloc[place + 3]
    warning = event["level"] - event["atr"]
    assert soon.value("risks.trigger_level") == pytest.approx(close / warning - 1)
    assert (soon.value("risks.trigger_state", trigger="level") == "met") == (close < warning)
    assert later.value("risks.trigger_level") is None
    assert later.value("risks.trigger_state", trigger="level") == "not met"


def test_the_map_is_the_fit_and_today_stands_on_it(taken: Taken, found: Findings) -> None:
    frames = risks(*taken).frames
    grid = frames["breakeven"].set_index(["rates_bp", "credit_bp"])["value"]
    assert grid[15, 0] - grid[0, 0] == pytest.approx(1.5 * found.value("risks.sensitivity", factor="rates"))
    assert grid[0, 25] - grid[0, 0] == pytest.approx(2.5 * found.value("risks.sensitivity", factor="credit"))
    assert frames["breakeven_now"]["rates_bp"].iloc[0] == found.value("risks.trigger_bp", trigger="rates")
    assert frames["breakeven_now"]["credit_bp"].iloc[0] == found.value("risks.trigger_bp", trigger="credit")


# drivers


def test_the_parts_add_up_to_the_move_that_relative_strength_states(taken: Taken, found: Findings) -> None:
    from helpers.sections.strength import strength

    beside = strength(*taken).findings
    for window in (5, 21):
        parts = [item.value for item in found.all("risks.attribution", window=window)]
        assert len(parts) == 4
        move = found.value("risks.attribution_move", window=window)
        assert sum(parts) == pytest.approx(move, abs=1e-12)
        against = f"{taken[0].label('OEF')}"
        assert move == pytest.approx(beside.value("strength.excess", window=window, against=against))
        assert 0 <= found.value("risks.explained", window=window) <= 1


def test_facts_that_are_not_held_are_unknown_and_counted_as_none(found: Findings) -> None:
    for what in ("flow", "reporting_weight", "reporting_due", "revision_breadth", "revision_weight"):
        assert {item.value for item in found.all(f"risks.{what}")} == {None}
    assert found.value("risks.flow_days") == 0


def test_share_counts_of_enough_days_give_a_flow_that_says_how_they_are_known(taken: Taken) -> None:
    days = taken[0].days[-30:]
    held = pd.DataFrame({"as_of": days, "subject": "IJH", "date": days, "basis": "net assets / net asset value"})
    held["shares"] = [1e6] * 27 + [1.1e6] * 3
    found = with_background(taken, shares=held)
    close = taken[0].wide("close", "tape", ["IJH"])["IJH"]
    said = found.get("risks.flow", window=5)
    assert said is not None
    assert said.value == pytest.approx(1e5 * close.iloc[-4])
    assert "net assets / net asset value" in said.basis
    short = with_background(taken, shares=held.tail(19))
    assert short.value("risks.flow", window=5) is None
    assert short.value("risks.flow_days") == 19


def test_holdings_events_and_estimates_give_reports_and_revisions(taken: Taken) -> None:
    day = pd.Timestamp("2026-04-15")
    holdings = pd.DataFrame({"as_of": day, "subject": "IJH", "symbol": ["AAA", "BBB"], "weight": [0.03, 0.01]})
    events = pd.DataFrame({"as_of": day, "subject": ["AAA", "BBB"], "event": "earnings"})
    events["date"] = pd.to_datetime(["2026-04-17", "2026-05-05"])
    estimates = pd.DataFrame({"as_of": day, "subject": ["AAA"], "period": "0y", "up_30": 1.0, "down_30": 3.0})
    found = with_background(taken, holdings=holdings, events=events, estimates=estimates)
    assert found.value("risks.reporting_weight") == pytest.approx(0.03)
    assert found.value("risks.reporting_due") == pytest.approx(0.04)
    assert found.value("risks.revision_breadth") == pytest.approx(-0.5)
    assert found.value("risks.revision_weight") == pytest.approx(0.03)


def test_old_estimates_are_not_those_of_today(taken: Taken) -> None:
    day = pd.Timestamp("2026-04-15")
    holdings = pd.DataFrame({"as_of": day, "subject": "IJH", "symbol": ["AAA"], "weight": [0.03]})
    estimates = pd.DataFrame({"subject": ["AAA"], "period": "0y", "up_30": 1.0, "down_30": 3.0})
    old = with_background(taken, holdings=holdings, estimates=estimates.assign(as_of=pd.Timestamp("2026-03-01")))
    assert old.value("risks.revision_breadth") is None


# crowding


def test_a_legs_score_is_the_mean_of_the_parts_known(found: Findings) -> None:
    for said in found.all("risks.crowding"):
        parts = [item.value for item in found.all("risks.crowding_part", subject=said.subject)]
        known = [value for value in parts if value is not None]
        assert len(parts) == 3
        assert said.n == len(known)
        assert said.value == pytest.approx(np.mean(known))


def test_a_sector_with_fewer_than_eight_members_has_no_such_part(taken: Taken) -> None:
    snapshot, params = taken
    listed = snapshot.background.members
    names = listed["sector"].where(listed["sector"] != "Financials", "Utilities")
    plenty = with_background(taken, members=listed.assign(sector=names))
    utilities = plenty.get("risks.crowding_part", subject=snapshot.label("XLU"), part="comomentum")
    staples = plenty.get("risks.crowding_part", subject=snapshot.label("XLP"), part="comomentum")
    assert utilities is not None and staples is not None
    assert utilities.value is not None and (utilities.n or 0) >= 8
    assert staples.value is None and (staples.n or 0) < 8


def test_the_most_crowded_leg_gains_when_yields_fall(found: Findings) -> None:
    scores = {item.subject: item.value for item in found.all("risks.crowding")}
    betas = {item.subject: item.value for item in found.all("risks.duration_beta")}
    broad = {"SPY (simulated)", "OEF (simulated)"}
    rated = {leg: scores[leg] for leg, beta in betas.items() if beta is not None and beta > 0 and leg not in broad}
    assert found.value("risks.most_crowded") == max(rated, key=lambda leg: rated[leg])


# missing inputs


@pytest.mark.parametrize(
    ("symbol", "unknown"),
    [
        ("^TNX", ["sensitivity", "attribution", "explained"]),
        ("HYG", ["sensitivity", "attribution", "explained"]),
        ("IEF", ["most_crowded", "duration_beta", "explained"]),
        ("OEF", ["attribution_move", "scenario_mean", "trigger_excess"]),
    ],
)
def test_one_symbol_without_bars_leaves_the_rest_as_it_was(from_bars: Any, symbol: str, unknown: list[str]) -> None:
    bars = sample_bars()
    whole = values(risks(*from_bars(bars, **QUICK)).findings)
    section = risks(*from_bars(bars[bars["symbol"] != symbol], **QUICK))
    without = values(section.findings)
    assert without.keys() == whole.keys()
    for what in unknown:
        assert {item.value for item in section.findings.all(f"risks.{what}")} == {None}
    changed = {address for address, value in without.items() if value != whole[address]}
    words = ("cannot be tested", "unknown", "not met", None)
    for address in changed:
        recomputed = "adjusted_p" in address or "verdict" in address or "crowd" in address or "ratio_mean" in address
        recomputed |= address.startswith(OF_THE_SCORE)
        assert recomputed or without[address] in words, address
    assert len(changed) < len(whole) / 2


def test_without_members_the_other_parts_stand(found: Findings) -> None:
    bare = risks(*take(**QUICK)).findings
    assert bare.value("risks.measure_percentile", measure="members") is None
    for part in ("excess", "distance"):
        one, other = (
            {item.subject: item.value for item in each.all("risks.crowding_part", part=part)} for each in (bare, found)
        )
        assert one == other
    assert values(bare).keys() == values(found).keys()


def test_a_fund_of_half_a_year_says_what_it_can(from_bars: Any) -> None:
    bars = sample_bars()
    young = bars[(bars["symbol"] != "IJH") | (bars["date"] >= "2025-11-03")]
    section = risks(*from_bars(young, **QUICK))
    assert section.findings.value("risks.attribution_move", window=21) is not None
    assert section.findings.value("risks.explained", window=21) is None
    assert section.findings.value("risks.trigger_state", trigger="rates") != "unknown"
    assert {item.value for item in section.findings.all("risks.scenario_verdict")} == {"cannot be tested"}
    assert len(section.frames["strip"]) == 12


# the strip, what is due, and the law of the cut


def test_the_strip_has_twelve_measures_each_with_its_place_and_its_value(taken: Taken) -> None:
    section = risks(*taken)
    strip = section.frames["strip"]
    assert len(strip) == 12
    assert strip["measure"].is_unique
    assert strip["percentile"].between(0, 1, inclusive="neither").all()
    assert (strip["now"].between(strip["low"], strip["high"])).all()
    assert (strip["value_text"].str.len() > 0).all()


def test_what_is_due_lies_within_six_weeks_after_the_notes_day(taken: Taken) -> None:
    days = ["2026-04-16", "2026-04-17", "2026-05-20", "2026-05-28", "2026-05-29"]
    agenda = pd.DataFrame({"date": pd.to_datetime(days), "event": "a release", "source": "its publisher"})
    snapshot, params = taken
    section = risks(replace(snapshot, background=replace(snapshot.background, agenda=agenda)), params)
    assert [item.value for item in section.findings.all("risks.due")] == ["2026-04-17"]
    listed = section.frames["due"]
    assert listed.loc[listed["event"] == "a release", "date"].dt.strftime("%Y-%m-%d").tolist() == days[1:4]
    assert listed["date"].is_monotonic_increasing


def test_the_calendar_of_the_project_names_a_source_for_every_date() -> None:
    from helpers.data import agenda

    listed = agenda.read(Path(__file__).parents[2] / "params" / "calendar.yaml")
    assert not listed.duplicated(["date", "event"]).any()
    assert listed["source"].str.contains("Federal Reserve|BLS").all()
    yearly = listed.groupby([listed["date"].dt.year, "event"]).size().to_dict()
    assert yearly == {
        (2026, "FOMC decision"): 8,
        (2026, "US consumer prices"): 12,
        (2026, "US employment report"): 12,
        (2027, "FOMC decision"): 8,
    }


@pytest.mark.parametrize(("day", "later"), [("2019-03-08", "2019-09-10"), ("2025-11-28", AS_OF)])
def test_every_finding_equals_the_one_on_data_cut_at_its_day(day: str, later: str) -> None:
    told = values(risks(*take(**{**QUICK, "as_of": day}, sources=MEMBERS)).findings)
    snapshot, params = take(**{**QUICK, "as_of": later}, sources=MEMBERS)
    cut = values(risks(snapshot.cut(day), params).findings)
    assert told.keys() == cut.keys()
    for address, value in cut.items():
        same = told[address] == value
        assert same or told[address] == pytest.approx(value, rel=1e-9, abs=1e-9), address
    assert len(told) > 150
