"""What the journal's commands print: a table for a person, one JSON line for a program."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import typer

from helpers.core.findings import Finding
from helpers.data import calendar, past_calls
from helpers.note.calls import NAMES
from helpers.runs import calls, tally
from helpers.runs.journal import Line
from helpers.runs.replay import Progress, Replayed
from helpers.sections import record
from helpers.sections.section import Ledger

LEVEL = 0.95
#: columns of a table that no terminal bounds: none of its cells may be cut
WIDE = 260
HEADINGS = (
    "calls",
    "resolved",
    "Brier",
    "reliability",
    "resolution",
    "uncertainty",
    "base's",
    "skill",
    "",
    "over base",
    "apart",
    "came true",
)
TITLES = {"live": "Made on the day", "replayed": "Replayed", "simulated": "SIMULATED prices"}


@contextlib.contextmanager
def walking(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar over the weeks of a replay on a terminal; nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    import rich.console
    import rich.progress

    with rich.progress.Progress(console=rich.console.Console(stderr=True), transient=True) as bar:
        task = bar.add_task("weeks", total=None)
        yield lambda done, every: bar.update(task, completed=done, total=every)


def scores(held: Sequence[Line]) -> list[dict[str, Any]]:
    """How calls scored: a row for each method version, origin, pair, set of settings, and kind or person that has any.

    Pairs are apart, for that one fund wins more often than another is no skill. A person's calls stand beside those of
    notes on the pair, whichever of it they name first.
    """
    rows = []
    parted: dict[tuple[str, str, tuple[str, str], str], list[Line]] = {}
    counted = tally.counted(held)
    noted = {(line["subject"], line["against"]) for line in counted if line["kind"] != record.OWN}
    for line in counted:
        key = (line["method_version"], line["origin"], _pair(line, noted), tally.settings(line))
        parted.setdefault(key, []).append(line)
    for key in sorted(parted):
        machine = [line for line in parted[key] if line["kind"] != record.OWN]
        groups = [(record.ALL, calls.MACHINE, machine)]
        groups += [(kind, calls.MACHINE, [line for line in machine if line["kind"] == kind]) for kind in record.KINDS]
        people: dict[str, list[Line]] = {}
        for line in parted[key]:
            if line["kind"] == record.OWN:
                people.setdefault(line["by"].casefold(), []).append(line)
        groups += [(record.OWN, people[name][0]["by"], people[name]) for name in sorted(people)]
        rows += [_scored(*key, kind, name, lines) for kind, name, lines in groups if lines]
    return rows


def _pair(line: Line, noted: Collection[tuple[str, str]]) -> tuple[str, str]:
    """The pair of a call; of a person's in the order of notes on it, without any in that of the alphabet."""
    pair: tuple[str, str] = (line["subject"], line["against"])
    if line["kind"] != record.OWN:
        return pair
    first, second = sorted(pair)
    return (second, first) if (second, first) in noted and (first, second) not in noted else (first, second)


def _scored(
    version: str, origin: str, pair: tuple[str, str], settings: str, kind: str, by: str, lines: Sequence[Line]
) -> dict[str, Any]:
    resolved = [line for line in lines if line["happened"] is not None]
    ledger = Ledger("history", subject=by, as_of="", source="journal")
    rows = past_calls.frame([{**line, **line["terms"]} for line in resolved])
    record.state_kind(ledger, rows, {"origin": origin, "kind": kind}, level=LEVEL)
    said = {item.id.removeprefix("history.record_"): item for item in ledger.findings}
    return {
        "method_version": version,
        "origin": origin,
        "pair": "/".join(pair),
        "settings": settings,
        "kind": kind,
        "by": by,
        "calls": len(lines),
        "resolved": len(resolved),
        **{name: said[name].value for name in ("brier", "reliability", "resolution", "uncertainty", "base_brier")},
        "skill": said["skill"].value,
        "skill_interval": [said["skill"].low, said["skill"].high],
        "verdict": said["skill_word"].value,
        "base_skill": said["base_skill"].value,
        "base_skill_interval": [said["base_skill"].low, said["base_skill"].high],
        "windows": said["windows"].value,
        "share": said["share"].value,
        "share_interval": [said["share"].low, said["share"].high],
        "said": said,
    }


