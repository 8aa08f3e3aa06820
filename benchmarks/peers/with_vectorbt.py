"""vectorbt: its compiled rolling functions over days x symbols."""

from __future__ import annotations

import numpy as np
from vectorbt.generic import nb

from benchmarks import panel as made
from benchmarks.panel import Events, Panel


def layout(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(panel.high.to_numpy()), np.ascontiguousarray(panel.volume.to_numpy())


def scan(held: tuple[np.ndarray, np.ndarray]) -> Events:
    high, volume = held
    prior = nb.rolling_max_nb(high, made.WINDOW, made.WINDOW)[:-1]
    days, symbols = np.nonzero(high[1:] > prior)
    usual = nb.rolling_mean_nb(volume, made.VOLUME_WINDOW, made.VOLUME_WINDOW)[days, symbols]
    distance = high[days + 1, symbols] / prior[days, symbols] - 1
    age = made.age_of(high, days + 1, symbols)
    return Events(days + 1, symbols, age, volume[days + 1, symbols] / usual, distance)
