from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.errors import (
    BreadthbookError,
    RateLimited,
    SchemaChanged,
    TlsProblem,
    Transient,
    UnknownSymbol,
    UsageError,
)
from helpers.data import calendar, macro
from helpers.data.facts import Facts
from helpers.data.sources import fred
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.fred import FredSource
from tests.loopback import Loopback, Replay, World
from tests.loopback.answers import Answer, Query, as_json
from tests.loopback.world import FRED_KEY

DAYS = calendar.trading_days("2019-01-02", "2026-04-16").index


@pytest.fixture
def world() -> World:
    """A daily rate, and weekly claims of which one week was revised two weeks later."""
    world = World(last="2026-04-17")
    rates = 3 + np.round(np.sin(np.arange(len(DAYS)) / 90), 2)
    published = macro.publication_days("DGS10", DAYS.to_numpy())[0]
    world.series["DGS10"] = [
        (str(day.date()), float(rate), str(out)) for day, rate, out in zip(DAYS, rates, published, strict=True)
    ]
    world.series["ICSA"] = [
        ("2026-03-14", 220000.0, "2026-03-19"),
        ("2026-03-21", 225000.0, "2026-03-26"),
        ("2026-03-14", 221000.0, "2026-04-02"),
        ("2026-03-28", None, "2026-04-02"),
    ]
    return world


@pytest.fixture
def loopback(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(world) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("FRED_API_KEY", raising=False)
        yield server


def source(key: str | None = None, **settings: Any) -> FredSource:
    return FredSource(Attempts("FRED", rate_limit_waits=(), **settings), key, timeout=1.0)


def rows(frame: pd.DataFrame) -> list[tuple[str, str, float, str]]:
    days = [frame[name].dt.strftime("%Y-%m-%d") for name in ("date", "published")]
    return list(zip(*days, frame["value"], frame["publication"], strict=True))


class Said(Replay):
    """Answers that the world does not give, by what is asked."""

    def __init__(self, said: Callable[[str, Query], Answer | None]) -> None:
        self.recorded, self.said = {}, said

    def answer(self, path: str, query: Query) -> Answer | None:
        return self.said(path, query)


def refusal(reason: str) -> Answer:
    return as_json({"error_code": 400, "error_message": f"Bad Request.  {reason}"}, 400)


def file_of(text: str) -> Callable[[str, Query], Answer | None]:
    return lambda path, query: Answer(200, text.encode(), "text/csv")


# --- without a key


def test_the_free_file_is_dated_by_the_publishers_schedule(loopback: Loopback) -> None:
    frame = source().series("icsa")
    assert rows(frame) == [
        ("2026-03-14", "2026-03-19", 221000.0, "stated"),
        ("2026-03-21", "2026-03-26", 225000.0, "stated"),
    ]
    assert tuple(frame.columns) == macro.COLUMNS and set(frame["series"]) == {"ICSA"}
    assert [str(kind) for kind in frame.dtypes] == ["str", "datetime64[s]", "datetime64[s]", "float64", "str"]


def test_a_start_is_asked_for(loopback: Loopback) -> None:
    frame = source().series("DGS10", "2026-04-13")
    assert frame["date"].min() == pd.Timestamp("2026-04-13")
    assert [asked.query for asked in loopback.log] == [{"id": "DGS10", "cosd": "2026-04-13"}]
    assert source().series("DGS10", "2026-04-18").empty, "nothing observed since is no fault"


@pytest.mark.parametrize(
    ("series", "observed", "published"),
    [
        ("DGS10", "2026-04-02", "2026-04-06"),  # Good Friday
        ("DGS2", "2025-10-10", "2025-10-14"),  # Columbus Day: the exchange trades, the Fed publishes nothing
        ("BAMLH0A0HYM2", "2026-04-17", "2026-04-20"),
        ("ICSA", "2026-04-11", "2026-04-16"),
        ("ICSA", "2025-11-22", "2025-11-28"),  # the Thursday is Thanksgiving
        ("CCSA", "2026-04-04", "2026-04-16"),
    ],
)
def test_the_rules_of_publication(series: str, observed: str, published: str) -> None:
    days, publication = macro.publication_days(series, np.array([observed], dtype="datetime64[D]"))
    assert (str(days[0]), publication) == (published, "stated")


@pytest.mark.parametrize(
    ("every", "observed", "published"),
    [
        ("B", "2026-04-16", "2026-04-23"),
        ("W-FRI", "2026-04-10", "2026-05-08"),
        ("MS", "2026-01-01", "2026-04-06"),  # 65 days after the last day of January
        ("QS", "2025-10-01", "2026-04-30"),
        ("YS", "2024-01-01", "2025-12-31"),
    ],
)
def test_other_series_are_assumed_late(every: str, observed: str, published: str) -> None:
    dates = pd.date_range(end=observed, periods=4, freq=every).to_numpy()
    days, publication = macro.publication_days("ANFCI", dates)
    assert (str(days[-1]), publication) == (published, "assumed")
    assert (np.diff(days) >= np.timedelta64(0, "D")).all()


def test_one_observation_alone_is_assumed_latest() -> None:
    days, publication = macro.publication_days("GDP", np.array(["1919-01-01"], dtype="datetime64[D]"))
    assert publication == "assumed" and str(days[0]) == "1926-01-04", "before the calendar begins: its first day"


def test_missing_values_are_no_rows_and_old_headers_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "DATE,DGS10\r\n2026-04-14,4.25\r\n2026-04-15,.\r\n2026-04-16,\r\n"
    with Loopback(world, replay=Said(file_of(text))) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert rows(source("").series("DGS10")) == [("2026-04-14", "2026-04-15", 4.25, "stated")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("observation_date,DGS10\n2026-04-14,4.25\n2026-04-15,n/a\n", "the value 'n/a' of 2026-04-15"),
        ("observation_date,DGS10\n2026-04-14,inf\n", "the value 'inf'"),
        ("observation_date,DGS10\n14/04/2026,4.25\n", "'14/04/2026' instead of a day"),
        ("observation_date,DGS10\n2026-04-14,4,25\n", "a row '2026-04-14,4,25'"),
        ("day,value,flag\n2026-04-14,4.25,a\n", "columns day, value, flag instead of observation_date, DGS10"),
    ],
)
def test_another_form_is_told(text: str, found: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(world, replay=Said(file_of(text))) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SchemaChanged, match=found):
            source("").series("DGS10")
        assert len(server.log) == 1, "asking again does not help"


