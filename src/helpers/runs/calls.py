"""What is written into the journals: the calls of a note, and what became of calls once their windows are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import helpers
from helpers.data import calendar
from helpers.data.snapshot import Snapshot
from helpers.note import calls as spoken
from helpers.note.calls import Call
from helpers.runs import history, journal
from helpers.runs.journal import CALL, RESOLUTION, JournalError, Kept, Line
from helpers.sections.outcome import Tape, resolve_on
from helpers.sections.record import LIVE, OWN, REPLAYED, SIMULATED, settings_of

if TYPE_CHECKING:
    from helpers.runs.plan import Plan

NAMES = {LIVE: "journal.jsonl", REPLAYED: "journal-replayed.jsonl", SIMULATED: "journal-simulated.jsonl"}
#: who made a call that no person made
MACHINE = "breadthbook"
#: when the exchange opens, on its own clock
OPENS = dt.time(9, 30)
_SAID = ("p", "base", "statement", "terms", "label")
_FACTS = ("run_id", "note", "data", "params", "settings")


def file_of(out: Path, origin: str) -> Path:
    """The journal that calls of this origin go into."""
    return out / NAMES[origin]


def origins(*, simulated: bool) -> tuple[str, ...]:
    """Origins that a note on such bars may count."""
    return (SIMULATED,) if simulated else (LIVE, REPLAYED)


def origin_of(as_of: str, made_at: str, *, simulated: bool) -> str:
    """Where a note's call belongs: live only if made before the exchange opened on the trading day after `as_of`."""
    if simulated:
        return SIMULATED
    opens = dt.datetime.combine(dt.date.fromisoformat(resolve_on(as_of, 1)), OPENS, calendar.EXCHANGE_ZONE)
    return LIVE if pd.Timestamp(made_at) < opens else REPLAYED


def line_of(call: Call, *, origin: str, made_at: str, by: str = MACHINE, **facts: Any) -> dict[str, Any]:
    """A call as the journal holds it; `facts` are of its run: ``run_id``, ``note``, ``data`` and ``params`` (hashes).

    ``settings`` is the hash of what calls depend on (`helpers.sections.record.settings_of`).
    """
    return {
        "type": CALL,
        "method_version": helpers.METHOD_VERSION,
        "origin": origin,
        "made_at": made_at,
        "by": by,
        **{name: str(facts.get(name, "")) for name in _FACTS},
        "kind": call.kind,
        "statement": call.statement,
        "subject": call.subject,
        "against": call.against,
        "as_of": call.as_of,
        "horizon": call.horizon,
        "resolve_on": resolve_on(call.as_of, call.horizon),
        "p": call.p,
        "base": call.base,
        "label": call.label,
        "terms": dict(call.terms),
    }


def keep_run(made: Plan, record: Mapping[str, Any], folder: Path) -> list[str]:
    """Write down the calls of the note in `folder` and what has become of earlier ones; gives notices for people.

    A call that the journal holds with the same probability is not written again, so a note made again adds nothing.
    The note stands already: what goes wrong with the journal is one of the notices.
    """
    try:
        return _kept_run(made, record, folder)
    except (JournalError, OSError) as error:
        return [f"the note stands, but the journal could not be kept: {error}"]


def _kept_run(made: Plan, record: Mapping[str, Any], folder: Path) -> list[str]:
    simulated, finished = bool(record["simulated"]), record["finished"]
    facts = {"run_id": made.run_id, "note": record["note"], "data": made.parts["snapshot"]}
    facts |= {"params": made.parts["params"], "settings": settings_of(made.params)}
    notices: list[str] = []
    found: dict[str, list[dict[str, Any]]] = {}
    for call in spoken.made(history.findings_of(folder)):
        if not simulated and pd.Timestamp(finished) < calendar.close_of(call.as_of):
            notices.append(
                f"no call was written down: this computer's clock says {finished}, before the close of {call.as_of}; "
                "set it, and run the note again"
            )
            break
        origin = origin_of(call.as_of, finished, simulated=simulated)
        found.setdefault(origin, []).append(line_of(call, origin=origin, made_at=finished, **facts))
    held = {origin: journal.read(file_of(made.out, origin)) for origin in origins(simulated=simulated)}
    for origin, lines in found.items():
        # a note built again long after its day is no new call
        beside = [line for other, (read, _) in held.items() if other != origin for line in read]
        notices += keep(file_of(made.out, origin), lines, beside=beside).notices
    for origin in held:
        notices += resolve(file_of(made.out, origin), made.snapshot).notices
    return [*(said for _, others in held.values() for said in others), *notices]


