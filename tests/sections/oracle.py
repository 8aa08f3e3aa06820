"""Every finding of the sections breakout and strength a second time, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.signals` or `helpers.sections`: what both agree on was written down twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

YEAR = 252
#: share of a price within which a bar is still in order
ROUNDING = 1e-6
NAN = math.nan


@dataclass(frozen=True)
class Book:
    """What may be read: wide frames of trading days x symbols up to the last finished day, marks, and the tape."""

    open: pd.DataFrame
    high: pd.DataFrame
    low: pd.DataFrame
    close: pd.DataFrame
    volume: pd.DataFrame
    total_return: pd.DataFrame
    marks: pd.DataFrame
    as_of: pd.Timestamp
    tape: Mapping[str, Any] | None = None
    unfit: frozenset[str] = frozenset()
    suffix: str = ""


class Said(NamedTuple):
    """The value of a finding; `n`, `low`, `high` and `as_of` are compared where they are given."""

    value: Any
    n: int | None = None
    low: float | None = None
    high: float | None = None
    as_of: str | None = None


Address = tuple[str, str, tuple[tuple[str, Any], ...]]


class Page(dict[Address, Said]):
    """Findings by id, subject and key."""

    def __init__(self, section: str, subject: str, suffix: str) -> None:
        super().__init__()
        self.section, self.subject, self.suffix = section, subject, suffix

    def put(self, what: str, value: Any, subject: str = "", key: Mapping[str, Any] | None = None, **more: Any) -> None:
        key = dict(key or {})
        if "against" in key:
            key["against"] += self.suffix
        address = (f"{self.section}.{what}", (subject or self.subject) + self.suffix, tuple(sorted(key.items())))
        assert address not in self, address
        self[address] = Said(plain(value), **more)


def plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


# --- pieces ---------------------------------------------------------------------------------------------------------


def highest_before(line: pd.Series, window: int | str) -> np.ndarray:
    """For each day the highest value of the window before it, the day left out; NaN unless all of it is known."""
    if isinstance(window, int):
        return line.rolling(window).max().shift(1).to_numpy()
    values, days = line.to_numpy(dtype=float), pd.DatetimeIndex(line.index)
    out = np.full(len(values), NAN)
    starts = days - pd.Timedelta(days=int(window[:-1]))
    born = line.first_valid_index()
    for at, first in enumerate(days.searchsorted(starts)):
        if starts[at] >= born:
            out[at] = values[first:at].max()  # NaN if one of them is
    return out


def beats(value: float, level: float, strict: bool) -> bool:
    """Whether a price is a new high; False where either is unknown."""
    return bool(value > level) if strict else bool(value >= level)


def high_days(line: pd.Series, window: int | str, strict: bool) -> list[bool]:
    level = highest_before(line, window).tolist()
    return [beats(value, bound, strict) for value, bound in zip(line.tolist(), level, strict=True)]


def ranges_of(high: pd.Series, low: pd.Series, close: pd.Series) -> list[float]:
    """True ranges; NaN on the first day."""
    h, lo, c = high.tolist(), low.tolist(), close.tolist()
    out = [NAN]
    for i in range(1, len(h)):
        gaps = (h[i] - lo[i], abs(h[i] - c[i - 1]), abs(lo[i] - c[i - 1]))
        out.append(NAN if any(math.isnan(gap) for gap in gaps) else max(gaps))
    return out


def unsupported(book: Book, symbol: str, side: int) -> list[pd.Timestamp]:
    """Days whose high (`side` 1) or low (-1) no price near it supports."""
    high, low, close = book.high[symbol], book.low[symbol], book.close[symbol]
    ranges = ranges_of(high, low, close)
    ranges[0] = high.iloc[0] - low.iloc[0]
    # a low is a high of the prices turned over
    tops = side * (high if side > 0 else low).to_numpy()
    beside = np.fmax(side * close.to_numpy(), side * close.shift(1).to_numpy())
    days = []
    for i in np.flatnonzero(tops - beside > 0.02 * abs(beside)):
        recent = [r for r in ranges[max(0, i - 20) : i] if r == r]
        if len(recent) < 10 or tops[i] - beside[i] <= 3 * np.median(recent):
            continue
        before, after = tops[max(0, i - 5) : i], tops[i + 1 : i + 6]
        if not (before >= tops[i]).any() and not (after >= tops[i] - np.median(recent)).any():
            days.append(high.index[i])
    return days


def disordered(book: Book, symbol: str) -> list[pd.Timestamp]:
    """Days whose high is below, or whose low is above, another price of the same bar by more than rounding."""
    prices = pd.DataFrame({name: getattr(book, name)[symbol] for name in ("open", "high", "low", "close")})
    top, bottom = prices.max(axis=1), prices.min(axis=1)
    bad = (prices["high"] < top - ROUNDING * top) | (prices["low"] > bottom + ROUNDING * bottom)
    return list(prices.index[bad])


def believed(book: Book, symbol: str, side: int) -> tuple[pd.Series, list[pd.Timestamp]]:
    """Highs (lows for `side` -1) with bad prints replaced by a close, and the days without support."""
    days = unsupported(book, symbol, side)
    out, close = (book.high if side > 0 else book.low)[symbol].copy(), book.close[symbol]
    for day in {*days, *disordered(book, symbol)}:
        closes = close[:day].iloc[-2:]
        out[day] = closes.max() if side > 0 else closes.min()
    return out, days


def wilson(k: int, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    p = k / n
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def mean_of_last(line: pd.Series, count: int, ago: int = 0) -> float:
    """Mean of the last `count` values, `ago` rows back; NaN unless all are known."""
    values = line.to_numpy()[: len(line) - ago]
    return float(values[-count:].mean()) if len(values) >= count else NAN


def band_word(multiple: float) -> str:
    if multiple < 0.7:
        return "light"
    if multiple < 1.3:
        return "normal"
    return "elevated" if multiple <= 2 else "heavy"


def z_of_last(values: np.ndarray) -> float:
    """Last value in sample standard deviations from the mean of all of them; 0 where all are equal."""
    mean, deviation = values.mean(), values.std(ddof=1)
    return 0.0 if deviation <= 1e-12 * abs(mean) else (values[-1] - mean) / deviation


# --- the day --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Today:
    last: float
    high: float
    prior_close: float
    volume: float
    partial: bool
    lone: bool
    set_aside: list[pd.Timestamp]
    highs: pd.Series  # those believed, today's included
    lows: pd.Series  # unknown on an unfinished day, as are the two below
    closes: pd.Series
    totals: pd.Series

    def cents(self, price: float) -> float:
        """A tape's price is compared at four decimals, since vendors store bars in single precision."""
        return round(price, 4) if self.partial else price