# --- with a key


def test_with_a_key_each_release_has_its_day(loopback: Loopback) -> None:
    assert rows(source(FRED_KEY).series("ICSA")) == [
        ("2026-03-14", "2026-03-19", 220000.0, "vintage"),
        ("2026-03-14", "2026-04-02", 221000.0, "vintage"),
        ("2026-03-21", "2026-03-26", 225000.0, "vintage"),
    ]


def test_the_key_of_the_environment_is_used(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", FRED_KEY)
    source().series("ICSA")
    assert loopback.log[0].host == "api.stlouisfed.org"
    source("").series("ICSA")
    assert loopback.log[1].host == "fred.stlouisfed.org", "an empty key asks for the free file"


def test_pages_are_put_together(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = source(FRED_KEY).series("DGS10", "2026-01-02")
    loopback.clear_log()
    monkeypatch.setattr(fred, "PAGE_ROWS", 30)
    pd.testing.assert_frame_equal(source(FRED_KEY).series("DGS10", "2026-01-02"), whole)
    assert [asked.query["offset"] for asked in loopback.log] == ["0", "30", "60"] and len(whole) > 60


def test_too_many_releases_are_asked_for_in_spans(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """FRED tells at most 2,000 days of release at once; a daily rate has had some 5,000."""

    def said(path: str, query: Query) -> Answer | None:
        if not path.startswith("/fred"):
            return None
        first, last = query["realtime_start"], query["realtime_end"]
        if last < "2019-01-03":
            return refusal("The series does not exist in ALFRED but may exist in FRED.")
        days = {out for _, _, out in world.series["DGS10"] if first <= out <= last}
        cap = f"There are {len(days)} vintage dates in the specified real-time period: {first} to {last}. "
        cap += "This exceeds the maximum number of vintage dates allowed for this file type (500)."
        return refusal(cap) if len(days) > 500 else None

    with Loopback(world) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        whole = source(FRED_KEY).series("DGS10")
        server.clear_log()
        server.replay = Said(said)
        pd.testing.assert_frame_equal(source(FRED_KEY).series("DGS10"), whole)
        assert len(server.log) > 5


def test_the_first_day_of_the_record_is_no_day_of_publication(loopback: Loopback, world: World) -> None:
    """FRED's record of a series begins on a day; what was observed long before was published long before."""
    began = "2020-01-06"
    world.series["DGS10"] = [(day, rate, max(out, began)) for day, rate, out in world.series["DGS10"]]
    frame = source(FRED_KEY).series("DGS10").set_index("date")
    old, last, new = (frame.loc[day] for day in ("2019-01-02", "2020-01-03", "2020-01-06"))
    assert (str(old["published"].date()), old["publication"]) == ("2019-01-03", "archive")
    assert (str(last["published"].date()), last["publication"]) == ("2020-01-06", "vintage")
    assert (str(new["published"].date()), new["publication"]) == ("2020-01-07", "vintage")


def test_a_series_without_a_record_is_read_from_the_free_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the spreads of ICE BofA FRED keeps no releases, and says so in words that an unknown series gets too."""
    world.series["BAMLH0A0HYM2"] = [("2026-04-15", 2.9, "2026-04-16")]
    reason = "The series does not exist in ALFRED but may exist in FRED."
    said = Said(lambda path, query: refusal(reason) if path.startswith("/fred") else None)
    with Loopback(world, replay=said) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert rows(source(FRED_KEY).series("BAMLH0A0HYM2")) == [("2026-04-15", "2026-04-16", 2.9, "stated")]
        with pytest.raises(UnknownSymbol, match="NOSUCH: FRED has no such series"):
            source(FRED_KEY).series("NOSUCH")


WRONG_KEY = "feedfacefeedfacefeedfacefeedface"


def test_a_wrong_key_is_told_without_the_key(loopback: Loopback) -> None:
    with pytest.raises(UsageError, match="does not accept the API key; correct the variable FRED_API_KEY") as caught:
        source(WRONG_KEY).series("DGS10")
    assert len(loopback.log) == 1
    assert not has_key(caught.value, WRONG_KEY)


@pytest.mark.parametrize("fault", ["reset", "short", "slow:3", "500", "429", "html", "404", "wrong certificate"])
def test_the_key_is_in_no_error_and_no_log(fault: str, loopback: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    loopback.fault("*", fault, on=None if fault == "wrong certificate" else "fred")
    with pytest.raises(BreadthbookError) as caught:
        source(FRED_KEY, tries=1).series("DGS10")
    assert not has_key(caught.value, FRED_KEY)
    assert FRED_KEY not in caplog.text and FRED_KEY not in repr(caplog.records)
    if fault == "500":
        assert "api_key=***" in caplog.text, "the line is there, the key is not"


def has_key(error: BaseException | None, key: str) -> bool:
    """Whether a key is anywhere in an error or in what led to it."""
    while error is not None:
        if key in f"{error!r} {error} {vars(error)}":
            return True
        error = error.__cause__ or error.__context__
    return False


# --- faults


@pytest.mark.parametrize("key", ["", FRED_KEY])
@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("429", RateLimited, "too many requests"),
        ("500", Transient, "status 500"),
        ("502", Transient, "status 502"),
        ("401", Transient, "status 401"),
        ("404", UnknownSymbol, "no such series"),
        ("html", Transient, "sent a page"),
        ("empty", Transient, "sent a page or"),
        ("truncated", Transient, "sent"),
        ("short", Transient, "broke the connection"),
        ("reset", Transient, "broke the connection"),
        ("slow:3", Transient, "did not answer in time"),
        ("refuse", Transient, "cannot be reached"),
        ("wrong certificate", TlsProblem, "set REQUESTS_CA_BUNDLE"),
    ],
)
def test_each_fault_has_its_name(key: str, fault: str, kind: type[Exception], said: str, loopback: Loopback) -> None:
    loopback.fault("*", fault, on="fred" if fault not in ("refuse", "wrong certificate") else None)
    with pytest.raises(kind, match=f"^DGS10: .*{said}"):
        source(key, tries=1).series("DGS10", "2026-04-01")


@pytest.mark.parametrize("key", ["", FRED_KEY])
def test_a_passing_fault_is_tried_again(key: str, loopback: Loopback) -> None:
    loopback.fault("DGS10", "html", "reset", "ok", on="fred")
    assert len(source(key).series("DGS10", "2026-04-13")) == 4
    assert len(loopback.log) == 3


@pytest.mark.parametrize("key", ["", FRED_KEY])
def test_an_unknown_series_is_asked_for_once(key: str, loopback: Loopback) -> None:
    with pytest.raises(UnknownSymbol, match="NOSUCH: FRED has no such series"):
        source(key).series("NOSUCH")
    assert len(loopback.log) == 1
    for name in ("DGS10,DGS2", "../x", ""):
        with pytest.raises(UnknownSymbol):
            source(key).series(name)
    assert len(loopback.log) == 1, "what cannot be a name is not asked for"


def test_a_bundle_that_is_not_there_is_told(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "nowhere.pem")
    with pytest.raises(TlsProblem, match="file of certificate authorities cannot be read"):
        source().series("DGS10")


# --- own pulls


def pull(world: World, day: str, name: str = "DGS10", start: str = "", key: str = "") -> pd.DataFrame:
    world.last = day
    return source(key).series(name, start)


def test_what_is_no_longer_served_is_kept(loopback: Loopback, world: World, tmp_path: Path) -> None:
    """FRED serves about three years of some series."""
    facts = Facts(tmp_path)
    assert macro.record(facts, pull(world, "2026-03-31"), "2026-03-31")
    short = pull(world, "2026-04-17", start="2023-04-17")
    assert macro.record(facts, short, "2026-04-17") and short["date"].min() == pd.Timestamp("2023-04-17")
    held = macro.known(macro.held(facts, "DGS10"))
    assert held["date"].tolist() == DAYS.tolist()
    assert held["value"].tolist() == [rate for _, rate, _ in world.series["DGS10"]]


def test_a_revised_value_is_published_when_it_is_seen(loopback: Loopback, world: World) -> None:
    held = macro.accumulate(None, pull(world, "2026-03-27", "ICSA"), "2026-03-27")
    held = macro.accumulate(held, pull(world, "2026-04-03", "ICSA"), "2026-04-03")
    assert rows(held.iloc[2:3]) == [("2026-03-14", "2026-04-03", 221000.0, "pulled")]
    assert macro.known(held, "2026-04-02")["value"].tolist() == [220000.0, 225000.0]
    assert macro.known(held, "2026-04-03")["value"].tolist() == [221000.0, 225000.0]
    assert macro.known(held, "2026-03-25")["value"].tolist() == [220000.0]
    assert macro.known(held, "2026-03-18").empty


def test_an_observation_that_came_late_was_not_known_before(loopback: Loopback, world: World) -> None:
    late = [(day, rate, "2026-04-16" if day == "2026-04-10" else out) for day, rate, out in world.series["DGS10"]]
    world.series["DGS10"] = late
    held = None
    for day in ("2026-04-13", "2026-04-14", "2026-04-16"):
        held = macro.accumulate(held, pull(world, day), day)
    assert held is not None
    found = rows(macro.known(held).query("date >= '2026-04-09'"))
    assert [row[1] for row in found] == ["2026-04-10", "2026-04-16", "2026-04-14", "2026-04-15", "2026-04-16"]
    assert [row[3] for row in found] == ["stated", "pulled", "stated", "stated", "stated"]


def test_what_was_served_before_its_rule_was_known_when_pulled(loopback: Loopback, world: World) -> None:
    world.series["UNRATE"] = [(f"2026-0{month}-01", 4.0, f"2026-0{month + 1}-06") for month in (1, 2, 3)]
    held = macro.accumulate(None, pull(world, "2026-03-09", "UNRATE"), "2026-03-09")
    assert [row[1] for row in rows(held)] == ["2026-03-09", "2026-03-09"], "by rule in March and April"


@pytest.mark.parametrize("key", ["", FRED_KEY])
def test_later_pulls_do_not_change_what_was_known(key: str, loopback: Loopback, world: World, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    revised = [
        (day, rate + 1, str(np.datetime64(out) + np.timedelta64(int(rng.integers(1, 30)), "D")))
        for day, rate, out in world.series["DGS10"][-120:]
        if rng.random() < 0.3
    ]
    delayed = [
        (day, rate, str(np.datetime64(out) + np.timedelta64(int(rng.integers(0, 2) * rng.integers(0, 9)), "D")))
        if day > "2026-01"
        else row
        for row in world.series["DGS10"]
        for day, rate, out in [row]
    ]
    world.series["DGS10"] = delayed + revised
    facts, seen = Facts(tmp_path), {}
    for place in range(-60, 0, 4):
        day = str(DAYS[place].date())
        macro.record(facts, pull(world, day, start="2024-01-02" if place % 8 else "2025-06-02", key=key), day)
        for before in [day, *seen]:
            now = macro.known(macro.held(facts), before)
            now = now[now["date"] >= "2025-06-02"].reset_index(drop=True)
            pd.testing.assert_frame_equal(now, seen.setdefault(before, now))


def test_a_key_given_later_tells_better(loopback: Loopback, world: World) -> None:
    world.series["ICSA"][0] = ("2026-03-14", 220000.0, "2026-03-20")  # a day later than the schedule says
    held = macro.accumulate(None, pull(world, "2026-04-17", "ICSA"), "2026-04-17")
    assert macro.known(held, "2026-03-19")["value"].tolist() == [221000.0], "the revised value, by rule"
    held = macro.accumulate(held, pull(world, "2026-04-17", "ICSA", key=FRED_KEY), "2026-04-17")
    assert macro.known(held, "2026-03-19").empty
    assert macro.known(held, "2026-03-20")["value"].tolist() == [220000.0]


def test_a_pull_with_nothing_new_leaves_its_day(loopback: Loopback, world: World, tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    for day in ("2026-04-16", "2026-04-17"):
        macro.record(facts, pull(world, "2026-04-16"), day)
    assert len(facts.days("macro", "DGS10")) == 2
    assert len(macro.known(macro.held(facts))) == len(pull(world, "2026-04-16"))
    assert not macro.record(facts, pull(world, "2026-04-17"), "2026-04-17"), "the day's second pull keeps nothing"
    with pytest.raises(BreadthbookError, match="a pull of 2026-04-15 cannot follow the one of 2026-04-17"):
        macro.record(facts, pull(world, "2026-04-15"), "2026-04-15")


def test_nothing_held_is_an_empty_frame(tmp_path: Path) -> None:
    assert macro.known(macro.held(Facts(tmp_path)), "2026-04-17").empty


def test_real_series_are_dated_and_kept(shared_data: Path, tmp_path: Path) -> None:
    whole = pd.read_parquet(shared_data / "fred_series.parquet")
    parts = []
    for name, part in whole.groupby("series"):
        observed = part["date"].to_numpy().astype("datetime64[D]")
        days, publication = macro.publication_days(str(name), observed)
        assert (days > observed).all() and (np.diff(days) >= np.timedelta64(0, "D")).all(), name
        dates = {"date": observed.astype("datetime64[s]"), "published": days.astype("datetime64[s]")}
        parts.append(part.assign(**dates, publication=publication))
    facts = Facts(tmp_path)
    macro.record(facts, pd.concat(parts), "2026-01-02")
    held = macro.held(facts)
    assert len(macro.known(held)) == len(whole)
    claims = macro.known(held, "2025-06-04").query("series == 'ICSA'")
    assert claims["date"].max() == pd.Timestamp("2025-05-24"), "the week to 31 May comes out on Thursday 5 June"
