"""Every finding of the section hedge a second time, in plain loops, from docs/methods.md.

Nothing here comes from `helpers.evidence` or `helpers.sections`: what both agree on was written down twice.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tests.sections import oracle_calls
from tests.sections.oracle import NAN, Book, Page, plain, ranges_of, today_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside the package, met while it is imported
    import statsmodels.api as sm

YEAR = 252
FIVE_YEARS = 1260
FEWEST = 252


@dataclass(frozen=True)
class Macro:
    """Levels in basis points on every trading day, NaN where unknown."""

    rates: list[float]
    credit: list[float]


def is_known(*values: float) -> bool:
    return not any(math.isnan(value) for value in values)


def changes(line: list[float], *, relative: bool) -> list[float]:
    """From one trading day to the next, NaN where either is unknown."""
    out = [NAN]
    for before, now in zip(line, line[1:], strict=False):
        out.append((now / before - 1 if relative else now - before) if is_known(before, now) else NAN)
    return out


def variance(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def slope(pairs: list[tuple[float, float, float]]) -> float:
    """Of y on x with weights; triples of y, x, weight. NaN where x does not move."""
    total = math.fsum(w for _, _, w in pairs)
    mean_y = math.fsum(w * y for y, _, w in pairs) / total
    mean_x = math.fsum(w * x for _, x, w in pairs) / total
    above = math.fsum(w * (y - mean_y) * (x - mean_x) for y, x, w in pairs)
    below = math.fsum(w * (x - mean_x) ** 2 for _, x, w in pairs)
    return above / below if below else NAN


def ratios(mid: list[float], leg: list[float], window: int, method: str) -> list[float]:
    """Of each day, out of the days before it."""
    out = [NAN] * len(mid)
    for day in range(1, len(mid)):
        if method == "dollar":
            out[day] = 1.0 if any(map(is_known, mid[:day])) and any(map(is_known, leg[:day])) else NAN
            continue
        half_life = 42 if method == "ewma" else math.inf
        days = range(max(0, day - window), day)
        pairs = [(mid[i], leg[i], 0.5 ** ((day - 1 - i) / half_life)) for i in days if is_known(mid[i], leg[i])]
        if len(pairs) < max(21, window // 2):
            continue
        n = math.fsum(w for _, _, w in pairs) ** 2 / math.fsum(w * w for _, _, w in pairs)
        share = n / (n + 126)
        out[day] = min(max(share * slope(pairs) + 1 - share, 0.0), 2.0)
    return out


def hundredths(values: list[float], share: float) -> float:
    """Quantile with straight lines between the sorted values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def deepest(returns: list[float]) -> float:
    value, peak, worst = 1.0, 1.0, 0.0
    for step in returns:
        if is_known(step):
            value *= 1 + step
        peak = max(peak, value)
        worst = min(worst, value / peak - 1)
    return worst


def beta(returns: list[float], factor: list[float]) -> tuple[float, int]:
    pairs = [(y, x, 1.0) for y, x in zip(returns, factor, strict=True) if is_known(y, x)]
    return (slope(pairs) if len(pairs) >= FEWEST else NAN), len(pairs)


def removed(alone: list[float], hedged: list[float]) -> tuple[float, int]:
    days = [i for i, value in enumerate(hedged) if is_known(value)]
    if len(days) < FEWEST:
        return NAN, len(days)
    return 1 - variance([hedged[i] for i in days]) / variance([alone[i] for i in days]), len(days)


# --- the section ----------------------------------------------------------------------------------------------------


