"""Parameter files, notebooks and the documentation, held to the code."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers.core import params

ROOT = Path(__file__).parents[1]
NOTES = sorted(path for path in (ROOT / "params").glob("*.yaml") if path.stem not in ("calendar", "watchlist"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHIPPED_NOTEBOOKS = {
    "01_data",
    "02_breakout",
    "03_relative_strength",
    "04_breadth",
    "05_history",
    "06_risks",
    "07_hedge",
    "08_note",
    "template",
}
SHIPPED_NOTES = {"daily", "ijh_2026-04-17", "mdy_long", "sample"}
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")})

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.Try)
LONGEST_CELL = 12  # lines

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_shipped_notebook = pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.stem in SHIPPED_NOTEBOOKS], ids=lambda path: path.stem
)


def cells(path: Path) -> list[dict[str, Any]]:
    """A notebook's cells, each source as one text."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def test_the_shipped_parameter_files_are_there() -> None:
    assert {path.stem for path in NOTES} >= SHIPPED_NOTES


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_a_parameter_file_loads(path: Path) -> None:
    assert params.load(path).note.name


def test_the_shipped_notebooks_are_there() -> None:
    assert {path.stem for path in NOTEBOOKS} >= SHIPPED_NOTEBOOKS


@each_notebook
def test_a_notebook_opens_with_its_question(path: Path) -> None:
    first = cells(path)[0]
    assert first["cell_type"] == "markdown"
    assert first["source"].startswith("# ")


@each_notebook
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    assert not [cell["source"] for cell in code_cells(path) if cell["outputs"] or cell["execution_count"] is not None]


@each_notebook
def test_a_notebook_has_one_parameters_cell_of_literals(path: Path) -> None:
    assert "run_dir" in params.declared_parameters(path)


@each_shipped_notebook
def test_parameters_cells_agree_with_the_model(path: Path) -> None:
    model = params.Params().model_dump()
    declared = {name: value for name, value in params.declared_parameters(path).items() if name != "run_dir"}
    if path.stem == "template":  # shows how a section declares a parameter of its own
        declared = {name: value for name, value in declared.items() if name in model}
    assert declared == {name: model.get(name, "no such parameter") for name in declared}


@each_notebook
def test_a_notebook_holds_no_logic(path: Path) -> None:
    for cell in code_cells(path):
        logic = [type(node).__name__ for node in ast.walk(ast.parse(cell["source"])) if isinstance(node, DEFINITIONS)]
        assert not logic, f"{logic} belongs in a module:\n{cell['source']}"


@each_notebook
def test_code_cells_are_short(path: Path) -> None:
    assert not [cell["source"] for cell in code_cells(path) if len(cell["source"].splitlines()) > LONGEST_CELL]


@each_notebook
def test_a_notebook_explains_at_least_as_much_as_it_calls(path: Path) -> None:
    kinds = [cell["cell_type"] for cell in cells(path)]
    assert kinds.count("markdown") >= kinds.count("code")
    trios = zip(kinds, kinds[1:], kinds[2:], strict=False)
    assert ("code", "code", "code") not in trios, "three code cells in a row; put prose between them"


# --- documentation ------------------------------------------------------------------------------


def shell_lines(page: Path) -> list[str]:
    """Commands in a page's code blocks, prompts and comments taken off."""
    blocks = re.findall(r"^```(?:bash|console|sh|shell)?\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    lines = [
        line.strip().removeprefix("$ ").split("  #")[0].split(" # ")[0]
        for block in blocks
        for line in block.splitlines()
    ]
    return [line.removeprefix(".venv/bin/") for line in lines]


def commands_in_pages(program: str) -> list[str]:
    return sorted({line.strip() for page in PAGES for line in shell_lines(page) if line.split(" ")[0] == program})


def test_make_targets_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    used = {line.split()[1] for line in commands_in_pages("make")}
    assert used
    assert used <= targets


@pytest.mark.parametrize("line", commands_in_pages("breadthbook"))
def test_breadthbook_commands_in_the_pages_exist(line: str) -> None:
    words = line.split()[1:]
    named = [word for word in words[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
    command = [
        sys.executable,
        "-c",
        "import sys; from helpers.runs.cli import main; sys.exit(main())",
        *named,
        "--help",
    ]
    wide = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    shown = subprocess.run(command, env=wide, capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", shown.stdout)), f"`{line}` has an option that its help does not name"


def test_files_named_in_commands_exist() -> None:
    named = {
        word for page in PAGES for line in shell_lines(page) for word in line.split() if word.startswith("params/")
    }
    assert not [name for name in named if not (ROOT / name).is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


def test_make_names_its_targets_in_help() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.M)) - {"help"}
    assert targets == set(re.findall(r'@echo "make ([a-z]+)', text))
