"""Does what is shown follow from what was found? Each sentence is written again and compared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from helpers.core.errors import FAILED, TIMED_OUT, UsageError
from helpers.core.findings import MIME_TYPE, SCHEMA, Findings
from helpers.note import captions, narrative
from helpers.note import claims as auditor
from helpers.runs import compare, embedded, files, history, page, plan, record, render, reword, seal, stamp
from helpers.runs import context as contexts
from helpers.runs.compare import EVIDENCE_ID, Mismatch

NOTE_SECTION = "note"


def verify(path: str | Path) -> list[Mismatch]:
    """Every mismatch in a run folder, a lone executed notebook, or a lone note.html; empty when all holds.

    Raises
    ------
    UsageError
        The path is none of these.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return list(_folder(path))
        if path.suffix == ".ipynb" and path.is_file():
            return list(_notebook(path, path.name))
        if path.suffix in (".html", ".htm") and path.is_file():
            return list(_page(path, path.name))
    except (UnicodeDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path}: not readable as what a run writes ({type(error).__name__}: {error}); "
            "give the file as it was written",
            path=str(path),
        ) from None
    raise UsageError(f"{path}: a run folder, an executed .ipynb or a note.html is needed", path=str(path))


def _folder(folder: Path) -> Iterator[Mismatch]:
    stamped = files.read_json(folder / history.RUN_RECORD)
    if stamped is None:
        raise UsageError(f"{folder}: no readable run.json in it; give the folder of a finished run")
    yield from _hashes(folder, stamped["hashes"])
    yield from _stamp(folder, stamped)
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        name = f"notebooks/{path.name}"
        has_stated = (folder / "findings" / f"{path.stem}.json").is_file() or path.stem == plan.NOTE_NOTEBOOK
        if has_stated and stamped["notebooks"].get(path.stem, {}).get("status") == "ok":
            yield from _notebook(path, name)
            yield from _same_evidence(path, folder / "findings" / f"{path.stem}.json", name)
    try:
        stated = record.read_findings(folder).to_json()
        context = files.read_json(folder / contexts.FILE_NAME) or {}
        claims, note, context = narrative.written(Findings.from_json(stated), context)
    except (UsageError, KeyError, TypeError, ValueError) as error:
        yield Mismatch("findings, claims, context", f"not readable ({error})", "those of the run")
        return
    yield from _lines(folder / "findings.json", "findings.json", files.json_text(stated))
    yield from _lines(folder / "claims.json", "claims.json", files.json_text(auditor.to_json(claims)))
    yield from _lines(folder / "note.md", "note.md", note)
    yield from _page(folder / "note.html", "note.html")


def _stamp(folder: Path, stamped: Mapping[str, Any]) -> Iterator[Mismatch]:
    """What run.json says of the run against the files it names."""
    context = files.read_json(folder / contexts.FILE_NAME) or {}
    snapshot = files.read_json(folder / "snapshot" / "snapshot.json") or {}
    note = (folder / "note.md").read_text(encoding="utf-8") if (folder / "note.md").is_file() else ""
    title = next((line for line in note.splitlines() if line.startswith("# ")), "").removeprefix("# ")
    failed = any(item.get("status") != "ok" for item in stamped["notebooks"].values())
    for name, found, expected in (
        ("its own hash", stamped.get("sha256"), stamp.own_hash(stamped)),
        ("run_id", stamped["run_id"], plan.run_id_of(stamped["parts"])),
        ("parts, snapshot", stamped["parts"].get("snapshot"), snapshot.get("digest")),
        ("headline", stamped["headline"], title),
        ("message", stamped["message"], page.message(folder) if context else ""),
        ("as_of", stamped["as_of"], context.get("as_of")),
        ("revision", stamped["revision"], context.get("revision")),
        ("simulated", stamped["simulated"], context.get("simulated")),
        ("exit_code, a notebook failed", stamped["exit_code"] in (FAILED, TIMED_OUT), failed),
    ):
        if found != expected:
            yield Mismatch(f"run.json, {name}", str(found), str(expected))


def _hashes(folder: Path, known: Mapping[str, str]) -> Iterator[Mismatch]:
    held = files.manifest(folder, without=(history.RUN_RECORD,))
    for name in sorted({*known, *held}):
        if held.get(name) != known.get(name):
            found, expected = (
                f"sha256 {hashes[name][:12]}" if name in hashes else "no file" for hashes in (held, known)
            )
            yield Mismatch(name, found, expected)


def _notebook(path: Path, name: str) -> Iterator[Mismatch]:
    named = set()
    for found in _told(path, name):
        named.add(found.where.partition(", ")[2].partition(",")[0].split(":")[0])
        yield found
    for place, said in seal.broken(_read(path)):
        if place not in named:
            yield Mismatch(f"{name}, {place}" if place else name, said, "as its run left it")


def _told(path: Path, name: str) -> Iterator[Mismatch]:
    """What the outputs that carry findings say, against these findings."""
    outputs = list(_published(path))
    if not outputs:
        yield Mismatch(name, "no findings in any output", "the output of record.publish")
    for number, data in outputs:
        evidence = data[MIME_TYPE]
        shown = _joined(data.get("text/markdown", ""))
        try:
            expected = _section_text(evidence)
        except (KeyError, TypeError, ValueError) as error:
            yield Mismatch(f"{name}, cell {number}", f"findings not readable ({error})", "findings of schema 1")
            continue
        yield from compare.lines(shown, expected, f"{name}, cell {number}")
        yield from _titles(evidence, f"{name}, cell {number}")


