"""What the rules of the event study do in worlds whose truth is known: how often they err, and what they find.

Worlds have fat tails and volatility that comes in waves, which both funds share; nothing about them is fitted to a
result. The spread is as volatile as that of real mid and mega caps, the long sample as long as the French library's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import event_study, outcomes, statistics
from helpers.evidence.estimates import Rules
from helpers.evidence.event_study import Study
from helpers.signals import breakout
from tests.evidence import measured

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WORLDS = 400
SEED = 20260417
RULES = Rules(draws=400)
HORIZONS = (5, 10, 21, 42)
AT = 21
PLANTED = (0.005, 0.01)
LONG, SHORT = 26_000, 7_000  # trading days of the French library, and of the oldest mid-cap fund
BURN_IN = 500
MEGA_VOLATILITY, SPREAD_VOLATILITY = 0.011, 0.0055  # a day
DRIFT = 0.0003  # a day, of both funds alike
SHOCK, MEMORY = 0.07, 0.92  # GARCH(1, 1); variance is 1 in the mean
FREEDOM = 5  # degrees of freedom of Student's t
FIRST_SEEN = breakout.TRADING_DAYS_PER_YEAR + breakout.QUIET_GAP


@dataclass(frozen=True)
class World:
    """Daily returns of two funds by trading day, and the breakouts of the first."""

    mid: pd.Series
    mega: pd.Series
    events: pd.Series

    def outcome(self, planted: float = 0.0) -> pd.DataFrame:
        """What followed each day, with `planted` added to the first fund evenly over the 21 days after each event."""
        extra = self.events.reindex(self.mid.index, fill_value=False).astype(float).shift(1).rolling(AT, min_periods=1)
        mid = self.mid + extra.sum().fillna(0.0) * planted / AT
        return outcomes.excess_after((1 + mid).cumprod(), (1 + self.mega).cumprod(), HORIZONS)

    def study(self, planted: float = 0.0) -> Study:
        return event_study.study(self.outcome(planted), self.events, HORIZONS, rules=RULES)

    def difference(self, planted: float) -> float:
        """Mean after events less that of all days, at 21 days."""
        after = self.outcome(planted)[AT].reindex(self.events.index)
        return float(after[self.events].mean() - after.mean())


def world(seed: int, *, drift: float, days: int, first: str) -> World:
    """A world in which the first fund's lead over the second is a martingale: no past tells its mean."""
    rng = np.random.default_rng([SEED, seed])
    shocks = rng.standard_t(FREEDOM, size=(LONG + BURN_IN, 2)) * math.sqrt((FREEDOM - 2) / FREEDOM)
    variance, current = [], 1.0
    for squared in (shocks[:, 0] ** 2).tolist():
        variance.append(current)
        current = 1 - SHOCK - MEMORY + (SHOCK * squared + MEMORY) * current
    waves = (shocks * np.sqrt(variance)[:, None])[BURN_IN : BURN_IN + days]
    index = pd.bdate_range(first, periods=days)
    mega = pd.Series(drift + MEGA_VOLATILITY * waves[:, 0], index=index)
    mid = mega + SPREAD_VOLATILITY * waves[:, 1]
    closes = (1 + mid).cumprod().to_frame()
    return World(mid, mega, breakout.breakout_events(closes, closes).iloc[FIRST_SEEN:, 0])


flat = partial(world, drift=0.0, days=LONG, first="1926-07-01")
rising = partial(world, drift=DRIFT, days=LONG, first="1926-07-01")
short = partial(world, drift=DRIFT, days=SHORT, first="1998-01-01")


def share(hits: list[bool]) -> str:
    """A share of worlds with its Wilson interval, as the page prints it."""
    low, high = statistics.wilson(sum(hits), len(hits))
    return f"{100 * np.mean(hits):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def any_is(study: Study, word: str) -> bool:
    return word in study.verdicts.values()


def whole(study: Study, horizon: int = AT) -> pd.Series:
    """The estimate of the whole sample at one horizon."""
    return pd.Series(study.estimates.xs("all", level="era").loc[horizon])


def covers(row: pd.Series, truth: float) -> bool:
    return bool(row["low"] <= truth <= row["high"])


@dataclass(frozen=True)
class Nothing:
    """Studies of worlds in which nothing follows, and the mean of the 21 days before the events of each."""

    studies: list[Study]
    before: np.ndarray

    def false(self, word: str) -> list[bool]:
        return [any_is(study, word) for study in self.studies]

    def cover(self, horizon: int) -> list[bool]:
        """Whether each interval has the truth, which is nothing; an interval that is not printed is not counted."""
        rows = [whole(study, horizon) for study in self.studies]
        return [covers(row, 0.0) for row in rows if row["low"] == row["low"]]

    @property
    def events(self) -> float:
        return float(np.mean([whole(study)["n"] for study in self.studies]))


