"""Mid caps against mega caps: by which stand-in, since when, and whether the ratio itself is at a high."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections import day, tiers
from helpers.sections.section import Ledger, Section
from helpers.signals import breakout, relative, windows

YEARS_SHOWN = 3
#: trading days a stand-in needs to decide where the ratio chart starts
SHORTEST_LINE = 126
LED_WITHIN = 21
SLOPE_WINDOW = 21
NEAR_MEAN = 50


def strength(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on mid caps against each mega-cap stand-in and against the market.

    Every figure is on total return and, on an unfinished day, as of the evening before.

    Returns
    -------
    Section
        Findings ``strength.*`` (docs/findings.md) and the frames ``ratio``, ``mansfield``, ``excess``,
        ``rotation``, ``grid``.
    """
    ledger = Ledger("strength", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    index = tiers.total_return(snapshot, params)
    against = [*params.stand_ins, params.market]
    mega = index[against]
    mid = pd.DataFrame({symbol: index[params.mid] for symbol in against})
    ratio = relative.ratio(mid, mega)
    excess = _state_excess(ledger, snapshot, params, mid, mega)
    for symbol in params.stand_ins:
        _state_ratio(ledger, snapshot, params, ratio[[symbol]], symbol)
    mansfield = _state_mansfield(ledger, snapshot, params, ratio[list(params.stand_ins)])
    _state_first(ledger, snapshot, params)
    frames = {
        "ratio": _ratio_frame(snapshot, params, mid, mega),
        "mansfield": mansfield,
        "excess": excess,
        "rotation": tiers.state_rotation(ledger, snapshot, params, index),
        "grid": tiers.state_grid(ledger, snapshot, params, index),
    }
    return Section("strength", ledger.findings, frames)


def _state_excess(
    ledger: Ledger, snapshot: Snapshot, params: Params, mid: pd.DataFrame, mega: pd.DataFrame
) -> pd.DataFrame:
    """State excess returns over every window and stand-in, and where the stand-ins disagree."""
    rows = []
    common = tiers.basis(snapshot, params.mid, *params.stand_ins)
    for window in relative.EXCESS_WINDOWS:
        latest = relative.excess_return(mid, mega, window).iloc[-1]
        for symbol, value in latest.items():
            label = snapshot.label(str(symbol))
            ledger.state(
                "excess",
                value,
                "points",
                key={"window": window, "against": label},
                basis=tiers.basis(snapshot, params.mid, str(symbol)),
            )
            if symbol in params.stand_ins:
                rows.append((window, label, value, symbol == params.mega))
        known = latest[list(params.stand_ins)].dropna()
        spread = known.max() - known.min() if len(known) > 1 else np.nan
        key = {"window": window}
        ledger.state("stand_in_spread", spread, "points", key=key, n=len(known), basis=common)
        printed = known.round(3)  # a tenth of a point, as a reader sees it
        differ = bool(spread > 0.01 or printed.max() > 0 > printed.min()) if len(known) > 1 else None
        ledger.state("stand_ins_differ", differ, "bool", key=key, n=len(known), basis=common)
    return pd.DataFrame(rows, columns=["window", "stand_in", "value", "is_primary"])


def _state_ratio(ledger: Ledger, snapshot: Snapshot, params: Params, ratio: pd.DataFrame, symbol: str) -> None:
    """State where one ratio line stands: against its means, its own high, and when it last crossed."""
    key = {"against": snapshot.label(symbol)}
    basis = tiers.basis(snapshot, params.mid, symbol)
    line = ratio.iloc[:, 0]
    mean = windows.rolling_mean(ratio, params.rs_ma).iloc[:, 0]
    near = windows.rolling_mean(ratio, NEAR_MEAN).iloc[:, 0]
    long_key = {**key, "window": params.rs_ma}
    ledger.state("mean_distance", line.iloc[-1] / mean.iloc[-1] - 1, "fraction", key=long_key, basis=basis)
    near_key = {**key, "window": NEAR_MEAN}
    ledger.state("near_mean_distance", line.iloc[-1] / near.iloc[-1] - 1, "fraction", key=near_key, basis=basis)
    slope = mean.iloc[-1] / mean.shift(SLOPE_WINDOW).iloc[-1] - 1
    ledger.state("mean_slope", slope, "fraction", key={**long_key, "over": SLOPE_WINDOW}, basis=basis)
    side = (line > mean)[line.notna() & mean.notna()]
    crossed = side[side != side.shift(1)].index
    since = int((side.index > crossed[-1]).sum()) if len(crossed) > 1 else None
    ledger.state("days_since_cross", since, "days", key=long_key, basis=basis)

    highs = breakout.new_high(ratio, breakout.TRADING_DAYS_PER_YEAR).iloc[:, 0]
    year = line.tail(breakout.TRADING_DAYS_PER_YEAR + 1)
    is_full = bool(year.notna().all()) and len(year) > breakout.TRADING_DAYS_PER_YEAR
    high_key = {**key, "window": breakout.TRADING_DAYS_PER_YEAR}
    ledger.state("is_ratio_high", bool(highs.iloc[-1]) if is_full else None, "bool", key=high_key, basis=basis)
    from_high = line.iloc[-1] / year.max() - 1 if is_full else None
    ledger.state("from_ratio_high", from_high, "fraction", key=high_key, basis=basis)
    ledger.state("ratio_high_date", year.idxmax() if is_full else None, "date", key=high_key, basis=basis)
    led = bool(highs.iloc[-1 - LED_WITHIN : -1].any()) if is_full else None
    ledger.state("ratio_led", led, "bool", key={**high_key, "within": LED_WITHIN}, basis=basis)


def _state_mansfield(ledger: Ledger, snapshot: Snapshot, params: Params, ratio: pd.DataFrame) -> pd.DataFrame:
    weekly = tiers.finished_weeks(snapshot, ratio)
    value = relative.mansfield(weekly, params.mansfield_weeks)
    for symbol in ratio.columns:
        latest = value[symbol].iloc[-1] / 100 if len(value) else np.nan
        key = {"against": snapshot.label(symbol), "window": params.mansfield_weeks}
        basis = tiers.basis(snapshot, params.mid, symbol)
        ledger.state("mansfield", latest, "fraction", key=key, basis=basis)
    shown = value.tail(YEARS_SHOWN * 52).rename(columns=snapshot.label).rename_axis(index="date", columns="stand_in")
    return shown.stack(future_stack=True).reset_index().set_axis(["date", "stand_in", "value"], axis=1)


def _state_first(ledger: Ledger, snapshot: Snapshot, params: Params) -> None:
    """State who made a new high first since the base turned: the fund or the market."""
    today = day.day_of(snapshot, params)
    history = day.history_of(snapshot, params, today)
    highs = {"mid": history.high, "market": day.supported(snapshot, params.market, "high")}
    _, lows = day.base_under(history)
    is_base = len(lows) >= day.SHORTEST_BASE and bool(lows.notna().any())
    turned = lows.idxmin() if is_base else None
    ledger.state("base_turned", turned, "date")
    first: dict[str, pd.Timestamp | None] = {}
    for role, symbol in (("mid", params.mid), ("market", params.market)):
        flags = breakout.new_high(highs[role], params.window, strict=params.strict).iloc[:, 0]
        days = flags.index[flags]
        since = days[days >= turned] if is_base else days[:0]
        first[role] = since[0] if len(since) else None
        label = snapshot.label(symbol)
        last = days[-1] if len(days) else None
        ledger.state("last_high_date", last, "date", subject=label, key={"role": role}, as_of=snapshot.day)
        ledger.state("first_high_date", first[role], "date", subject=label, key={"role": role}, as_of=snapshot.day)
    is_fit = snapshot.status(params.market).status != "quarantined"
    is_current = is_fit and bool(highs["market"].tail(1).notna().all(axis=None))
    came = _came_first(first["mid"], first["market"]) if is_current and is_base else None
    ledger.state("came_first", came, "label", as_of=snapshot.day)


def _came_first(mid: pd.Timestamp | None, market: pd.Timestamp | None) -> str:
    if mid is None and market is None:
        return "neither"
    if market is None or (mid is not None and mid < market):
        return "mid"
    return "same day" if mid == market else "market"


def _ratio_frame(snapshot: Snapshot, params: Params, mid: pd.DataFrame, mega: pd.DataFrame) -> pd.DataFrame:
    """The ratio lines of at most three years, 100 on the first day that all long enough stand-ins share."""
    shown = list(params.stand_ins)
    span = YEARS_SHOWN * breakout.TRADING_DAYS_PER_YEAR - 6
    both = mega[shown].notna() & mid[shown].notna()
    long_enough = [symbol for symbol in shown if both[symbol].tail(span).sum() >= SHORTEST_LINE]
    starts = [both.index[both[symbol]][0] for symbol in long_enough]
    first = max(both.index[-min(span, len(both))], *starts) if starts else both.index[0]
    line = relative.ratio(mid.loc[first:, shown], mega.loc[first:, shown])
    tidy = line.rename_axis(index="date", columns="symbol").stack(future_stack=True).reset_index()
    return pd.DataFrame(
        {
            "date": tidy["date"],
            "stand_in": tidy["symbol"].map(snapshot.label),
            "ratio": tidy.iloc[:, 2],
            "is_primary": tidy["symbol"] == params.mega,
        }
    )
