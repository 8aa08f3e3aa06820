"""One run on its way from plan to place: prepared, executed, rendered, recorded."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from helpers.core.errors import COMPLETE, DEGRADED, FAILED, TIMED_OUT
from helpers.runs import context as contexts
from helpers.runs import files, history, page, plan, record, reword, stamp
from helpers.runs.kernels.engine import Kernels, Kind, Outcome
from helpers.runs.plan import Plan

PROGRESS_NAME = ".progress.json"
LOGS_NAME = ".logs"
#: how long past the whole-run limit a kernel may take to end by itself
GRACE_SECONDS = 10
_CODES = {"timed_out": TIMED_OUT, "failed": FAILED}

Progress = Callable[[str, str], None]


class Job:
    """The steps of a run, in order: `prepare`, `execute`, `finish`.

    Parameters
    ----------
    made : Plan
        What to do.
    standing : mapping or None
        Record of the run that stands where this one goes.
    reason : str
        Why it is made again.
    progress : callable
        Called with a notebook's name and how it stands.
    """

    def __init__(self, made: Plan, standing: Mapping[str, Any] | None, reason: str, progress: Progress) -> None:
        self.plan = made
        self.standing = standing
        self.progress = progress
        self.started = dt.datetime.now(dt.UTC)
        self.timings: dict[str, float] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.done: dict[str, dict[str, Any]] = {}
        self.previous: dict[str, Any] | None = None
        self.rebuilt_for = ""
        self.rewrite: dict[str, Any] = {}
        self.is_placed = False
        self._guard = threading.Lock()
        if standing is None:
            self.revision, self.reason = 1, reason
        elif self.is_rebuild:
            # rebuilt, not revised: what the note says of itself stays
            self.revision, self.reason, self.rebuilt_for = int(standing["revision"]), str(standing["reason"]), reason
        else:
            self.revision, self.reason = int(standing["revision"]) + 1, reason or stamp.what_changed(standing, made)

    @property
    def is_rebuild(self) -> bool:
        """Whether the run that stands has this very id."""
        return self.standing is not None and self.standing.get("run_id") == self.plan.run_id

    @property
    def has_note(self) -> bool:
        """Whether the data and the note notebooks both ended well."""
        return self._is_ok(plan.DATA_NOTEBOOK) and self._is_ok(plan.NOTE_NOTEBOOK)

    def prepare(self, *, force: bool) -> None:
        """Snapshot, parameters and the last note in the building folder, or what a killed run left there."""
        folder = self.plan.building
        if force:
            shutil.rmtree(folder, ignore_errors=True)
        left = files.read_json(folder / PROGRESS_NAME)
        if left is not None and files.is_intact(folder, left["inputs"]):
            self.previous = history.recorded_previous(folder)
            kept = left["notebooks"].items()
            self.done = {name: item for name, item in kept if files.is_intact(folder, item["hashes"])}
            for path in self.plan.notebooks:
                if path.stem not in self.done:
                    self._discard(path.stem, with_notebook=True)
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.previous = history.previous(self.plan.note_dir, self.plan.snapshot.as_of, self.plan.run_id)
        self.plan.snapshot.write(folder / "snapshot")
        files.write_json(folder / history.PREVIOUS, {"previous": self.previous})
        files.write_json(folder / record.PARAMS_NAME, plan.public(self.plan.params))
        self.plan.own.write(folder)
        self._note_progress()

    def execute(self, jobs: int, kind: Kind) -> None:
        """Data and sections side by side, then the note."""
        limits = self.plan.params.limits
        *sections, note = self.plan.notebooks
        kernels = Kernels(
            self.plan.project,
            self.plan.building,
            cell_seconds=limits.cell_seconds,
            run_seconds=limits.run_seconds,
            kind=kind,
        )
        begun = time.monotonic()
        try:
            self._side_by_side(sections, kernels, jobs)
            self.timings["sections"] = round(time.monotonic() - begun, 2)
            if self._is_ok(plan.DATA_NOTEBOOK):
                begun = time.monotonic()
                files.write_json(self.plan.building / contexts.FILE_NAME, self._reworded(self._context()))
                self._side_by_side([note], kernels, 1)
                self.timings["note"] = round(time.monotonic() - begun, 2)
        finally:
            kernels.close()

    def finish(self, begun: float) -> tuple[dict[str, Any], Path]:
        """Render, record and put in place; without a note, only record. Gives the record and its folder."""
        folder = self.plan.building
        shutil.rmtree(folder / LOGS_NAME, ignore_errors=True)
        snapshot = self.plan.snapshot
        coverage = {str(row.symbol): str(row.status) for row in snapshot.coverage.itertuples()}
        coverage |= snapshot.background.inputs
        # the fund itself is always required: without it there is no note, unless the note says since when it is stale
        required = (self.plan.params.mid, *self.plan.params.required)
        missing = history.degraded(coverage, required, self.previous)
        found = [_CODES[item.status] for item in self.outcomes.values() if item.status != "ok"]
        changes: list[dict[str, str | None]] = []
        headline = message = ""
        if self.has_note:
            render_begun = time.monotonic()
            headline, message = page.write(folder), page.message(folder)
            self.timings["render"] = round(time.monotonic() - render_begun, 2)
            if self.standing is not None and not self.is_rebuild:
                changes = history.difference(history.findings_of(self.plan.folder), history.findings_of(folder))
        self.timings["total"] = round(time.monotonic() - begun, 2)
        written = stamp.run_record(
            self.plan,
            exit_code=max(found, default=DEGRADED if missing else COMPLETE),
            headline=headline,
            message=message,
            revision=self.revision,
            reason=self.reason,
            rebuilt_for=self.rebuilt_for,
            started=self.started,
            timings=self.timings,
            outcomes=self.outcomes,
            degraded=missing,
            changes=changes,
            rewrite=self.rewrite,
        )
        written["hashes"] = files.manifest(folder, without=(history.RUN_RECORD,))
        written["sha256"] = stamp.own_hash(written)
        files.write_json(folder / history.RUN_RECORD, written)
        if not self.has_note or (found and self.is_rebuild and history.is_complete(self.standing, self.plan.run_id)):
            # a rebuild that lost a section must not replace the complete note it repeats
            return written, folder
        (folder / PROGRESS_NAME).unlink()
        history.place(folder, self.plan.folder, self.standing)
        self.is_placed = True
        shutil.rmtree(folder.parent, ignore_errors=True)
        return written, self.plan.folder

    # --- steps ---------------------------------------------------------------------------------

    def _side_by_side(self, paths: list[Path], kernels: Kernels, jobs: int) -> None:
        pool = concurrent.futures.ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="notebook")
        tasks = [pool.submit(self._one, path, kernels) for path in paths]
        try:
            _, late = concurrent.futures.wait(tasks, timeout=max(0.0, kernels.seconds_left) + GRACE_SECONDS)
            if late:
                kernels.stop()
            for task in tasks:
                task.result()
        except BaseException:
            # Ctrl-C, or a fault of our own: no kernel outlives the run
            kernels.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, path: Path, kernels: Kernels) -> None:
        name = path.stem
        if name in self.done:
            self.outcomes[name] = Outcome("ok", "", float(self.done[name]["seconds"]))
        else:
            self.progress(name, "started")
            self.outcomes[name] = outcome = kernels.run(path, self.plan.arguments(name))
            if outcome.status != "ok":
                self._discard(name)
            elif name != plan.NOTE_NOTEBOOK:
                self._note_progress(name, outcome)
        self.progress(name, self.outcomes[name].status)

    def _is_ok(self, name: str) -> bool:
        return name in self.outcomes and self.outcomes[name].status == "ok"

    def _note_progress(self, name: str | None = None, outcome: Outcome | None = None) -> None:
        folder = self.plan.building
        inputs = {f"snapshot/{path}": known for path, known in files.manifest(folder / "snapshot").items()}
        with self._guard:
            if name is not None and outcome is not None:
                self.done[name] = {"seconds": outcome.seconds, "hashes": files.of_notebook(folder, name)}
            files.write_json(folder / PROGRESS_NAME, {"inputs": inputs, "notebooks": self.done})

    def _discard(self, name: str, *, with_notebook: bool = False) -> None:
        """Remove what a notebook stated before it failed: half a section must not reach the note."""
        for file in files.of_notebook(self.plan.building, name):
            if with_notebook or not file.startswith("notebooks/"):
                (self.plan.building / file).unlink()

    def _reworded(self, context: dict[str, Any]) -> dict[str, Any]:
        """The context with the paragraphs that a language model reworded, where one is asked for."""
        settings = self.plan.params.narrative_llm
        if settings is None:
            return context
        made, self.rewrite = reword.ask(record.read_findings(self.plan.building), context, settings)
        return made

    def _context(self) -> dict[str, Any]:
        failed = [
            {"notebook": path.stem, "reason": self.outcomes[path.stem].reason}
            for path in self.plan.notebooks
            if path.stem in self.outcomes and not self._is_ok(path.stem)
        ]
        return contexts.note_context(
            self.plan.params,
            self.plan.snapshot,
            self.plan.building,
            failed=failed,
            previous=self.previous,
            revision=self.revision,
            reason=self.reason,
        )
