"""A finished sample run for everyone, and a small project whose sections a test can write itself."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.core import params
from helpers.runs import execute

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 20)
PARAMETERS = 'run_dir: str = "../outputs/draft"  # where results go'
OPEN = "from helpers.runs import record\ndesk = record.open_run(run_dir, notebook={name!r})"
DATA = "from helpers.sections import coverage\nrecord.publish(desk, coverage.coverage(desk.snapshot, desk.params), {})"
NOTE = "record.publish_note(desk)"


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of params/sample.yaml, made once a session; not to be changed."""
    out = tmp_path_factory.mktemp("outputs")
    result = execute.run(params.load(ROOT / "params" / "sample.yaml"), out=out, project=ROOT, today=TODAY)
    assert result.exit_code == 0, result
    return result.run_dir


def write_notebook(path: Path, *code: str) -> None:
    """A notebook with a parameters cell and these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for place, text in enumerate((PARAMETERS, *code))
    ]
    cells[0]["metadata"] = {"tags": ["parameters"]}
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Makes a project of 01, 08 and the sections given as name=code; the note is called "small"."""

    def make(**sections: str) -> Path:
        folder = tmp_path / "project"
        written = {"01_data": DATA, "08_note": NOTE}
        for name, code in written.items():
            write_notebook(folder / "notebooks" / f"{name}.ipynb", OPEN.format(name=name), code)
        for name, code in sections.items():
            write_notebook(folder / "notebooks" / f"{name.removeprefix('s')}.ipynb", code)
        (folder / "small.yaml").write_text("note: {name: small}\nas_of: 2026-04-16\n", encoding="utf-8")
        return folder

    return make


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a process of its own, in a folder of choice, and gives what it printed."""

    def run(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "helpers.runs.cli", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
