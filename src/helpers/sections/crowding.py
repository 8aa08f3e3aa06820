"""How crowded each hedge leg may be, by price alone: a proxy, not positions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence import crowding, statistics
from helpers.sections import tiers
from helpers.sections.factors import Factors
from helpers.sections.section import Ledger
from helpers.signals import rotation, windows

#: sector whose members stand for what a fund holds; a fund that is not named here has no such part
SECTORS = {
    "XLB": "Materials",
    "XLC": "Communication Services",
    "XLE": "Energy",
    "XLF": "Financials",
    "XLI": "Industrials",
    "XLK": "Information Technology",
    "XLP": "Consumer Staples",
    "XLRE": "Real Estate",
    "XLU": "Utilities",
    "XLV": "Health Care",
    "XLY": "Consumer Discretionary",
    "KRE": "Financials",
    "VNQ": "Real Estate",
}
PARTS = ("comomentum", "excess", "distance")
EXCESS_WINDOW = 126
MEAN_WINDOW = 200
WEEKS, DAYS = 52, 252
#: lags of the errors of a duration beta
BETA_LAGS = 5
#: years of its own history that a part needs before it is ranked in it
LEAST_YEARS = 2


def state(ledger: Ledger, factors: Factors) -> pd.DataFrame:
    """State each leg's parts as percentiles of their own history, their mean, and the most crowded leg.

    Returns
    -------
    DataFrame, a row per leg
        Columns leg, label, crowding, comomentum, excess, distance (fractions; NaN unknown).
    """
    params, snapshot = factors.params, factors.snapshot
    ranked = {"comomentum": _comomentum(factors), **_from_prices(factors)}
    rows = []
    for leg in params.hedge_legs:
        parts = {name: ranked[name].get(leg, (np.nan, 0)) for name in PARTS}
        label, basis = snapshot.label(leg), tiers.basis(snapshot, leg, params.market)
        for name, (value, n) in parts.items():
            how = f"{basis}; proxy by price" if name != "comomentum" else _members_basis(factors, leg)
            ledger.state("crowding_part", value, "fraction", subject=label, key={"part": name}, n=n, basis=how)
        known = [value for value, _ in parts.values() if not np.isnan(value)]
        mean = float(np.mean(known)) if known else np.nan
        ledger.state("crowding", mean, "fraction", subject=label, n=len(known), basis=f"{basis}; proxy by price")
        rows.append((leg, label, mean, *(value for value, _ in parts.values())))
    frame = pd.DataFrame(rows, columns=["leg", "label", "crowding", *PARTS])
    betas = {leg: duration_beta(factors, leg) for leg in params.hedge_legs}
    for leg, (beta, t) in betas.items():
        facts: dict[str, Any] = {"subject": snapshot.label(leg), "key": {"window": params.beta_window}}
        facts["basis"] = tiers.basis(snapshot, leg, params.market, params.duration)
        ledger.state("duration_beta", beta, "multiple", **facts)
        ledger.state("duration_t", t, "score", **facts)
    # the fund itself, the market, mega caps and winners are no defensive factor, whatever their duration
    others = {params.mid, params.market, *params.stand_ins, *params.winners}
    is_defensive = frame["leg"].map(lambda leg: betas[leg][0] > 0 and leg not in others)
    rated = frame[is_defensive & frame["crowding"].notna()]
    most = rated["label"].iloc[int(rated["crowding"].argmax())] if len(rated) else None
    ledger.state("most_crowded", most, "label", n=len(rated), basis="proxy by price")
    return frame


def duration_beta(factors: Factors, leg: str) -> tuple[float, float]:
    """Slope of a leg's daily return on the government bond fund's, beside the market's, over `beta_window` days; its t.

    Above zero the leg gains when yields fall, whatever the market does. NaN for the market itself, and for the bond
    fund, whose slope is 1 by itself.
    """
    params = factors.params
    if leg in (params.market, params.duration):
        return np.nan, np.nan
    lines = factors.index[[leg, params.market, params.duration]].tail(params.beta_window + 1)
    steps = (lines / lines.shift(1) - 1).iloc[1:].to_numpy()
    fit = statistics.hac_ols(steps[:, 0], steps[:, 1:], lags=BETA_LAGS)
    return (float(fit.coef[2]), float(fit.t[2])) if fit.n >= params.beta_window // 2 else (np.nan, np.nan)


def _members_basis(factors: Factors, leg: str) -> str:
    sector = SECTORS.get(leg)
    day = factors.snapshot.background.members_of
    if sector is None:
        return "no sector of its own"
    return f"members of {sector} listed on {day or 'an unknown day'}, earlier days survivorship-biased"


def _comomentum(factors: Factors) -> dict[str, tuple[float, int]]:
    """Percentile of the members' mean pairwise correlation for each leg with a sector, and members in it."""
    snapshot, params = factors.snapshot, factors.params
    background = snapshot.background
    legs = [leg for leg in params.hedge_legs if leg in SECTORS]
    if not legs or background.members.empty or background.member_bars.empty:
        return {}
    weekly = tiers.finished_weeks(snapshot, background.members_total_return)
    line = factors.market.reindex(weekly.index)
    steps, market = weekly / weekly.shift(1) - 1, line / line.shift(1) - 1
    history = params.crowding_years * WEEKS
    sector_of = background.members.set_index("symbol")["sector"]
    out: dict[str, tuple[float, int]] = {}
    for sector in dict.fromkeys(SECTORS[leg] for leg in legs):
        names = [name for name in steps.columns if sector_of.get(name) == sector]
        kept = steps[names].tail(history + params.crowding_weeks)
        table = crowding.comomentum(kept, market.reindex(kept.index), params.crowding_weeks)
        value, _ = crowding.percentile(table["correlation"], history, LEAST_YEARS * WEEKS)
        n = int(table["members"].iloc[-1]) if len(table) else 0
        out |= {leg: (value, n) for leg in legs if SECTORS[leg] == sector}
    return out


def _from_prices(factors: Factors) -> dict[str, dict[str, tuple[float, int]]]:
    """Percentiles of each leg's excess return over its volatility and of its distance from its mean, and their days."""
    params = factors.params
    history, least = params.crowding_years * DAYS, LEAST_YEARS * DAYS
    lines = factors.index[list(params.hedge_legs)].tail(history + MEAN_WINDOW)
    excess = rotation.scaled_excess(lines, factors.market.reindex(lines.index), EXCESS_WINDOW)
    distance = windows.z_score(lines, MEAN_WINDOW)
    if params.market in excess:
        excess = excess.assign(**{params.market: np.nan})  # it has no excess over itself
    return {
        name: {leg: crowding.percentile(frame[leg], history, least) for leg in params.hedge_legs}
        for name, frame in (("excess", excess), ("distance", distance))
    }
