"""`params/daily.yaml` on a store that is kept: written when the provider answers, honest when it does not."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.core import params as parameters
from helpers.core.errors import UnavailableDataError, UnfitDataError
from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data import calendar, intake
from helpers.note import claims, narrative
from helpers.runs import context, scan, watchlist
from helpers.sections.breakout import breakout
from helpers.sections.coverage import coverage
from helpers.sections.strength import strength
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.server import Loopback
from tests.loopback.world import World

from .conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

EVE, DAY = "2026-04-10", dt.date(2026, 4, 13)


@pytest.fixture
def daily(monkeypatch: pytest.MonkeyPatch) -> Params:
    """The shipped parameters, with little patience."""
    return parameters.load(ROOT / "params" / "daily.yaml", {"limits.data_seconds": 10})


@pytest.fixture
def server(guard: object, daily: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    settled = calendar.last_settled(calendar.now()).isoformat()
    with Loopback(World.synthetic(daily.symbols, first="2024-11-01", last=settled)) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "home"))
        fresh_client(tmp_path / "home" / "yfinance")
        server.world.last = EVE
        yield server
    forget_client()


def composed(params: Params) -> tuple[narrative.Note, Findings, str]:
    """Front page, findings and Markdown of the note on 13 April, without a kernel."""
    snapshot = intake.take(params, today=DAY)
    found = Findings([item for of in (coverage, breakout, strength) for item in of(snapshot, params).findings])
    told = context.note_context(params, snapshot, Path("none"))
    audit = claims.audit(found)
    return narrative.compose(found, audit, told), found, narrative.note_markdown(found, audit, told)


def test_a_store_that_is_kept_gives_a_note_on_the_settled_day(server: Loopback, daily: Params) -> None:
    server.world.last = DAY.isoformat()
    snapshot = intake.take(daily, today=DAY)
    assert (snapshot.as_of, snapshot.bars_to, snapshot.stale_since) == ("2026-04-13", "2026-04-13", "")


def test_a_provider_that_is_down_leaves_a_note_that_says_since_when(server: Loopback, daily: Params) -> None:
    intake.take(daily, today=dt.date.fromisoformat(EVE))
    server.fault("*", "reset")
    note, found, text = composed(daily)
    assert note.dateline.text.startswith("Stale since 10 April 2026 · note of 13 April 2026 · IJH")
    assert "Yahoo Finance broke the connection" in note.dateline.text
    assert "data stale since 10 April" in note.headline
    assert found.value("breakout.stale_since") == EVE
    assert narrative.word_count(note, context.note_context(daily, intake.take(daily, today=DAY), Path("none"))) <= 300
    assert "stale since 10 April 2026" in text.split("## Data")[1]


def test_a_stale_note_states_no_new_high_nor_anything_else_of_the_day(server: Loopback, daily: Params) -> None:
    intake.take(daily, today=dt.date.fromisoformat(EVE))
    server.fault("*", "reset")
    note, found, _ = composed(daily)
    for name in ("is_new_high", "is_closing_high", "close_confirmed", "is_total_return_high"):
        assert found.value(f"breakout.{name}") is None, name
    verdicts = {claim.id: claim.verdict for claim in claims.audit(found)}
    assert {verdicts[name] for name in claims.OF_THE_DAY} == {"no data"}
    assert "neither stated nor denied" in note.opening[0].text


def test_findings_of_a_stale_note_are_dated_on_the_last_day_held(server: Loopback, daily: Params) -> None:
    intake.take(daily, today=dt.date.fromisoformat(EVE))
    server.fault("*", "reset")
    _, found, _ = composed(daily)
    assert {item.as_of for item in found if item.id.startswith(("breakout.last", "strength.excess"))} == {EVE}


def test_a_late_stand_in_alone_does_not_make_the_note_stale(server: Loopback, daily: Params) -> None:
    server.world.last = DAY.isoformat()
    server.world.drop("OEF", DAY.isoformat())
    snapshot = intake.take(daily, today=DAY)
    assert snapshot.stale_since == ""
    assert snapshot.status("OEF").status == "stale"


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("429", "too many requests"),
        ("reset", "broke the connection"),
        ("html", "a page or half an answer"),
        ("404", "has no such symbol"),
        ("wrong certificate", "REQUESTS_CA_BUNDLE"),
    ],
)
def test_an_empty_store_gives_no_note_but_the_true_cause(
    server: Loopback, daily: Params, fault: str, cause: str
) -> None:
    server.fault("*", fault)
    with pytest.raises(UnavailableDataError, match=cause):
        intake.take(daily, today=DAY)


def test_a_fund_in_quarantine_gives_no_note(server: Loopback, daily: Params) -> None:
    intake.take(daily, today=dt.date.fromisoformat(EVE))
    server.world.last = DAY.isoformat()
    server.fault("IJH", "pence")
    with pytest.raises(UnfitDataError, match="currency GBp found, USD was held"):
        intake.take(daily, today=DAY)


def test_the_run_that_answers_later_is_fresh(server: Loopback, daily: Params) -> None:
    intake.take(daily, today=dt.date.fromisoformat(EVE))
    server.fault("*", "reset")
    assert intake.take(daily, today=DAY).stale_since == EVE
    server.heal()
    server.world.last = DAY.isoformat()
    assert intake.take(daily, today=DAY).stale_since == ""


def command(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, which reaches the provider by its environment alone."""
    line = [sys.executable, "-m", "helpers.runs.cli", "run", "params/daily.yaml", "--out", str(out), *arguments]
    return subprocess.run(line, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=240)


@pytest.mark.slow
def test_the_daily_run_ends_three_on_a_warm_store_and_four_on_a_cold_one(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, quick = tmp_path / "out", ("-p", "limits.data_seconds=10")
    settled = calendar.last_settled(calendar.now())
    eve = calendar.trading_day_before(settled).isoformat()
    server.world.last = eve
    done = command(out, "--as-of", eve, *quick)
    assert done.returncode == 0, done.stderr
    server.fault("*", "reset")
    done = command(out, *quick, "--json")
    assert done.returncode == 3, done.stderr
    folder = Path(json.loads(done.stdout)["run_dir"])
    # a day may settle while this test runs
    assert folder.name in {day.isoformat() for day in (settled, calendar.last_settled(calendar.now()))}
    page = (folder / "note.html").read_text(encoding="utf-8")
    assert "Stale since" in page and "neither stated nor denied" in page
    assert (out / "ijh-daily" / eve / "note.html").is_file(), "the last good note stands"
    monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "cold"))
    done = command(tmp_path / "none", *quick)
    assert done.returncode == 4
    assert "Yahoo Finance broke the connection" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_watchlist_is_scanned_from_the_store_which_is_brought_up_to_date_first(
    server: Loopback, daily: Params, tmp_path: Path
) -> None:
    names = [symbol for symbol in daily.symbols if not symbol.startswith("^")]
    listed = watchlist.parse({"sources": ["yahoo"], "symbols": [*names, "GONE"]}, origin="test")
    for day in (EVE, DAY.isoformat()):
        server.world.last = day
        evening = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(20), tzinfo=calendar.EXCHANGE_ZONE)
        found = scan.run(listed, out=tmp_path / "out", now=evening).record
        assert (found["as_of"], found["source"]) == (day, "Yahoo Finance")
        assert found["scanned"] == sorted(names)
        assert [row["symbol"] for row in found["apart"]] == ["GONE"]
