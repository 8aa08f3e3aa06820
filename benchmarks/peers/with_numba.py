"""numba: a kernel of one's own, a queue of falling highs per symbol and a running sum of volume."""

from __future__ import annotations

import numpy as np
from numba import njit

from benchmarks import panel as made
from benchmarks.panel import Events, Panel


def layout(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(panel.high.to_numpy().T), np.ascontiguousarray(panel.volume.to_numpy().T)


def scan(held: tuple[np.ndarray, np.ndarray]) -> Events:
    found, count = _events(*held, made.WINDOW, made.VOLUME_WINDOW)
    days, symbols, age, volume, distance = found[:, :count]
    return made.by_day(days.astype(np.int64), symbols.astype(np.int64), age.astype(np.int64), volume, distance)


@njit
def _events(high, volume, window, volume_window):  # type: ignore[no-untyped-def]
    symbols, days = high.shape
    out, count = np.empty((5, symbols * days // 4)), 0
    queue = np.empty(days, np.int64)
    for symbol in range(symbols):
        head, tail, known = 0, 0, 0
        total, traded = 0.0, 0
        for day in range(days):
            today = high[symbol, day]
            if known >= window:
                while queue[head] < day - window:
                    head += 1
                old = high[symbol, queue[head]]
                if today > old:
                    usual = total / volume_window if traded >= volume_window else np.nan
                    out[0, count], out[1, count], out[2, count] = day, symbol, day - queue[head]
                    out[3, count], out[4, count] = volume[symbol, day] / usual, today / old - 1
                    count += 1
            if np.isnan(today):
                head, tail, known = 0, 0, 0
            else:
                while tail > head and high[symbol, queue[tail - 1]] <= today:
                    tail -= 1
                queue[tail] = day
                tail, known = tail + 1, known + 1
            if np.isnan(volume[symbol, day]):
                total, traded = 0.0, 0
            else:
                total, traded = total + volume[symbol, day], traded + 1
                if traded > volume_window:
                    total -= volume[symbol, day - volume_window]
    return out, count