def score(held: Sequence[Line], *, notices: Sequence[str], as_json: bool) -> None:
    """Print how calls scored."""
    rows = scores(held)
    if as_json:
        plain = [{name: value for name, value in row.items() if name != "said"} for row in rows]
        typer.echo(json.dumps({"scores": plain, "notices": list(notices)}, ensure_ascii=False))
        return
    _notices(notices)
    if not rows:
        typer.echo(
            "No call is in the journals yet; a run makes some, and `breadthbook journal replay` those of the past."
        )
    for origin in dict.fromkeys(row["origin"] for row in rows):
        _table([row for row in rows if row["origin"] == origin], TITLES[origin])


def _table(rows: Sequence[dict[str, Any]], title: str) -> None:
    import rich.box
    import rich.console
    import rich.table
    import rich.text

    console = rich.console.Console(highlight=False)
    wide = console if console.is_terminal else rich.console.Console(width=WIDE, highlight=False)
    tables: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        tables.setdefault((row["pair"], row["method_version"], row["settings"]), []).append(row)
    for (pair, version, settings), shown in tables.items():
        said = f"{title}, {pair}, method version {version}" + (f", settings {settings[:8]}" if settings else "")
        table = rich.table.Table(title=rich.text.Text(said), title_justify="left", box=rich.box.SIMPLE_HEAD)
        for place, heading in enumerate(("kind", *HEADINGS)):
            table.add_column(heading, justify="right" if place else "left", no_wrap=not console.is_terminal)
        for row in shown:
            # as text: what a person wrote is no markup
            table.add_row(*(rich.text.Text(cell) for cell in _cells(row)))
        wide.print(table)


def _cells(row: dict[str, Any]) -> list[str]:
    said: dict[str, Finding] = row["said"]
    name = NAMES[row["kind"]] if row["kind"] != record.OWN else f"{row['by']}'s own"
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    parts = [
        _text(said[part], 3) for part in ("brier", "reliability", "resolution", "uncertainty", "base_brier", "skill")
    ]
    within = {part: said[part].interval_text() for part in ("skill", "base_skill", "share")}
    parts[-1] += f" ({within['skill']})" if within["skill"] else ""
    over = f"{_text(said['base_skill'], 3)} ({within['base_skill']})" if within["base_skill"] else ""
    return [
        name,
        str(row["calls"]),
        str(row["resolved"]),
        *parts,
        str(row["verdict"] or ""),
        over,
        said["windows"].text(),
        f"{_text(said['share'], 0)} ({within['share']})" if within["share"] else "",
    ]


def _text(finding: Finding, decimals: int) -> str:
    return finding.text(decimals=decimals) if finding.is_known else ""


def show(held: Sequence[Line], last: int, *, notices: Sequence[str], as_json: bool) -> None:
    """Print the latest calls of each journal."""
    latest = []
    for origin in dict.fromkeys(line["origin"] for line in held):
        latest += [line for line in held if line["origin"] == origin][-last:]
    if as_json:
        typer.echo(json.dumps({"calls": latest, "notices": list(notices)}, ensure_ascii=False))
        return
    _notices(notices)
    now = calendar.now()
    for line in latest:
        waits = (
            f"due {line['resolve_on']}, price not known"
            if calls.is_due(line, now)
            else f"open until {line['resolve_on']}"
        )
        became = {None: waits, True: "it did", False: "it did not"}[line["happened"]]
        base = "" if line["base"] is None else f", base {line['base']:.0%}"
        said = f"{line['as_of']} {line['origin']} {line['by']}: {line['statement']}: {line['p']:.0%}{base}; {became}"
        typer.echo("".join(letter if letter.isprintable() else "?" for letter in said))


def replayed(done: Replayed, held: Sequence[Line], *, notices: Sequence[str], as_json: bool) -> None:
    """Print what a replay did, and how its calls scored."""
    chosen = [line for line in held if line["origin"] == done.origin]
    if as_json:
        facts = {**dataclasses.asdict(done), "path": str(done.path)}
        plain = [{name: value for name, value in row.items() if name != "said"} for row in scores(chosen)]
        typer.echo(json.dumps({**facts, "notices": list(notices), "scores": plain}, ensure_ascii=False))
        return
    score(chosen, notices=notices, as_json=False)
    typer.echo(
        f"{done.dates} weeks, {done.calls} calls, {done.added} of them new, {done.resolved} resolved, "
        f"{done.seconds:.0f} s: {done.path}"
    )


def _notices(notices: Sequence[str]) -> None:
    for said in dict.fromkeys(notices):
        typer.echo(f"note: {said}", err=True)
