"""run.json: what a run was made of, how each notebook ended, and the hash of every file it wrote."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import helpers
from helpers.core.errors import COMPLETE, DEGRADED, FAILED, TIMED_OUT
from helpers.core.findings import SCHEMA
from helpers.runs import plan
from helpers.runs.kernels.engine import Outcome
from helpers.runs.plan import Plan

STATUS = {COMPLETE: "complete", FAILED: "failed", DEGRADED: "degraded", TIMED_OUT: "timed_out"}
_PACKAGES = ("pandas", "numpy", "altair", "vl-convert-python", "papermill", "nbclient", "ipykernel", "pyarrow")
_PARTS = {
    "params": "parameters",
    "snapshot": "data",
    "code": "code",
    "method": "method",
    "own": "own sentences or view",
}


def run_record(
    made: Plan,
    *,
    exit_code: int,
    headline: str,
    message: str,
    revision: int,
    reason: str,
    rebuilt_for: str,
    started: dt.datetime,
    timings: Mapping[str, float],
    outcomes: Mapping[str, Outcome],
    degraded: Sequence[str],
    changes: Sequence[Mapping[str, str | None]],
    rewrite: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything run.json holds but the hashes, which the caller adds once all files are written."""
    coverage = made.snapshot.coverage
    return {
        "schema": SCHEMA,
        "run_id": made.run_id,
        "note": made.params.note.name,
        "as_of": made.snapshot.as_of,
        "requested_as_of": made.snapshot.requested_as_of,
        "bars_to": made.snapshot.bars_to,
        "simulated": bool(made.snapshot.simulated),
        "headline": headline,
        "message": message,
        "revision": revision,
        "reason": reason,
        "rebuilt_for": rebuilt_for,
        "status": STATUS[exit_code],
        "exit_code": exit_code,
        "started": started.isoformat(timespec="seconds"),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "timings": dict(timings),
        "notebooks": {path.stem: _ended(outcomes.get(path.stem)) for path in made.notebooks},
        "degraded": list(degraded),
        "coverage": {
            str(row.symbol): {"status": str(row.status), "since": str(row.since)} for row in coverage.itertuples()
        }
        | {name: {"status": status, "since": ""} for name, status in made.snapshot.background.inputs.items()},
        "changes": [dict(item) for item in changes],
        **({"rewrite": dict(rewrite)} if rewrite else {}),
        "journal": dict(made.journal),
        "parts": dict(made.parts),
        "method_version": helpers.METHOD_VERSION,
        "versions": versions(),
        "params": plan.public(made.params),
        "hashes": {},
    }


def own_hash(record: Mapping[str, Any]) -> str:
    """Hash of a record without its own: a line of it changed by hand is noticed."""
    held = {name: value for name, value in record.items() if name != "sha256"}
    text = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def failures(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Notebook and reason of each one that did not end well."""
    return [
        {"notebook": name, "reason": item["reason"]}
        for name, item in record["notebooks"].items()
        if item["status"] not in ("ok", "not_run")
    ]


def what_changed(before: Mapping[str, Any], made: Plan) -> str:
    """Which parts of the run id differ from those of the run being replaced, in words."""
    old = before.get("parts", {})
    words = dict(_PARTS)
    if (before.get("journal") or {}).get("without") == made.journal.get("without", ""):
        words["snapshot"] = "the record of calls"
    changed = [word for part, word in words.items() if old.get(part) != made.parts.get(part)]
    return f"changed: {', '.join(changed)}" if changed else ""


def versions() -> dict[str, str]:
    """Versions of what the numbers and pictures were made with."""
    found = {"python": platform.python_version(), "breadthbook": helpers.__version__}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _ended(outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {"status": "not_run", "seconds": 0.0, "reason": ""}
    return {"status": outcome.status, "seconds": outcome.seconds, "reason": outcome.reason}
