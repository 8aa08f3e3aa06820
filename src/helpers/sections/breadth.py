"""Is it broad: members, equal weight, winners and losers, and whether the fund moves before its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import lead_lag, statistics
from helpers.sections import board, broadening, day, leadership, tiers
from helpers.sections import members as names
from helpers.sections.leadership import Pair
from helpers.sections.members import Members
from helpers.sections.section import Ledger, Section
from helpers.signals import breakout

NEAR = 21
LEVEL = 0.95


def breadth(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on how broad the move is.

    Funds are on total return; members are on their tape where they have one. Everything is as of the last finished day.

    Returns
    -------
    Section
        Findings ``breadth.*`` (docs/findings.md) and the frames ``members``, ``price``, ``conditions``, ``verdicts``,
        ``leaders``, ``lead_lag``.
    """
    ledger = Ledger("breadth", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    index = tiers.total_return(snapshot, params)
    lines = leadership.baskets(params, index)
    pairs = leadership.pairs(snapshot, params, index, lines)
    held = names.members_of(snapshot, params)
    shares = names.state(ledger, snapshot, params, held)
    leadership.state_pairs(ledger, pairs)
    conditions = _conditions(pairs, held)
    verdicts = _state_verdict(ledger, conditions, pairs, held)
    leadership.state_baskets(ledger, snapshot, params, index, lines)
    leaders = leadership.state_scores(ledger, snapshot, params, index)
    _state_market_high(ledger, snapshot, params)
    lags = _state_lags(ledger, snapshot, index[params.mid], held)
    frames = {
        "members": shares,
        "price": _price(snapshot, params),
        "conditions": board.frame(ledger.findings, pairs),
        "verdicts": verdicts,
        "leaders": leaders,
        "lead_lag": lags,
    }
    return Section("breadth", ledger.findings, frames)


def _conditions(pairs: Mapping[str, Pair], held: Members) -> dict[str, broadening.Condition]:
    """The five conditions, day by day."""
    return {
        "mid_mega_high": broadening.at_high(pairs["mid_mega"].line),
        "equal_weight": broadening.above_mean(pairs["equal_weight"].line),
        "members": broadening.enough(held.share_above(broadening.MEAN_WINDOW)),
        "net_new_highs": broadening.positive_and_rising(held.net_share),
        "cyclical_defensive": broadening.above_mean(pairs["cyclical_defensive"].line),
    }


def _state_verdict(
    ledger: Ledger,
    conditions: Mapping[str, broadening.Condition],
    pairs: Mapping[str, Pair],
    held: Members,
) -> pd.DataFrame:
    """State each condition and what they add up to; give back the verdict of every day of three years."""
    bases = {
        "mid_mega_high": pairs["mid_mega"].basis,
        "equal_weight": pairs["equal_weight"].basis,
        "members": held.basis,
        "net_new_highs": held.basis,
        "cyclical_defensive": pairs["cyclical_defensive"].basis,
    }
    for name, condition in conditions.items():
        key = {"condition": name}
        ledger.state("condition", _yes(condition.met.iloc[-1]), "bool", key=key, basis=bases[name])
        ledger.state("condition_now", _yes(condition.now.iloc[-1]), "bool", key=key, basis=bases[name])
    pair = pairs["mid_mega"]
    distance = conditions["mid_mega_high"].measure.iloc[-1]
    shown: dict[str, Any] = {"ratio": pair.label, "window": broadening.HIGH_WINDOW, "role": "mid_mega"}
    ledger.state("ratio_high_distance", distance, "fraction", key=shown, basis=pair.basis)
    met = pd.DataFrame({name: condition.met for name, condition in conditions.items()})
    today, words = met.iloc[-1], broadening.verdict(met)
    n = int(today.notna().sum())
    facts: dict[str, Any] = {"n": n, "basis": "; ".join(dict.fromkeys(bases.values()))}
    ledger.state("conditions_met", int((today == 1).sum()) if n else None, "count", **facts)
    ledger.state("verdict", words.iloc[-1] or None, "label", **facts)
    ledger.state("verdict_since", broadening.since(words), "date", **facts)
    year = {"window": broadening.YEAR}
    known = min(int((words != "").sum()), broadening.YEAR)
    ledger.state("flips", broadening.flips(words), "count", key=year, n=known, basis=facts["basis"])
    recent = words.tail(names.YEARS_SHOWN * broadening.YEAR)
    return pd.DataFrame({"date": recent.index, "verdict": recent.to_numpy()})


def _yes(value: float) -> bool | None:
    return None if np.isnan(value) else bool(value)


def _state_market_high(ledger: Ledger, snapshot: Snapshot, params: Params) -> None:
    """State how often the market has its own new high near a breakout of the fund, and near any day."""
    high = {symbol: day.supported(snapshot, symbol, "high") for symbol in (params.mid, params.market)}
    close = snapshot.wide("close", "tape", [params.mid])
    events = breakout.breakout_events(high[params.mid], close, params.window, params.quiet_gap).iloc[:, 0]
    level = breakout.prior_high(high[params.market], params.window)
    made = breakout.new_high(high[params.market], params.window, strict=params.strict)
    known = (level.notna() & high[params.market].notna()).iloc[:, 0]
    if snapshot.status(params.market).status == "quarantined":
        known = known & False
    flags = made.iloc[:, 0].astype("float64").where(known)
    span = 2 * NEAR + 1
    near = flags.rolling(span, center=True, min_periods=span).max()
    studied = near.notna() & breakout.prior_high(high[params.mid], params.window).notna().iloc[:, 0]
    k, n = int(near[studied & events].sum()), int((studied & events).sum())
    low, top = statistics.wilson(k, n)
    key = {"within": NEAR}
    ledger.state("market_high_near", k / n if n else None, "fraction", key=key, n=n, low=low, high=top, level=LEVEL)
    days = int(studied.sum())
    base = near[studied].sum() / days if days else None
    ledger.state("market_high_base", base, "fraction", key=key, n=days)


def _state_lags(ledger: Ledger, snapshot: Snapshot, fund: pd.Series, held: Members) -> pd.DataFrame:
    """State whether the fund's day tells its members' next one, or theirs its own; give back the correlations."""
    index = snapshot.background.members_total_return.reindex(snapshot.days)
    first = index.notna().any(axis=1)
    since = first.idxmax() if first.any() else index.index[-1]
    own = fund / fund.shift(1) - 1
    members = lead_lag.mean_return(index.loc[since:], at_least=names.MIN_KNOWN).reindex(own.index)
    basis = f"total return, daily closes; {held.of}" if held.listed else held.of
    table = lead_lag.cross_correlation(own, members)
    for row in table.itertuples():
        ledger.state("lead_lag", row.correlation, "score", key={"lag": int(str(row.lag))}, n=row.n, basis=basis)
    found = lead_lag.lagged(own, members)
    for direction, item in found.items():
        ledger.state("lead_t", item.t, "score", key={"direction": direction}, n=item.n, basis=basis)
    n = min(item.n for item in found.values())
    ledger.state("who_leads", lead_lag.who_leads(found), "label", n=n, basis=basis)
    return table


def _price(snapshot: Snapshot, params: Params) -> pd.DataFrame:
    """The fund's close on the tape over the days that the shares are drawn for."""
    close = snapshot.wide("close", "tape", [params.mid])[params.mid].tail(names.YEARS_SHOWN * broadening.YEAR)
    return close.rename("close").rename_axis("date").reset_index()
