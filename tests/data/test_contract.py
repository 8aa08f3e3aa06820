"""Every fault a provider is known to have: which error or status it becomes, and that the next update is complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from tests.data.desk import Desk

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

EVE, DAY, NEXT = "2026-04-10", "2026-04-13", "2026-04-14"
Arrange = Callable[[Desk], object]


class Case(NamedTuple):
    """One fault of IJH on 13 April, by what it does to a store that holds all up to the 10th, and to an empty one.

    An outcome is (fault, status): the name of our error on the record, "" for none, and the status a note states.
    """

    arrange: Arrange
    warm: tuple[str, str]
    cold: tuple[str, str]


def sent(*names: str, on: str | None = None) -> Arrange:
    return lambda desk: desk.server.fault("IJH", *names, on=on)


def partial(desk: Desk) -> None:
    """The day's bar as it stood 25 minutes before the close."""
    closed = desk.world.bars("IJH").loc[DAY, "close"]
    desk.world.revise("IJH", DAY, "close", closed * 0.999)
    moment = pd.Timestamp(f"{DAY} 15:35", tz="America/New_York")
    desk.world.meta("IJH", regularMarketTime=int(moment.timestamp()), regularMarketPrice=float(closed * 0.999))


def undivided(desk: Desk) -> None:
    """A 3:2 split is stated, and the bars before it are as they were."""
    history = desk.world.histories["IJH"]
    desk.world.split("IJH", DAY, 1.5, event=False)
    history.splits[np.datetime64(DAY)] = 1.5
    desk.world.rescale("IJH", 1.5, before=DAY)
    desk.healed_by = lambda: history.splits.pop(np.datetime64(DAY), None)


FIRST_LISTING = ("", "")  # a first answer has no other to differ from
FINE, LIMITED, PASSING = ("", "fresh"), "RateLimited", "Transient"


def failing(name: str, arrange: Arrange) -> Case:
    """A fault that leaves what was held, with its reason."""
    return Case(arrange, (name, "stale"), (name, "missing"))


def harmless(arrange: Arrange) -> Case:
    return Case(arrange, FINE, FINE)


