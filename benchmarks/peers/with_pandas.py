"""pandas: rolling windows over the wide frame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks import panel as made
from benchmarks.panel import Events, Panel, Strength


def layout(panel: Panel) -> Panel:
    return panel


def scan(panel: Panel) -> Events:
    prior = maximum(panel).shift(1)
    days, symbols = np.nonzero((panel.high > prior).to_numpy())
    usual = panel.volume.rolling(made.VOLUME_WINDOW).mean().shift(1)
    volume = (panel.volume / usual).to_numpy()[days, symbols]
    distance = (panel.high / prior - 1).to_numpy()[days, symbols]
    return Events(days, symbols, made.age_of(panel.high.to_numpy(), days, symbols), volume, distance)


def maximum(panel: Panel) -> pd.DataFrame:
    return panel.high.rolling(made.WINDOW).max()


def strength(panel: Panel) -> Strength:
    line = panel.close.div(panel.market, axis=0)
    level = 100 + _z_score(100 * line)
    quarter = panel.close.pct_change(made.QUARTER, fill_method=None)
    past = [quarter.shift(made.QUARTER * place) for place in (1, 2, 3)]
    score = 0.4 * quarter + 0.2 * past[0] + 0.2 * past[1] + 0.2 * past[2]
    frames = (
        100 * (line / line.rolling(made.MANSFIELD).mean() - 1),
        level,
        100 + _z_score(level.pct_change(fill_method=None)),
        score.rank(axis=1, pct=True),
    )
    return Strength(*(frame.to_numpy() for frame in frames))


def _z_score(frame: pd.DataFrame) -> pd.DataFrame:
    rolling = frame.rolling(made.ROTATION)
    return (frame - rolling.mean()) / rolling.std()


def breadth(panel: Panel) -> dict[str, np.ndarray]:
    close, high = panel.close, panel.high
    flags = {f"above_{mean}": close > close.rolling(mean).mean() for mean in made.MEANS}
    flags["new_highs"] = high > high.rolling(made.WINDOW).max().shift(1)
    flags["new_lows"] = close < close.rolling(made.WINDOW).min().shift(1)
    return {name: frame.sum(axis=1).to_numpy() for name, frame in flags.items()}


def forward_returns(panel: Panel, days: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    """One event after the other, as scripts do."""
    rows = []
    for day, symbol in zip(days, symbols, strict=True):
        ahead = panel.close.iloc[day : day + made.HORIZONS + 1, symbol]
        rows.append((ahead / ahead.iloc[0] - 1).iloc[1:].to_numpy())
    return np.array(rows)


def forward_returns_shifted(panel: Panel, days: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    """One shifted panel a horizon."""
    close = panel.close
    horizons = range(1, made.HORIZONS + 1)
    return np.column_stack([(close.shift(-ahead) / close - 1).to_numpy()[days, symbols] for ahead in horizons])
