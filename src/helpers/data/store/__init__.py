"""A versioned store of bars: plain Parquet that other tools read too, and one pointer to the current version.

Layout below the home folder (default ``.breadthbook``)::

    CURRENT                                       name of the current version
    bars/<version>/2025.parquet                   one file a year, sorted by date and symbol, never changed once written
    bars/<version>/2026_02.parquet                the last year's later days, by month; they join its file when it ends
    bars/<version>/_superseded/bars.parquet       values that a revision replaced, kept for ever
    bars/<version>/_manifest.json                 the files with their SHA-256, a record per symbol, the version before

A part that did not change is a hard link to the same file of the version before. Reading holds every file it opens to
its hash; committing all bars again mends a store of which a file was damaged.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError
from helpers.data import disk
from helpers.data.bars import FIELDS, Floats
from helpers.data.store import parts
from helpers.data.store import rows as plain
from helpers.data.store.changes import Changes as Changes  # part of what a store is used with
from helpers.data.store.changes import as_json, no_old_values, old_values
from helpers.data.store.manifest import SUPERSEDED, Manifest, Records
from helpers.data.store.rows import Days, Rows
from helpers.data.store.versions import Versions

LOCK_SECONDS = 60


def home() -> Path:
    """The store's folder: the variable BREADTHBOOK_HOME, else ``.breadthbook``."""
    return Path(os.environ.get("BREADTHBOOK_HOME") or ".breadthbook")


class Arrays(NamedTuple):
    """Days of datetime64[D], symbols, and a matrix of days x symbols per field; NaN where there is no bar."""

    days: Days
    symbols: tuple[str, ...]
    values: dict[str, Floats]


