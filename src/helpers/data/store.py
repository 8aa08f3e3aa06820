"""A versioned store of bars: plain Parquet per year that other tools read too, and one pointer to the current version.

Layout below the home folder (default ``.breadthbook``)::

    CURRENT                        name of the current version
    bars/<version>/2026.parquet    one file a year, sorted by date and symbol, never changed once written
    bars/<version>/manifest.json   the files with their SHA-256, and the version before

A version is written beside and renamed into place; only then is CURRENT replaced. A writer that dies leaves the old
version as it was. A year that did not change is a hard link to the same file of the version before, if that still has
its hash; so committing the bars again mends a store of which a file was damaged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.core.errors import AlreadyRunningError, UnavailableDataError, UnfitDataError
from helpers.data import disk
from helpers.data.bars import tidy

SCHEMA = 1
LOCK_SECONDS = 60
VERSION = re.compile(r"(\d{6,})-([0-9a-f]{12})")


def home() -> Path:
    """The store's folder: the variable BREADTHBOOK_HOME, else ``.breadthbook``."""
    return Path(os.environ.get("BREADTHBOOK_HOME") or ".breadthbook")


class Store:
    """Bars under a home folder, in versions of which each is whole.

    Parameters
    ----------
    folder : path, optional
        The home folder; `home()` when None. It is made by the first commit.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.home = Path(folder) if folder is not None else home()
        self._bars = self.home / "bars"

    def commit(self, bars: pd.DataFrame) -> str:
        """Store `bars` as the current version and give its name; the present one's when that holds them, undamaged.

        Raises
        ------
        AlreadyRunningError
            Another process has been writing to the store for `LOCK_SECONDS`.
        """
        import filelock

        years = _years(bars)
        hashes = {name: disk.sha256(content) for name, content in years.items()}
        self._bars.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.home / "lock", timeout=LOCK_SECONDS):
                return self._committed(years, hashes)
        except filelock.Timeout:
            raise AlreadyRunningError(
                f"{self.home}: another process is writing bars, waited {LOCK_SECONDS} s; try again when it has ended",
                path=str(self.home),
            ) from None

    def _committed(self, years: dict[str, bytes], hashes: dict[str, str]) -> str:
        before = self._current()
        whole = self._whole(before)
        if whole == hashes:
            return before
        version = f"{self._number() + 1:06d}-{_short(hashes)}"
        beside = self._cleared(version)
        for name, content in years.items():
            if whole.get(name) == hashes[name]:
                _link(self._bars / before / name, beside / name)
            else:
                disk.put(beside / name, content)
        manifest = {"schema": SCHEMA, "version": version, "previous": before, "files": hashes}
        disk.put(beside / "manifest.json", json.dumps(manifest, indent=1).encode())
        beside.rename(self._bars / version)
        disk.put(self.home / "CURRENT", f"{version}\n".encode())
        return version

    def read(
        self, symbols: Sequence[str] | None = None, start: str | None = None, *, version: str | None = None
    ) -> pd.DataFrame:
        """Tidy bars of a version (the current one), each file held to its hash.

        Parameters
        ----------
        symbols : sequence of str, optional
            Those wanted; all when None.
        start : str, optional
            ISO day of the first bar wanted.
        version : str, optional
            An older version.

        Raises
        ------
        UnavailableDataError
            Nothing stored, or no such version.
        UnfitDataError
            A file is gone or is not what was written.
        """
        version = version or self._needed()
        parts = []
        for name, expected in sorted(self._manifest(version)["files"].items()):
            if start and name[:4] < start[:4]:
                continue
            part = disk.frame_of(self._content(version, name, expected), name)
            if symbols is not None:
                part = part[part["symbol"].isin(list(symbols))]
            parts.append(part[part["date"] >= pd.Timestamp(start)] if start else part)
        empty = pd.DataFrame({"date": pd.Series(dtype="datetime64[s]"), "symbol": pd.Series(dtype="str")})
        return tidy(pd.concat(parts, ignore_index=True) if parts else empty)

    def versions(self) -> list[str]:
        """Names of the versions, oldest first; what a killed writer left is not among them."""
        number = self._number()
        return [name for name in self._numbered() if int(name.split("-")[0]) <= number]

    def status(self) -> pd.DataFrame:
        """A row per symbol: ``symbol``, ``first``, ``last`` (datetime64), ``rows``."""
        dates = self.read().groupby("symbol")["date"]
        return dates.agg(first="min", last="max", rows="size").reset_index()

    def _current(self) -> str:
        """Name of the current version; empty before the first commit, and only then."""
        try:
            return (self.home / "CURRENT").read_text(encoding="utf-8", errors="replace").strip() or "(no name)"
        except FileNotFoundError:
            return ""

    def _needed(self) -> str:
        version = self._current()
        if not version:
            raise UnavailableDataError(f"{self.home}: no bars stored; store some first, or set BREADTHBOOK_HOME")
        return version

    def _manifest(self, version: str) -> dict[str, Any]:
        path = self._bars / version / "manifest.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if path.parent.is_dir():
                raise UnfitDataError(f"{path}: the manifest is gone; commit the bars again", path=str(path)) from None
            raise UnavailableDataError(
                f"{self.home}: no version {version}; it has {', '.join(self._numbered()) or 'none'}"
            ) from None
        except ValueError:
            raise UnfitDataError(f"{path}: not a readable manifest; commit the bars again") from None
        files = manifest.get("files") if isinstance(manifest, dict) else None
        if not isinstance(files, dict) or _short(files) != version.rpartition("-")[2]:
            raise UnfitDataError(f"{path}: not the manifest that was written; commit the bars again", path=str(path))
        return manifest

    def _whole(self, version: str) -> dict[str, str]:
        """The files of a version that still are what was written, with their hashes; none when its manifest is not."""
        try:
            files = self._manifest(version)["files"] if version else {}
        except (UnavailableDataError, UnfitDataError):
            return {}
        return {name: expected for name, expected in files.items() if self._is_whole(version, name, expected)}

    def _is_whole(self, version: str, name: str, expected: str) -> bool:
        try:
            self._content(version, name, expected)
        except UnfitDataError:
            return False
        return True

    def _numbered(self) -> list[str]:
        """Names in the folder that are versions, oldest first."""
        names = [item.name for item in self._bars.iterdir()] if self._bars.is_dir() else []
        return sorted((name for name in names if VERSION.fullmatch(name)), key=lambda name: int(name.split("-")[0]))

    def _number(self) -> int:
        """Number of the current version, 0 before the first; of the last in the folder when CURRENT is damaged."""
        current = self._current()
        named = VERSION.fullmatch(current)
        if named:
            return int(named[1])
        return max((int(name.split("-")[0]) for name in self._numbered()), default=0) if current else 0

    def _content(self, version: str, name: str, expected: str) -> bytes:
        path = self._bars / version / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UnfitDataError(f"{path}: {error.strerror}, but the manifest names it; commit again") from None
        found = disk.sha256(content)
        if found != expected:
            raise UnfitDataError(
                f"{path}: SHA-256 {found[:12]} found, {expected[:12]} in the manifest: the file was changed; "
                "commit the bars again",
                path=str(path),
            )
        return content

    def _cleared(self, version: str) -> Path:
        """An empty folder to write into; what a dead writer left goes. Only the lock's holder comes here."""
        known = set(self.versions())
        for left in self._bars.iterdir():
            if left.name not in known:
                shutil.rmtree(left, ignore_errors=True)
        beside = self._bars / f".{version}"
        beside.mkdir()
        return beside


def _years(bars: pd.DataFrame) -> dict[str, bytes]:
    """File name and content for each year."""
    frame = tidy(bars).sort_values(["date", "symbol"], kind="stable", ignore_index=True)
    return {f"{year}.parquet": disk.parquet_bytes(part) for year, part in frame.groupby(frame["date"].dt.year)}


def _short(hashes: dict[str, str]) -> str:
    return disk.sha256(json.dumps(hashes).encode())[:12]


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)
