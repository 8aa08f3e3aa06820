"""One character changed anywhere a reader looks must be found."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from helpers.core.errors import UsageError
from helpers.core.findings import MIME_TYPE
from helpers.runs import files, seal, verify


@pytest.fixture
def run_copy(sample_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_run, tmp_path / "run"))


def change(path: Path, found: str, instead: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert found in text
    path.write_text(text.replace(found, instead, 1), encoding="utf-8")


def test_a_run_as_written_holds(sample_run: Path) -> None:
    assert verify.verify(sample_run) == []


@pytest.mark.parametrize("name", ["01_data", "02_breakout", "03_relative_strength", "08_note"])
def test_a_lone_notebook_as_written_holds(sample_run: Path, name: str) -> None:
    assert verify.verify(sample_run / "notebooks" / f"{name}.ipynb") == []


def test_a_lone_page_as_written_holds(sample_run: Path, tmp_path: Path) -> None:
    page = shutil.copy(sample_run / "note.html", tmp_path / "mailed.html")
    assert verify.verify(page) == []


def test_a_figure_changed_in_the_note_is_named_with_its_line(run_copy: Path) -> None:
    change(run_copy / "note.md", "72.61", "72.62")
    found = [item for item in verify.verify(run_copy) if item.where.startswith("note.md, line")]
    assert [(item.found, item.expected) for item in found] == [("72.62,", "72.61,")]


def test_a_word_changed_in_the_note_is_found(run_copy: Path) -> None:
    change(run_copy / "note.md", "traded at", "surged to")
    assert [item for item in verify.verify(run_copy) if item.found == "surged"]


@pytest.mark.parametrize("name", ["note.html", "findings.json", "claims.json", "context.json", "params.json"])
def test_a_figure_changed_in_any_file_of_the_run_is_found(run_copy: Path, name: str) -> None:
    path = run_copy / name
    digit = re.search(r"\d(?=\D*$)", path.read_text(encoding="utf-8"))
    assert digit
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: digit.start()] + str((int(digit[0]) + 1) % 10) + text[digit.end() :], encoding="utf-8")
    assert [item for item in verify.verify(run_copy) if item.where.startswith(name)]


def test_a_figure_changed_in_a_lone_page_is_found(run_copy: Path) -> None:
    change(run_copy / "note.html", "traded at 72.61", "traded at 72.67")
    found = verify.verify(run_copy / "note.html")
    assert [(item.found, item.expected) for item in found] == [("72.67,", "72.61,")]


@pytest.mark.parametrize("attribute", ["src", "srcset"])
def test_a_picture_changed_in_a_lone_page_is_found(run_copy: Path, attribute: str) -> None:
    text = (run_copy / "note.html").read_text(encoding="utf-8")
    place = text.index(f' {attribute}="data:image/svg+xml,') + 2000
    other = "A" if text[place] != "A" else "B"
    (run_copy / "note.html").write_text(text[:place] + other + text[place + 1 :], encoding="utf-8")
    assert "a picture" in verify.verify(run_copy / "note.html")[0].found


def test_narrow_pictures_belong_to_the_notebook_that_drew_them_and_are_hashed(sample_run: Path) -> None:
    held = files.of_notebook(sample_run, "02_breakout")
    evidence = files.read_json(sample_run / "findings" / "02_breakout.json") or {}
    for key, picture in evidence["pictures"].items():
        assert held[f"charts/{key}.svg"] == picture["sha256"]
        assert held[f"charts/narrow/{key}.svg"] == picture["narrow_sha256"]


def published(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return notebook, next(output["data"] for output in outputs if MIME_TYPE in output.get("data", {}))


def test_a_figure_changed_in_the_text_of_a_lone_notebook_is_found(run_copy: Path) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook, data = published(path)
    data["text/markdown"] = "".join(data["text/markdown"]).replace("72.61", "72.81")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    found = verify.verify(path)
    assert [(item.found, item.expected) for item in found] == [("72.81,", "72.61,")]


def test_a_finding_changed_in_a_lone_notebook_is_found(run_copy: Path) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook, data = published(path)
    for item in data[MIME_TYPE]["findings"]:
        if item["id"] == "breakout.high":
            item["value"] += 0.01
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert verify.verify(path)


def test_a_figure_changed_in_a_plain_table_of_a_lone_notebook_is_found(run_copy: Path) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    changed = 0
    for number, cell in enumerate(notebook["cells"], 1):
        for output in cell.get("outputs", []):
            if MIME_TYPE in output.get("data", {}) or "text/html" not in output.get("data", {}):
                continue
            html = "".join(output["data"]["text/html"])
            digit = re.search(r">(\d)", html)
            if digit is None:
                continue
            at = digit.start(1)
            output["data"]["text/html"] = html[:at] + str((int(html[at]) + 1) % 10) + html[at + 1 :]
            path.write_text(json.dumps(notebook), encoding="utf-8")
            assert [item.where for item in verify.verify(path)] == [f"{path.name}, cell {number}"]
            output["data"]["text/html"] = html
            changed += 1
    assert changed > 0


def test_a_notebook_without_its_mark_is_not_vouched_for(run_copy: Path) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    del notebook["metadata"][seal.NAME]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert [item.found for item in verify.verify(path)] == [
        "no mark of a run, so what stands beside its findings is not vouched for"
    ]


@pytest.mark.parametrize("change_to", ["markdown", "code", "cleared", "inserted", "deleted"])
def test_any_cell_of_a_lone_notebook_that_is_not_as_its_run_left_it_is_found(run_copy: Path, change_to: str) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    shown = next(cell for cell in cells if cell["cell_type"] == "code" and cell["outputs"])
    if change_to == "markdown":
        cells[0]["source"] = "# IJH closed at 99.99, a confirmed high"
    elif change_to == "code":
        shown["source"] = "other"
    elif change_to == "cleared":
        shown["outputs"] = []
    elif change_to == "inserted":
        cells.insert(1, {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "It closed at 99.99."})
    else:
        cells.remove(shown)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert verify.verify(path)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("</style>", 'h1::after{content:" and confirmed at 99.99"}</style>'),
        ("</style>", "h1{display:none}</style>"),
        ('<h1 id="headline">', '<h1 id="headline" hidden>'),
        ('<h1 id="headline">', '<h1 id="headline" style="display:none">'),
        ('<p class="banner">', '<p class="banner" hidden>'),
        ("</h1>", "</h1><svg><text>IJH closes at 99.99</text></svg>"),
        ("</h1>", '</h1><input value="IJH closes at 99.99">'),
        ("</h1>", '</h1><iframe srcdoc="IJH closes at 99.99"></iframe>'),
        ("</h1>", '</h1><img src="data:image/svg+xml;base64,PHN2Zy8+" alt="">'),
        ("</h1>", '</h1><img src="DATA:image/png,x" alt="">'),
    ],
)
def test_what_a_page_hides_or_shows_beside_its_words_is_found(run_copy: Path, found: str, instead: str) -> None:
    change(run_copy / "note.html", found, instead)
    assert verify.verify(run_copy / "note.html")


def test_two_pictures_exchanged_are_found(run_copy: Path) -> None:
    path = run_copy / "note.html"
    text = path.read_text(encoding="utf-8")
    first, second = re.findall(r'<img src="(data:image/svg[^"]+)"', text)[:2]
    text = text.replace(first, "\0").replace(second, first).replace("\0", second)
    path.write_text(text, encoding="utf-8")
    assert verify.verify(path)


def test_a_picture_taken_out_is_found(run_copy: Path) -> None:
    path = run_copy / "note.html"
    text = path.read_text(encoding="utf-8")
    first = re.search(r'<img src="(data:image/svg[^"]+)"', text)
    assert first
    path.write_text(text.replace(first.group(1), "data:,"), encoding="utf-8")
    assert verify.verify(path)


@pytest.mark.parametrize(
    "name", ["bars_to", "status", "reason", "params", "coverage", "degraded", "changes", "versions", "timings"]
)
def test_any_line_of_the_record_that_was_changed_is_found(run_copy: Path, name: str) -> None:
    path = run_copy / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record[name] = "other"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert any("its own hash" in item.where for item in verify.verify(run_copy))


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.html", b"\xff\xfe<html>"), ("x.ipynb", b'{"cells": [1], "metadata": {}}'), ("x.ipynb", b"{")],
)
def test_what_no_run_wrote_is_a_usage_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=name):
        verify.verify(tmp_path / name)


def test_what_is_found_names_line_word_and_reason(run_copy: Path) -> None:
    change(run_copy / "note.md", "above its", "below its")
    told = [str(item) for item in verify.verify(run_copy) if item.where.startswith("note.md, ")]
    assert len(told) == 1
    assert re.fullmatch(
        r"note\.md, line \d+: found 'below', expected 'above' "
        r"\(a guarded word that the findings do not bear out here\)",
        told[0],
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("headline", "All is well"), ("simulated", False), ("exit_code", 1), ("revision", 7), ("as_of", "2026-04-18")],
)
def test_a_changed_record_of_the_run_is_found(run_copy: Path, name: str, value: object) -> None:
    path = run_copy / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), name: value}), encoding="utf-8")
    assert any(item.where.startswith(f"run.json, {name}") for item in verify.verify(run_copy))


def test_a_changed_hash_of_the_snapshot_in_the_record_is_found(run_copy: Path) -> None:
    path = run_copy / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["parts"]["snapshot"] = "0" * 64
    path.write_text(json.dumps(record), encoding="utf-8")
    assert len([item for item in verify.verify(run_copy) if item.where.startswith("run.json")]) == 3


def test_a_file_added_to_a_run_is_found(run_copy: Path) -> None:
    (run_copy / "extra.md").write_text("buy", encoding="utf-8")
    assert [item.where for item in verify.verify(run_copy)] == ["extra.md"]


def test_a_notebook_without_findings_does_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "empty.ipynb"
    path.write_text('{"cells": []}', encoding="utf-8")
    assert "no findings" in verify.verify(path)[0].found


def test_what_is_neither_run_nor_notebook_nor_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run folder"):
        verify.verify(tmp_path / "note.pdf")
    with pytest.raises(UsageError, match=r"run\.json"):
        verify.verify(tmp_path)


@pytest.mark.parametrize("taken_out", [r"<figure>.*?</figure>", r"<section(?:(?!</section>).)*<figure>.*?</section>"])
def test_pictures_left_out_of_a_lone_page_are_named(run_copy: Path, taken_out: str) -> None:
    page = run_copy / "note.html"
    text = page.read_text(encoding="utf-8")
    shorter = re.sub(taken_out, "", text, count=1, flags=re.DOTALL)
    assert shorter.count("<figure>") < text.count("<figure>")
    page.write_text(shorter, encoding="utf-8")
    found = verify.verify(page)
    assert found and all(item.found == "no such picture" for item in found[:1]), found


@pytest.mark.parametrize(
    "hide", [{"jupyter": {"source_hidden": True}}, {"jupyter": {"outputs_hidden": True}}, {"collapsed": True}]
)
def test_a_cell_folded_away_is_found(run_copy: Path, hide: dict[str, Any]) -> None:
    path = run_copy / "notebooks" / "02_breakout.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][-1]["metadata"] |= hide
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert [item for item in verify.verify(path) if f"cell {len(notebook['cells'])}" in item.where]
