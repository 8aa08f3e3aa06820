"""The rest of the section risks a second time, in plain loops, from docs/methods.md: what moved it, crowding, measures.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from tests.sections import oracle_calls
from tests.sections.oracle import NAN, Page, _ordinary, believed, highest_before, week_ends
from tests.sections.oracle_risks import Intervals, events_of, reversals, scenarios, triggers
from tests.sections.oracle_risks_desk import Desk, H, Line, ahead, change, daily, newey_west

YEAR, FIVE_YEARS = 252, 1260
#: GICS names of the sectors that a fund stands for
SECTOR_OF = {
    "XLB": "Materials",
    "XLC": "Communication Services",
    "XLE": "Energy",
    "XLF": "Financials",
    "XLI": "Industrials",
    "XLK": "Information Technology",
    "XLP": "Consumer Staples",
    "XLRE": "Real Estate",
    "VNQ": "Real Estate",
    "XLU": "Utilities",
    "XLV": "Health Care",
    "XLY": "Consumer Discretionary",
}


def risks(desk: Desk, intervals: Intervals) -> Page:
    """Every finding of the section risks."""
    events = events_of(desk)
    reversals(desk, events)
    oracle_calls.reversals(desk.page, desk.book, desk.params, desk.mid, desk.mega, events)
    scenarios(desk, intervals)
    sensitivity(desk)
    triggers(desk, events)
    attribution(desk)
    flows(desk)
    catalyst(desk)
    revisions(desk)
    crowding(desk)
    measures(desk)
    due(desk)
    return desk.page


# --- rates, credit and the market -----------------------------------------------------------------------------------


def sensitivity(desk: Desk) -> None:
    params = desk.params
    y = ahead(desk.mid, H) / desk.mid - ahead(desk.mega, H) / desk.mega
    moved = [ahead(change(desk.factors[name], H), H) for name in ("rates", "credit")]
    n = int((~np.isnan(y) & ~np.isnan(moved).any(axis=0)).sum())
    enough = n / H >= params.min_events_mean
    fit, error = newey_west(y, moved, H)[:2] if enough else (np.full(3, NAN), np.full(3, NAN))
    z = NormalDist().inv_cdf(1 - params.alpha / 2)
    for at, factor in ((1, "rates"), (2, "credit")):
        value, half = 10 * fit[at], 10 * z * error[at]
        key = {"factor": factor, "per_bp": 10, "horizon": H}
        desk.page.put("sensitivity", value, key=key, n=n, low=value - half, high=value + half)


def over(line: Line, span: int) -> Line:
    """Return over `span` days."""
    return np.concatenate([np.full(span, NAN), line[span:] / line[:-span] - 1])


def attribution(desk: Desk) -> None:
    """Daily slopes of a year, times each factor's own move."""
    market = desk.total(desk.params.market)
    levels = {"rates": desk.factors["rates"], "credit": desk.factors["credit"]}
    y = (daily(desk.mid) - daily(desk.mega))[-YEAR:]
    x = np.column_stack([*(change(line, 1) for line in levels.values()), daily(market)])[-YEAR:]
    rows = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    n, slopes = int(rows.sum()), np.full(3, NAN)
    if n >= 126:
        slopes = np.linalg.lstsq(np.column_stack([np.ones(n), x[rows]]), y[rows], rcond=None)[0][1:]
    for window in (5, H):
        key = {"window": window}
        move = over(desk.mid, window) - over(desk.mega, window)
        own = [*(change(line, window) for line in levels.values()), over(market, window)]
        parts = [slope * moved for slope, moved in zip(slopes, own, strict=True)]
        left = move - sum(parts)
        # moves that lie within the year, added up from its days
        rest = np.where(rows, y - x @ slopes, NAN)
        sums = [
            np.array([line[i : i + window].sum() for i in range(len(y) - window + 1)])
            for line in (rest, np.where(rows, y, NAN))
        ]
        known = ~np.isnan(sums[0])
        share = 1 - np.var(sums[0][known]) / np.var(sums[1][known]) if known.any() else NAN
        desk.page.put("explained", max(0.0, share) if share == share else None, key=key, n=n)
        desk.page.put("attribution_move", move[-1], key=key)
        for factor, part in zip(("rates", "credit", "market", "unexplained"), [*parts, left], strict=True):
            desk.page.put("attribution", part[-1], key={"factor": factor, "window": window}, n=n)


# --- facts of the day -----------------------------------------------------------------------------------------------


