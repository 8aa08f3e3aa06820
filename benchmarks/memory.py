"""What the scan needs of memory, each in a process of its own, and how long its libraries take to import."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import ENVIRONMENT, ROOT, STATUS, Figure, peak
from benchmarks.startup import import_seconds

PEERS = ("pandas", "bottleneck", "polars", "duckdb")
LARGE = (8_000, 6_300)
LARGE_BUDGET = 2_384  # MiB, 2.5 GB
IMPORTS = {
    "ours, numpy and pandas included": "helpers.signals.scan",
    "pandas": "pandas",
    "bottleneck": "bottleneck",
    "TA-Lib": "talib",
    "polars": "polars",
    "duckdb": "duckdb",
    "numba": "numba",
    "vectorbt": "vectorbt",
    "arch": "arch.bootstrap",
    "alphalens-reloaded": "alphalens",
    "scipy.stats": "scipy.stats",
}
REPEATS = 2


def measured() -> list[Figure]:
    """Peak over base of our scan beside each peer's, peak of a very large one, seconds of every import."""
    from benchmarks.workloads import NAMES, SIZE

    figures = []
    if STATUS.exists():
        mine = _run("over", "ours")["peak"]
        for peer in PEERS:
            print(f"  memory: {peer}", file=sys.stderr)
            theirs = _run("over", peer)["peak"]
            title = f"memory of the scan over base {SIZE}; peer: {NAMES.get(peer, peer)}"
            figures.append(Figure(title, mine, "MiB", peer=theirs, ratio=mine / theirs))
    large = _run("large", "ours")
    size = f"{LARGE[0]:,} x {LARGE[1]:,}"
    figures.append(Figure(f"scan {size}: memory of the whole process", large["peak"], "MiB", budget=LARGE_BUDGET))
    figures.append(Figure(f"scan {size}: median as in a note", large["median"]))
    figures.append(Figure(f"scan {size}: mean", large["mean"]))
    for name, module in IMPORTS.items():
        print(f"  import: {name}", file=sys.stderr)
        figures.append(Figure(f"import: {name}", import_seconds(module, REPEATS)))
    return figures


def _run(what: str, who: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory", what, who]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _over(who: str) -> dict[str, float]:
    """MiB that a scan needs beyond what was there before it, its result included; run once before."""
    from benchmarks import panel as made
    from benchmarks import workloads
    from benchmarks.peers import ours

    library: Any = ours if who == "ours" else workloads.module(who)
    library.scan(library.layout(made.panel(100, 1_000)))  # compiles, starts threads
    panel = made.panel(workloads.SYMBOLS, workloads.DAYS)
    held = library.layout(panel)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak up to here
    base = peak()
    library.scan(held)
    return {"peak": peak() - base}


def _large(who: str) -> dict[str, float]:
    """MiB of a process that makes a very large panel and scans it, and seconds of both scans."""
    from benchmarks import panel as made
    from helpers.signals import scan

    high, volume = made.prices(*LARGE)
    taken = {}
    for average in ("mean", "median"):
        begun = time.perf_counter()
        found = scan.events(high, volume, made.WINDOW, volume_window=made.VOLUME_WINDOW, average=average)
        taken[average] = time.perf_counter() - begun
        assert len(found) > LARGE[0]
    return {**taken, "peak": peak()}


if __name__ == "__main__":
    print(json.dumps({"over": _over, "large": _large}[sys.argv[1]](sys.argv[2])))
