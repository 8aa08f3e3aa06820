from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from helpers.data import calendar
from helpers.data.store import Store
from helpers.data.upkeep.holding import Holding
from tests.data.desk import Desk, at
from tests.few import FOUR_OPTIONS
from tests.loopback.server import Loopback
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

ROOT = Path(__file__).parents[3]
EVE, DAY, NEXT = "2026-04-10", "2026-04-13", "2026-04-14"

UPDATE = """
import datetime as dt, json, sys
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.yahoo import YahooSource
from helpers.data.store import Store
from helpers.data.upkeep.update import update
store = Store()
provider = YahooSource(store.home / "yfinance", Attempts("Yahoo Finance", budget_seconds=60))
print("ready", flush=True)
for line in sys.stdin:
    now, *symbols = line.split()
    report = update(store, provider, symbols, now=dt.datetime.fromisoformat(now))
    print(json.dumps({outcome.symbol: outcome.done for outcome in report.outcomes}), flush=True)
"""


class Process:
    """Updates in a process of its own, that knows the provider and the store from its environment alone."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", UPDATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert self._line() == "ready"

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._child.kill()
        self._child.communicate()

    def begin(self, day: str, *symbols: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(" ".join([at(day).isoformat(), *symbols]) + "\n")
        self._child.stdin.flush()

    def ended(self) -> dict[str, str]:
        """What was done for each symbol."""
        outcomes: dict[str, str] = json.loads(self._line())
        return outcomes

    def _line(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()


def test_a_new_process_asks_once_a_symbol_and_for_no_time_zone(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.server.clear_log()
    with Process() as process:
        process.begin(DAY, *desk.symbols)
        assert process.ended() == dict.fromkeys(desk.symbols, "added")
        kinds = sorted(asked.kind for asked in desk.server.log)
        assert kinds == ["chart"] * 4 + ["crumb"], "the crumb is asked for once a process"
        assert {asked.symbol for asked in desk.server.charts()} == set(desk.symbols)
        process.begin(DAY, *desk.symbols)
        assert process.ended() == dict.fromkeys(desk.symbols, "current") and len(desk.server.log) == 5


@pytest.mark.parametrize("is_new", [True, False])
def test_two_updates_of_other_symbols_lose_nothing(desk: Desk, is_new: bool) -> None:
    if not is_new:
        desk.update()
        desk.world.last = DAY
    desk.server.fault("*", "slow:0.2")
    with Process() as one, Process() as other:
        one.begin(desk.world.last, *desk.symbols[:2])
        other.begin(desk.world.last, *desk.symbols[2:])
        done = one.ended() | other.ended()
    assert done == dict.fromkeys(desk.symbols, "new" if is_new else "added")
    assert all(desk.is_complete(symbol) for symbol in desk.symbols)


def test_the_second_of_two_updates_does_not_ask_for_what_the_first_fetched(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.server.clear_log()
    desk.server.fault("*", "slow:0.3")
    with Process() as one, Process() as other:
        for process in (one, other):
            process.begin(DAY, *desk.symbols)
        done = [set(process.ended().values()) for process in (one, other)]
    assert sorted(done, key=str) == [{"added"}, {"current"}] and len(desk.server.charts()) == 4
    assert all(desk.is_complete(symbol) for symbol in desk.symbols)


NOTE = ("IJH", "OEF", "SPY", "IJR")


@pytest.fixture
def small_disk(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store on a file system of two megabytes, that lacks the last day which a provider on this machine has."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    settled = calendar.last_settled(calendar.now()).isoformat()
    with Loopback(World.synthetic(NOTE, first="2025-06-02", last=settled)) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BREADTHBOOK_HOME", str(mounted / "home"))
        before = calendar.trading_day_before(settled).isoformat()
        server.world.last = before
        assert set(updated(before, list(NOTE))[0].values()) == {"new"}
        server.world.last = settled
        yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


def data_update() -> subprocess.CompletedProcess[str]:
    """`breadthbook data update` of a note of four symbols."""
    command = [sys.executable, "-m", "helpers.runs.cli", "data", "update"]
    command += FOUR_OPTIONS
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=120)


def fill(folder: Path) -> None:
    """Leave no byte free on the file system of a folder."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_ends_an_update_with_the_path_and_the_reason(small_disk: Path) -> None:
    held, store = Store().read(), Store()
    fill(small_disk)
    ended = data_update()
    said = " ".join(ended.stderr.split())
    assert ended.returncode == 4, said
    assert str(small_disk) in said and "No space left on device" in said and "Traceback" not in said
    pd.testing.assert_frame_equal(store.read(), held)
    (small_disk / "filler").unlink()
    assert data_update().returncode == 0
    assert set(store.read()["date"]) > set(held["date"])