def today_of(book: Book, params: Any) -> Today:
    mid = params.mid
    high, set_aside = believed(book, mid, 1)
    low, _ = believed(book, mid, -1)
    close, total = book.close[mid], book.total_return[mid]
    if book.tape is None:
        assert high.index[-1] == book.as_of
        prior = close.iloc[:-1].dropna().iloc[-1]
        return Today(
            close.iloc[-1],
            book.high[mid].iloc[-1],
            prior,
            book.volume[mid].iloc[-1],
            False,
            book.as_of in set_aside,
            set_aside,
            high,
            low,
            close,
            total,
        )
    assert high.index[-1] < book.as_of
    last, top = book.tape["last"], book.tape["high"]
    prior = book.tape["prior_close"] or close.dropna().iloc[-1]
    beside = max(last, prior)
    usual = np.nanmedian(ranges_of(high, low, close)[-20:])
    lone = top - beside > 3 * usual and top - beside > 0.02 * beside and top > high.iloc[-5:].max()
    reached = beside if lone else top
    same = [held for held in high if round(held, 4) == round(reached, 4)]
    row = {book.as_of: same[-1] if same else reached}
    unknown = [pd.concat([line, pd.Series({book.as_of: NAN})]) for line in (low, close, total)]
    volume = book.tape["volume"] or NAN
    return Today(last, top, prior, volume, True, bool(lone), set_aside, pd.concat([high, pd.Series(row)]), *unknown)


def base_of(today: Today) -> tuple[float, pd.Series]:
    """Highest price of the 252 days before, and the lows after the last day it was reached."""
    before = today.highs.iloc[-1 - YEAR : -1]
    peak = before.max()
    return peak, today.lows[today.lows.index > before[before == peak].index[-1]]


# --- breakout -------------------------------------------------------------------------------------------------------


