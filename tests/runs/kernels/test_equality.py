"""A run on forked kernels is the run on plain ones, byte for byte but for times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.core import params
from helpers.runs import execute
from helpers.runs.kernels import forks
from tests.runs.conftest import ROOT, TODAY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not forks.can_fork(), reason="kernels are forked on Linux only"),
]


def written(out: Path, kind: str) -> Path:
    result = execute.run(
        params.load(ROOT / "params" / "sample.yaml"), out=out / kind, project=ROOT, today=TODAY, kernels=kind
    )
    assert result.exit_code == 0, result
    return result.run_dir


def cells(path: Path) -> list[dict[str, Any]]:
    """Source and outputs of every cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [{name: cell.get(name) for name in ("cell_type", "source", "outputs")} for cell in notebook["cells"]]


def test_all_notebooks_and_files_of_a_run_are_the_same(tmp_path: Path) -> None:
    forked, plain = (written(tmp_path, kind) for kind in ("forked", "plain"))
    notebooks = sorted(path.name for path in (plain / "notebooks").iterdir())
    assert len(notebooks) == 8
    for name in notebooks:
        for place, (one, other) in enumerate(
            zip(cells(forked / "notebooks" / name), cells(plain / "notebooks" / name), strict=True)
        ):
            assert one == other, f"{name}, cell {place}"
    apart = ("run.json", "notebooks/")
    files = {path.relative_to(plain).as_posix() for path in plain.rglob("*") if path.is_file()}
    assert files == {path.relative_to(forked).as_posix() for path in forked.rglob("*") if path.is_file()}
    for name in sorted(files):
        if not name.startswith(apart):
            assert (forked / name).read_bytes() == (plain / name).read_bytes(), name
