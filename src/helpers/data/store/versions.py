"""The versions of a store on disk: whole folders with a manifest each, and one pointer to the current one.

A version is written beside and renamed into place; only then is CURRENT replaced, by the one process that holds the
lock. A writer that dies leaves the old version as it was, and its leftovers go when the next one writes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.core.errors import AlreadyRunningError, UnavailableDataError, UnfitDataError
from helpers.data import disk
from helpers.data.store import manifest, parts
from helpers.data.store.draft import Draft
from helpers.data.store.manifest import Manifest
from helpers.data.store.parts import Part

VERSION = re.compile(r"(\d{6,})-([0-9a-f]{12})")


class Versions:
    """The versions below a home folder.

    Parameters
    ----------
    home : path
        The folder; made by the first write.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "bars"

    def current(self) -> str:
        """Name of the current version; empty before the first write, and only then."""
        try:
            return (self.home / "CURRENT").read_text(encoding="utf-8", errors="replace").strip() or "(no name)"
        except FileNotFoundError:
            # the first write alone may have died before it set the pointer
            return "(no name)" if len(self._numbered()) > 1 else ""

    def needed(self) -> str:
        """Name of the current version; an error when there is none."""
        version = self.current()
        if not version:
            raise UnavailableDataError(f"{self.home}: no bars stored; store some first, or set BREADTHBOOK_HOME")
        return version

    def names(self) -> list[str]:
        """Names of the versions, oldest first; what a killed writer left is not among them."""
        number = self.number()
        return [name for name in self._numbered() if int(name.split("-")[0]) <= number]

    def manifest(self, version: str) -> Manifest:
        """What a version holds, if that is what was written."""
        folder = self.folder / version
        if not folder.is_dir():
            raise UnavailableDataError(
                f"{self.home}: no version {version}; it has {', '.join(self._numbered()) or 'none'}"
            )
        return manifest.read(folder)

    def readable(self, version: str) -> Manifest:
        """As `manifest`; an empty one before the first write, and when it is damaged, for a commit to mend."""
        try:
            return self.manifest(version) if version else Manifest({}, {})
        except (UnavailableDataError, UnfitDataError):
            return Manifest({}, {})

    def complete(self, version: str) -> Manifest:
        """As `manifest`, with what the first schema did not keep of files; an empty one before the first write."""
        held = self.manifest(version) if version else Manifest({}, {})
        files = dict(held.files)
        for name, part in files.items():
            if part.size is None:
                content = self.content(version, name, part)
                dates = parts.days(content, name)
                files[name] = Part(part.sha256, len(content), str(dates[0]), str(dates[-1]))
        return Manifest(files, held.records)

    def content(self, version: str, name: str, part: Part) -> bytes:
        """A file's bytes, held to the hash in the manifest."""
        path = self.folder / version / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise manifest.gone(path, error) from None
        found = disk.sha256(content)
        if found != part.sha256:
            raise UnfitDataError(
                f"{path}: SHA-256 {found[:12]} found, {part.sha256[:12]} in the manifest: the file was changed; "
                + parts.MEND,
                path=str(path),
            )
        return content

    def is_whole(self, version: str, name: str, part: Part) -> bool:
        """Whether a file still is what was written."""
        try:
            self.content(version, name, part)
        except UnfitDataError:
            return False
        return True

    @contextlib.contextmanager
    def writing(self, patience: float) -> Iterator[Draft]:
        """A draft of the next version; no other process has one, and what is not published goes.

        Raises
        ------
        AlreadyRunningError
            Another process has been writing for `patience` seconds.
        UnavailableDataError
            The disk is full or the folder cannot be written to.
        """
        import filelock

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.home / "lock", timeout=patience):
                draft = Draft(self)
                try:
                    yield draft
                finally:
                    draft.clear()
        except filelock.Timeout:
            raise AlreadyRunningError(
                f"{self.home}: another process is writing bars, waited {patience} s; try again when it has ended",
                path=str(self.home),
            ) from None
        except OSError as error:
            path, reason = str(error.filename or self.home), error.strerror or str(error)
            raise UnavailableDataError(
                f"{path}: {reason}; the store is as it was; make room or allow writing, then try again",
                path=path,
                reason=reason,
            ) from None

    def _numbered(self) -> list[str]:
        """Names in the folder that are versions, oldest first."""
        names = [item.name for item in self.folder.iterdir()] if self.folder.is_dir() else []
        return sorted((name for name in names if VERSION.fullmatch(name)), key=lambda name: int(name.split("-")[0]))

    def number(self) -> int:
        """Number of the current version, 0 before the first; of the last in the folder when CURRENT is damaged."""
        current = self.current()
        named = VERSION.fullmatch(current)
        if named:
            return int(named[1])
        return max((int(name.split("-")[0]) for name in self._numbered()), default=0) if current else 0