class Desk:
    """Returns of the fund and factors, and what is put on the page."""

    def __init__(self, book: Book, macro: Macro, dividend: pd.DataFrame, params: Any) -> None:
        self.book, self.params, self.dividend = book, params, dividend
        self.page = Page("hedge", params.mid, book.suffix)
        self.mid = self.returns(params.mid)
        self.factors = {
            "market": self.returns(params.market),
            "rates": changes(macro.rates, relative=False),
            "credit": changes(macro.credit, relative=False),
        }

    def returns(self, symbol: str) -> list[float]:
        line = self.book.total_return
        known = symbol in line and symbol not in self.book.unfit
        return changes(line[symbol].tolist(), relative=True) if known else [NAN] * len(line)

    def beta(self, returns: list[float], factor: str, span: int | None = FIVE_YEARS) -> tuple[float, int]:
        first = -span if span else 0
        found, n = beta(returns[first:], self.factors[factor][first:])
        return (found if factor == "market" else found * 1e5), n

    def bounds(self, returns: list[float], factor: str) -> tuple[float, float]:
        """Interval of the beta over five years, by another library's Newey-West errors."""
        pairs = zip(self.factors[factor][-FIVE_YEARS:], returns[-FIVE_YEARS:], strict=True)
        known = np.array([pair for pair in pairs if is_known(*pair)])
        if len(known) < FEWEST:
            return NAN, NAN
        fit = sm.OLS(known[:, 1], sm.add_constant(known[:, 0])).fit(
            cov_type="HAC", cov_kwds={"maxlags": 5}, use_t=False
        )
        low, high = fit.conf_int(self.params.alpha)[1] * (1.0 if factor == "market" else 1e5)
        return float(low), float(high)


def hedge(book: Book, macro: Macro, dividend: pd.DataFrame, params: Any) -> Page:
    """Every finding of the section."""
    desk = Desk(book, macro, dividend, params)
    shares, held = {}, {}
    for leg in params.hedge_legs:
        *shares[leg], held[leg] = _leg(desk, leg)
    _alone(desk)
    useful = {leg: found for leg, found in shares.items() if found[0] > 0}
    best = max(useful, key=lambda leg: useful[leg][0], default=None)
    desk.page.put("best_leg", best + book.suffix if best else None, n=useful[best][1] if best else None)
    oracle_calls.hedge(desk.page, params, desk.mid, held, best)
    _size(desk)
    return desk.page


def _leg(desk: Desk, leg: str) -> tuple[float, int, tuple[list[float], list[float]]]:
    params, mid, page = desk.params, desk.mid, desk.page
    short = desk.returns(leg) if leg != params.mid else [NAN] * len(mid)
    ratio = ratios(mid, short, params.beta_window, params.hedge_method)
    if not any(map(is_known, short[-5:])) or not is_known(ratio[-1]):
        short = ratio = [NAN] * len(mid)
    hedged = [own - r * other for own, r, other in zip(mid, ratio, short, strict=True)]
    alone = [own if is_known(position) else NAN for own, position in zip(mid, hedged, strict=True)]
    key = {"leg": leg + desk.book.suffix}

    band = [value for value in ratio[-FIVE_YEARS:] if is_known(value)]
    low, high = (hundredths(band, 0.05), hundredths(band, 0.95)) if len(band) >= FEWEST else (None, None)
    settings = {"method": params.hedge_method, "window": params.beta_window}
    page.put("ratio", ratio[-1], key={**key, **settings}, n=len(band), low=low, high=high)
    share, n = removed(mid[-FIVE_YEARS:], hedged[-FIVE_YEARS:])
    page.put("variance_removed", share, key=key, n=n)
    share_all, n_all = removed(mid, hedged)
    page.put("variance_removed_all", share_all, key=key, n=n_all)
    names = {"market": "market_beta", "rates": "rate_beta", "credit": "credit_beta"}
    bounds = {factor: desk.bounds(hedged, factor) for factor in names}
    for factor, name in names.items():
        found, n_found = desk.beta(hedged, factor)
        low, high = map(plain, bounds[factor])
        page.put(name, found, key=key, n=n_found, low=low, high=high)
    of_all, n_all = desk.beta(hedged, "rates", None)
    page.put("rate_beta_all", of_all, key=key, n=n_all)
    page.put("drawdown", deepest(hedged[-FIVE_YEARS:]) if n >= FEWEST else None, key=key, n=n)
    before = {factor: abs(desk.beta(alone, factor)[0]) for factor in ("market", "rates")}
    after = {factor: max(bounds[factor][0], -bounds[factor][1]) for factor in before}
    if not is_known(share):
        second = None
    elif share <= 0 or any(after[factor] > before[factor] for factor in before):
        second = True
    else:
        second = False if is_known(*before.values(), *after.values()) else None
    page.put("second_bet", second, key=key, n=n)
    _carry(desk, leg, ratio, key)
    return share, n, (short, ratio)


