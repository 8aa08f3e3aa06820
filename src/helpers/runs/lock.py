"""One writer a note: a lock that names its holder, and recognises one that died."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.core.errors import AlreadyRunningError
from helpers.runs import files

LOCK_NAME = ".lock"
HOLDER_NAME = ".running.json"


@contextlib.contextmanager
def held(note_dir: Path, run_id: str) -> Iterator[list[str]]:
    """Hold the note's lock; gives one sentence for a driver found dead.

    Raises
    ------
    AlreadyRunningError
        Another process holds it.
    """
    import filelock

    note_dir.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(note_dir / LOCK_NAME, timeout=0)
    holder = note_dir / HOLDER_NAME
    try:
        lock.acquire()
    except filelock.Timeout:
        raise _busy(note_dir, files.read_json(holder)) from None
    try:
        record = files.read_json(holder)
        if record is not None and is_alive(record) and record.get("pid") != os.getpid():
            # the file system grants every lock; the record still tells the truth
            raise _busy(note_dir, record)
        notices = [] if record is None else [_died(note_dir.name, record)]
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        files.write_json(holder, {"pid": os.getpid(), "started": started(os.getpid()), "run_id": run_id, "since": now})
        try:
            yield notices
        finally:
            holder.unlink(missing_ok=True)
    finally:
        lock.release()


def died(out: Path) -> list[str]:
    """One sentence for each note below `out` whose driver is gone without having ended its run."""
    found = [(path.parent.name, files.read_json(path)) for path in sorted(out.glob(f"*/{HOLDER_NAME}"))]
    return [_died(name, record) for name, record in found if record is not None and not is_alive(record)]


def is_alive(record: dict[str, Any]) -> bool:
    """Whether the process of a holder record still runs: the pid exists and started when the record says."""
    pid = record.get("pid")
    return isinstance(pid, int) and started(pid) is not None and started(pid) == record.get("started")


def started(pid: int) -> str | None:
    """When a process started, in the system's own words; None when there is no such process."""
    if sys.platform.startswith("linux"):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return None
        # a zombie has ended; its parent has only not yet asked for it
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def _busy(note_dir: Path, record: dict[str, Any] | None) -> AlreadyRunningError:
    by = f" by process {record['pid']} since {record['since']}" if record else ""
    return AlreadyRunningError(
        f"{note_dir.name}: this note is being written{by}; wait for it to end, or stop that process", note=note_dir.name
    )


def _died(name: str, record: dict[str, Any]) -> str:
    return (
        f"{name}: the run {record.get('run_id')} started at {record.get('since')} died (process {record.get('pid')} is "
        "gone); the last good note stands, and running it again resumes"
    )
