"""The new high: is it real intraday, by close, by total return; how rare is it; what is pending."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import statistics
from helpers.sections import due, levels, trading
from helpers.sections.day import Day, History, base_under, comparable, day_of, history_of, latest
from helpers.sections.section import Ledger, Section
from helpers.signals import breakout as signal
from helpers.signals import windows

PRICE_DAYS_SHOWN = 378


def breakout(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on the fund's new high.

    Parameters
    ----------
    snapshot : Snapshot
        Bars cut at the last day that may be read, with the tape if the day is unfinished.
    params : Params

    Returns
    -------
    Section
        Findings ``breakout.*`` (docs/findings.md) and the frames ``price``, ``levels``, ``volume``.
    """
    day = day_of(snapshot, params)
    history = history_of(snapshot, params, day)
    ledger = Ledger("breakout", subject=snapshot.label(params.mid), as_of=snapshot.day, source=snapshot.source)
    ledger.state("stale_since", snapshot.stale_since or None, "date")
    _state_tape(ledger, day)
    _state_high(ledger, snapshot, params, day, history)
    _state_closing(ledger, params, day, history, is_stale=bool(snapshot.stale_since))
    _state_base_rates(ledger, params, history)
    _state_base(ledger, history)
    table = levels.state(ledger, params, day, history)
    volume = trading.state(ledger, snapshot, params, day)
    due.state(ledger, snapshot)
    frames = {"price": _price_frame(params, day, history), "levels": table, "volume": volume}
    return Section("breakout", ledger.findings, frames)


def _state_tape(ledger: Ledger, day: Day) -> None:
    ledger.state("last", day.last, "price")
    ledger.state("high", day.high, "price")
    ledger.state("prior_close", day.prior_close, "price")
    ledger.state("change", day.last / day.prior_close - 1, "fraction")
    ledger.state("is_partial", day.is_partial, "bool")


def _state_high(ledger: Ledger, snapshot: Snapshot, params: Params, day: Day, history: History) -> None:
    """State the new high by the chosen field."""
    key = {"window": params.window, "field": params.high_field, "strict": params.strict}
    unit = "index" if params.high_field == "total_return" else "price"
    basis = _basis(params, history, day)
    level = latest(signal.prior_high(history.field, params.window))
    before = history.field.iloc[:-1, 0]
    reached = before[before == level].index
    ledger.state("prior_high", level, unit, key=key, basis=basis)
    ledger.state("prior_high_date", reached[-1] if len(reached) else None, "date", key=key, basis=basis)

    ledger.state("is_lone_high", history.is_lone, "bool", key={"field": "intraday"})
    ledger.state("lone_high_gap", day.high / np.fmax(day.last, day.prior_close) - 1, "fraction")
    ledger.state("lone_highs_set_aside", _count_in_window(history, params, day), "count", key=key)
    lows = snapshot.flagged(params.mid, "lone_low", "ohlc_order")
    held = (lows >= _window_start(history, params, day)) & (lows <= day.date)
    ledger.state("lone_lows_set_aside", int(held.sum()), "count", key=key)
    value = latest(history.field)
    verdict: bool | None = None
    if not np.isnan(value) and not np.isnan(level):
        verdict = bool(value > level) if params.strict else bool(value >= level)
        if params.high_field == "intraday" and history.is_lone and not verdict:
            # the print is set aside, so a price between may have been traded or not
            verdict = None
    if snapshot.stale_since:
        verdict = None  # later days are over, and what they reached is not known
    ledger.state("is_new_high", verdict, "bool", key=key, basis=basis)
    ledger.state("margin", value - level, unit, key=key, basis=basis)
    ledger.state("nearness", day.last / latest(signal.prior_high(history.high, params.window)), "fraction", key=key)
    known = int(history.field.iloc[:-1, 0].notna().sum())
    ledger.state("days_held", known, "days", key=key, n=known)
    holes = snapshot.flagged(params.mid, "hole")
    in_window = int((holes >= _window_start(history, params, day)).sum())
    ledger.state("holes_in_window", in_window, "count", key=key)

    flags = signal.new_high(history.field, params.window, strict=params.strict).iloc[:-1, 0]
    earlier = flags[flags].index
    gap = int((flags.index >= earlier[-1]).sum()) if len(earlier) else None
    ledger.state("days_since_high", gap, "days", key=key, basis=basis)
    ledger.state("last_high_date", earlier[-1] if len(earlier) else None, "date", key=key, basis=basis)
    every = before.dropna()
    ledger.state("all_time_nearness", value / every.max() if len(every) else None, "fraction", key=key, basis=basis)


def _window_start(history: History, params: Params, day: Day) -> pd.Timestamp:
    """First day of the window that the day is compared with."""
    if isinstance(params.window, str):
        return day.date - pd.Timedelta(days=int(params.window.removesuffix("d")))
    days: pd.DatetimeIndex = pd.DatetimeIndex(history.high.index)
    return days[max(0, len(days) - 1 - params.window)]


