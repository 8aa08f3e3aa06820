"""A provider's new answer held against the bars of the same days that are stored: what changed, and what follows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.data.bars import PRICES, Bools, Floats

#: relative difference up to which two prices or dividends are the same
SAME = 1e-4
#: up to which all prices of an overlap were multiplied by one number: vendors round rescaled prices
CONSTANT = 1e-3
#: volumes of the last days are restated by less than this as a matter of course
QUIET_VOLUME = 0.01
#: days that must agree on one ratio before it counts as one
MIN_RATIO_DAYS = 3
#: share of the stored days that a whole history must have: less is a provider that lost its past
KEPT_SHARE = 0.9
#: relative difference of two prices of one day that no vendor's correction explains, and the share of such days
OTHER_PRICE, OTHER_DAYS = 0.02, 0.1


class LostPastError(ValueError):
    """An answer lacks more than a tenth of the stored days."""


class OtherPricesError(ValueError):
    """An answer has other prices on more than a tenth of the stored days: it is about something else."""


class Overlap(NamedTuple):
    """How an answer agrees with what is stored, over the days that both have.

    Attributes
    ----------
    kind : str
        "same"; "split": every price is the old one divided by a split that the answer states after those days;
        "rescaled": by one number that no split explains; "revised": some prices differ; "none": no day in common.
    ratio : float
        New over old close, the median; NaN for "none".
    prices, dividends, volumes : tuple of str
        ISO days on which each differs; volumes by more than one percent.
    quiet_volumes : int
        Days on which the volume was restated by less.
    """

    kind: str
    ratio: float = np.nan
    prices: tuple[str, ...] = ()
    dividends: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    quiet_volumes: int = 0


def overlap(held: pd.DataFrame, answer: pd.DataFrame, splits: pd.DataFrame | None = None) -> Overlap:
    """Compare the stored bars of one symbol with an answer, day by day.

    Parameters
    ----------
    held, answer : DataFrame
        ``date`` (rising, unique), open, high, low, close, volume, dividend; `answer` also split.
    splits : DataFrame, optional
        ``date`` and ``split`` of all splits stated, those of days without a final bar included; `answer` when None.
    """
    days, old, new = _common(held, answer)
    if not len(days):
        return Overlap("none")
    before, after = _matrix(held, old), _matrix(answer, new)
    differs = ~_alike(before, after, SAME)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = after / before
    ratio = float(np.nanmedian(ratios[:, -1])) if differs.any() else 1.0
    if differs.any():
        factor = split_factor(answer if splits is None else splits, held["date"].iloc[-1])
        explained = factor != 1 and abs(ratio * factor - 1) <= CONSTANT
        constant = _is_constant(before, after)
        if constant and explained:
            return Overlap("split", ratio)
        kind = "rescaled" if constant and len(days) >= MIN_RATIO_DAYS else "revised"
        return Overlap(kind, ratio, prices=_iso(days[differs]))
    paid, moved, quiet = _lesser(held, answer, old, new)
    return Overlap("same", ratio, (), _iso(days[paid]), _iso(days[moved]), int(quiet.sum()))


def fresh_rows(held: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """The rows of an answer that agrees on prices which are to be stored: days not held, and restated ones."""
    _, old, new = _common(held, answer)
    paid, moved, quiet = _lesser(held, answer, old, new)
    before, after = (bars["adj_close"].to_numpy()[rows] for bars, rows in ((held, old), (answer, new)))
    witness = ~((np.abs(after - before) <= SAME * np.abs(before)) | (np.isnan(after) & np.isnan(before)))
    wanted = ~np.isin(answer["date"].to_numpy(), held["date"].to_numpy())
    split = ~(answer["split"].to_numpy()[new] == held["split"].to_numpy()[old])
    wanted[new[paid | moved | quiet | witness | split]] = True
    rows = np.flatnonzero(wanted)
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):  # as ever: the new days at the end
        return answer.iloc[rows[0] : rows[-1] + 1].reset_index(drop=True)
    return answer.iloc[rows].reset_index(drop=True)


def rebuilt(
    held: pd.DataFrame, answer: pd.DataFrame, splits: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A whole history out of a whole answer, and the stored rows that it contradicts.

    Stored days that the answer lost are kept, rescaled by the splits stated since; the second frame holds the stored
    rows, as they were, whose prices, dividend or volume differ by more than a split explains. `splits` as in `overlap`.

    Raises
    ------
    LostPastError, OtherPricesError
        The answer is not to be believed.
    """
    if held.empty:
        return answer, held
    factor = split_factor(answer if splits is None else splits, held["date"].iloc[-1])
    scaled = rescaled(held, 1.0 if _is_scaled_already(held, answer, factor) else factor)
    days, old, new = _common(scaled, answer)
    if len(days) < KEPT_SHARE * len(held):
        raise LostPastError(f"{len(days)} of the {len(held)} days held")
    before, after = _matrix(scaled, old), _matrix(answer, new)
    other = ~_alike(before, after, OTHER_PRICE)
    if other.sum() > max(OTHER_DAYS * len(days), MIN_RATIO_DAYS) and not _is_constant(before[other], after[other]):
        raise OtherPricesError(f"other prices on {int(other.sum())} of {len(days)} days held")
    paid, moved, _ = _lesser(scaled, answer, old, new)
    contradicted = held.iloc[old[~_alike(before, after, CONSTANT) | paid | moved]]
    lost = _placed(scaled[~np.isin(scaled["date"].to_numpy(), answer["date"].to_numpy())], scaled, answer)
    whole = pd.concat([lost, answer]) if len(lost) else answer
    return whole.sort_values("date", ignore_index=True), contradicted


