"""The eight parts of the score: what each is made of, and its value on every day that the score is looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import crowding as evidence
from helpers.evidence import scenarios
from helpers.sections import crowding, drivers, measures, tiers
from helpers.sections import members as listed
from helpers.sections.factors import Factors
from helpers.sections.macro import Line
from helpers.signals import breakout, rotation, windows

#: trading days between two looks: a third of the 21 that a call is about, so that every third window stands alone
STEP = 7
#: trading days of the change in rates and credit, and over which rising volume is held against falling
CHANGE, BALANCE = 63, 21
#: parts that count against the fund
_AGAINST = ("credit", "rates", "crowding")


class Part(NamedTuple):
    """One part: its name, its measure as a reader calls it, its values on `grid`, and what is behind the last of them.

    `raw` is in `unit`; `percentile` is a fraction of `n` days; NaN where unknown. `signed` where zero means something.
    """

    name: str
    measure: str
    values: np.ndarray
    raw: float
    unit: str
    percentile: float
    n: int
    basis: str
    signed: bool = True


def grid(days: int) -> np.ndarray:
    """Places of every `STEP`-th day counted back from the last, oldest first."""
    return np.arange(days)[::-1][::STEP][::-1]


def parts_of(factors: Factors) -> list[Part]:
    """The parts, in the order in which they are read."""
    params, snapshot = factors.params, factors.snapshot
    pair = f"{snapshot.label(params.mid)}/{snapshot.label(params.mega)}"
    ratio = measures.distance(factors.mid / factors.mega, params.rs_ma)
    return [
        _ranked("price", "close against its prior highest", _from_highest(factors), "fraction", "tape, closes"),
        _ranked("relative_strength", f"{pair} against its mean", ratio, "fraction", factors.pair_basis),
        _breadth(factors),
        _ranked("volume", "rising less falling days, share", _balance(factors), "score", "tape"),
        _ranked("credit", "spread, change", _changed(factors.credit), "bp", factors.credit.basis),
        _ranked("rates", "10-year yield, change", _changed(factors.rates), "bp", factors.rates.basis),
        _crowding(factors),
        _revisions(factors),
    ]


def _ranked(name: str, measure: str, line: pd.Series, unit: str, basis: str) -> Part:
    """A part that is its line's place in its own five years: 1 the highest, -1 the lowest, or the other way round."""
    history = line.to_numpy(dtype=np.float64)
    rank, n = evidence.percentiles(history, grid(len(history)), measures.RANGE, measures.LEAST)
    return Part(name, measure, _turned(name, rank), float(history[-1]), unit, float(rank[-1]), int(n[-1]), basis)


def _turned(name: str, rank: np.ndarray) -> np.ndarray:
    """A percentile as a value in [-1, 1]."""
    return (-1.0 if name in _AGAINST else 1.0) * (2 * rank - 1)


def _from_highest(factors: Factors) -> pd.Series:
    """Close against the highest close of the window before, a fraction.

    Closes, because a high that nothing supports is known as such only days later.
    """
    mid = factors.params.mid
    close = factors.snapshot.wide("close", "tape", [mid])
    if factors.snapshot.status(mid).status == "quarantined":
        close = close * np.nan
    return (close / breakout.prior_high(close, factors.params.window))[mid] - 1


def _changed(line: Line) -> pd.Series:
    return scenarios.change(line.series, CHANGE)


def _balance(factors: Factors) -> pd.Series:
    """Volume of rising days less that of falling days, as a share of all volume over `BALANCE` days; in [-1, 1]."""
    traded = factors.snapshot.wide("volume", "tape", [factors.params.mid]).iloc[:, 0]
    traded = traded.where(traded > 0)
    signed = traded * np.sign(factors.mid / factors.mid.shift(1) - 1)
    out = np.full(len(traded), np.nan)
    if len(traded) >= BALANCE:
        windows_of = np.lib.stride_tricks.sliding_window_view
        total = windows_of(np.where(signed.isna(), np.nan, traded), BALANCE).sum(axis=1)
        out[BALANCE - 1 :] = windows_of(signed.to_numpy(), BALANCE).sum(axis=1) / total
    return pd.Series(out, index=traded.index)


def _breadth(factors: Factors) -> Part:
    """Members above their mean where a list is known by the day, else equal weights against the market.

    The past is equal weights throughout: a list of today says who stayed, and members' bars reach back only so far.
    """
    params, snapshot = factors.params, factors.snapshot
    equal, market = params.equal_weight, params.market
    line = measures.distance(factors.index[equal] / factors.index[market], measures.NEAR_MEAN)
    basis = f"{tiers.basis(snapshot, equal, market)}; equal weights in place of members"
    measure = f"{snapshot.label(equal)}/{snapshot.label(market)} against its mean"
    instead = _ranked("breadth", measure, line, "fraction", basis)
    since = snapshot.background.members_of
    if not since or since > snapshot.as_of or snapshot.background.members.empty:
        return instead
    held = listed.members_of(snapshot, params)
    share = held.share_above(params.breadth_ma[0])
    rank, n = evidence.percentile(share, measures.RANGE, measures.LEAST)
    if np.isnan(rank):
        return instead
    values = np.append(instead.values[:-1], _turned("breadth", np.array([rank])))
    last = float(share.iloc[-1])
    return Part("breadth", "members above their mean", values, last, "fraction", rank, n, held.basis, signed=False)


def _crowding(factors: Factors) -> Part:
    """Mean of the percentiles of the fund's excess over its volatility and of its distance from its mean."""
    params = factors.params
    line = factors.index[[params.mid]]
    history, least = params.crowding_years * crowding.DAYS, crowding.LEAST_YEARS * crowding.DAYS
    frames = (
        rotation.scaled_excess(line, factors.market, crowding.EXCESS_WINDOW),
        windows.z_score(line, crowding.MEAN_WINDOW),
    )
    rows = grid(len(line))
    found = [evidence.percentiles(frame.iloc[:, 0].to_numpy(), rows, history, least) for frame in frames]
    mean = (found[0][0] + found[1][0]) / 2
    n = int(min(found[0][1][-1], found[1][1][-1]))
    basis = f"{tiers.basis(factors.snapshot, params.mid, params.market)}; proxy by price"
    last, values = float(mean[-1]), _turned("crowding", mean)
    return Part("crowding", "percentile by price", values, last, "fraction", last, n, basis, signed=False)


def _revisions(factors: Factors) -> Part:
    """Analysts who raised less those who cut: in [-1, 1] as it is, and without a history to rank it in."""
    days = factors.snapshot.days[grid(len(factors.snapshot.days))]
    estimates = factors.snapshot.background.estimates
    first = estimates["as_of"].min() if len(estimates) else None
    values = np.full(len(days), np.nan)
    n = 0
    for place, day in enumerate(days):
        if first is not None and day >= first:
            found = drivers.revisions_on(factors, day)
            values[place], n = found.breadth, found.n
    basis = "analysts' estimates of the holdings listed"
    return Part("revisions", "estimates raised less cut", values, float(values[-1]), "score", np.nan, n, basis)
