"""The command `breadthbook`: run, scan, data, journal, verify, new. Errors are one or two lines and an exit code."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

import helpers
from helpers.core.errors import COMPLETE, FAILED, USAGE, BreadthbookError
from helpers.runs import data_commands, journal_commands, options
from helpers.runs.options import AsJson, AsOf, NoTape, ParamsFile, Settings, Sources

DEBUG = "BREADTHBOOK_DEBUG"
INTERRUPTED = "interrupted; the last good note is untouched"
#: what typer makes of Ctrl-C
_TYPER_INTERRUPTED = 130
#: base of typer's own usage errors; typer carries its own copy of click from 0.2x on, so it is not imported by name
_USAGE_ERROR: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Write the note a market desk writes about a new 52-week high, and audit it.",
)
app.add_typer(data_commands.app, name="data")
app.add_typer(journal_commands.app, name="journal")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"breadthbook {helpers.__version__}, method version {helpers.METHOD_VERSION}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print versions.")]


@app.callback()
def _root(
    version: Version = False,
) -> None:
    """Hold the options of the command itself."""


@app.command()
def run(
    file: ParamsFile,
    setting: Settings = None,
    source: Sources = None,
    as_of: AsOf = "",
    no_tape: NoTape = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Outputs folder.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Kernels at work at the same time; one more than processors.")
    ] = None,
    kernels: options.Kernels = options.KernelKind.forked,
    force: Annotated[bool, typer.Option("--force", help="Build it again although it stands.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is made again; kept in the record.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the note that PARAMS.yaml describes."""
    from helpers.runs import execute, plan, screen

    with screen.reporting(as_json=as_json) as report:
        project = plan.project_root()
        params = options.params(file, setting, source, as_of, no_tape, declared=plan.section_parameters(project))
        with report.progress() as progress:
            result = execute.run(
                params,
                out=out,
                force=force,
                reason=reason,
                jobs=jobs,
                kernels=kernels.value,
                progress=progress,
                project=project,
            )
        report.result(result)
    raise typer.Exit(result.exit_code)


@app.command()
def scan(
    file: Annotated[Path, typer.Argument(metavar="WATCHLIST.yaml", help="Names the symbols, the market, the sources.")],
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="PATH", help="File, folder, sample or yahoo; replaces sources. Repeatable."),
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Day to scan, as 2026-04-17.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Outputs folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the new, near and failed highs among the symbols of WATCHLIST.yaml.

    Ends 0 when complete, 3 when the market or a symbol of the last scan is missing or stale, 4 when nothing is fit.
    """
    from helpers.runs import scan as scanner
    from helpers.runs import scan_page, screen, watchlist

    with screen.reporting(as_json=as_json):
        found = scanner.run(watchlist.load(file, sources=source, as_of=as_of), out=out)
    if as_json:
        typer.echo(json.dumps(found.record, ensure_ascii=False))
    else:
        scan_page.show(found.record, found.groups, screen.shown(found.page))
    raise typer.Exit(found.exit_code)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Run folder, executed .ipynb, or note.html.")],
) -> None:
    """Write every sentence again from its findings and compare; check every hash."""
    from helpers.runs import verify as verifier

    found = verifier.verify(path)
    for item in found:
        typer.echo(str(item))
    typer.echo(f"{path}: {len(found)} mismatches" if found else f"{path}: every sentence follows from its findings")
    raise typer.Exit(FAILED if found else COMPLETE)


@app.command()
def new(name: Annotated[str, typer.Argument(help="Name of your section: letters, digits, underscores.")]) -> None:
    """Start a section of your own: a notebook from the template, and a parameter file that runs it."""
    from helpers.runs import plan, scaffold, screen

    made = scaffold.new(plan.project_root(), name)
    typer.echo("\n".join(f"wrote {screen.shown(path)}" for path in made))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit; whatever happens, no traceback reaches a person who did not ask for it."""
    signal.signal(signal.SIGTERM, _interrupt)
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        code = app(given, standalone_mode=False, prog_name="breadthbook")
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error))
            sys.exit(USAGE)
        said = error.format_message() if hasattr(error, "format_message") else str(error)
        _fail(f"{said.rstrip('.')}; see breadthbook --help", USAGE, as_json)
    except (typer.Abort, KeyboardInterrupt):
        _fail(INTERRUPTED, FAILED, as_json)
    except BreadthbookError as error:
        _fail(str(error), error.exit_code, as_json, error)
    except OSError as error:
        # a full disk or a read-only folder, not a fault in the code
        said = f"{error.strerror or error}: {error.filename or 'no path'}; make room or make it writable, or give --out"
        _fail(said, FAILED, as_json, error)
    except Exception as error:
        _fail(f"unexpected {type(error).__name__}: {error}; set {DEBUG}=1 to see where", FAILED, as_json, error)
    if code == _TYPER_INTERRUPTED:
        _fail(INTERRUPTED, FAILED, as_json)
    sys.exit(code if isinstance(code, int) else COMPLETE)


def _fail(message: str, code: int, as_json: bool, error: Exception | None = None) -> NoReturn:
    if error is not None and os.environ.get(DEBUG) == "1":
        raise error
    line = " ".join(message.split())
    if as_json:
        typer.echo(json.dumps({"status": "failed", "exit_code": code, "message": line}, ensure_ascii=False))
    typer.echo(f"breadthbook: {line}", err=True)
    sys.exit(code)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
