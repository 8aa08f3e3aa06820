"""Each short leg beside the fund: what it would have taken out, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import exposure, statistics
from helpers.evidence import hedge as evidence
from helpers.sections import macro, tiers
from helpers.sections.section import Ledger

#: trading days by which legs are judged: five years, the same for all whose bars reach back that far
SPAN = 5 * exposure.TRADING_DAYS_PER_YEAR
BAND = (0.05, 0.95)
BAND_LEVEL = 0.90
#: a beta to basis points is printed as basis points of the position per this many
PER_BP = 10
#: trading days over which the errors of a beta are dependent
BETA_LAGS = 5
#: words in the basis of a series that stands on the day it became known, not on the day it moved
LATE = "by day of publication"
#: trading days without a return after which a leg has a past but no price at which to sell it
CURRENT = 5


@dataclass(frozen=True, eq=False)
class Legs:
    """The fund and its short legs.

    Attributes
    ----------
    mid : Series
        Total returns of the fund on every trading day, fractions.
    legs : DataFrame of trading days x legs
        Those of each leg; NaN throughout for the fund itself and for a leg whose bars ended, whose past is no hedge.
    ratio : DataFrame of trading days x legs
        Short amount of each leg against one of the fund, known the evening before.
    factors : DataFrame
        ``market`` (fractions), ``rates`` and ``credit`` (changes in basis points) of every trading day.
    bases : dict
        Where ``rates`` and ``credit`` are from.
    """

    mid: pd.Series
    legs: pd.DataFrame
    ratio: pd.DataFrame
    factors: pd.DataFrame
    bases: dict[str, str]

    @cached_property
    def position(self) -> pd.DataFrame:
        """Daily return of the fund less the day's ratio of each leg."""
        return evidence.hedged_returns(self.mid, self.legs, self.ratio)

    @cached_property
    def alone(self) -> pd.DataFrame:
        """The fund's return on the days on which the position with each leg is known."""
        own = np.where(self.position.notna(), self.mid.to_numpy()[:, None], np.nan)
        return pd.DataFrame(own, index=self.position.index, columns=self.position.columns)

    def removed(self, span: int | None = SPAN) -> pd.DataFrame:
        """``share`` of variance removed and ``n`` of each leg over the last `span` days; all days when None."""
        first = -span if span else 0
        return evidence.variance_removed(self.mid.iloc[first:], self.position.iloc[first:])

    def betas(self, returns: pd.DataFrame, factor: str, span: int | None = SPAN) -> pd.DataFrame:
        """``beta`` and ``n`` of each column to one factor; rates and credit in bp of the position per 10 bp."""
        first = -span if span else 0
        found = exposure.beta(returns.iloc[first:], self.factors[factor].iloc[first:], evidence.FEWEST_DAYS)
        return found if factor == "market" else found.assign(beta=found["beta"] * PER_BP * 1e4)

    def bounds(self, leg: str, factor: str, level: float, span: int = SPAN) -> tuple[float, float]:
        """Newey-West interval of the hedged position's beta over the last `span` days, in the unit of `betas`."""
        y, x = (line.iloc[-span:].to_numpy() for line in (self.position[leg], self.factors[factor]))
        fit = statistics.hac_ols(y, x, lags=BETA_LAGS)
        if fit.n < evidence.FEWEST_DAYS:
            return np.nan, np.nan
        scale = 1.0 if factor == "market" else PER_BP * 1e4
        low, high = fit.interval(1, level)
        return low * scale, high * scale


def legs_of(snapshot: Snapshot, params: Params) -> Legs:
    """The fund, its legs with their lagged ratios, and the factors; unknown is NaN."""
    index = tiers.total_return(snapshot, params)
    returns = index[list(dict.fromkeys((params.mid, params.market, *params.hedge_legs)))].pct_change(fill_method=None)
    mid, legs = returns[params.mid], returns[list(params.hedge_legs)]
    legs = legs.assign(**dict.fromkeys([leg for leg in params.hedge_legs if leg == params.mid], np.nan))
    ratio = evidence.hedge_ratio(mid, legs, params.beta_window, method=params.hedge_method)
    is_gone = legs.tail(CURRENT).isna().all() | ratio.iloc[-1].isna()
    unknown = dict.fromkeys([leg for leg in params.hedge_legs if is_gone[leg]], np.nan)
    lines = {"rates": macro.rate_bp(snapshot, params), "credit": macro.credit_bp(snapshot, params)}
    late = [name for name, line in lines.items() if LATE in line.basis]
    factors = pd.DataFrame({name: line.series.reindex(returns.index).diff() for name, line in lines.items()})
    # changes of a series that comes a day late would be set against the wrong day's returns
    factors = factors.assign(**dict.fromkeys(late, np.nan), market=returns[params.market])
    bases = {name: "no data" if name in late else line.basis for name, line in lines.items()}
    return Legs(mid, legs.assign(**unknown), ratio.assign(**unknown), factors, bases)


