from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.data import bars as tidy_bars
from helpers.data import calendar, intake
from helpers.data.bars import PRICES
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.yahoo import YahooSource
from helpers.data.upkeep.holding import QUARANTINE
from helpers.data.upkeep.update import Report, update
from tests.data.desk import SYMBOLS, Desk, at
from tests.loopback import faults
from tests.loopback.chart import Charts
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

EVE, DAY, NEXT = "2026-04-10", "2026-04-13", "2026-04-14"
FIRST = "2025-11-03"
DAYS = [str(day.date()) for day in calendar.trading_days("2026-01-05", "2026-04-17").index]
PAIR = ("IJH", "MGC")
IN_A_LOOP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class Happening(NamedTuple):
    """Something that befalls a symbol between two updates; `place` counts trading days, `size` is its amount."""

    kind: str
    symbol: str
    place: int
    size: float


class Step(NamedTuple):
    """So many trading days go by, things happen, and some symbols are updated, of an evening or before the opening."""

    days: int
    symbols: tuple[str, ...]
    happenings: tuple[Happening, ...] = ()
    clock: str = "20:00"


def happenings() -> st.SearchStrategy[Happening]:
    sizes = {
        "split": st.sampled_from([2.0, 4.0, 0.1]),
        "dividend": st.sampled_from([0.05, 0.5, 2.0]),
        "drop": st.just(0.0),
        "blank": st.just(0.0),
        "restore": st.just(0.0),
        "close": st.floats(0.97, 1.03).filter(lambda factor: abs(factor - 1) > 0.002),
        "volume": st.sampled_from([0.5, 0.995, 1.005, 2.0]),
        "fault": st.sampled_from([0.0, 1.0, 2.0]),
    }
    return st.one_of(
        *(
            st.builds(Happening, st.just(kind), st.sampled_from(PAIR), st.integers(0, 4), size)
            for kind, size in sizes.items()
        )
    )


def steps(longest: int) -> st.SearchStrategy[list[Step]]:
    clocks = st.sampled_from(["20:00", "08:00"])
    chosen = st.sampled_from([PAIR, PAIR[:1], PAIR[1:]])
    happened = st.lists(happenings(), max_size=3).map(tuple)
    return st.lists(st.builds(Step, st.integers(1, 7), chosen, happened, clocks), min_size=1, max_size=longest)


FAULTS = ("500", "reset", "truncated")