def breakout(book: Book, params: Any) -> Page:
    """Every finding of the section breakout."""
    page = Page("breakout", params.mid, book.suffix)
    today = today_of(book, params)
    page.put("last", today.last)
    page.put("high", today.high)
    page.put("prior_close", today.prior_close)
    page.put("change", (today.last - today.prior_close) / today.prior_close)
    page.put("stale_since", None)
    page.put("is_partial", today.partial)
    _new_high(page, book, params, today)
    _closes(page, params, today)
    _base_rates(page, params, today)
    _base_and_levels(page, params, today)
    _volume(page, book, params, today)
    ahead = book.marks[book.marks.index > book.as_of]
    for event in ("month_end", "quarter_end", "monthly_expiry", "quarterly_expiry", "index_rebalance", "half_day"):
        dates = [day for day in ahead.index[ahead[event]] if (day - book.as_of).days <= 42]
        page.put("due", min(dates, default=None), key={"event": event, "within_days": 42})
    return page


def _new_high(page: Page, book: Book, params: Any, today: Today) -> None:
    key = {"window": params.window, "field": params.high_field, "strict": params.strict}
    line = {"intraday": today.highs, "close": today.closes, "total_return": today.totals}[params.high_field]
    level, value, before = highest_before(line, params.window)[-1], line.iloc[-1], line.iloc[:-1]
    page.put("prior_high", level, key=key)
    page.put("prior_high_date", max((day for day, v in before.items() if v == level), default=None), key=key)
    page.put("is_lone_high", today.lone, key={"field": "intraday"})
    page.put("lone_high_gap", today.high / max(today.last, today.prior_close) - 1)
    days = pd.DatetimeIndex(line.index)
    if isinstance(params.window, int):
        start = days[max(0, len(days) - 1 - params.window)]
    else:
        start = book.as_of - pd.Timedelta(days=int(params.window[:-1]))
    aside = [day for day in today.set_aside if start <= day < book.as_of]
    page.put("lone_highs_set_aside", len(aside), key=key)
    bad_lows = {*unsupported(book, params.mid, -1), *disordered(book, params.mid)}
    page.put("lone_lows_set_aside", sum(start <= day <= book.as_of for day in bad_lows), key=key)
    if math.isnan(value) or math.isnan(level):
        verdict = None
    else:
        verdict = beats(value, level, params.strict)
        if today.lone and params.high_field == "intraday" and not verdict:
            verdict = None
    page.put("is_new_high", verdict, key=key)
    page.put("margin", value - level, key=key)
    page.put("nearness", today.last / highest_before(today.highs, params.window)[-1], key=key)
    page.put("days_held", int(before.notna().sum()), key=key, n=int(before.notna().sum()))
    tape = book.close[params.mid]
    holes = [day for day, v in tape.items() if math.isnan(v) and tape.first_valid_index() < day]
    page.put("holes_in_window", sum(day >= start for day in holes), key=key)
    made = [i for i, flag in enumerate(high_days(line, params.window, params.strict)[:-1]) if flag]
    page.put("days_since_high", len(days) - 1 - made[-1] if made else None, key=key)
    page.put("last_high_date", days[made[-1]] if made else None, key=key)
    page.put("all_time_nearness", value / before.max(), key=key)


def _closes(page: Page, params: Any, today: Today) -> None:
    key = {"window": params.window}
    closing, confirm = (highest_before(line, params.window)[-1] for line in (today.closes, today.highs))
    page.put("closing_high", closing, key=key)
    reached = [day for day, v in today.closes.iloc[:-1].items() if v == closing]
    page.put("closing_high_date", max(reached, default=None), key=key)
    page.put("confirm_level", confirm, key=key)
    held = pd.DataFrame({"close": today.closes, "index": today.totals}).dropna().iloc[-1]
    needed = held["close"] * highest_before(today.totals, params.window)[-1] / held["index"]
    page.put("total_return_high", needed, key=key)
    for name, stem, bound in (
        ("is_closing_high", "closing_high", closing),
        ("close_confirmed", "close_confirmed", confirm),
        ("is_total_return_high", "total_return_high", needed),
    ):
        would = None if math.isnan(bound) else today.cents(today.last) > today.cents(bound)
        page.put(name, None if today.partial else would, key=key)
        page.put(f"{stem}_at_last", would, key=key)
        if stem != "total_return_high":
            page.put(f"{stem}_distance", (bound - today.last) / today.last, key=key)


