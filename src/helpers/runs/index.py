"""outputs/index.html: every note, newest first, in one page that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.runs import files, history

NAME = "index.html"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "body{color:#1a1a1a;background:#fff}a{color:#0b4f8a}.mark{font-weight:600}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.4rem .6rem;vertical-align:top;border-bottom:1px solid #ccc}"
)
_HEAD = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    f"<title>Notes</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Notes</h1>\n"
)
_COLUMNS = "".join(f'<th scope="col">{name}</th>' for name in ("As of", "Note", "Headline", "Status"))
#: what a record needs to be listed; a file of another origin is passed over
_NEEDED = {"note", "as_of", "finished", "headline", "status"}
_STATUS_WORDS = {
    "complete": "complete",
    "degraded": "written, an input is missing or stale",
    "failed": "a section failed",
    "timed_out": "a section timed out",
}


def write(out: Path) -> Path:
    """Write the index of all notes below `out`; gives its path."""
    found = [(path.parent, files.read_json(path)) for path in out.glob(f"*/*/{history.RUN_RECORD}")]
    notes = [
        (folder, record)
        for folder, record in found
        if record is not None and record.keys() >= _NEEDED and not _is_hidden(folder, out)
    ]
    notes.sort(key=lambda note: str(note[1]["note"]))
    notes.sort(key=lambda note: (str(note[1]["as_of"]), str(note[1]["finished"])), reverse=True)
    rows = "\n".join(_row(folder.relative_to(out), record) for folder, record in notes)
    table = f"<table>\n<thead><tr>{_COLUMNS}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    shown = table if rows else "<p>No note yet.</p>"
    files.write_text(out / NAME, f"{_HEAD}{shown}\n</main>\n</body>\n</html>\n")
    return out / NAME


def _row(folder: Path, record: Mapping[str, Any]) -> str:
    link = quote(f"{folder.as_posix()}/note.html")
    headline = html.escape(str(record["headline"]) or "no headline")
    mark = ' <span class="mark">SIMULATED</span>' if record.get("simulated") else ""
    revision = int(record.get("revision", 1))
    revised = f", revision {revision}" if revision > 1 else ""
    status = html.escape(_STATUS_WORDS.get(str(record["status"]), str(record["status"])))
    return (
        f"<tr><td>{html.escape(str(record['as_of']))}</td><td>{html.escape(str(record['note']))}{mark}</td>"
        f'<td><a href="{link}">{headline}</a></td><td>{status}{revised}</td></tr>'
    )


def _is_hidden(folder: Path, out: Path) -> bool:
    return any(part.startswith(".") for part in folder.relative_to(out).parts)
