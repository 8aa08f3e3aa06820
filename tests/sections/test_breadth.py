"""How broad the move is: members counted by hand, each missing input alone unknown, and nothing later in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.findings import Findings
from helpers.core.params import Params, replaced
from helpers.data.snapshot import Snapshot
from helpers.data.sources import open_source
from helpers.evidence import statistics
from helpers.sections import broadening, day, leadership
from helpers.sections.breadth import breadth
from helpers.signals import breakout
from tests.sections.conftest import take

AS_OF = "2026-04-16"
MEMBERS = {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}
OF_MEMBERS = {
    "members_",
    "weight_",
    "list_",
    "above_",
    "new_",
    "net_",
    "record_",
    "advance_",
    "mcclellan",
    "lead_",
    "who_",
}
Taken = tuple[Snapshot, Params]


@pytest.fixture(scope="module")
def taken() -> Taken:
    return take(sources=MEMBERS, as_of=AS_OF)


@pytest.fixture(scope="module")
def found(taken: Taken) -> Findings:
    return breadth(*taken).findings


def with_background(taken: Taken, **changes: Any) -> Taken:
    snapshot, params = taken
    return replace(snapshot, background=replace(snapshot.background, **changes)), params


def without(taken: Taken, *symbols: str) -> Taken:
    snapshot, params = taken
    return replace(snapshot, bars=snapshot.bars[~snapshot.bars["symbol"].isin(symbols)]), params


def values(findings: Findings) -> dict[str, Any]:
    return {item.address: item.value for item in findings}


def changed(findings: Findings, before: Findings) -> set[str]:
    """Ids and settings of findings whose value differs."""
    old, new = values(before), values(findings)
    assert list(new) == list(old)
    return {address for address in old if new[address] != old[address]}


def is_of_members(address: str) -> bool:
    name = address.removeprefix("breadth.")
    return any(name.startswith(start) for start in OF_MEMBERS) or "condition=members" in name or "=net_new_" in name


# members


def test_shares_are_those_of_members_above_their_own_means(taken: Taken, found: Findings) -> None:
    close = taken[0].background.member_wide("close", "tape")
    for window in (50, 200):
        share = (close > close.rolling(window).mean()).iloc[-63:].mean(axis=1)
        stated = found.get("breadth.above_mean", window=window)
        assert stated is not None and (stated.value, stated.n) == (share.iloc[-1], 60)
        assert found.value("breadth.above_mean_low", window=window) == share.min()
        low_day = found.value("breadth.above_mean_low_date", window=window)
        assert share[low_day] == share.min()


def test_new_highs_are_of_the_range_and_a_year_long(taken: Taken, found: Findings) -> None:
    high = taken[0].background.member_wide("high", "tape")
    low = taken[0].background.member_wide("low", "tape")
    assert found.value("breadth.new_highs") == int((high.iloc[-1] > high.iloc[-253:-1].max()).sum())
    assert found.value("breadth.new_lows") == int((low.iloc[-1] < low.iloc[-253:-1].min()).sum())
    assert found.value("breadth.net_new_highs") == found.value("breadth.new_highs") - found.value("breadth.new_lows")


def test_closes_alone_are_read_on_total_return_and_the_basis_says_so(taken: Taken) -> None:
    bars = taken[0].background.member_bars
    closes = bars.assign(open=np.nan, high=np.nan, low=np.nan)
    found = breadth(*with_background(taken, member_bars=closes)).findings
    total = taken[0].background.members_total_return
    stated = found.get("breadth.above_mean", window=50)
    assert stated is not None and stated.value == float((total > total.rolling(50).mean()).iloc[-1].mean())
    assert "total return of 60 with closes only" in stated.basis
    assert found.value("breadth.new_highs") == int((total.iloc[-1] > total.iloc[-253:-1].max()).sum())


def test_the_basis_tells_from_when_the_list_is_true(taken: Taken) -> None:
    found = breadth(*with_background(taken, members_of="2026-03-31")).findings
    stated = found.get("breadth.above_mean", window=200)
    assert stated is not None and "listed on 2026-03-31, earlier days survivorship-biased" in stated.basis
    assert found.value("breadth.list_date") == "2026-03-31"


def test_one_empty_member_changes_only_how_much_is_held(taken: Taken, found: Findings) -> None:
    members = taken[0].background.members
    empty = pd.concat([members, members.tail(1).assign(symbol="NONE", weight=np.nan)], ignore_index=True)
    other = breadth(*with_background(taken, members=empty)).findings
    assert changed(other, found) == {"breadth.members_listed[IJH (simulated)]"}
    held = other.get("breadth.members_held")
    assert held is not None and (held.value, held.n) == (60, 61)


def test_a_member_that_stopped_trading_leaves_the_share(taken: Taken) -> None:
    bars = taken[0].background.member_bars
    ended = bars[(bars["symbol"] != "S01") | (bars["date"] < "2026-04-01")]
    found = breadth(*with_background(taken, member_bars=ended)).findings
    stated = found.get("breadth.above_mean", window=50)
    assert stated is not None and stated.n == 59
    assert found.value("breadth.members_held") == 59
    assert found.value("breadth.weight_held") < 0.99


def test_too_few_known_members_leave_their_findings_unknown(taken: Taken) -> None:
    bars = taken[0].background.member_bars
    few = bars[bars["symbol"].isin(["S01", "S02", "S03"])]
    found = breadth(*with_background(taken, member_bars=few)).findings
    assert found.value("breadth.above_mean", window=50) is None
    assert found.value("breadth.new_highs") is None
    assert found.value("breadth.condition", condition="members") is None
    assert found.value("breadth.members_held") == 3
    assert found.value("breadth.who_leads") is None


def test_without_weights_each_member_weighs_alike(taken: Taken) -> None:
    members = taken[0].background.members.assign(weight=np.nan)
    stated = breadth(*with_background(taken, members=members)).findings.get("breadth.weight_held")
    assert stated is not None and stated.value == 1.0
    assert "equal weights, none stated" in stated.basis


# what is missing


def test_without_a_list_only_what_needs_members_is_unknown(found: Findings) -> None:
    section = breadth(*take(as_of=AS_OF))
    bare = section.findings
    lost = changed(bare, found)
    unknown = {address for address in lost if values(bare)[address] is None}
    assert {address for address in lost - unknown} <= {
        f"breadth.{name}[IJH (simulated)]" for name in ("conditions_met", "verdict", "verdict_since")
    } | {"breadth.flips[IJH (simulated)|window=252]"}
    assert all(is_of_members(address) for address in unknown - {"breadth.verdict_since[IJH (simulated)]"})
    assert all(item.value is None for item in bare if is_of_members(item.address))
    assert bare.value("breadth.verdict") in broadening.VERDICTS
    met = bare.get("breadth.conditions_met")
    assert met is not None and met.n == 3
    assert section.frames["members"]["share"].isna().all()
    board = section.frames["conditions"].set_index("condition")
    assert board.loc["members", "is_met"] is None and board.loc["members", "value_text"] == "no data"


def test_a_list_without_bars_states_its_length_and_nothing_else(taken: Taken) -> None:
    bars = taken[0].background.member_bars
    found = breadth(*with_background(taken, member_bars=bars.iloc[:0])).findings
    assert (found.value("breadth.members_listed"), found.value("breadth.members_held")) == (60, 0)
    assert found.value("breadth.above_mean", window=50) is None


def test_without_equal_weights_the_other_ratio_can_still_lead(taken: Taken, found: Findings) -> None:
    other = breadth(*without(taken, "RSP")).findings
    lost = {address for address in changed(other, found) if values(other)[address] is None}
    assert all("RSP" in address or "equal_weight" in address for address in lost)
    assert other.value("breadth.verdict") in broadening.VERDICTS


def test_without_either_leading_ratio_there_is_no_verdict(taken: Taken) -> None:
    found = breadth(*without(taken, "RSP", "OEF")).findings
    assert found.value("breadth.verdict") is None
    assert found.value("breadth.verdict_since") is None
    met = found.get("breadth.conditions_met")
    assert met is not None and met.n == 3


def test_a_missing_fund_leaves_its_basket_unknown_and_the_others_ranked(taken: Taken, found: Findings) -> None:
    section = breadth(*without(taken, "SPLV"))
    other = section.findings
    assert other.value("breadth.basket_from", basket="losers") is None
    assert other.value("breadth.condition", condition="cyclical_defensive") is None
    score = other.get("breadth.basket_score", basket="losers")
    assert score is not None and score.value is not None and score.n == 4
    assert other.value("breadth.basket_residual", basket="winners") == found.value(
        "breadth.basket_residual", basket="winners"
    )
    assert section.frames["leaders"]["label"].iloc[-1] == "SPLV (simulated)"


def test_without_the_market_no_share_of_its_highs_is_stated(taken: Taken) -> None:
    found = breadth(*without(taken, "SPY")).findings
    near = found.get("breadth.market_high_near")
    assert near is not None and (near.value, near.n, near.low) == (None, 0, None)
    assert found.value("breadth.rotation_score") is None


# pairs, baskets, lags


def test_a_ratio_changes_by_the_difference_of_two_returns(taken: Taken, found: Findings) -> None:
    index = taken[0].wide("close", "total_return", ["RSP", "SPY"])
    moved = index.iloc[-1] / index.iloc[-22] - 1
    label = "RSP (simulated)/SPY (simulated)"
    assert found.value("breadth.ratio_change", ratio=label, window=21) == pytest.approx(moved["RSP"] - moved["SPY"])


def test_one_pair_may_stand_for_two_things(taken: Taken) -> None:
    snapshot, params = taken
    same = breadth(snapshot, replaced(params, small="RSP")).findings
    first, second = (same.get("breadth.ratio_mean_distance", role=role) for role in ("equal_weight", "small"))
    assert first is not None and second is not None and first.value == second.value


def test_a_rising_market_alone_leaves_a_basket_nothing(taken: Taken) -> None:
    snapshot, params = taken
    market = snapshot.wide("close", "total_return", [params.market])[params.market]
    steps = market / market.shift(1) - 1
    line = 100 * (1 + 1.3 * steps.fillna(0)).cumprod()
    found = leadership.rotation.residual(line, market)
    assert found.beta == pytest.approx(1.3)
    assert abs(found.left) < 0.01


def test_scores_compare_all_funds_of_the_baskets(found: Findings) -> None:
    scores = [item.value for item in found.all("breadth.fund_score")]
    assert len(scores) == 11
    assert np.mean(scores) == pytest.approx(0.5)
    means = {name: found.value("breadth.basket_score", basket=name) for name in ("winners", "losers")}
    assert found.value("breadth.rotation_score") == pytest.approx(means["winners"] - means["losers"])


def test_the_markets_high_is_looked_for_on_both_sides_of_a_breakout(taken: Taken, found: Findings) -> None:
    high = {name: day.supported(taken[0], name, "high") for name in ("IJH", "SPY")}
    close = taken[0].wide("close", "tape", ["IJH"])
    events = np.flatnonzero(breakout.breakout_events(high["IJH"], close, 252, 21)["IJH"])
    made = breakout.new_high(high["SPY"], 252)["SPY"].to_numpy()
    whole = [place for place in events if place - 21 >= 252 and place + 21 < len(made)]
    met = [place for place in whole if made[place - 21 : place + 22].any()]
    near, base = found.get("breadth.market_high_near"), found.get("breadth.market_high_base")
    assert near is not None and base is not None
    assert (near.n, near.value) == (len(whole), len(met) / len(whole))
    assert (near.low, near.high) == statistics.wilson(len(met), len(whole))
    days = range(252 + 21, len(made) - 21)
    assert base.n == len(days)
    assert base.value == pytest.approx(np.mean([made[place - 21 : place + 22].any() for place in days]))


def test_members_that_follow_a_day_later_are_found_to(taken: Taken) -> None:
    snapshot, params = taken
    bars = snapshot.background.member_bars.sort_values(["symbol", "date"])
    late = bars.groupby("symbol")[["open", "high", "low", "close"]].shift(1)
    found = breadth(*with_background(taken, member_bars=bars.assign(**late, dividend=0.0))).findings
    assert found.value("breadth.who_leads") == "fund first"
    assert found.value("breadth.lead_lag", lag=1) > 0.9


# the verdict


def test_the_verdict_is_that_of_the_conditions_stated(found: Findings) -> None:
    stated = {item.key["condition"]: item.value for item in found.all("breadth.condition")}
    assert tuple(stated) == broadening.CONDITIONS
    row = pd.DataFrame([{name: np.nan if value is None else float(value) for name, value in stated.items()}])
    assert found.value("breadth.verdict") == broadening.verdict(row).iloc[0]
    assert found.value("breadth.conditions_met") == sum(value is True for value in stated.values())


def test_a_past_verdict_is_the_same_as_it_was_then(taken: Taken) -> None:
    now = breadth(*taken).frames["verdicts"].set_index("date")["verdict"]
    for past in ("2025-12-31", "2026-02-27"):
        then = breadth(taken[0].cut(past), taken[1])
        words = then.frames["verdicts"].set_index("date")["verdict"]
        assert words.loc[now.index[0] :].tolist() == now.loc[:past].tolist()
        assert then.findings.value("breadth.verdict") == now[past]


@lru_cache(maxsize=1)
def sample_rows() -> dict[str, pd.DataFrame]:
    """Simulated bars of the funds read and of eight members."""
    source, (_, params) = open_source("sample"), take(as_of=AS_OF)
    names = {"funds": params.symbols, "members": tuple(f"S{number:02d}" for number in range(1, 9))}
    return {
        name: pd.concat(
            [source.history(symbol, "2016-01-04", "2026-05-29").bars.assign(symbol=symbol) for symbol in symbols],
            ignore_index=True,
        )
        for name, symbols in names.items()
    }


@pytest.fixture
def from_files(tmp_path: Path) -> Callable[..., Taken]:
    def made(as_of: str, until: str) -> Taken:
        paths = {}
        for name, rows in sample_rows().items():
            (tmp_path / until).mkdir(exist_ok=True)
            paths[name] = str(tmp_path / until / f"{name}.parquet")
            rows[rows["date"] <= pd.Timestamp(until)].to_parquet(paths[name], index=False)
        listed = tmp_path / "list.csv"
        listed.write_text("symbol,date\n" + "".join(f"S{number:02d},2020-01-02\n" for number in range(1, 9)))
        sources = {"bars": [paths["funds"]], "members": str(listed), "members_bars": [paths["members"]]}
        return take(sources=sources, as_of=as_of)

    return made


@pytest.mark.parametrize("as_of", ["2019-08-14", "2024-03-28", "2026-04-16"])
def test_every_finding_equals_the_one_on_data_cut_at_its_day(from_files: Callable[..., Taken], as_of: str) -> None:
    whole, cut = breadth(*from_files(as_of, "2026-05-29")), breadth(*from_files(as_of, as_of))
    assert list(cut.findings) == list(whole.findings)
    for name, frame in whole.frames.items():
        pd.testing.assert_frame_equal(cut.frames[name], frame)


# every parameter, every run


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mega", "XLG"),
        ("market", "RSP"),
        ("small", "MDY"),
        ("breadth_ma", [20]),
        ("winners", ["XLI"]),
        ("losers", ["XLP"]),
        ("quality", "SPLV"),
        ("value", "XLF"),
        ("growth", "XLK"),
        ("equal_weight", "MDY"),
        ("window", 126),
        ("quiet_gap", 5),
    ],
)
def test_each_parameter_changes_something(taken: Taken, found: Findings, name: str, value: object) -> None:
    changes = {name: value} | ({"mega_checks": []} if name == "mega" else {})
    snapshot, params = taken
    assert values(breadth(snapshot, replaced(params, **changes)).findings) != values(found)


def test_the_verdict_reads_the_fifty_day_mean_whatever_is_shown(taken: Taken, found: Findings) -> None:
    snapshot, params = taken
    section = breadth(snapshot, replaced(params, breadth_ma=[20]))
    assert section.findings.value("breadth.verdict") == found.value("breadth.verdict")
    assert section.findings.value("breadth.above_mean", window=50) == found.value("breadth.above_mean", window=50)
    assert set(section.frames["members"]["window"]) == {20}


def test_the_section_takes_a_fraction_of_a_second(taken: Taken) -> None:
    def seconds() -> float:
        snapshot = replace(taken[0])  # nothing is remembered of the run before
        start = process_time()
        breadth(replace(snapshot, background=replace(snapshot.background)), taken[1])
        return process_time() - start

    assert min(seconds() for _ in range(3)) < 0.6


# real bars


@pytest.fixture(scope="module")
def real_day(shared_data: Path) -> Callable[[str], Findings]:
    @lru_cache(maxsize=2)
    def made(as_of: str) -> Findings:
        bars = [str(shared_data / name) for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")]
        sources = {
            "bars": bars,
            "members": str(shared_data / "constituents" / "sp400_2026-04-17.csv"),
            "members_bars": [str(shared_data / "stocks_adjclose_sp400_sp500.parquet")],
        }
        return breadth(*take(sources=sources, as_of=as_of)).findings

    return made


@pytest.mark.slow
def test_the_17th_of_april_2026_is_not_called_broadening(real_day: Callable[[str], Findings]) -> None:
    found = real_day("2026-04-17")
    assert found.value("breadth.condition", condition="mid_mega_high") is False
    assert found.value("breadth.condition", condition="equal_weight") is False
    assert found.value("breadth.verdict") == "recovering"
    held = found.get("breadth.members_held")
    assert held is not None and (held.value, held.n) == (390, 400)


@pytest.mark.slow
def test_a_bad_splice_of_one_member_makes_no_lead(real_day: Callable[[str], Findings]) -> None:
    found = real_day("2026-04-17")
    assert found.value("breadth.lead_lag", lag=0) > 0.95
    assert found.value("breadth.who_leads") == "neither"
