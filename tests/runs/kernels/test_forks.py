"""Kernels forked from one process: like plain ones in every way that a notebook can see, and gone with their driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.note import drawing
from helpers.runs.kernels import drawer, engine, forks, provisioner
from helpers.runs.kernels.engine import Kernels
from tests.runs.conftest import ROOT, write_notebook

pytestmark = pytest.mark.skipif(not forks.can_fork(), reason="kernels are forked on Linux only")

#: what a kernel says of itself
ABOUT = """
import json, os, random, sys, threading, numpy as np
with open(f"/proc/{os.getppid()}/cmdline") as file:
    parent = file.read().replace("\\0", " ")
about = {"pid": os.getpid(), "group": os.getpgid(0), "session": os.getsid(0),
         "parent": parent, "parent_pid": os.getppid(),
         "cwd": os.getcwd(), "own": os.environ.get("OWN"), "random": random.random(), "numpy": np.random.rand(),
         "threads": threading.active_count(), "path": sys.path, "open": sorted(os.listdir("/proc/self/fd"), key=int)}
print(json.dumps(about))
"""


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No server outlives a test, and none is there when one begins."""
    forks.close()
    yield
    forks.close()


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[Callable[..., Kernels]]:
    made: list[Kernels] = []

    def make(kind: engine.Kind = "forked", *, cell_seconds: float = 60) -> Kernels:
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        (tmp_path / "run").mkdir(exist_ok=True)
        made.append(Kernels(tmp_path, tmp_path / "run", cell_seconds=cell_seconds, run_seconds=120, kind=kind))
        return made[-1]

    yield make
    for item in made:
        item.close()


def run(held: Kernels, *code: str, name: str = "02_one") -> engine.Outcome:
    path = held.project / "notebooks" / f"{name}.ipynb"
    write_notebook(path, *code)
    return held.run(path, {})


def printed(held: Kernels, name: str = "02_one") -> str:
    notebook = nbformat.read(held.run_dir / "notebooks" / f"{name}.ipynb", as_version=4)
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))


def about(held: Kernels, name: str = "02_one") -> dict[str, Any]:
    outcome = run(held, ABOUT, name=name)
    assert outcome.status == "ok", outcome
    said: dict[str, Any] = json.loads(printed(held, name))
    return said


