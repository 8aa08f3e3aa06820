"""`breadthbook data update|status|check|export` against a provider on this machine, by the real clock."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.data import calendar
from helpers.data.sources.folder import FolderSource
from helpers.runs import cli
from tests.few import FOUR_OPTIONS
from tests.loopback import summaries
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.server import Loopback
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

SYMBOLS = ("IJH", "OEF", "SPY", "IJR")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    settled = calendar.last_settled(calendar.now()).isoformat()
    with Loopback(World.synthetic(SYMBOLS, first="2025-01-02", last=settled)) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "home"))
        fresh_client(tmp_path / "home" / "yfinance")
        yield server
    forget_client()


@pytest.fixture
def data(server: Loopback, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Runs a data command for four symbols."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["data", *(str(item) for item in arguments), *FOUR_OPTIONS])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


def test_before_the_first_update_every_symbol_is_missing(data: Call, server: Loopback) -> None:
    code, out, _ = data("status")
    assert code == 0
    assert out.count("missing") >= len(SYMBOLS)
    assert not server.log, "status asks nothing"


def test_an_update_fetches_every_symbol(data: Call) -> None:
    code, out, _ = data("update")
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines()[2:6]] == [
        [name, "new", "fresh"] for name in ("OEF", "SPY", "IJH", "IJR")
    ]
    assert "\x1b[" not in out, "colours are for a terminal"


def test_a_second_update_asks_nothing(data: Call, server: Loopback) -> None:
    data("update")
    server.clear_log()
    code, out, _ = data("update")
    assert code == 0
    assert out.count("current") == len(SYMBOLS)
    assert not server.log


def test_status_tells_when_a_symbol_was_fetched_and_from_where(data: Call) -> None:
    data("update")
    code, out, _ = data("status", "--json")
    assert code == 0
    row = json.loads(out)["symbols"][0]
    assert row["status"] == "fresh" and row["source"] == "Yahoo Finance"
    assert row["fetched"].endswith("+00:00")


def test_a_symbol_that_fails_is_named_with_its_reason(data: Call, server: Loopback) -> None:
    server.fault("OEF", "404")
    code, out, _ = data("update")
    assert code == 3
    assert "OEF     failed  missing" in out
    assert 'has no such symbol ("No data found, symbol may be delisted")' in out


def test_nothing_held_of_any_symbol_ends_four(data: Call, server: Loopback) -> None:
    server.fault("*", "reset")
    code, out, _ = data("update", "--json")
    assert code == 4
    told = json.loads(out)["symbols"]
    assert {row["done"] for row in told} == {"failed"}
    assert "broke the connection" in told[0]["detail"]


def test_only_what_is_asked_over_the_network_can_be_updated(data: Call) -> None:
    code, _, err = data("update", "--source", "sample")
    assert code == 2
    assert "only yahoo is asked over the network" in err


def test_a_symbol_of_another_note_cannot_be_fetched_anew(data: Call) -> None:
    code, _, err = data("update", "--refetch", "QQQ")
    assert code == 2
    assert "QQQ: not a symbol of this note" in err


def test_check_shows_flagged_rows_and_what_is_missing(data: Call, server: Loopback) -> None:
    server.world.drop("SPY", "2026-04-15")
    server.world.remove("IJR")
    data("update")
    code, out, _ = data("check")
    assert code == 0
    assert "2026-04-15  SPY     hole" in out
    assert "IJR: missing." in out and "has no such symbol" in out


def test_check_names_what_was_restated(data: Call, server: Loopback) -> None:
    world, settled = server.world, server.world.last
    world.last = str(calendar.trading_day_before(settled))
    data("update")
    day = str(calendar.trading_day_before(world.last))
    world.revise("IJH", day, "close", float(world.bars("IJH").loc[day, "close"]) * 0.995)
    world.last = settled
    code, out, _ = data("update")
    assert f"IJH: prices restated: {day}" in out
    code, out, _ = data("check")
    assert code == 0 and "IJH: new prices seen on" in out and day in out


def test_what_is_exported_is_read_as_a_source(data: Call, tmp_path: Path) -> None:
    data("update")
    for name in ("bars.csv", "bars.parquet"):
        code, out, _ = data("export", tmp_path / name)
        assert code == 0 and "for your own use" in out
        source = FolderSource(tmp_path / name)
        assert source.symbols() == sorted(SYMBOLS)
    code, out, _ = data("status", "--source", tmp_path / "bars.csv")
    assert code == 0 and "IJH     fresh" in out


def test_an_export_needs_a_known_ending(data: Call, tmp_path: Path) -> None:
    code, _, err = data("export", tmp_path / "bars.xlsx")
    assert code == 2
    assert ".csv or .parquet" in err


def test_facts_of_the_day_are_kept_once_a_day(data: Call, server: Loopback) -> None:
    world = server.world
    world.summaries["IJH"] = summaries.fund("IJH", {"ACME": 0.01, "BOLT": 0.008})
    world.summaries["ACME"] = summaries.company("ACME")
    world.shares["IJH"] = [("2026-04-16", 1_000_000), ("2026-04-17", 1_010_000)]
    data("update")
    server.clear_log()
    data("update")
    assert not [entry for entry in server.log if entry.symbol in ("IJH", "ACME")]
    code, out, _ = data("status")
    assert code == 0
    for kind in ("shares: 1 subjects, 1 days", "holdings: 1 subjects", "estimates: 1 subjects"):
        assert kind in out


def test_series_and_members_are_kept_beside_the_bars(data: Call, server: Loopback, tmp_path: Path) -> None:
    server.world.series["DGS10"] = [("2026-04-15", 4.1, "2026-04-16"), ("2026-04-16", 4.2, "2026-04-17")]
    path = tmp_path / "list-2026-04-17.csv"
    path.write_text("symbol,weight\nIJH,60%\nIJR,30%\nZZZ,10%\n", encoding="utf-8")
    note = tmp_path / "note.yaml"
    note.write_text(
        f"sources: {{bars: [yahoo], members_bars: [yahoo], macro: ['fred:DGS10'], members: {path.name}}}\n",
        encoding="utf-8",
    )
    data("update", note)
    code, out, _ = data("status", note)
    assert code == 0
    assert "DGS10: 2 observations, the last of 2026-04-16" in out
    assert "members: 3 in list-2026-04-17.csv of 2026-04-17; bars of 2 held, 90.0% of their weight" in out
