"""A section of one's own: from the template to a run with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.core import params
from helpers.core.errors import UsageError
from helpers.runs import execute, plan, scaffold, verify

from .conftest import ROOT, TODAY


@pytest.fixture
def with_template(project: Callable[..., Path]) -> Path:
    folder = project()
    shutil.copy(ROOT / "notebooks" / "template.ipynb", folder / "notebooks")
    return folder


def test_a_new_section_runs_and_verifies(with_template: Path) -> None:
    notebook, file = scaffold.new(with_template, "pullback")
    declared = plan.section_parameters(with_template)
    chosen = params.load(file, {"drawdown_window": 63}, declared=declared)
    result = execute.run(chosen, project=with_template, today=TODAY)
    assert result.exit_code == 0, result.failed
    text = (result.run_dir / "findings" / f"{notebook.stem}.json").read_text(encoding="utf-8")
    assert '"pullback.drawdown"' in text
    assert '"window": 63' in text
    assert verify.verify(result.run_dir) == []
    page = (result.run_dir / "note.html").read_text(encoding="utf-8")
    assert '<th scope="row">drawdown' in page
    assert "## Pullback" in (result.run_dir / "note.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["strength", "note", "calendar"])
def test_a_name_of_the_kit_is_refused(with_template: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"my_{name}"):
        scaffold.new(with_template, name)


def test_numbers_go_up(with_template: Path) -> None:
    stems = [scaffold.new(with_template, name)[0].stem for name in ("one", "two")]
    assert stems == ["10_one", "11_two"]


def test_nothing_is_overwritten(with_template: Path) -> None:
    scaffold.new(with_template, "mine")
    with pytest.raises(UsageError, match="10_mine"):
        scaffold.new(with_template, "mine")


@pytest.mark.parametrize("name", ["../up", "Two Words", "class", "", "9lives"])
def test_a_name_that_cannot_be_one_is_refused(with_template: Path, name: str) -> None:
    with pytest.raises(UsageError, match="small letters"):
        scaffold.new(with_template, name)
