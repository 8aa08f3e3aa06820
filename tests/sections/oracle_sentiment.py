"""The score of the section risks a second time, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tests.sections.oracle import NAN
from tests.sections.oracle_risks_desk import Desk, Line, change, daily
from tests.sections.oracle_risks_more import from_mean, members_above, percentile, sigmas, walk

AHEAD, EVERY, QUARTER, YEAR = 21, 7, 63, 252
AGAINST = ("credit", "rates", "crowding")
UNITS = {
    "price": "fraction",
    "relative_strength": "fraction",
    "breadth": "fraction",
    "volume": "score",
    "credit": "bp",
    "rates": "bp",
    "crowding": "fraction",
    "revisions": "score",
}


class Look(NamedTuple):
    """One part on one day."""

    value: float
    raw: float
    rank: float
    n: int


class Day(NamedTuple):
    """The score on one day, and what followed."""

    place: int
    score: float
    covered: float
    gained: float


def sentiment(desk: Desk) -> None:
    """Every finding of the score."""
    params, page, last = desk.params, desk.page, len(desk.days) - 1
    weights = params.score_weights.model_dump()
    lines = raw_lines(desk)
    days = []
    for t in range(last, -1, -EVERY):
        score, covered = added_up({name: look(desk, lines, name, t).value for name in UNITS}, weights, params)
        gained = NAN
        if t + AHEAD <= last:
            gained = desk.mid[t + AHEAD] / desk.mid[t] - desk.mega[t + AHEAD] / desk.mega[t]
        days.append(Day(t, score, covered, gained))
    days.reverse()

    today = {name: look(desk, lines, name, last) for name in UNITS}
    known = [name for name in UNITS if not math.isnan(today[name].value)]
    total = sum(weights[name] for name in known)
    for name, unit in UNITS.items():
        key = {"component": name}
        page.put("score_component", today[name].value, key=key)
        page.put(f"score_raw_{unit}", today[name].raw, key=key)
        page.put("score_percentile", today[name].rank, key=key, n=today[name].n)
        page.put("score_weight", weights[name] / total if name in known and total else NAN, key=key)
    page.put("score", days[-1].score, n=len(known))
    page.put("score_coverage", days[-1].covered, n=len(known))
    page.put("score_label", word(days[-1].score, params.label_cuts), n=len(known))
    worth(desk, days)


def raw_lines(desk: Desk) -> dict[str, Line]:
    """Raw values of every day; of crowding its two."""
    params, book = desk.params, desk.book
    unfit = params.mid in book.unfit
    close = book.close[params.mid].to_numpy(dtype=float) * (NAN if unfit else 1.0)
    market = desk.total(params.market)
    nearness = np.full(len(close), NAN)
    for t in range(len(close)):
        before = close[max(0, t - params.window) : t]
        if len(before) == params.window and not np.isnan(before).any():
            nearness[t] = close[t] / before.max() - 1
    return {
        "price": nearness,
        "relative_strength": from_mean(desk.mid / desk.mega, params.rs_ma),
        "equal": from_mean(desk.total(params.equal_weight) / market, 50),
        "members": members_above(desk, params.breadth_ma[0]),
        "volume": balance(desk),
        "credit": change(desk.factors["credit"], QUARTER),
        "rates": change(desk.factors["rates"], QUARTER),
        "excess": walk(desk.mid, market, 126),
        "distance": sigmas(desk.mid, 200),
    }


def balance(desk: Desk) -> Line:
    volume = desk.book.volume[desk.params.mid].to_numpy(dtype=float)
    moved, out = daily(desk.mid), np.full(len(volume), NAN)
    for t in range(AHEAD - 1, len(volume)):
        rows = range(t - AHEAD + 1, t + 1)
        if all(volume[i] > 0 and not math.isnan(moved[i]) for i in rows):
            up = sum(volume[i] for i in rows if moved[i] > 0)
            down = sum(volume[i] for i in rows if moved[i] < 0)
            out[t] = (up - down) / sum(volume[i] for i in rows)
    return out


def look(desk: Desk, lines: dict[str, Line], name: str, t: int) -> Look:
    """One part as of one day, from nothing after it."""
    if name == "revisions":
        return revisions(desk, t)
    if name == "crowding":
        history = desk.params.crowding_years * YEAR
        parts = [percentile(lines[part][: t + 1], history, 2 * YEAR) for part in ("excess", "distance")]
        mean = (parts[0][0] + parts[1][0]) / 2
        return Look(1 - 2 * mean, mean, mean, min(n for _, n in parts))
    line = lines["members" if reads_members(desk, lines, t) else "equal"] if name == "breadth" else lines[name]
    rank, n = percentile(line[: t + 1], 5 * YEAR, YEAR)
    return Look((1 - 2 * rank) if name in AGAINST else (2 * rank - 1), line[t], rank, n)


def reads_members(desk: Desk, lines: dict[str, Line], t: int) -> bool:
    """Whether it is the note's own day, a list dated by then is held, and a percentile of its share known."""
    dated = desk.background.members_of
    if not dated or t < len(desk.days) - 1 or pd.Timestamp(dated) > desk.book.as_of:
        return False
    return not math.isnan(percentile(lines["members"][: t + 1], 5 * YEAR, YEAR)[0])


