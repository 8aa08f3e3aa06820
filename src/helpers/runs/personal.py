"""Calls that people make: read from a line such as "IJH>OEF 21d", written beside those of notes."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from helpers.core.blocks import TICKER_PATTERN
from helpers.core.errors import UsageError
from helpers.data import calendar, sources
from helpers.note import calls as spoken
from helpers.note.calls import Call
from helpers.runs import calls, journal
from helpers.runs.journal import CALL, Kept
from helpers.sections.outcome import resolve_on
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
        The moment it is made, with its time zone. The window begins with the next close, which nobody knows.

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
    horizon = int(days)
    return Call(
        kind=OWN,
        statement=spoken.beats(winner, loser, horizon),
        subject=winner,
        against=loser,
        as_of=resolve_on(calendar.last_finished(now).isoformat(), 1),
        horizon=horizon,
        p=probability,
    )


def keep(out: Path, call: Call, *, by: str, reason: str, now: dt.datetime) -> Kept:
    """Write a person's call into the live journal; no line where the same one stands.

    A second call on one question is kept, but the first counts; one of the notices says so.

    Raises
    ------
    UsageError
        No name, that of the program, a text too long, or one that cannot be printed.
    """
    name, why = _squeezed("--by", by, _LONGEST_NAME), _squeezed("--note", reason, _LONGEST_REASON)
    if not name or _letters(name) == _letters(calls.MACHINE):
        raise UsageError(f"--by {by!r}: a person's name is needed; {calls.MACHINE} stands for notes, however spelled")
    path = calls.file_of(out, LIVE)
    made_at = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    line = {**calls.line_of(call, origin=LIVE, made_at=made_at, by=name), "reason": why}
    kept = calls.keep(path, [line])
    if not kept.lines:
        return kept
    asked = calls.question(line)
    first = next(item for item in journal.read(path)[0] if item["type"] == CALL and calls.question(item) == asked)
    if first["hash"] != kept.lines[0]["hash"]:
        kept.notices.append(
            f"{first['by']} has answered this question already ({first['statement']}: {first['p']:.0%}); "
            "this call is kept, but the first counts"
        )
    return kept


def unheld(call: Call, names: Sequence[str]) -> list[str]:
    """Symbols of the call that none of these sources holds; errors as `sources.open_source`."""
    held = {symbol for name in names for symbol in sources.open_source(name).symbols()}
    return [symbol for symbol in (call.subject, call.against) if symbol not in held]


def _squeezed(option: str, text: str, longest: int) -> str:
    """The text with single blanks; what cannot be printed, or is too long, is refused."""
    said = " ".join(unicodedata.normalize("NFKC", text).split())
    if not said.isprintable():
        raise UsageError(f"{option} {text!r}: it holds a character that cannot be printed; take it out")
    if len(said) > longest:
        raise UsageError(f"{option}: {len(said)} characters found, at most {longest} are allowed; shorten it")
    return said


def _letters(name: str) -> str:
    """A name without what does not tell it from another: capitals, blanks, hyphens."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