def flows(desk: Desk) -> None:
    """Change of the shares counted, times the close before."""
    table, days = desk.background.shares, desk.days
    counts: dict[int, tuple[float, str]] = {}
    own = table[table["subject"] == desk.params.mid] if len(table) else table
    for row in own.itertuples():
        day = getattr(row, "date", row.as_of)
        place = int(days.searchsorted(day, side="right")) - 1  # a day off is the trading day before
        if row.as_of <= days[-1] and place >= 0 and row.shares > 0:
            counts[place] = (row.shares, row.basis)
    close, today = desk.book.close[desk.params.mid].tolist(), len(days) - 1
    for window in (5, H):
        held = [place for place in sorted(counts) if place <= today]
        before = [place for place in held if today - window - 3 <= place <= today - window]
        flow = NAN
        if len(counts) >= 20 and before and today - held[-1] <= 3:
            used = [place for place in held if place >= before[-1]]
            flow = sum((counts[b][0] - counts[a][0]) * close[b - 1] for a, b in zip(used, used[1:], strict=False))
            steps = [counts[b][0] / counts[a][0] for a, b in zip(used, used[1:], strict=False)]
            kinds = {counts[place][1] for place in used}
            if len(kinds) > 1 or any(abs(step - 1) > 0.3 for step in steps):
                flow = NAN
        desk.page.put("flow", flow, key={"window": window}, n=len(counts))
    desk.page.put("flow_days", len(counts))


def listed(desk: Desk) -> dict[str, float]:
    """Weights of the holdings last observed, none when that was more than 45 days ago."""
    table, today = desk.background.holdings, desk.days[-1]
    own = table[table["subject"] == desk.params.mid] if len(table) else table
    if own.empty or (today - own["as_of"].max()).days > 45:
        return {}
    last = own[own["as_of"] == own["as_of"].max()]
    return dict(zip(last["symbol"], last["weight"], strict=True))


def catalyst(desk: Desk) -> None:
    """Weight that reports within a trading day, and within 42 days."""
    weights, table, today = listed(desk), desk.background.events, desk.days[-1]
    calendar = pd.DatetimeIndex(desk.book.marks.index)
    place = int(calendar.get_loc(today))
    near, soon, dated = 0.0, 0.0, 0
    for symbol, weight in weights.items():
        own = table[table["subject"] == symbol] if len(table) else table
        shown: dict[pd.Timestamp, set[pd.Timestamp]] = {}
        for row in own.itertuples():
            shown.setdefault(row.as_of, set()).update([row.date] if row.event == "earnings" else [])
        if not any(shown.values()):
            continue
        dated += 1
        coming = {day for day in shown[max(shown)] if day >= today}
        # a date that has passed counts as the last observation made by then shows it
        passed = {
            day
            for day in set().union(*shown.values())
            if day < today and min(shown) <= day and day in shown[max(seen for seen in shown if seen <= day)]
        }
        near += weight * any(calendar[place - 1] <= day <= calendar[place + 1] for day in coming | passed)
        soon += weight * any(0 < (day - today).days <= 42 for day in coming)
    desk.page.put("reporting_weight", near if dated else None, key={"within": 1}, n=dated)
    desk.page.put("reporting_due", soon if dated else None, key={"within_days": 42}, n=dated)


def revisions(desk: Desk) -> None:
    """Analysts who raised less those who cut, over both, weighted."""
    weights, table, today = listed(desk), desk.background.estimates, desk.days[-1]
    above, moved, known, n = 0.0, 0.0, 0.0, 0
    for symbol, weight in weights.items():
        own = table[(table["subject"] == symbol) & table["period"].isin(["0y", "+1y"])] if len(table) else table
        if own.empty or (today - own["as_of"].max()).days > 10:
            continue
        last = own[own["as_of"] == own["as_of"].max()]
        up, down = last["up_30"].sum(), last["down_30"].sum()
        known += weight
        if up + down > 0:
            above, moved, n = above + weight * (up - down) / (up + down), moved + weight, n + 1
    desk.page.put("revision_breadth", above / moved if n else None, key={"over_days": 30}, n=n)
    desk.page.put("revision_weight", known or None, n=n)
    desk.page.put(
        "price_z", z_scores(desk.book.close[desk.params.mid].to_numpy(dtype=float), 63)[-1], key={"window": 63}
    )


# --- crowding -------------------------------------------------------------------------------------------------------


