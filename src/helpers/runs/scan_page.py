"""How a scan is shown: tables of texts, a page that needs nothing else, and the same on a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import typer

from helpers.core.findings import Finding, date_text
from helpers.sections import watch
from helpers.sections.section import Section
from helpers.signals import scan

#: "new", "near" and "failed" to a table: its heading, then a row of texts a symbol
Groups = dict[str, list[list[str]]]

UNKNOWN = "–"
TITLES = {"new": "New highs", "near": "Near the prior high", "failed": "Failed highs"}
#: heading and measure of the columns
_FIRST = (("Close", "close"), ("Prior high", "level"))
_OWN = {
    "new": (("High over prior", "margin"), ("Close above", "is_confirmed"), ("Days since last", "days_since_high")),
    "near": (("Close of prior", "nearness"), ("Days since last", "days_since_high")),
    "failed": (("Level lost", "breakout_level"), ("Days since high", "days_since_high")),
}
_LAST = (
    *((f"Volume {window}d", f"rvol_{window}") for window in scan.VOLUME_WINDOWS),
    ("Base, days", "base_length"),
    ("Base, depth", "base_depth"),
    (f"Excess {scan.EXCESS_WINDOW}d", "excess"),
    ("RS rank", "rs_percentile"),
)
_SIGNED = ("margin", "excess")
_DECIMALS = {"rs_percentile": 0}


def by_symbol(found: Section) -> dict[str, dict[str, Finding]]:
    """Findings of each symbol shown, by what they state, in the order of the rows."""
    cells: dict[str, dict[str, Finding]] = {}
    names = {name for name, _, _ in watch.STATED}
    for item in found.findings:
        name = item.id.partition(".")[2]
        if name in names:
            cells.setdefault(item.subject, {})[name] = item
    return dict(zip(found.frames["rows"]["symbol"], cells.values(), strict=True))


def groups(found: Section) -> Groups:
    """The tables of new, near and failed highs, each number as its finding prints it."""
    cells = by_symbol(found)
    tables: Groups = {}
    for state in TITLES:
        columns = (*_FIRST, *_OWN[state], *_LAST)
        table = [["Symbol", *(heading for heading, _ in columns)]]
        for symbol, own in cells.items():
            if own["state"].value == state:
                table.append([symbol, *(_text(own[name], name) for _, name in columns)])
        tables[state] = table
    return tables


def _text(finding: Finding, name: str) -> str:
    if not finding.is_known:
        return UNKNOWN
    return finding.text(signed=name in _SIGNED, decimals=_DECIMALS.get(name)).removesuffix(" points")


def headline(record: Mapping[str, Any]) -> str:
    """The counts in one line."""
    counts = record["counts"]
    apart = f"; {counts['apart']} set apart" if counts["apart"] else ""
    return (
        f"{date_text(record['as_of'])}: {counts['new']} new, {counts['near']} near and {counts['failed']} failed highs "
        f"among {record['listed']} symbols{apart}"
    )


def explanation(record: Mapping[str, Any]) -> list[str]:
    """What the words and columns mean, a sentence each."""
    near, window, within = f"{scan.NEAR:.0%}".replace("%", " %"), watch.WINDOW, scan.FAILED_WITHIN
    return [
        f"New: the day's high is above every high of the {window} trading days before. Near: the close is at most "
        f"{near} below the highest of them. Failed: a new high within the {within} trading days before, and the close "
        "is below the level that the first of those highs had to beat.",
        "Volume: the day's over the median of the ordinary days before. Base: trading days since the prior high was "
        f"reached, and the lowest low since. Excess: total return over {scan.EXCESS_WINDOW} trading days less that of "
        f"{record['market']}, in percentage points. RS rank: share of the list with a score at or below its own; the "
        "score is the return of the last quarter and, half as heavy, of each of the three before.",
        "New highs are ranked by RS rank, near ones by nearness, failed ones by how far the close is below the level. "
        "A high that no price near it supports is set aside. A new high says nothing of what follows it.",
    ]


def html(record: Mapping[str, Any], tables: Groups) -> str:
    """The page of a scan; the same input gives the same bytes."""
    from jinja2 import Environment, StrictUndefined

    folder = resources.files("helpers.runs") / "templates"
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    template = environment.from_string((folder / "scan.html.j2").read_text(encoding="utf-8"))
    return template.render(
        record=record,
        headline=headline(record),
        explanation=explanation(record),
        tables=tables,
        titles=TITLES,
        css=(folder / "note.css").read_text(encoding="utf-8"),
        evidence=json.dumps(record, sort_keys=True, ensure_ascii=False).replace("<", "\\u003c"),
    )


def show(record: Mapping[str, Any], tables: Groups, page: str) -> None:
    """Print the scan for a person."""
    import rich.box
    import rich.console
    import rich.table

    console = rich.console.Console(highlight=False)
    # a table that is read by a program, or kept in a log, has the width that it needs
    wide = console if console.is_terminal else rich.console.Console(width=160, highlight=False)
    mark = "SIMULATED. " if record["simulated"] else ""
    typer.echo(f"{mark}{record['source']}. {headline(record)}")
    for state, rows in tables.items():
        if len(rows) == 1:
            typer.echo(f"{TITLES[state]}: none")
            continue
        table = rich.table.Table(title=TITLES[state], title_justify="left", box=rich.box.SIMPLE_HEAD)
        for place, heading in enumerate(rows[0]):
            table.add_column(heading, justify="right" if place else "left", no_wrap=place == 0)
        for row in rows[1:]:
            table.add_row(*row)
        wide.print(table)
    for row in record["apart"]:
        typer.echo(f"apart: {row['symbol']}: {row['status']}. {row['reason']}")
    for said in record["degraded"]:
        typer.echo(f"missing or stale: {said}", err=True)
    typer.echo(page)