def state(ledger: Ledger, snapshot: Snapshot, params: Params, legs: Legs) -> pd.DataFrame:
    """State ratio, variance removed and what is left for each leg, and of the fund alone.

    Returns
    -------
    DataFrame with a row per leg, in the order of ``hedge_legs``
        Columns leg, label, variance_removed (fraction), rate_beta (bp per 10 bp), market_beta, second_bet (bool or
        None), the frame of the picture.
    """
    removed, removed_all = legs.removed(), legs.removed(None)
    after = {name: legs.betas(legs.position, name) for name in ("market", "rates", "credit")}
    before = {name: legs.betas(legs.alone, name) for name in ("market", "rates")}
    rates_all = legs.betas(legs.position, "rates", None)
    depth = exposure.max_drawdown(legs.position.iloc[-SPAN:])
    rows = []
    for leg in params.hedge_legs:
        key = {"leg": snapshot.label(leg)}
        basis = tiers.basis(snapshot, params.mid, leg)
        state_ratio(ledger, params, legs.ratio[leg], key, basis)
        share, n = float(removed["share"][leg]), int(removed["n"][leg])
        ledger.state("variance_removed", share, "fraction", key=key, n=n, basis=basis)
        n_all = int(removed_all["n"][leg])
        ledger.state("variance_removed_all", removed_all["share"][leg], "fraction", key=key, n=n_all, basis=basis)
        left = {name: float(after[name]["beta"][leg]) for name in after}
        bounds = {name: legs.bounds(leg, name, 1 - params.alpha) for name in after}
        for name, unit in (("market", "multiple"), ("rates", "bp"), ("credit", "bp")):
            what = "rate_beta" if name == "rates" else f"{name}_beta"
            made = _basis(snapshot, params, legs, name, leg)
            facts = {"n": int(after[name]["n"][leg]), "level": 1 - params.alpha, "basis": made}
            ledger.state(what, left[name], unit, key=key, low=bounds[name][0], high=bounds[name][1], **facts)
        made = _basis(snapshot, params, legs, "rates", leg)
        ledger.state("rate_beta_all", rates_all["beta"][leg], "bp", key=key, n=int(rates_all["n"][leg]), basis=made)
        deepest = depth[leg] if n >= evidence.FEWEST_DAYS else None
        ledger.state("drawdown", deepest, "fraction", key=key, n=n, basis=basis)
        alone = {name: float(before[name]["beta"][leg]) for name in before}
        second = evidence.is_second_bet(share, {name: bounds[name] for name in alone}, alone)
        ledger.state("second_bet", second, "bool", key=key, n=n, basis=basis)
        rows.append((leg, key["leg"], share, left["rates"], left["market"], second))
    _state_alone(ledger, snapshot, params, legs)
    names = ["leg", "label", "variance_removed", "rate_beta", "market_beta", "second_bet"]
    return pd.DataFrame(rows, columns=names).astype({"second_bet": "object"})


def best(legs: Legs) -> tuple[str | None, int | None]:
    """The leg that removed most variance and the days that rests on; None when none removed any."""
    removed = legs.removed()
    useful = removed[removed["share"] > 0]
    if useful.empty:
        return None, None
    found = str(useful["share"].idxmax())
    return found, int(removed["n"][found])


def state_best(ledger: Ledger, snapshot: Snapshot, params: Params, legs: Legs) -> str | None:
    """State the best leg, and give it; None when none removed any variance."""
    found, n = best(legs)
    basis = tiers.basis(snapshot, params.mid, *(leg for leg in params.hedge_legs if leg != params.mid))
    ledger.state("best_leg", snapshot.label(found) if found else None, "label", n=n, basis=basis)
    return found


def state_ratio(ledger: Ledger, params: Params, ratio: pd.Series, key: dict[str, str], basis: str) -> None:
    """State the ratio of a leg in force on the last day, and its range over five years."""
    known = ratio.tail(SPAN).dropna()
    low, high = known.quantile(list(BAND)) if len(known) >= evidence.FEWEST_DAYS else (None, None)
    ledger.state(
        "ratio",
        ratio.iloc[-1],
        "multiple",
        key={**key, "method": params.hedge_method, "window": params.beta_window},
        n=len(known),
        low=low,
        high=high,
        level=BAND_LEVEL,
        basis=basis,
    )


def _state_alone(ledger: Ledger, snapshot: Snapshot, params: Params, legs: Legs) -> None:
    """State what the fund is exposed to without a hedge, over the same span."""
    basis = tiers.basis(snapshot, params.mid)
    own = legs.mid.to_frame()
    recent = own.iloc[-SPAN:]
    n = int(recent.notna().sum().iloc[0])
    depth = exposure.max_drawdown(recent).iloc[0] if n >= evidence.FEWEST_DAYS else None
    ledger.state("unhedged_drawdown", depth, "fraction", n=n, basis=basis)
    for what, factor, unit, span in (
        ("unhedged_market_beta", "market", "multiple", SPAN),
        ("unhedged_rate_beta", "rates", "bp", SPAN),
        ("unhedged_rate_beta_all", "rates", "bp", None),
        ("unhedged_credit_beta", "credit", "bp", SPAN),
    ):
        found = legs.betas(own, factor, span).iloc[0]
        ledger.state(what, found["beta"], unit, n=int(found["n"]), basis=_basis(snapshot, params, legs, factor))


def _basis(snapshot: Snapshot, params: Params, legs: Legs, factor: str, *symbols: str) -> str:
    """How a beta is made: the total returns in it, and where the factor is from."""
    if factor == "market":
        return tiers.basis(snapshot, params.mid, *symbols, params.market)
    return f"{tiers.basis(snapshot, params.mid, *symbols)}; {legs.bases[factor].removeprefix('total return; ')}"