def percentile(line: Line, days: int, fewest: int) -> tuple[float, int]:
    """Of the last value among the last `days`, equal ones counting half."""
    known = line[-days:][~np.isnan(line[-days:])]
    if math.isnan(line[-1]) or len(known) < fewest:
        return NAN, len(known)
    now = line[-1]
    return float(((known < now).sum() + 0.5 * (known == now).sum()) / len(known)), len(known)


def sigmas(line: Line, window: int) -> Line:
    """Distance from the mean of the window in standard deviations of its days."""
    return z_scores(line, window)


def z_scores(line: Line, window: int) -> Line:
    out = np.full(len(line), NAN)
    for t in range(window - 1, len(line)):
        part = line[t - window + 1 : t + 1]
        spread = part.std(ddof=1)
        out[t] = (part[-1] - part.mean()) / spread if spread > 1e-12 * abs(part.mean()) else NAN
    return out


def walk(line: Line, market: Line, window: int) -> Line:
    """Excess over the market in standard deviations of a walk as long."""
    apart, out = daily(line) - daily(market), np.full(len(line), NAN)
    excess = over(line, window) - over(market, window)
    for t in range(window, len(line)):
        deviation = apart[t - window + 1 : t + 1].std(ddof=1)
        out[t] = excess[t] / (deviation * math.sqrt(window)) if deviation > 1e-12 else NAN
    return out


def comomentum(desk: Desk, leg: str) -> tuple[Line, int]:
    """Mean pairwise correlation of weekly residuals among the members of the leg's sector, week by week."""
    span, listing = desk.params.crowding_weeks, desk.background.members
    names = listing.loc[listing["sector"] == SECTOR_OF.get(leg, "none"), "symbol"].tolist() if len(listing) else []
    total = desk.background.members_total_return
    weeks = [day for day in week_ends(desk.book, desk.days) if len(total) and day >= total.index[0]]
    if not names or not weeks:
        return np.array([NAN]), 0
    own = daily(total[names].reindex(weeks).to_numpy(dtype=float))
    market = daily(pd.Series(desk.total(desk.params.market), index=desk.days)[weeks].to_numpy())
    out, n = np.full(len(weeks), NAN), 0
    for t in range(span, len(weeks)):
        other, block = market[t - span + 1 : t + 1], own[t - span + 1 : t + 1]
        block = block[:, ~np.isnan(block).any(axis=0)]
        n = block.shape[1]
        if n < 8:
            continue
        x = other - other.mean()
        block = block - block.mean(axis=0)
        left = block - np.outer(x, x @ block / (x @ x))
        table = np.corrcoef(left.T)
        out[t] = (table.sum() - n) / (n * (n - 1))
    return out, n


def crowding(desk: Desk) -> None:
    params, page = desk.params, desk.page
    market, bonds = desk.total(params.market), daily(desk.total(params.duration))
    history, scores = YEAR * params.crowding_years, {}
    apart = {params.mid, params.market, params.mega, *params.mega_checks, *params.winners}
    for leg in params.hedge_legs:
        line = desk.total(leg)
        together, members = comomentum(desk, leg)
        parts = {
            "comomentum": (percentile(together, 52 * params.crowding_years, 104)[0], members),
            "excess": percentile(walk(line, market, 126) if leg != params.market else line * NAN, history, 2 * YEAR),
            "distance": percentile(sigmas(line, 200), history, 2 * YEAR),
        }
        for part, (value, n) in parts.items():
            page.put("crowding_part", value, leg, {"part": part}, n=n)
        known = [value for value, _ in parts.values() if value == value]
        score = sum(known) / len(known) if known else NAN
        page.put("crowding", score, leg, n=len(known))
        beta = t = NAN
        if leg not in (params.market, params.duration):
            rows = slice(-params.beta_window, None)
            steps = daily(line)[rows], daily(market)[rows], bonds[rows]
            if (~np.isnan(steps).any(axis=0)).sum() >= params.beta_window // 2:
                fit, error, _ = newey_west(steps[0], [*steps[1:]], 5)
                beta, t = fit[2], fit[2] / error[2]
        page.put("duration_beta", beta, leg, {"window": params.beta_window})
        page.put("duration_t", t, leg, {"window": params.beta_window})
        if beta > 0 and score == score and leg not in apart:
            scores[leg] = score
    most = max(scores, key=scores.__getitem__, default=None)
    page.put("most_crowded", most + desk.book.suffix if most else None, n=len(scores))


