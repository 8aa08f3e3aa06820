"""Every finding of the section breadth a second time, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`: what both agree on was written
down twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tests.sections.oracle import NAN, YEAR, Book, Page, believed, high_days, highest_before, mean_of_last, wilson
from tests.sections.oracle_pieces import Counts, Members, counted, events_of, fading_mean, hac, steps

HOLD = 3
NEAR = 21
FEWEST_RETURNS = 30
CONDITIONS = ("mid_mega_high", "equal_weight", "members", "net_new_highs", "cyclical_defensive")
SCORED = (21, 63, 126)


class Told(Page):
    """The section's findings, and the verdict of every day."""

    verdicts: list[str | None]


def over(line: np.ndarray, window: int) -> float:
    """Return of the last `window` days."""
    return line[-1] / line[-1 - window] - 1 if len(line) > window else NAN


# --- members --------------------------------------------------------------------------------------------------------


def _members(page: Page, book: Book, members: Members, counts: Counts, params: Any) -> None:
    listed, days = len(members.symbols), book.close.index
    last = members.total_return.reindex(days).iloc[-1].notna().to_numpy()
    weights = np.nan_to_num(np.array(members.weights, dtype=float))
    if not weights.sum() > 0:
        weights = np.ones(listed)
    # before the members' first bar nothing is known, not even how many are
    is_known = len(members.close) > 0 and days[-1] >= members.close.index[0]

    def number(counts_of: np.ndarray) -> int | None:
        return int(counts_of[-1]) if is_known else None

    page.put("members_listed", listed or None)
    page.put("members_held", int(last.sum()) if listed else None, n=listed or None)
    page.put("weight_held", weights[last].sum() / weights.sum() if listed else None)
    page.put("list_date", members.dated or None)
    # the verdict reads the share of 50 days, and every number read comes from a finding
    for window in dict.fromkeys([*params.breadth_ma, 50]):
        share = counts.above[window]
        page.put("above_mean", share[-1], key={"window": window}, n=number(counts.above_known[window]))
        recent = share[-63:]
        lowest = np.nanmin(recent) if not math.isnan(share[-1]) else NAN
        at = [day for day, value in zip(days[-63:], recent, strict=True) if value == lowest]
        key = {"window": window, "within": 63}
        page.put("above_mean_low", lowest, key=key)
        page.put("above_mean_low_date", max(at, default=None), key=key)
    highs, lows, net = counts.highs, counts.lows, counts.highs - counts.lows
    key, n = {"window": YEAR}, number(counts.range_known)
    page.put("new_highs", highs[-1], key=key, n=n)
    page.put("new_lows", lows[-1], key=key, n=n)
    page.put("net_new_highs", net[-1], key=key, n=n)
    either = highs[-1] + lows[-1]
    page.put("record_high_share", highs[-1] / either if either > 0 else None, key=key)
    key = {**key, "over": 10}
    page.put("net_new_highs_mean", net[-10:].mean(), key=key)
    page.put("net_new_highs_change", net[-10:].mean() - net[-20:-10].mean(), key=key)
    advances = counts.net_advances
    page.put("net_advances", advances[-1], n=number(counts.advances_known))
    page.put("advance_decline", advances[-21:].sum(), key={"over": 21})
    known = not math.isnan(advances[-1])
    page.put("mcclellan", 1000 * (fading_mean(advances, 19) - fading_mean(advances, 39)) if known else None)


# --- ratios, baskets ------------------------------------------------------------------------------------------------


def basket(total: pd.DataFrame, funds: list[str]) -> np.ndarray:
    """Equal parts rebalanced every day, 1 on the first day of the youngest fund; NaN on a day that one of them lacks.

    As in total return, the step after a hole starts from the last known value.
    """
    lines = total[list(funds)].to_numpy()
    out = np.full(len(total), NAN)
    known = ~np.isnan(lines)
    if not known.any(axis=0).all():
        return out
    start = int(known.argmax(axis=0).max())
    last, value = lines[: start + 1].copy()[-1], 1.0
    for day in range(start, len(total)):
        now = np.where(known[day], lines[day], last)
        value *= float((now / last).mean())
        out[day] = value if known[day].all() else NAN
        last = now
    return out


