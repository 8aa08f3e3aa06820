"""Our own way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks import panel as made
from benchmarks.panel import Events, Panel, Strength
from helpers.evidence import outcomes, statistics
from helpers.signals import breadth as signal
from helpers.signals import relative, windows
from helpers.signals import scan as scanner


def layout(panel: Panel) -> Panel:
    return panel


def scan(panel: Panel) -> pd.DataFrame:
    return scanner.events(panel.high, panel.volume, made.WINDOW, volume_window=made.VOLUME_WINDOW, average="mean")


def as_events(found: pd.DataFrame, panel: Panel) -> Events:
    """What `scan` gives, as places: not part of the work."""
    days = panel.high.index.get_indexer(found["date"])
    symbols = panel.high.columns.get_indexer(found["symbol"])
    return Events(days, symbols, *(found[name].to_numpy() for name in ("age", "relative_volume", "distance")))


def maximum(panel: Panel) -> np.ndarray:
    return windows.rolling_max(panel.high.to_numpy().T, made.WINDOW)


def strength(panel: Panel) -> Strength:
    line = panel.close.div(panel.market, axis=0)
    level, momentum = relative.rotation_lines(line, made.ROTATION)
    rank = relative.percentile(relative.score(panel.close), least=1)
    return Strength(*(frame.to_numpy() for frame in (relative.mansfield(line, made.MANSFIELD), level, momentum, rank)))


def breadth(panel: Panel) -> dict[str, np.ndarray]:
    found = signal.counters(panel.close, means=made.MEANS, window=made.WINDOW, high=panel.high)
    names = [*(f"above_{mean}" for mean in made.MEANS), "new_highs", "new_lows"]
    return {name: found[name].to_numpy() for name in names}


def forward_returns(panel: Panel, days: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    return outcomes.forward_returns(panel.close.to_numpy(), days, symbols, range(1, made.HORIZONS + 1))


def bootstrap(outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    drawn = statistics.stationary_bootstrap(outcome, mean_block=made.MEAN_BLOCK, draws=made.DRAWS, rng=rng)
    return statistics.percentile_interval(drawn)
