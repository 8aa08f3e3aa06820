"""Exit codes of a run whose inputs are not all there: known to be absent is complete, lost since the last is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers.core import params
from helpers.core.errors import COMPLETE, DEGRADED
from helpers.runs import execute, plan
from helpers.runs.job import Job
from tests.few import FOUR
from tests.sections import inputs

from .conftest import DATA, NOTE, OPEN, TODAY, write_notebook

FIRST, NEXT, LAST = "2026-04-14", "2026-04-15", "2026-04-16"
#: each input with the sources whose absence takes it away; facts are taken from the home folder
INPUTS = {
    "macro": ("macro",),
    "members": ("members",),
    "members_bars": ("members_bars",),
    "calendar": ("calendar",),
    "shares": (),
    "holdings": (),
    "estimates": (),
    "events": (),
}
Desk = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A project of the data and the note alone, with every input in files."""
    folder = tmp_path_factory.mktemp("project")
    for name, code in {"01_data": DATA, "08_note": NOTE}.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", OPEN.format(name=name), code)
    return folder, inputs.written(folder / "data")


def settings(world: tuple[Path, dict[str, Any]], day: str, gone: tuple[str, ...], more: dict[str, Any]) -> Any:
    folder, given = world
    sources = {
        name: value
        for name, value in given.items()
        if name not in {source for item in gone for source in INPUTS.get(item, ())}
    }
    few = {name: value for name, value in FOUR.items() if "." not in name}
    values = {**few, "as_of": day, "sources": sources, "note": {"name": "small"}, **more}
    return params.parse(values, origin="test")


def at_home(folder: Path, gone: tuple[str, ...], patch: pytest.MonkeyPatch) -> None:
    """Facts of the day as they are held without those that are gone."""
    home = folder / "-".join(("home", *gone))
    if not home.exists():
        inputs.facts(home, without=gone)
    patch.setenv("BREADTHBOOK_HOME", str(home))


@pytest.fixture(scope="module")
def coded(world: tuple[Path, dict[str, Any]]) -> Desk:
    """Records the run of a day, without a kernel, after one that had every input or every one but those named.

    The run before is a whole one, put in place with its note; of the run itself only the inputs are looked at.
    """
    folder, _ = world

    def made(day: str, *gone: str, before: tuple[str, ...] | None = (), **more: Any) -> dict[str, Any]:
        out = folder / ("none" if before is None else "-".join(("out", *before)))
        with pytest.MonkeyPatch.context() as patch:
            if before is not None and not (out / "small" / FIRST / "note.html").is_file():
                at_home(folder, before, patch)
                first = execute.run(settings(world, FIRST, before, {}), out=out, project=folder, today=TODAY)
                assert (first.exit_code, first.has_note, first.degraded) == (COMPLETE, True, [])
            at_home(folder, gone, patch)
            job = Job(
                plan.make(settings(world, day, gone, more), out=out, project=folder, today=TODAY), None, "", quiet
            )
            job.prepare(force=True)
            return job.finish(time.monotonic())[0]

    return made


def quiet(name: str, event: str) -> None:
    """Nobody looks on."""


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_of_the_last_run_that_is_missing_now_is_degraded(coded: Desk, name: str) -> None:
    record = coded(NEXT, name)
    # bars of members are asked for by their list, and what companies tell by the holdings
    beside = {"members": ["members_bars"], "holdings": ["estimates", "events"]}
    lost = [name, *beside.get(name, [])]
    assert (record["exit_code"], record["degraded"]) == (DEGRADED, lost)


def test_with_every_input_as_before_a_run_is_complete(coded: Desk) -> None:
    record = coded(NEXT)
    assert (record["exit_code"], record["degraded"]) == (COMPLETE, [])


@pytest.mark.parametrize("before", [None, ("macro", "members", "shares")])
def test_an_input_known_to_be_absent_is_complete(coded: Desk, before: tuple[str, ...] | None) -> None:
    record = coded(NEXT, "macro", "members", "shares", before=before)
    assert (record["exit_code"], record["degraded"]) == (COMPLETE, [])


@pytest.mark.parametrize("name", ["members", "macro", "estimates"])
def test_an_input_declared_required_is_degraded_from_the_first_run(coded: Desk, name: str) -> None:
    record = coded(NEXT, name, before=None, required=[name])
    assert (record["exit_code"], record["degraded"]) == (DEGRADED, [name])
    held = coded(NEXT, before=None, required=[name])
    assert (held["exit_code"], held["degraded"]) == (COMPLETE, [])


def test_an_input_that_has_grown_old_since_the_last_run_is_degraded(coded: Desk) -> None:
    """Share counts end in May; a week and more after the last of them they are not those of the day."""
    record = coded("2026-05-22")
    assert record["exit_code"] == DEGRADED
    assert set(record["degraded"]) == {"shares", "holdings", "estimates", "events"}


@pytest.mark.slow
def test_what_was_lost_once_is_known_to_be_absent_the_next_time(world: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = world
    codes = []
    with pytest.MonkeyPatch.context() as patch:
        for day, gone in ((FIRST, ()), (NEXT, ("macro",)), (LAST, ("macro",))):
            at_home(folder, gone, patch)
            chosen = settings(world, day, gone, {})
            result = execute.run(chosen, out=folder / "three", project=folder, today=TODAY)
            codes.append((result.exit_code, result.degraded, result.has_note))
    assert codes == [(COMPLETE, [], True), (DEGRADED, ["macro"], True), (COMPLETE, [], True)]
