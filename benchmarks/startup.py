"""Start-up against budgets: importing the package, the sections of the sample, its note from command to page."""

from __future__ import annotations

import datetime as dt
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError
from helpers.core import params
from helpers.data import intake
from helpers.sections.breadth import breadth
from helpers.sections.breakout import breakout
from helpers.sections.coverage import coverage
from helpers.sections.hedge import hedge
from helpers.sections.history import history
from helpers.sections.risks import risks
from helpers.sections.strength import strength

SECTIONS = (coverage, breakout, strength, breadth, history, risks, hedge)
#: fewer would say that a section computed nothing
FEWEST_FINDINGS = 900
REPEATS = 9
IMPORT_BUDGET = 0.050  # seconds on top of pandas
NOTE_BUDGET = 8.0  # seconds
SECTIONS_BUDGET = 4.0  # seconds


def import_seconds(module: str, repeats: int = REPEATS) -> float:
    """Median seconds that `import module` takes in a fresh interpreter."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    command = [sys.executable, "-c", code]
    # the first start fills the caches of the disk and is not counted
    runs = [
        subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True) for _ in range(repeats + 1)
    ]
    return statistics.median(float(run.stdout) for run in runs[1:])


def sections_seconds(repeats: int = REPEATS) -> float:
    """Median seconds in which every section computes the sample's findings and frames, its bars read before."""
    chosen = params.load(ROOT / "params" / "sample.yaml")
    snapshot = intake.take(chosen, today=dt.date.today())
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = sum(len(section(snapshot, chosen).findings) for section in SECTIONS)
        taken.append(time.perf_counter() - start)
    if found < FEWEST_FINDINGS:
        raise WrongResultError(f"the sections state {found} findings, {FEWEST_FINDINGS} or more are expected")
    return statistics.median(taken)


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
    """Seconds of an import beside that of pandas, of all sections on the sample, and of its note."""
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
        Figure("all sections on the sample", sections_seconds(), budget=SECTIONS_BUDGET),
        Figure("sample note", note_seconds(), budget=NOTE_BUDGET),
    ]
