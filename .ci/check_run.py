"""Check what `make run` wrote into an outputs folder: python .ci/check_run.py OUTPUTS."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

SECTIONS = ("01_data", "02_breakout", "03_relative_strength", "08_note")
VERDICTS = {
    *("holds", "does not hold", "pending"),
    *("supported", "leaning", "small", "inconclusive", "faded", "contradicted"),
    *("cannot be tested", "no data", "not yet computed"),
}
LARGEST_NOTE = 1_200_000
# what makes a browser fetch; neither a namespace (xmlns="http://...") nor a link to click on does
FETCH = re.compile(
    r"""(?:\b(?:src|srcset|action|poster)\s*=\s*["']?\s*|<(?:base|image|link|use)\b[^>]*href\s*=\s*["']?\s*"""
    r"""|url\(\s*["']?|@import\s+["']?)(?:https?:)?//"""
)


def faults(outputs: Path) -> list[str]:
    """Sentences saying what is wrong with the one note below `outputs`; none when all is well."""
    notes = sorted(outputs.glob("*/*/note.html"))
    if len(notes) != 1:
        return [f"{len(notes)} notes found below {outputs.name}/, one needed"]
    run = notes[0].parent
    missing = [name for name in _expected() if not any(run.glob(name))]
    if missing:
        return [f"not written: {', '.join(missing)}"]
    found = [] if (outputs / "index.html").is_file() else ["not written: index.html"]
    found += _findings_faults(_records(run, "findings"))
    found += _claims_faults(_records(run, "claims"))
    found += _page_faults(notes[0])
    found += [f"{path.name}: a cell failed" for path in run.glob("notebooks/*.ipynb") if _has_failed(path)]
    return found


def _expected() -> list[str]:
    files = ["note.html", "note.md", "findings.json", "claims.json", "run.json", "snapshot/*.parquet"]
    files += ["findings/*.json", "charts/*.svg"]
    return files + [f"notebooks/{section}.ipynb" for section in SECTIONS]


def _records(run: Path, name: str) -> list[dict[str, Any]]:
    content = json.loads((run / f"{name}.json").read_text(encoding="utf-8"))
    if "schema" not in content:
        raise SystemExit(f"{name}.json has no schema number")
    records: list[dict[str, Any]] = content[name]
    return records


def _findings_faults(findings: list[dict[str, Any]]) -> list[str]:
    found = [] if len(findings) >= 30 else [f"{len(findings)} findings, 30 needed"]
    return found + [f"{item['id']}: not `section.what`" for item in findings if "." not in item["id"]]


def _claims_faults(claims: list[dict[str, Any]]) -> list[str]:
    found = [f"{item['id']}: verdict {item['verdict']!r}" for item in claims if item["verdict"] not in VERDICTS]
    if not any(item["id"] == "new_high" for item in claims):
        found.append("no claim new_high")
    return found


def _page_faults(page: Path) -> list[str]:
    html = page.read_text(encoding="utf-8")
    needed = ("SIMULATED", "IJH (simulated)", "Content-Security-Policy", "<html lang=")
    found = [f"note.html lacks {text!r}" for text in needed if text not in html]
    found += [f"note.html would fetch: {html[hit.start() : hit.end() + 60]!r}" for hit in FETCH.finditer(html)]
    if len(html.encode()) > LARGEST_NOTE:
        found.append(f"note.html has {len(html.encode())} bytes, {LARGEST_NOTE} allowed")
    if len(re.findall(r"<svg\b|<img\b", html)) < 3:
        found.append("note.html shows fewer than 3 pictures")
    return found


def _has_failed(notebook: Path) -> bool:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return any(output["output_type"] == "error" for output in outputs)


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]))
    print("\n".join(wrong) if wrong else "make run wrote a complete note")
    sys.exit(1 if wrong else 0)
