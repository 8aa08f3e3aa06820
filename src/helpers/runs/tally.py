"""What a note takes from the journals: one call a question, and how far each journal went when it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import helpers
from helpers.core.params import Params
from helpers.data import past_calls
from helpers.data.snapshot import Snapshot
from helpers.runs import calls, files, history, journal
from helpers.runs.journal import Line
from helpers.sections.outcome import Tape
from helpers.sections.record import LIVE, OWN

#: decimals to which the thresholds of two live calls must agree to be the same question
DECIMALS = 4


@dataclass(frozen=True)
class Recorded:
    """A snapshot with the calls that its note counts, and what was found in the journals.

    Attributes
    ----------
    snapshot : Snapshot
        With its ``calls``.
    notices : list of str
        What a person should know.
    seen : dict
        Of each journal by file name, ``lines`` and the ``hash`` of the last one; nothing of an empty one.
    """

    snapshot: Snapshot
    notices: list[str] = field(default_factory=list)
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def counted(lines: Iterable[Line]) -> list[Line]:
    """One call a question: of those made on the day the first, which hindsight cannot better, of others the last.

    A replay with other settings answers a question of its own. So does a live call with another threshold, leg or
    ratio, whatever the settings that it came from: a fall of five percent is not one of two.
    """
    kept: dict[tuple[Any, ...], Line] = {}
    for line in lines:
        is_live = line["origin"] == LIVE
        asked = (line["origin"], *calls.question(line), terms(line) if is_live else settings(line))
        if asked not in kept or not is_live:
            kept[asked] = line
    return list(kept.values())


def terms(line: Line) -> tuple[tuple[str, Any], ...]:
    """The terms of a call to a basis point, in the order of their names.

    Not those of a replay: made again on bars that were revised it answers the same question at terms a trifle off.
    """
    held = line["terms"].items()
    return tuple(sorted((name, round(v, DECIMALS) if isinstance(v, float) else v) for name, v in held))


def settings(line: Line) -> str:
    """The set of settings that a call is counted under: "" for one made on its day, or by a person."""
    return "" if line["origin"] == LIVE or line["kind"] == OWN else str(line.get("settings", ""))


def with_record(snapshot: Snapshot, params: Params, out: Path) -> Recorded:
    """The snapshot with the calls on its pair that were made before its day and over by its last one.

    Of this method version only; of notes on the pair the other way round none. An outcome that was written down stands,
    the others are read off the bars, so it does not matter whether one has been written down.

    Raises
    ------
    JournalError
        A journal was tampered with.
    """
    tape, rows, notices, ours = Tape(snapshot), [], [], (params.mid, params.mega)
    seen: dict[str, dict[str, Any]] = {}
    earlier = _last_seen(out / params.note.name)
    for origin in calls.origins(simulated=snapshot.simulated):
        path = calls.file_of(out, origin)
        lines, said = journal.read(path)
        notices += [*said, *_compared(path.name, lines, earlier)]
        if lines:
            seen[path.name] = {"lines": len(lines), "hash": lines[-1]["hash"]}
        for line in counted(calls.with_outcomes(lines)):
            pair = (line["subject"], line["against"])
            is_ours = pair == ours or (line["kind"] == OWN and pair == ours[::-1])
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
    rows.sort(key=lambda row: (row["origin"], row["as_of"], row["kind"], row["by"], settings(row)))
    return Recorded(replace(snapshot, calls=past_calls.frame(rows)), notices, seen)


def _last_seen(note_dir: Path) -> Mapping[str, Any]:
    """What the latest note of this name recorded of the journals."""
    for path in sorted(note_dir.glob(f"*/{history.RUN_RECORD}"), reverse=True):
        held = (files.read_json(path) or {}).get("journal")
        if isinstance(held, dict):
            return held
    return {}


def _compared(name: str, lines: Sequence[Line], earlier: Mapping[str, Any]) -> list[str]:
    """A sentence where the journal is not the one that the latest note saw, or lost lines since."""
    known = earlier.get(name)
    if not isinstance(known, dict) or not isinstance(known.get("lines"), int) or known["lines"] < 1:
        return []
    n = known["lines"]
    if len(lines) >= n and lines[n - 1]["hash"] == known.get("hash"):
        return []
    return [
        f"{name}: the latest note read {n} lines of it, which are not those that are there now ({len(lines)}); "
        "lines were lost or replaced, or another journal was begun"
    ]