def revisions(desk: Desk, t: int) -> Look:
    """Raised less cut over both, by weight, of what was last told by then and is not too old."""
    day = desk.days[t]
    holdings, estimates = desk.background.holdings, desk.background.estimates
    if holdings.empty or estimates.empty:
        return Look(NAN, NAN, NAN, 0)
    own = holdings[(holdings["subject"] == desk.params.mid) & (holdings["as_of"] <= day)]
    if own.empty or (day - own["as_of"].max()).days > 45:
        return Look(NAN, NAN, NAN, 0)
    own = own[own["as_of"] == own["as_of"].max()]
    above, moved, n = 0.0, 0.0, 0
    for symbol, weight in zip(own["symbol"], own["weight"], strict=True):
        told = estimates[(estimates["subject"] == symbol) & (estimates["as_of"] <= day)]
        if told.empty or (day - told["as_of"].max()).days > 10:
            continue
        told = told[(told["as_of"] == told["as_of"].max()) & told["period"].isin(["0y", "+1y"])]
        up, down = told["up_30"].sum(), told["down_30"].sum()
        if up + down > 0:
            above, moved, n = above + weight * (up - down) / (up + down), moved + weight, n + 1
    value = above / moved if n else NAN
    return Look(value, value, NAN, n)


def added_up(values: dict[str, float], weights: dict[str, float], params: Any) -> tuple[float, float]:
    """The score of a day, and the share of the weights that its known parts have."""
    known = [name for name, value in values.items() if not math.isnan(value)]
    held = sum(weights[name] for name in known)
    covered = held / sum(weights.values())
    if not held:
        return NAN, covered
    score = round(sum(weights[name] * values[name] for name in known) / held, 12)  # adding up leaves dust
    return (max(-0.5, min(0.5, score)) if 100 * covered < params.coverage_min else score), covered


def word(score: float, cuts: list[float]) -> str | None:
    if math.isnan(score):
        return None
    mild, moderate, strong = cuts
    size = abs(score)
    if size < mild:
        return "neutral"
    return f"{'mildly' if size < moderate else 'moderately' if size < strong else 'strongly'} " + (
        "positive" if score > 0 else "negative"
    )


def worth(desk: Desk, days: list[Day]) -> None:
    """Probability, base rate and skill."""
    params, page = desk.params, desk.page
    key = {"horizon": AHEAD, "against": params.mega}
    good = [100 * day.covered >= params.coverage_min and not math.isnan(day.score) for day in days]
    p, base, windows = [], [], 0.0
    for i, day in enumerate(days):
        past = [
            (other.score, float(other.gained > 0))
            for j, other in enumerate(days[:i])
            if good[j] and other.place + AHEAD <= day.place and not math.isnan(other.gained)
        ]
        windows = len(past) / (AHEAD / EVERY)
        if windows < params.min_events_mean:
            p.append(NAN)
            base.append(NAN)
            continue
        s, won = np.array(past).T
        slope = ((s - s.mean()) * won).sum() / ((s - s.mean()) ** 2).sum()
        moved = windows / (windows + 100) * slope * (day.score - s.mean()) if good[i] else 0.0
        p.append(min(0.98, max(0.02, won.mean() + moved)))
        base.append(won.mean())
    n = math.floor(windows)
    page.put("score_probability", NAN if math.isnan(days[-1].score) else p[-1], key=key, n=n)
    page.put("score_base_rate", base[-1], key=key, n=n)

    alone = [i for i in range(len(days) - 1, -1, -1) if (days[-1].place - days[i].place) % AHEAD == 0][1:]
    pairs = pd.DataFrame([(days[i].score, days[i].gained) for i in alone if good[i]], columns=["s", "y"]).dropna()
    n, r, low, high = len(pairs), NAN, NAN, NAN
    if n >= 4:
        r = float(pairs["s"].rank().corr(pairs["y"].rank()))
    if n >= params.min_events_interval and not math.isnan(r):
        half = NormalDist().inv_cdf(1 - params.alpha / 2) * math.sqrt((1 + r * r / 2) / (n - 3))
        low, high = (math.tanh(math.atanh(r) + side * half) for side in (-1, 1))
    page.put("score_rank_ic", r if n >= params.min_events_mean else NAN, key=key, n=n, low=low, high=high)
    skill = "unknown" if math.isnan(low) else "positive" if low > 0 else "negative" if high < 0 else "none"
    page.put("score_skill", skill, key=key, n=n)

    own, other, told = 0.0, 0.0, 0
    for i in alone:
        if good[i] and not math.isnan(p[i]) and not math.isnan(days[i].gained):
            won = float(days[i].gained > 0)
            own, other, told = own + (p[i] - won) ** 2, other + (base[i] - won) ** 2, told + 1
    page.put("score_brier_skill", 1 - own / other if told >= params.min_events_mean else NAN, key=key, n=told)
