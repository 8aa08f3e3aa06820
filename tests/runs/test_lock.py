"""Who holds a note, and whether that process still lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.core.errors import AlreadyRunningError
from helpers.runs import files, lock


def gone() -> int:
    """The pid of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_holder_is_named_while_it_holds_and_gone_after(tmp_path: Path) -> None:
    with lock.held(tmp_path / "note", "abc"):
        record = files.read_json(tmp_path / "note" / lock.HOLDER_NAME)
        assert record is not None
        assert record["pid"] == os.getpid()
        assert lock.is_alive(record)
    assert not (tmp_path / "note" / lock.HOLDER_NAME).exists()


def test_a_note_is_held_once(tmp_path: Path) -> None:
    with (
        lock.held(tmp_path, "abc"),
        pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"),
        lock.held(tmp_path, "abc"),
    ):
        pass


def test_a_process_that_ended_is_not_alive() -> None:
    assert not lock.is_alive({"pid": gone(), "started": "1"})


def test_another_process_under_the_same_number_is_not_the_holder() -> None:
    assert not lock.is_alive({"pid": os.getpid(), "started": "long ago"})


def test_a_dead_holder_is_reported(tmp_path: Path) -> None:
    dead = {"pid": gone(), "started": "1", "run_id": "abc", "since": "2026-04-17"}
    files.write_json(tmp_path / "note" / lock.HOLDER_NAME, dead)
    assert "run abc" in lock.died(tmp_path)[0]
    with lock.held(tmp_path / "note", "def") as notices:
        assert "run abc" in notices[0]
    assert lock.died(tmp_path) == []
