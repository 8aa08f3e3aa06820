"""Every finding of the section history a second time, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`: what both agree on was written
down twice. Intervals of resamples are drawn anew, so they agree only within the error of the draws.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.data import calendar
from tests.sections import oracle_calls
from tests.sections.oracle import NAN, Address, Book, Page
from tests.sections.oracle_pieces import corrected, events_of, hac, placebo, steps, wilson_at

SINCE = pd.Timestamp("1995-01-01")
ERAS = ("all", "before", "after")

Bounds = tuple[float | None, float | None]
#: gives the bounds that were stated at an address: a word rests on them, and they were drawn at random
Stated = Callable[[Address], Bounds]


# --- a pair ---------------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    """A fund and what it is held against: total returns, breakouts, days of the sample."""

    mid: str
    other: str
    first: np.ndarray
    second: np.ndarray
    event: np.ndarray
    sample: np.ndarray


def pairs_of(book: Book, params: Any) -> Iterator[Pair]:
    wanted = [(params.mid, params.mega)]
    if params.long_history_mid and params.long_history_mega:
        wanted.append((params.long_history_mid, params.long_history_mega))
    for mid, other in dict.fromkeys(wanted):
        first, second = (
            np.full(len(book.close), NAN) if symbol in book.unfit else book.total_return[symbol].to_numpy()
            for symbol in (mid, other)
        )
        event, seen = events_of(book, mid, params)
        sample = seen & ~np.isnan(first) & ~np.isnan(second)
        yield Pair(mid, other, first, second, event & sample, sample)


def outcomes(pair: Pair, h: int) -> np.ndarray:
    """Total return of mid less that of the other over the next `h` days."""
    out, days = np.full(len(pair.first), NAN), max(0, len(pair.first) - h)
    out[:days] = pair.first[h:] / pair.first[:days] - pair.second[h:] / pair.second[:days]
    return out


def split_of(days: pd.DatetimeIndex, sample: np.ndarray, event: np.ndarray, fewest: int) -> pd.Timestamp | None:
    """First day of the later era."""
    held = days[sample]
    if not len(held):
        return None
    on = days[event]
    if sum(on < SINCE) >= fewest and sum(on >= SINCE) >= fewest:
        return SINCE
    return held[len(held) // 2]


@dataclass
class Cell:
    """What followed in one era at one horizon."""

    mean: float
    baseline: float
    n: int
    days: int
    p: float

    @property
    def difference(self) -> float:
        return self.mean - self.baseline


def cell_of(y: np.ndarray, pair: Pair, span: np.ndarray, params: Any) -> Cell:
    use = pair.sample & span & ~np.isnan(y)
    flag = pair.event[use]
    n, values = int(flag.sum()), y[use]
    enough = n >= params.min_events_mean
    return Cell(
        mean=values[flag].mean() if enough else NAN,
        baseline=values.mean() if len(values) else NAN,
        n=n,
        days=len(values),
        p=placebo(values, flag) if enough else NAN,
    )


def word_of(h: int, bounds: dict[str, Bounds], cells: dict[str, Cell], p: dict[str, float], params: Any) -> str:
    """The first word that holds."""
    if cells["all"].n < params.min_events_mean:
        return "cannot be tested"

    def sign(era: str) -> int:
        low, high = bounds[era]
        return 0 if low is None or high is None else int(low > 0) - int(high < 0)

    def passes(era: str, side: int) -> bool:
        return sign(era) == side and p[era] < params.alpha

    low, high = bounds["all"]
    small = params.small_effect / 100 * math.sqrt(h / 21)
    if low is not None and high is not None and -small <= low and high <= small:
        return "small"
    for side, word in ((1, "supported"), (-1, "contradicted")):
        if passes("all", side) and all(side * cells[era].difference > 0 for era in ("before", "after")):
            return word
    if passes("before", 1) and not passes("after", 1):
        return "faded"
    return {1: "leaning", -1: "leaning against", 0: "inconclusive"}[sign("all")]


def regime_difference(y: np.ndarray, pair: Pair, count: int) -> tuple[float, int]:
    """Mean after breakouts less that of the days on the breakout's side of the ratio's mean; and how many count."""
    ratio = pd.Series(pair.first / pair.second)
    mean = ratio.rolling(count).mean()
    use = pair.sample & ~np.isnan(y) & mean.notna().to_numpy()
    above = (ratio > mean).to_numpy()
    total, n = 0.0, int((use & pair.event).sum())
    for side in (above, ~above):
        on = use & side & pair.event
        if on.any():
            total += on.sum() / n * (y[on].mean() - y[use & side].mean())
    return total if n else NAN, n


def _study(page: Page, book: Book, pair: Pair, params: Any, stated: Stated) -> None:
    days = pd.DatetimeIndex(book.close.index)
    split = split_of(days, pair.sample, pair.event, params.min_events_mean)
    later = np.array(days >= split) if split is not None else np.zeros(len(days), dtype=bool)
    spans = {"all": np.ones(len(days), dtype=bool), "before": ~later, "after": later}
    table = {}
    for h in params.horizons:
        y = outcomes(pair, h)
        table[h] = {era: cell_of(y, pair, spans[era], params) for era in ERAS}
    adjusted = {era: corrected([table[h][era].p for h in params.horizons], params.correction) for era in ERAS}
    words = {}
    for place, h in enumerate(params.horizons):
        y, cells = outcomes(pair, h), table[h]
        bounds = {}
        for era in ERAS:
            cell, key = cells[era], {"against": pair.other, "horizon": h, "era": era}
            page.put("mean_after", cell.mean, pair.mid, key, n=cell.n)
            page.put("baseline", cell.baseline, pair.mid, key, n=cell.days)
            page.put("difference", cell.difference, pair.mid, key, n=cell.n)
            bounds[era] = stated(list(page)[-1])
        _whole(page, y, pair, h, params, cells["all"], adjusted["all"][place])
        p = {era: adjusted[era][place] for era in ERAS}
        words[h] = word_of(h, bounds, cells, p, params)
        page.put("horizon_verdict", words[h], pair.mid, {"against": pair.other, "horizon": h})
    key = {"against": pair.other}
    page.put("verdict", words[min(words, key=lambda h: abs(h - 21))], pair.mid, key)
    held = days[pair.sample]
    page.put("events", int(pair.event.sum()), pair.mid, key)
    page.put("study_from", held[0] if len(held) else None, pair.mid, key)
    page.put("study_to", held[-1] if len(held) else None, pair.mid, key)
    page.put("era_split", split, pair.mid, key)
    before = [
        pair.first[day] / pair.first[day - 21] - pair.second[day] / pair.second[day - 21]
        for day in np.flatnonzero(pair.event)
        if day >= 21
    ]
    known = [value for value in before if not math.isnan(value)]
    mean = sum(known) / len(known) if len(known) >= params.min_events_mean else NAN
    page.put("pre_event", mean, pair.mid, {**key, "window": 21}, n=len(known))


def _whole(page: Page, y: np.ndarray, pair: Pair, h: int, params: Any, cell: Cell, adjusted: float) -> None:
    """What is said of the whole sample only."""
    key = {"against": pair.other, "horizon": h, "era": "all"}
    use = pair.sample & ~np.isnan(y)
    flag, values = pair.event[use], y[use]
    enough = cell.n >= params.min_events_mean
    found, n = regime_difference(y, pair, params.rs_ma)
    page.put("regime_difference", found if n >= params.min_events_mean else NAN, pair.mid, key, n=n)
    hits = int((values[flag] > 0).sum())
    bounds = wilson_at(hits, cell.n, 1 - params.alpha) if cell.n >= params.min_events_interval else (None, None)
    rate = hits / cell.n if enough else NAN
    page.put("hit_rate", rate, pair.mid, key, n=cell.n, low=bounds[0], high=bounds[1])
    page.put("base_rate", (values > 0).mean() if len(values) else NAN, pair.mid, key, n=cell.days)
    page.put("placebo_p", cell.p, pair.mid, key, n=cell.n)
    page.put("adjusted_p", adjusted, pair.mid, key, n=cell.n)
    t = NAN
    if enough:
        coefficients, errors, _ = hac(values, [flag.astype(float)], h)
        t = coefficients[1] / errors[1]
    page.put("hac_t", t, pair.mid, key)
    page.put("incomplete", int(pair.event.sum()) - cell.n, pair.mid, key)


# --- the fall after breakouts ---------------------------------------------------------------------------------------


def falls_and_wildness(pair: Pair, h: int = 21) -> tuple[np.ndarray, np.ndarray]:
    """Of each day: mid's largest fall less the other's, and mid's volatility divided by the other's."""
    days = len(pair.first) - h
    if days <= 0:
        return np.full(len(pair.first), NAN), np.full(len(pair.first), NAN)
    worst, moves = [], []
    for line in (pair.first, pair.second):
        paths = np.stack([line[day : day + h + 1] for day in range(days)])
        worst.append((paths / np.maximum.accumulate(paths, axis=1) - 1).min(axis=1))
        moves.append((paths[:, 1:] / paths[:, :-1] - 1).std(axis=1))
    rest = np.full(h, NAN)
    ratio = moves[0] / np.where(moves[1] > 0, moves[1], NAN)
    return np.append(worst[0] - worst[1], rest), np.append(ratio, rest)


def _stickiness(page: Page, pair: Pair, params: Any) -> None:
    key = {"against": pair.other, "horizon": 21}
    for name, values in zip(("drawdown", "volatility"), falls_and_wildness(pair), strict=True):
        use = pair.sample & ~np.isnan(values)
        after, everything = values[use & pair.event], values[use]
        n = len(after)
        mean = after.mean() if n >= params.min_events_mean else NAN
        base = everything.mean() if len(everything) else NAN
        page.put(f"{name}_after", mean, pair.mid, key, n=n)
        page.put(f"{name}_base", base, pair.mid, key, n=len(everything))
        if name == "drawdown":
            page.put("drawdown_difference", mean - base, pair.mid, key, n=n)


# --- month-ends -----------------------------------------------------------------------------------------------------


class Effect(NamedTuple):
    """Mean daily excess of some days over that of the days in no window, basis points."""

    value: float
    error: float
    n: int

    @property
    def t(self) -> float:
        return self.value / self.error if self.error == self.error else NAN

    def printed(self, params: Any) -> Effect:
        """Without what too few days allow."""
        value = self.value if self.n >= params.min_events_mean else NAN
        return Effect(value, self.error if self.n >= params.min_events_interval else NAN, self.n)


def places(days: pd.DatetimeIndex, count: int) -> tuple[np.ndarray, ...]:
    """Of each day, by the exchange's calendar: a month's last days, its first, at a quarter's end, the last day."""
    margin = dt.timedelta(days=45)
    marks = calendar.trading_days(days[0] - margin, days[-1] + margin)
    ends = np.flatnonzero(marks["month_end"].to_numpy())
    last, first, quarter = (np.zeros(len(marks), dtype=bool) for _ in range(3))
    for end in ends:
        last[max(0, end - count + 1) : end + 1] = True
        first[end + 1 : end + 1 + count] = True
        if marks["quarter_end"].iloc[end]:
            quarter[max(0, end - count + 1) : end + 1 + count] = True
    at = marks.index.get_indexer(days)
    return last[at], first[at], quarter[at], marks["month_end"].to_numpy()[at]


