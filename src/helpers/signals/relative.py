"""Relative strength: one fund's total return divided by another's, and what that line does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.signals import windows

EXCESS_WINDOWS = (5, 21, 63, 126, 252)
QUADRANTS = ("Leading", "Weakening", "Lagging", "Improving")

QUARTER = 63
#: weights of the last quarter and of the three before it
SCORE_WEIGHTS = (0.4, 0.2, 0.2, 0.2)
#: trading days before the day that a score looks back to
SCORE_DAYS = QUARTER * len(SCORE_WEIGHTS)
#: members with a score that a percentile needs
LEAST_MEMBERS = 30
#: days ranked together, so that their rows stay in a core's second-level cache
_DAYS_TOGETHER = 32


def ratio(mid: pd.DataFrame, mega: pd.DataFrame) -> pd.DataFrame:
    """Each column of `mid` divided by the matching column of `mega`, rebased to 100 at its first known day.

    Parameters
    ----------
    mid, mega : DataFrame of shape (trading days, pairs)
        Total-return indices; columns are taken in order, the names of `mega` are kept.

    Returns
    -------
    DataFrame of shape (trading days, pairs)
        NaN where either side is; a fund against itself is flat at 100.
    """
    line = pd.DataFrame(mid.to_numpy() / mega.to_numpy(), index=mega.index, columns=mega.columns)
    return rebased(line)


def rebased(line: pd.DataFrame) -> pd.DataFrame:
    """Every column divided by its first known value and multiplied by 100."""
    return 100 * (line / line.bfill().iloc[:1].squeeze(axis=0)) if len(line) else line


def excess_return(mid: pd.DataFrame, mega: pd.DataFrame, window: int) -> pd.DataFrame:
    """Return of `mid` less return of `mega` over the last `window` trading days.

    Returns
    -------
    DataFrame of shape (trading days, pairs)
        Fractions (0.01 is one percentage point); NaN until both have `window` earlier days. Columns of `mega`.
    """
    own = mid / mid.shift(window) - 1
    other = mega / mega.shift(window) - 1
    return pd.DataFrame(own.to_numpy() - other.to_numpy(), index=mega.index, columns=mega.columns)


def excess_over(line: pd.DataFrame, market: pd.Series, window: int) -> pd.DataFrame:
    """Return of every column of `line` less that of one market over the last `window` trading days; fractions."""
    return (line / line.shift(window)).sub(market / market.shift(window), axis=0)


def mansfield(ratio: pd.DataFrame, window: int) -> pd.DataFrame:
    """Ratio's distance from its own mean, in percent of the mean (Mansfield relative strength).

    Parameters
    ----------
    ratio : DataFrame of shape (weeks or trading days, pairs)
    window : int
        Rows of the mean: 52 weeks or 200 trading days.

    Returns
    -------
    DataFrame of the same shape
        Percent; NaN until `window` rows are known.
    """
    return 100 * (ratio / windows.rolling_mean(ratio, window) - 1)


def score(line: pd.DataFrame) -> pd.DataFrame:
    """Return over the last four quarters of 63 trading days, the latest counting twice as much as each other.

    An open stand-in for proprietary relative-strength ratings; it says nothing by itself, `percentile` ranks it.

    Parameters
    ----------
    line : DataFrame of shape (trading days, symbols)
        Total-return indices.

    Returns
    -------
    DataFrame of the same shape
        Fractions; NaN until 252 earlier trading days.
    """

    def scored(block: np.ndarray) -> np.ndarray:
        out = np.full(block.shape, np.nan)
        if block.shape[1] > SCORE_DAYS:
            with np.errstate(divide="ignore", invalid="ignore"):
                quarter = block[:, QUARTER:] / block[:, :-QUARTER] - 1
                days = block.shape[1] - SCORE_DAYS
                total = SCORE_WEIGHTS[0] * quarter[:, -days:]
                for place, weight in enumerate(SCORE_WEIGHTS[1:], start=1):
                    last = quarter.shape[1] - QUARTER * place
                    total += weight * quarter[:, last - days : last]
            out[:, SCORE_DAYS:] = total
        return out

    return windows.by_block(line, scored)


def percentile(score: pd.DataFrame, least: int = LEAST_MEMBERS) -> pd.DataFrame:
    """Share of the day's known scores at or below each one; equal scores share the mean of their places.

    Parameters
    ----------
    score : DataFrame of shape (trading days, symbols)
    least : int
        Scores that a day needs.

    Returns
    -------
    DataFrame of the same shape
        Above 0, 1 for the highest; NaN where the score is unknown, and on days with fewer than `least`.
    """
    values = np.ascontiguousarray(score.to_numpy(dtype=np.float64))
    out = np.empty(values.shape)
    for first in range(0, len(values), _DAYS_TOGETHER):
        out[first : first + _DAYS_TOGETHER] = _ranks(values[first : first + _DAYS_TOGETHER])
    count = (~np.isnan(values)).sum(axis=1, keepdims=True)
    out[np.broadcast_to(count < least, out.shape)] = np.nan
    return pd.DataFrame(out / np.maximum(count, 1), index=score.index, columns=score.columns, copy=False)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Place of each value in its row from 1 up, equal ones at the mean of their places; NaN for NaN.

    Numbers alone sort ten times faster than numbers with their places. So each place is written over the last bits of
    its number, in an integer that sorts as the number does; rows in which those bits decided are ranked by pandas.
    """
    days, symbols = values.shape
    mask = (1 << max(symbols - 1, 1).bit_length()) - 1
    bits = values.view(np.int64)
    keys = bits ^ ((bits >> 63) & np.int64(2**63 - 1))  # below zero, a larger pattern is a smaller number
    keys[np.isnan(values)] = np.iinfo(np.int64).max
    keys &= ~mask
    keys |= np.arange(symbols)
    keys.sort(axis=1)
    order = keys & mask
    ranked = np.take_along_axis(values, order, axis=1)
    out = np.empty(values.shape)
    np.put_along_axis(out, order, np.arange(1.0, symbols + 1)[None, :], axis=1)
    out[np.isnan(values)] = np.nan
    unsure = np.flatnonzero((ranked[:, 1:] <= ranked[:, :-1]).any(axis=1))
    if len(unsure):
        out[unsure] = pd.DataFrame(values[unsure]).rank(axis=1).to_numpy()
    return out


