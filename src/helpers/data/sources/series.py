"""Economic series from a file of yours: tidy rows of series, date and value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.core.errors import MissingColumnError, SourceNotFoundError, UnfitDataError
from helpers.data import disk, macro
from helpers.data.bars import DATE_TYPE

NEEDED = ("series", "date", "value")


def read(path: str | Path) -> pd.DataFrame:
    """The rows of a file with the day on which each was published.

    Parameters
    ----------
    path : path
        CSV or Parquet with ``series``, ``date`` (the day or period observed), ``value`` and, where known,
        ``published``. Without the last the day comes from `helpers.data.macro.publication_days`.

    Returns
    -------
    DataFrame
        `helpers.data.macro.COLUMNS`; rows without a value are left out.

    Raises
    ------
    SourceNotFoundError, MissingColumnError, UnfitDataError
        What cannot be read, and where.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".csv":
            held = pd.read_csv(path, dtype={"series": "str"})
        else:
            held = disk.frame_of(path.read_bytes(), path.name)
    except OSError as error:
        raise SourceNotFoundError(
            f"{path}: {error.strerror}; give the path of a file of series", path=str(path)
        ) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise UnfitDataError(f"{path.name}: not readable ({str(error).splitlines()[0]}); mend it") from None
    missing = [name for name in NEEDED if name not in held]
    if missing:
        raise MissingColumnError(
            f"{path.name}: no column `{missing[0]}`, found {', '.join(map(str, held.columns))}; add or rename it",
            column=missing[0],
            path=str(path),
        )
    rows = pd.DataFrame({"series": held["series"].astype("str"), "value": _numbers(held["value"], path)})
    rows["date"] = _days(held["date"], path, "date")
    rows["publication"] = macro.STATED
    if "published" in held:
        rows["published"] = _days(held["published"], path, "published")
    else:
        rows["published"] = rows["date"]
        for name, part in rows.groupby("series", sort=False):
            days, how = macro.publication_days(str(name), part["date"].to_numpy().astype("datetime64[D]"))
            rows.loc[part.index, "published"] = days.astype(DATE_TYPE)
            rows.loc[part.index, "publication"] = how
    kept = rows[rows["value"].notna()].sort_values(["series", "date"], kind="stable", ignore_index=True)
    typed: pd.DataFrame = kept[list(macro.COLUMNS)].astype({"publication": "str"})
    return typed


def _numbers(column: pd.Series, path: Path) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    blank = column.isna() | column.astype("str").str.strip().isin(["", ".", "nan"])
    bad = numbers.isna() & ~blank
    if bad.any():
        row = int(np.argmax(bad.to_numpy())) + 1
        raise UnfitDataError(
            f"{path.name}: row {row}: `value` is no number: {column.iloc[row - 1]!r}; correct it", row=row
        )
    return numbers.astype("float64")


def _days(column: pd.Series, path: Path, name: str) -> pd.Series:
    days = pd.to_datetime(column, format="ISO8601", errors="coerce")
    if days.isna().any():
        row = int(np.argmax(days.isna().to_numpy())) + 1
        raise UnfitDataError(
            f"{path.name}: row {row}: `{name}` is no day: {column.iloc[row - 1]!r}; write days as 2026-04-17", row=row
        )
    return pd.Series(days.to_numpy().astype("datetime64[D]").astype(DATE_TYPE), index=column.index)
