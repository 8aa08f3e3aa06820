"""What is held of each symbol, and whether it may be used: one row a symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.data.bars import FROM_NOTHING, Grid
from helpers.data.basis import total_return_basis
from helpers.data.checks import QUARANTINE

Dates = npt.NDArray[np.datetime64]
#: trading days before the last one within which a fault decides the status: the longest window a note reads
RECENT_DAYS = 504


class Origin(NamedTuple):
    """A symbol asked for, the label of its source, and what that source says is wrong: a status, and why.

    ``accepted`` are ISO days whose doubtful prices a person took for true.
    """

    symbol: str
    source: str
    status: str = ""
    cause: str = ""
    accepted: tuple[str, ...] = ()


class _Flag(NamedTuple):
    """A doubtful row of one symbol."""

    date: pd.Timestamp
    check: str
    detail: str


class Status(NamedTuple):
    """One symbol's coverage.

    Attributes
    ----------
    status : str
        "missing": no rows. "quarantined": a price of the last 504 trading days cannot be used. "stale": the last bar
        is older than needed; `since` is the last day held. "holes": a trading day of the last 504 has no bar; `since`
        is the first such day. Else "fresh". The first of these that fits.
        A symbol whose tape ends early while its adjusted close goes on is fresh, since ratios of it are;
        `tape_last` and `detail` say that its levels are not.
    detail : str
        The same as a sentence part; empty when there is nothing to say.
    first, last, tape_last : str
        ISO days of the first and last value, and of the last close; empty where there is none.
    rows, holes : int
        Days with a value; trading days without one between the first and the last.
    basis : str
        How total return is made: "close and dividends", "vendor's adjusted close", "close, no dividends stated" or
        "none".
    source : str
        Which source it came from.
    cause : str
        Why the source could not tell more, in its own words; empty when it could.
    """

    symbol: str
    status: str
    since: str
    detail: str
    first: str
    last: str
    tape_last: str
    rows: int
    holes: int
    basis: str
    source: str
    cause: str = ""


def table(
    bars: pd.DataFrame,
    flags: pd.DataFrame,
    days: pd.DatetimeIndex,
    origins: Sequence[Origin],
) -> pd.DataFrame:
    """A row of `Status` for each symbol asked for, in their order.

    Parameters
    ----------
    bars, flags : DataFrame
        Tidy bars, and what `checks.flags` found in them.
    days : DatetimeIndex
        Trading days; the last one is the day that bars must reach.
    origins : sequence of Origin
        The symbols asked for. A source's "quarantined" stands over what the bars say.
    """
    grid = Grid(bars)
    has_close = ~np.isnan(grid.values("close"))
    has_value = has_close | ~np.isnan(grid.values("adj_close"))
    held = {
        str(symbol): (grid.days[has_value[:, column]], grid.days[has_close[:, column]])
        for column, symbol in enumerate(grid.symbols)
    }
    return rows(held, flags, days, origins, total_return_basis(bars))


def rows(
    held: Mapping[str, tuple[Dates, Dates]],
    flags: pd.DataFrame,
    days: pd.DatetimeIndex,
    origins: Sequence[Origin],
    basis: Mapping[str, str],
) -> pd.DataFrame:
    """The table from the days on which each symbol has a value, and those on which it has a close."""
    flagged: dict[str, list[_Flag]] = {}
    for day, symbol, check, detail in flags.itertuples(index=False, name=None):
        flagged.setdefault(symbol, []).append(_Flag(day, check, detail))
    made = []
    for origin in origins:
        symbol = origin.symbol
        value, close = held.get(symbol, (_NEVER, _NEVER))
        if not len(value):
            row = _missing(symbol, days)
        else:
            accepted = {pd.Timestamp(day) for day in origin.accepted}
            doubts = [
                flag for flag in flagged.get(symbol, []) if not (flag.check in QUARANTINE and flag.date in accepted)
            ]
            row = _status(symbol, value, close, doubts, days)
            row = row._replace(basis=basis[symbol])
        made.append(_with_cause(row._replace(source=origin.source), origin))
    return pd.DataFrame(made, columns=Status._fields).astype(_TYPES)


def origins(covered: pd.DataFrame) -> list[Origin]:
    """Where each symbol of a table came from, for another table of fewer of its rows.

    What the source itself put in quarantine stays there: its bars do not show why.
    """
    return [
        Origin(row.symbol, row.source, row.status if row.status == "quarantined" and row.cause else "", row.cause)  # type: ignore[arg-type]
        for row in covered.itertuples()
    ]


_NEVER: Dates = np.array([], dtype="datetime64[s]")
_TYPES = {name: "int64" if name in ("rows", "holes") else "str" for name in Status._fields}


def _missing(symbol: str, days: pd.DatetimeIndex) -> Status:
    detail = f"no bar up to {_iso(days[-1])} in any source"
    return Status(symbol, "missing", "", detail, "", "", "", 0, 0, FROM_NOTHING, "")


def _with_cause(row: Status, origin: Origin) -> Status:
    """What the source says is wrong, beside what the bars say."""
    said = origin.cause.removeprefix(f"{origin.symbol}: ")
    if origin.status == "quarantined":
        return row._replace(status=origin.status, since=row.last, detail=said, cause=said)
    return row._replace(cause=said) if row.status in ("missing", "stale") else row


def _status(symbol: str, value: Dates, close: Dates, flags: Sequence[_Flag], days: pd.DatetimeIndex) -> Status:
    needed = days[-1]
    last, tape_last = pd.Timestamp(value[-1]), pd.Timestamp(close[-1]) if len(close) else None
    since_day = days[max(len(days) - RECENT_DAYS, 0)]
    recent = [flag for flag in flags if flag.date >= since_day]
    unfit = [flag for flag in recent if flag.check in QUARANTINE]
    holes = [flag for flag in recent if flag.check == "hole"]
    if unfit:
        worst = unfit[-1]
        status, since = "quarantined", _iso(worst.date)
        detail = f"{_iso(worst.date)}: {worst.detail}"
    elif last < needed:
        status, since = "stale", _iso(last)
        detail = f"last bar {_iso(last)}, {_iso(needed)} needed"
    elif holes:
        status, since = "holes", _iso(holes[0].date)
        many = f"{len(holes)} trading days" if len(holes) > 1 else "1 trading day"
        detail = f"{many} without a bar among the last {RECENT_DAYS}, first {since}"
    else:
        status, since = "fresh", ""
        detail = _only_adjusted(tape_last, needed)
    return Status(
        symbol=symbol,
        status=status,
        since=since,
        detail=detail,
        first=_iso(pd.Timestamp(value[0])),
        last=_iso(last),
        tape_last=_iso(tape_last) if tape_last is not None else "",
        rows=len(value),
        holes=sum(flag.check == "hole" for flag in flags),
        basis="",
        source="",
    )


def _only_adjusted(tape_last: pd.Timestamp | None, needed: pd.Timestamp) -> str:
    if tape_last is None:
        return "adjusted close only: ratios, no levels"
    if tape_last < needed:
        return f"adjusted close only since {_iso(tape_last)}: ratios, no levels"
    return ""


def _iso(day: pd.Timestamp) -> str:
    return str(day.date())
