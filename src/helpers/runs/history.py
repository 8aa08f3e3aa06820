"""What stood before: the last note, the revision being replaced, and the step that puts a new run in its place."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.core.errors import COMPLETE, DEGRADED
from helpers.core.findings import Finding, Findings
from helpers.runs import files

RUN_RECORD = "run.json"
PREVIOUS = "snapshot/previous.json"
HISTORY = ".history"
_ASIDE = ".old"
#: findings of the last note that this one may compare itself with
_CARRIED = (
    "breakout.high",
    "breakout.last",
    "breakout.prior_high",
    "breakout.is_new_high",
    "breakout.closing_high",
    "breakout.close_confirmed",
    "breakout.rvol",
    "breakout.level",
    "strength.excess",
    "risks.trigger_state",
    "risks.score_label",
)
_GONE = ("missing", "stale", "quarantined")


def standing(folder: Path) -> dict[str, Any] | None:
    """The record of the run that stands in `folder`; None when there is none."""
    return files.read_json(folder / RUN_RECORD) if (folder / "note.html").is_file() else None


def is_complete(record: Mapping[str, Any] | None, run_id: str) -> bool:
    """Whether `record` is this very run, ended with a note and nothing failed."""
    return record is not None and record.get("run_id") == run_id and record.get("exit_code") in (COMPLETE, DEGRADED)


def previous(note_dir: Path, as_of: str, run_id: str) -> dict[str, Any] | None:
    """The note this one is compared with: for a revision the one it replaces, else the latest with an earlier as_of.

    A run repeated under its own id keeps what it was compared with the first time.
    """
    now = standing(note_dir / as_of)
    if now is not None and now.get("run_id") == run_id:
        return recorded_previous(note_dir / as_of)
    if now is not None:
        return _summary(note_dir / as_of, now)
    dated = [path.parent for path in note_dir.glob(f"*/{RUN_RECORD}")]
    for folder in sorted((folder for folder in dated if folder.name < as_of), reverse=True):
        record = standing(folder)
        if record is not None:
            return _summary(folder, record)
    return None


def recorded_previous(folder: Path) -> dict[str, Any] | None:
    """What the run in `folder` was compared with."""
    held: dict[str, Any] | None = (files.read_json(folder / PREVIOUS) or {}).get("previous")
    return held


def degraded(coverage: Mapping[str, str], required: tuple[str, ...], before: Mapping[str, Any] | None) -> list[str]:
    """Symbols declared required, or usable in the last run and still asked for, that are missing or stale now."""
    once = (before or {}).get("coverage", {})
    had = [symbol for symbol, status in once.items() if status not in _GONE and symbol in coverage]
    return [symbol for symbol in dict.fromkeys((*required, *had)) if coverage.get(symbol, "missing") in _GONE]


def difference(before: Findings, after: Findings) -> list[dict[str, str | None]]:
    """Findings that changed between two runs: address, text before, text after (None where there was none)."""
    old = {item.address: _said(item) for item in before}
    new = {item.address: _said(item) for item in after}
    return [
        {"finding": address, "before": old.get(address), "after": new.get(address)}
        for address in dict.fromkeys((*new, *old))
        if old.get(address) != new.get(address)
    ]


def findings_of(folder: Path) -> Findings:
    """The findings a finished run stated."""
    record = files.read_json(folder / "findings.json")
    return Findings() if record is None else Findings.from_json(record)


def place(building: Path, folder: Path, replaced: Mapping[str, Any] | None) -> None:
    """Put the finished run at `folder`; the one that stood there moves into its `.history`.

    Killed at any point, `recover` brings a complete run back.
    """
    aside = building.parent / f"{folder.name}{_ASIDE}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(aside)
    building.rename(folder)
    if aside.exists():
        _keep(aside, folder, replaced)


def recover(note_dir: Path) -> None:
    """Finish, or take back, a placement that was interrupted."""
    for aside in sorted((note_dir / ".building").glob(f"*{_ASIDE}")):
        folder = note_dir / aside.name.removesuffix(_ASIDE)
        if folder.exists():
            _keep(aside, folder, files.read_json(aside / RUN_RECORD))
        else:
            aside.rename(folder)


def _keep(aside: Path, folder: Path, replaced: Mapping[str, Any] | None) -> None:
    kept = aside / HISTORY
    if kept.exists():
        kept.rename(folder / HISTORY)
    now = files.read_json(folder / RUN_RECORD) or {}
    if not replaced or replaced.get("run_id") == now.get("run_id"):
        shutil.rmtree(aside)
        return
    name = str(replaced["run_id"])
    target = folder / HISTORY / name
    if target.exists():
        # the same inputs stood here once before, as an earlier revision
        target = folder / HISTORY / f"{name}-r{replaced.get('revision', 0)}"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.rename(target)


def _summary(folder: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    claims = (files.read_json(folder / "claims.json") or {}).get("claims", [])
    found = [item for item in findings_of(folder) if item.id in _CARRIED]
    return {
        "as_of": record["as_of"],
        "run_id": record["run_id"],
        "revision": record["revision"],
        "claims": {claim["id"]: claim["verdict"] for claim in claims},
        "findings": [item.to_json() for item in found],
        "coverage": {symbol: row["status"] for symbol, row in record.get("coverage", {}).items()},
    }


def _said(item: Finding) -> str:
    interval = item.interval_text()
    return f"{item.text()} ({interval})" if interval else item.text()