CASES = {
    "none": harmless(lambda desk: None),
    "429 once": harmless(sent("429", "ok")),
    "429 twice": harmless(sent("429", "429", "ok")),
    "429 for ever": failing(LIMITED, sent("429")),
    "500 once": harmless(sent("500", "ok")),
    "500": failing(PASSING, sent("500")),
    "502 with a page": failing(PASSING, sent("502")),
    "401": failing(PASSING, sent("401")),
    "time-out once": harmless(sent("slow", "ok")),
    "time-out": failing(PASSING, sent("slow")),
    "slow body": failing(PASSING, sent("slow body")),
    "reset once": harmless(sent("reset", "ok")),
    "reset": failing(PASSING, sent("reset")),
    "short body": failing(PASSING, sent("short")),
    "empty body": failing(PASSING, sent("empty")),
    "truncated JSON": failing(PASSING, sent("truncated")),
    "consent page": failing(PASSING, sent("html")),
    "will be right back": failing(PASSING, sent("down page")),
    "result null": failing(PASSING, sent("result null")),
    "result empty": failing(PASSING, sent("result empty")),
    "quote empty": failing(PASSING, sent("quote empty")),
    "unknown symbol": failing("UnknownSymbol", sent("404")),
    "404 without a reason": failing(PASSING, sent("404 without reason")),
    "no time zone": failing(PASSING, sent("no zone")),
    "no time zone at first": Case(sent("no zone", on="zone"), FINE, (PASSING, "missing")),
    "429 at first": Case(sent("429", on="zone"), FINE, (LIMITED, "missing")),
    "500 at first": harmless(sent("500", on="zone")),  # the client then reads the zone elsewhere
    "page at first": Case(sent("html", on="zone"), FINE, (PASSING, "missing")),
    "result without time stamps": failing("SchemaChanged", sent("no timestamp")),
    "fields renamed": failing("SchemaChanged", sent("renamed fields")),
    "no currency stated": failing("SchemaChanged", sent("no currency")),
    "chart renamed": failing(PASSING, sent("renamed chart")),
    "another currency": Case(sent("pence"), ("BadData", "quarantined"), ("BadData", "quarantined")),
    "another exchange": Case(
        lambda desk: desk.world.meta("IJH", exchangeName="LSE"), ("BadData", "quarantined"), FIRST_LISTING
    ),
    "no volume stated on a day": harmless(sent("null volume")),
    "adjusted close without a value": harmless(sent("adjclose null")),
    "adjusted close missing": harmless(sent("adjclose missing")),
    "duplicate in the middle": harmless(sent("double middle")),
    "rows out of order": harmless(sent("disorder")),
    "null rows among those held": Case(sent("null rows"), FINE, ("", "holes")),
    "row of zeros among those held": Case(sent("zero row"), FINE, ("", "holes")),
    "infinite among those held": Case(sent("infinite"), FINE, ("", "holes")),
    "spike of 100 times": Case(sent("spike"), ("BadData", "quarantined"), ("BadData", "quarantined")),
    "negative prices among those held": Case(sent("negative"), FINE, ("", "holes")),
    "high below low": Case(sent("high below low"), FINE, ("", "holes")),
    "step of 4:1 without a split": Case(
        lambda desk: desk.world.split("IJH", DAY, 4, event=False),
        ("BadData", "quarantined"),
        ("BadData", "quarantined"),
    ),
    "old prices rescaled without a split": Case(
        lambda desk: desk.world.rescale("IJH", 0.8, before=DAY), ("BadData", "quarantined"), FINE
    ),
    "last day not there yet": Case(lambda desk: desk.world.drop("IJH", DAY), ("", "stale"), ("", "stale")),
    "last day without prices": Case(lambda desk: desk.world.blank("IJH", DAY), ("", "stale"), ("", "stale")),
    "duplicated last bar": Case(sent("double last"), ("", "stale"), ("", "stale")),
    "partial last bar": Case(partial, ("", "stale"), ("", "stale")),
    "split stated that the prices do not show": Case(undivided, ("BadData", "quarantined"), ("BadData", "quarantined")),
    "another symbol's bars": Case(
        lambda desk: desk.world.meta("IJH", symbol="SPY"), ("BadData", "quarantined"), ("BadData", "quarantined")
    ),
    "a day within is missing": Case(lambda desk: desk.world.drop("IJH", "2026-04-09"), FINE, ("", "holes")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_fault_does_to_a_store_that_is_kept(desk: Desk, name: str) -> None:
    desk.update()
    before = desk.bars()
    desk.world.last = DAY
    CASES[name].arrange(desk)
    desk.update()
    assert (desk.holding().fault, desk.status()) == CASES[name].warm, desk.holding().cause
    assert desk.bars().notna().all(axis=None)
    assert desk.bars().loc[:EVE].index.equals(before.index), "what was held is held"
    # "too many requests" is said to all: nothing more is asked for anybody
    assert CASES[name].warm[0] == LIMITED or desk.is_complete("SPY"), "the fault of one symbol is not another's"
    heal(desk)
    desk.world.last = NEXT
    desk.update()
    assert (desk.holding().fault, desk.status()) == FINE, desk.holding().cause
    assert desk.is_complete() and desk.is_complete("SPY")


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.cold != FIRST_LISTING])
def test_what_a_fault_does_to_an_empty_store(desk: Desk, name: str) -> None:
    desk.world.last = DAY
    CASES[name].arrange(desk)
    desk.update()
    assert (desk.holding().fault, desk.status()) == CASES[name].cold, desk.holding().cause
    assert desk.bars().notna().all(axis=None)
    assert CASES[name].cold[0] == LIMITED or desk.is_complete("SPY")
    heal(desk)
    desk.world.last = NEXT
    desk.update()
    assert (desk.holding().fault, desk.status()) == FINE, desk.holding().cause
    assert desk.is_complete() and desk.is_complete("SPY")


def heal(desk: Desk) -> None:
    desk.healed_by()
    desk.server.heal()
    desk.world.restore("IJH")