def _base_rates(page: Page, params: Any, today: Today) -> None:
    key = {"window": params.window, "quiet_gap": params.quiet_gap}
    gap = params.quiet_gap
    high, close = today.highs.iloc[:-1], today.closes.iloc[:-1]
    level, closes = highest_before(high, params.window), highest_before(close, params.window)
    made = high_days(high, params.window, params.strict)
    first = [
        i
        for i in range(gap, len(high))
        # quiet for the whole gap, and the gap seen in full
        if made[i] and not any(made[i - gap : i]) and not np.isnan(level[i - gap : i + 1]).any() and close.iloc[i] > 0
    ]
    for name, bound in (("closing_high_rate", closes), ("close_confirmed_rate", level)):
        k, n = sum(close.iloc[i] > bound[i] for i in first), len(first)
        low, top = wilson(k, n) if n else (None, None)
        page.put(name, k / n if n else None, key=key, n=n, low=low, high=top)
    known = np.flatnonzero(~np.isnan(highest_before(today.highs, params.window)))
    page.put("base_rate_from", today.highs.index[known[0]] if len(known) else None, key=key)


def _base_and_levels(page: Page, params: Any, today: Today) -> None:
    peak, lows = base_of(today)
    known = lows.dropna()
    low = known.min() if len(known) else NAN
    page.put("base_length", len(lows))
    page.put("base_low", low)
    page.put("base_low_date", min((day for day, v in known.items() if v == low), default=None))
    page.put("base_depth", (low - peak) / peak)

    ranges = [r for r in ranges_of(today.highs, today.lows, today.closes) if r == r]
    atr = sum(ranges[:20]) / 20
    for r in ranges[20:]:
        atr += (r - atr) / 20
    page.put("atr", atr, key={"window": 20})
    finished = today.closes.iloc[:-1] if today.partial else today.closes
    confirm = highest_before(today.highs, params.window)[-1]
    stop = today.last - params.stop_atr * atr
    for name, price, more in (
        ("confirm", confirm, {}),
        ("closing", highest_before(today.closes, params.window)[-1], {}),
        ("warning", confirm - params.atr_multiple * atr, {"atr_multiple": params.atr_multiple}),
        ("stop", stop, {"stop_atr": params.stop_atr}),
        ("mean_50", mean_of_last(finished, 50), {}),
        ("mean_200", mean_of_last(finished, 200), {}),
        ("base_low", low if len(lows) >= 10 else NAN, {}),
    ):
        key = {"level": name, **more}
        page.put("level", price, key=key)
        page.put("level_distance", (price - today.last) / today.last, key=key)
        page.put("level_atr", (price - today.last) / atr, key=key)
    page.put("loss_at_stop", (stop - today.last) / today.last, key={"stop_atr": params.stop_atr})


UNUSUAL = ("half_day", "monthly_expiry", "quarterly_expiry", "index_rebalance")


def _ordinary(volume: pd.Series, marks: pd.DataFrame) -> pd.Series:
    """Known volume of the days that are not unusual."""
    unusual = marks.index[marks[list(UNUSUAL)].any(axis=1)]
    return volume[(volume > 0) & ~volume.index.isin(unusual)]


def _median_of_last(ordinary: pd.Series, count: int) -> float:
    return float(np.median(ordinary.to_numpy()[-count:])) if len(ordinary) >= count else NAN


def _volume(page: Page, book: Book, params: Any, today: Today) -> None:
    held = book.volume[params.mid]
    before = held if today.partial else held.iloc[:-1]
    now = today.volume if today.volume > 0 else NAN
    page.put("volume", now)
    page.put("dollar_volume", now * today.last)
    words = []
    for count in params.volume_windows:
        median = _median_of_last(_ordinary(before, book.marks), count)
        page.put("usual_volume", median, key={"window": count}, n=count)
        page.put("volume_share" if today.partial else "rvol", now / median, key={"window": count}, n=count)
        words.append(band_word(now / median) if now / median > 0 else None)
    said = not today.partial and None not in words
    distance = {"normal": 0, "light": 1, "elevated": 1, "heavy": 2}
    page.put("volume_word", sorted(words, key=distance.__getitem__)[0] if said else None)
    page.put("volume_words_differ", len(set(words)) > 1 if said else None)
    z = None
    if not today.partial:
        logs = [math.log(v) if v > 0 else NAN for v in before.iloc[-params.z_window :]]
        if len(logs) == params.z_window:
            mean = sum(logs) / len(logs)
            z = (math.log(now) - mean) / math.sqrt(sum((v - mean) ** 2 for v in logs) / (len(logs) - 1))
    page.put("volume_z", z, key={"window": params.z_window}, n=params.z_window)
    marks = book.marks.loc[book.as_of]
    why = ["shortened trading"] if marks["half_day"] else []
    if marks["quarterly_expiry"]:
        why.append("quarterly options expiry")
    elif marks["monthly_expiry"]:
        why.append("monthly options expiry")
    if marks["index_rebalance"]:
        why.append("index rebalance")
    page.put("session_mark", " and ".join(why) or None)


