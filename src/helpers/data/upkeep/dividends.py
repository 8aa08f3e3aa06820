"""Dividends held against the vendor's adjusted close, which counts them too."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: relative step by which an adjusted close may differ from what close and dividend say
TOLERANCE = 1e-3


def without_doubtful(answer: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """An answer fit to be stored, and the ISO days on which its dividend and its adjusted close contradict each other.

    The adjusted close is a witness: it moves with every later dividend, so it is not stored. Where it contradicts the
    dividend, the dividend is unknown, and the step of the adjusted close is stored instead, starting from the close of
    the day before, so that later dividends do not change it.
    """
    close, dividend, adjusted = (answer[name].to_numpy(dtype=np.float64) for name in ("close", "dividend", "adj_close"))
    doubtful = np.zeros(len(answer), dtype=np.bool_)
    if (adjusted == close).all():
        adjusted = np.full(len(answer), np.nan)  # no witness: the client gives the close where Yahoo gives nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        step = adjusted[1:] / adjusted[:-1]
        vendor, reinvested = close[1:] / (close[:-1] - dividend[1:]), (close[1:] + dividend[1:]) / close[:-1]
        off = np.fmin(np.abs(step / vendor - 1), np.abs(step / reinvested - 1))
    doubtful[1:] = off > TOLERANCE
    witness = np.full(len(answer), np.nan)
    rows = np.flatnonzero(doubtful)
    for row in rows:
        base = witness[row - 1] if doubtful[row - 1] else close[row - 1]
        witness[row - 1], witness[row] = base, base * step[row - 1]
    kept = answer.copy(deep=False)
    kept["adj_close"] = witness
    if len(rows):
        kept["dividend"] = np.where(doubtful, np.nan, dividend)
    return kept, tuple(str(day) for day in answer["date"].to_numpy()[rows].astype("datetime64[D]"))


def with_first_day_held(held: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """A part of a history whose first day has the dividend that is held, and its witness where that is unknown.

    The adjusted close of the day before is not in the answer, so nobody can tell whether the dividend is doubtful.
    """
    row = int(held["date"].to_numpy().searchsorted(answer["date"].to_numpy()[0]))
    if row == len(held) or held["date"].to_numpy()[row] != answer["date"].to_numpy()[0]:
        return answer
    known = held["dividend"].to_numpy()[row]
    if known == answer["dividend"].to_numpy()[0]:
        return answer
    names = ["dividend", "adj_close"] if np.isnan(known) else ["dividend"]
    first = {name: np.r_[held[name].to_numpy()[row], answer[name].to_numpy()[1:]] for name in names}
    return answer.assign(**first)
