"""The commands `breadthbook data update|status|check|export`: what is held of each symbol, and whether it is fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from helpers.core.errors import COMPLETE, DATA_UNFIT, DEGRADED, UsageError
from helpers.runs import options
from helpers.runs.options import AsJson, AsOf, MaybeParamsFile, NoTape, Settings, Sources

app = typer.Typer(no_args_is_help=True, help="What the sources hold, and whether it is fit to use.")

Symbols = list[str] | None


@app.command()
def update(
    file: MaybeParamsFile = None,
    setting: Settings = None,
    source: Sources = None,
    refetch: Annotated[
        Symbols, typer.Option(metavar="SYMBOL", help="Ask for its whole history anew. Repeatable; `all` for every one.")
    ] = None,
    accept: Annotated[
        Symbols, typer.Option(metavar="SYMBOL", help="Take a doubtful answer for true, having looked. Repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask Yahoo for what the store lacks of the note's symbols.

    Ends 0 when every symbol is fresh, 3 when some are not, 4 when nothing is held of any.
    """
    from helpers.data import calendar, intake
    from helpers.data.upkeep import daily
    from helpers.runs import data_screen

    params = options.params(file, setting, source, default_sources=["yahoo"])
    wanted = set(params.symbols)
    for symbol in {*(refetch or []), *(accept or [])} - {"all"} - wanted:
        raise UsageError(f"{symbol}: not a symbol of this note; it reads {', '.join(sorted(wanted))}")
    with data_screen.progress(len(wanted), quiet=as_json) as progress:
        refreshed = daily.refresh(
            params,
            now=calendar.now(),
            refetch=wanted if "all" in (refetch or []) else set(refetch or []),
            accept=set(accept or []) & wanted,
            progress=progress,
        )
    snapshot = intake.look(params)
    data_screen.updated(refreshed, snapshot, as_json=as_json)
    statuses = set(snapshot.coverage["status"])
    raise typer.Exit(COMPLETE if statuses <= {"fresh"} else DATA_UNFIT if statuses <= {"missing"} else DEGRADED)


@app.command()
def status(
    file: MaybeParamsFile = None,
    setting: Settings = None,
    source: Sources = None,
    as_of: AsOf = "",
    no_tape: NoTape = False,
    as_json: AsJson = False,
) -> None:
    """Show for each symbol of the note what is held, to when, and whether it is fresh; nothing is asked for."""
    from helpers.data import calendar, intake
    from helpers.data.upkeep import daily
    from helpers.runs import data_screen

    params = options.params(file, setting, source, as_of, no_tape, default_sources=["yahoo"])
    snapshot = intake.look(params)
    data_screen.status(snapshot, daily.stored(params), daily.kept(params, calendar.now()), as_json=as_json)


@app.command()
def check(
    file: MaybeParamsFile = None,
    setting: Settings = None,
    source: Sources = None,
    as_of: AsOf = "",
    no_tape: NoTape = False,
    as_json: AsJson = False,
) -> None:
    """Show every row that a check flags, and what each symbol that is not fresh lacks; nothing is asked for."""
    from helpers.data import intake
    from helpers.data.upkeep import daily
    from helpers.runs import data_screen

    params = options.params(file, setting, source, as_of, no_tape, default_sources=["yahoo"])
    data_screen.flags(intake.look(params), daily.stored(params), as_json=as_json)


@app.command()
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="A file that ends in .csv or .parquet.")],
    file: Annotated[Path | None, typer.Option("--params", metavar="PARAMS.yaml", help="Whose symbols.")] = None,
    setting: Settings = None,
    source: Sources = None,
    as_of: AsOf = "",
) -> None:
    """Write the bars of the note's symbols as one tidy file, which --source reads; for your own use only."""
    from helpers.data import intake
    from helpers.data.upkeep import daily
    from helpers.runs import data_screen

    params = options.params(file, setting, source, as_of, no_tape=True, default_sources=["yahoo"])
    rows = daily.export(intake.look(params), to)
    data_screen.exported(to, rows)
