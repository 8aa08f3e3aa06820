"""The journal: one line a call, one line a resolution, each chained to the line before; appended, never edited."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.core.errors import DATA_UNFIT, BreadthbookError
from helpers.runs import files

SCHEMA = 1
CALL, RESOLUTION = "call", "resolution"
#: what the first line follows
BEGINNING = "0" * 64
#: seconds that a writer waits for the others
PATIENCE = 60
_POLL = 0.005
_REMEDY = (
    "put back a copy of the file, or move it and its hidden .head file aside to begin another; "
    "lines are never mended by hand"
)

Line = dict[str, Any]


class JournalError(BreadthbookError):
    """A journal whose lines do not follow from one another: one was edited, removed, added or moved."""

    exit_code = DATA_UNFIT


@dataclass(frozen=True)
class Kept:
    """Lines that were appended, and a sentence for what was found amiss on the way."""

    lines: list[Line] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read(path: Path) -> tuple[list[Line], list[str]]:
    """Every line of a journal, checked, and a sentence for what was found amiss; nothing where none was ever begun.

    Raises
    ------
    JournalError
        The line that does not follow from the one before, or is gone, and what that shows.
    """
    if not path.exists() and not _head(path).exists():
        return [], []
    with _alone(path):
        return _checked(path)


def append_new(path: Path, new: Callable[[list[Line]], Sequence[Mapping[str, Any]]]) -> Kept:
    """Append what `new` makes of the lines held; whoever else writes meanwhile waits. Errors as `read`."""
    with _alone(path):
        held, notices = _checked(path)
        records = new(held)
        if not records:
            return Kept([], notices)
        return Kept(_write(path, records, len(held), held[-1]["hash"] if held else BEGINNING), notices)


def chained(record: Mapping[str, Any], prev: str) -> Line:
    """A record as a line: with the schema, the hash of the line before, and its own."""
    line = {"schema": SCHEMA, **record, "prev": prev}
    return {**line, "hash": hashlib.sha256(_text(line).encode()).hexdigest()}


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _head(path: Path) -> Path:
    return path.with_name(f".{path.name}.head")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else reads or writes the journal meanwhile."""
    import filelock

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE, poll_interval=_POLL):
            yield
    except filelock.Timeout:
        raise JournalError(
            f"{path.name}: another process has held it for {PATIENCE} seconds; wait for it to end, or stop it"
        ) from None


def _write(path: Path, records: Sequence[Mapping[str, Any]], lines: int, prev: str) -> list[Line]:
    """Append at the end, to the disk; then note how far the file goes, so that lines lost at its end are missed."""
    made: list[Line] = []
    for record in records:
        made.append(chained(record, made[-1]["hash"] if made else prev))
    with path.open("ab") as file:
        file.write("".join(f"{_text(line)}\n" for line in made).encode())
        file.flush()
        os.fsync(file.fileno())
    _note_head(path, lines + len(made), made[-1]["hash"])
    return made


def _note_head(path: Path, lines: int, last: str) -> None:
    files.write_json(_head(path), {"lines": lines, "hash": last})


def _checked(path: Path) -> tuple[list[Line], list[str]]:
    """The lines, each held against the one before; a torn last one is moved aside."""
    text = path.read_bytes() if path.exists() else b""
    whole, _, rest = text.rpartition(b"\n")
    rows = whole.split(b"\n") if whole else []
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        lines.append(_followed(path, number, row, lines[-1]["hash"] if lines else BEGINNING))
    left = _left(path)
    notices = []
    if left is not None:
        _check_end(path, lines, left, is_torn=bool(rest))
    elif text:
        notices.append(
            f"{path.name}: {_head(path).name} is missing beside it, so its end cannot be vouched for; "
            "lines lost there would not be missed"
        )
    if rest:
        notices.append(_mended(path, rest, len(whole) + 1 if whole else 0, lines))
    return lines, notices


def _left(path: Path) -> tuple[int, str] | None:
    """How many lines the last writer left, and the hash of the last; None where that was not noted."""
    head = _head(path)
    if not head.exists():
        return None
    left = files.read_json(head) or {}
    lines, last = left.get("lines"), left.get("hash")
    if not isinstance(lines, int) or isinstance(lines, bool) or lines < 0 or not isinstance(last, str):
        raise JournalError(
            f"{head.name} is not as it was written, so that lines lost at the end of {path.name} would not be missed; "
            "put back a copy of it, or remove it once you know that the journal is whole",
            path=str(head),
        )
    return lines, last


def _followed(path: Path, number: int, row: bytes, prev: str) -> Line:
    """One line, which must be whole, have the very bytes that were written, and follow the one before."""
    try:
        line: Any = json.loads(row)
        written = _text(line).encode()
        claimed = line.pop("hash")
        followed = line["prev"]
        own = hashlib.sha256(_text(line).encode()).hexdigest()
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise _fault(path, number, "is not a line of a journal; it was edited") from None
    if own != claimed:
        raise _fault(path, number, "was edited: it does not have the hash it states")
    if written != row:
        raise _fault(path, number, "was edited: blanks, line ends or names are not as they were written")
    if followed != prev:
        raise _fault(path, number, "does not follow the one before: a line was removed, added or moved")
    if line.get("schema") != SCHEMA:
        raise _fault(path, number, f"has schema {line.get('schema')!r}, {SCHEMA} is needed")
    return {**line, "hash": claimed}


def _check_end(path: Path, lines: list[Line], left: tuple[int, str], *, is_torn: bool) -> None:
    """The file must go as far as the last writer said that it does."""
    known, last = left
    if len(lines) + is_torn < known:
        raise _fault(path, len(lines) + 1, f"is gone: {known} lines were written, {len(lines)} are left")
    if 0 < known <= len(lines) and lines[known - 1]["hash"] != last:
        raise _fault(path, known, "is not the one that was written: lines were replaced")


def _mended(path: Path, rest: bytes, end: int, lines: list[Line]) -> str:
    """Complete a last line that lacks only its end, or move what there is of it aside; gives a sentence for people."""
    number = len(lines) + 1
    try:
        lines.append(_followed(path, number, rest, lines[-1]["hash"] if lines else BEGINNING))
        with path.open("ab") as file:
            file.write(b"\n")
        said = f"{path.name}: line {number} lacked its end, which was added"
    except JournalError:
        aside = path.with_name(f"{path.name}.torn")
        with aside.open("ab") as file:
            file.write(rest + b"\n")
        os.truncate(path, end)
        said = f"{path.name}: line {number} was torn off while it was written; what there is of it is in {aside.name}"
    _note_head(path, len(lines), lines[-1]["hash"] if lines else BEGINNING)
    return said


def _fault(path: Path, number: int, what: str) -> JournalError:
    return JournalError(f"{path.name}: line {number} {what}; {_REMEDY}", path=str(path), line=number)
