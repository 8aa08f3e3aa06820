"""Calls that would have been made in the past: the sections on snapshots cut at each week's end, without kernels."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.core import params as parameters
from helpers.core.errors import ParameterError
from helpers.core.params import Params
from helpers.data import past_calls
from helpers.data.cuts import Cuts
from helpers.data.snapshot import Snapshot
from helpers.note import calls as spoken
from helpers.note.calls import Call
from helpers.runs import calls, plan
from helpers.sections import calls as probabilities
from helpers.sections import tiers
from helpers.sections.record import REPLAYED, SIMULATED, settings_of

SINCE = "2006-01-01"
#: dates that a worker is handed at a time
CHUNK = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Replayed:
    """What a replay did: dates walked, calls made on them, lines that the journal lacked, and the seconds it took."""

    origin: str
    path: Path
    dates: int
    calls: int
    added: int
    resolved: int
    seconds: float
    notices: list[str] = field(default_factory=list)


def weeks(snapshot: Snapshot, since: str = SINCE, until: str = "") -> list[str]:
    """ISO days of the last trading day of each week that is over, from `since` to `until` (the last day held)."""
    ends = tiers.finished_weeks(snapshot, pd.DataFrame(index=snapshot.days)).index
    held = dt.date.fromisoformat(snapshot.bars_to)
    first, last = dt.date.fromisoformat(since), min(dt.date.fromisoformat(until), held) if until else held
    return [end.date().isoformat() for end in ends if first <= end.date() <= last]


def made_on(cuts: Cuts, params: Params, day: str) -> list[Call]:
    """The calls of a note of `day`, from nothing that was known only later: those that its sections would make."""
    return spoken.made(probabilities.calls(cuts.at(day), params))


def walk(
    snapshot: Snapshot, params: Params, days: Sequence[str], *, jobs: int = 2, progress: Progress | None = None
) -> list[list[Call]]:
    """The calls of each day, in the order of `days`; on a day with too little history there are none.

    Parameters
    ----------
    snapshot : Snapshot
        Bars up to the last of the days, or later.
    jobs : int
        Processes, each of which reads the snapshot once; with 1 all is done in this one.
    progress : callable, optional
        Called with the number of days done, and of all.
    """
    chunks = [list(days[at : at + CHUNK]) for at in range(0, len(days), CHUNK)]
    report = progress or (lambda done, all_of_them: None)
    found: list[list[Call]] = []
    if jobs == 1 or len(chunks) == 1:
        cuts = Cuts(snapshot)
        for chunk in chunks:
            found += [made_on(cuts, params, day) for day in chunk]
            report(len(found), len(days))
        return found
    with tempfile.TemporaryDirectory(prefix="breadthbook-") as folder:
        replace(snapshot, calls=past_calls.frame()).write(folder)
        # a forked process would share the locks of threads that it does not have
        context = multiprocessing.get_context("spawn")
        text = params.model_dump_json()
        with concurrent.futures.ProcessPoolExecutor(jobs, context, _open, (folder, text)) as pool:
            for made in pool.map(_calls_on, chunks):
                found += made
                report(len(found), len(days))
    return found


def replay(
    params: Params,
    *,
    out: Path,
    since: str = SINCE,
    until: str = "",
    jobs: int = 2,
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> Replayed:
    """Write the calls of past weeks, and what became of them, into the journal of replayed (or simulated) calls.

    Parameters
    ----------
    out : Path
        Outputs folder, where the journals are.
    since, until : str
        ISO days; an empty `until` is the last day held.

    Raises
    ------
    ParameterError
        No week is over between the two.
    DataError, JournalError
        As for a run.
    """
    begun = time.monotonic()
    snapshot = plan.take(params, today=today, since=since)
    days = weeks(snapshot, since, until)
    if not days:
        raise ParameterError(
            f"no week is over from {since} to {until or snapshot.bars_to}; the bars begin on "
            f"{snapshot.days[0].date()}, give --from and --to between them"
        )
    found = walk(snapshot, params, days, jobs=jobs, progress=progress)
    origin = SIMULATED if snapshot.simulated else REPLAYED
    path = calls.file_of(out, origin)
    stated = {"note": params.note.name, "data": snapshot.digest, "params": _hash(plan.public(params))}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    stated |= {"origin": origin, "made_at": now, "run_id": "replay", "settings": settings_of(params)}
    lines = [calls.line_of(call, **stated) for day in found for call in day]
    kept = calls.keep(path, lines)
    resolved = calls.resolve(path, snapshot)
    return Replayed(
        origin=origin,
        path=path,
        dates=len(days),
        calls=len(lines),
        added=len(kept.lines),
        resolved=len(resolved.lines),
        seconds=round(time.monotonic() - begun, 1),
        notices=[*kept.notices, *resolved.notices],
    )


#: of a worker: the snapshot and the parameters that it was started with
_HELD: list[tuple[Cuts, Params]] = []


def _open(folder: str, text: str) -> None:
    values = json.loads(text)
    params = parameters.parse(values, origin="replay", declared=values.get("extra", {}))
    _HELD[:] = [(Cuts(Snapshot.read(folder)), params)]


def _calls_on(days: list[str]) -> list[list[Call]]:
    cuts, params = _HELD[0]
    return [made_on(cuts, params, day) for day in days]


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