def beta_and_rest(line: np.ndarray, market: np.ndarray, window: int = 126) -> tuple[float, float, int]:
    """Slope of daily returns on the market's, what the market leaves of the return over the same days; days held."""
    y, x = steps(line)[-window:], steps(market)[-window:]
    beta = ((y - y.mean()) * (x - x.mean())).sum() / ((x - x.mean()) ** 2).sum()
    held = int((~np.isnan(line) & ~np.isnan(market))[1:][-window:].sum())
    return beta, over(line, window) - beta * over(market, window), held


def scores(total: pd.DataFrame, market: np.ndarray, funds: list[str]) -> dict[str, float]:
    """Mean over three windows of the rank of excess over its own volatility: 0 last, 1 first."""
    ranks: dict[str, list[float]] = {fund: [] for fund in funds}
    for window in SCORED:
        scaled = {}
        for fund in funds:
            line = total[fund].to_numpy()
            daily = (steps(line) - steps(market))[-window:]
            scaled[fund] = (over(line, window) - over(market, window)) / daily.std(ddof=1)
        known = {fund: value for fund, value in scaled.items() if not math.isnan(value)}
        for fund, value in known.items():
            below = sum(other < value for other in known.values())
            equal = sum(other == value for other in known.values()) - 1
            ranks[fund].append((below + equal / 2) / (len(known) - 1))
    return {fund: sum(found) / len(SCORED) if len(found) == len(SCORED) else NAN for fund, found in ranks.items()}


def _baskets(page: Page, total: pd.DataFrame, lines: Mapping[str, np.ndarray], params: Any) -> None:
    market = total[params.market].to_numpy()
    baskets = {"winners": list(params.winners), "losers": list(params.losers), "quality": [params.quality]}
    score = scores(total, market, list(dict.fromkeys(fund for funds in baskets.values() for fund in funds)))
    residual, mean_score = {}, {}
    for name, funds in baskets.items():
        line, key = lines[name], {"basket": name}
        begins = [total[fund].first_valid_index() for fund in funds]
        page.put("basket_from", None if None in begins else max(begins), key=key)
        for window in SCORED:
            page.put("basket_excess", over(line, window) - over(market, window), key={**key, "window": window})
        beta, residual[name], held_days = beta_and_rest(line, market)
        page.put("basket_beta", beta, key={**key, "window": 126}, n=held_days)
        page.put("basket_residual", residual[name], key={**key, "window": 126}, n=held_days)
        known = [score[fund] for fund in funds if not math.isnan(score[fund])]
        mean_score[name] = sum(known) / len(known) if known else NAN
        page.put("basket_score", mean_score[name], key=key, n=len(known))
        for fund in funds:
            own = total[fund].to_numpy()
            page.put("fund_score", score[fund], fund, key)
            page.put("fund_excess", over(own, 63) - over(market, 63), fund, {**key, "window": 63})
            page.put("fund_residual", beta_and_rest(own, market)[1], fund, {**key, "window": 126})
    page.put("rotation_residual", residual["winners"] - residual["losers"], key={"window": 126})
    page.put("rotation_score", mean_score["winners"] - mean_score["losers"])


# --- the verdict ----------------------------------------------------------------------------------------------------

#: of one condition and day: met as of the day alone, beyond the upper end of the band, beyond the lower; None unknown
Reading = tuple[bool, bool, bool] | None


def held(readings: list[Reading]) -> list[bool | None]:
    """With the band, off at the start, and changed after three days alike; unknown until the first three."""
    banded, state, out = False, None, []
    run: list[bool] = []
    for reading in readings:
        if reading is None:
            out.append(None)
            continue
        _, on, off = reading
        banded = True if on else False if off else banded
        run = [*run[-HOLD + 1 :], banded]
        if len(run) == HOLD and len(set(run)) == 1:
            state = banded
        out.append(state)
    return out


