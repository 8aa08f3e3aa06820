"""A day's volume against its own recent history."""

from __future__ import annotations

import numpy as np
import pandas as pd

LIGHT = 0.7
ACTIVE = 1.3
HEAVY = 2.0
_FROM_NORMAL = {"normal": 0, "light": 1, "elevated": 1, "heavy": 2}


def known(volume: pd.DataFrame) -> pd.DataFrame:
    """Volume with zero turned into unknown: vendors write 0 for "missing"."""
    return volume.where(volume > 0)


def usual(volume: pd.DataFrame, unusual: pd.Series, window: int) -> pd.DataFrame:
    """Median volume of the `window` full ordinary days before each day.

    Parameters
    ----------
    volume : DataFrame of shape (trading days, symbols)
        Shares; zero and NaN are unknown.
    unusual : Series of bool over the same days
        Half days, expiries and index rebalances: left out of the median.
    window : int
        Ordinary trading days looked back over.

    Returns
    -------
    DataFrame of shape (trading days, symbols)
        Shares; NaN until `window` ordinary days with known volume have passed. Today is left out.
    """

    def column(values: pd.Series) -> pd.Series:
        ordinary = values[~unusual.to_numpy(dtype=bool)].dropna()
        medians = ordinary.rolling(window, min_periods=window).median()
        return medians.reindex(values.index).ffill().shift(1)

    return known(volume).apply(column)


def relative_volume(volume: pd.DataFrame, unusual: pd.Series, window: int = 20) -> pd.DataFrame:
    """Volume as a multiple of the median of the `window` ordinary days before; NaN where either is unknown."""
    return known(volume) / usual(volume, unusual, window)


def log_z_score(volume: pd.DataFrame, window: int = 63) -> pd.DataFrame:
    """Log volume in standard deviations from its mean over the `window` days before; NaN until all are known."""
    logs = np.log(known(volume))
    before = logs.shift(1).rolling(window, min_periods=window)
    return (logs - before.mean()) / before.std()


def word(multiple: float) -> str:
    """The band a relative volume falls in: light (< 0.7), normal, elevated (>= 1.3), heavy (> 2)."""
    if multiple < LIGHT:
        return "light"
    if multiple < ACTIVE:
        return "normal"
    return "heavy" if multiple > HEAVY else "elevated"


def wider_word(multiples: list[float]) -> str:
    """The word nearest to normal among the bands of several windows: the claim that asserts least."""
    return min((word(multiple) for multiple in multiples), key=lambda name: _FROM_NORMAL[name])