def keep(path: Path, lines: Sequence[Mapping[str, Any]], *, beside: Sequence[Line] = ()) -> Kept:
    """Append calls, those left out whose question the same note, so set, answered last with the same words and numbers.

    `beside` are lines of other journals in which it may have answered.
    """

    def new(held: list[Line]) -> list[Mapping[str, Any]]:
        last = {_answered(line): line for line in (*beside, *held) if line["type"] == CALL}
        return [line for line in lines if not _is_same(line, last.get(_answered(line)))]

    return journal.append_new(path, new)


def question(line: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells the calls of one question by one person apart from all others.

    Whichever of a pair a person says will win, the question is the same; so is a name, however its letters are written.
    Thresholds are not in it: a note made again on revised bars asks at others (`helpers.runs.tally.counted`).
    """
    pair = (line["subject"], line["against"])
    named = tuple(sorted(pair)) if line["kind"] == OWN else pair
    return (line["method_version"], line["by"].casefold(), *named, line["kind"], line["horizon"], line["as_of"])


def _answered(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*question(line), line["note"], line.get("settings", ""))


def _is_same(line: Mapping[str, Any], held: Mapping[str, Any] | None) -> bool:
    return held is not None and all(line[name] == held[name] for name in _SAID)


def resolve(path: Path, snapshot: Snapshot) -> Kept:
    """Append the outcome of every open call whose window is complete in the snapshot's bars."""
    if not path.exists():
        return Kept()
    tape = Tape(snapshot)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

    def new(held: list[Line]) -> list[dict[str, Any]]:
        done = {line["call"] for line in held if line["type"] == RESOLUTION}
        waiting = [line for line in held if line["type"] == CALL and line["hash"] not in done]
        lines = []
        for line in waiting:
            found = tape.outcome(line) if line["resolve_on"] <= snapshot.bars_to else None
            if found is not None:
                lines.append(
                    {
                        "type": RESOLUTION,
                        "call": line["hash"],
                        "resolved_on": line["resolve_on"],
                        **found._asdict(),
                        "made_at": now,
                        "data": snapshot.digest,
                    }
                )
        return lines

    return journal.append_new(path, new)


def with_outcomes(lines: Iterable[Line]) -> list[Line]:
    """The calls, each with ``happened`` and ``value`` (None while open), and its base where only the outcome has it."""
    held = list(lines)
    done = {line["call"]: line for line in held if line["type"] == RESOLUTION}
    found = []
    for line in held:
        if line["type"] == CALL:
            told = done.get(line["hash"], {})
            base = line["base"] if line["base"] is not None else told.get("base")
            found.append({**line, "happened": told.get("happened"), "value": told.get("value"), "base": base})
    return found


def every(out: Path) -> tuple[list[Line], list[str]]:
    """The calls of all journals with what became of them, and notices; errors as `journal.read`."""
    held, notices = [], []
    for origin in NAMES:
        lines, said = journal.read(file_of(out, origin))
        held += with_outcomes(lines)
        notices += said
    return held, notices


def symbols(lines: Iterable[Line]) -> list[str]:
    """The symbols that the outcomes of people's open calls are read off, each once."""
    waiting = [line for line in lines if line["kind"] == OWN and line["happened"] is None]
    return list(dict.fromkeys(line[name] for line in waiting for name in ("subject", "against")))


def is_due(line: Line, now: dt.datetime) -> bool:
    """Whether the window of a call without an outcome is over at `now`: a price in it is not known.

    Simulated prices end some day, so a call on them is never due.
    """
    is_over: bool = line["resolve_on"] <= calendar.last_settled(now).isoformat()
    return line["happened"] is None and line["origin"] != SIMULATED and is_over
