"""A run whose note a language model rewords: what stands is checked, recorded and verified, and the key is nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.core import params as parameters
from helpers.runs import execute, verify
from tests.loopback import llm
from tests.runs.conftest import TODAY
from tests.runs.test_own import SECTION
from tests.runs.test_rewrite import faithful

KEY = "sk-planted-0123456789abcdef"


def run(folder: Path, *replies: llm.Reply) -> tuple[execute.RunResult, dict]:
    with llm.LanguageModel(*replies) as model:
        (folder / "small.yaml").write_text(
            "note: {name: small}\nas_of: 2026-04-16\nnarrative_llm: {model: tiny, key_env: LLM_KEY, seconds: 30, "
            f"base_url: {model.base_url!r}}}\n",
            encoding="utf-8",
        )
        result = execute.run(parameters.load(folder / "small.yaml"), project=folder, today=TODAY)
    assert result.exit_code == 0, result
    return result, json.loads((result.run_dir / "run.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_KEY", KEY)
    return project(s02_breakout=SECTION)


@pytest.mark.slow
def test_words_that_pass_stand_in_the_note_and_the_note_holds(folder: Path) -> None:
    result, record = run(folder, llm.drafts(lambda label, text: text.replace("closed at", "finished at")))
    text = (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert "finished at" in text
    assert record["rewrite"]["accepted"] and record["rewrite"]["model"] == "tiny"
    assert verify.verify(result.run_dir) == []
    for name in ("note.html", "notebooks/08_note.ipynb"):
        assert verify.verify(result.run_dir / name) == [], name
    page = result.run_dir / "note.html"
    page.write_text(page.read_text(encoding="utf-8").replace("finished at", "soared to"), encoding="utf-8")
    assert [item.found for item in verify.verify(page)] == ["soared"]
    for path in result.run_dir.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_words_that_do_not_pass_leave_the_note_as_it_was_and_the_reason_in_its_record(folder: Path) -> None:
    result, record = run(folder, llm.drafts(lambda label, text: faithful(label, text) + " It will rise by 99%."))
    assert record["rewrite"]["accepted"] == [] and record["rewrite"]["tries"] == 2
    assert any("99" in item["reason"] or "digit" in item["reason"] for item in record["rewrite"]["dropped"])
    text = (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert "99%" not in text and "closed at" in text
    assert verify.verify(result.run_dir) == []
