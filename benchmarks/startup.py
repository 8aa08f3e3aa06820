"""Start-up against budgets: importing the package, and the sample note from command to page."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError

REPEATS = 9
IMPORT_BUDGET = 0.050  # seconds on top of pandas
NOTE_BUDGET = 20.0  # seconds


def import_seconds(module: str, repeats: int = REPEATS) -> float:
    """Median seconds that `import module` takes in a fresh interpreter."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    command = [sys.executable, "-c", code]
    # the first start fills the caches of the disk and is not counted
    runs = [
        subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True) for _ in range(repeats + 1)
    ]
    return statistics.median(float(run.stdout) for run in runs[1:])


def note_seconds() -> float:
    """Wall seconds of one sample note in an empty folder."""
    command = [str(Path(sys.executable).with_name("breadthbook")), "run", "params/sample.yaml"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        code = subprocess.run(
            [*command, "--out", folder], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL
        ).returncode
        taken = time.perf_counter() - start
    if code:
        raise WrongResultError(f"the sample note ended with exit code {code}; its time says nothing")
    return taken


def measured() -> list[Figure]:
    """Seconds of an import beside that of pandas, and of the sample note."""
    pandas, helpers = import_seconds("pandas"), import_seconds("helpers")
    return [
        Figure(
            "import helpers; peer: import pandas",
            helpers,
            peer=pandas,
            ratio=helpers / pandas,
            budget=IMPORT_BUDGET,
            budget_on="difference",
        ),
        Figure("sample note", note_seconds(), budget=NOTE_BUDGET),
    ]
