"""The mark by which a lone notebook shows that its cells and outputs are as its run left them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

#: where a notebook's metadata keep it: a hash for each cell, in order
NAME = "breadthbook"
#: what of a cell a reader sees
_READ = ("cell_type", "source", "outputs", "attachments")


def sealed(text: str) -> str:
    """A notebook's JSON text with the mark in its metadata."""
    notebook = json.loads(text)
    notebook["metadata"][NAME] = {"cells_sha256": _digests(notebook)}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def broken(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a notebook is not as it was marked ("cell 3", or "" for the whole), and what was found there."""
    marked = notebook.get("metadata", {}).get(NAME, {}).get("cells_sha256")
    if not isinstance(marked, list):
        yield "", "no mark of a run, so what stands beside its findings is not vouched for"
        return
    held = _digests(notebook)
    for number, (found, known) in enumerate(zip(held, marked, strict=False), 1):
        if found != known:
            yield f"cell {number}", "text, code or outputs changed since the run"
    if len(held) != len(marked):
        yield "", f"{len(held)} cells, {len(marked)} were marked"


def _digests(notebook: Mapping[str, Any]) -> list[str]:
    cells = notebook["cells"]
    return [_digest({**{name: cell.get(name) for name in _READ}, "hidden": _hidden(cell)}) for cell in cells]


def _hidden(cell: Mapping[str, Any]) -> list[str]:
    """What of a cell a viewer would fold away."""
    about = cell.get("metadata", {})
    held = {name: about.get(name) for name in ("collapsed", "scrolled")} | dict(about.get("jupyter", {}))
    return sorted(name for name, is_on in held.items() if is_on)


def _joined(value: Any) -> Any:
    """Text is the same in one piece as in the lines that a notebook keeps it in."""
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items()}
    if isinstance(value, list):
        is_text = bool(value) and all(isinstance(item, str) for item in value)
        return "".join(value) if is_text else [_joined(item) for item in value]
    return value


def _digest(cell: Any) -> str:
    text = json.dumps(_joined(cell), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
