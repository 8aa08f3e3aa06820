"""The notebooks, run by hand as in JupyterLab: from top to bottom, no runner, on the sample."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.core import params
from helpers.runs.kernels import plain

ROOT = Path(__file__).parents[1]
IN_ORDER = (
    "01_data",
    "02_breakout",
    "03_relative_strength",
    "04_breadth",
    "05_history",
    "06_risks",
    "07_hedge",
    "08_note",
)
LEAST_CELLS, MOST_CELLS = 20, 40


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))[
        "cells"
    ]
    return found


@pytest.mark.parametrize("name", [*IN_ORDER, "template"])
def test_a_notebook_is_valid_and_its_cell_ids_are_words(name: str) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    ids = [cell["id"] for cell in cells(name)]
    assert len(set(ids)) == len(ids)
    assert all(item.startswith(("md-", "py-")) for item in ids)


@pytest.mark.parametrize("name", [*IN_ORDER, "template"])
def test_a_notebook_holds_nothing_but_its_kernelspec(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert all(set(cell["metadata"]) <= {"tags"} for cell in notebook["cells"])


@pytest.mark.parametrize("name", IN_ORDER[:-1])
def test_a_section_is_neither_a_stub_nor_a_book(name: str) -> None:
    assert LEAST_CELLS <= len(cells(name)) <= MOST_CELLS


@pytest.mark.parametrize("name", [*IN_ORDER, "template"])
def test_prose_names_no_figure_that_a_finding_could_hold(name: str) -> None:
    text = " ".join("".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "markdown")
    prices = [
        word
        for word in text.split()
        if "." in word.strip(".,;:()") and word.strip(".,;:()%").replace(".", "").isdigit()
    ]
    assert not prices


@pytest.mark.parametrize("name", [*IN_ORDER, "template"])
def test_every_declared_parameter_is_used(name: str) -> None:
    code = ["".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "code"]
    for parameter in params.declared_parameters(ROOT / "notebooks" / f"{name}.ipynb"):
        assert any(parameter in text for text in code[1:]), f"{parameter} is declared and not used"


@pytest.fixture
def kernel_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "k"
    folder.mkdir()
    yield folder
    plain.close_loop()
    asyncio.set_event_loop(None)


@pytest.mark.slow
def test_the_notebooks_run_by_hand_in_order(tmp_path: Path, kernel_folder: Path) -> None:
    from nbclient import NotebookClient

    (tmp_path / "notebooks").mkdir()
    for name in (*IN_ORDER[:-1], "template", IN_ORDER[-1]):
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        client = NotebookClient(
            notebook, km=plain.manager(kernel_folder, name), timeout=120, shutdown_kernel="immediate"
        )
        client.owns_km = True
        client.execute(cwd=str(tmp_path / "notebooks"), env=plain.environment(kernel_folder))
    draft = tmp_path / "outputs" / "draft"
    assert (draft / "note.md").is_file()
    assert len(list((draft / "charts").glob("*.svg"))) == 23
