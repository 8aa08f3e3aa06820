"""One notebook in one kernel, with both time limits and a truthful outcome."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from helpers.core.errors import UsageError
from helpers.runs import files, scrub, seal
from helpers.runs.kernels import drawer, forks, plain

Kind = Literal["forked", "plain"]
VARIABLE = "BREADTHBOOK_KERNELS"
STARTUP_SECONDS = 60
IOPUB_SECONDS = 30
SHORTEST_WAIT = 0.05


def kind_of(asked: str = "") -> Kind:
    """How kernels are started: as asked, else as the environment says, else forked; UsageError for another word."""
    said = asked or os.environ.get(VARIABLE, "") or "forked"
    if said not in get_args(Kind):
        raise UsageError(f"kernels {said!r} found; one of {', '.join(get_args(Kind))} is needed")
    return cast(Kind, said)


@dataclass(frozen=True)
class Outcome:
    """How a notebook ended: "ok", "failed" or "timed_out", with the reason in one line."""

    status: str
    reason: str = ""
    seconds: float = 0.0


class Kernels:
    """The kernels of one run: starts them, knows the living ones, and can end them all at once.

    Parameters
    ----------
    project : Path
        Folder that holds `notebooks/`.
    run_dir : Path
        Absolute folder the notebooks read from and write to.
    cell_seconds : float
        Limit of a cell.
    run_seconds : float
        Limit of all notebooks together, from now on.
    kind : {"forked", "plain"}
        Forked from one process that has imported the stack, where the system allows; or each started by itself.
    """

    def __init__(
        self, project: Path, run_dir: Path, *, cell_seconds: float, run_seconds: float, kind: Kind = "forked"
    ) -> None:
        self.project = project
        self.run_dir = run_dir
        self.cell_seconds = cell_seconds
        self.run_seconds = run_seconds
        self.deadline = time.monotonic() + run_seconds
        self.stopped = False
        self._living: dict[str, Any] = {}
        self._guard = threading.Lock()
        self.sockets = Path(tempfile.mkdtemp(prefix="bb-"))
        self.environment = plain.environment(self.sockets)
        self._drawer = None
        self.is_forked = kind == "forked" and forks.can_fork()
        if self.is_forked:
            self._drawer = self._begin_drawing()

    @property
    def seconds_left(self) -> float:
        """What remains of the whole run's time."""
        return self.deadline - time.monotonic()

    def run(self, notebook: Path, arguments: Mapping[str, Any]) -> Outcome:
        """Execute `notebook` and save it, scrubbed, in the run folder; never raises for what its cells do."""
        begun = time.monotonic()
        if self.stopped or self.seconds_left <= 0:
            return Outcome("failed", "interrupted") if self.stopped else self._run_limit()
        kept: dict[str, Any] = {}
        try:
            self._papermill(notebook, arguments, kept)
            outcome = Outcome("ok")
        except Exception as error:
            outcome = self._judge(error)
        finally:
            plain.close_loop()
        if "nb" in kept:
            self._save(kept["nb"], notebook.name)
        return Outcome(outcome.status, outcome.reason, round(time.monotonic() - begun, 2))

    def stop(self) -> None:
        """Kill every living kernel; notebooks still running end as failed."""
        self.stopped = True
        with self._guard:
            living = list(self._living.values())
        for manager in living:
            pid = getattr(manager.provisioner, "pid", None)
            if pid:
                # a kernel leads its own process group
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the drawer and remove the sockets."""
        if self._drawer is not None:
            self._drawer.kill()
            self._drawer.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _begin_drawing(self) -> forks.Forked | None:
        """A drawer for the run's charts; None where there can be none, and each kernel draws its own."""
        path = str(self.sockets / "drawer")
        try:
            made = forks.server(self.environment).draw(path)
        except OSError:
            return None
        self.environment[drawer.VARIABLE] = path
        return made

    def _papermill(self, notebook: Path, arguments: Mapping[str, Any], kept: dict[str, Any]) -> None:
        plain.skip_slow_grammar()
        import papermill

        _register_engine()
        papermill.execute_notebook(
            _escaped(notebook),
            None,
            parameters={**arguments, "run_dir": str(self.run_dir)},
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=max(1, min(STARTUP_SECONDS, int(self.seconds_left))),
            kernels=self,
            kept=kept,
            name=notebook.stem,
        )

    def time_limit(self, _cell: Any) -> float:
        """Seconds the next cell may take: its own limit, or what is left of the run."""
        if self.stopped:
            return SHORTEST_WAIT
        # zero would mean "no limit" to nbclient
        return max(SHORTEST_WAIT, min(self.cell_seconds, self.seconds_left))

    def client(self, nb_man: Any, name: str, **settings: Any) -> Any:
        """An nbclient client with a kernel of this interpreter that is shut down with it."""
        from papermill.clientwrap import PapermillNotebookClient

        manager = plain.manager(self.sockets, name, is_forked=self.is_forked)
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            timeout_func=self.time_limit,
            iopub_timeout=IOPUB_SECONDS,
            shutdown_kernel="immediate",
            **settings,
        )
        client.owns_km = True
        return client

    @contextlib.contextmanager
    def living(self, name: str, client: Any) -> Any:
        """Keep the client's kernel on the list of the living while the block runs; gives its log file."""
        with self._guard:
            self._living[name] = client.km
        log = self.run_dir / ".logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("wb") as stream:
                yield stream
        finally:
            with self._guard:
                self._living.pop(name, None)

    def _judge(self, error: Exception) -> Outcome:
        kind = type(error).__name__
        if self.stopped:
            return Outcome("failed", "interrupted")
        if self.seconds_left <= 0:
            return self._run_limit()
        if kind == "CellTimeoutError":
            return Outcome("timed_out", f"a cell took longer than {self.cell_seconds:g} s (limits.cell_seconds)")
        if kind == "DeadKernelError":
            return Outcome("failed", "its kernel died (killed, crashed, or out of memory)")
        if kind == "PapermillExecutionError":
            said = f"{error.ename}: {error.evalue}"  # type: ignore[attr-defined]
            return Outcome("failed", scrub.reason(said, self.run_dir, self.project))
        return Outcome("failed", scrub.reason(f"{kind}: {error}", self.run_dir, self.project))

    def _run_limit(self) -> Outcome:
        return Outcome("timed_out", f"the whole run took longer than {self.run_seconds:g} s (limits.run_seconds)")

    def _save(self, nb: Any, file_name: str) -> None:

        for key in ("input_path", "output_path", "environment_variables"):
            nb.metadata.get("papermill", {}).pop(key, None)
        import nbformat

        write: Any = nbformat.writes
        shared = scrub.text(write(nb), self.run_dir, self.project)
        files.write_text(self.run_dir / "notebooks" / file_name, seal.sealed(shared))


ENGINE = "breadthbook"


def _register_engine() -> None:
    """Make papermill know an engine that uses a run's own kernels and hands the notebook back in every case."""
    from papermill.engines import NBClientEngine, papermill_engines

    if ENGINE in papermill_engines._engines:
        return

    class OwnKernels(NBClientEngine):  # type: ignore[misc, unused-ignore]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **settings: Any) -> None:
            kernels: Kernels = settings["kernels"]
            settings["kept"]["nb"] = nb_man.nb
            client = kernels.client(
                nb_man, settings["name"], kernel_name=kernel_name, startup_timeout=settings["start_timeout"]
            )
            with kernels.living(settings["name"], client) as log:
                client.execute(stdout=log, stderr=log, env=kernels.environment, cwd=str(kernels.project / "notebooks"))

    papermill_engines.register(ENGINE, OwnKernels)


def _escaped(path: Path) -> str:
    # papermill formats paths with the parameters
    return str(path).replace("{", "{{").replace("}", "}}")
