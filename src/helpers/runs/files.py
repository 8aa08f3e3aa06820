"""Files written beside their place and renamed into it, so that a reader never sees half of one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` in one step; the folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


def json_text(value: Any) -> str:
    """`value` as JSON text that is the same for the same value, whatever ran before."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Put `value` as JSON at `path` in one step."""
    write_text(path, json_text(value))


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object at `path`; None when there is no such file or it is not one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Relative path to SHA-256 of every file below `folder`, hidden folders left out, sorted by path."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return {name: sha256(folder / name) for name in names if name not in without}


def of_notebook(folder: Path, name: str) -> dict[str, str]:
    """Relative path to SHA-256 of what a section's notebook wrote: itself, its findings, its charts."""
    charts = (f"charts/{name}-*.svg", f"charts/narrow/{name}-*.svg")
    patterns = (f"notebooks/{name}.ipynb", f"findings/{name}.json", *charts)
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}


def is_intact(folder: Path, hashes: Mapping[str, str]) -> bool:
    """Whether every named file is there with the bytes its hash names."""
    return all((folder / name).is_file() and sha256(folder / name) == known for name, known in hashes.items())
