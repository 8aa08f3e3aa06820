"""Start-up against budgets: importing the package, and the sample note from command to page."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 9
IMPORT_BUDGET = 0.050  # seconds on top of pandas
NOTE_BUDGET = 20.0  # seconds

# without its byte code Python would compile the whole stack at every start
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def import_seconds(module: str) -> float:
    """Median seconds that `import module` takes in a fresh interpreter."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    command = [sys.executable, "-c", code]
    # the first start fills the caches of the disk and is not counted
    runs = [
        subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True) for _ in range(REPEATS + 1)
    ]
    return statistics.median(float(run.stdout) for run in runs[1:])


def note_seconds() -> tuple[float, int]:
    """Wall seconds and exit code of one sample note in an empty folder."""
    command = [str(Path(sys.executable).with_name("breadthbook")), "run", "params/sample.yaml"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        code = subprocess.run(
            [*command, "--out", folder], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL
        ).returncode
        return time.perf_counter() - start, code


def main() -> int:
    compileall.compile_dir(ROOT / "src", quiet=1)
    pandas, helpers = import_seconds("pandas"), import_seconds("helpers")
    note, code = note_seconds()
    table = Table("measure", "seconds", "budget", "", title="Start-up")
    table.add_row("import pandas", f"{pandas:.3f}", "", "")
    table.add_row(
        "import helpers", f"{helpers:.3f}", f"{pandas + IMPORT_BUDGET:.3f}", _word(helpers <= pandas + IMPORT_BUDGET)
    )
    table.add_row("difference", f"{helpers - pandas:+.3f}", f"{IMPORT_BUDGET:+.3f}", "")
    table.add_row("sample note", f"{note:.1f}", f"{NOTE_BUDGET:.1f}", _word(note <= NOTE_BUDGET))
    Console().print(table)
    if code:
        print(f"the sample note ended with exit code {code}; its time says nothing", file=sys.stderr)
    return int(code != 0 or helpers > pandas + IMPORT_BUDGET or note > NOTE_BUDGET)


def _word(is_met: bool) -> str:
    return "ok" if is_met else "over"


if __name__ == "__main__":
    sys.exit(main())
