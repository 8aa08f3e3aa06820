"""Facts that a provider tells only as of today, asked for once a day and kept: what was not kept is lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from helpers.core.errors import SourceError, UnknownSymbol, UsageError
from helpers.data import calendar, macro, members
from helpers.data.facts import Facts
from helpers.data.sources.fred import FredSource
from helpers.data.sources.yahoo import YahooSource
from helpers.data.upkeep import workers

#: names of a fund whose estimates and events are kept: as many as Yahoo lists
LARGEST = 10
#: series that stand for rates, credit and the economy
SERIES = ("DGS10", "DGS2", "BAMLH0A0HYM2", "ICSA")
#: the kind under which is kept that something was asked for, so that it is asked for once a day
ASKED = "asked"

Rows = Callable[[], pd.DataFrame]


class Question(NamedTuple):
    """One thing to ask: the kind it is kept as, whom it is about, and how to ask."""

    kind: str
    subject: str
    ask: Rows


def of_funds(facts: Facts, provider: YahooSource, funds: Sequence[str], now: dt.datetime) -> list[str]:
    """Keep today's share counts and holdings of funds, and the estimates and events of their largest names.

    What was asked for today is not asked for again, whether or not there was an answer. A failure keeps nothing and
    raises nothing.

    Returns
    -------
    list of str
        What failed, one message each; several of one cause once.
    """
    today = now.astimezone(calendar.EXCHANGE_ZONE).date()
    first = [Question("holdings", fund, partial(provider.holdings, fund)) for fund in funds]
    first += [Question("shares", fund, partial(provider.shares, fund, today=today)) for fund in funds]
    failed = _asked(facts, first, today, provider.release)
    names = dict.fromkeys(name for fund in funds for name in _largest(facts, fund, today))
    second = [Question("estimates", name, partial(provider.estimates, name)) for name in names]
    second += [Question("events", name, partial(provider.events, name)) for name in names]
    return [*failed, *_asked(facts, second, today, provider.release)]


def of_series(facts: Facts, provider: FredSource, series: Sequence[str], now: dt.datetime) -> list[str]:
    """Keep what FRED adds today to the series held; failures as `of_funds`."""
    today = now.astimezone(calendar.EXCHANGE_ZONE).date()
    failed = []
    for name in series:
        if today in facts.days(ASKED, _address(macro.KIND, name)):
            continue
        try:
            macro.record(facts, provider.series(name), today)
            _note(facts, [(macro.KIND, name, "")], today)
        except (SourceError, UsageError) as fault:
            failed.append(str(fault))
    return list(dict.fromkeys(failed))


def of_members(
    facts: Facts, path: Path, subject: str, now: dt.datetime, *, sector_column: str = members.SECTOR
) -> members.Members:
    """Read a member list, keep it as today's, and give it; errors as `members.read_members`."""
    today = now.astimezone(calendar.EXCHANGE_ZONE).date()
    found = members.read_members(path, sector_column=sector_column)
    facts.record("members", found.frame(subject), today)
    return found


def _asked(facts: Facts, questions: Iterable[Question], today: dt.date, at_end: Callable[[], None]) -> list[str]:
    """Ask what was not asked today, a few at a time, and keep the answers."""
    known = facts.read(ASKED)
    done = set(known.loc[known["as_of"] == pd.Timestamp(today), "subject"]) if len(known) else set()
    failed: list[str] = []
    answered: list[tuple[str, str, pd.DataFrame]] = []
    guard = threading.Lock()

    def one(question: Question) -> None:
        try:
            rows = question.ask()
        except UnknownSymbol:
            rows = pd.DataFrame()  # the provider has nothing on it
        except SourceError as fault:
            with guard:
                failed.append(str(fault))
            return
        with guard:
            answered.append((question.kind, question.subject, rows))

    open_questions = [item for item in questions if _address(item.kind, item.subject) not in done]
    workers.share_out(open_questions, one, at_end=at_end)
    kinds: dict[str, list[pd.DataFrame]] = {}
    for kind, subject, rows in sorted(answered, key=lambda item: item[:2]):
        if len(rows):
            kinds.setdefault(kind, []).append(rows.assign(subject=subject))
    for kind, frames in kinds.items():
        facts.record(kind, pd.concat(frames, ignore_index=True), today)
    _note(facts, [(kind, subject, "" if len(rows) else "nothing") for kind, subject, rows in answered], today)
    return list(dict.fromkeys(failed))


def _note(facts: Facts, asked: Sequence[tuple[str, str, str]], today: dt.date) -> None:
    """Keep that these were asked for today."""
    if asked:
        rows = {
            "subject": [_address(kind, subject) for kind, subject, _ in asked],
            "answer": [said for *_, said in asked],
        }
        facts.record(ASKED, pd.DataFrame(rows).astype("str"), today)


def _largest(facts: Facts, fund: str, today: dt.date) -> list[str]:
    """The fund's largest names as last listed."""
    held = facts.latest("holdings", fund, today)
    if held.empty:
        return []
    return [str(name) for name in held.sort_values("weight", ascending=False)["symbol"].head(LARGEST)]


def _address(kind: str, subject: str) -> str:
    return f"{kind}:{subject}"
