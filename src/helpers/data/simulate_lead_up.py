"""How the simulated mid-cap fund is led up to the intraday quote of ``params/sample.yaml``.

A made-up course (a rise, a high in February 2026, a pullback, a recovery) is laid under the random path of the last
eighteen months: the smooth difference is added to the market factor, so every share and fund moves with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAPE_DAY = "2026-04-17"
TAPE_HIGH = 72.61
PEAK_DAY = "2026-02-18"
PEAK_HIGH = 72.53
LOW_DAY = "2026-03-27"
WINDOW = 252

# closes of the mid-cap fund that the path must meet; invented, in quote currency
COURSE = {
    "2024-10-01": 61.40,
    "2025-01-16": 63.20,
    "2025-05-14": 60.10,
    "2025-08-20": 65.30,
    "2025-11-12": 66.90,
    "2026-01-08": 69.80,
    PEAK_DAY: 72.12,
    "2026-03-10": 69.30,
    LOW_DAY: 65.96,
    "2026-04-08": 69.60,
    "2026-04-15": 70.94,
    "2026-04-16": 71.49,
    TAPE_DAY: 72.03,
}
# closes before the tape day stay under this, but for the peak; from the peak on they stay over the low
CLOSE_CAP = 71.95
HIGH_CAP = 72.44


def position(dates: pd.DatetimeIndex, day: str) -> int:
    """Where a trading day stands among `dates`."""
    return int(dates.searchsorted(pd.Timestamp(day)))


def steering(path: Floats, dates: pd.DatetimeIndex) -> Floats:
    """What to add to the log `path` of the mid-cap fund: 0 before the course, linear between knots, constant after.

    Wherever the steered path would leave its bounds a knot just inside them is added, until none does.
    """
    knots = {position(dates, day): float(np.log(close)) for day, close in COURSE.items()}
    first, peak, tape = min(knots), position(dates, PEAK_DAY), position(dates, TAPE_DAY)
    level = path - path[first] + knots[first]
    cap = np.full(len(path), np.inf)
    cap[tape - WINDOW : tape] = np.log(CLOSE_CAP)
    floor = np.full(len(path), -np.inf)
    floor[peak:tape] = np.log(COURSE[LOW_DAY] + 0.25)
    for given in COURSE:
        cap[position(dates, given)], floor[position(dates, given)] = np.inf, -np.inf
    days = np.arange(len(path))
    for attempt in range(WINDOW):
        at = np.array(sorted(knots))
        added = np.interp(days, at, np.array([knots[k] for k in at]) - level[at])
        outside = np.maximum(level + added - cap, floor - level - added)
        worst = int(outside.argmax())
        if outside[worst] <= 0:
            break
        inside = 0.002 * (1 + attempt % 4)
        knots[worst] = (
            cap[worst] - inside
            if np.isfinite(cap[worst]) and level[worst] + added[worst] > cap[worst]
            else floor[worst] + inside
        )
    return np.asarray(added)


def bounded(opened: Floats, high: Floats, close: Floats, dates: pd.DatetimeIndex) -> tuple[Floats, Floats]:
    """Opens and highs of the mid-cap fund with the year's high on the peak day and a higher one on the tape day."""
    opened, high = opened.copy(), high.copy()
    peak, tape = position(dates, PEAK_DAY), position(dates, TAPE_DAY)
    year = slice(tape - WINDOW, tape)
    opened[year] = np.minimum(opened[year], HIGH_CAP - 0.15)
    top = np.maximum(opened, close)
    room = np.maximum(HIGH_CAP - top, 0.01)
    squeezed = top + room * (high - top) / (room + high - top)
    high[year] = np.where(high > HIGH_CAP, squeezed, high)[year]
    high[peak], high[tape] = PEAK_HIGH, TAPE_HIGH
    return opened, high