# --- twelve measures ------------------------------------------------------------------------------------------------


def from_mean(line: Line, window: int) -> Line:
    out = np.full(len(line), NAN)
    for t in range(window - 1, len(line)):
        out[t] = line[t] / line[t - window + 1 : t + 1].mean() - 1
    return out


def basket(desk: Desk, symbols: list[str]) -> Line:
    """Equal parts of all its funds, rebalanced every day."""
    step = np.column_stack([daily(desk.total(symbol)) for symbol in symbols]).mean(axis=1)
    out, level = np.full(len(step), NAN), 1.0
    for t, value in enumerate(step):
        if value == value:
            level *= 1 + value
            out[t] = level
    first = int(np.argmin(np.isnan(out)))
    if first:
        out[first - 1] = 1.0
    return out


def members_above(desk: Desk, window: int) -> Line:
    """Share of the known members above their mean."""
    held, out = desk.background, np.full(len(desk.days), NAN)
    if held.member_bars.empty:
        return out
    tape, total = held.member_wide("close", "tape"), held.members_total_return
    high, low = held.member_wide("high", "tape"), held.member_wide("low", "tape")
    above, known = pd.Series(0, index=tape.index), pd.Series(0, index=tape.index)
    for symbol in tape.columns:
        first = tape[symbol].first_valid_index()
        ranged = first is not None and not math.isnan(high.at[first, symbol] + low.at[first, symbol])
        line = tape[symbol] if ranged else total[symbol]
        mean = line.rolling(window).mean()
        above += (line > mean).astype(int)
        known += mean.notna().astype(int)
    share = (above / known).where(known >= len(tape.columns) / 2)
    return share.reindex(desk.days).to_numpy(dtype=float)


def volume_multiples(desk: Desk) -> Line:
    """Volume over the median of the ordinary days before."""
    volume, window = desk.book.volume[desk.params.mid], desk.params.volume_windows[0]
    volume = volume.where(volume > 0)
    ordinary = _ordinary(volume, desk.book.marks)
    place = ordinary.index.searchsorted(desk.days)
    values = ordinary.to_numpy(dtype=float)
    usual = [float(np.median(values[at - window : at])) if at >= window else NAN for at in place]
    return volume.to_numpy(dtype=float) / np.array(usual)


def measures(desk: Desk) -> None:
    params, book = desk.params, desk.book
    market, close = desk.total(params.market), book.close[params.mid].to_numpy(dtype=float)
    move = daily(desk.mid)
    volatility = np.array([NAN] * 63 + [move[t - 62 : t + 1].std(ddof=1) for t in range(63, len(move))])
    found: dict[str, tuple[str, Line]] = {
        "ratio_mean": ("fraction", from_mean(desk.mid / desk.mega, params.rs_ma)),
        "excess": ("points", over(desk.mid, 126) - over(market, 126)),
        "equal_weight": ("fraction", from_mean(desk.total(params.equal_weight) / market, 50)),
        "members": ("fraction", members_above(desk, params.breadth_ma[0])),
        "winners_losers": ("fraction", from_mean(basket(desk, params.winners) / basket(desk, params.losers), 50)),
        "nearness": ("fraction", close / highest_before(believed(book, params.mid, 1)[0], params.window)),
        "price_z": ("score", z_scores(close, 63)),
        "mean_distance": ("score", sigmas(desk.mid, 200)),
        "volatility": ("fraction", volatility * math.sqrt(YEAR)),
        "volume": ("multiple", volume_multiples(desk)),
        "rates": ("bp", desk.factors["rates"]),
        "credit": ("bp", change(desk.factors["credit"], 63)),
    }
    for name, (unit, line) in found.items():
        key = {"measure": name}
        desk.page.put(f"measure_{unit}", line[-1], key=key)
        value, n = percentile(line, FIVE_YEARS, YEAR)
        desk.page.put("measure_percentile", value, key=key, n=n)


def due(desk: Desk) -> None:
    """Next date of each dated event within six weeks after the note's day."""
    table: Any = desk.background.agenda
    for event, source in dict.fromkeys(zip(table["event"], table["source"], strict=True)):
        rows = table[(table["event"] == event) & (table["source"] == source)]
        dates = [day for day in pd.to_datetime(rows["date"]) if 0 < (day - desk.book.as_of).days <= 42]
        if dates:
            desk.page.put("due", min(dates), key={"event": event, "source": source})
