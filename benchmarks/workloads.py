"""What is computed, against every peer that can: same results first, then time, ours and the peer's in turn."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks import panel as made
from benchmarks.figures import Figure, WrongResultError
from benchmarks.panel import Events, Panel
from benchmarks.peers import ours

SYMBOLS, DAYS = 1_500, 5_000
SIZE = f"{SYMBOLS:,} x {DAYS:,}"
#: pairs at the most; at the least where there is a budget to keep
ROUNDS, LEAST_ROUNDS = 9, 3
PATIENCE = 4.0  # seconds after which no further pair is begun

#: workload to peer to budget, as a share of the peer's time; None where there is none to keep
SCAN = {
    "pandas": 0.20,
    "bottleneck": 0.60,
    "vectorbt": 0.06,
    "talib": None,
    "numba": None,
    "polars": None,
    "duckdb": None,
}
STRENGTH: dict[str, float | None] = {"pandas": 0.5, "bottleneck": None, "polars": None, "duckdb": None}
BREADTH: dict[str, float | None] = {"pandas": 0.5, "bottleneck": None, "polars": None, "duckdb": None}
MAXIMUM: dict[str, float | None] = {"pandas": None, "bottleneck": None, "talib": None}
COPY_BUDGET, COPY_ROUNDS = 2.5, 31
BOOTSTRAP = {"arch": 0.2, "scipy": None}
LOOP_BUDGET = 0.03
#: share of events whose old high was reached on two days of the window, at the most
TIES = 0.01

#: names of peers as they are printed, where the module's is not enough
NAMES = {
    "pandas": "pandas, rolling",
    "bottleneck": "bottleneck, one thread",
    "talib": "TA-Lib, other flags after holes",
    "numba": "numba, own kernel, compiled before",
    "polars": "polars, all threads",
    "duckdb": "duckdb, SQL, all threads",
    "scipy": "scipy, independent draws: another question",
}

Call = Callable[[], Any]


def module(peer: str) -> Any:
    return import_module(f"benchmarks.peers.with_{peer}")


def seconds(call: Call) -> float:
    return timed(call)[0]


def timed(call: Call) -> tuple[float, Any]:
    """Seconds, and the result."""
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def against(
    measure: str, mine: Call, theirs: Call, budget: float | None = None, *, first: float = 0.0, rounds: int = ROUNDS
) -> Figure:
    """Seconds of both, taken in turn, and the median of the pairs' ratios. Both must have run once before.

    Where the peer's `first` run took long and there is no budget to keep, that run is its time.
    """
    gc.collect()
    pairs: list[tuple[float, float]] = []
    if budget is None and first > PATIENCE / 2:
        pairs.append((seconds(mine), first))
    begun = time.perf_counter()
    least = 1 if budget is None else LEAST_ROUNDS
    while len(pairs) < least or (len(pairs) < rounds and not first > PATIENCE / 2 and _is_early(begun)):
        if len(pairs) % 2:  # who runs second finds other things in the caches
            second = seconds(theirs)
            pairs.append((seconds(mine), second))
        else:
            pairs.append((seconds(mine), seconds(theirs)))
    median = statistics.median
    ratio = median(one / other for one, other in pairs)
    ours_took, theirs_took = median(one for one, _ in pairs), median(other for _, other in pairs)
    return Figure(measure, ours_took, peer=theirs_took, ratio=ratio, budget=budget, budget_on="ratio")


def _is_early(begun: float) -> bool:
    return time.perf_counter() - begun < PATIENCE


def compared(
    work: str, title: str, panel: Panel, peers: Mapping[str, float | None], check: Callable[[str, Any], None]
) -> list[Figure]:
    """One workload against its peers; `check` raises where a peer's result is another."""
    mine = partial(getattr(ours, work), panel)
    figures = []
    for peer, budget in peers.items():
        print(f"  {work}: {peer}", file=sys.stderr)
        library = module(peer)
        held = library.layout(panel)
        theirs = partial(getattr(library, work), held)
        mine()
        first, found = timed(theirs)
        check(peer, found)
        figures.append(against(f"{title}; peer: {NAMES.get(peer, peer)}", mine, theirs, budget, first=first))
        del held, theirs, found
    return figures


# --- agreement ----------------------------------------------------------------------------------


def hold(is_right: bool, peer: str, what: str) -> None:
    if not is_right:
        raise WrongResultError(f"{what}: ours and {peer}'s differ; the times would say nothing")


def same_events(mine: Events, panel: Panel, peer: str, found: Events) -> None:
    """Days, symbols and ages exactly; volume and distance to rounding.

    TA-Lib's are compared on symbols without a missing day, and where a high was reached twice it may name either day.
    """
    if peer == "talib":
        values = panel.high.notna().to_numpy()
        alive = np.logical_or.accumulate(values) & np.logical_or.accumulate(values[::-1])[::-1]
        whole = np.flatnonzero((values == alive).all(axis=0))
        hold(len(whole) > 50, peer, "symbols without a missing day")
        mine, found = (Events(*(part[np.isin(events.symbols, whole)] for part in events)) for events in (mine, found))
    for name in ("days", "symbols"):
        hold(np.array_equal(getattr(mine, name), getattr(found, name)), peer, f"scan, {name}")
    hold(np.mean(mine.age != found.age) <= (TIES if peer == "talib" else 0), peer, "scan, age")
    for name in ("volume", "distance"):
        same = np.allclose(getattr(mine, name), getattr(found, name), rtol=1e-12, atol=1e-14)
        hold(same, peer, f"scan, {name}")