def _mean_reading(line: np.ndarray, day: int, window: int = 50) -> Reading:
    recent = line[max(0, day - window + 1) : day + 1]
    if len(recent) < window or np.isnan(recent).any():
        return None
    distance = line[day] / recent.mean() - 1
    return bool(distance > 0), bool(distance >= 0.01), bool(distance <= -0.01)


def _high_reading(line: np.ndarray, day: int, window: int = 63) -> Reading:
    before = line[max(0, day - window) : day]
    if len(before) < window or np.isnan(before).any() or math.isnan(line[day]):
        return None
    above = bool(line[day] > before.max())
    return above, above, bool(line[day] <= 0.98 * before.max())


def _share_reading(share: float) -> Reading:
    return None if math.isnan(share) else (bool(share >= 0.60), bool(share >= 0.61), bool(share <= 0.59))


def _net_reading(net: np.ndarray, known: np.ndarray, day: int) -> Reading:
    if day < 19 or np.isnan(net[day - 19 : day + 1]).any():
        return None
    # ten-day sums of whole numbers: a mean of nil is nil, and 2 % of the members are met when they are reached
    total, before = int(net[day - 9 : day + 1].sum()), int(net[day - 19 : day - 9].sum())
    change, members = total - before, int(known[day])
    met = total > 0 and change > 0
    return met, 5 * total >= members and 5 * change >= members, not met


def verdict_of(states: list[bool | None]) -> str | None:
    if states[0] is None and states[1] is None:
        return None
    met = [state is True for state in states]
    if not any(met):
        return "narrow"
    if not (met[0] or met[1]):
        return "recovering"
    return "broadening" if sum(met) >= 3 else "mixed"


def _verdict(page: Told, book: Book, lines: Mapping[str, np.ndarray], counts: Counts) -> None:
    days = range(len(book.close))
    net = counts.highs - counts.lows
    readings = {
        "mid_mega_high": [_high_reading(lines["mid_mega"], day) for day in days],
        "equal_weight": [_mean_reading(lines["equal_weight"], day) for day in days],
        "members": [_share_reading(counts.above[50][day]) for day in days],
        "net_new_highs": [_net_reading(net, counts.range_known, day) for day in days],
        "cyclical_defensive": [_mean_reading(lines["cyclical_defensive"], day) for day in days],
    }
    states = {name: held(readings[name]) for name in CONDITIONS}
    for name in CONDITIONS:
        today = readings[name][-1]
        page.put("condition", states[name][-1], key={"condition": name})
        page.put("condition_now", None if today is None else today[0], key={"condition": name})
    now = [states[name][-1] for name in CONDITIONS]
    known = sum(state is not None for state in now)
    page.put("conditions_met", sum(state is True for state in now) if known else None, n=known)
    verdicts = [verdict_of([states[name][day] for name in CONDITIONS]) for day in days]
    page.verdicts = verdicts
    changes = [
        day for day in days if day and None not in verdicts[day - 1 : day + 1] and verdicts[day] != verdicts[day - 1]
    ]
    page.put("verdict", verdicts[-1])
    known_today = verdicts[-1] is not None
    page.put("verdict_since", book.close.index[changes[-1]] if changes and known_today else None)
    year = sum(day >= len(days) - YEAR for day in changes)
    known_year = len(days) > YEAR and None not in verdicts[-YEAR - 1 :]
    page.put("flips", year if known_year else None, key={"window": YEAR})


# --- the market's own high, fund or members first -------------------------------------------------------------------


def _market_high(page: Page, book: Book, params: Any) -> None:
    line = believed(book, params.market, 1)[0]
    made = high_days(line, params.window, params.strict)
    known = ~np.isnan(highest_before(line, params.window)) & line.notna().to_numpy()
    event, _ = events_of(book, params.mid, params)
    near, base = [], []
    for day in range(NEAR, len(made) - NEAR):
        span = slice(day - NEAR, day + NEAR + 1)
        if not known[span].all():
            continue
        base.append(any(made[span]))
        if event[day]:
            near.append(any(made[span]))
    low, high = wilson(sum(near), len(near)) if near else (None, None)
    key = {"within": NEAR}
    page.put("market_high_near", sum(near) / len(near) if near else None, key=key, n=len(near), low=low, high=high)
    page.put("market_high_base", sum(base) / len(base) if base else None, key=key, n=len(base))