def _month_ends(page: Page, book: Book, pair: Pair, params: Any) -> None:
    days = pd.DatetimeIndex(book.close.index)
    spread = 1e4 * (steps(pair.first) - steps(pair.second))
    last, first, quarter, is_end = places(days, params.month_end_days)
    inside, known = last | first, ~np.isnan(spread)
    z = NormalDist().inv_cdf(1 - params.alpha / 2)

    def effects(windows: dict[str, np.ndarray], span: np.ndarray) -> dict[str, Effect]:
        """Each window against the days in none, in one regression."""
        coefficients, errors, _ = hac(np.where(span, spread, NAN), [w.astype(float) for w in windows.values()], 5)
        counts = [int((window & span & known).sum()) for window in windows.values()]
        return {
            name: Effect(coefficients[at + 1], errors[at + 1], counts[at]).printed(params)
            for at, name in enumerate(windows)
        }

    def put(what: str, effect: Effect, key: dict[str, Any]) -> None:
        low, high = effect.value - z * effect.error, effect.value + z * effect.error
        bounds = {"low": low, "high": high} if effect.error == effect.error else {}
        page.put(what, effect.value, pair.mid, {**key, "against": pair.other}, n=effect.n, **bounds)

    every = np.ones(len(days), dtype=bool)
    ends = days[known & is_end]
    split = split_of(days, known, known & is_end, params.min_events_mean)
    page.put("month_end_split", split, pair.mid, {"against": pair.other})
    later = np.array(days >= split) if split is not None else ~every
    month = effects({"month_end": inside}, every)
    kinds = effects({"quarter_end": inside & quarter, "month_end_not_quarter": inside & ~quarter}, every)
    for name, effect in {**month, **kinds}.items():
        put("month_end", effect, {"window": name})
        page.put("month_end_t", effect.t, pair.mid, {"window": name, "against": pair.other}, n=effect.n)
    for part, effect in effects({"last": last, "first": first}, every).items():
        put("month_end_part", effect, {"part": part})
    eras = {era: effects({era: inside}, span)[era] for era, span in (("before", ~later), ("after", later))}
    for era, effect in eras.items():
        put("month_end_era", effect, {"era": era})
    recent = np.array([bool(pair.event[max(0, day - 10) : day].any()) for day in range(len(days))])
    both = effects({"inside": inside, "recent": recent, "both": inside & recent}, every)["both"]
    put("month_end_after_breakout", both, {"within": 10})
    _month_end_word(page, pair, {"all": month["month_end"], **eras}, len(ends), z, params)


