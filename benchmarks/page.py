"""docs/performance.md: every figure of a whole run, with machine, versions, date and how it was measured."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.figures import ROOT, Figure

PAGE = ROOT / "docs" / "performance.md"
PACKAGES = (
    "numpy",
    "pandas",
    "pyarrow",
    "bottleneck",
    "TA-Lib",
    "vectorbt",
    "polars",
    "duckdb",
    "numba",
    "arch",
    "alphalens-reloaded",
    "scipy",
    "yfinance",
)

HOW = """\
Written by `make bench`; figures typed by hand would go stale.

## How it was measured

- Ours and the peer's run in turn, in one process, and take turns at going first. The ratio is the median of the
  pairs' ratios, so that a machine that is slow for a while slows both. Seconds are medians over the same pairs, on the
  wall's clock; they are of this machine and of that hour, the ratios travel better. A peer that needs more than two
  seconds and has no budget beside it runs once.
- Results are compared before anything is timed. Days, symbols and ages of new highs must be identical, and breadth
  counts identical with pandas'; relative volume, distance and forward returns to 1e-12. Three differences are the
  peers' own: TA-Lib passes over a missing day where a full window is asked for, so only its symbols without one are
  compared; rolling z-scores with a running variance are off by some 1e-7, ours are summed window by window; a close
  that equals its mean is put above or below it by rounding, where ours follows pandas bit for bit.
- Each peer is given the data in its own layout; making that layout is not counted, nor are imports or compiling. Peers
  that use all cores are named so; ours uses one.
- The panel is invented: a common factor and walks, 40 % listed late, 5 % delisted, one day in 2,000 missing, prices to
  two decimals. About 4 % of its days are new highs. Relative volume is here the mean of 50 days, which all peers can
  do; a note states the median.
- Memory over base is the peak of one scan, its result included, beyond what the process held before it. "Whole process"
  counts everything, the panel too. Imports are medians over fresh interpreters with byte code.
- scipy's bootstrap answers another question: it draws events one by one and takes clustered, overlapping events for
  independent ones. Its time is shown, its interval would be too narrow.
"""


def write(figures: Sequence[Figure], path: Path = PAGE) -> None:
    """Write the page."""
    kept = [figure for figure in figures if figure.budget is not None]
    over = [figure.measure for figure in kept if not figure.is_met]
    verdict = f"{len(kept) - len(over)} of {len(kept)} budgets are kept."
    verdict += f" Over budget: {'; '.join(over)}." if over else ""
    rows = "\n".join(f"| {' | '.join(figure.cells)} |" for figure in figures)
    lines = [
        "# Performance\n",
        HOW,
        "## Where and when\n",
        f"{_machine()}. {dt.datetime.now(dt.UTC).date().isoformat()}.\n",
        f"Python {platform.python_version()}, {', '.join(_versions())}.\n",
        "## Figures\n",
        f"{verdict}\n",
        "| measure | figure | peer | ratio | budget | |\n| --- | ---: | ---: | ---: | ---: | --- |",
        rows,
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _machine() -> str:
    """Kind of processor, cores and memory; no name of a machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    said = [platform.system(), platform.machine(), f"{cores} cores"]
    about = Path("/proc/cpuinfo")
    if about.exists():
        models = [line.partition(":")[2].strip() for line in about.read_text().splitlines() if "model name" in line]
        said[1:1] = models[:1]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        said.append(f"{size / 2**30:.0f} GiB of memory")
    return ", ".join(said)


def _versions() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return found
