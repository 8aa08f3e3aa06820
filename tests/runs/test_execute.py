"""A run from end to end: what it writes, what it repeats, what it survives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers.core import params
from helpers.core.errors import UsageError
from helpers.runs import execute

from .conftest import ROOT, TODAY

BYTE_EQUAL = ("findings.json", "claims.json", "note.md", "note.html")
KILL_ITSELF = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"

Project = Callable[..., Path]


def run(folder: Path, **settings: Any) -> execute.RunResult:
    changes = settings.pop("changes", {})
    chosen = params.load(folder / "small.yaml", changes)
    return execute.run(chosen, out=folder / "outputs", project=folder, today=TODAY, **settings)


def record_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def test_a_run_leaves_the_files_of_a_run_folder(sample_run: Path) -> None:
    held = {path.name for path in sample_run.iterdir()}
    assert held >= {
        "note.html",
        "note.md",
        "findings.json",
        "claims.json",
        "run.json",
        "snapshot",
        "notebooks",
        "findings",
        "charts",
    }
    assert {path.name for path in (sample_run / "notebooks").iterdir()} >= {
        "01_data.ipynb",
        "02_breakout.ipynb",
        "03_relative_strength.ipynb",
        "08_note.ipynb",
    }


def test_the_record_names_the_hash_of_every_file(sample_run: Path) -> None:
    written = {path.relative_to(sample_run).as_posix() for path in sample_run.rglob("*") if path.is_file()}
    assert set(record_of(sample_run)["hashes"]) == written - {"run.json"}


def test_no_file_of_a_run_tells_where_it_was_made(sample_run: Path) -> None:
    places = (str(ROOT), str(sample_run), str(Path.home()) + "/")
    texts = [path for path in sample_run.rglob("*") if path.suffix in (".json", ".md", ".html", ".ipynb", ".svg")]
    assert not [(path.name, place) for path in texts for place in places if place in path.read_text(encoding="utf-8")]


def test_nothing_is_left_of_the_building_site(sample_run: Path) -> None:
    note = sample_run.parent
    assert not (note / ".building").exists()
    assert not (note / ".running.json").exists()


def test_the_index_links_the_note(sample_run: Path) -> None:
    page = (sample_run.parents[1] / "index.html").read_text(encoding="utf-8")
    assert f'href="{sample_run.parent.name}/{sample_run.name}/note.html"' in page
    assert "SIMULATED" in page


def test_the_same_run_again_does_nothing(project: Project) -> None:
    folder = project()
    first = run(folder)
    stamp = (first.run_dir / "run.json").stat().st_mtime_ns
    again = run(folder)
    assert (first.exit_code, again.exit_code, again.is_new) == (0, 0, False)
    assert (first.run_dir / "run.json").stat().st_mtime_ns == stamp


def test_force_gives_the_same_bytes(project: Project) -> None:
    folder = project()
    first = run(folder)
    before = {name: (first.run_dir / name).read_bytes() for name in BYTE_EQUAL}
    again = run(folder, force=True, reason="to see")
    assert again.is_new
    assert {name: (again.run_dir / name).read_bytes() for name in BYTE_EQUAL} == before


@pytest.mark.slow
def test_force_gives_the_same_bytes_on_the_shipped_notebooks(tmp_path: Path) -> None:
    chosen = params.load(ROOT / "params" / "sample.yaml")
    first = execute.run(chosen, out=tmp_path, project=ROOT, today=TODAY)
    drawn = [path.relative_to(first.run_dir) for path in first.run_dir.glob("charts/**/*.svg")]
    names = [*BYTE_EQUAL, *map(str, drawn)]
    before = {name: (first.run_dir / name).read_bytes() for name in names}
    again = execute.run(chosen, out=tmp_path, project=ROOT, today=TODAY, force=True)
    assert again.is_new and len(drawn) == 46
    assert {name: (again.run_dir / name).read_bytes() for name in names} == before


def test_a_rebuild_that_loses_a_section_leaves_the_good_note(project: Project, tmp_path: Path) -> None:
    flag = tmp_path / "broken"
    folder = project(s05_own=f"import pathlib\nassert not pathlib.Path({str(flag)!r}).exists()")
    first = run(folder)
    before = (first.run_dir / "note.html").read_bytes()
    flag.touch()
    again = run(folder, force=True)
    assert (again.exit_code, again.has_note) == (1, False)
    assert (first.run_dir / "note.html").read_bytes() == before


def test_a_long_reason_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match="shorten it"):
        run(project(), reason="word " * 100)


def test_other_inputs_make_a_revision_and_keep_the_old_one(project: Project) -> None:
    folder = project()
    first = run(folder)
    second = run(folder, changes={"mid": "MDY"}, reason="wrong fund")
    written = record_of(second.run_dir)
    assert (written["revision"], written["reason"]) == (2, "wrong fund")
    assert (second.run_dir / ".history" / first.run_id / "note.html").is_file()
    assert written["changes"]


@pytest.mark.slow
def test_a_revision_is_compared_with_the_note_it_replaces(project: Project) -> None:
    folder = project()
    first = run(folder)
    second = run(folder, changes={"window": 126})
    recorded = json.loads((second.run_dir / "snapshot" / "previous.json").read_text(encoding="utf-8"))["previous"]
    assert recorded["run_id"] == first.run_id


@pytest.mark.slow
def test_a_later_note_is_compared_with_the_one_before(project: Project) -> None:
    folder = project()
    run(folder)
    later = run(folder, changes={"as_of": "2026-04-17"})
    context = json.loads((later.run_dir / "context.json").read_text(encoding="utf-8"))
    assert context["previous"]["as_of"] == "2026-04-16"


@pytest.mark.slow
def test_limits_do_not_change_the_run_id(project: Project) -> None:
    folder = project()
    run(folder)
    assert not run(folder, changes={"limits.run_seconds": 500}).is_new


# --- what fails ----------------------------------------------------------------------------------


def test_a_failing_section_is_named_in_the_note(project: Project) -> None:
    result = run(project(s10_mine="raise ValueError('no such fund')"))
    assert (result.exit_code, result.has_note) == (1, True)
    assert result.failed == [{"notebook": "10_mine", "reason": "ValueError: no such fund"}]
    assert "no such fund" in (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert (result.run_dir / "notebooks" / "10_mine.ipynb").is_file()


def test_a_killed_kernel_is_recorded_as_failed(project: Project) -> None:
    result = run(project(s10_mine=KILL_ITSELF))
    assert result.exit_code == 1
    assert record_of(result.run_dir)["notebooks"]["10_mine"]["reason"].startswith("its kernel died")


def test_half_a_section_does_not_reach_the_note(project: Project) -> None:
    code = "import pathlib\npathlib.Path(run_dir, 'findings', '10_mine.json').write_text('{}')\nraise ValueError"
    result = run(project(s10_mine=code))
    assert result.has_note
    assert not (result.run_dir / "findings" / "10_mine.json").exists()


def test_a_slow_cell_ends_five(project: Project) -> None:
    result = run(project(s10_mine="import time\ntime.sleep(60)"), changes={"limits.cell_seconds": 4})
    assert (result.exit_code, result.has_note, result.status) == (5, True, "timed_out")
    assert "limits.cell_seconds" in result.failed[0]["reason"]


def test_a_slow_run_ends_five_without_a_note(project: Project) -> None:
    folder = project(s10_mine="import time\ntime.sleep(60)")
    result = run(folder, changes={"limits.run_seconds": 5})
    assert (result.exit_code, result.has_note) == (5, False)
    assert result.seconds < 20


def test_the_last_good_note_outlives_a_failed_run(project: Project) -> None:
    folder = project()
    good = run(folder)
    before = (good.run_dir / "note.html").read_bytes()
    notebook = folder / "notebooks" / "08_note.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("record.publish_note(desk)", "1 / 0"))
    failed = run(folder)
    assert (failed.exit_code, failed.has_note) == (1, False)
    assert (good.run_dir / "note.html").read_bytes() == before
    assert record_of(failed.run_dir)["notebooks"]["08_note"]["status"] == "failed"


@pytest.mark.slow
def test_a_run_that_failed_is_tried_again(project: Project, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    folder = project(s10_mine=f"import pathlib\nassert pathlib.Path({str(flag)!r}).exists(), 'not yet'")
    assert run(folder).exit_code == 1
    flag.touch()
    assert run(folder).exit_code == 0


def test_a_secret_of_the_environment_does_not_reach_a_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_TOKEN", "hush-hush-42")
    result = run(project(s10_mine="import os\nraise ValueError(os.environ['SOME_API_TOKEN'])"))
    texts = [path.read_text(encoding="utf-8") for path in result.run_dir.rglob("*.*") if path.suffix != ".parquet"]
    assert not [text for text in texts if "hush-hush-42" in text]


def test_a_required_symbol_that_is_missing_ends_three(project: Project) -> None:
    result = run(project(), changes={"required": ["ZZZZ"]})
    assert (result.exit_code, result.status, result.degraded) == (3, "degraded", ["ZZZZ"])


def test_a_note_survives_a_kill_between_the_two_renames(project: Project) -> None:
    folder = project()
    good = run(folder)
    aside = good.run_dir.parent / ".building" / f"{good.run_dir.name}.old"
    aside.parent.mkdir()
    shutil.move(good.run_dir, aside)
    assert not run(folder).is_new
    assert (good.run_dir / "note.html").is_file()