def _count_in_window(history: History, params: Params, day: Day) -> int:
    first = _window_start(history, params, day)
    return int(((history.set_aside >= first) & (history.set_aside < day.date)).sum())


def _basis(params: Params, history: History, day: Day) -> str:
    if params.high_field == "total_return":
        return "total return"
    count = _count_in_window(history, params, day) if params.high_field == "intraday" else 0
    return f"tape, {count} unsupported high{'s' if count > 1 else ''} set aside" if count else "tape"


def _state_closing(ledger: Ledger, params: Params, day: Day, history: History, *, is_stale: bool) -> None:
    """State the readings that need a close: of the day itself, not of an unfinished or an earlier one."""
    key = {"window": params.window}
    closing = latest(signal.prior_high(history.close, params.window))
    intraday = latest(signal.prior_high(history.high, params.window))
    before = history.close.iloc[:-1, 0]
    reached = before[before == closing].index
    ledger.state("closing_high", closing, "price", key=key)
    ledger.state("closing_high_date", reached[-1] if len(reached) else None, "date", key=key)
    ledger.state("confirm_level", intraday, "price", key=key)
    for what, bound in (("closing_high", closing), ("close_confirmed", intraday)):
        is_known = not np.isnan(bound) and not np.isnan(day.last)
        at_last = bool(comparable(day.last, day) > comparable(bound, day)) if is_known else None
        name = "is_closing_high" if what == "closing_high" else what
        ledger.state(name, None if day.is_partial or is_stale else at_last, "bool", key=key)
        ledger.state(f"{what}_at_last", at_last, "bool", key=key)
        ledger.state(f"{what}_distance", bound / day.last - 1, "fraction", key=key)
    _state_total_return(ledger, params, day, history, is_stale=is_stale)


def _state_total_return(ledger: Ledger, params: Params, day: Day, history: History, *, is_stale: bool) -> None:
    """State whether the close is a high with dividends counted, and the close that would make it one."""
    key = {"window": params.window}
    basis = "total return"
    level = latest(signal.prior_high(history.total_return, params.window))
    both = pd.concat([history.close, history.total_return], axis=1).dropna().to_numpy()
    # on an unfinished day the index stands where it did the evening before, without a dividend of today
    price = both[-1, 0] * level / both[-1, 1] if len(both) else np.nan
    is_known = not np.isnan(price) and not np.isnan(day.last)
    at_last = bool(comparable(day.last, day) > comparable(price, day)) if is_known else None
    ledger.state("total_return_high", price, "price", key=key, basis=basis)
    stated = None if day.is_partial or is_stale else at_last
    ledger.state("is_total_return_high", stated, "bool", key=key, basis=basis)
    ledger.state("total_return_high_at_last", at_last, "bool", key=key, basis=basis)


def _state_base_rates(ledger: Ledger, params: Params, history: History) -> None:
    """How often earlier first intraday highs ended as closing highs and as confirmed ones."""
    ended = signal.endings(
        history.high.iloc[:-1], history.close.iloc[:-1], params.window, params.quiet_gap, strict=params.strict
    )
    n = len(ended)
    facts: dict[str, Any] = {"key": {"window": params.window, "quiet_gap": params.quiet_gap}, "n": n, "level": 0.95}
    for what in ("closing_high", "close_confirmed"):
        k = int(ended[what].sum())
        low, high = statistics.wilson(k, n)
        ledger.state(f"{what}_rate", k / n if n else None, "fraction", low=low, high=high, **facts)
    first = signal.prior_high(history.high, params.window).iloc[:, 0].first_valid_index()
    ledger.state("base_rate_from", first, "date", key=facts["key"])


def _state_base(ledger: Ledger, history: History) -> None:
    """State the base under the high: how long ago, how deep, when it turned."""
    peak, lows = base_under(history)
    held = lows.dropna()
    low = held.min() if len(held) else np.nan
    ledger.state("base_length", len(lows) if peak == peak else None, "days")
    ledger.state("base_low", low, "price")
    ledger.state("base_low_date", held.idxmin() if len(held) else None, "date")
    ledger.state("base_depth", low / peak - 1, "fraction")


def _price_frame(params: Params, day: Day, history: History) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "high": history.high.iloc[:, 0],
            "low": history.low.iloc[:, 0],
            "close": history.close.iloc[:, 0],
            "prior_high": signal.prior_high(history.high, params.window).iloc[:, 0],
            "mean_50": windows.rolling_mean(history.close, 50).iloc[:, 0],
            "mean_200": windows.rolling_mean(history.close, 200).iloc[:, 0],
            "is_new_high": signal.new_high(history.high, params.window, strict=params.strict).iloc[:, 0],
            "is_partial": False,
        }
    )
    if day.is_partial:
        frame.loc[day.date, "close"] = day.last
        frame.loc[day.date, "is_partial"] = True
    return frame.tail(PRICE_DAYS_SHOWN).rename_axis("date").reset_index()
