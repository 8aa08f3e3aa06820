"""What the command prints: progress on a terminal, the result in lines for a person or one line for a program."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from helpers.runs.execute import RunResult
    from helpers.runs.job import Progress


class Report:
    """Prints one run's outcome once.

    Parameters
    ----------
    as_json : bool
        One JSON line on stdout instead of lines for a person.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @contextlib.contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A bar on a terminal; nothing anywhere else."""
        if self.as_json or not sys.stderr.isatty():
            yield None
            return
        import rich.console
        import rich.progress

        with rich.progress.Progress(console=rich.console.Console(stderr=True), transient=True) as bar:
            rows: dict[str, rich.progress.TaskID] = {}

            def show(name: str, event: str) -> None:
                if name not in rows:
                    rows[name] = bar.add_task(name, total=1)
                bar.update(rows[name], description=f"{name} {event}", completed=0 if event == "started" else 1)

            yield show

    def result(self, result: RunResult) -> None:
        """Print how the run ended and where its note is."""
        if self.as_json:
            record = {**dataclasses.asdict(result), "run_dir": str(result.run_dir)}
            record["note_html"] = str(result.run_dir / "note.html") if result.has_note else None
            typer.echo(json.dumps(record, ensure_ascii=False))
        for notice in result.notices:
            typer.echo(f"note: {notice}", err=True)
        for item in result.failed:
            typer.echo(f"{item['notebook']}: {item['reason']}", err=True)
        if result.degraded:
            typer.echo(f"missing or stale: {', '.join(result.degraded)}", err=True)
        if self.as_json:
            return
        if not result.has_note:
            typer.echo(f"{result.note} {result.as_of}: no note written; the last good note is untouched", err=True)
            typer.echo(f"what was executed is in {shown(result.run_dir / 'notebooks')}", err=True)
            return
        already = "" if result.is_new else " (it stood already; nothing was done)"
        typer.echo(f"{result.headline}\n{shown(result.run_dir / 'note.html')}{already}")


@contextlib.contextmanager
def reporting(*, as_json: bool) -> Iterator[Report]:
    """A report, with library chatter kept off the screen while the block runs."""
    import logging
    import warnings

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        yield Report(as_json=as_json)


def shown(path: Path) -> str:
    """A path as a person would type it from the working folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
