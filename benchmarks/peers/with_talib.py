"""TA-Lib, one symbol after the other. A missing day inside a window does not void it, so flags after holes differ."""

from __future__ import annotations

import numpy as np
import talib

from benchmarks import panel as made
from benchmarks.panel import Events, Panel


def layout(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(panel.high.to_numpy().T), np.ascontiguousarray(panel.volume.to_numpy().T)


def scan(held: tuple[np.ndarray, np.ndarray]) -> Events:
    parts = []
    for symbol, (high, volume) in enumerate(zip(*held, strict=True)):
        prior = talib.MAX(high, made.WINDOW)[:-1]
        days = np.flatnonzero(high[1:] > prior) + 1
        usual = talib.SMA(volume, made.VOLUME_WINDOW)[days - 1]
        age = days - talib.MAXINDEX(high, made.WINDOW)[days - 1]
        distance = high[days] / prior[days - 1] - 1
        parts.append((days, np.full(len(days), symbol), age, volume[days] / usual, distance))
    return made.by_day(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def maximum(held: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.array([talib.MAX(high, made.WINDOW) for high in held[0]])
