"""Updates against yfinance's own download: both ask the loopback's server, which is a process of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.download import RETRY
from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError

SYMBOLS, MANY = 500, 1_500
PAIRS = 3
TRIES = 3
FIRST, LAST, NEXT = "2021-04-19", "2026-04-17", "2026-04-20"  # five years, to a Friday; the Monday after
EVENING = "T22:00:00+00:00"

FIRST_BUDGET = 1.15  # of the peer's time
NEXT_BUDGET = 0.5  # of the peer's time for everything
PEAK_BUDGET = 1024  # MiB, 1,500 symbols x 5 years


class Took(NamedTuple):
    """Seconds of the call, and MiB of its process at the most."""

    seconds: float
    peak: float


class Server:
    """The loopback's process, and the variables that lead a client there."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.environment: dict[str, str] = ENVIRONMENT | said["environment"]
        self._address = f"http://127.0.0.1:{said['port']}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def control(self, target: str) -> Any:
        """The answer of a control endpoint."""
        with self._opener.open(self._address + target) as answer:
            return json.load(answer)


@contextlib.contextmanager
def server(count: int, *, is_warm: bool) -> Iterator[Server]:
    """A server of invented bars up to `LAST`, with `NEXT` still to come."""
    command = [sys.executable, "-m", "tests.loopback", "--symbols", str(count), "--first", FIRST, "--last", NEXT]
    command += ["--warm", FIRST] if is_warm else []
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            at = Server(json.loads(process.stdout.readline()))
            at.control(f"/_last?day={LAST}")
            yield at
        finally:
            process.terminate()


def run(who: str, home: Path, count: int, day: str, at: Server) -> Took:
    """One download in a fresh process; a peer that left a symbol out is asked again, from nothing."""
    command = [sys.executable, "-m", "benchmarks.download", who, str(home), str(count), FIRST, day + EVENING]
    for _ in range(TRIES):
        with subprocess.Popen(command, cwd=ROOT, env=at.environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
        if process.returncode != RETRY:
            break
        shutil.rmtree(home)
    if process.returncode or not said:
        raise WrongResultError(f"{who}, {count} symbols up to {day}: ended with exit code {process.returncode}")
    return Took(**json.loads(said))


def hold_against(peer: Path, ours: Path) -> None:
    """Both must have the same closes of the same days."""
    with np.load(peer / "closes.npz") as expected, np.load(ours / "closes.npz") as found:
        if not all(np.array_equal(expected[name], found[name], equal_nan=True) for name in ("days", "close")):
            raise WrongResultError(f"{ours.name} and {peer.name} hold different closes")


def hold_to_one_request(at: Server, count: int) -> None:
    """The update since the log was cleared must have asked for each symbol once; the client's crumb is its own."""
    asked = Counter((entry["kind"], entry["symbol"]) for entry in at.control("/_log") if entry["kind"] != "crumb")
    if asked != Counter(("chart", f"S{place:04d}") for place in range(count)):
        kinds = Counter(kind for kind, _ in asked.elements())
        raise WrongResultError(f"next day: {dict(kinds)} requests sent for {count} symbols; one chart each is enough")


def pairs(folder: Path, at: Server, day: str, stage: str) -> list[tuple[Took, Took]]:
    """Peer and ours in turn, after one pair that is compared and not counted: it fills caches."""
    found = []
    for number in range(PAIRS + 1):
        peer, ours = folder / f"peer of the {stage} {number}", folder / f"store {number}"
        theirs = run("peer", peer, SYMBOLS, day, at)
        at.control("/_clear")
        mine = run("ours", ours, SYMBOLS, day, at)
        if stage == "next day":
            hold_to_one_request(at, SYMBOLS)
        hold_against(peer, ours)
        found.append((mine, theirs))
    return found[1:]


def peaks(folder: Path) -> tuple[Took, Took]:
    """A first update of many symbols, and that of the next day."""
    with server(MANY, is_warm=False) as at:
        first = run("ours", folder / "many", MANY, LAST, at)
        at.control(f"/_last?day={NEXT}")
        return first, run("ours", folder / "many", MANY, NEXT, at)


def figure(measure: str, found: list[tuple[Took, Took]], budget: float) -> Figure:
    median = statistics.median
    ours, theirs = median(mine.seconds for mine, _ in found), median(peer.seconds for _, peer in found)
    ratio = median(mine.seconds / peer.seconds for mine, peer in found)
    return Figure(measure, ours, peer=theirs, ratio=ratio, budget=budget, budget_on="ratio")


def measured() -> list[Figure]:
    """Time of the first update and of the next day's beside the peer's; memory of both."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with server(SYMBOLS, is_warm=True) as at:
            first = pairs(folder, at, LAST, "first day")
            at.control(f"/_last?day={NEXT}")
            following = pairs(folder, at, NEXT, "next day")
        many, day_after = peaks(folder)
    return [
        figure(f"data: first update, {SYMBOLS} x 5 years", first, FIRST_BUDGET),
        figure(f"data: next day's update, {SYMBOLS} x 5 years", following, NEXT_BUDGET),
        Figure(f"data: memory, first update of {MANY:,} x 5 years", many.peak, "MiB", budget=PEAK_BUDGET),
        Figure(f"data: memory, next day's update of {MANY:,} x 5 years", day_after.peak, "MiB", budget=PEAK_BUDGET),
        Figure(f"data: first update, {MANY:,} x 5 years", many.seconds),
        Figure(f"data: next day's update, {MANY:,} x 5 years", day_after.seconds),
    ]
