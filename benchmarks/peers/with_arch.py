"""arch: the stationary bootstrap."""

from __future__ import annotations

import numpy as np
from arch.bootstrap import StationaryBootstrap

from benchmarks import panel as made


def bootstrap(outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    resampled = StationaryBootstrap(made.MEAN_BLOCK, outcome, seed=1)
    low, high = resampled.conf_int(lambda rows: rows.mean(axis=0), reps=made.DRAWS, method="percentile")
    return low, high