class Story:
    """A store that is kept through a list of steps, each happening made of one that a vendor is known for."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        world = World.synthetic(PAIR, first=FIRST)
        for history in world.histories.values():
            history.dividends = {np.datetime64("2026-02-04"): 0.31}
        desk.server.heal()
        desk.server.world = world
        desk.server._charts = Charts(world)
        self.kept = Desk(desk.server, folder / "kept", PAIR)
        self.once = Desk(desk.server, folder / "once", PAIR)
        self.world, self.server = world, desk.server
        self.eventful: set[tuple[str, str]] = set()

    def run(self, told: list[Step]) -> None:
        world, at = self.world, 0
        world.last = DAYS[at]
        self._update(self.kept, PAIR)
        for step in told:
            new = DAYS[at + 1 : at + 1 + step.days]
            at += step.days
            world.last = new[-1]
            for item in step.happenings:
                self._happens(item, new, DAYS[at - step.days])
            self._update(self.kept, step.symbols, step.clock)
            self.server.heal()
        for symbol in PAIR:
            self._restore(symbol)
        world.last = DAYS[at + 1]
        self._update(self.kept, PAIR)
        self._update(self.once, PAIR)

    def _update(self, desk: Desk, symbols: tuple[str, ...], clock: str = "20:00") -> None:
        desk.symbols = symbols
        desk.update(clock=clock)
        for symbol in symbols:
            assert desk.holding(symbol).fault != QUARANTINE, "nothing that happens here is beyond explanation"

    def _happens(self, item: Happening, new: list[str], before: str) -> None:
        symbol, day = item.symbol, new[min(item.place, len(new) - 1)]
        history = self.world.histories[symbol]
        if item.kind == "split":
            self.world.split(symbol, day, item.size)
        elif item.kind == "dividend":
            self.world.dividend(symbol, day, item.size)
        elif item.kind == "drop":
            self.world.drop(symbol, day)
        elif item.kind == "blank":
            self.world.blank(symbol, day)
        elif item.kind == "restore":
            self._restore(symbol)
        elif item.kind in ("close", "volume"):
            self._revise(symbol, item)
        else:
            self.server.fault(symbol, FAULTS[int(item.size)], *(["ok"] if item.place % 2 else []))
        history.revision += 1

    def _revise(self, symbol: str, item: Happening) -> None:
        """Another value of a bar that is held and still within the overlap."""
        last = self.kept.holding(symbol).last
        shown = self.world.bars(symbol).loc[:last].dropna()
        bar = shown.iloc[-1 - item.place]
        day = str(bar.name.date())
        if item.kind == "volume":
            self.world.revise(symbol, day, "volume", round(bar["volume"] * item.size))
            return
        for name in PRICES:
            self.world.revise(symbol, day, name, bar[name] * item.size)

    def _restore(self, symbol: str) -> None:
        history = self.world._changed(symbol)
        history.absent, history.null = set(), set()


def assert_same(kept: Desk, once: Desk) -> None:
    """Both stores hold the same bars bit by bit, and what the provider tells."""
    pd.testing.assert_frame_equal(kept.store.read(), once.store.read(), check_exact=True)
    assert all(kept.is_complete(symbol) for symbol in PAIR)


def kept_as_fetched_once(desk: Desk, tmp_path: Path, told: list[Step], number: Iterator[int]) -> None:
    story = Story(desk, tmp_path / str(next(number)))
    story.run(told)
    assert_same(story.kept, story.once)


NUMBERS = itertools.count()


@settings(IN_A_LOOP, max_examples=8)
@given(told=steps(4))
def test_any_steps_hold_what_one_fetch_on_the_last_day_holds(desk: Desk, tmp_path: Path, told: list[Step]) -> None:
    kept_as_fetched_once(desk, tmp_path, told, NUMBERS)


@pytest.mark.slow
@settings(IN_A_LOOP, max_examples=60)
@given(told=steps(8))
def test_any_long_steps_hold_what_one_fetch_on_the_last_day_holds(desk: Desk, tmp_path: Path, told: list[Step]) -> None:
    kept_as_fetched_once(desk, tmp_path, told, NUMBERS)


def through(desk: Desk, first: str, last: str, **options: Any) -> None:
    """An update on the evening of every trading day."""
    for day in calendar.trading_days(first, last).index:
        desk.world.last = str(day.date())
        desk.update(**options)


@pytest.mark.parametrize("ratio", [2.0, 4.0, 0.1])
def test_a_later_split_reads_as_if_it_had_been_known_all_along(desk: Desk, ratio: float) -> None:
    desk.update()
    desk.world.split("IJH", DAY, ratio)
    desk.world.last = DAY
    report = desk.update()
    assert report.outcomes[0][1:] == ("rebuilt", f"split {ratio:g} for 1")
    assert desk.is_complete() and desk.store.superseded().empty
    assert desk.holding().revisions == ({"on": DAY, "what": f"split {ratio:g} for 1", "days": [DAY]},)


def test_a_split_known_on_the_morning_of_its_day_is_no_unexplained_price(desk: Desk) -> None:
    desk.update()
    desk.world.split("IJH", NEXT, 2)
    desk.world.last = NEXT
    desk.update(clock="08:00")
    assert desk.holding().fault == "" and desk.holding().last == DAY, desk.holding().cause
    desk.update()
    assert desk.is_complete() and desk.status() == "fresh"


def test_a_split_on_a_day_without_prices_is_not_lost(desk: Desk) -> None:
    desk.update()
    desk.world.split("IJH", DAY, 2)
    desk.world.blank("IJH", DAY)
    desk.world.last = NEXT
    desk.update()
    assert desk.holding().fault == "", desk.holding().cause
    desk.world.restore("IJH")
    desk.update()
    assert desk.is_complete()


def test_a_revised_price_keeps_the_old_bar_and_the_version_that_held_it(desk: Desk) -> None:
    desk.update()
    before, version = desk.bars(), desk.store.version
    desk.world.last = DAY
    desk.world.revise("IJH", "2026-04-08", "close", before.loc["2026-04-08", "close"] * 0.99)
    assert desk.update().outcomes[0][1:] == ("rebuilt", "prices restated: 2026-04-08")
    old = desk.store.superseded()
    assert old[["symbol", "version", "close"]].to_numpy().tolist() == [["IJH", version, before["close"]["2026-04-08"]]]
    assert str(old["replaced_on"].iloc[0].date()) == DAY
    assert desk.holding().revisions == ({"on": DAY, "what": "prices", "days": ["2026-04-08"]},)
    assert desk.is_complete()


@pytest.mark.parametrize(("factor", "is_kept"), [(1.009, False), (1.02, True), (0.5, True)])
def test_a_volume_is_kept_as_superseded_when_it_moves_by_more_than_a_percent(
    desk: Desk, factor: float, is_kept: bool
) -> None:
    desk.update()
    before = desk.bars().loc["2026-04-09", "volume"]
    desk.world.revise("IJH", "2026-04-09", "volume", round(before * factor))
    desk.world.last = DAY
    desk.update()
    old = desk.store.superseded()
    assert (old["volume"].tolist(), len(desk.holding().revisions)) == (([before], 1) if is_kept else ([], 0))
    assert desk.is_complete()


def test_a_dividend_told_later_takes_its_place_and_the_old_bar_is_kept(desk: Desk) -> None:
    desk.update()
    desk.world.dividend("IJH", EVE, 0.7)
    desk.world.last = DAY
    desk.update()
    assert desk.holding().revisions == ({"on": DAY, "what": "dividend", "days": [EVE]},)
    assert desk.store.superseded()["dividend"].tolist() == [0.0]
    assert desk.is_complete()


def test_a_provider_that_lost_its_past_is_not_believed(desk: Desk) -> None:
    desk.update()
    before = desk.bars()
    desk.world.last = DAY
    desk.world.split("IJH", DAY, 2)
    desk.world.drop("IJH", *(str(day.date()) for day in before.index[:100]))
    desk.update()
    assert (
        desk.holding().fault == "Transient" and "218 of the 318 days held; what is held is kept" in desk.holding().cause
    )
    pd.testing.assert_frame_equal(desk.bars(), before)
    desk.world.restore("IJH")
    desk.update()
    assert desk.is_complete()


def test_days_that_the_provider_lost_are_kept_through_a_split(desk: Desk) -> None:
    desk.update()
    before = desk.bars()
    lost = [str(day.date()) for day in before.index[5:10]]
    desk.world.drop("IJH", *lost)
    desk.world.split("IJH", DAY, 2)
    desk.world.last = DAY
    desk.update()
    assert desk.holding().fault == "" and desk.holding().holes == {}
    np.testing.assert_allclose(desk.bars().loc[lost, "close"], before.loc[lost, "close"] / 2)


def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults of answers that count dividends in the adjusted close, and state none or the half."""

    def left_out(result: dict[str, Any], amount: float) -> None:
        result.get("events", {}).pop("dividends", None)

    def halved(result: dict[str, Any], amount: float) -> None:
        for paid in result.get("events", {}).get("dividends", {}).values():
            paid["amount"] /= 2

    monkeypatch.setitem(faults.FAULTS, "dividends untold", faults._of_result(left_out))
    monkeypatch.setitem(faults.FAULTS, "dividends halved", faults._of_result(halved))