def nothing(make: Callable[[int], World]) -> Nothing:
    studies, before = [], []
    for seed in range(WORLDS):
        made = make(seed)
        earlier = made.outcome()[AT].shift(AT).reindex(made.events.index)
        studies.append(made.study())
        before.append(float(earlier[made.events].mean()))
    return Nothing(studies, np.array(before))


@pytest.fixture(scope="module")
def driftless() -> Nothing:
    return nothing(flat)


@pytest.fixture(scope="module")
def fund_length() -> Nothing:
    return nothing(short)


@pytest.fixture(scope="module")
def found() -> dict[float, list[tuple[Study, float]]]:
    """For each size planted, the study of each world and the true difference that its events and all days then have."""
    out: dict[float, list[tuple[Study, float]]] = {size: [] for size in PLANTED}
    for seed in range(WORLDS):
        made = rising(seed)
        for size in PLANTED:
            out[size].append((made.study(size), made.difference(size) - made.difference(0.0)))
    return out


@pytest.fixture(scope="module")
def found_short() -> list[Study]:
    return [short(seed).study(PLANTED[-1]) for seed in range(WORLDS)]


def powers(studies: list[Study]) -> list[bool]:
    return [study.verdicts[AT] == "supported" for study in studies]


def test_supported_is_said_of_nothing_no_oftener_than_alpha_over_all_horizons(
    driftless: Nothing, fund_length: Nothing
) -> None:
    for worlds in (driftless, fund_length):
        for word in ("supported", "contradicted"):
            assert statistics.wilson(sum(worlds.false(word)), WORLDS)[0] <= RULES.alpha


def test_one_percent_after_some_150_events_is_found_in_four_worlds_of_five(
    found: dict[float, list[tuple[Study, float]]],
) -> None:
    studies = [study for study, _ in found[0.01]]
    assert 140 <= np.mean([whole(study)["n"] for study in studies]) <= 165
    assert np.mean(powers(studies)) >= 0.8


def test_twice_the_effect_is_found_oftener(found: dict[float, list[tuple[Study, float]]]) -> None:
    half, full = (sum(powers([study for study, _ in found[size]])) for size in PLANTED)
    assert RULES.alpha * WORLDS < half < full


def test_events_follow_a_lead_by_selection_and_nothing_comes_after(driftless: Nothing) -> None:
    before = driftless.before
    assert np.mean(before > 0) > 0.99
    assert before.mean() > 20 * before.std(ddof=1) / math.sqrt(WORLDS)
    assert statistics.wilson(sum(driftless.cover(AT)), WORLDS)[1] >= 0.95


@pytest.mark.parametrize("horizon", HORIZONS)
def test_intervals_cover_the_truth_as_often_as_they_say(driftless: Nothing, horizon: int) -> None:
    hits = driftless.cover(horizon)
    assert len(hits) == WORLDS
    assert statistics.wilson(sum(hits), WORLDS)[1] >= 0.95


def test_intervals_cover_a_planted_truth_as_often_as_they_say(found: dict[float, list[tuple[Study, float]]]) -> None:
    hits = [covers(whole(study), truth) for study, truth in found[0.01]]
    assert statistics.wilson(sum(hits), WORLDS)[1] >= 0.95


def figures(
    driftless: Nothing, fund_length: Nothing, found: dict[float, list[tuple[Study, float]]], found_short: list[Study]
) -> dict[str, str]:
    """Every row of the page's table."""
    half, full = ([study for study, _ in found[size]] for size in PLANTED)
    truths = [covers(whole(study), truth) for study, truth in found[0.01]]
    return {
        "events, driftless": f"{driftless.events:.0f}",
        "*supported* at any horizon, driftless": share(driftless.false("supported")),
        "*contradicted* at any horizon, driftless": share(driftless.false("contradicted")),
        "21 days before events, driftless": f"{100 * driftless.before.mean():+.2f} %",
        "worlds with a lead before, driftless": share(list(driftless.before > 0)),
        **{
            f"intervals at {horizon} days that cover 0, driftless": share(driftless.cover(horizon))
            for horizon in HORIZONS
        },
        "events, rising": f"{np.mean([whole(study)['n'] for study in full]):.0f}",
        "+0.5 % found at 21 days, rising": share(powers(half)),
        "+1 % found at 21 days, rising": share(powers(full)),
        "intervals at 21 days that cover the planted +1 %, rising": share(truths),
        "events, fund length": f"{fund_length.events:.0f}",
        "*supported* at any horizon, fund length": share(fund_length.false("supported")),
        "*contradicted* at any horizon, fund length": share(fund_length.false("contradicted")),
        "intervals at 21 days that cover 0, fund length": share(fund_length.cover(AT)),
        "+1 % found at 21 days, fund length": share(powers(found_short)),
    }


def test_the_page_prints_what_was_measured(
    driftless: Nothing, fund_length: Nothing, found: dict[float, list[tuple[Study, float]]], found_short: list[Study]
) -> None:
    measured.assert_printed(figures(driftless, fund_length, found, found_short))