def rotation_lines(ratio: pd.DataFrame, window: int = 14) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The level and the momentum of `rotation`, without their quadrants."""
    level = windows.by_block(ratio, lambda block: 100 + windows.z_scores(100 * block, window))

    def momentum(block: np.ndarray) -> np.ndarray:
        change = np.full(block.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            np.subtract(block[:, 1:] / block[:, :-1], 1, out=change[:, 1:])
        return 100 + windows.z_scores(change, window)

    return level, windows.by_block(level, momentum)


def rotation(ratio: pd.DataFrame, window: int = 14) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Where each relative-strength line stands against its own recent past, and which way it moves.

    An open formula in the style of a relative rotation graph. Windows only look back: adding weeks never
    changes an earlier label.

    Parameters
    ----------
    ratio : DataFrame of shape (weeks, symbols)
        Price of each symbol divided by the benchmark's.
    window : int
        Weeks of both z-scores.

    Returns
    -------
    level, momentum, quadrant : DataFrames of shape (weeks, symbols)
        100 plus the z-score of the ratio; 100 plus the z-score of that line's rate of change; one of
        `QUADRANTS`, "" while either is unknown.
    """
    level, momentum = rotation_lines(ratio, window)
    quadrant = pd.DataFrame("", index=ratio.index, columns=ratio.columns)
    for name, mask in zip(
        QUADRANTS,
        (
            (level >= 100) & (momentum >= 100),
            (level >= 100) & (momentum < 100),
            (level < 100) & (momentum < 100),
            (level < 100) & (momentum >= 100),
        ),
        strict=True,
    ):
        quadrant = quadrant.mask(mask, name)
    return level, momentum, quadrant
