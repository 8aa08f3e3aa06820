"""The mark beside a cell's outputs by which a lone notebook shows that they are as its run left them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

#: where a cell's metadata keep it
NAME = "breadthbook"


def sealed(text: str) -> str:
    """A notebook's JSON text with a mark beside the outputs of each code cell that has any."""
    notebook = json.loads(text)
    for _, cell in _shown(notebook):
        cell["metadata"][NAME] = {"outputs_sha256": _digest(cell["outputs"])}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def broken(notebook: Mapping[str, Any]) -> list[int]:
    """Numbers of the cells whose outputs are not those that were marked; none in a notebook without any mark."""
    shown = list(_shown(notebook))
    if not any(NAME in cell["metadata"] for _, cell in shown):
        return []
    return [
        number
        for number, cell in shown
        if cell["metadata"].get(NAME, {}).get("outputs_sha256") != _digest(cell["outputs"])
    ]


def _shown(notebook: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "code" and cell.get("outputs"):
            yield number, cell


def _joined(value: Any) -> Any:
    """Text is the same in one piece as in the lines that a notebook keeps it in."""
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items()}
    if isinstance(value, list):
        is_text = bool(value) and all(isinstance(item, str) for item in value)
        return "".join(value) if is_text else [_joined(item) for item in value]
    return value


def _digest(outputs: Any) -> str:
    text = json.dumps(_joined(outputs), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
