"""The members of the fund: their lines, the daily counts made of them, and what is stated of those."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections import broadening
from helpers.sections.section import Ledger
from helpers.signals import breadth

#: share of the members listed that must be known before anything is said of all of them
MIN_KNOWN = 0.5
LOW_WITHIN = 63
ADVANCES_OVER = 21
YEARS_SHOWN = 3


@dataclass(frozen=True)
class Members:
    """Counts of the members listed, a row for each of the snapshot's days; NaN throughout where there are none.

    Attributes
    ----------
    listed : int
        Members on the list, 0 without one.
    counts : DataFrame
        `helpers.signals.breadth.counters`; NaN on days before the members' bars.
    of : str
        Whose they are, and from when the list is true.
    basis : str
        The same, and what prices the counts are made of.
    """

    listed: int
    counts: pd.DataFrame
    of: str
    basis: str

    def share_above(self, window: int) -> pd.Series:
        """Share of the members above a mean."""
        return breadth.share_above(self.counts, window).where(self._enough(f"known_{window}"))

    @cached_property
    def net_new_highs(self) -> pd.Series:
        """New highs less new lows, members."""
        return breadth.net_new_highs(self.counts).where(self._enough("known_extremes"))

    @cached_property
    def net_share(self) -> pd.Series:
        """The same as a share of the members with a full window."""
        return self.net_new_highs / self.counts["known_extremes"]

    @cached_property
    def net_advances(self) -> pd.Series:
        """Advances less declines as a share of both."""
        return breadth.net_advances(self.counts).where(self._enough("known_moves"))

    def known(self, what: str) -> int | None:
        """How many members the last day's count of this kind rests on."""
        value = self.counts[f"known_{what}"].iloc[-1]
        return None if np.isnan(value) else int(value)

    def _enough(self, known: str) -> pd.Series:
        return self.counts[known] >= max(1.0, MIN_KNOWN * self.listed)


def members_of(snapshot: Snapshot, params: Params) -> Members:
    """Counts of the members on the snapshot's list.

    A member whose first bar has a high, a low and a close is read on its tape; of one that has closes only, the
    total-return line makes means, highs and lows.
    """
    background = snapshot.background
    total = background.members_total_return
    prices = {name: background.member_wide(name, "tape").to_numpy() for name in ("close", "high", "low")}
    on_tape = _has_tape(prices, total.to_numpy())
    frames = {
        name: pd.DataFrame(np.where(on_tape, values, total.to_numpy()), index=total.index)
        for name, values in prices.items()
    }
    counts = breadth.counters(frames["close"], means=_windows(params), high=frames["high"], low=frames["low"])
    held = total.notna().any().to_numpy()
    closes_only = int((held & ~on_tape).sum())
    of = _of(snapshot)
    prices_of = f"total return of {closes_only} with closes only" if closes_only else "tape"
    daily = counts.reindex(snapshot.days).astype("float64")
    return Members(len(background.members), daily, of, f"{of}; {prices_of}" if held.any() else of)


def _windows(params: Params) -> list[int]:
    """Means to count over: those asked for, and the one that the verdict reads."""
    return list(dict.fromkeys((*params.breadth_ma, broadening.MEAN_WINDOW)))


def _has_tape(prices: dict[str, np.ndarray], total: np.ndarray) -> np.ndarray:
    """Members whose first held day has a high, a low and a close; later days change no answer."""
    if not len(total):
        return np.zeros(total.shape[1], dtype=np.bool_)
    known = ~np.isnan(prices["high"] + prices["low"] + prices["close"])
    first = (~np.isnan(total) | ~np.isnan(prices["close"])).argmax(axis=0)
    return np.asarray(known[first, np.arange(total.shape[1])], dtype=np.bool_)


def _of(snapshot: Snapshot) -> str:
    background = snapshot.background
    if background.members.empty:
        return "no list of members"
    day, days = background.members_of, background.member_days
    if not day:
        return "members of an undated list"
    is_late = bool(len(days)) and pd.Timestamp(day) > days[0]
    return f"members listed on {day}{', earlier days survivorship-biased' if is_late else ''}"


