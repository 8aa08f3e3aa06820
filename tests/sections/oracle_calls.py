"""The probabilities of calls, and the record of earlier ones, a second time in plain loops, from docs/methods.md.

Nothing here comes from `helpers.evidence` or `helpers.sections`: what both agree on was written down twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tests.sections.oracle import NAN, Book, Page, believed, high_days, ranges_of
from tests.sections.oracle_pieces import events_of, wilson_at

HORIZON, WITHIN, WEIGHT = 21, 30, 30
#: the settings of invented calls that are not the note's own
ANOTHER = "another"
KINDS = ("all", "sentiment", "persistence", "excess", "drawdown", "level", "hedge", "own")


def drawn_to(base: float, met: Sequence[bool], n: int) -> float:
    """The share of cases, drawn to the base as n cases to thirty of it."""
    if not met or n == 0:
        return base
    return (n * sum(met) / len(met) + WEIGHT * base) / (n + WEIGHT)


def share(met: Sequence[bool], fewest: int) -> float:
    return sum(met) / len(met) if met and len(met) >= fewest else NAN


def persistence(page: Page, book: Book, params: Any) -> None:
    """Of the note's own pair: P that mid caps do better, on a day with a new high."""
    mid, other = params.mid, params.mega
    unknown = np.full(len(book.close), NAN)
    own, against = (book.total_return[name].to_numpy() if name not in book.unfit else unknown for name in (mid, other))
    event, seen = events_of(book, mid, params)
    met, after, has_day = [], [], False
    for t in range(len(own)):
        if not seen[t] or math.isnan(own[t]) or math.isnan(against[t]):
            continue
        has_day = True
        if t + HORIZON >= len(own) or math.isnan(own[t + HORIZON]) or math.isnan(against[t + HORIZON]):
            continue
        is_better = own[t + HORIZON] / own[t] - against[t + HORIZON] / against[t] > 0
        met.append(is_better)
        if event[t]:
            after.append(is_better)
    base = share(met, params.min_events_mean * HORIZON)
    closes, totals = book.close[mid], book.total_return[mid]
    line = {"intraday": believed(book, mid, 1)[0], "close": closes, "total_return": totals}[params.high_field]
    is_new = mid not in book.unfit and high_days(line, params.window, params.strict)[-1]
    key = {"call": "persistence", "horizon": HORIZON, "against": other}
    p = drawn_to(base, after, len(after)) if is_new else NAN
    page.put("call_probability", p, mid, key, n=len(after) if has_day else None)
    page.put("call_probability_base", base, mid, key, n=len(met) if has_day else None)


def reversals(page: Page, book: Book, params: Any, own: np.ndarray, other: np.ndarray, events: Sequence[Any]) -> None:
    """P of each reversal within thirty days from now, after a recent breakout."""
    close = book.close[params.mid].tolist()
    days = len(close)
    recent = [any(0 <= t - event.place <= WITHIN for event in events) for t in range(days)]
    high, low = believed(book, params.mid, 1)[0], believed(book, params.mid, -1)[0]
    average, first, wide = NAN, [], []
    for width in ranges_of(high, low, book.close[params.mid]):
        if width == width:
            first.append(width)
            average = sum(first) / 20 if len(first) == 20 else average + (width - average) / 20
        wide.append(average)
    is_now = recent[-1]
    warning = events[-1].warning if is_now else NAN
    far = (close[-1] - warning) / wide[-1]

    def excess(t: int) -> bool | None:
        gone = [own[u] / own[t] - other[u] / other[t] for u in range(t + 1, t + WITHIN + 1)]
        return None if any(map(math.isnan, gone)) else min(gone) <= params.reversal_excess / 100

    def drawdown(t: int) -> bool | None:
        gone = [own[u] / own[t] - 1 for u in range(t + 1, t + WITHIN + 1)]
        return None if any(map(math.isnan, gone)) else min(gone) <= params.reversal_drawdown / 100

    def level(t: int) -> bool | None:
        ahead = close[t + 1 : t + WITHIN + 1]
        limit = close[t] - far * wide[t]
        return None if any(map(math.isnan, [*ahead, limit])) else min(ahead) < limit

    limits = {
        "excess": params.reversal_excess / 100,
        "drawdown": params.reversal_drawdown / 100,
        "level": warning / close[-1] - 1,
    }
    for rule, judged in (("excess", excess), ("drawdown", drawdown), ("level", level)):
        found = [(judged(t), recent[t]) for t in range(days - WITHIN)]
        known = [(bool(flag), near) for flag, near in found if flag is not None]
        after = [flag for flag, near in known if near]
        n = len(after) // WITHIN
        base = share([flag for flag, _ in known], params.min_events_mean * WITHIN)
        key = {"call": rule, "horizon": WITHIN, "against": params.mega}
        p = drawn_to(base, after, n) if is_now and limits[rule] < 0 else NAN
        page.put("call_probability", p, key=key, n=n)
        page.put("call_probability_base", base, key=key, n=len(known))
        page.put("call_threshold", limits[rule], key=key)


