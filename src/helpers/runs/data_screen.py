"""What the data commands print: a table for a person, coloured on a terminal; one JSON line for a program."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from helpers.data.snapshot import Snapshot
from helpers.data.sources.stored import StoredSource
from helpers.data.upkeep.daily import Refreshed
from helpers.data.upkeep.update import Progress
from helpers.runs.screen import shown

COLOURS = {
    "fresh": "green",
    "stale": "yellow",
    "holes": "yellow",
    "missing": "red",
    "quarantined": "red",
    "failed": "red",
}
#: sentences that follow a table are indented by this
INDENT = "  "
FETCHED = "fetched (UTC)"
DAYS_SHOWN = 6


@contextlib.contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Progress | None]:
    """A bar over the symbols on a terminal; nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    import rich.console
    import rich.progress

    with rich.progress.Progress(console=rich.console.Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Yahoo Finance", total=total)
        yield lambda symbol, done: bar.update(task, advance=1, description=f"{symbol} {done}")


def updated(refreshed: Refreshed, snapshot: Snapshot, *, as_json: bool) -> None:
    """Print what an update did, symbol by symbol."""
    report = refreshed.report
    table = snapshot.coverage.set_index("symbol")
    rows = [
        {
            "symbol": item.symbol,
            "done": item.done,
            "status": str(table["status"][item.symbol]),
            "first": str(table["first"][item.symbol]),
            "last": str(table["last"][item.symbol]),
            "holes": int(table["holes"][item.symbol]),
            "detail": item.detail or _said(table.loc[item.symbol].to_dict()),
        }
        for item in report.outcomes
    ]
    if as_json:
        facts = {"outages": dict(report.outages), "facts_failed": list(refreshed.failed)}
        _json(settled=report.settled, version=report.version, **facts, symbols=rows)
        return
    typer.echo(f"{snapshot.source}. Settled to {report.settled}.")
    _table(rows, ("symbol", "done", "status", "first", "last", "holes"))
    _details(rows)
    for day, count in report.outages.items():
        typer.echo(f"{day}: no bar for {count} symbols: the provider's fault, not theirs; it is asked for again")
    for said in refreshed.failed:
        typer.echo(f"facts of the day: {said}")


def status(snapshot: Snapshot, stored: StoredSource | None, kept: Sequence[str], *, as_json: bool) -> None:
    """Print one line a symbol: status, span, holes, last fetch and source; then what is kept beside the bars."""
    rows: list[dict[str, Any]] = []
    for row in snapshot.coverage.to_dict("records"):
        holding = stored.holding(str(row["symbol"])) if stored else None
        facts = {name: row[name] for name in ("symbol", "status", "since", "first", "last", "rows", "holes")}
        fetched = holding.fetched_at if holding else ""
        rows.append({**facts, "fetched": fetched, "source": row["source"], "basis": row["basis"], "detail": _said(row)})
    if as_json:
        _json(**_heading(snapshot), symbols=rows, kept=list(kept))
        return
    _title(snapshot)
    shown_rows = [{**row, FETCHED: str(row["fetched"])[:16].replace("T", " ")} for row in rows]
    names = ["symbol", "status", "since", "first", "last", "rows", "holes", FETCHED, "source", "basis"]
    _table(shown_rows, [name for name in names if name != FETCHED or stored])
    _details(rows)
    for said in kept:
        typer.echo(said)


def flags(snapshot: Snapshot, stored: StoredSource | None, *, as_json: bool) -> None:
    """Print one line a flagged row, what each symbol that is not fresh lacks, and what was restated of it."""
    rows: list[dict[Any, Any]] = [{**row, "date": str(row["date"])[:10]} for row in snapshot.flags.to_dict("records")]
    unfit = snapshot.coverage[snapshot.coverage["status"] != "fresh"].to_dict("records")
    held = [stored.holding(str(symbol)) for symbol in snapshot.coverage["symbol"]] if stored else []
    restated = [{"symbol": holding.symbol, **revision} for holding in held for revision in holding.revisions]
    doubtful = {holding.symbol: holding.doubtful_dividends for holding in held if holding.doubtful_dividends}
    if as_json:
        _json(**_heading(snapshot), flags=rows, unfit=unfit, restated=restated, doubtful_dividends=doubtful)
        return
    _title(snapshot)
    if rows:
        _table(rows, ("date", "symbol", "check", "detail"))
    else:
        typer.echo("no row is flagged")
    for row in unfit:
        typer.echo(f"{row['symbol']}: {row['status']}. {_said(row)}")
    for item in restated:
        typer.echo(f"{item['symbol']}: new {item['what']} seen on {item['on']} for {_some(item['days'])}")
    for symbol, days in doubtful.items():
        typer.echo(f"{symbol}: dividend and adjusted close contradict each other: {_some(days)}")


def exported(to: Path, rows: int) -> None:
    """Print what was written, and for whom."""
    typer.echo(f"{shown(to)}: {rows:,} rows, for your own use; docs/data.md says what may be passed on")


def _some(days: Sequence[str]) -> str:
    """The first few of several days."""
    more = f" and {len(days) - DAYS_SHOWN} more" if len(days) > DAYS_SHOWN else ""
    return f"{', '.join(days[:DAYS_SHOWN])}{more}"


def _heading(snapshot: Snapshot) -> dict[str, Any]:
    names = ("source", "simulated", "as_of", "requested_as_of", "bars_to", "stale_since")
    return {name: getattr(snapshot, name) for name in names}


def _title(snapshot: Snapshot) -> None:
    mark = " SIMULATED." if snapshot.simulated else ""
    is_moved = snapshot.requested_as_of not in ("", snapshot.as_of)
    asked = f" ({snapshot.requested_as_of} was asked for)" if is_moved else ""
    stale = f" STALE since {snapshot.stale_since}." if snapshot.stale_since else ""
    typer.echo(f"{snapshot.source}.{mark}{stale} As of {snapshot.as_of}{asked}, bars to {snapshot.bars_to}.")


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Columns of equal width; the status in colour where there is a terminal to show it."""
    cells = [list(names), *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for number, line in enumerate(cells):
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        text = [
            typer.style(cell, fg=COLOURS.get(cell.strip()) if number else None, bold=number == 0 or None)
            if number == 0 or names[place] in ("status", "done")
            else cell
            for place, cell in enumerate(padded)
        ]
        # echo drops the colours where the output is no terminal
        typer.echo("  ".join(text).rstrip())


def _said(row: Mapping[Any, Any]) -> str:
    """What is wrong with a symbol, and why the source could not tell more."""
    return "; ".join(dict.fromkeys(part for part in (str(row["detail"]), str(row["cause"])) if part))


def _details(rows: Sequence[Mapping[str, Any]]) -> None:
    """What there is to say of symbols, once for all of which it is the same."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if row["detail"]:
            told.setdefault(str(row["detail"]).removeprefix(f"{row['symbol']}: "), []).append(str(row["symbol"]))
    for said, symbols in told.items():
        named = f"all {len(rows)} symbols" if len(symbols) == len(rows) > 1 else ", ".join(symbols)
        typer.echo(f"{INDENT}{named}: {said}")


def _json(**values: Any) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False))