class Store:
    """Bars under a home folder, in versions of which each is whole; the last 30 are kept.

    Parameters
    ----------
    folder : path, optional
        The home folder; `home()` when None. It is made by the first write.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.home = Path(folder) if folder is not None else home()
        self._versions = Versions(self.home)

    def commit(self, bars: pd.DataFrame, records: Mapping[str, dict[str, Any]] | None = None) -> str:
        """Store `bars` and `records` in place of all that is held, except superseded values; the version's name.

        The present version's name comes back when it holds them in the same files, undamaged.

        Raises
        ------
        AlreadyRunningError
            Another process has been writing to the store for `LOCK_SECONDS`.
        UnavailableDataError
            The disk is full or the folder cannot be written to; the store is as it was.
        UnfitDataError
            A row without date or symbol, or two rows for one day and symbol.
        """
        with self._versions.writing(LOCK_SECONDS) as draft:
            held = self._versions.readable(draft.before)
            files = draft.kept(SUPERSEDED, held)
            for name, rows in parts.years(bars):
                files[name] = draft.part(name, rows, held, is_checked=True)
            return draft.publish(Manifest(files, as_json(records or {})), held)

    def apply(self, changes: Changes) -> str:
        """Store `changes` on top of the version that is current now, in one step, and give the new version's name.

        Only parts that change are read, each held to its hash, and written again; of the others no more than the size
        is looked at. The present version's name comes back when nothing changes ("" while nothing is stored).

        Raises
        ------
        AlreadyRunningError, UnavailableDataError
            As `commit`.
        UnfitDataError
            As `commit`; or a file that is needed is gone or is not what was written.
        MissingColumnError
            Superseded rows without ``version`` or ``replaced_on``.
        """
        added, old = plain.of_frame(changes.rows), old_values(changes.superseded)
        with self._versions.writing(LOCK_SECONDS) as draft:
            held = self._versions.complete(draft.before)
            files = {name: part for name, part in held.files.items() if name == SUPERSEDED}
            for plan in parts.plans(held.bars, added):
                rows = draft.rows(plan, held, changes.replaced)
                if rows is None:
                    files[plan.name] = held.files[plan.name]
                elif len(rows):
                    files[plan.name] = draft.part(plan.name, rows, held)
            if old is not None:
                kept = [self._old_values(draft.before, held)] if SUPERSEDED in files else []
                content = disk.parquet_bytes(pd.concat([*kept, old], ignore_index=True))
                files[SUPERSEDED] = draft.put(SUPERSEDED, content)
            return draft.publish(Manifest(files, {**held.records, **as_json(changes.records)}), held)

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
        return self._rows(version, symbols=symbols, start=start).frame()

    def arrays(
        self,
        days: int,
        fields: Sequence[str] = ("open", "high", "low", "close", "volume"),
        symbols: Sequence[str] | None = None,
    ) -> Arrays:
        """The last `days` dates that the current version holds, as matrices; files are held to their hash.

        Parameters
        ----------
        days : int
            Distinct dates of the store, whichever symbols have a bar on them; all when it holds fewer.
        fields : sequence of str
            Of `helpers.data.bars.FIELDS`, in their units.
        symbols : sequence of str, optional
            The columns wanted, each once; all that have a bar on these dates, sorted, when None.

        Returns
        -------
        Arrays
            Matrices of days x symbols; NaN where a symbol has no bar, throughout for one that is not held.

        Raises
        ------
        ParameterError
            Less than one day, or no such field.
        UnavailableDataError, UnfitDataError
            As `read`.
        """
        unknown = [name for name in fields if name not in FIELDS]
        if days < 1 or unknown:
            found = f"field {unknown[0]!r}" if unknown else f"days {days}"
            raise ParameterError(f"{found} found; one day or more of {', '.join(FIELDS)} are needed")
        version = self._versions.needed()
        held = self._versions.manifest(version).bars
        opened: dict[str, bytes] = {}
        dates: Days = np.array([], dtype="datetime64[D]")
        for name in sorted(held, reverse=True):
            if len(dates) < days:
                opened[name] = self._versions.content(version, name, held[name])
                dates = np.concatenate([parts.days(opened[name], name), dates])
        dates = dates[-days:]
        first = dates[0] if len(dates) else None
        pieces = [
            parts.decoded(opened[name], name, fields=fields, symbols=symbols, start=first) for name in sorted(opened)
        ]
        rows = plain.joined(pieces).compact()
        columns = tuple(dict.fromkeys(symbols)) if symbols is not None else rows.symbols
        return Arrays(dates, columns, rows.matrices(dates, columns, fields))

    def records(self, version: str | None = None) -> Records:
        """What a version (the current one) remembers of each symbol."""
        return self._versions.manifest(version or self._versions.needed()).records

    def superseded(self, version: str | None = None) -> pd.DataFrame:
        """Tidy bars that revisions replaced, step after step, with ``version`` and ``replaced_on``."""
        version = version or self._versions.needed()
        return self._old_values(version, self._versions.manifest(version))

    @property
    def version(self) -> str:
        """Name of the current version; empty before the first write."""
        return self._versions.current()

    def versions(self) -> list[str]:
        """Names of the versions, oldest first; what a killed writer left is not among them."""
        return self._versions.names()

    def status(self) -> pd.DataFrame:
        """A row per symbol: ``symbol``, ``first``, ``last`` (datetime64), ``rows``."""
        dates = self._rows(fields=()).frame().groupby("symbol")["date"]
        return dates.agg(first="min", last="max", rows="size").reset_index()

    def _rows(
        self,
        version: str | None = None,
        *,
        fields: Sequence[str] = FIELDS,
        symbols: Sequence[str] | None = None,
        start: str | None = None,
    ) -> Rows:
        version = version or self._versions.needed()
        first = np.datetime64(pd.Timestamp(start), "D") if start else None
        found = []
        for name, part in self._versions.manifest(version).bars.items():
            if first is None or np.datetime64(part.last or f"{name[:4]}-12-31") >= first:
                content = self._versions.content(version, name, part)
                found.append(parts.decoded(content, name, fields=fields, symbols=symbols, start=first))
        return plain.joined(found)

    def _old_values(self, version: str, held: Manifest) -> pd.DataFrame:
        if SUPERSEDED not in held.files:
            return no_old_values()
        return disk.frame_of(self._versions.content(version, SUPERSEDED, held.files[SUPERSEDED]), SUPERSEDED)
