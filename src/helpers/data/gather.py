"""Gathering the background of a note from the sources its parameters name."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.core.blocks import optional_names
from helpers.core.errors import ParameterError
from helpers.core.params import Params
from helpers.data import agenda, given, macro, members, sources
from helpers.data import bars as tidy_bars
from helpers.data.background import Background, first_of_members
from helpers.data.facts import Facts
from helpers.data.sources import sample, series

#: years of members' bars beyond those that crowding is ranked in: a window of weeks, and its first means
YEARS_BEYOND = 3


def background(params: Params, until: str, *, since: str = "", simulated: bool) -> Background:
    """Members and their bars, series, facts and dated events as they were known by the end of `until`.

    Facts are of real funds, so beside simulated bars none are read. With `since`, an ISO day, members' bars reach as
    far back as notes from that day on need, and a cut holds what a note of its day would.

    Raises
    ------
    ParameterError
        Members' bars are simulated and the funds' are not, or the other way round.
    SourceNotFoundError, MissingColumnError, UnfitDataError
        A file that cannot be read.
    """
    listed, years = _members(params), params.crowding_years + YEARS_BEYOND
    found = Background(until=until)
    if listed is not None:
        first = first_of_members(since or until, years).date().isoformat()
        found = Background(
            until=until,
            members=listed.rows,
            member_bars=_member_bars(params, list(listed.rows["symbol"]), first, until, simulated=simulated),
            members_of=listed.as_of,
            members_source=listed.source,
        )
    facts = {} if simulated else _facts(params, until)
    names = [name for item in params.sources.macro for name in optional_names([item])]
    rows = [series.read(name) if not name.startswith("fred") else _of_fred(name) for name in names]
    known = [frame for frame in rows if len(frame)]
    dated = {"agenda": agenda.read(params.sources.calendar)} if params.sources.calendar else {}
    dated |= {"given": given.read(params.sources.facts)} if params.sources.facts else {}
    held = {"macro": pd.concat(known, ignore_index=True)} if known else {}
    known_by = Background(**{**found.__dict__, **facts, **held, **dated}).cut(until)
    return replace(known_by, members_years=years)


def _members(params: Params) -> members.Members | None:
    named = optional_names([params.sources.members] if params.sources.members else [])
    if not named:
        return None
    if named[0] == "sample":
        return sample.members()
    return members.read_members(named[0], sector_column=params.sources.sector_column)


def _member_bars(params: Params, symbols: list[str], first: str, until: str, *, simulated: bool) -> pd.DataFrame:
    opened = [sources.open_source(name) for name in optional_names(params.sources.members_bars)]
    if any(item.simulated != simulated for item in opened):
        raise ParameterError(
            "sources: bars and members_bars mix real and simulated prices; name sources of one kind for both"
        )
    rows = []
    for symbol in symbols:
        history = sources.merged(opened, symbol, first, until) if opened else None
        if history is not None and len(history.bars):
            rows.append(tidy_bars.tidy(history.bars, symbol))
    if not rows:
        return Background(until=until).member_bars
    joined = pd.concat(rows, ignore_index=True)
    return joined.sort_values(["symbol", "date"], kind="stable", ignore_index=True)


def _of_fred(name: str) -> pd.DataFrame:
    """What own pulls of FRED have brought of the series that `name` asks for."""
    held = macro.held(Facts())
    _, _, wanted = name.partition(":")
    chosen = held[held["series"].isin(wanted.split(","))] if wanted else held
    kept: pd.DataFrame = chosen[list(macro.COLUMNS)]
    return kept


def _facts(params: Params, until: str) -> dict[str, pd.DataFrame]:
    """Facts of the day of the two funds, and of their largest holdings."""
    facts = Facts()
    funds = [params.mid, params.mega]
    found = {}
    for kind in ("shares", "holdings"):
        rows = facts.read(kind, until)
        found[kind] = rows[rows["subject"].isin(funds)].reset_index(drop=True)
    names = set(found["holdings"]["symbol"]) if len(found["holdings"]) else set()
    for kind in ("estimates", "events"):
        rows = facts.read(kind, until)
        found[kind] = rows[rows["subject"].isin(names)].reset_index(drop=True)
    return {kind: rows for kind, rows in found.items() if len(rows)}