def is_gone(pid: int, seconds: float = 6.0) -> bool:
    """Whether a process ends within that time; one that nobody has waited for counts as ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_forked_kernel_leads_its_own_process_group_and_has_its_own_folder(kernels: Callable[..., Kernels]) -> None:
    held = kernels()
    said = about(held)
    assert "helpers.runs.kernels.server" in said["parent"]
    assert said["pid"] == said["group"] == said["session"]
    assert said["cwd"] == "<project>/notebooks"
    assert about(kernels("plain"))["parent_pid"] == os.getpid()


def test_every_kernel_has_seeds_and_an_environment_of_its_own(
    kernels: Callable[..., Kernels], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = about(kernels())
    monkeypatch.setenv("OWN", "second")
    second = about(kernels())
    assert first["parent_pid"] == second["parent_pid"], "one server"
    assert (first["own"], second["own"]) == (None, "second")
    assert first["random"] != second["random"] and first["numpy"] != second["numpy"]


def test_a_kernel_sees_the_path_and_the_threads_that_a_plain_one_sees(kernels: Callable[..., Kernels]) -> None:
    forked, started = about(kernels("forked")), about(kernels("plain"))
    for name in ("path", "threads"):
        assert forked[name] == started[name], name
    assert len(forked["open"]) <= len(started["open"]) + 2, "nothing of the server or of other kernels is left open"


@pytest.mark.parametrize(("name", "value"), [("PYTHONHASHSEED", "7"), ("OMP_NUM_THREADS", "1")])
def test_what_only_a_start_reads_is_never_left_out(
    kernels: Callable[..., Kernels], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert "kernels.server" in about(kernels())["parent"]
    monkeypatch.setenv(name, value)
    assert about(kernels())["parent_pid"] == os.getpid()


def test_a_killed_kernel_fails_at_once_and_says_so(kernels: Callable[..., Kernels]) -> None:
    held = kernels()
    begun = time.monotonic()
    outcome = run(held, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (outcome.status, outcome.reason) == ("failed", "its kernel died (killed, crashed, or out of memory)")
    assert time.monotonic() - begun < 20
    assert about(held)["parent"], "the next kernel is forked all the same"


def test_a_cell_past_its_limit_is_interrupted(kernels: Callable[..., Kernels]) -> None:
    outcome = run(kernels(cell_seconds=1), "import time; time.sleep(60)")
    assert outcome.status == "timed_out"


def test_without_its_server_a_kernel_ends_and_the_next_one_has_another(kernels: Callable[..., Kernels]) -> None:
    held = kernels()
    first = about(held)["parent_pid"]
    outcome = run(held, "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)")
    assert outcome.status == "failed" and "died" in outcome.reason
    second = about(held)
    assert second["parent_pid"] != first and "kernels.server" in second["parent"]


def test_where_no_kernel_can_be_forked_plain_ones_are_started(
    kernels: Callable[..., Kernels], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = kernels()

    def refuse(*args: object, **settings: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(forks.Server, "fork", refuse)
    assert about(held)["parent_pid"] == os.getpid()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_kernel_for_which_nobody_waited_does_not_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = forks.server(dict(os.environ))
    monkeypatch.setattr(forks, "FORK_SECONDS", 0.001)
    with (tmp_path / "log").open("wb") as log, pytest.raises(OSError):
        server.fork(
            ["-f", str(tmp_path / "k.json")], env=os.environ, cwd=str(tmp_path), out=log.fileno(), err=log.fileno()
        )
    monkeypatch.setattr(forks, "FORK_SECONDS", 30.0)
    drawing = server.draw(str(tmp_path / "drawer"))  # served after the first, which was forked by then
    until = time.monotonic() + 6
    while children(server.pid) != [drawing.pid] and time.monotonic() < until:
        time.sleep(0.05)
    assert children(server.pid) == [drawing.pid]
    drawing.kill()
    drawing.wait()


def test_no_descriptor_and_no_process_is_left(kernels: Callable[..., Kernels]) -> None:
    held = kernels()
    about(held)
    server = forks.server(held.environment)
    before = len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{server.pid}/fd"))
    pids = [about(held, f"02_{place}")["pid"] for place in range(6)]
    assert all(is_gone(pid) for pid in pids)
    assert (len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{server.pid}/fd"))) == before
    held.close()
    forks.close()
    assert is_gone(server.pid) and not held.sockets.exists()


DRIVER = """
import sys, time
from pathlib import Path
from helpers.runs.kernels.engine import Kernels
folder = Path(sys.argv[1])
held = Kernels(folder, folder / "run", cell_seconds=60, run_seconds=60)
held.run(folder / "notebooks" / "02_one.ipynb", {})
"""


def test_kernels_and_server_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"import os, time; open({str(told)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}\\n'); time.sleep(60)"
    write_notebook(tmp_path / "notebooks" / "02_one.ipynb", code)
    (tmp_path / "run").mkdir()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen([sys.executable, "-c", DRIVER, str(tmp_path)], env=env) as driver:
        until = time.monotonic() + 40
        while not (told.exists() and told.read_text().endswith("\n")) and time.monotonic() < until:
            time.sleep(0.05)
        kernel, server = map(int, told.read_text().split())
        driver.kill()
    assert is_gone(server) and is_gone(kernel)


def test_forking_says_nothing_on_the_screen(tmp_path: Path) -> None:
    write_notebook(tmp_path / "notebooks" / "02_one.ipynb", "1 + 1")
    (tmp_path / "run").mkdir()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", DRIVER, str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "run" / "notebooks" / "02_one.ipynb").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["papermill", "nbclient"])
def test_unmodified_runners_use_forked_kernels(tmp_path: Path, runner: str) -> None:
    write_notebook(tmp_path / "one.ipynb", ABOUT)
    env = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": provisioner.NAME}
    commands = {
        "papermill": [sys.executable, "-m", "papermill", "-k", "python3", "one.ipynb", "done.ipynb"],
        "nbclient": [sys.executable, "-m", "jupyter", "execute", "--kernel_name=python3", "--output=done", "one.ipynb"],
    }
    done = subprocess.run(commands[runner], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(tmp_path / "done.ipynb", as_version=4)
    said = json.loads("".join(output.get("text", "") for cell in notebook.cells for output in cell.outputs))
    assert "helpers.runs.kernels.server" in said["parent"]
    assert is_gone(said["parent_pid"])


def test_another_program_is_started_plainly() -> None:
    assert provisioner.arguments(["python-of-others", "-m", "ipykernel_launcher", "-f", "x"]) is None
    assert provisioner.arguments([sys.executable, "-m", "xeus", "-f", "x"]) is None
    assert provisioner.arguments([sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "x"]) is None
    assert provisioner.arguments([sys.executable, "-m", "ipykernel_launcher", "-f", "x"]) == ["-f", "x"]


# --- charts ---------------------------------------------------------------------------------------------------------

CHART = (
    '{"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"values": [{"a": 1}]}, "mark": "point"}'
)


def test_the_drawer_draws_what_a_kernel_would_draw_itself(kernels: Callable[..., Kernels]) -> None:
    held = kernels()
    path = held.environment[drawer.VARIABLE]
    until = time.monotonic() + 20
    while not Path(path).is_socket() and time.monotonic() < until:
        time.sleep(0.05)
    assert drawer.ask(path, CHART) == drawing.here(CHART)
    assert drawer.ask(path, '{"mark": 7}') == "", "a fault is said where the chart was made"
    held.close()
    assert drawer.ask(path, CHART) == ""


def test_a_chart_drawn_in_the_driver_does_not_hang_a_kernel(kernels: Callable[..., Kernels]) -> None:
    assert drawing.here(CHART).startswith("<svg")
    held = kernels(cell_seconds=30)
    code = f"from helpers.note import drawing\nprint(drawing.here({CHART!r})[:4])"
    assert run(held, code).status == "ok" and printed(held).strip() == "<svg"
