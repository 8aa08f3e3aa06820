"""The verdict on breadth: five conditions with memory, and the one word that they add up to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.signals import breakout, windows

CONDITIONS = ("mid_mega_high", "equal_weight", "members", "net_new_highs", "cyclical_defensive")
#: of these two, one has to be met: without them a wide rise is a recovery
LEADING = ("mid_mega_high", "equal_weight")
VERDICTS = ("broadening", "recovering", "mixed", "narrow")
NEEDED = 3
#: trading days of the ratio's high and of a ratio's mean, members needed above their mean, days of the highs' mean
HIGH_WINDOW, MEAN_WINDOW, SHARE_NEEDED, HIGHS_OVER = 63, 50, 0.60, 10
#: half the dead band: a condition switches on a point above its threshold and off a point below
HALF_BAND = 0.01
#: a ratio's high has nothing above it, so its band of two points lies below
HIGH_BAND = 0.02
#: on many days nobody makes a new high or low, and nil is not positive: the band of the highs lies above zero
HIGHS_BAND = 0.02
HOLD = 3
#: decimals of a share of members
_DECIMALS = 12
YEAR = 252


class Condition(NamedTuple):
    """One condition day by day: whether it holds as it stands, and whether it is met with band and hold.

    Both 1, 0 or NaN where unknown. ``measure`` is how far it is past its threshold, a fraction.
    """

    measure: pd.Series
    now: pd.Series
    met: pd.Series


def at_high(line: pd.Series) -> Condition:
    """Whether a ratio is at a `HIGH_WINDOW`-day high; once it was, it counts as such within two percent of that high.

    The measure is the ratio's distance from the highest value of the days before.
    """
    before = breakout.prior_high(line.to_frame(), HIGH_WINDOW).iloc[:, 0]
    distance = line / before - 1
    return _condition(distance, distance > 0, on=distance > 0, off=distance <= -HIGH_BAND)


def above_mean(line: pd.Series) -> Condition:
    """Whether a ratio is above its `MEAN_WINDOW`-day mean; the band is a percent of the mean on either side."""
    mean = windows.rolling_mean(line.to_frame(), MEAN_WINDOW).iloc[:, 0]
    distance = line / mean - 1
    return _banded(distance, distance > 0)


def enough(share: pd.Series) -> Condition:
    """Whether `SHARE_NEEDED` of the members are above their mean; the band is a point of that share either side."""
    measure = share - SHARE_NEEDED
    return _banded(measure, share >= SHARE_NEEDED)


def positive_and_rising(net: pd.Series) -> Condition:
    """Whether the mean of new highs less new lows over `HIGHS_OVER` days is positive and above that of the days before.

    `net` is a share of the members, so that one band serves lists of any length. The measure is the smaller of the mean
    and its change over `HIGHS_OVER` days: on where both reach two points, off where one of them is not above zero.
    """
    mean = windows.rolling_mean(net.to_frame(), HIGHS_OVER).iloc[:, 0]
    change = mean - mean.shift(HIGHS_OVER)
    # a mean of nil is not above nil by the dust of its sum
    measure = mean.where(mean < change, change).round(_DECIMALS)
    return _condition(measure, measure > 0, on=measure >= HIGHS_BAND, off=measure <= 0)


def _banded(measure: pd.Series, now: pd.Series) -> Condition:
    return _condition(measure, now, on=measure >= HALF_BAND, off=measure <= -HALF_BAND)


def _condition(measure: pd.Series, now: pd.Series, *, on: pd.Series, off: pd.Series) -> Condition:
    known = measure.notna()
    return Condition(measure, now.astype("float64").where(known), settled(on, off, known))


def settled(on: pd.Series, off: pd.Series, known: pd.Series) -> pd.Series:
    """State with a dead band and a hold: switched on and off by the two flags, and only after `HOLD` days alike.

    Between the flags the state stays what it was, off at the start. Days that are not known are passed over and
    themselves unknown, as are the first two days. Nothing later changes a day.

    Parameters
    ----------
    on, off, known : Series of bool
        One value a trading day, oldest first.

    Returns
    -------
    Series
        1.0, 0.0 or NaN.
    """
    flags = pd.Series(np.select([on, off], [1.0, 0.0], np.nan), index=on.index)[known]
    state = flags.ffill().fillna(0.0)
    run = state.groupby((state != state.shift(1)).cumsum()).cumcount() + 1
    return state.where(run >= HOLD).ffill().reindex(on.index)


def verdict(met: pd.DataFrame) -> pd.Series:
    """One of `VERDICTS` a day, from the conditions of that day alone; "" while neither leading one is known.

    Three of the five, a leading one among them: broadening. Some, but no leading one: recovering. None: narrow. Any
    other mix: mixed. An unknown condition counts as not met.

    Parameters
    ----------
    met : DataFrame of trading days x `CONDITIONS`
        1.0, 0.0 or NaN.
    """
    is_met = met == 1
    count, leads = is_met.sum(axis=1), is_met[list(LEADING)].any(axis=1)
    is_known = met[list(LEADING)].notna().any(axis=1)
    rules = [~is_known, leads & (count >= NEEDED), leads, count > 0]
    words = np.select([rule.to_numpy() for rule in rules], ["", "broadening", "mixed", "recovering"], "narrow")
    return pd.Series(words, index=met.index, dtype="str")


def since(verdicts: pd.Series) -> pd.Timestamp | None:
    """First day of the latest verdict; None where none is known today, or none other was known before it."""
    known = verdicts[verdicts != ""]
    if known.empty or verdicts.iloc[-1] == "":
        return None
    changed = _changes(known)
    return pd.Timestamp(known.index[changed][-1]) if changed.any() else None


def flips(verdicts: pd.Series) -> int | None:
    """Changes of the verdict over the last `YEAR` days on which one is known; None before there are so many."""
    known = verdicts[verdicts != ""]
    return int(_changes(known)[-YEAR:].sum()) if len(known) > YEAR else None


def _changes(known: pd.Series) -> np.ndarray:
    """Days whose verdict is not that of the day before."""
    words = known.to_numpy()
    return np.concatenate([[False], words[1:] != words[:-1]])[: len(words)]
