"""Findings of the section risks a second time, in plain loops, from docs/methods.md: reversals, scenarios, triggers.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`. Draws are not made again: a word
that rests on an interval is judged for the interval stated, which the test holds against draws of its own (`drawn`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tests.sections.oracle import NAN, believed, highest_before, ranges_of
from tests.sections.oracle_risks_desk import Desk, H, Line, ahead, change, corrected, drawn, newey_west, placebo, wilson

SCENARIOS = {"rates_up": "rates", "credit_wider": "credit", "spread_wider": "spread", "claims_up": "claims"}
CLAIMS_RISE = 0.05
#: interval stated, by timing and scenario
Intervals = Mapping[tuple[str, str], tuple[float | None, float | None]]


# --- reversals ------------------------------------------------------------------------------------------------------


class Event(NamedTuple):
    place: int
    level: float
    warning: float


def events_of(desk: Desk) -> list[Event]:
    """First closes above the highest high after a quiet gap seen in full, with the price that would undo each."""
    book, params = desk.book, desk.params
    high, low = believed(book, params.mid, 1)[0], believed(book, params.mid, -1)[0]
    close = book.close[params.mid].tolist()
    level = highest_before(high, params.window).tolist()
    above = [c > b for c, b in zip(close, level, strict=True)]
    ranges = ranges_of(high, low, book.close[params.mid])
    out, average, first = [], NAN, []
    for i, width in enumerate(ranges):
        if width == width:
            first.append(width)
            average = sum(first) / 20 if len(first) == 20 else average + (width - average) / 20
        seen = i >= params.quiet_gap and not any(map(math.isnan, level[i - params.quiet_gap : i + 1]))
        if above[i] and seen and not any(above[i - params.quiet_gap : i]):
            out.append(Event(i, level[i], level[i] - params.atr_multiple * average))
    return out


def reversals(desk: Desk, events: list[Event]) -> None:
    params, span = desk.params, 30
    close = desk.book.close[params.mid].to_numpy(dtype=float)
    everyday = range(len(close))

    def excess(i: int, _: float) -> bool | None:
        fund, other = desk.mid[i : i + span + 1], desk.mega[i : i + span + 1]
        behind = fund / fund[0] - other / other[0]
        return None if np.isnan(behind).any() else bool(behind.min() <= params.reversal_excess / 100)

    def drawdown(i: int, _: float) -> bool | None:
        fall = desk.mid[i : i + span + 1] / desk.mid[i] - 1
        return None if np.isnan(fall).any() else bool(fall.min() <= params.reversal_drawdown / 100)

    def level(i: int, warning: float) -> bool | None:
        after = close[i + 1 : i + span + 1]
        return None if np.isnan(after).any() or math.isnan(warning) else bool(after.min() < warning)

    for rule, judged in (("excess", excess), ("level", level), ("drawdown", drawdown)):
        key = {"rule": rule, "horizon": span}
        found = [judged(e.place, e.warning) for e in events if e.place + span < len(close)]
        known = [flag for flag in found if flag is not None]
        k, n = sum(known), len(known)
        if n >= params.min_events_mean:
            low, top = wilson(k, n, NormalDist().inv_cdf(1 - params.alpha / 2))
            desk.page.put("reversal", k / n, key=key, n=n, low=low, high=top)
        else:
            desk.page.put("reversal", None, key=key, n=n, low=NAN, high=NAN)
        if rule != "level":
            found = [judged(i, NAN) for i in everyday if i + span < len(close)]
            known = [flag for flag in found if flag is not None]
            share = sum(known) / len(known) if known else None
            desk.page.put("reversal_base", share, key=key, n=len(known))


# --- scenarios ------------------------------------------------------------------------------------------------------


class Study(NamedTuple):
    """The days on which outcome and state are known."""

    y: Line
    met: npt.NDArray[np.bool_]
    fell: npt.NDArray[np.bool_]
    days: pd.DatetimeIndex

    def effective(self) -> float:
        """The fewer of the windows that do not overlap, met or not."""
        return min(self.met.sum(), (~self.met).sum()) / H

    def difference(self) -> float:
        return self.y[self.met].mean() - self.y[~self.met].mean()

    def part(self, rows: Any) -> Study:
        return Study(self.y[rows], self.met[rows], self.fell[rows], self.days[rows])


def study(desk: Desk, scenario: str, timing: str) -> Study:
    params, factor = desk.params, desk.factors[SCENARIOS[scenario]]
    shock = {"rates": params.rate_shock, "claims": CLAIMS_RISE}.get(SCENARIOS[scenario], params.credit_shock)
    state = factor if scenario == "claims_up" else change(factor, H)
    state = ahead(state, H) if timing == "scenario" else state
    y = ahead(desk.mid, H) / desk.mid - ahead(desk.mega, H) / desk.mega
    lowest = np.full(len(y), NAN)
    for t in range(len(y) - H):
        lowest[t] = desk.mid[t + 1 : t + H + 1].min()
    fell = lowest / desk.mid - 1 <= params.reversal_drawdown / 100
    known = ~np.isnan(y) & ~np.isnan(state)
    return Study(y[known], state[known] > shock, fell[known], desk.days[known])


def eras(desk: Desk, whole: Study) -> list[Study]:
    """Before and since 1995 where both have enough windows, else the two halves."""
    later = whole.days >= pd.Timestamp("1995-01-01")
    if not all(whole.part(rows).effective() >= desk.params.min_events_mean for rows in (~later, later)):
        later = np.arange(len(whole.days)) >= len(whole.days) // 2
    return [whole.part(~later), whole.part(later)]


def scenarios(desk: Desk, intervals: Intervals) -> None:
    params, page = desk.params, desk.page
    for timing in ("scenario", "predictive"):
        studies = {name: study(desk, name, timing) for name in SCENARIOS}
        judged = {name: one for name, one in studies.items() if one.effective() >= params.min_events_mean}
        p = {name: placebo(judged[name].y, judged[name].met) if name in judged else NAN for name in SCENARIOS}
        adjusted = dict(zip(SCENARIOS, corrected(list(p.values()), params.correction), strict=True))
        for name, one in studies.items():
            told = name in judged
            if timing == "scenario":
                described(desk, name, one)
            key, n = {"scenario": name, "horizon": H}, int(one.met.sum())
            page.put(f"{timing}_difference", one.difference() if told else None, key=key, n=n, **unsaid(params, one))
            page.put(f"{timing}_p", p[name], key=key, n=n)
            page.put(f"{timing}_adjusted_p", adjusted[name], key=key, n=n)
            if timing == "scenario":
                fit = newey_west(one.y, [one.met.astype(float)], H) if told else None
                page.put("scenario_t", fit[0][1] / fit[1][1] if fit else None, key=key, n=n)
                two_eras(desk, one, key)
            word = verdict(desk, timing, name, one, adjusted[name], intervals[timing, name]) if told else None
            page.put(f"{timing}_verdict", word or "cannot be tested", key=key, n=n)


def two_eras(desk: Desk, one: Study, key: dict[str, Any]) -> None:
    """Where the comparison begins, where its eras part, and the difference in each."""
    halves, n = eras(desk, one), int(one.met.sum())
    desk.page.put("scenario_from", min(one.days, default=None), key=key, n=n)
    desk.page.put("scenario_split", min(halves[1].days, default=None), key=key, n=n)
    for era, half in zip(("before", "after"), halves, strict=True):
        told = half.effective() >= desk.params.min_events_mean
        value = half.difference() if told else None
        desk.page.put("scenario_era", value, key={**key, "era": era}, n=int(half.met.sum()))


def unsaid(params: Any, one: Study) -> dict[str, float]:
    """Where no interval may stand."""
    return {} if one.effective() >= params.min_events_interval else {"low": NAN, "high": NAN}


def described(desk: Desk, name: str, one: Study) -> None:
    """Both sides; METHOD 7: a mean needs as many cases, here windows that do not overlap."""
    page = desk.page
    for state, rows in (("met", one.met), ("not", ~one.met)):
        key, n = {"scenario": name, "state": state, "horizon": H}, int(rows.sum())
        told = n / H >= desk.params.min_events_mean
        page.put("scenario_mean", one.y[rows].mean() if told else None, key=key, n=n)
        page.put("scenario_trails", (one.y[rows] < 0).mean() if told else None, key=key, n=n)
        page.put("scenario_drawdown", one.fell[rows].mean() if told else None, key=key, n=n)
        page.put("scenario_effective", n / H if len(one.y) else None, key=key, n=n)


def verdict(
    desk: Desk, timing: str, name: str, one: Study, p: float, interval: tuple[float | None, float | None]
) -> str:
    """The word for "mid caps trail when the state is met", for the interval stated."""
    params = desk.params
    low, high = interval
    if low is None or high is None:
        return "inconclusive"
    if -params.small_effect / 100 <= low and high <= params.small_effect / 100:
        return "small"
    halves = [half for half in eras(desk, one) if half.effective() >= params.min_events_mean]
    for word, side in (("supported", -1), ("contradicted", 1)):
        beyond = high < 0 if side < 0 else low > 0
        if beyond and p < params.alpha and len(halves) == 2 and all(side * half.difference() > 0 for half in halves):
            return word
    if faded(desk, timing, name):
        return "faded"
    return "leaning" if high < 0 else "leaning against" if low > 0 else "inconclusive"


def faded(desk: Desk, timing: str, name: str) -> bool:
    """Whether interval and p of the earlier era alone support the claim, and those of the later do not."""
    params, holds = desk.params, []
    for era in (0, 1):
        parts = {one: eras(desk, study(desk, one, timing))[era] for one in SCENARIOS}
        p = [
            placebo(part.y, part.met) if part.effective() >= params.min_events_mean else NAN for part in parts.values()
        ]
        adjusted = dict(zip(SCENARIOS, corrected(p, params.correction), strict=True))[name]
        part, held = parts[name], False
        if adjusted < params.alpha and part.effective() >= params.min_events_interval:
            made = drawn(part.y, part.met, mean_block(params), 1000, era)
            held = bool(np.quantile(made, 1 - params.alpha / 2) < 0)
        holds.append(held)
    return holds[0] and not holds[1] and parts[name].effective() >= params.min_events_mean


def mean_block(params: Any) -> float:
    return max(63, 2 * H) if params.block == "auto" else float(params.block)


# --- triggers -------------------------------------------------------------------------------------------------------


def triggers(desk: Desk, events: list[Event]) -> None:
    params, page = desk.params, desk.page
    shocks = {"rates": params.rate_shock, "credit": params.credit_shock, "spread": params.credit_shock}
    for name, shock in shocks.items():
        now = change(desk.factors[name], H)[-1]
        key = {"trigger": name, "horizon": H}
        page.put("trigger_bp", now, key=key)
        page.put("trigger_bp_threshold", shock, key=key)
        page.put("trigger_state", word_of(now / shock, now > shock), key={"trigger": name})
    now, key = desk.factors["claims"][-1], {"trigger": "claims"}
    page.put("trigger_claims", now, key=key)
    page.put("trigger_claims_threshold", CLAIMS_RISE, key=key)
    page.put("trigger_state", word_of(now / CLAIMS_RISE, now > CLAIMS_RISE), key=key)

    today = len(desk.days) - 1
    last = events[-1] if events and today - events[-1].place <= 30 else None
    gained, other = (line[-1] / line[last.place] - 1 if last else NAN for line in (desk.mid, desk.mega))
    for name, value, bound in (
        ("excess", gained - other, params.reversal_excess / 100),
        ("drawdown", gained, params.reversal_drawdown / 100),
    ):
        key = {"trigger": name}
        page.put(f"trigger_{name}", value, key=key)
        page.put(f"trigger_{name}_threshold", bound, key=key)
        page.put("trigger_state", word_of(value / bound, value <= bound) if last else "not met", key=key)

    key, close = {"trigger": "level"}, float(desk.book.close[params.mid].iloc[-1])
    page.put("trigger_level", close / last.warning - 1 if last else None, key=key)
    page.put("trigger_level_threshold", 0.0 if last else None, key=key)
    way = (last.level - close) / (last.level - last.warning) if last else NAN
    page.put("trigger_state", word_of(way, way >= 1) if last else "not met", key=key)


def word_of(way: float, met: bool) -> str:
    if math.isnan(way):
        return "unknown"
    return "met" if met else "near" if way >= 2 / 3 else "not met"
