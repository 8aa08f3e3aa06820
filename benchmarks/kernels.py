"""Notebooks in kernels: one, eight in turn and eight in a pool of two, beside stock papermill in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat

from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError

REPEATS = 3
MANY = 8
WARM_BUDGET = 0.9  # seconds a run, once the first is done
#: ratios to stock papermill: one, eight in turn, eight in a pool of two
BUDGETS = {"one": 0.45, "in turn": 0.25, "pool of two": 0.40}
POINTS = 2_500

PARAMETERS = f"points = {POINTS}\nseed = 1"
CELLS = (
    "import altair as alt\nimport numpy as np\nimport pandas as pd",
    "dice = np.random.default_rng(seed)\n"
    "days = pd.bdate_range('2016-01-04', periods=points)\n"
    "prices = pd.DataFrame({'date': days, 'close': 100 * np.exp(dice.normal(0, 0.01, points).cumsum())})\n"
    "prices['mean'] = prices['close'].rolling(50).mean()",
    "prices.describe()",
    "alt.data_transformers.disable_max_rows()\n"
    "alt.Chart(prices).mark_line().encode(x='date:T', y='close:Q').properties(width=700, height=260)",
    "alt.Chart(prices).mark_line().encode(x='date:T', y='mean:Q').properties(width=700, height=260)",
    "from IPython.display import Markdown\nMarkdown(f'**{len(prices)} days**, last close {prices.close.iloc[-1]:.2f}')",
    "prices.tail(10)",
)

#: what each driver is given: the notebook, a folder, how many runs, and how many at a time
STOCK = """
import sys
{before}
from concurrent.futures import ProcessPoolExecutor
def one(name):
    import papermill
    made = f"{{sys.argv[2]}}/{{name}}.ipynb"
    papermill.execute_notebook(sys.argv[1], made, progress_bar=False, kernel_name="python3")
if __name__ == "__main__":
    many, jobs = int(sys.argv[3]), int(sys.argv[4])
    if jobs == 1:
        for name in range(many):
            one(name)
    else:
        with ProcessPoolExecutor(jobs) as pool:
            list(pool.map(one, range(many)))
"""
OURS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from helpers.runs.kernels import forks, plain
forks.begin(plain.environment())
from helpers.runs.kernels.engine import Kernels
notebook, folder, many, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
def one(place):
    named = folder / "notebooks" / f"{place}.ipynb"
    outcome = held.run(named, {})
    assert outcome.status == "ok", outcome
held = Kernels(folder, folder / "run", cell_seconds=60, run_seconds=600)
for place in range(many):
    (folder / "notebooks").mkdir(exist_ok=True)
    (folder / "notebooks" / f"{place}.ipynb").write_bytes(notebook.read_bytes())
with ThreadPoolExecutor(jobs) as pool:
    list(pool.map(one, range(many)))
held.close()
"""
#: what keeps a process, and every kernel it starts, from compiling the grammar of `rfc3987_syntax`
WITHOUT = "import sys\nsys.modules['rfc3987_syntax'] = None\n"


def _notebook(folder: Path) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (PARAMETERS, *CELLS)])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "one.ipynb"
    nbformat.write(notebook, path)
    return path


def _seconds(driver: str, many: int, jobs: int, path: str = "") -> float:
    """Wall seconds of a driver, started anew in an empty folder, for so many runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = _notebook(folder)
        script = folder / "driver.py"
        script.write_text(driver, encoding="utf-8")
        paths = [item for item in (path, str(ROOT / "src")) if item]
        command = [sys.executable, str(script), str(notebook), str(folder), str(many), str(jobs)]
        begun = time.perf_counter()
        done = subprocess.run(
            command,
            env={**ENVIRONMENT, "PYTHONPATH": ":".join(paths)},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - begun
        made = [*folder.glob("run/notebooks/*.ipynb"), *folder.glob("[0-9].ipynb")]
        if done.returncode or len(made) != many:
            raise WrongResultError(f"{len(made)} of {many} notebooks ran: {done.stderr[-300:]}")
    return taken


def _paired(driver: str, peer: str, many: int, jobs: int, path: str = "") -> tuple[float, float, float]:
    """Median seconds of ours and of the peer's, run in turn, and the median of the pairs' ratios."""
    pairs = [(_seconds(driver, many, jobs), _seconds(peer, many, jobs, path)) for _ in range(REPEATS)]
    ours, theirs = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(theirs), statistics.median(one / two for one, two in pairs)


def _compared(name: str, before: str, path: str, budgets: dict[str, float]) -> list[Figure]:
    peer = STOCK.format(before=before)
    found = []
    plan: Sequence[tuple[str, int, int]] = (("one", 1, 1), ("in turn", MANY, 1), ("pool of two", MANY, 2))
    for label, many, jobs in plan:
        ours, theirs, ratio = _paired(OURS, peer, many, jobs, path)
        what = "one notebook, cold" if many == 1 else f"{many} notebooks, {label}"
        found.append(
            Figure(
                f"{what}; peer: {name}", ours, peer=theirs, ratio=ratio, budget=budgets.get(label), budget_on="ratio"
            )
        )
    return found


def measured() -> list[Figure]:
    """Seconds of one notebook and of eight, beside papermill as it comes and without its slowest import."""
    found = _compared("papermill", "", "", BUDGETS)
    warm = (found[1].ours - found[0].ours) / (MANY - 1)
    found.append(Figure("one notebook more, warm", warm, budget=WARM_BUDGET))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
        found += _compared("papermill without the slow import", "", folder, {})
    return found