def same_maximum(mine: np.ndarray, peer: str, found: Any) -> None:
    values = np.asarray(found)
    values = values.T if values.shape != mine.shape else values
    if peer != "talib":  # it passes over missing days
        hold(np.array_equal(mine, values, equal_nan=True), peer, "maximum")


def same_strength(mine: made.Strength, peer: str, found: made.Strength) -> None:
    """Ranks and Mansfield to rounding; z-scores as closely as running variances, which the peers have, allow."""
    for name, tolerance in (("rank", 1e-12), ("mansfield", 1e-8), ("ratio", 1e-4), ("momentum", 1e-4)):
        same = np.allclose(getattr(mine, name), getattr(found, name), rtol=0, atol=tolerance, equal_nan=True)
        hold(same, peer, f"strength, {name}")


def same_breadth(mine: dict[str, np.ndarray], peer: str, found: dict[str, np.ndarray]) -> None:
    """Counts of highs and lows exactly; of members above a mean too for pandas, else but for ties with the mean."""
    for name, values in mine.items():
        off = int(np.abs(values - np.asarray(found[name], dtype=np.int64)).sum())
        is_mean = name.startswith("above")
        hold(off == 0 or (is_mean and peer != "pandas" and off < 1e-4 * values.sum()), peer, f"breadth, {name}: {off}")


# --- workloads ----------------------------------------------------------------------------------


def scan(panel: Panel, mine: Events) -> list[Figure]:
    return compared("scan", f"scan {SIZE}", panel, SCAN, partial(same_events, mine, panel))


def maximum(panel: Panel) -> list[Figure]:
    high = np.ascontiguousarray(panel.high.to_numpy().T)
    mine = partial(ours.maximum, panel)
    found = mine()
    title = f"maximum alone {SIZE}"
    copied = against(f"{title}; peer: a copy of the array", mine, high.copy, COPY_BUDGET, rounds=COPY_ROUNDS)
    return [copied, *compared("maximum", title, panel, MAXIMUM, partial(same_maximum, found))]


def strength(panel: Panel) -> list[Figure]:
    found = ours.strength(panel)
    return compared("strength", f"relative strength {SIZE}", panel, STRENGTH, partial(same_strength, found))


def breadth(panel: Panel) -> list[Figure]:
    found = ours.breadth(panel)
    return compared("breadth", f"breadth {SIZE}", panel, BREADTH, partial(same_breadth, found))


def forward(panel: Panel, events: tuple[np.ndarray, np.ndarray], outcome: np.ndarray) -> list[Figure]:
    title = f"forward returns {made.EVENTS:,} x {made.HORIZONS}"
    mine = partial(ours.forward_returns, panel, *events)
    pandas = module("pandas")
    peers = {
        "pandas, one event at a time": (pandas.forward_returns, LOOP_BUDGET),
        "pandas, shifted panels": (pandas.forward_returns_shifted, None),
        "alphalens-reloaded": (module("alphalens").forward_returns, None),
    }
    figures = []
    for peer, (work, budget) in peers.items():
        print(f"  forward returns: {peer}", file=sys.stderr)
        theirs = partial(work, panel, *events)
        first, found = timed(theirs)
        hold(np.allclose(outcome, found, rtol=1e-12, atol=1e-14), peer, "forward returns")
        figures.append(against(f"{title}; peer: {peer}", mine, theirs, budget, first=first))
    return figures


def bootstrap(outcome: np.ndarray) -> list[Figure]:
    title = f"bootstrap {made.EVENTS:,} x {made.HORIZONS} x {made.DRAWS:,}"
    low, high = ours.bootstrap(outcome)
    mine = partial(ours.bootstrap, outcome)
    figures = []
    for peer, budget in BOOTSTRAP.items():
        print(f"  bootstrap: {peer}", file=sys.stderr)
        theirs = partial(module(peer).bootstrap, outcome)
        bounds = theirs()
        if peer != "scipy":  # its own random numbers: bounds agree within a tenth of the interval
            off = max(np.abs(low - bounds[0]).max(), np.abs(high - bounds[1]).max())
            hold(off < 0.1 * (high - low).max(), peer, "bootstrap, bounds")
        figures.append(against(f"{title}; peer: {NAMES.get(peer, peer)}", mine, theirs, budget))
    return figures


def measured() -> list[Figure]:
    """Every workload, beside every peer."""
    panel = made.panel(SYMBOLS, DAYS)
    found = ours.as_events(ours.scan(panel), panel)
    figures = scan(panel, found) + maximum(panel) + strength(panel) + breadth(panel)
    events = made.sample_of_events(found, panel.close.to_numpy())
    outcome = ours.forward_returns(panel, *events)
    return figures + forward(panel, events, outcome) + bootstrap(outcome)