def untold(held: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """The stored rows that a whole answer lacks, or of which it says something else."""
    _, old, new = _common(held, answer)
    same = _alike(_matrix(held, old), _matrix(answer, new), SAME)
    kept: pd.DataFrame = held.drop(index=held.index[old[same]])
    return kept


def _placed(lost: pd.DataFrame, scaled: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """Stored days that an answer lost, in the scale of the days beside them; left out where these do not agree on one.

    A split may be stated late: then the days on both sides were divided, and the lost ones must be too.
    """
    days, old, new = _common(scaled, answer)
    if lost.empty or not len(days):
        return lost
    ratios = answer["close"].to_numpy()[new] / scaled["close"].to_numpy()[old]
    place = np.searchsorted(days, lost["date"].to_numpy())
    left, right = ratios[np.maximum(place - 1, 0)], ratios[np.minimum(place, len(days) - 1)]
    agree = np.abs(left / right - 1) <= CONSTANT
    ratio = np.where(np.abs(left - 1) <= CONSTANT, 1.0, left)
    columns = {name: lost[name] * ratio for name in (*PRICES, "adj_close", "dividend")}
    placed: pd.DataFrame = lost.assign(**columns, volume=lost["volume"] / ratio)[agree]
    return placed


def rescaled(bars: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Bars as they read after a split of `factor` for one."""
    if factor == 1:
        return bars
    columns = {name: bars[name] / factor for name in (*PRICES, "adj_close", "dividend")}
    return bars.assign(**columns, volume=bars["volume"] * factor)


def _is_scaled_already(held: pd.DataFrame, answer: pd.DataFrame, factor: float) -> bool:
    """Whether stored prices know the later splits: they were told on the morning of the day, before its bar."""
    _, old, new = _common(held, answer)
    if factor == 1 or not len(old):
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nanmedian(answer["close"].to_numpy()[new] / held["close"].to_numpy()[old])
    return bool(abs(np.log(ratio)) < abs(np.log(ratio * factor)))


def split_factor(answer: pd.DataFrame, after: pd.Timestamp) -> float:
    """Product of the splits that an answer states after a day."""
    later = answer.loc[answer["date"] > after, "split"].to_numpy()
    return float(np.prod(later[later > 0]))


def _common(
    held: pd.DataFrame, answer: pd.DataFrame
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Days in both, with their rows in each."""
    return np.intersect1d(held["date"].to_numpy(), answer["date"].to_numpy(), assume_unique=True, return_indices=True)


def _matrix(bars: pd.DataFrame, rows: npt.NDArray[np.intp]) -> Floats:
    return np.stack([bars[name].to_numpy(dtype=np.float64)[rows] for name in PRICES], axis=1)


def _alike(before: Floats, after: Floats, tolerance: float) -> Bools:
    """Days on which all prices are the same, up to a relative difference; a yield may be zero."""
    return np.asarray((np.abs(after - before) <= tolerance * np.abs(before) + 1e-9).all(axis=1), dtype=np.bool_)


def _is_constant(before: Floats, after: Floats) -> bool:
    """Whether all prices were multiplied by one number, as where an old split was missed and then seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = after / before
        return bool((np.abs(ratios / np.nanmedian(ratios) - 1) <= CONSTANT).all())


def _lesser(
    held: pd.DataFrame, answer: pd.DataFrame, old: npt.NDArray[np.intp], new: npt.NDArray[np.intp]
) -> tuple[Bools, Bools, Bools]:
    """Where the dividend differs, the volume by more than a percent, and the volume by less."""
    before, after = held["dividend"].to_numpy()[old], answer["dividend"].to_numpy()[new]
    both = ~(np.isnan(before) & np.isnan(after))
    paid = both & ~(np.abs(after - before) <= SAME * np.abs(after) + 1e-9)
    past, now = held["volume"].to_numpy()[old], answer["volume"].to_numpy()[new]
    changed = np.abs(now - past)
    moved = changed > QUIET_VOLUME * np.abs(past)
    return paid, moved, (changed > 0) & ~moved


def _iso(days: npt.NDArray[np.datetime64]) -> tuple[str, ...]:
    return tuple(str(day) for day in days.astype("datetime64[D]"))
