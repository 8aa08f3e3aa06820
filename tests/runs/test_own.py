"""A person's own sentences, view and facts: in the note, in its record, and held to the findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.core import params as parameters
from helpers.core.errors import ParameterError
from helpers.runs import execute, own, verify
from tests.runs.conftest import TODAY

FACTS = "fact,value,unit,as_of,source\nShort interest,4.2,percent,2026-03-31,exchange file\n"
SECTION = """
from helpers.runs import record
from helpers.sections import breakout
desk = record.open_run(run_dir, notebook="02_breakout")
record.publish(desk, breakout.breakout(desk.snapshot, desk.params), {})
"""


@pytest.fixture
def folder(project: Callable[..., Path]) -> Path:
    made = project(s02_breakout=SECTION)
    (made / "small.yaml").write_text(
        "note: {name: small, author: A. Desk}\nas_of: 2026-04-16\nsources: {facts: facts.csv}\n", encoding="utf-8"
    )
    (made / "facts.csv").write_text(FACTS, encoding="utf-8")
    for name, text in {
        "views/2026-04-16.md": "Short interest of 4.2%\nis what I watch.\n",
        "templates/mine.toml": '[since]\nfirst = "Nothing went before this."\n',
    }.items():
        path = made / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return made


def written(folder: Path) -> execute.RunResult:
    result = execute.run(parameters.load(folder / "small.yaml"), project=folder, today=TODAY)
    assert result.exit_code == 0, result
    return result


@pytest.mark.slow
def test_what_a_person_adds_is_in_the_note_and_the_note_holds(folder: Path) -> None:
    result = written(folder)
    text = (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert "Nothing went before this." in text
    assert "**Author's view.** Short interest of 4.2% is what I watch. — A. Desk" in text
    assert "- Short interest: 4.2% on 31 March 2026, given by hand; source: exchange file." in text
    assert verify.verify(result.run_dir) == []
    for name in ("note.html", "notebooks/02_breakout.ipynb", "notebooks/08_note.ipynb"):
        assert verify.verify(result.run_dir / name) == [], name


@pytest.mark.slow
def test_another_view_is_another_run_and_the_same_one_is_not(folder: Path) -> None:
    first = written(folder)
    assert not written(folder).is_new
    (folder / "views" / "2026-04-16.md").write_text("I wait for 99 things.", encoding="utf-8")
    second = written(folder)
    assert second.run_id != first.run_id
    text = (second.run_dir / "note.md").read_text(encoding="utf-8")
    assert "held back: no finding and no given fact states 99." in text
    assert json.loads((second.run_dir / "run.json").read_text())["reason"] == "changed: own sentences or view"
    assert verify.verify(second.run_dir) == []


@pytest.mark.slow
def test_a_changed_number_of_the_view_is_found(folder: Path) -> None:
    page = written(folder).run_dir / "note.html"
    page.write_text(page.read_text(encoding="utf-8").replace("of 4.2% is what", "of 4.3% is what"), encoding="utf-8")
    assert [(item.found, item.expected) for item in verify.verify(page)] == [("4.3%", "4.2%")]


def read(folder: Path) -> own.Own:
    return own.read(folder, parameters.load(folder / "small.yaml"), "2026-04-16")


def test_the_view_of_a_note_comes_before_that_of_the_day(folder: Path) -> None:
    path = folder / "views" / "small" / "2026-04-16.md"
    path.parent.mkdir()
    path.write_text("Mine.", encoding="utf-8")
    assert read(folder).view == "Mine."
    assert own.read(folder, parameters.load(folder / "small.yaml"), "2026-04-15").view == ""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("templates/a.toml", "[since]\nfirst = 'It rose.'", "templates/a.toml: since.first: `rose` is typed"),
        ("templates/a.toml", "[since]\nfirst = 'No 2 alike.'", "templates/a.toml: since.first: `2` is typed"),
        ("templates/a.toml", "[since]\nfirst = 'Forty in all.'", "templates/a.toml: since.first: `Forty` is typed"),
        ("templates/a.toml", "[since]\nfirst = 'Or TSLA.'", "templates/a.toml: since.first: `TSLA` is typed"),
        (
            "templates/a.toml",
            "[pending]\nboth = 'It closed {{ if_above(closing) }} {{ closing }}.'",
            "templates/a.toml: pending.both: `if_above` is true only in the package's own sentence",
        ),
        (
            "templates/a.toml",
            "[closing]\nhigh = 'It was {{ closing.value }}.'",
            "templates/a.toml: closing.high: `closing.value` can be asked for in {% if %}, not printed",
        ),
        ("templates/a.toml", "[since\n", "templates/a.toml: not readable as TOML"),
        ("templates/a.toml", "[sinse]\nfirst = 'x'", "did you mean `since.first`"),
        ("views/2026-04-16.md", "word " * 200, "views/2026-04-16.md: 999 characters found, 600 at most"),
    ],
)
def test_what_breaks_the_rules_is_refused_before_a_kernel_starts(
    folder: Path, name: str, text: str, message: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as raised:
        written(folder)
    assert message in str(raised.value)


@pytest.mark.slow
def test_a_word_put_together_in_the_run_gives_way_and_the_note_holds(folder: Path) -> None:
    (folder / "templates" / "mine.toml").write_text(
        "[since]\nfirst = 'It ro{% if true %}se{% endif %}.'\n", encoding="utf-8"
    )
    result = written(folder)
    text = (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert "It rose." not in text
    assert "First note of this name." in text
    assert "since.first: \\`rose\\` is typed" in text
    assert verify.verify(result.run_dir) == []


def test_a_view_must_be_signed(folder: Path) -> None:
    (folder / "small.yaml").write_text("note: {name: small}\nas_of: 2026-04-16\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="must be signed; give note.author"):
        read(folder)