@pytest.mark.parametrize("client", ["begins anew", "is elsewhere"])
def test_a_full_disk_ends_in_the_same_way_wherever_the_client_keeps_its_files(small_disk: Path, client: str) -> None:
    held, store = Store().read(), Store()
    folder, elsewhere = small_disk / "home" / "yfinance", small_disk.parent / "elsewhere"
    shutil.move(folder, elsewhere)
    if client == "is elsewhere":
        folder.symlink_to(elsewhere)
    fill(small_disk)
    ended = data_update()
    said = " ".join(ended.stderr.split())
    assert ended.returncode == 4, said
    assert str(small_disk) in said and "No space left on device" in said and "Traceback" not in said
    pd.testing.assert_frame_equal(store.read(), held)
    (small_disk / "filler").unlink()
    assert data_update().returncode == 0


def test_a_home_that_cannot_be_written_to_ends_an_update_with_the_reason(small_disk: Path) -> None:
    held, store = Store().read(), Store()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ended = data_update()
    said = " ".join(ended.stderr.split())
    assert ended.returncode == 4, said
    assert str(small_disk) in said and "Read-only file system" in said and "Traceback" not in said
    pd.testing.assert_frame_equal(store.read(), held)


@pytest.fixture
def large(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A provider of forty symbols with five years each."""
    with Loopback(World.synthetic([f"S{place:03d}" for place in range(40)])) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "home"))
        yield server


def moments(count: int, seconds: float, *, seed: int) -> list[float]:
    """Moments at random, one in each of `count` equal parts of a duration."""
    dice = random.Random(seed)
    return [(place + dice.random()) * seconds / count for place in range(count)]


@pytest.mark.slow
def test_an_update_killed_at_any_moment_leaves_the_old_or_the_new_version(large: Loopback) -> None:
    symbols, store = large.world.symbols, Store()
    large.world.last = EVE
    assert set(updated(EVE, symbols)[0].values()) == {"new"}
    for symbol in symbols[:10]:
        large.world.split(symbol, DAY, 2)  # so that the step writes every year anew
    large.world.last = DAY
    old = store.home.with_name("old")
    shutil.copytree(store.home, old)
    done, seconds = updated(DAY, symbols)
    assert set(done.values()) == {"added", "rebuilt"}
    before, after = Store(old).read(), store.read()
    was_new = []
    for moment in moments(50, 1.1 * seconds, seed=7):
        shutil.rmtree(store.home)
        shutil.copytree(old, store.home)
        with Process() as process:
            process.begin(DAY, *symbols)
            time.sleep(moment)
        held = {Holding.of(symbol, store.records()).last for symbol in symbols}
        assert held in ({EVE}, {DAY})
        was_new.append(held == {DAY})
        pd.testing.assert_frame_equal(store.read(), after if was_new[-1] else before)
    assert any(was_new) and not all(was_new), "moments before and after the step were tried"
    updated(DAY, symbols)
    pd.testing.assert_frame_equal(store.read(), after)


def updated(day: str, symbols: list[str]) -> tuple[dict[str, str], float]:
    """What an update of its own did for each symbol, and its seconds."""
    with Process() as process:
        begun = time.monotonic()
        process.begin(day, *symbols)
        return process.ended(), time.monotonic() - begun
