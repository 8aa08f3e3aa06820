"""A mid-cap fund and what it is held against, with the days on which a breakout could be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import event_study, outcomes
from helpers.evidence.estimates import Rules
from helpers.evidence.event_study import Study
from helpers.sections import day, tiers
from helpers.signals import breakout, windows


@dataclass(frozen=True)
class Pair:
    """What is studied of one pair of funds.

    ``mid`` and ``mega`` are total return by trading day, ``level`` and ``close`` the fund's own tape. ``events`` has
    the days of the sample, on which an event would have been seen and both total returns are known, and whether there
    was one; no days where the fund has no highs on the tape.
    """

    subject: str
    against: str
    basis: str
    mid: pd.Series
    mega: pd.Series
    level: pd.Series
    close: pd.Series
    events: pd.Series

    @property
    def is_known(self) -> bool:
        """Whether there is a day on which an event would have been seen."""
        return len(self.events) > 0

    @property
    def days(self) -> pd.DatetimeIndex:
        """Days of the breakouts."""
        return pd.DatetimeIndex(self.events.index[self.events.to_numpy(dtype=bool)])

    @property
    def name(self) -> str:
        """Both labels."""
        return f"{self.subject}/{self.against}"

    @property
    def spread(self) -> pd.Series:
        """Daily return of mid less mega, fraction."""
        return self.mid / self.mid.shift(1) - self.mega / self.mega.shift(1)

    def study(self, params: Params, rules: Rules) -> Study:
        """What followed the breakouts over each horizon."""
        after = outcomes.excess_after(self.mid, self.mega, params.horizons)
        ratio = (self.mid / self.mega).to_frame()
        mean = windows.rolling_mean(ratio, params.rs_ma)
        side = (ratio > mean).astype("float64").where(mean.notna()).iloc[:, 0]
        return event_study.study(after, self.events, params.horizons, rules=rules, regime=side)


def pairs_of(snapshot: Snapshot, params: Params) -> list[Pair]:
    """The pair the note is about, and the one with the longer history where that is named and another."""
    named = [(params.mid, params.mega)]
    if params.long_pair and params.long_pair != named[0]:
        named.append((params.long_history_mid, params.long_history_mega))
    index = tiers.total_return(snapshot, params)
    return [_pair(snapshot, params, index, mid, mega) for mid, mega in named]


def own(snapshot: Snapshot, params: Params) -> Pair:
    """The pair the note is about."""
    return _pair(snapshot, params, tiers.total_return(snapshot, params), params.mid, params.mega)


def _pair(snapshot: Snapshot, params: Params, index: pd.DataFrame, mid: str, mega: str) -> Pair:
    high, close = day.supported(snapshot, mid, "high"), snapshot.wide("close", "tape", [mid])
    if snapshot.status(mid).status == "quarantined":
        high, close = high * np.nan, close * np.nan
    level = breakout.prior_high(high, params.window)
    flags = breakout.breakout_events(high, close, params.window, params.quiet_gap)
    seen = breakout.seen(level, close, params.quiet_gap)
    is_sampled = seen.iloc[:, 0] & index[mid].notna() & index[mega].notna()
    return Pair(
        subject=snapshot.label(mid),
        against=snapshot.label(mega),
        basis=tiers.basis(snapshot, mid, mega),
        mid=index[mid],
        mega=index[mega],
        level=level.iloc[:, 0],
        close=close.iloc[:, 0],
        events=flags.iloc[:, 0][is_sampled],
    )


def longest(pairs: list[Pair]) -> Pair | None:
    """The pair with the most days on which an event would have been seen, the note's own first; None without any."""
    known = [pair for pair in pairs if pair.is_known]
    return max(known, key=lambda pair: len(pair.events)) if known else None
