"""Keeping the store: bars brought up to date, facts of the day recorded, and bars written out for other tools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from helpers.core.blocks import optional_names, source_names
from helpers.core.errors import AlreadyRunningError, DataError, UnavailableDataError, UsageError
from helpers.core.params import Params
from helpers.data import disk, macro, members
from helpers.data.facts import Facts
from helpers.data.snapshot import Snapshot
from helpers.data.sources import open_source
from helpers.data.sources.attempts import RATE_LIMIT_WAITS, Attempts
from helpers.data.sources.fred import FredSource
from helpers.data.sources.stored import StoredSource
from helpers.data.sources.yahoo import YahooSource
from helpers.data.upkeep import observe
from helpers.data.upkeep.update import Progress, Report, update

#: where yfinance keeps time zones and cookies, below the store's home
CLIENT_FOLDER = "yfinance"

EXPORTS = (".csv", ".parquet")


def stored(params: Params) -> StoredSource | None:
    """The stored source that a note reads; None when its bars come from files or the sample."""
    return StoredSource() if "yahoo" in source_names(params.sources.bars) else None


class Refreshed(NamedTuple):
    """What a refresh did: to the bars, and which facts of the day could not be had, a message each."""

    report: Report
    failed: tuple[str, ...]


def refresh(
    params: Params,
    *,
    now: dt.datetime,
    is_patient: bool = True,
    refetch: Collection[str] = (),
    accept: Collection[str] = (),
    progress: Progress | None = None,
) -> Refreshed:
    """Bring the bars of a note's symbols up to date, then keep the facts of the day that have no history.

    Facts are asked for when the bars are stored, in the time that is left; that they cannot be had holds nothing up.

    Parameters
    ----------
    params : Params
        ``limits.data_seconds`` is all the time there is.
    now, refetch, accept, progress
        As in `helpers.data.upkeep.update.update`.
    is_patient : bool
        Whether to wait after "too many requests", and to ask for facts; a person in a notebook would do neither.

    Raises
    ------
    UsageError
        The note reads no source that is asked over the network.
    AlreadyRunningError, UnavailableDataError
        As `update`.
    """
    source = stored(params)
    if source is None:
        named = ", ".join(Path(name).name for name in params.sources.bars)
        raise UsageError(f"{named} cannot be updated; only yahoo is asked over the network: give --source yahoo")
    waits = RATE_LIMIT_WAITS if is_patient else ()
    attempts = Attempts(source.name, budget_seconds=params.limits.data_seconds, rate_limit_waits=waits)
    provider = YahooSource(source.store.home / CLIENT_FOLDER, attempts)
    report = update(source.store, provider, params.symbols, now=now, refetch=refetch, accept=accept, progress=progress)
    failed: list[str] = []
    if is_patient and attempts.open_because is None:
        facts = Facts(source.store.home)
        try:
            failed += observe.of_funds(facts, provider, (params.mid, params.mega), now)
            failed += _of_series(facts, params, attempts.seconds_left, now)
        except (DataError, AlreadyRunningError) as error:
            failed.append(str(error))  # a damaged or busy file of facts is no reason to write no note
    keep_members(params, now)
    return Refreshed(report, tuple(failed))


def keep_members(params: Params, now: dt.datetime) -> None:
    """Keep the member list that a note names, if it names one, as today's; errors as `members.read_members`."""
    for name in _member_lists(params):
        observe.of_members(Facts(), Path(name), params.mid, now, sector_column=params.sources.sector_column)


def _of_series(facts: Facts, params: Params, seconds: float, now: dt.datetime) -> list[str]:
    """Keep what FRED adds to the series that the note names."""
    wanted: list[str] = []
    for name in params.sources.macro:
        provider, _, series = name.partition(":")
        if provider == "fred":
            wanted += series.split(",") if series else observe.SERIES
    if not wanted:
        return []
    attempts = Attempts(FredSource.name, budget_seconds=max(seconds, 1.0))
    return observe.of_series(facts, FredSource(attempts), list(dict.fromkeys(wanted)), now)


def kept(params: Params, now: dt.datetime) -> list[str]:
    """What is held beside the bars, a line each: facts by kind and how long, series, how much of a member list."""
    facts = Facts()
    lines = []
    for kind in facts.kinds():
        rows = facts.read(kind)
        if kind not in (observe.ASKED, macro.KIND) and len(rows):
            days = rows["as_of"].dt.date
            about = f"{rows['subject'].nunique()} subjects, {days.nunique()} days"
            lines.append(f"{kind}: {about}, {days.min()} to {days.max()}")
    known = macro.known(macro.held(facts), now.date())
    for name, last in known.groupby("series")["date"].max().items():
        lines.append(f"{name}: {int((known['series'] == name).sum())} observations, the last of {last.date()}")
    for name in _member_lists(params):
        lines += _members(params, name)
    return lines


def _member_lists(params: Params) -> list[str]:
    """The file of the member list that a note names; none for the simulated one, or where its variable is not set."""
    named = optional_names([params.sources.members] if params.sources.members else [])
    return [name for name in named if name != "sample"]


def _members(params: Params, name: str) -> list[str]:
    """How much of the member list the bars cover, and what the list itself lacks."""
    found = members.read_members(name, sector_column=params.sources.sector_column)
    sources = [open_source(item) for item in optional_names(params.sources.members_bars)]
    there = members.coverage(found, {symbol for source in sources for symbol in source.symbols()})
    weight = f", {there.weight / there.of_weight:.1%} of their weight" if there.of_weight > 0 else ""
    day = found.as_of or "a day that is not stated"
    covered = f"members: {there.of} in {found.source} of {day}; bars of {there.held} held{weight}"
    return [covered, *(f"members: {note}" for note in found.notes)]


def export(snapshot: Snapshot, to: Path) -> int:
    """Write a snapshot's bars as one tidy file that the folder source reads, and give the number of rows.

    Raises
    ------
    UsageError
        Another kind of file than CSV or Parquet.
    UnavailableDataError
        There is no bar to write, or no room for it.
    """
    if to.suffix.lower() not in EXPORTS:
        raise UsageError(f"{to}: a name that ends in .csv or .parquet is needed; rename it")
    bars = snapshot.bars.dropna(axis="columns", how="all")
    if bars.empty:
        raise UnavailableDataError(f"{snapshot.source}: no bar to write; first: breadthbook data update")
    if to.suffix.lower() == ".csv":
        content = bars.to_csv(index=False, date_format="%Y-%m-%d").encode()
    else:
        content = disk.parquet_bytes(bars)
    try:
        disk.put(to, content)
    except OSError as error:
        raise UnavailableDataError(f"{to}: {error.strerror}; make room or choose another place") from None
    return len(bars)
