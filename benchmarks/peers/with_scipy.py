"""scipy: the bootstrap of independent draws, another question: clustered events are taken for independent ones."""

from __future__ import annotations

import numpy as np
from scipy import stats

from benchmarks import panel as made


def bootstrap(outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = stats.bootstrap(
        (outcome,), np.mean, n_resamples=made.DRAWS, method="percentile", vectorized=True, axis=0, batch=20, rng=1
    )
    return found.confidence_interval.low, found.confidence_interval.high
