"""What a version says of itself: its files with their hashes, and a record of each symbol."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.core.errors import UnfitDataError
from helpers.data import disk
from helpers.data.store.parts import MEND, Part

SCHEMA = 2
#: names that begin with "_" are skipped by whatever reads a whole folder of Parquet
NAME = "_manifest.json"
NAME_IN_SCHEMA_1 = "manifest.json"
#: the values that revisions replaced; every other file is a part of the bars
SUPERSEDED = "_superseded/bars.parquet"

Records = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Manifest:
    """The files of a version by name, and what was recorded of its symbols."""

    files: dict[str, Part]
    records: Records

    @property
    def bars(self) -> dict[str, Part]:
        """The files that hold bars, in the order of their dates."""
        return {name: part for name, part in sorted(self.files.items()) if name != SUPERSEDED}


def read(folder: Path) -> Manifest:
    """The manifest in the folder of a version, which is there, if it is what was written.

    Raises
    ------
    UnfitDataError
        It is gone, damaged or changed, or of a later schema.
    """
    is_first = not (folder / NAME).exists() and (folder / NAME_IN_SCHEMA_1).exists()
    path = folder / (NAME_IN_SCHEMA_1 if is_first else NAME)
    try:
        written = path.read_text(encoding="utf-8")
        held = json.loads(written)
        schema, files, records = int(held["schema"]), dict(held["files"]), dict(held.get("records", {}))
        if schema > SCHEMA:
            raise UnfitDataError(f"{path}: schema {schema} found, {SCHEMA} is the last known; use a newer breadthbook")
        parts = {name: Part(facts) if is_first else Part(**facts) for name, facts in files.items()}
    except FileNotFoundError:
        raise UnfitDataError(f"{path}: the manifest is gone; {MEND}", path=str(path)) from None
    except (OSError, ValueError, TypeError, KeyError):
        raise UnfitDataError(f"{path}: not a readable manifest; {MEND}", path=str(path)) from None
    hashed = json.dumps(files) if is_first else written.partition("\n")[2]
    if digest(hashed) != folder.name.rpartition("-")[2]:
        raise UnfitDataError(f"{path}: not the manifest that was written; {MEND}", path=str(path))
    return Manifest(parts, records)


def content(manifest: Manifest) -> str:
    """What a version's name is the hash of: a line for each file and each record."""

    def lines(facts: dict[str, Any]) -> str:
        return "{" + ",".join(f"\n  {json.dumps(name)}: {json.dumps(fact)}" for name, fact in facts.items()) + "}"

    files = {name: asdict(part) for name, part in sorted(manifest.files.items())}
    return f' "files": {lines(files)},\n "records": {lines(manifest.records)}}}\n'


def text(version: str, before: str, content: str) -> str:
    """The file's text: a line that says which version this is, then the content."""
    return f'{{"schema": {SCHEMA}, "version": {json.dumps(version)}, "previous": {json.dumps(before)},\n{content}'


def digest(content: str) -> str:
    """The first digits of the hash that a version's name carries."""
    return disk.sha256(content.encode())[:12]


def gone(path: Path, error: OSError) -> UnfitDataError:
    """The error for a file that the manifest names and that is not there."""
    return UnfitDataError(f"{path}: {error.strerror}, but the manifest names it; {MEND}", path=str(path))
