"""Running a note: the same inputs give the same run, built aside and put in place in one step."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.core.errors import UsageError
from helpers.core.params import Params
from helpers.runs import calls, history, index, lock, plan, stamp
from helpers.runs.job import Job, Progress
from helpers.runs.kernels import engine, forks, plain

LONGEST_REASON = 120
MOST_JOBS = 4


@dataclass(frozen=True)
class RunResult:
    """How a run ended and where its note is.

    Attributes
    ----------
    status : str
        "complete", "degraded", "failed" or "timed_out".
    exit_code : int
        See `helpers.core.errors`.
    run_dir : Path
        The run folder; of a run without a note, the folder it was built in.
    run_id, note, as_of, headline : str
        Of the run.
    has_note : bool
        Whether a note was written, or stands already.
    is_new : bool
        False when the same run stood already and nothing was done.
    degraded : list of str
        Symbols that are required or were there last time, and are missing or stale now.
    failed : list of dict
        notebook and reason of each notebook that failed.
    notices : list of str
        What a person should know besides, such as an earlier run that died.
    seconds : float
        Wall time.
    """

    status: str
    exit_code: int
    run_dir: Path
    run_id: str
    note: str
    as_of: str
    headline: str = ""
    has_note: bool = True
    is_new: bool = True
    degraded: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(
    params: Params,
    *,
    out: str | Path | None = None,
    force: bool = False,
    reason: str = "",
    jobs: int | None = None,
    kernels: str = "",
    progress: Progress | None = None,
    project: Path | None = None,
    today: dt.date | None = None,
) -> RunResult:
    """Write the note that `params` describe.

    The same parameters, bars and code give the same run id, and nothing is done when that run stands complete.
    A run that was killed is resumed at the first notebook missing.

    Parameters
    ----------
    params : Params
        Checked parameters.
    out : path, optional
        Outputs folder; None means `outputs` in the project.
    force : bool
        Build it again although it stands.
    reason : str
        Why a revision is made; kept in its record.
    jobs : int, optional
        Kernels at work at the same time; None means one more than processors, as a kernel waits for its pictures, and
        at most `MOST_JOBS`.
    kernels : {"", "forked", "plain"}
        Forked from one process that has imported the stack, where the system allows; or each started by itself. ""
        means what the environment's ``BREADTHBOOK_KERNELS`` says, and forked where it says nothing.
    progress : callable, optional
        Called with a notebook's name and "started", "ok", "failed" or "timed_out".
    project : Path, optional
        Folder that holds `notebooks/`; None means the working folder or one above it.
    today : date, optional
        None means today in New York.

    Raises
    ------
    UsageError, ParameterError, DataError
        Before any kernel starts.
    AlreadyRunningError
        Another process writes this note.
    """
    if len(reason) > LONGEST_REASON:
        raise UsageError(f"reason: {len(reason)} characters found, {LONGEST_REASON} allowed: it is printed; shorten it")
    begun = time.monotonic()
    kind = engine.kind_of(kernels)
    if kind == "forked":
        forks.begin(plain.environment())
    made = plan.make(params, out=None if out is None else Path(out), project=project, today=today)
    planned = round(time.monotonic() - begun, 2)
    with lock.held(made.note_dir, made.run_id) as notices:
        notices += [*made.notices, *lock.died(made.out)]
        history.recover(made.note_dir)
        standing = history.standing(made.folder)
        if not force and standing is not None and history.is_complete(standing, made.run_id):
            # a run killed between its last steps is listed, and its calls are written down, now
            index.write(made.out)
            notices += calls.keep_run(made, standing, made.folder)
            return _result(standing, made.folder, begun, notices, is_new=False)
        job = Job(made, standing, reason, progress or (lambda name, event: None))
        job.timings["plan"] = planned
        job.prepare(force=force)
        job.execute(min(MOST_JOBS, (os.cpu_count() or 1) + 1) if jobs is None else max(1, jobs), kind)
        written, folder = job.finish(begun)
        index.write(made.out)
        if job.is_placed:
            notices += calls.keep_run(made, written, folder)
        return _result(written, folder, begun, notices, has_note=job.is_placed)


def _result(
    written: Mapping[str, Any],
    folder: Path,
    begun: float,
    notices: list[str],
    *,
    has_note: bool = True,
    is_new: bool = True,
) -> RunResult:
    return RunResult(
        status=written["status"],
        exit_code=written["exit_code"],
        run_dir=folder,
        run_id=written["run_id"],
        note=written["note"],
        as_of=written["as_of"],
        headline=written["headline"],
        has_note=has_note,
        is_new=is_new,
        degraded=list(written["degraded"]),
        failed=stamp.failures(written),
        notices=list(notices),
        seconds=round(time.monotonic() - begun, 2),
    )