def volume_frame(book: Book, params: Any, rows: int = 126) -> pd.DataFrame:
    """Volume, its ordinary median, and the band between the 10th and 90th percentile of the year before each day."""
    held = book.volume[params.mid].where(lambda v: v > 0)
    finished = len(held)
    if book.tape is not None:
        held = pd.concat([held, pd.Series({book.as_of: book.tape["volume"] or NAN})])
    ordinary, out = _ordinary(held, book.marks), []
    for i in range(len(held) - rows, len(held)):
        # an unfinished day is drawn in the band of the evening before
        end = min(i, finished - 1)
        year = held.iloc[max(0, end - YEAR) : end].dropna()
        median = _median_of_last(ordinary[ordinary.index < held.index[i]], params.volume_windows[0])
        out.append((held.index[i], held.iloc[i], median, np.percentile(year, 10), np.percentile(year, 90)))
    return pd.DataFrame(out, columns=["date", "volume", "median", "low", "high"])


# --- strength -------------------------------------------------------------------------------------------------------


def strength(book: Book, params: Any) -> Page:
    """Every finding of the section strength."""
    page = Page("strength", params.mid, book.suffix)
    total = book.total_return.copy()
    for symbol in book.unfit:
        total[symbol] = NAN
    stand_ins = list(dict.fromkeys([params.mega, *params.mega_checks]))
    tiers = [params.mega, params.market, params.mid, params.small]
    _excess(page, params, total, stand_ins)
    weeks = week_ends(book, total.index)
    for symbol in stand_ins:
        _ratio(page, params, total[params.mid] / total[symbol], symbol, weeks)
    _who_came_first(page, book, params)
    for symbol in dict.fromkeys([*tiers, *params.sectors]):
        if symbol != params.market:
            line = (total[symbol] / total[params.market])[weeks]
            quadrant = rotation(line, params.rrg_window)[2]
            key = {"window": params.rrg_window, "group": "cap tier" if symbol in tiers else "sector"}
            page.put("quadrant", quadrant, symbol, key, as_of=str(weeks[-1].date()))
    for symbol in dict.fromkeys([*tiers, *stand_ins, *params.sectors]):
        for span in ("1D", "1W", "MTD", "QTD", "YTD", "1Y"):
            page.put("performance", span_return(total[symbol], span), symbol, {"span": span})
    return page


def _excess(page: Page, params: Any, total: pd.DataFrame, stand_ins: list[str]) -> None:
    for window in (5, 21, 63, 126, 252):
        grown = {symbol: total[symbol].iloc[-1] / total[symbol].iloc[-1 - window] - 1 for symbol in total.columns}
        known = []
        for symbol in dict.fromkeys([*stand_ins, params.market]):
            excess = grown[params.mid] - grown[symbol]
            page.put("excess", excess, key={"window": window, "against": symbol})
            if symbol in stand_ins and excess == excess:
                known.append(float(excess))
        spread = max(known) - min(known) if len(known) > 1 else None
        page.put("stand_in_spread", spread, key={"window": window}, n=len(known))
        tenths = [round(1000 * excess) for excess in known]  # of a point, as printed
        differ = spread > 0.01 or (max(tenths) > 0 > min(tenths)) if len(known) > 1 else None
        page.put("stand_ins_differ", differ, key={"window": window}, n=len(known))