def _carry(desk: Desk, leg: str, ratio: list[float], key: Mapping[str, Any]) -> None:
    params = desk.params
    moves = [abs(value) for value in changes(ratio, relative=False)[-YEAR:]]
    parts = {
        "dividend": _yield(desk, params.mid),
        "short_dividend": -ratio[-1] * _yield(desk, leg) if leg != params.mid else NAN,
        "borrow": -ratio[-1] * params.borrow_fee / 10_000,
        "trading": -(2 + 2 * ratio[-1] + math.fsum(moves)) * params.trading_cost / 10_000,
    }
    settings = {**key, "borrow_fee": params.borrow_fee, "trading_cost": params.trading_cost}
    for part, value in parts.items():
        desk.page.put("carry_part", value, key={**settings, "part": part})
    desk.page.put("carry", math.fsum(parts.values()) if is_known(*parts.values()) else NAN, key=settings)


def _yield(desk: Desk, symbol: str) -> float:
    if symbol not in desk.dividend or symbol in desk.book.unfit:
        return NAN
    paid = desk.dividend[symbol].tolist()[-YEAR:]
    if len(paid) < YEAR or not is_known(*paid):
        return NAN
    return math.fsum(paid) / float(desk.book.close[symbol].iloc[-1])


def _alone(desk: Desk) -> None:
    mid = desk.mid
    known = sum(map(is_known, mid[-FIVE_YEARS:]))
    desk.page.put("unhedged_drawdown", deepest(mid[-FIVE_YEARS:]) if known >= FEWEST else None, n=known)
    for name, factor, span in (
        ("unhedged_market_beta", "market", FIVE_YEARS),
        ("unhedged_rate_beta", "rates", FIVE_YEARS),
        ("unhedged_rate_beta_all", "rates", None),
        ("unhedged_credit_beta", "credit", FIVE_YEARS),
    ):
        value, n = desk.beta(mid, factor, span)
        desk.page.put(name, value, n=n)


def _size(desk: Desk) -> None:
    params, book, page = desk.params, desk.book, desk.page
    recent = [value for value in desk.mid[-68:] if is_known(value)][-63:]
    volatility = math.sqrt(variance(recent) * YEAR) if len(recent) == 63 else NAN
    page.put("volatility", volatility, key={"window": 63}, n=len(recent))
    settings = {"vol_target": params.vol_target, "max_leverage": params.max_leverage}
    size = min(params.vol_target / 100 / volatility, params.max_leverage) if volatility > 0 else NAN
    page.put("size", size, key=settings, n=len(recent))

    today = today_of(book, params)
    loss = -params.stop_atr * _average_range(today) / today.last
    page.put("entry", today.last)
    page.put("has_stop", is_known(loss))
    opened, close = book.open[params.mid].tolist(), book.close[params.mid].tolist()
    nights = [now / before - 1 for before, now in zip(close, opened[1:], strict=False) if is_known(before, now)]
    gap = hundredths(nights, 0.01) if len(nights) >= FEWEST else NAN
    page.put("gap", gap, n=len(nights))
    key = {**settings, "stop_atr": params.stop_atr}
    page.put("loss_at_stop_sized", size * loss, key=key)
    page.put("loss_through_gap", size * ((1 + loss) * (1 + gap) - 1), key=key, n=len(nights))


def _average_range(today: Any) -> float:
    """Wilder's: the mean of the first 20 known ranges, then each later one with weight 1/20."""
    known = [r for r in ranges_of(today.highs, today.lows, today.closes) if is_known(r)]
    if len(known) < 20:
        return NAN
    average = math.fsum(known[:20]) / 20
    for value in known[20:]:
        average += (value - average) / 20
    return average
