"""Twelve measures, each in its own range of five years."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import crowding, scenarios
from helpers.sections import day, leadership, tiers, trading
from helpers.sections import members as listed
from helpers.sections.factors import Factors
from helpers.sections.section import Ledger
from helpers.signals import breakout as signal
from helpers.signals import volume, windows

#: trading days of five years, and those of them that must be known
RANGE, LEAST = 1260, 252
NEAR_MEAN, LONG_MEAN = 50, 200
Z_WINDOW = 63
VOLATILITY_WINDOW = 63
EXCESS_WINDOW = 126
CREDIT_WINDOW = 63
TRADING_DAYS_PER_YEAR = 252


class Measure(NamedTuple):
    """One measure over trading days: its name, what a reader calls it, its line, its unit, what it is made of.

    `signed` where zero means something, as for a distance.
    """

    name: str
    label: str
    line: pd.Series
    unit: str
    basis: str
    signed: bool = True


def state(ledger: Ledger, factors: Factors) -> pd.DataFrame:
    """State each measure and its percentile; give back the strip's frame.

    Returns
    -------
    DataFrame, a row per measure
        Columns measure, label, percentile (fraction, NaN unknown), value_text, and now, low, high in the measure's unit
        over its five years.
    """
    rows = []
    for item in measures_of(factors):
        shown = item.line.tail(RANGE)
        value, n = crowding.percentile(shown, RANGE, LEAST)
        key = {"measure": item.name}
        now = float(shown.iloc[-1]) if len(shown) else np.nan
        said = ledger.state(f"measure_{item.unit}", now, item.unit, key=key, basis=item.basis)
        ledger.state("measure_percentile", value, "fraction", key=key, n=n, basis=item.basis)
        text = said.text(signed=item.signed) if said.is_known else ""
        rows.append((item.name, item.label, value, text, now, shown.min(), shown.max()))
    return pd.DataFrame(rows, columns=["measure", "label", "percentile", "value_text", "now", "low", "high"])


def measures_of(factors: Factors) -> list[Measure]:
    """The twelve, in the order of the strip: against mega caps, breadth, the fund's own price, what presses on it."""
    return [*_relative(factors), *_own(factors), *_pressing(factors)]


def distance(line: pd.Series, window: int) -> pd.Series:
    """Distance of a line from the mean of its last `window` days, a fraction."""
    return line / windows.rolling_mean(line.to_frame(), window).iloc[:, 0] - 1


def _relative(factors: Factors) -> list[Measure]:
    """The fund against mega caps and the market, equal weights, members, winners against losers."""
    params, snapshot = factors.params, factors.snapshot
    span = RANGE + max(params.rs_ma, EXCESS_WINDOW) + 1
    index = factors.index.tail(span)
    mid, market, equal = params.mid, params.market, params.equal_weight
    excess = index[mid] / index[mid].shift(EXCESS_WINDOW) - index[market] / index[market].shift(EXCESS_WINDOW)
    near = params.breadth_ma[0]
    held = listed.members_of(snapshot, params)
    # a basket starts on a day of its own, so the whole index makes it
    baskets = leadership.baskets(params, factors.index)
    label = snapshot.label
    return [
        Measure(
            "ratio_mean",
            f"{label(mid)}/{label(params.mega)} against its {params.rs_ma}-day mean",
            distance(index[mid] / index[params.mega], params.rs_ma),
            "fraction",
            factors.pair_basis,
        ),
        Measure(
            "excess",
            f"{label(mid)} less {label(market)} over {EXCESS_WINDOW} days",
            excess,
            "points",
            tiers.basis(snapshot, mid, market),
        ),
        Measure(
            "equal_weight",
            f"{label(equal)}/{label(market)} against its {NEAR_MEAN}-day mean",
            distance(index[equal] / index[market], NEAR_MEAN),
            "fraction",
            tiers.basis(snapshot, equal, market),
        ),
        Measure(
            "members", f"Members above their {near}-day mean", held.share_above(near), "fraction", held.basis, False
        ),
        Measure(
            "winners_losers",
            f"Winners/losers against its {NEAR_MEAN}-day mean",
            distance(baskets["winners"] / baskets["losers"], NEAR_MEAN),
            "fraction",
            tiers.basis(snapshot, *params.winners, *params.losers),
        ),
    ]


def _own(factors: Factors) -> list[Measure]:
    """The fund's own price, volume and volatility."""
    params, snapshot = factors.params, factors.snapshot
    mid = params.mid
    close = snapshot.wide("close", "tape", [mid])
    level = signal.prior_high(day.supported(snapshot, mid, "high"), params.window)
    index = factors.index[[mid]].tail(RANGE + LONG_MEAN)
    steps = index / index.shift(1) - 1
    moved = steps.rolling(VOLATILITY_WINDOW, min_periods=VOLATILITY_WINDOW).std() * np.sqrt(TRADING_DAYS_PER_YEAR)
    traded = snapshot.wide("volume", "tape", [mid])
    marks = snapshot.calendar.loc[traded.index, list(trading.MARKS)]
    median = params.volume_windows[0]
    multiple = volume.relative_volume(traded, marks.any(axis=1), median)
    basis = tiers.basis(snapshot, mid)
    return [
        Measure("nearness", "Close against its prior high", (close / level)[mid], "fraction", "tape", False),
        Measure(
            "price_z",
            f"Close, z-score over {Z_WINDOW} days",
            windows.z_score(close.tail(RANGE + Z_WINDOW), Z_WINDOW)[mid],
            "score",
            "tape",
        ),
        Measure(
            "mean_distance",
            f"Distance from the {LONG_MEAN}-day mean, sigmas",
            windows.z_score(index, LONG_MEAN)[mid],
            "score",
            basis,
        ),
        Measure(
            "volatility", f"Volatility over {VOLATILITY_WINDOW} days, a year", moved[mid], "fraction", basis, False
        ),
        Measure("volume", f"Volume against its {median}-day median", multiple[mid], "multiple", "tape", False),
    ]


def _pressing(factors: Factors) -> list[Measure]:
    """Rates and credit; of credit the change, because the level that a fund implies starts at nought somewhere."""
    moved = scenarios.change(factors.credit.series, CREDIT_WINDOW)
    label = f"Credit spread, change over {CREDIT_WINDOW} days"
    return [
        Measure("rates", "10-year yield", factors.rates.series, "bp", factors.rates.basis, False),
        Measure("credit", label, moved, "bp", factors.credit.basis),
    ]