def _ratio(page: Page, params: Any, line: pd.Series, symbol: str, weeks: list[pd.Timestamp]) -> None:
    count, now = params.rs_ma, line.iloc[-1]
    key = {"against": symbol, "window": count}
    mean = mean_of_last(line, count)
    page.put("mean_distance", (now - mean) / mean, key=key)
    near = mean_of_last(line, 50)
    page.put("near_mean_distance", (now - near) / near, key={"against": symbol, "window": 50})
    earlier = mean_of_last(line, count, ago=21)
    page.put("mean_slope", (mean - earlier) / earlier, key={**key, "over": 21})
    values = line.to_numpy()
    since, crossed = 0, False  # on the days held the line may never have crossed
    for i in range(len(values) - 1, count - 2, -1):
        average = values[i - count + 1 : i + 1].mean()
        if math.isnan(average):
            continue
        if (values[i] > average) != (now > mean):
            crossed = True
            break
        since += 1
    page.put("days_since_cross", since - 1 if crossed else None, key=key)

    year_key = {"against": symbol, "window": YEAR}
    year = line.iloc[-1 - YEAR :]
    full = len(year) == YEAR + 1 and bool(year.notna().all())
    made = high_days(line.iloc[-1 - YEAR - 30 :], YEAR, True)
    page.put("is_ratio_high", made[-1] if full else None, key=year_key)
    page.put("from_ratio_high", (now - year.max()) / year.max() if full else None, key=year_key)
    page.put("ratio_high_date", year.index[int(np.argmax(year.to_numpy()))] if full else None, key=year_key)
    page.put("ratio_led", any(made[-22:-1]) if full else None, key={**year_key, "within": 21})
    span = params.mansfield_weeks
    weekly = line[weeks]
    mean = mean_of_last(weekly, span)
    page.put("mansfield", (weekly.iloc[-1] - mean) / mean, key={"against": symbol, "window": span})


def week_ends(book: Book, held: pd.Index) -> list[pd.Timestamp]:
    """Last trading days of the weeks that are over by the exchange's calendar, among those held."""
    days = book.marks.index
    mondays = days - pd.to_timedelta(days.day_of_week, unit="D")
    last = dict(zip(mondays, days, strict=True))  # later days of a week replace earlier ones
    return [day for day in last.values() if held[0] <= day <= held[-1]]


def rotation(line: pd.Series, window: int) -> tuple[float, float, str | None]:
    """Level, momentum and quadrant of the last week."""
    values = line.to_numpy()[-3 * window :]
    level = np.array([100 + z_of_last(values[i - window + 1 : i + 1]) for i in range(window - 1, len(values))])
    change = level[1:] / level[:-1] - 1
    if len(change) < window or np.isnan(change[-window:]).any():
        return NAN, NAN, None
    momentum = 100 + z_of_last(change[-window:])
    if level[-1] >= 100:
        return level[-1], momentum, "Leading" if momentum >= 100 else "Weakening"
    return level[-1], momentum, "Improving" if momentum >= 100 else "Lagging"


def _who_came_first(page: Page, book: Book, params: Any) -> None:
    today = today_of(book, params)
    _, lows = base_of(today)
    held = lows.dropna()
    turned = min(day for day, v in held.items() if v == held.min()) if len(lows) >= 10 and len(held) else None
    page.put("base_turned", turned)
    market = believed(book, params.market, 1)[0]
    first: dict[str, pd.Timestamp | None] = {}
    for role, symbol, line in (("mid", params.mid, today.highs), ("market", params.market, market)):
        flags = high_days(line, params.window, params.strict)
        made = [day for day, flag in zip(line.index, flags, strict=True) if flag]
        first[role] = next((day for day in made if day >= turned), None) if turned is not None else None
        as_of = str(book.as_of.date())
        page.put("last_high_date", made[-1] if made else None, symbol, {"role": role}, as_of=as_of)
        page.put("first_high_date", first[role], symbol, {"role": role}, as_of=as_of)
    mid, other = first["mid"], first["market"]
    if turned is None or params.market in book.unfit or math.isnan(market.iloc[-1]):
        came = None
    elif mid == other:
        came = "neither" if mid is None else "same day"
    elif mid is None or other is None:
        came = "market" if mid is None else "mid"
    else:
        came = "mid" if mid < other else "market"
    page.put("came_first", came)


def span_return(line: pd.Series, span: str) -> float:
    now, days = line.iloc[-1], {"1D": 1, "1W": 5, "1Y": YEAR}
    if span in days:
        return now / line.iloc[-1 - days[span]] - 1 if len(line) > days[span] else NAN
    today = line.index[-1]
    month = {"MTD": today.month, "QTD": 3 * ((today.month - 1) // 3) + 1, "YTD": 1}[span]
    before = line[line.index < pd.Timestamp(today.year, month, 1)]
    return now / before.iloc[-1] - 1 if len(before) else NAN
