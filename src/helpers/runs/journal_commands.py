"""The commands `breadthbook journal score|show|call|replay`: what was said before, and what became of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from helpers.core.errors import UsageError
from helpers.runs import options
from helpers.runs.options import AsJson, ParamsFile, Settings, Sources

app = typer.Typer(no_args_is_help=True, help="Calls that notes and people made, and how they turned out.")

Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Outputs folder, where the journals are.")]
MaybeParams = Annotated[
    Path | None,
    typer.Argument(metavar="[PARAMS.yaml]", help="Whose bars tell the outcomes; none means what the store holds."),
]


@app.command()
def score(
    file: MaybeParams = None,
    setting: Settings = None,
    source: Sources = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Resolve every call whose window is over, and show how calls scored: by kind, beside the base rate, by origin."""
    from helpers.core import params as parameters
    from helpers.data import calendar, intake
    from helpers.runs import calls, journal_screen, screen

    folder = _folder(out)
    notices: list[str] = []
    with screen.reporting(as_json=as_json):
        params = options.params(file, setting, source, default_sources=["yahoo"])
        asked = calls.symbols(calls.every(folder)[0])
        more = [symbol for symbol in asked if symbol not in params.symbols]
        snapshot = intake.look(parameters.replaced(params, required=[*params.required, *more]) if more else params)
        if len(snapshot.bars):
            for origin in calls.origins(simulated=snapshot.simulated):
                notices += calls.resolve(calls.file_of(folder, origin), snapshot).notices
        held, said = calls.every(folder)
    late = sum(calls.is_due(line, calendar.now()) for line in held)
    said += [f"due, price not known: {late} (`breadthbook journal show` lists them)"] if late else []
    journal_screen.score(held, notices=[*notices, *said], as_json=as_json)


@app.command()
def show(
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many calls of each journal, the latest.")] = 20,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """List the latest calls of each journal with what became of them; every line is checked on the way."""
    from helpers.runs import calls, journal_screen

    held, notices = calls.every(_folder(out))
    journal_screen.show(held, last, notices=notices, as_json=as_json)


@app.command()
def call(
    statement: Annotated[str, typer.Argument(metavar='"IJH>OEF 21d"', help="Which fund beats which, over how many.")],
    probability: Annotated[float, typer.Argument(min=0.01, max=0.99, help="How likely it is, 0.01 to 0.99.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept beside it.")] = "",
    source: Sources = None,
    out: Out = None,
) -> None:
    """Write down a call of your own; it is resolved and scored beside the notes' own.

    Its window begins with the next close. The first call of a person on a question counts.
    """
    from helpers.data import calendar
    from helpers.runs import calls, personal

    now = calendar.now()
    made = personal.parsed(statement, probability, now)
    kept = personal.keep(_folder(out), made, by=by, reason=note, now=now)
    unheld = personal.unheld(made, source or ["yahoo"])
    unknown = f"no source holds {' or '.join(unheld)}; what becomes of the call is known once one does"
    for said in [*kept.notices, *([unknown] if unheld else [])]:
        typer.echo(f"note: {said}", err=True)
    if not kept.lines:
        raise UsageError(f"{made.statement}: this call of {by} is in the journal already, with the same probability")
    line = kept.lines[0]
    typer.echo(f"{made.statement}, from the close of {made.as_of}: {made.p:.0%}; known on {line['resolve_on']}")
    typer.echo(f"written down in {calls.file_of(_folder(out), line['origin'])}")


@app.command()
def replay(
    file: ParamsFile,
    setting: Settings = None,
    source: Sources = None,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="First day.")] = "2006-01-01",
    until: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day; none means the last held.")] = "",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes at work at the same time.")] = 2,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Make the calls of past weeks as a note of each would have, from nothing known only later, and score them.

    They are kept apart from calls made on their day.
    """
    from helpers.runs import calls, journal_screen, screen
    from helpers.runs import replay as walker

    folder = _folder(out)
    for name, day in (("--from", since), ("--to", until)):
        _check_date(name, day)
    since, until = (day and dt.date.fromisoformat(day).isoformat() for day in (since, until))
    with screen.reporting(as_json=as_json), journal_screen.walking(quiet=as_json) as progress:
        params = options.params(file, setting, source)
        done = walker.replay(params, out=folder, since=since, until=until, jobs=jobs, progress=progress)
        held, notices = calls.every(folder)
    journal_screen.replayed(done, held, notices=[*done.notices, *notices], as_json=as_json)


def _check_date(name: str, day: str) -> None:
    """Refuse a day that is not an ISO date."""
    try:
        if day:
            dt.date.fromisoformat(day)
    except ValueError:
        raise UsageError(f"{name} {day}: an ISO date such as 2006-01-01 is needed") from None


def _folder(out: Path | None) -> Path:
    from helpers.runs import plan

    return out.absolute() if out is not None else plan.project_root() / "outputs"