def _lead(page: Page, book: Book, members: Members, total: pd.DataFrame, params: Any) -> None:
    fund = steps(total[params.mid].to_numpy())
    lines = members.total_return.reindex(total.index).to_numpy()
    moved = np.vstack([np.full(lines.shape[1], NAN), lines[1:] / lines[:-1]])
    moved[(moved > 4) | (moved < 0.25)] = NAN
    known = (~np.isnan(moved)).sum(axis=1)
    listed = len(members.symbols)
    enough = (known > 0) & (2 * known >= listed)
    mean = np.where(enough, np.nansum(moved - 1, axis=1) / np.maximum(known, 1), NAN)
    for lag in range(-3, 4):
        pairs = [
            (fund[day], mean[day + lag])
            for day in range(len(fund))
            if 0 <= day + lag < len(fund) and not math.isnan(fund[day] + mean[day + lag])
        ]
        found = np.corrcoef(np.array(pairs).T)[0, 1] if len(pairs) >= FEWEST_RETURNS else NAN
        page.put("lead_lag", found, key={"lag": lag}, n=len(pairs))
    t = {}
    for direction, led, leads in (("fund_first", mean, fund), ("members_first", fund, mean)):
        y, own, other = led[1:], led[:-1], leads[:-1]
        n = int((~np.isnan(y + own + other)).sum())
        if n >= FEWEST_RETURNS:
            coefficients, errors, n = hac(y, [other, own], 5)
            t[direction] = coefficients[1] / errors[1]
        page.put("lead_t", t.get(direction), key={"direction": direction}, n=n)
    shown = {direction: value for direction, value in t.items() if abs(value) >= 1.96}
    first = [direction for direction, value in shown.items() if value > 0]
    word = first[0].replace("_", " ") if len(first) == len(shown) == 1 else "neither"
    page.put("who_leads", word if t else None)


def breadth(book: Book, members: Members, params: Any) -> Told:
    """Every finding of the section."""
    page = Told("breadth", params.mid, book.suffix)
    total = book.total_return.copy()
    for symbol in book.unfit:
        total[symbol] = NAN
    counts = counted(book, members, params)
    _members(page, book, members, counts, params)
    pairs = {
        "mid_mega": (params.mid, params.mega),
        "equal_weight": (params.equal_weight, params.market),
        "small": (params.small, params.market),
        "quality": (params.quality, params.market),
        "value_growth": (params.value, params.growth),
        "quality_growth": (params.quality, params.growth),
    }
    sides = {role: tuple(total[symbol].to_numpy() for symbol in pair) for role, pair in pairs.items()}
    baskets = {"winners": params.winners, "losers": params.losers, "quality": [params.quality]}
    in_baskets = {name: basket(total, list(funds)) for name, funds in baskets.items()}
    sides["cyclical_defensive"] = in_baskets["winners"], in_baskets["losers"]
    lines = {role: first / second for role, (first, second) in sides.items()}
    for role, (first, second) in sides.items():
        name = "/".join(symbol + book.suffix for symbol in pairs[role]) if role in pairs else "winners/losers"
        key = {"ratio": name, "role": role}
        mean = mean_of_last(pd.Series(lines[role]), 50)
        page.put("ratio_mean_distance", lines[role][-1] / mean - 1, key={**key, "window": 50})
        for window in (21, 63, 252):
            page.put("ratio_change", over(first, window) - over(second, window), key={**key, "window": window})
        if role == "mid_mega":
            before = lines[role][-64:-1]
            distance = lines[role][-1] / before.max() - 1 if len(before) == 63 else NAN
            page.put("ratio_high_distance", distance, key={**key, "window": 63})
    _verdict(page, book, lines, counts)
    _baskets(page, total, in_baskets, params)
    _market_high(page, book, params)
    _lead(page, book, members, total, params)
    return page
