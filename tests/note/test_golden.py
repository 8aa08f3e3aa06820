"""Twelve notes read by eye and then frozen: a changed word is a decision. BREADTHBOOK_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.note.scenes import SCENES

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", SCENES)
def test_the_note_is_the_one_that_was_read(name: str, tmp_path: Path) -> None:
    written = SCENES[name](tmp_path)
    path = GOLDEN / f"{name}.md"
    if os.environ.get("BREADTHBOOK_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8")


def test_every_frozen_note_is_still_written() -> None:
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(SCENES)
