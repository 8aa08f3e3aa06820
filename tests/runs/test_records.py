"""Small parts: files, scrubbing, history, index, the desk of a draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.core.errors import UnknownParameterError, UsageError
from helpers.core.findings import Finding, Findings
from helpers.runs import files, history, index, own, record, scrub
from helpers.sections.breakout import breakout


def test_a_file_changed_by_a_byte_is_not_intact(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a.txt", "one")
    known = files.manifest(tmp_path)
    assert files.is_intact(tmp_path, known)
    files.write_text(tmp_path / "a.txt", "two")
    assert not files.is_intact(tmp_path, known)


def test_writing_leaves_nothing_beside(tmp_path: Path) -> None:
    files.write_json(tmp_path / "deep" / "a.json", {"a": 1})
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.json"]


def test_paths_and_secrets_are_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PASSWORD", "correct horse")
    monkeypatch.setenv("HOME", "/srv/someone")
    said = scrub.text("correct horse at /runs/7/x, /srv/someone/y", Path("/runs/7"), Path("/project"))
    assert said == "*** at ../x, ~/y"


def test_a_reason_is_one_short_line() -> None:
    said = scrub.reason("\x1b[31mValueError\x1b[0m: " + "x" * 999 + "\nsecond", Path("/runs"), Path("/project"))
    assert said.startswith("ValueError: x")
    assert len(said) == scrub.REASON_LENGTH
    assert "second" not in said


def test_symbols_there_last_time_and_stale_now_degrade() -> None:
    before = {"coverage": {"XLG": "fresh", "MGC": "missing"}}
    now = {"XLG": "stale", "MGC": "missing", "IJH": "fresh"}
    assert history.degraded(now, (), before) == ["XLG"]
    assert history.degraded(now, ("MGC",), None) == ["MGC"]
    assert history.degraded(now, (), None) == []


def test_a_symbol_no_longer_asked_for_does_not_degrade() -> None:
    assert history.degraded({"IJH": "fresh"}, (), {"coverage": {"XLG": "fresh"}}) == []


def finding(value: float | None) -> Finding:
    return Finding(id="breakout.high", subject="IJH", value=value, unit="price", as_of="2026-04-17")


def test_a_difference_says_before_and_after() -> None:
    changed = history.difference(Findings([finding(72.61)]), Findings([finding(None)]))
    assert changed == [{"finding": "breakout.high[IJH]", "before": "72.61", "after": "not known"}]


def test_the_index_shows_newest_first_and_escapes(tmp_path: Path) -> None:
    for as_of, headline in (("2026-04-16", "older"), ("2026-04-17", "<b>newer</b>")):
        shown = {"note": "a", "as_of": as_of, "finished": "", "headline": headline, "status": "complete"}
        files.write_json(tmp_path / "a" / as_of / "run.json", shown)
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert page.index("&lt;b&gt;newer") < page.index("older")
    assert "<b>" not in page


def test_an_empty_index_says_so(tmp_path: Path) -> None:
    assert "No note yet" in index.write(tmp_path).read_text(encoding="utf-8")


def test_a_draft_is_made_where_there_is_no_run(tmp_path: Path) -> None:
    desk = record.open_run(tmp_path / "draft", notebook="02_breakout", mid="MDY", window=126)
    assert (desk.params.mid, desk.params.window, desk.snapshot.simulated) == ("MDY", 126, True)
    assert "MDY" in record.check(desk, "MDY").index


def test_a_draft_is_taken_again_when_its_day_changes(tmp_path: Path) -> None:
    first = record.open_run(tmp_path, notebook="02_breakout", as_of="2026-04-16")
    second = record.open_run(tmp_path, notebook="02_breakout", as_of="2026-04-15")
    assert (first.snapshot.as_of, second.snapshot.as_of) == ("2026-04-16", "2026-04-15")


def test_a_misspelled_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownParameterError, match="did you mean `window`"):
        record.open_run(tmp_path, notebook="02_breakout", windw=126)


def test_a_note_without_findings_is_refused(tmp_path: Path) -> None:
    desk = record.open_run(tmp_path, notebook="08_note")
    with pytest.raises(UsageError, match="run the sections"):
        record.publish_note(desk)


def test_a_section_speaks_in_the_words_that_its_run_was_given(tmp_path: Path) -> None:
    desk = record.open_run(tmp_path, notebook="02_breakout", as_of="2026-04-16")
    section = breakout(desk.snapshot, desk.params)
    mine = "In a word, {{ word }}."
    own.Own({"volume.elevated": mine}).write(tmp_path)
    shown = record.publish(desk, section, {})
    assert "In a word, " in shown.text and shown.evidence["templates"] == {"volume.elevated": mine}
    own.Own({"volume.elevated": "Volume was {{ light(multiples) }}."}).write(tmp_path)
    shown = record.publish(desk, section, {})
    assert "light" not in shown.text and "median" in shown.text, "what does not hold gives way and stops nothing"