def hedge(
    page: Page,
    params: Any,
    mid: Sequence[float],
    legs: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    best: str | None,
) -> None:
    """P that the best leg lowers variance; `legs` have returns and ratios."""
    found: list[bool] = []
    short, ratio = legs[best] if best else ([], [])
    for end in range(len(mid) - 1, HORIZON - 1, -HORIZON) if best else ():
        days = range(end - HORIZON + 1, end + 1)
        alone = [mid[t] for t in days]
        position = [mid[t] - ratio[end - HORIZON] * short[t] for t in days]
        if not any(map(math.isnan, position)):
            found.append(float(np.var(position, ddof=1)) < float(np.var(alone, ddof=1)))
    base = share(found, params.min_events_mean)
    late = found[:12]
    key = {"call": "hedge", "horizon": HORIZON, "against": params.mega}
    p = drawn_to(base, late, len(late))
    page.put(
        "call_probability", p if math.isnan(p) else min(max(p, 0.02), 0.98), key=key, n=len(late) if best else None
    )
    page.put("call_probability_base", base, key=key, n=len(found) if best else None)


# --- the record -----------------------------------------------------------------------------------------------------


def record(page: Page, calls: Sequence[Mapping[str, Any]], origins: Sequence[str], alpha: float) -> None:
    """How resolved calls scored, each with as_of, resolve_on, origin, kind, label, p, base, happened and settings."""
    for origin in origins:
        every = [call for call in calls if call["origin"] == origin]
        held = [c for c in every if origin == "live" or c["kind"] == "own" or c["settings"] != ANOTHER]
        page.put("record_others_n", len(every) - len(held), key={"origin": origin})
        for kind in KINDS[:-1]:
            chosen = [c for c in held if (c["kind"] != "own" if kind == "all" else c["kind"] == kind)]
            _scored(page, chosen, {"origin": origin, "kind": kind}, alpha)
        own = [call for call in held if call["kind"] == "own"]
        page.put("record_n", len(own), key={"origin": origin, "kind": "own"})
        for name in dict.fromkeys(call["by"].casefold() for call in own):
            said = [call for call in own if call["by"].casefold() == name]
            _scored(page, said, {"origin": origin, "kind": "own", "by": said[0]["by"]}, alpha)
        tone = [call for call in held if call["kind"] == "sentiment"]
        key = {"origin": origin, "label": "any"}
        page.put("record_label_n", sum(call["label"] != "" for call in tone), key=key)
        for label in sorted({call["label"] for call in tone} - {""}):
            said = [call for call in tone if call["label"] == label]
            page.put("record_label_n", len(said), key={"origin": origin, "label": label})
            _came_true(page, said, {"origin": origin, "kind": "sentiment", "label": label}, alpha)


def _scored(page: Page, calls: Sequence[Mapping[str, Any]], key: dict[str, str], alpha: float) -> None:
    n, is_all = len(calls), key["kind"] == "all"
    page.put("record_n", n, key=key)
    p, happened = [call["p"] for call in calls], [call["happened"] for call in calls]
    enough = n >= 20
    total = sum((a - b) ** 2 for a, b in zip(p, happened, strict=True)) / n if n else NAN
    reliability = _reliability(p, happened)
    middle = sum(happened) / n if n else NAN
    uncertainty = middle * (1 - middle)
    page.put("record_brier", total if enough else NAN, key=key, n=n)
    page.put("record_reliability", reliability if enough else NAN, key=key, n=n)
    page.put("record_resolution", reliability + uncertainty - total if enough and not is_all else NAN, key=key, n=n)
    page.put("record_uncertainty", uncertainty if enough and not is_all else NAN, key=key, n=n)
    page.put("record_mean_p", sum(p) / n if enough else NAN, key=key, n=n)
    based = (
        []
        if is_all
        else sorted(
            (call for call in calls if not math.isnan(call["base"])), key=lambda call: (call["as_of"], call["kind"])
        )
    )
    m = None if is_all else len(based)
    of_base = sum((c["base"] - c["happened"]) ** 2 for c in based) / len(based) if len(based) >= 20 else NAN
    page.put("record_base_brier", of_base, key=key, n=m)
    taken = _apart(based)
    so_far = []
    for call in taken:
        # a person does not know the close that the window begins with
        day, is_own = call["as_of"], key["kind"] == "own"
        over = [other for other in based if other["resolve_on"] < day or (other["resolve_on"] == day and not is_own)]
        so_far.append(drawn_to(call["base"], [bool(other["happened"]) for other in over], len(_apart(over))))
    m = None if is_all else len(taken)
    value, low, high, word = _skill(taken, so_far, alpha)
    page.put("record_skill", value, key=key, n=m, low=low, high=high)
    page.put("record_skill_word", None if is_all else word, key=key, n=m)
    value, low, high, _ = _skill(taken, [call["base"] for call in taken], alpha)
    page.put("record_base_skill", value, key=key, n=m, low=low, high=high)
    _came_true(page, calls, {**key, "label": "any"}, alpha)


