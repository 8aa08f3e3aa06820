"""Winners and losers: baskets, the pairs they are measured in, and how each fund of them ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections import broadening, tiers
from helpers.sections.section import Ledger
from helpers.signals import rotation, windows

BASKETS = ("winners", "losers", "quality")
CHANGES = (21, 63, 252)
BETA_WINDOW = 126
EXCESS_SHOWN = 63
#: share of a basket's funds that need a score before the basket has one
MIN_SCORED = 0.5


class Pair(NamedTuple):
    """One total-return line over another: what a reader calls it, both lines, how they are made."""

    label: str
    own: pd.Series
    other: pd.Series
    basis: str

    @property
    def line(self) -> pd.Series:
        """The ratio of the two."""
        return self.own / self.other


def funds(params: Params) -> dict[str, list[str]]:
    """The funds of each of `BASKETS`."""
    return {"winners": list(params.winners), "losers": list(params.losers), "quality": [params.quality]}


def baskets(params: Params, index: pd.DataFrame) -> dict[str, pd.Series]:
    """Each basket's total-return line, 100 on the first day that all its funds are held."""
    return {name: rotation.basket(index[symbols]) for name, symbols in funds(params).items()}


def pairs(snapshot: Snapshot, params: Params, index: pd.DataFrame, lines: Mapping[str, pd.Series]) -> dict[str, Pair]:
    """The ratios that the section reads, by what they stand for."""
    named = {
        "mid_mega": (params.mid, params.mega),
        "equal_weight": (params.equal_weight, params.market),
        "small": (params.small, params.market),
        "quality": (params.quality, params.market),
        "value_growth": (params.value, params.growth),
        "quality_growth": (params.quality, params.growth),
    }
    found = {
        role: Pair(
            f"{snapshot.label(own)}/{snapshot.label(other)}",
            index[own],
            index[other],
            tiers.basis(snapshot, own, other),
        )
        for role, (own, other) in named.items()
    }
    basis = tiers.basis(snapshot, *params.winners, *params.losers)
    found["cyclical_defensive"] = Pair("winners/losers", lines["winners"], lines["losers"], basis)
    return found


def state_pairs(ledger: Ledger, held: Mapping[str, Pair]) -> None:
    """State where each ratio stands against its mean, and how far one side is ahead of the other.

    The role tells pairs apart that parameters have given the same funds.
    """
    for role, pair in held.items():
        line = pair.line
        mean = windows.rolling_mean(line.to_frame(), broadening.MEAN_WINDOW).iloc[:, 0]
        key = {"ratio": pair.label, "window": broadening.MEAN_WINDOW, "role": role}
        distance = line.iloc[-1] / mean.iloc[-1] - 1
        ledger.state("ratio_mean_distance", distance, "fraction", key=key, basis=pair.basis)
        for window in CHANGES:
            value = _return(pair.own, window) - _return(pair.other, window)
            key = {"ratio": pair.label, "window": window, "role": role}
            ledger.state("ratio_change", value, "points", key=key, basis=pair.basis)


def state_baskets(
    ledger: Ledger, snapshot: Snapshot, params: Params, index: pd.DataFrame, lines: Mapping[str, pd.Series]
) -> None:
    """State since when each basket runs, what it earned over the market, and what is left of that after its beta."""
    market = index[params.market]
    left = {}
    for name, line in lines.items():
        basis = tiers.basis(snapshot, *funds(params)[name], params.market)
        ledger.state("basket_from", line.first_valid_index(), "date", key={"basket": name}, basis=basis)
        for window in rotation.SPANS:
            value = _return(line, window) - _return(market, window)
            ledger.state("basket_excess", value, "points", key={"basket": name, "window": window}, basis=basis)
        found = rotation.residual(line, market, BETA_WINDOW)
        left[name] = found.left
        key = {"basket": name, "window": BETA_WINDOW}
        ledger.state("basket_beta", found.beta, "multiple", key=key, n=found.n, basis=basis)
        ledger.state("basket_residual", found.left, "points", key=key, n=found.n, basis=basis)
    ledger.state(
        "rotation_residual",
        left["winners"] - left["losers"],
        "points",
        key={"window": BETA_WINDOW},
        basis=tiers.basis(snapshot, *params.winners, *params.losers, params.market),
    )


def state_scores(ledger: Ledger, snapshot: Snapshot, params: Params, index: pd.DataFrame) -> pd.DataFrame:
    """State each fund's score, each basket's and the difference; give back the ranked frame.

    Returns
    -------
    DataFrame, a row per fund and basket, the strongest first
        Columns symbol, label, basket, score (0 to 1), excess_63, residual_126 (fractions); NaN where unknown.
    """
    market = index[params.market]
    chosen = list(dict.fromkeys(params.baskets))
    recent = index.tail(max(rotation.SPANS) + 1)
    scores = rotation.score(recent[chosen], market.loc[recent.index]).iloc[-1]
    rows, means = [], {}
    for name, symbols in funds(params).items():
        for symbol in symbols:
            label, basis = snapshot.label(symbol), tiers.basis(snapshot, symbol, params.market)
            excess = _return(index[symbol], EXCESS_SHOWN) - _return(market, EXCESS_SHOWN)
            left = rotation.residual(index[symbol], market, BETA_WINDOW).left
            key = {"basket": name}
            ledger.state("fund_score", scores[symbol], "score", subject=label, key=key, basis=basis)
            shown = {**key, "window": EXCESS_SHOWN}
            ledger.state("fund_excess", excess, "points", subject=label, key=shown, basis=basis)
            shown = {**key, "window": BETA_WINDOW}
            ledger.state("fund_residual", left, "points", subject=label, key=shown, basis=basis)
            rows.append((symbol, label, name, scores[symbol], excess, left))
        known = scores[symbols].dropna()
        means[name] = known.mean() if len(known) >= MIN_SCORED * len(symbols) else np.nan
        basis = tiers.basis(snapshot, *symbols, params.market)
        ledger.state("basket_score", means[name], "score", key={"basket": name}, n=len(known), basis=basis)
    ledger.state(
        "rotation_score",
        means["winners"] - means["losers"],
        "score",
        n=int(scores[[*params.winners, *params.losers]].notna().sum()),
        basis=tiers.basis(snapshot, *params.winners, *params.losers, params.market),
    )
    columns = ["symbol", "label", "basket", "score", "excess_63", "residual_126"]
    return pd.DataFrame(rows, columns=columns).sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _return(line: pd.Series, window: int) -> float:
    """Return over the last `window` trading days, a fraction; NaN where the line does not reach so far."""
    return float(line.iloc[-1] / line.iloc[-1 - window] - 1) if len(line) > window else np.nan
