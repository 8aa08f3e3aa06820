"""What a note says about itself beside its findings: day, source, what failed, what came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import helpers
from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.runs import files, own

FILE_NAME = "context.json"


def note_context(
    params: Params,
    snapshot: Snapshot,
    run_dir: Path,
    *,
    failed: Sequence[Mapping[str, str]] = (),
    previous: Mapping[str, Any] | None = None,
    revision: int = 1,
    reason: str = "",
) -> dict[str, Any]:
    """Plain JSON values that, with findings and claims, give note.md and note.html again."""
    given = own.of_run(run_dir)
    return {
        "note": params.note.name,
        "as_of": snapshot.as_of,
        "bars_to": snapshot.bars_to,
        "time": snapshot.tape.time if snapshot.tape else "",
        "requested_as_of": snapshot.requested_as_of,
        "stale_because": snapshot.status(params.mid).cause if snapshot.stale_since else "",
        "simulated": bool(snapshot.simulated),
        "source": snapshot.source,
        "method_version": helpers.METHOD_VERSION,
        "author": params.note.author,
        "view": given.view or params.note.view,
        "templates": dict(given.templates),
        "refused": [],
        "disclosure": params.disclosure,
        "failed": [dict(item) for item in failed],
        "pictures": pictures(run_dir),
        "previous": None if previous is None else dict(previous),
        "revision": revision,
        "reason": reason,
    }


def pictures(run_dir: Path) -> dict[str, dict[str, str]]:
    """Title and alternative text of every chart published so far, by file stem, in notebook order."""
    shown: dict[str, dict[str, str]] = {}
    for path in sorted((run_dir / "findings").glob("*.json")):
        record = files.read_json(path) or {}
        shown |= record.get("pictures", {})
    return shown