def _month_end_word(page: Page, pair: Pair, found: dict[str, Effect], ends: int, z: float, params: Any) -> None:
    """The word for the effect added up over the window; bounds and p come from the errors."""
    length = 2 * params.month_end_days
    cells, bounds, p = {}, {}, {}
    for era, effect in found.items():
        whole, half = effect.value * length / 1e4, z * effect.error * length / 1e4
        cells[era] = Cell(mean=whole, baseline=0.0, n=ends, days=0, p=NAN)
        bounds[era] = (whole - half, whole + half) if half == half else (None, None)
        p[era] = 2 * NormalDist().cdf(-abs(effect.t))
    word = word_of(length, bounds, cells, p, params) if ends >= params.min_events_interval else "cannot be tested"
    page.put("month_end_verdict", word, pair.mid, {"against": pair.other}, n=ends)


def _next_ends(page: Page, book: Book, params: Any) -> None:
    days = book.marks.index
    for name in ("month_end", "quarter_end"):
        end = days[book.marks[name] & (days > book.as_of)][0]
        begins = days[days.get_loc(end) - params.month_end_days + 1]
        page.put(f"{name}_next", end if (begins - book.as_of).days <= 42 else None)


def history(book: Book, params: Any, stated: Stated, calls: Sequence[Mapping[str, Any]] = ()) -> Page:
    """Every finding of the section that rests on no draw; words rest on the bounds that `stated` gives.

    `calls` are the earlier calls that the snapshot holds.
    """
    page = Page("history", params.mid, book.suffix)
    pairs = list(pairs_of(book, params))
    longest = max(pairs, key=lambda pair: int(pair.sample.sum()))
    for pair in pairs:
        n = int(pair.sample.sum())
        page.put("longest", pair is longest if n else None, pair.mid, {"against": pair.other}, n=n)
        _study(page, book, pair, params, stated)
        _stickiness(page, pair, params)
        _month_ends(page, book, pair, params)
    _next_ends(page, book, params)
    oracle_calls.persistence(page, book, params)
    oracle_calls.record(page, calls, ("simulated",) if book.suffix else ("live", "replayed"), params.alpha)
    return page
