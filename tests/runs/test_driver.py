"""The driver itself killed, interrupted, or started twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

Project = Callable[..., Path]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

#: tells the test where its kernel is, then waits to be killed, the first time only
WAITS_ONCE = """
import os, pathlib, time
flag = pathlib.Path({flag!r})
first = not flag.exists()
flag.write_text(str(os.getpid()))
time.sleep(60 if first else 0)
"""


@pytest.fixture
def started(project: Project, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, Path]]:
    """A driver whose last section hangs: its process, its project, and the file that holds the kernel's pid."""
    flag = tmp_path / "flag"
    folder = project(s10_waits=WAITS_ONCE.format(flag=str(flag)))
    driver = subprocess.Popen(
        [sys.executable, "-m", "helpers.runs.cli", "run", "small.yaml", "--jobs", "2"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    building = folder / "outputs" / "small" / ".building"
    wait_until(lambda: flag.exists() and flag.read_text() != "" and "01_data" in progress_of(building))
    with driver:
        yield driver, folder, flag
        driver.kill()


def progress_of(building: Path) -> str:
    return "".join(path.read_text() for path in building.glob("*/.progress.json"))


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_killed_driver_is_reported_and_its_run_resumed(
    started: tuple[subprocess.Popen[str], Path, Path], command: Command
) -> None:
    driver, folder, _ = started
    driver.kill()
    driver.wait()
    data = folder / "outputs" / "small" / ".building"
    before = next(data.glob("*/notebooks/01_data.ipynb")).read_bytes()
    done = command("run", "small.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"process {driver.pid} is gone" in done.stderr
    assert (folder / "outputs/small/2026-04-16/notebooks/01_data.ipynb").read_bytes() == before


def test_a_second_driver_ends_six(started: tuple[subprocess.Popen[str], Path, Path], command: Command) -> None:
    driver, folder, _ = started
    done = command("run", "small.yaml", "--json", cwd=folder)
    assert done.returncode == 6
    assert f"process {driver.pid}" in done.stderr
    assert json.loads(done.stdout)["exit_code"] == 6


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_driver_ends_its_kernels(
    started: tuple[subprocess.Popen[str], Path, Path], sent: signal.Signals
) -> None:
    driver, folder, flag = started
    driver.send_signal(sent)
    _, err = driver.communicate(timeout=20)
    assert driver.returncode == 1
    assert err.strip() == "breadthbook: interrupted; the last good note is untouched"
    wait_until(lambda: not is_running(int(flag.read_text())), 5)
    assert not (folder / "outputs/small/2026-04-16").exists()


def test_the_screen_shows_only_the_note(project: Project, command: Command) -> None:
    done = command("run", "small.yaml", cwd=project())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith("outputs/small/2026-04-16/note.html")


def test_a_stray_module_in_the_working_folder_changes_nothing(project: Project, command: Command) -> None:
    folder = project()
    (folder / "random.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    (folder / "notebooks" / "random.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    code = "from helpers.runs import cli; cli.main(['run', 'small.yaml'])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
