"""The next version while it is written: beside the others, renamed into place when whole, then pointed to."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.core.errors import UnfitDataError
from helpers.data import disk
from helpers.data.store import manifest, parts
from helpers.data.store import rows as plain
from helpers.data.store.manifest import Manifest
from helpers.data.store.parts import Part, Plan
from helpers.data.store.rows import Rows

if TYPE_CHECKING:
    from helpers.data.store.versions import Versions

#: versions kept; older ones go with the next write
KEPT_VERSIONS = 30


class Draft:
    """The next version while it is written beside; made under the lock by `Versions.writing`."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._number = versions.number() + 1
        self._beside = versions.folder / f".{self._number:06d}"
        self._written: set[str] = set()
        self.before = versions.current()
        self.clear()

    def put(self, name: str, content: bytes) -> Part:
        """Write a file of the version."""
        path = self._beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._written.add(name)
        return Part(disk.put(path, content), len(content))

    def part(self, name: str, rows: Rows, held: Manifest, *, is_checked: bool = False) -> Part:
        """Write rows as a part, unless `held`, the version before, has the same; when checked, undamaged."""
        content = parts.encoded(rows)
        part = Part(disk.sha256(content), len(content), str(rows.days[0]), str(rows.days[-1]))
        before = held.files.get(name)
        is_held = before is not None and before.sha256 == part.sha256
        if not is_held or (is_checked and not self._versions.is_whole(self.before, name, part)):
            self.put(name, content)
        return part

    def rows(self, plan: Plan, held: Manifest, replaced: frozenset[str]) -> Rows | None:
        """The rows of a planned part; None when it is the same part of the version before, unchanged."""
        is_one = plan.sources == (plan.name,) and plan.added is None
        if is_one and not replaced:
            return None
        contents = {name: self._versions.content(self.before, name, held.files[name]) for name in plan.sources}
        if is_one and not parts.decoded(contents[plan.name], plan.name, fields=()).are_of(replaced).any():
            return None
        rows = plain.joined([parts.decoded(content, name) for name, content in contents.items()])
        rows = rows.taken(~rows.are_of(replaced)) if replaced else rows
        return plain.merged(rows, plan.added) if plan.added is not None else rows

    def kept(self, name: str, held: Manifest) -> dict[str, Part]:
        """A file taken over whole: that of the version before, else of the last one in which it is undamaged."""
        if held.files and name not in held.files:
            return {}
        for version in reversed(self._versions.names()):
            part = self._versions.readable(version).files.get(name)
            if part and self._versions.is_whole(version, name, part):
                if version != self.before:
                    self.link(version, name, part)
                return {name: part}
        return {}

    def link(self, version: str, name: str, part: Part) -> None:
        """Take a file over from an older version, if it is there with its size."""
        path = self._versions.folder / version / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise manifest.gone(path, error) from None
        if part.size is not None and size != part.size:
            raise UnfitDataError(
                f"{path}: {size:,} bytes found, {part.size:,} in the manifest: the file was changed; " + parts.MEND,
                path=str(path),
            )
        (self._beside / name).parent.mkdir(parents=True, exist_ok=True)
        _link(path, self._beside / name)
        self._written.add(name)

    def publish(self, after: Manifest, held: Manifest) -> str:
        """Make the draft the current version and give its name; files not yet in it are linked from the one before.

        When nothing was written and the version before `held` the same, that one's name.
        """
        if not self._written and after.records == held.records and _hashes(after) == _hashes(held):
            return self.before
        self._beside.mkdir(exist_ok=True)
        for name in after.files.keys() - self._written:
            self.link(self.before, name, after.files[name])
        content = manifest.content(after)
        version = f"{self._number:06d}-{manifest.digest(content)}"
        disk.put(self._beside / manifest.NAME, manifest.text(version, self.before, content).encode())
        self._beside.rename(self._versions.folder / version)
        disk.put(self._versions.home / "CURRENT", f"{version}\n".encode())
        with contextlib.suppress(OSError):  # the new version stands, whatever becomes of old ones
            for old in self._versions.names()[:-KEPT_VERSIONS]:
                # renamed first, so that a version is there whole or not at all
                gone = (self._versions.folder / old).rename(self._versions.folder / f".{old}")
                shutil.rmtree(gone, ignore_errors=True)
        return version

    def clear(self) -> None:
        """Remove what is no version, of this writer and of dead ones."""
        known = set(self._versions.names())
        for left in self._versions.folder.iterdir():
            if left.name not in known:
                shutil.rmtree(left, ignore_errors=True)
        for left in self._versions.home.glob(".CURRENT.*"):
            left.unlink(missing_ok=True)


def _hashes(manifest: Manifest) -> dict[str, str]:
    return {name: part.sha256 for name, part in manifest.files.items()}


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)
