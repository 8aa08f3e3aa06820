"""Calls that people make: read from a line such as "IJH>OEF 21d", written beside those of notes."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from helpers.core.blocks import TICKER_PATTERN
from helpers.core.errors import UsageError
from helpers.data import calendar
from helpers.note import calls as spoken
from helpers.note.calls import Call
from helpers.runs import calls
from helpers.runs.journal import Kept
from helpers.sections.record import LIVE, OWN

LONGEST = 126
_FORM = re.compile(r"\s*(\S+?)\s*([<>])\s*(\S+?)\s+(\d{1,3})\s*d\s*")
_LONGEST_NAME, _LONGEST_REASON = 80, 400


def parsed(statement: str, probability: float, now: dt.datetime) -> Call:
    """The call that a person's line states.

    Parameters
    ----------
    statement : str
        ``A>B Nd``: A beats B over N trading days; ``A<B Nd`` is the same of B and A.
    probability : float
        Between 0 and 1.
    now : datetime
        The moment it is made, with its time zone. The window begins with the last close; while the exchange is open,
        with the one to come, which nobody knows.

    Raises
    ------
    UsageError
        What is not understood.
    """
    found = _FORM.fullmatch(statement)
    if found is None:
        raise UsageError(f'{statement!r}: a call reads "IJH>OEF 21d": which fund beats which, over how many days')
    first, side, second, days = found.groups()
    winner, loser = (first, second) if side == ">" else (second, first)
    for symbol in (winner, loser):
        if not re.fullmatch(TICKER_PATTERN, symbol):
            raise UsageError(f"{statement!r}: {symbol} is not a symbol; write it as in a parameter file, IJH")
    if winner == loser or not 1 <= int(days) <= LONGEST:
        raise UsageError(f"{statement!r}: two funds and 1 to {LONGEST} trading days are needed")
    if not 0 < probability < 1:
        raise UsageError(f"{probability}: a probability between 0 and 1 is needed, such as 0.60")
    day = calendar.last_finished(now)
    if calendar.is_trading_day(now.date()) and now.astimezone(calendar.EXCHANGE_ZONE).date() > day:
        opens = dt.datetime.combine(now.astimezone(calendar.EXCHANGE_ZONE).date(), _OPEN, calendar.EXCHANGE_ZONE)
        day = opens.date() if now >= opens else day
    horizon = int(days)
    return Call(
        kind=OWN,
        statement=spoken.beats(winner, loser, horizon),
        subject=winner,
        against=loser,
        as_of=day.isoformat(),
        horizon=horizon,
        p=probability,
    )


_OPEN = dt.time(9, 30)


def keep(out: Path, call: Call, *, by: str, reason: str, now: dt.datetime) -> Kept:
    """Write a person's call into the live journal; no line where the same one stands.

    Raises
    ------
    UsageError
        No name, that of the program, or a text too long.
    """
    if not by.strip() or by == calls.MACHINE or len(by) > _LONGEST_NAME or len(reason) > _LONGEST_REASON:
        raise UsageError(
            f"--by {by!r}: a name of its own of at most {_LONGEST_NAME} characters, and a reason of at most "
            f"{_LONGEST_REASON}, are needed"
        )
    line = calls.line_of(call, origin=LIVE, made_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"), by=by)
    return calls.keep(calls.file_of(out, LIVE), [{**line, "reason": reason}])
