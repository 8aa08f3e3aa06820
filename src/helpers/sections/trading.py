"""The day's volume: how much, against what, and what may be said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections.day import Day, latest
from helpers.sections.section import Ledger
from helpers.signals import volume as signal

DAYS_SHOWN = 126
BAND_WINDOW = 252
#: calendar marks that make a day's volume unusual, with the words for them
MARKS = {
    "half_day": "shortened trading",
    "quarterly_expiry": "quarterly options expiry",
    "monthly_expiry": "monthly options expiry",
    "index_rebalance": "index rebalance",
}
SHORT_MARKS = {
    "monthly_expiry": "expiry",
    "quarterly_expiry": "expiry",
    "index_rebalance": "rebalance",
    "half_day": "half day",
}


def state(ledger: Ledger, snapshot: Snapshot, params: Params, day: Day) -> pd.DataFrame:
    """State the volume findings, and give the picture's frame back.

    A finished day is stated as a multiple of its usual volume, with the word; an unfinished one only as a
    share of a usual full day.

    Returns
    -------
    DataFrame, one row a trading day, the last 126
        Columns date, volume, median (first of ``volume_windows``), low and high (10th and 90th percentile of the
        year before), mark, is_partial. Shares.
    """
    marks = snapshot.calendar[list(MARKS)]
    held = signal.known(snapshot.wide("volume", "tape", [params.mid]))
    if day.is_partial:
        held = pd.concat([held, pd.DataFrame(day.volume, index=[day.date], columns=held.columns)])
    unusual = marks.any(axis=1).reindex(held.index, fill_value=False)
    today = latest(held)
    ledger.state("volume", today, "shares")
    multiples = []
    for window in params.volume_windows:
        key = {"window": window}
        median = latest(signal.usual(held, unusual, window))
        multiple = today / median
        ledger.state("usual_volume", median, "shares", key=key, n=window)
        if day.is_partial:
            ledger.state("volume_share", multiple, "fraction", key=key, n=window)
        else:
            ledger.state("rvol", multiple, "multiple", key=key, n=window)
            multiples.append(multiple)
    is_known = bool(multiples) and not np.isnan(multiples).any()
    ledger.state("volume_word", signal.wider_word(multiples) if is_known else None, "label")
    differ = len({signal.word(multiple) for multiple in multiples}) > 1 if is_known else None
    ledger.state("volume_words_differ", differ, "bool")
    z = latest(signal.log_z_score(held, params.z_window)) if not day.is_partial else None
    ledger.state("volume_z", z, "score", key={"window": params.z_window}, n=params.z_window)
    ledger.state("dollar_volume", today * day.last, "money")
    ledger.state("session_mark", _words(marks, day) or None, "label", basis="exchange calendar")
    return _frame(held, unusual, marks, params, day)


def _words(marks: pd.DataFrame, day: Day) -> str:
    set_today = [mark for mark in MARKS if marks[mark].get(day.date, False)]
    if "quarterly_expiry" in set_today and "monthly_expiry" in set_today:
        set_today.remove("monthly_expiry")
    return " and ".join(MARKS[mark] for mark in set_today)


def _frame(held: pd.DataFrame, unusual: pd.Series, marks: pd.DataFrame, params: Params, day: Day) -> pd.DataFrame:
    column = held.iloc[:, 0]
    finished = column.iloc[:-1] if day.is_partial else column
    band = finished.shift(1).rolling(BAND_WINDOW, min_periods=BAND_WINDOW // 2)
    mark = pd.Series("", index=held.index)
    for name, words in SHORT_MARKS.items():
        mark = mark.mask(marks[name].reindex(held.index, fill_value=False), words)
    frame = pd.DataFrame(
        {
            "volume": column,
            "median": signal.usual(held, unusual, params.volume_windows[0]).iloc[:, 0],
            "low": band.quantile(0.1).reindex(held.index).ffill(),
            "high": band.quantile(0.9).reindex(held.index).ffill(),
            "mark": mark,
            "is_partial": False,
        }
    )
    if day.is_partial:
        frame.loc[day.date, "is_partial"] = True
    return frame.tail(DAYS_SHOWN).rename_axis("date").reset_index()