@pytest.mark.parametrize("fault", ["dividends untold", "dividends halved"])
def test_a_doubtful_dividend_stays_unknown_as_days_go_by(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    untold(monkeypatch)
    desk.world.histories["IJH"].dividends = {np.datetime64("2026-03-25"): 0.9}
    desk.server.fault("IJH", fault)
    through(desk, "2026-04-01", "2026-04-17")
    assert desk.holding().doubtful_dividends == ("2026-03-25",)
    assert desk.bars()["dividend"].isna().sum() == 1 and desk.store.superseded().empty
    bars = desk.store.read(["IJH"])
    index = tidy_bars.wide(bars, "close", "total_return")["IJH"].to_numpy()
    adjusted = desk.world.bars("IJH")["adjclose"].to_numpy()
    np.testing.assert_allclose(index, 100 * adjusted / adjusted[0], rtol=1e-6)


def test_a_doubtful_dividend_that_is_told_after_all_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    untold(monkeypatch)
    desk.world.dividend("IJH", "2026-04-08", 0.9)
    desk.server.fault("IJH", "dividends untold")
    desk.update()
    assert desk.holding().doubtful_dividends[-1] == "2026-04-08"
    desk.server.heal()
    desk.world.last = DAY
    desk.update()
    held = desk.store.read(["IJH"]).set_index("date")
    assert held.loc["2026-04-08", "dividend"] == pytest.approx(0.9) and np.isnan(held.loc["2026-04-08", "adj_close"])
    assert "2026-04-08" not in desk.holding().doubtful_dividends


def test_a_second_update_on_a_day_asks_nothing(desk: Desk) -> None:
    desk.update()
    version = desk.store.version
    report = desk.update()
    assert {outcome.done for outcome in report.outcomes} == {"current"} and report.version == version
    assert desk.server.log == []


def test_the_next_days_update_asks_once_a_symbol_from_ten_trading_days_before(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.update()
    assert [asked.kind for asked in desk.server.log] == ["chart"] * 4
    assert sorted(asked.symbol for asked in desk.server.log) == sorted(SYMBOLS)
    expected = str(calendar.trading_days("2026-03-01", EVE).index[-11].date())
    for asked in desk.server.log:
        begins = dt.datetime.fromtimestamp(int(asked.query["period1"]), calendar.EXCHANGE_ZONE)
        assert begins.date().isoformat() == expected


LIVE = (100.0, 101.0, 99.0, 100.5, 1_000_000.0)


def live(desk: Desk, symbols: tuple[str, ...] = SYMBOLS) -> None:
    """A bar of the day after the world's last, as it stands in mid-session."""
    for symbol in symbols:
        close = float(desk.world.bars(symbol)["close"].iloc[-1])
        desk.world.live[symbol] = tuple(close * part / 100 for part in LIVE[:4]) + LIVE[4:]


@pytest.mark.parametrize("clock", ["12:00", "15:59", "16:00", "16:10", "16:29"])
def test_a_day_that_is_not_settled_is_not_asked_for(desk: Desk, clock: str) -> None:
    desk.update()
    desk.world.last = DAY
    desk.update(clock=clock)
    assert desk.server.log == [] and desk.holding().last == EVE


@pytest.mark.parametrize("clock", ["12:00", "16:10"])
def test_a_day_that_is_not_settled_is_not_stored_by_who_asks_for_older_ones(desk: Desk, clock: str) -> None:
    desk.world.last = "2026-04-09"
    desk.update()
    desk.world.last = DAY
    desk.update(clock=clock)
    assert desk.holding().last == EVE and desk.holding().provisional == DAY
    desk.update(clock="16:31")
    assert desk.is_complete() and desk.holding().provisional == ""


def test_a_bar_taken_in_mid_session_is_not_stored_in_the_evening_either(desk: Desk) -> None:
    desk.update()
    live(desk, ("IJH",))
    evening = Evening(desk, DAY)
    evening.update()
    assert (desk.holding().last, desk.holding().provisional) == (EVE, DAY)
    assert evening.status() == "stale"
    desk.world.live.clear()
    desk.world.last = DAY
    desk.update()
    assert (desk.holding().provisional, desk.status()) == ("", "fresh") and desk.is_complete()


class Evening:
    """An update at eight in the evening of a day that the provider has not finished."""

    def __init__(self, desk: Desk, day: str) -> None:
        self.desk, self.day = desk, day

    def update(self) -> Report:
        attempts = Attempts("Yahoo Finance", first_wait=0.01)
        provider = YahooSource(self.desk.store.home / "yfinance", attempts, timeout=0.5)
        return update(self.desk.store, provider, self.desk.symbols, now=at(self.day))

    def status(self) -> str:
        return intake.look(self.desk.params, now=at(self.day)).status("IJH").status


@pytest.mark.parametrize(("clock", "last"), [("13:29", "2025-11-26"), ("13:31", "2025-11-28")])
def test_a_half_day_settles_half_an_hour_after_its_early_close(desk: Desk, clock: str, last: str) -> None:
    desk.world.last = "2025-11-25"
    desk.update()
    desk.world.last = "2025-11-28"
    desk.update(clock=clock)
    assert (desk.holding().last, desk.holding().fault) == (last, "")


def test_a_day_that_many_symbols_lack_is_the_providers_outage(desk: Desk) -> None:
    desk.update()
    for symbol in SYMBOLS[:3]:
        desk.world.drop(symbol, DAY)
    desk.world.last = NEXT
    assert desk.update().outages == {DAY: 3}
    assert desk.holding().holes == {DAY: NEXT} and desk.holding("IJR").holes == {}
    for symbol in SYMBOLS[:3]:
        desk.world.restore(symbol)
    report = desk.update()
    assert report.outages == {} and {asked.symbol for asked in desk.server.charts()} == set(SYMBOLS[:3])
    assert desk.holding().holes == {} and desk.is_complete()


def test_a_day_that_two_symbols_lack_is_no_outage(desk: Desk) -> None:
    desk.update()
    for symbol in SYMBOLS[:2]:
        desk.world.drop(symbol, DAY)
    desk.world.last = NEXT
    assert desk.update().outages == {}


def test_a_last_day_that_is_not_there_yet_is_an_outage_too(desk: Desk) -> None:
    desk.update()
    assert Evening(desk, DAY).update().outages == {DAY: 4}


def test_a_hole_is_asked_for_again_for_ninety_days(desk: Desk) -> None:
    desk.symbols = ("IJH",)
    desk.world.drop("IJH", DAY)
    desk.world.last = NEXT
    desk.update()
    desk.world.histories["IJH"].revision += 1
    assert desk.holding().holes == {DAY: NEXT}
    assert desk.holding().asked_again("2026-07-12") == (DAY,) and desk.holding().asked_again("2026-07-13") == ()
    desk.update()
    assert len(desk.server.charts()) == 1
    Evening(desk, "2026-07-14").update()
    begins = dt.datetime.fromtimestamp(int(desk.server.charts()[-1].query["period1"]), calendar.EXCHANGE_ZONE)
    assert begins.date().isoformat() == "2026-03-30", "ten trading days before the last bar, not before the hole"


def test_nothing_of_a_doubtful_answer_is_merged(desk: Desk) -> None:
    desk.update()
    before = desk.store.read()
    desk.world.last = DAY
    for symbol in SYMBOLS:
        desk.world.rescale(symbol, 0.8, before=DAY)
    report = desk.update()
    assert {outcome.done for outcome in report.outcomes} == {"quarantined"}
    assert "1.25" in report.outcomes[0].detail or "0.8 times" in report.outcomes[0].detail
    pd.testing.assert_frame_equal(desk.store.read(), before)


@pytest.mark.parametrize("kind", ["rescaled", "listing"])
def test_what_a_person_accepts_is_taken_and_the_old_values_are_kept(desk: Desk, kind: str) -> None:
    desk.update()
    before, version = desk.bars(), desk.store.version
    desk.world.last = DAY
    desk.world.rescale("IJH", 0.8, before=DAY)
    if kind == "listing":
        desk.world.meta("IJH", exchangeName="LSE", currency="GBP")
    desk.update()
    assert desk.holding().fault == "BadData" and "--accept IJH" in desk.holding().cause
    report = desk.update(accept=["IJH"])
    assert report.outcomes[0].done == "rebuilt" and desk.is_complete() and desk.status() == "fresh"
    old = desk.store.superseded()
    np.testing.assert_array_equal(old["close"], before["close"])
    assert set(old["symbol"]) == {"IJH"} and len(old["version"].unique()) == 1 and version
    assert (desk.holding().exchange, desk.holding().currency) == (
        ("LSE", "GBP") if kind == "listing" else ("PCX", "USD")
    )
    desk.world.last = NEXT
    desk.update()
    assert desk.is_complete() and desk.holding().fault == ""


def test_a_provider_that_heals_ends_the_quarantine_without_a_person(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.world.rescale("IJH", 0.8, before=DAY)
    desk.update()
    assert desk.status() == "quarantined"
    desk.world.restore("IJH")
    desk.update()
    assert desk.status() == "fresh" and desk.is_complete() and desk.store.superseded().empty


def test_a_symbol_without_an_exchange_is_unknown_on_the_second_day(desk: Desk) -> None:
    desk.server.fault("IJH", "no zone", on="zone")
    desk.server.fault("IJH", "no zone")
    for _ in range(2):
        desk.update()
        assert (desk.holding().fault, len(desk.holding().zoneless)) == ("Transient", 1), "twice on one day is once"
    desk.world.last = DAY
    desk.update()
    assert (desk.holding().fault, len(desk.holding().zoneless)) == ("UnknownSymbol", 2)
    assert "on 2 days" in desk.holding().cause
    desk.server.heal()
    desk.update()
    assert (desk.holding().fault, desk.holding().zoneless) == ("", ()) and desk.is_complete()


def test_a_provider_that_names_no_exchange_for_anybody_makes_no_symbol_unknown(desk: Desk) -> None:
    desk.server.fault("*", "no zone", on="zone")
    desk.server.fault("*", "no zone")
    for day in ("2026-04-10", DAY, NEXT):
        desk.world.last = day
        desk.update()
    assert (desk.holding().fault, desk.holding().zoneless) == ("Transient", ())


def test_another_fault_between_two_runs_without_an_exchange_is_no_second_run(desk: Desk) -> None:
    desk.server.fault("IJH", "no zone", on="zone")
    desk.server.fault("IJH", "no zone")
    desk.update()
    desk.server.fault("IJH", "reset", on="zone")
    desk.server.fault("IJH", "reset")
    desk.update()
    assert (desk.holding().fault, desk.holding().zoneless) == ("Transient", ())


def test_a_refetch_that_finds_the_same_writes_no_new_bar(desk: Desk) -> None:
    desk.update()
    before = desk.store.read()
    report = desk.update(refetch=["IJH"])
    assert report.outcomes[0].done in ("new", "rebuilt") and len(desk.server.charts()) == 1
    pd.testing.assert_frame_equal(desk.store.read(), before)
