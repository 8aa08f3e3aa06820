"""The day a note is about and the fund's own tape up to it: what breakout, levels and volume all read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data import panel
from helpers.data.snapshot import Snapshot
from helpers.signals import windows

BASE_DAYS = 252
#: trading days under which the days since the last high are no base worth naming
SHORTEST_BASE = 10
#: decimals at which a tape's price and a vendor's bar are compared: bars are often stored in single precision
TAPE_DECIMALS = 4


@dataclass(frozen=True)
class Day:
    """The day the note is about, finished or in progress; NaN where unknown."""

    date: pd.Timestamp
    high: float
    last: float
    prior_close: float
    volume: float
    is_partial: bool


@dataclass(frozen=True)
class History:
    """The fund's own tape up to and including the day, one column each.

    ``high`` has flagged prints replaced by the larger of that day's and the day before's close; ``close`` and
    ``total_return`` are NaN on an unfinished day; ``field`` is the one the new high is about; ``is_lone`` tells
    whether the day's own high is such a print.
    """

    high: pd.DataFrame
    low: pd.DataFrame
    close: pd.DataFrame
    total_return: pd.DataFrame
    field: pd.DataFrame
    set_aside: pd.DatetimeIndex
    is_lone: bool


def day_of(snapshot: Snapshot, params: Params) -> Day:
    """The day the note is about, from the tape if there is one, else from its bar."""
    as_of = pd.Timestamp(snapshot.day)
    close = snapshot.wide("close", "tape", [params.mid])[params.mid]
    if snapshot.tape is not None:
        tape = snapshot.tape
        prior = tape.prior_close if tape.prior_close is not None else _last(close)
        volume = float(tape.volume) if tape.volume is not None else np.nan
        return Day(as_of, tape.high, tape.last, prior, volume, is_partial=True)
    fields = {
        name: snapshot.wide(name, "tape", [params.mid])[params.mid].get(as_of, np.nan)
        for name in ("high", "close", "volume")
    }
    return Day(as_of, fields["high"], fields["close"], _last(close[close.index < as_of]), fields["volume"], False)


def supported(snapshot: Snapshot, symbol: str, field: Literal["high", "low"]) -> pd.DataFrame:
    """Daily highs or lows, flagged prints replaced from that day's and the day before's close.

    A high takes the larger of the two, a low the smaller.
    """
    prints = snapshot.wide(field, "tape", [symbol])
    close = snapshot.wide("close", "tape", [symbol])
    flagged = pd.Series(prints.index.isin(snapshot.flagged(symbol, f"lone_{field}", "ohlc_order")), index=prints.index)
    return prints.mask(flagged, close.combine(close.shift(1), np.fmax if field == "high" else np.fmin))


def history_of(snapshot: Snapshot, params: Params, day: Day) -> History:
    """The fund's tape with flagged highs set aside and, on an unfinished day, the tape's row at the end."""
    mid = [params.mid]
    high, low = supported(snapshot, params.mid, "high"), supported(snapshot, params.mid, "low")
    close = snapshot.wide("close", "tape", mid)
    flagged = snapshot.flagged(params.mid, "lone_high")
    is_lone = day.date in flagged
    if day.is_partial:
        is_lone = _is_lone(day, high, low, close)
        reached = max(day.last, day.prior_close) if is_lone else day.high
        held = high.iloc[:, 0]
        same = held[held.round(TAPE_DECIMALS) == round(reached, TAPE_DECIMALS)]
        unknown = pd.DataFrame(np.nan, index=pd.DatetimeIndex([day.date], name=high.index.name), columns=mid)
        high = pd.concat([high, unknown.fillna(same.iloc[-1] if len(same) else reached)])
        low, close = pd.concat([low, unknown]), pd.concat([close, unknown])
    total_return = snapshot.wide("close", "total_return", mid).reindex(close.index)
    field = {"intraday": high, "close": close, "total_return": total_return}[params.high_field]
    return History(high, low, close, total_return, field, flagged, is_lone)


def _is_lone(day: Day, high: pd.DataFrame, low: pd.DataFrame, close: pd.DataFrame) -> bool:
    """Whether an unfinished day's high stands far above every price near it, by the rule for finished days."""
    ranges = windows.true_range(high, low, close).iloc[:, 0].tail(panel.SCALE_DAYS)
    beside = np.fmax(day.last, day.prior_close)
    over = day.high - beside
    is_far = over > panel.LONE_SCALES * ranges.median() and over > panel.LONE_SHARE * beside
    return bool(is_far and day.high > high.tail(panel.NEIGHBOURS).max().iloc[0])


def comparable(price: float, day: Day) -> float:
    """A price as it is compared on this day: on an unfinished one rounded, so that 72.56 does not exceed 72.559998."""
    return round(price, TAPE_DECIMALS) if day.is_partial else price


def base_under(history: History) -> tuple[float, pd.Series]:
    """The highest price of the 252 days before the day, and the lows since it was reached (the day included)."""
    before = history.high.iloc[-BASE_DAYS - 1 : -1, 0]
    if before.notna().sum() == 0:
        return np.nan, before.iloc[:0]
    peak = before.max()
    peak_day = before[before == peak].index[-1]
    return float(peak), history.low.loc[peak_day:].iloc[1:, 0]


def latest(frame: pd.DataFrame) -> float:
    """The last value of a frame's first column; NaN where unknown."""
    return float(frame.to_numpy(dtype=float)[-1, 0])


def _last(series: pd.Series) -> float:
    known = series.dropna()
    return float(known.iloc[-1]) if len(known) else np.nan
