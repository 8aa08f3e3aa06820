"""The hedge: which leg removes what, how large a position is, where it stops, and what holding it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import exposure
from helpers.evidence import hedge as evidence
from helpers.sections import calls, legs, tiers
from helpers.sections.breakout import breakout
from helpers.sections.legs import Legs
from helpers.sections.section import Ledger, Section

VOLATILITY_WINDOW = 63
#: trading days without a bar that the volatility may pass over
HOLES_ALLOWED = 5
DAYS_SHOWN = 252
PARTS = ("dividend", "short_dividend", "borrow", "trading")


def hedge(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on hedging the fund with each of ``hedge_legs``, and on the size and stop of a position.

    Ratios are of the evening before each day, returns are total returns; entry, stop and gaps are on the tape. Levels
    are those of the section breakout.

    Returns
    -------
    Section
        Findings ``hedge.*`` (docs/findings.md) and the frames ``frontier``, ``ratios``, ``path``, ``tape``,
        ``path_levels``.
    """
    ledger = Ledger("hedge", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    held = legs.legs_of(snapshot, params)
    frontier = legs.state(ledger, snapshot, params, held)
    best = legs.state_best(ledger, snapshot, params, held)
    calls.variance_lower(ledger, snapshot, params, held, best)
    tape = breakout(snapshot, params)
    _state_size(ledger, snapshot, params, held, tape)
    _state_carry(ledger, snapshot, params, held)
    frames = {
        "frontier": frontier,
        "ratios": _ratios(snapshot, held),
        "path": _path(snapshot, held, best),
        "tape": tape.frames["price"][["date", "close"]].tail(DAYS_SHOWN).reset_index(drop=True),
        "path_levels": _levels(tape),
    }
    return Section("hedge", ledger.findings, frames)


def _state_size(ledger: Ledger, snapshot: Snapshot, params: Params, held: Legs, tape: Section) -> None:
    """State how large a position is, where it stops, and what it loses there and through a gap."""
    basis = tiers.basis(snapshot, params.mid)
    recent = held.mid.tail(VOLATILITY_WINDOW + HOLES_ALLOWED).dropna().to_frame()
    moved = exposure.realised_volatility(recent, VOLATILITY_WINDOW).to_numpy()
    volatility = float(moved[-1, 0]) if len(moved) else np.nan
    days = min(len(recent), VOLATILITY_WINDOW)
    ledger.state("volatility", volatility, "fraction", key={"window": VOLATILITY_WINDOW}, n=days, basis=basis)
    size = evidence.size(volatility, params.vol_target / 100, params.max_leverage)
    settings = {"vol_target": params.vol_target, "max_leverage": params.max_leverage}
    ledger.state("size", size, "multiple", key=settings, n=days, basis=basis)

    entry = _number(tape.findings.value("breakout.last"))
    loss = _number(tape.findings.value("breakout.loss_at_stop"))
    opened, close = (snapshot.wide(name, "tape", [params.mid])[params.mid] for name in ("open", "close"))
    gap, nights = evidence.overnight_gap(opened, close)
    now = {"as_of": snapshot.day}
    ledger.state("entry", entry, "price", **now)
    ledger.state("has_stop", bool(loss == loss and entry == entry), "bool", **now)
    ledger.state("gap", gap, "fraction", n=nights)
    stop = {**now, "key": {**settings, "stop_atr": params.stop_atr}}
    ledger.state("loss_at_stop_sized", size * loss, "fraction", **stop)
    ledger.state("loss_through_gap", size * ((1 + loss) * (1 + gap) - 1), "fraction", n=nights, **stop)


def _state_carry(ledger: Ledger, snapshot: Snapshot, params: Params, held: Legs) -> None:
    """State what a year of the fund against each short leg brings, and the parts of that sum."""
    symbols = list(dict.fromkeys((params.mid, *params.hedge_legs)))
    paid, closes = (snapshot.wide(name, "tape", symbols) for name in ("dividend", "close"))

    def yield_of(symbol: str) -> float:
        is_fit = snapshot.status(symbol).status != "quarantined"
        return evidence.dividend_yield(paid[symbol], closes[symbol]) if is_fit else np.nan

    own = yield_of(params.mid)
    costs = {"borrow_fee": params.borrow_fee, "trading_cost": params.trading_cost}
    for leg in params.hedge_legs:
        ratio = held.ratio[leg]
        changes = ratio.diff().abs().tail(exposure.TRADING_DAYS_PER_YEAR)
        turnover = float(changes.sum()) if changes.notna().all() else np.nan
        parts = evidence.carry(
            own,
            yield_of(leg) if leg != params.mid else np.nan,
            float(ratio.iloc[-1]),
            turnover,
            fee_bp=params.borrow_fee,
            cost_bp=params.trading_cost,
        )
        label = snapshot.label(leg)
        for part in PARTS:
            ledger.state("carry_part", parts[part], "fraction", key={"leg": label, "part": part, **costs})
        ledger.state("carry", sum(parts.values()), "fraction", key={"leg": label, **costs})


def _ratios(snapshot: Snapshot, held: Legs) -> pd.DataFrame:
    """The ratio of each leg in force on each of the last days, tidy: date, leg, ratio."""
    shown = held.ratio.tail(legs.SPAN).rename(columns=snapshot.label).rename_axis(index="date", columns="leg")
    return shown.stack(future_stack=True).reset_index().set_axis(["date", "leg", "ratio"], axis=1)


def _path(snapshot: Snapshot, held: Legs, best: str | None) -> pd.DataFrame:
    """The fund, and hedged with its best leg, over a year, 100 the evening before: date, line, value.

    ``line`` is "fund" or "hedged with ...".
    """
    lines = {"fund": held.mid}
    if best is not None:
        lines[f"hedged with {snapshot.label(best)}"] = held.position[best]
    parts = []
    for line, returns in lines.items():
        recent = returns.tail(DAYS_SHOWN + 1)
        value = 100 * exposure.growth(recent.iloc[1:].to_frame()).iloc[:, 0].where(recent.iloc[1:].notna())
        start = pd.Series([100.0], index=recent.index[:1])
        shown = pd.concat([start, value])
        frame = pd.DataFrame({"date": shown.index, "line": line, "value": shown.to_numpy()})
        parts.append(frame if recent.notna().any() else frame.iloc[:0])
    return pd.concat(parts, ignore_index=True)


def _levels(tape: Section) -> pd.DataFrame:
    """Entry, warning and stop on the tape, as the section breakout states them: kind, value, text."""
    said = {
        "entry": tape.findings.get("breakout.last"),
        "warning": tape.findings.get("breakout.level", level="warning"),
        "stop": tape.findings.get("breakout.level", level="stop"),
    }
    rows = [(kind, _number(item.value), item.text()) for kind, item in said.items() if item and item.is_known]
    return pd.DataFrame(rows, columns=["kind", "value", "text"]).astype({"value": "float64"})


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan
