"""Statistics of small samples."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a share.

    Parameters
    ----------
    k, n : int
        Successes and trials.
    level : float
        Coverage.

    Returns
    -------
    low, high : float
        Fractions in [0, 1]; NaN for no trials.

    References
    ----------
    Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n == 0:
        return math.nan, math.nan
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
