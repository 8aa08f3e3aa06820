"""What runs write into the journals and read from them: calls after a note, outcomes once over, a note's record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import helpers
from helpers.core.params import Params
from helpers.data import calendar, past_calls
from helpers.data.snapshot import Snapshot
from helpers.note import calls as spoken
from helpers.note.calls import Call
from helpers.runs import history, journal
from helpers.runs.journal import CALL, RESOLUTION, Kept, Line
from helpers.sections.outcome import Tape, resolve_on
from helpers.sections.record import LIVE, REPLAYED, SIMULATED

if TYPE_CHECKING:
    from helpers.runs.plan import Plan

NAMES = {LIVE: "journal.jsonl", REPLAYED: "journal-replayed.jsonl", SIMULATED: "journal-simulated.jsonl"}
#: who made a call that no person made
MACHINE = "breadthbook"
#: what tells the calls of one question apart from all others; of several notes of a pair the record takes one
_QUESTION = ("method_version", "by", "subject", "against", "kind", "horizon", "as_of")
_SAID = ("p", "base", "statement", "terms", "label")


def file_of(out: Path, origin: str) -> Path:
    """The journal that calls of this origin go into."""
    return out / NAMES[origin]


def origins(*, simulated: bool) -> tuple[str, ...]:
    """Origins that a note on such bars may count."""
    return (SIMULATED,) if simulated else (LIVE, REPLAYED)


def origin_of(as_of: str, made_at: str, *, simulated: bool) -> str:
    """Where a call belongs: live only if it was made before the next trading day after `as_of` closed."""
    if simulated:
        return SIMULATED
    next_day = resolve_on(as_of, 1)
    return LIVE if pd.Timestamp(made_at) <= calendar.close_of(next_day) else REPLAYED


def line_of(call: Call, *, origin: str, made_at: str, by: str = MACHINE, **facts: Any) -> dict[str, Any]:
    """A call as the journal holds it; `facts` are those of its run: ``run_id``, ``note``, ``data``, ``params``."""
    return {
        "type": CALL,
        "method_version": helpers.METHOD_VERSION,
        "origin": origin,
        "made_at": made_at,
        "by": by,
        **{name: str(facts.get(name, "")) for name in ("run_id", "note", "data", "params")},
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
    """
    simulated = bool(record["simulated"])
    facts = {"run_id": made.run_id, "note": record["note"], "data": made.parts["snapshot"]}
    notices = []
    found: dict[str, list[dict[str, Any]]] = {}
    for call in spoken.made(history.findings_of(folder)):
        origin = origin_of(call.as_of, record["finished"], simulated=simulated)
        line = line_of(call, origin=origin, made_at=record["finished"], params=made.parts["params"], **facts)
        found.setdefault(origin, []).append(line)
    held = {origin: journal.read(file_of(made.out, origin)) for origin in origins(simulated=simulated)}
    for origin, lines in found.items():
        # a note built again long after its day is no new call
        beside = [line for other, (read, _) in held.items() if other != origin for line in read]
        notices += keep(file_of(made.out, origin), lines, beside=beside).notices
    for origin in held:
        notices += resolve(file_of(made.out, origin), made.snapshot).notices
    return [*(said for _, others in held.values() for said in others), *notices]


def keep(path: Path, lines: Sequence[Mapping[str, Any]], *, beside: Sequence[Line] = ()) -> Kept:
    """Append calls, those left out whose question the same note answered last with the same words and numbers.

    `beside` are lines of other journals in which it may have answered.
    """

    def new(held: list[Line]) -> list[Mapping[str, Any]]:
        last = {_asked(line, "note"): line for line in (*beside, *held) if line["type"] == CALL}
        return [line for line in lines if not _is_same(line, last.get(_asked(line, "note")))]

    return journal.append_new(path, new)


def _asked(line: Mapping[str, Any], *more: str) -> tuple[Any, ...]:
    return tuple(line[name] for name in (*_QUESTION, *more))


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


def counted(calls: Sequence[Line]) -> list[Line]:
    """One call a question: of those made on the day the first, which hindsight cannot better, of others the last."""
    kept: dict[tuple[Any, ...], Line] = {}
    for line in calls:
        asked = (line["origin"], *_asked(line))
        if asked not in kept or line["origin"] != LIVE:
            kept[asked] = line
    return list(kept.values())


def with_record(snapshot: Snapshot, params: Params, out: Path) -> tuple[Snapshot, list[str]]:
    """The snapshot with the calls on its pair that were made before its day and over by its last one, and notices.

    Of this method version only. An outcome that was written down stands, the others are read off the bars, so it does
    not matter whether one has been written down.

    Raises
    ------
    JournalError
        A journal was tampered with.
    """
    tape, rows, notices = Tape(snapshot), [], []
    for origin in origins(simulated=snapshot.simulated):
        lines, said = journal.read(file_of(out, origin))
        notices += said
        for line in counted(with_outcomes(lines)):
            is_ours = {line["subject"], line["against"]} == {params.mid, params.mega}
            is_over = line["as_of"] < snapshot.as_of and line["resolve_on"] <= snapshot.bars_to
            if not (is_ours and is_over and line["method_version"] == helpers.METHOD_VERSION):
                continue
            row = line
            if line["happened"] is None:
                found = tape.outcome(line)
                if found is None:
                    continue
                row = {**line, "happened": found.happened, "base": found.base if line["base"] is None else line["base"]}
            rows.append({**row, **row["terms"]})
    rows.sort(key=lambda row: (row["origin"], row["as_of"], row["kind"], row["by"]))
    return replace(snapshot, calls=past_calls.frame(rows)), notices


def every(out: Path) -> tuple[list[Line], list[str]]:
    """The calls of all journals with what became of them, and notices; errors as `journal.read`."""
    held, notices = [], []
    for origin in NAMES:
        lines, said = journal.read(file_of(out, origin))
        held += with_outcomes(lines)
        notices += said
    return held, notices
