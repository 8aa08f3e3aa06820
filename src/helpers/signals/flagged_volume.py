"""Relative volume of chosen days of a whole panel: what a scan needs, without the panel of all days."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Average = Literal["median", "mean"]


def ordinary(unusual: pd.Series | None) -> np.ndarray | None:
    """Which days are ordinary; None where all are."""
    if unusual is None or not unusual.any():
        return None
    return ~unusual.to_numpy(dtype=bool)


def relative_volume(
    volume: np.ndarray, rows: np.ndarray, days: np.ndarray, ordinary: np.ndarray | None, window: int, average: Average
) -> np.ndarray:
    """Volume of chosen days as a multiple of the average of the `window` ordinary known days before each.

    The same numbers as `volume.relative_volume` has there, up to the last bit of a mean.

    Parameters
    ----------
    volume : ndarray of shape (symbols, trading days)
        Shares; zero and NaN are unknown and passed over.
    rows, days : ndarray of int, shape (chosen,)
        Symbol and day of each.
    ordinary : ndarray of bool, shape (trading days,), or None
        As `ordinary` gives it.
    window : int
        Ordinary days with a known volume.
    average : {"median", "mean"}

    Returns
    -------
    ndarray of shape (chosen,)
        NaN where the day's volume is unknown, or fewer than `window` such days have passed.
    """
    out = np.full(len(rows), np.nan)
    known = np.where(volume > 0, volume, np.nan) if (volume <= 0).any() else volume
    held = known if ordinary is None else known[:, ordinary]
    count = days if ordinary is None else (np.cumsum(ordinary) - ordinary)[days]
    enough = np.flatnonzero(count >= window)
    if not len(enough):
        return out
    of, until = rows[enough], count[enough]
    views = np.lib.stride_tricks.sliding_window_view(held, window, axis=1)
    usual = _AVERAGES[average](views[of, until - window])
    for place in np.flatnonzero(np.isnan(usual)):
        before = held[of[place], : until[place]]
        before = before[~np.isnan(before)][-window:]
        usual[place] = _AVERAGES[average](before[None, :])[0] if len(before) == window else np.nan
    out[enough] = known[of, days[enough]] / usual
    return out


def _median(values: np.ndarray) -> np.ndarray:
    """Median of each row, NaN where it holds one; short rows are sorted faster than they are partitioned."""
    ranked = np.sort(values, axis=1)  # NaN comes last
    window = ranked.shape[1]
    middle = (ranked[:, (window - 1) // 2] + ranked[:, window // 2]) / 2
    return np.where(np.isnan(ranked[:, -1]), np.nan, middle)


def _mean(values: np.ndarray) -> np.ndarray:
    return values.mean(axis=1)


_AVERAGES = {"median": _median, "mean": _mean}