def _reliability(p: Sequence[float], happened: Sequence[float]) -> float:
    """Over at most five groups of about as many calls; equal ones stay together, and fewer than ten join the next."""
    n = len(p)
    if not n:
        return NAN
    groups = min(5, max(1, n // 10))
    ordered = sorted(p)
    held: dict[int, list[int]] = {}
    for place, value in enumerate(p):
        held.setdefault(ordered.index(value) * groups // n, []).append(place)
    joined: list[list[int]] = []
    for number in sorted(held):
        if joined and len(joined[-1]) < 10:
            joined[-1] += held[number]
        else:
            joined.append(held[number])
    if len(joined) > 1 and len(joined[-1]) < 10:
        last = joined.pop()
        joined[-1] += last
    total = 0.0
    for places in joined:
        gap = sum(p[i] - happened[i] for i in places) / len(places)
        total += len(places) * gap * gap
    return total / n


def _apart(calls: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Windows that do not overlap, the first over first; of those over on one day the first begun."""
    taken: list[Mapping[str, Any]] = []
    for call in sorted(calls, key=lambda call: (call["resolve_on"], call["as_of"])):
        if not taken or call["as_of"] >= taken[-1]["resolve_on"]:
            taken.append(call)
    return taken


def _skill(
    calls: Sequence[Mapping[str, Any]], reference: Sequence[float], alpha: float
) -> tuple[float, float | None, float | None, str]:
    n, k = len(calls), sum(call["happened"] for call in calls)
    if n < 20 or min(k, n - k) < 5:
        return NAN, None, None, "too few" if n < 20 else "one-sided"
    pairs = list(zip(reference, calls, strict=True))
    of_other = sum((b - call["happened"]) ** 2 for b, call in pairs) / n
    gained = [((b - call["happened"]) ** 2 - (call["p"] - call["happened"]) ** 2) / of_other for b, call in pairs]
    mean = sum(gained) / n
    spread = sum((value - mean) ** 2 for value in gained) / (n - 1)
    half = _student(1 - alpha / 2, n - 1) * math.sqrt(spread / n)
    low, high = mean - half, mean + half
    return mean, low, high, "positive" if low > 0 else "negative" if high < 0 else "none"


def _student(share: float, freedom: int) -> float:
    """The quantile of Student's t at which the area under its density, summed in small steps, is the share."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    step = 1e-5
    ends = np.arange(1, 600_001) * step
    area = 0.5 + np.cumsum(scale * (1 + (ends - step / 2) ** 2 / freedom) ** (-(freedom + 1) / 2)) * step
    return float(np.interp(share, area, ends))


def _came_true(page: Page, calls: Sequence[Mapping[str, Any]], key: dict[str, str], alpha: float) -> None:
    n, m = len(calls), len(_apart(calls))
    share_of = sum(call["happened"] for call in calls) / n if n >= 20 else NAN
    low, high = wilson_at(share_of * m, m, 1 - alpha) if n >= 20 else (None, None)
    page.put("record_windows", m, key=key)
    page.put("record_share", share_of, key=key, n=m, low=low, high=high)


# --- calls to score -------------------------------------------------------------------------------------------------


def invented(until: str, origins: Sequence[str], settings: str, seed: int = 5) -> list[dict[str, Any]]:
    """Weekly calls of every kind, made and over before `until`, with outcomes that their probabilities half explain.

    One in eight was made with other settings.
    """
    rng = np.random.default_rng(seed)
    days = pd.bdate_range(end=until, periods=2000)
    rows = []
    for origin in origins:
        for place in range(0, 1900, 7):
            for kind in KINDS[1:]:
                if rng.uniform() < (0.1 if kind in ("own", "persistence") else 0.6):
                    p = round(float(rng.uniform(0.2, 0.8)), 2)
                    rows.append(
                        {
                            "as_of": str(days[place].date()),
                            "resolve_on": str(days[place + 21].date()),
                            "origin": origin,
                            "kind": kind,
                            "by": "ann" if kind == "own" else "breadthbook",
                            "subject": "IJH",
                            "against": "OEF",
                            "horizon": 21,
                            "p": p,
                            "base": NAN if kind == "own" and place % 2 else 0.5,
                            "label": ("", "neutral", "mildly positive")[place % 3] if kind == "sentiment" else "",
                            "happened": float(rng.uniform() < (p + 0.5) / 2),
                            "settings": ANOTHER if place % 8 == 0 else settings,
                        }
                    )
    return rows