def _section_text(evidence: Mapping[str, Any]) -> str:
    findings = Findings.from_json(evidence)
    if evidence["section"] == NOTE_SECTION:
        return _note_text(findings, evidence["claims"], evidence["context"])
    return record.section_text(evidence["section"], findings, evidence.get("templates", {}))


def _note_text(findings: Findings, stated: list[Mapping[str, Any]], context: Mapping[str, Any]) -> str:
    claims, text, told = narrative.written(findings, context)
    if auditor.to_json(claims)["claims"] != list(stated):
        raise ValueError("its claims are not those the findings give")
    if told != dict(context):
        raise ValueError("its context is not the one its sentences give")
    if wrong := reword.faults(findings, context):
        raise ValueError("; ".join(wrong))
    return text


def _titles(evidence: Mapping[str, Any], where: str) -> Iterator[Mismatch]:
    """Titles of the section's own charts, where the narrative has one for the chart's name."""
    findings = Findings.from_json(evidence)
    for key, picture in evidence.get("pictures", {}).items():
        try:
            expected = captions.title(findings, key.partition("-")[2])
        except KeyError:
            continue
        if expected:
            yield from compare.lines(picture["title"], expected, f"{where}, title of {key}")


def _same_evidence(path: Path, written: Path, name: str) -> Iterator[Mismatch]:
    held = files.read_json(written)
    for number, data in _published(path):
        evidence = data[MIME_TYPE]
        if evidence.get("section") != NOTE_SECTION and evidence != held:
            found, expected = files.json_text(evidence), files.json_text(held)
            yield from compare.lines(found, expected, f"{name}, cell {number}, findings")


def _published(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Cell number and data of each output that carries findings."""
    for number, cell in enumerate(_read(path)["cells"], 1):
        for output in cell.get("outputs", []):
            if MIME_TYPE in output.get("data", {}):
                yield number, output["data"]


def _read(path: Path) -> dict[str, Any]:
    notebook = files.read_json(path)
    if notebook is None or "cells" not in notebook:
        raise UsageError(f"{path.name}: not readable as a notebook; give one that a run has written")
    return notebook


def _page(path: Path, name: str) -> Iterator[Mismatch]:
    """The page against the one that its findings, context and pictures give, down to its markup."""
    if not path.is_file():
        yield Mismatch(name, "no file", "one")
        return
    text = path.read_text(encoding="utf-8")
    shown = compare.Visible(text)
    try:
        evidence = embedded.unpacked(shown.evidence)
        findings = Findings.from_json({"schema": SCHEMA, "findings": _list_of(evidence["findings"], "findings")})
        claims, _, context = narrative.written(findings, evidence["context"])
        if auditor.to_json(claims)["claims"] != _list_of(evidence["claims"], "claims"):
            yield Mismatch(name, "claims embedded in the page", "the claims its findings give")
        for fault in reword.faults(findings, context):
            yield Mismatch(f"{name}, reworded", fault, "words that the findings bear out")
        if context != evidence["context"]:
            yield Mismatch(name, "context embedded in the page", "the one its sentences give")
        charts, narrow, strange = _drawn(text, context["pictures"], name)
        yield from strange
        expected = render.note_html(findings, claims, context, charts, narrow)
    except (KeyError, TypeError, ValueError) as error:
        yield Mismatch(name, f"findings not readable ({error})", f"a script block with id {EVIDENCE_ID}")
        return
    told = compare.Visible(expected)
    words = list(compare.lines("\n".join(shown.lines), "\n".join(told.lines), name, shown.numbers))
    yield from words
    if not words and not strange:
        yield from compare.lines(text, expected, f"{name}, markup")


def _list_of(value: Any, name: str) -> list[Any]:
    held: list[Any] = value[name] if isinstance(value, dict) else value
    return held


def _drawn(
    text: str, pictures: Mapping[str, Mapping[str, str]], name: str
) -> tuple[dict[str, str], dict[str, str], list[Mismatch]]:
    """Wide and narrow pictures of the page by their keys, and those that the run did not draw."""
    found: dict[str, str] = {}
    where: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for data in re.findall(r"data:image/svg\+xml,([^\"]+)", line):
            svg = unquote(data)
            digest = hashlib.sha256(svg.encode("utf-8")).hexdigest()
            found[digest], where[digest] = svg, number
    forms = tuple(
        {key: found[item[form]] for key, item in pictures.items() if item.get(form) in found}
        for form in ("sha256", "narrow_sha256")
    )
    drawn = {item[form]: key for key, item in pictures.items() for form in ("sha256", "narrow_sha256") if form in item}
    strange = [
        Mismatch(f"{name}, line {where[digest]}", f"a picture with sha256 {digest[:12]}", "one the run drew")
        for digest in found
        if digest not in drawn
    ]
    strange += [
        Mismatch(name, "no such picture", f"{key}, with sha256 {digest[:12]}")
        for digest, key in drawn.items()
        if digest not in found and not pictures[key].get("blank")
    ]
    return forms[0], forms[1], strange


def _lines(path: Path, name: str, expected: str) -> Iterator[Mismatch]:
    if not path.is_file():
        yield Mismatch(name, "no file", "one")
        return
    yield from compare.lines(path.read_text(encoding="utf-8"), expected, name)


def _joined(text: str | Iterable[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
