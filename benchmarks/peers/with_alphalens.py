"""alphalens-reloaded: forward returns of a factor's days and assets."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from alphalens.utils import compute_forward_returns

from benchmarks import panel as made
from benchmarks.panel import Panel


def layout(panel: Panel) -> Panel:
    return panel


def forward_returns(panel: Panel, days: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    close = panel.close
    places = pd.MultiIndex.from_arrays([close.index[days], close.columns[symbols]], names=["date", "asset"])
    factor = pd.Series(1.0, index=places)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a later pandas will not have
        found = compute_forward_returns(factor, close, periods=tuple(range(1, made.HORIZONS + 1)))
    return found.reindex(places).to_numpy()
