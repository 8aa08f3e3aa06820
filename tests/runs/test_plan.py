"""What is settled before a kernel starts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.core import blocks, params
from helpers.core.errors import ParameterError, UsageError
from helpers.runs import plan

from .conftest import ROOT, TODAY, write_notebook

Project = Callable[..., Path]


def names(folder: Path) -> list[str]:
    return [path.stem for path in plan.notebooks(folder)]


def test_the_project_is_found_from_a_folder_below_it(project: Project) -> None:
    folder = project()
    assert plan.project_root(folder / "notebooks") == folder.resolve()


def test_without_a_project_the_message_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="08_note"):
        plan.project_root(tmp_path)


def test_data_come_first_and_the_note_last(project: Project) -> None:
    folder = project(s79_mine="1", s90_explore="1", s02_breakout="1")
    write_notebook(folder / "notebooks" / "template.ipynb", "1")
    assert names(folder) == ["01_data", "02_breakout", "79_mine", "08_note"]


def test_a_notebook_gets_only_what_it_declares(project: Project) -> None:
    made = plan.make(params.load(project() / "small.yaml"), project=ROOT, today=TODAY)
    given = made.arguments("08_note")
    assert given == {"as_of": "2026-04-16"}


def test_a_notebook_without_run_dir_is_refused(project: Project) -> None:
    folder = project()
    path = folder / "notebooks" / "10_mine.ipynb"
    write_notebook(path, "1")
    path.write_text(path.read_text().replace("run_dir: str", "other: str"))
    with pytest.raises(ParameterError, match=r"10_mine\.ipynb: its parameters cell lacks `run_dir`"):
        plan.declarations(folder)


def test_a_parameter_of_a_section_of_ones_own_is_known_and_typed(project: Project) -> None:
    folder = project()
    path = folder / "notebooks" / "10_mine.ipynb"
    write_notebook(path, "1")
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] += "\nspan: int = 5  # trading days"
    path.write_text(json.dumps(notebook))
    declared = plan.section_parameters(folder)
    assert declared == {"span": 5}
    made = plan.make(params.load(folder / "small.yaml", {"span": 9}, declared=declared), project=folder, today=TODAY)
    assert made.arguments("10_mine") == {"span": 9}
    with pytest.raises(ParameterError, match="span"):
        params.load(folder / "small.yaml", {"span": "nine"}, declared=declared)


def test_the_run_id_follows_parameters_and_notebooks(project: Project) -> None:
    folder = project()

    def run_id(**changes: object) -> str:
        return plan.make(params.load(folder / "small.yaml", changes), project=folder, today=TODAY).run_id

    first = run_id()
    assert run_id() == first
    assert run_id(window=126) != first
    (folder / "notebooks" / "01_data.ipynb").write_text(
        (folder / "notebooks" / "01_data.ipynb").read_text().replace("coverage", "coverage ", 1)
    )
    assert run_id() != first


def test_source_paths_are_recorded_by_file_name() -> None:
    chosen = params.Params(sources=blocks.Sources(bars=["/srv/someone/bars.parquet", "sample"]))
    assert plan.public(chosen)["sources"]["bars"] == ["bars.parquet", "sample"]


def test_a_file_in_the_place_of_the_note_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "small").write_text("")
    with pytest.raises(UsageError, match="out/small"):
        plan.make(params.load(project() / "small.yaml"), project=ROOT, out=tmp_path / "out", today=TODAY)
