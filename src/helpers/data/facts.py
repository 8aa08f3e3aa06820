"""Dated observations that have no history at their source, kept as they were on the day they were made.

Layout below the home folder, beside the bars::

    facts/<kind>/2026.parquet    one file a kind and year of observation, sorted by day and subject
    facts/lock                   held while a file is written

Share counts, estimates, holdings and members are told only as of today; what was not kept on its day is lost. So rows
are only ever added: a day's rows stay as they were recorded, whatever is recorded later.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from helpers.core.errors import (
    AlreadyRunningError,
    MissingColumnError,
    ParameterError,
    UnavailableDataError,
    UnfitDataError,
)
from helpers.data import disk
from helpers.data.bars import DATE_TYPE
from helpers.data.calendar import Day
from helpers.data.store import LOCK_SECONDS, home

KIND = re.compile(r"[a-z][a-z0-9_]*")
#: the columns that every kind has, in front of its own
KEYS = ("as_of", "subject")


class Facts:
    """Observations under a home folder, of kinds such as shares, estimates, holdings, events, members and macro.

    Parameters
    ----------
    folder : path, optional
        The home folder, that of the bars; `helpers.data.store.home` when None. It is made by the first record.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.home = Path(folder) if folder is not None else home()
        self._facts = self.home / "facts"

    def record(self, kind: str, frame: pd.DataFrame, as_of: Day) -> bool:
        """Add the rows as they were observed on a day; whether anything was added.

        A subject that already has rows of this kind and day is left as it is, and no rows record nothing.

        Parameters
        ----------
        kind : str
            Small letters, digits and underscores.
        frame : DataFrame
            ``subject`` (the fund, company or series) and any columns of numbers, text and dates. A time of day is
            dropped from a date; numbers are kept as float64. NaN, NaT and missing text stay missing.
        as_of : day
            When the observation was made.

        Raises
        ------
        MissingColumnError, UnfitDataError
            No column ``subject``, or a row without one; a file of this kind and year that is damaged.
        UnavailableDataError
            The file cannot be written, as on a full disk; what it held is still there.
        AlreadyRunningError
            Another process has been writing for `LOCK_SECONDS`.
        """
        day = pd.Timestamp(as_of).normalize()
        rows = _stamped(kind, frame, day)
        if rows.empty:
            return False
        path = self._folder(kind) / f"{day.year}.parquet"
        try:
            return self._added(path, rows, day)
        except OSError as error:
            raise UnavailableDataError(
                f"{path}: cannot be written ({error.strerror or error}); what it held is unchanged; make room or give "
                "the right to write, then record again",
                path=str(path),
            ) from None

    def _added(self, path: Path, rows: pd.DataFrame, day: pd.Timestamp) -> bool:
        import filelock

        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self._facts / "lock", timeout=LOCK_SECONDS):
                held = _content(path) if path.exists() else rows.iloc[:0]
                known = held.loc[held["as_of"] == day, "subject"].unique()
                rows = rows[~rows["subject"].isin(known)]
                if rows.empty:
                    return False
                disk.put(path, disk.parquet_bytes(_joined([held, rows])))
                return True
        except filelock.Timeout:
            raise AlreadyRunningError(
                f"{self._facts}: another process is writing, waited {LOCK_SECONDS} s; try again when it has ended",
                path=str(self._facts),
            ) from None

    def read(self, kind: str, until: Day | None = None, subject: str | None = None) -> pd.DataFrame:
        """Rows known by the end of a day, all when None, sorted by day and subject.

        Returns
        -------
        DataFrame
            ``as_of`` (datetime64), ``subject`` and what was recorded, NaN in a column that a row was recorded without;
            no rows where nothing is held.

        Raises
        ------
        UnfitDataError
            A file is damaged.
        """
        last = pd.Timestamp.max if until is None else pd.Timestamp(until)
        files = [path for path in self._files(kind) if int(path.stem) <= last.year]
        rows = _joined([_content(path) for path in files])
        chosen = rows["as_of"] <= last
        if subject is not None:
            chosen &= rows["subject"] == subject
        return rows[chosen].reset_index(drop=True)

    def latest(self, kind: str, subject: str, until: Day | None = None) -> pd.DataFrame:
        """The rows of a subject's last day, by the end of `until`; none where nothing is held."""
        rows = self.read(kind, until, subject)
        last: pd.DataFrame = rows[rows["as_of"] == rows["as_of"].max()].reset_index(drop=True)
        return last

    def days(self, kind: str, subject: str) -> list[dt.date]:
        """The days on which a subject was observed, oldest first."""
        return [pd.Timestamp(day).date() for day in self.read(kind, subject=subject)["as_of"].unique()]

    def kinds(self) -> list[str]:
        """The kinds that hold something, sorted."""
        folders = self._facts.iterdir() if self._facts.is_dir() else []
        return sorted(folder.name for folder in folders if KIND.fullmatch(folder.name) and self._files(folder.name))

    def _folder(self, kind: str) -> Path:
        if not KIND.fullmatch(kind):
            raise ParameterError(f"kind {kind!r} found; small letters, digits and underscores are needed", kind=kind)
        return self._facts / kind

    def _files(self, kind: str) -> list[Path]:
        """One file a year, oldest first; what a dead writer left beside them is not among them."""
        return sorted(path for path in self._folder(kind).glob("*.parquet") if re.fullmatch(r"\d{4}", path.stem))


def _stamped(kind: str, frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The rows with their day in front, each column in one of the types that are kept."""
    if "subject" not in frame:
        raise MissingColumnError(
            f"{kind}: no column `subject`, found {', '.join(map(str, frame.columns)) or 'none'}; name what each row "
            "is about",
            column="subject",
        )
    if frame["subject"].isna().any():
        row = int(frame["subject"].isna().to_numpy().argmax()) + 1
        raise UnfitDataError(f"{kind}: row {row} has no subject; name what it is about", row=row)
    others = [name for name in frame.columns if name not in KEYS]
    columns: dict[str, pd.Series] = {"as_of": pd.Series(day, index=range(len(frame)), dtype=DATE_TYPE)}
    columns |= {name: _plain(frame[name].reset_index(drop=True)) for name in others}
    columns["subject"] = frame["subject"].reset_index(drop=True).astype("str")
    return pd.DataFrame({name: columns[name] for name in (*KEYS, *others)})


def _plain(column: pd.Series) -> pd.Series:
    """Dates as days, numbers as float64, all else as text."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) in ("date", "datetime"):
        column = pd.to_datetime(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.Series(column.dt.tz_localize(None).dt.normalize().astype(DATE_TYPE))
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    return column.astype("str")


def _content(path: Path) -> pd.DataFrame:
    try:
        rows = disk.frame_of(path.read_bytes(), path.name)
        why = "" if set(KEYS) <= set(rows.columns) else f"no columns {' and '.join(KEYS)}"
    except (UnfitDataError, OSError) as error:
        why = str(error).removeprefix(f"{path.name}: ").removesuffix("; make it again")
    if why:
        raise UnfitDataError(
            f"{path}: {why}; put back a copy of this file, or move it away and do without the observations of "
            f"{path.stem}: no source tells them again",
            path=str(path),
        )
    return rows


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all parts by day and subject; rows of one day and subject stay in their order."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame({"as_of": pd.Series(dtype=DATE_TYPE), "subject": pd.Series(dtype="str")})
    return pd.concat(parts, ignore_index=True).sort_values(list(KEYS), kind="stable", ignore_index=True)
