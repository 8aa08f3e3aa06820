"""Relative strength: one fund's total return divided by another's, and what that line does."""

from __future__ import annotations

import pandas as pd

from helpers.signals import windows

EXCESS_WINDOWS = (5, 21, 63, 126, 252)
QUADRANTS = ("Leading", "Weakening", "Lagging", "Improving")


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
    level = 100 + windows.z_score(100 * ratio, window)
    momentum = 100 + windows.z_score(level / level.shift(1) - 1, window)
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