def state(ledger: Ledger, snapshot: Snapshot, params: Params, held: Members) -> pd.DataFrame:
    """State what the list covers and what its members do; give back the frame of shares above their means.

    Returns
    -------
    DataFrame, a row per day and mean of at most three years
        Columns date, window (trading days), share (fraction, NaN where too few are known).
    """
    _state_list(ledger, snapshot, held)
    rows = []
    for window in _windows(params):
        share = held.share_above(window)
        key: dict[str, Any] = {"window": window}
        facts: dict[str, Any] = {"n": held.known(str(window)), "basis": held.basis}
        ledger.state("above_mean", share.iloc[-1], "fraction", key=key, **facts)
        recent = share.tail(LOW_WITHIN)
        recent = recent if share.notna().iloc[-1] else recent * np.nan
        lowest = recent.index[recent == recent.min()]
        key = {**key, "within": LOW_WITHIN}
        ledger.state("above_mean_low", recent.min(), "fraction", key=key, **facts)
        ledger.state("above_mean_low_date", lowest[-1] if len(lowest) else None, "date", key=key, **facts)
        if window not in params.breadth_ma:
            continue
        shown = share.tail(YEARS_SHOWN * broadening.YEAR)
        rows.append(pd.DataFrame({"date": shown.index, "window": window, "share": shown.to_numpy()}))
    _state_extremes(ledger, held)
    _state_advances(ledger, held)
    return pd.concat(rows, ignore_index=True)


def _state_list(ledger: Ledger, snapshot: Snapshot, held: Members) -> None:
    """State how long the list is, of which day, and how much of it is held."""
    background = snapshot.background
    listed = held.listed or None
    ledger.state("members_listed", listed, "count", basis=held.basis)
    last = background.members_total_return.reindex([pd.Timestamp(snapshot.bars_to)]).iloc[0]
    is_held = last.notna().to_numpy()
    count = int(is_held.sum()) if listed else None
    ledger.state("members_held", count, "count", n=listed, basis=held.basis)
    weight = background.members["weight"].to_numpy(dtype="float64", na_value=np.nan)
    is_weighted = bool(np.nansum(weight) > 0)
    weight = np.nan_to_num(weight) if is_weighted else np.ones(held.listed)
    covered = weight[is_held].sum() / weight.sum() if listed else None
    basis = held.basis if is_weighted or not listed else f"{held.basis}; equal weights, none stated"
    ledger.state("weight_held", covered, "fraction", n=listed, basis=basis)
    ledger.state("list_date", background.members_of or None, "date", basis=held.basis)


def _state_extremes(ledger: Ledger, held: Members) -> None:
    """State new highs and lows of the day and their mean, and which way that goes."""
    facts: dict[str, Any] = {"n": held.known("extremes"), "basis": held.basis}
    key: dict[str, Any] = {"window": breadth.HIGH_WINDOW}
    net = held.net_new_highs
    counted = held.counts.where(net.notna())
    ledger.state("new_highs", _whole(counted["new_highs"].iloc[-1]), "count", key=key, **facts)
    ledger.state("new_lows", _whole(counted["new_lows"].iloc[-1]), "count", key=key, **facts)
    ledger.state("net_new_highs", _whole(net.iloc[-1]), "count", key=key, **facts)
    ledger.state("record_high_share", breadth.record_high_share(counted).iloc[-1], "fraction", key=key, **facts)
    over = broadening.HIGHS_OVER
    mean, before = net.iloc[-over:], net.iloc[-2 * over : -over]
    value = mean.mean() if len(mean) == over and mean.notna().all() else np.nan
    earlier = before.mean() if len(before) == over and before.notna().all() else np.nan
    key = {**key, "over": over}
    ledger.state("net_new_highs_mean", value, "index", key=key, **facts)
    ledger.state("net_new_highs_change", value - earlier, "index", key=key, **facts)


def _state_advances(ledger: Ledger, held: Members) -> None:
    """State advances less declines of the day, over a month, and McClellan's oscillator."""
    facts: dict[str, Any] = {"n": held.known("moves"), "basis": held.basis}
    net = held.net_advances
    ledger.state("net_advances", net.iloc[-1], "fraction", **facts)
    recent = net.tail(ADVANCES_OVER)
    total = recent.sum() if len(recent) == ADVANCES_OVER and recent.notna().all() else np.nan
    ledger.state("advance_decline", total, "score", key={"over": ADVANCES_OVER}, **facts)
    ledger.state("mcclellan", breadth.mcclellan(net).iloc[-1], "index", **facts)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
