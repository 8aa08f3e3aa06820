"""note.html and what is said of it elsewhere, as they follow from the other files of a run folder."""

from __future__ import annotations

from pathlib import Path

from helpers.note import claims as auditor
from helpers.note import narrative, sentences
from helpers.runs import context as contexts
from helpers.runs import files, history, render


def write(folder: Path) -> str:
    """Write note.html from findings, claims, context and charts of `folder`; gives the note's headline."""
    files.write_text(folder / "note.html", of(folder))
    text = (folder / "note.md").read_text(encoding="utf-8")
    first = next((line for line in text.splitlines() if line.startswith("# ")), "")
    return first.removeprefix("# ").strip()


def message(folder: Path) -> str:
    """The note in three sentences, as it follows from the files of a run folder."""
    context = files.read_json(folder / contexts.FILE_NAME) or {}
    with sentences.using(context.get("templates", {})):
        return narrative.message(history.findings_of(folder), context)


def of(folder: Path) -> str:
    """note.html as it follows from the other files of a run folder."""
    context = files.read_json(folder / contexts.FILE_NAME) or {}
    stated = files.read_json(folder / "claims.json") or {"claims": []}
    claims = [auditor.Claim.from_json(item) for item in stated["claims"]]
    charts, narrow = (
        {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / form).glob("*.svg"))}
        for form in ("charts", "charts/narrow")
    )
    return render.note_html(history.findings_of(folder), claims, context, charts, narrow)
