"""Scanning a watchlist: the symbols at, near or fallen back from a new high, as table, page and JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helpers
from helpers.core.errors import COMPLETE, DEGRADED, UnavailableDataError, UsageError
from helpers.data import watched
from helpers.runs import files, history, plan, scan_page
from helpers.runs.watchlist import Watchlist
from helpers.sections import watch
from helpers.sections.section import Section

PAGE, RECORD = "scan.html", "scan.json"
SCHEMA = 1
#: statuses of a symbol that should be there and is not
GONE = ("missing", "stale", "quarantined")


@dataclass(frozen=True)
class Scanned:
    """One scan and where it is written.

    Attributes
    ----------
    record : dict
        What is printed with ``--json``: settings, counts, ``rows`` and ``apart`` with plain values, None for unknown.
    groups : dict
        As of `scan_page.groups`.
    page, file : Path
        The page and the record beside it.
    exit_code : int
        `COMPLETE`, or `DEGRADED` where bars end early, the market is missing, or a symbol of the last scan is.
    """

    record: dict[str, Any]
    groups: scan_page.Groups
    page: Path
    file: Path
    exit_code: int


def run(watchlist: Watchlist, *, out: Path | None = None, now: dt.datetime | None = None) -> Scanned:
    """Scan a watchlist and write ``<out>/<name>/<day>/scan.html`` and ``scan.json``.

    Raises
    ------
    UsageError
        The name is that of a note in the same folder, or a file stands in the way.
    ParameterError, DataError, AlreadyRunningError
        As `helpers.data.watched.take`; `UnavailableDataError` also where no symbol can be told apart.
    """
    place = (out or _outputs()).absolute() / watchlist.name
    _refuse_place(place)
    taken = watched.take(watchlist.symbols, watchlist.market, watchlist.sources, as_of=watchlist.as_of, now=now)
    snapshot = taken.snapshot
    found = watch.watch(snapshot, watchlist.symbols, watchlist.market)
    apart = found.frames["apart"].to_dict("records")
    if len(apart) == len(watchlist.symbols):
        reasons = "; ".join(f"{row['symbol']}: {row['reason']}" for row in apart[:3])
        raise UnavailableDataError(f"none of {len(apart)} symbols can be scanned on {snapshot.bars_to} ({reasons})")
    counts = {str(item.key["state"]): item.value for item in found.findings.all("watch.symbols")}
    degraded = _degraded(taken, watchlist, apart, place)
    code = DEGRADED if degraded else COMPLETE
    folder = place / snapshot.bars_to
    record = {
        "schema": SCHEMA,
        "status": "degraded" if degraded else "complete",
        "exit_code": code,
        "name": watchlist.name,
        "as_of": snapshot.bars_to,
        "needed": taken.needed,
        "market": watchlist.market,
        "source": snapshot.source,
        "simulated": snapshot.simulated,
        "method": helpers.METHOD_VERSION,
        "listed": len(watchlist.symbols),
        "counts": {**counts, "apart": len(apart)},
        "degraded": degraded,
        "rows": _plain_rows(found),
        "apart": apart,
        "scanned": sorted(set(watchlist.symbols) - {str(row["symbol"]) for row in apart}),
        "html": str(folder / PAGE),
    }
    groups = scan_page.groups(found)
    page = scan_page.html({name: value for name, value in record.items() if name != "html"}, groups)
    files.write_text(folder / PAGE, page)
    kept = {name: value for name, value in record.items() if name != "html"}
    files.write_json(folder / RECORD, {**kept, "findings": found.findings.to_json()["findings"]})
    return Scanned(record, groups, folder / PAGE, folder / RECORD, code)


def _outputs() -> Path:
    """The project's outputs folder; outside a project, that of the working folder."""
    try:
        return plan.project_root() / "outputs"
    except UsageError:
        return Path.cwd() / "outputs"


def _refuse_place(place: Path) -> None:
    for path in (place.parent, place):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: a file stands where the folder of scans goes; rename either")
    if any(place.glob(f"*/{history.RUN_RECORD}")):
        raise UsageError(f"{place}: notes are kept there; give the watchlist another `name`")


def _degraded(taken: watched.Watched, watchlist: Watchlist, apart: list[dict[Any, Any]], place: Path) -> list[str]:
    """What should be there and is not, a line each: days, the market, symbols that the last scan had."""
    snapshot = taken.snapshot
    found = []
    if snapshot.bars_to < taken.needed:
        found.append(f"bars end {snapshot.bars_to}, {taken.needed} needed")
    market = snapshot.status(watchlist.market)
    if market.status in GONE:
        found.append(f"{watchlist.market}: {market.status}, so relative strength is not known")
    earlier = [path for path in sorted(place.glob(f"*/{RECORD}")) if path.parent.name < snapshot.bars_to]
    last = files.read_json(earlier[-1]) if earlier else None
    had = set(last.get("scanned", ())) if last else set()
    lost = [row for row in apart if row["symbol"] in had and row["status"] in GONE]
    return found + [f"{row['symbol']}: {row['status']}, scanned last time" for row in lost]


def _plain_rows(found: Section) -> list[dict[str, Any]]:
    """A row a symbol, with the values of its findings."""
    cells = scan_page.by_symbol(found)
    return [{"symbol": symbol, **{name: item.value for name, item in own.items()}} for symbol, own in cells.items()]
