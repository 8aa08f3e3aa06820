"""What a note reads beside the bars of its funds: members, economic series, facts of the day, dated events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, get_args

import pandas as pd

from helpers.core.blocks import Input
from helpers.data import bars as tidy_bars
from helpers.data import calendar, given, macro

#: what may be absent: then the clauses that need it read "no data", and the rest of the note stands
INPUTS: tuple[str, ...] = get_args(Input)
#: calendar days after which the newest release, or observation of the day, is old
STALE_AFTER = {"macro": 14, "shares": 7, "holdings": 7, "estimates": 7, "events": 7}
_FACTS = ("shares", "holdings", "estimates", "events")


def _no_rows(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})


@dataclass(frozen=True, eq=False)
class Background:
    """Everything but the funds' own bars, cut at the snapshot's last day; an input that is not given has no rows.

    Attributes
    ----------
    until : str
        ISO day after which nothing in it was known.
    members : DataFrame
        ``symbol``, ``name``, ``weight`` (fraction), ``sector`` of a member list.
    members_of, members_source : str
        ISO day of that list, empty where none is stated, and the name of its file.
    member_bars : DataFrame
        Tidy bars of the members held.
    members_years : int
        Years of them that a note of `until` holds; what is cut later from this holds no more. 0 for all there are.
    macro : DataFrame
        `helpers.data.macro.COLUMNS`: every release known by `until`.
    shares, holdings, estimates, events : DataFrame
        ``as_of``, ``subject`` and what was observed (`helpers.data.facts`).
    agenda : DataFrame
        ``date``, ``event``, ``source`` of dated events, past and to come.
    given : DataFrame
        `helpers.data.given.COLUMNS`: facts that a person gives by hand.
    """

    until: str
    members: pd.DataFrame = field(default_factory=lambda: _no_rows("symbol", "name", "weight", "sector"))
    member_bars: pd.DataFrame = field(default_factory=lambda: _no_rows(*tidy_bars.COLUMNS))
    macro: pd.DataFrame = field(default_factory=lambda: _no_rows(*macro.COLUMNS))
    shares: pd.DataFrame = field(default_factory=lambda: _no_rows("as_of", "subject"))
    holdings: pd.DataFrame = field(default_factory=lambda: _no_rows("as_of", "subject"))
    estimates: pd.DataFrame = field(default_factory=lambda: _no_rows("as_of", "subject"))
    events: pd.DataFrame = field(default_factory=lambda: _no_rows("as_of", "subject"))
    agenda: pd.DataFrame = field(default_factory=lambda: _no_rows("date", "event", "source"))
    given: pd.DataFrame = field(default_factory=given.empty)
    members_of: str = ""
    members_source: str = ""
    members_years: int = 0

    @property
    def inputs(self) -> dict[str, str]:
        """Whether each of `INPUTS` is "fresh", "stale" or "missing"."""
        last = {
            "members": None if self.members.empty else self.until,
            "calendar": None if self.agenda.empty else self.until,
            "members_bars": _last(self.member_bars, "date"),
            "macro": _last(self.macro, "published"),
            **{name: _last(getattr(self, name), "as_of") for name in _FACTS},
        }
        return {name: self._standing(name, last[name]) for name in INPUTS}

    def _standing(self, name: str, last: object) -> str:
        if last is None:
            return "missing"
        age = pd.Timestamp(self.until) - pd.Timestamp(str(last))
        return "stale" if age.days > STALE_AFTER.get(name, 0) else "fresh"

    @cached_property
    def member_days(self) -> pd.DatetimeIndex:
        """Trading days from the members' first bar to `until`; none without bars."""
        if self.member_bars.empty:
            return pd.DatetimeIndex([], name="date")
        return pd.DatetimeIndex(calendar.trading_days(self.member_bars["date"].min(), self.until).index)

    def member_wide(self, name: str, basis: tidy_bars.Basis) -> pd.DataFrame:
        """One field of trading days x members, as `helpers.data.bars.wide`; NaN where a member has no bar.

        A member without any bar is a column of NaN, in the order of the list.
        """
        columns = pd.Index(self.members["symbol"].tolist(), name="symbol")
        if self.member_bars.empty:
            return pd.DataFrame(index=self.member_days, columns=columns, dtype="float64")
        return tidy_bars.wide(self.member_bars, name, basis).reindex(index=self.member_days, columns=columns)

    @cached_property
    def members_total_return(self) -> pd.DataFrame:
        """Total-return index of trading days x members."""
        return self.member_wide("close", "total_return")

    def series(self, name: str) -> pd.Series:
        """A series as it was first published, indexed by the day of publication; empty where it is not held.

        Of several observations published on one day the last counts. Later revisions do not enter: on its day, what
        was published then was all that was known.
        """
        rows = macro.known(self.macro[self.macro["series"] == name], keep="first") if len(self.macro) else self.macro
        rows = rows[rows["value"].notna()].drop_duplicates("published", keep="last")
        days = pd.DatetimeIndex(rows["published"], name="published")
        return pd.Series(rows["value"].to_numpy(dtype="float64"), index=days, name=name).sort_index()

    def cut(self, day: str) -> Background:
        """The background as if nothing after `day` were known yet."""
        last = pd.Timestamp(day)
        kept = {name: _until(getattr(self, name), "as_of", last) for name in _FACTS}
        kept["member_bars"] = _until(self.member_bars, "date", last)
        if self.members_years and len(self.member_bars):
            is_held = kept["member_bars"]["date"] >= first_of_members(day, self.members_years)
            kept["member_bars"] = kept["member_bars"][is_held].reset_index(drop=True)
        kept["given"] = _until(self.given, "as_of", last)
        kept["macro"] = _until(self.macro, "published", last)
        return replace(self, until=day, **kept)  # type: ignore[arg-type]

    def frames(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Name and rows of each input that has any."""
        for item in fields(self):
            held = getattr(self, item.name)
            if isinstance(held, pd.DataFrame) and len(held):
                yield item.name, held

    @property
    def stated(self) -> dict[str, Any]:
        """What is said beside the frames, for the record."""
        names = ("until", "members_of", "members_source", "members_years")
        return {name: getattr(self, name) for name in names}


def first_of_members(until: str, years: int) -> pd.Timestamp:
    """The first day of members' bars in a note of `until`."""
    return pd.Timestamp(until) - pd.DateOffset(years=years)


def _last(rows: pd.DataFrame, column: str) -> object:
    return None if rows.empty else rows[column].max()


def _until(rows: pd.DataFrame, column: str, last: pd.Timestamp) -> pd.DataFrame:
    return rows[rows[column] <= last].reset_index(drop=True) if len(rows) else rows
