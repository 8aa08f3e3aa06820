"""Facts that a person gives by hand, each with its unit, day and source."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.core.errors import MissingColumnError, UnfitDataError
from helpers.data.bars import DATE_TYPE
from helpers.data.sources import lists

COLUMNS = ("fact", "value", "unit", "as_of", "source")
LARGEST = 1e15
PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
#: units of which there is no part, and those that are never below zero
WHOLE = ("count", "days", "shares")
NOT_NEGATIVE = (*WHOLE, "price", "multiple", "money", "index")
#: units as a person writes them: the unit of a finding, and by what the value is divided
UNITS = {
    "percent": ("fraction", 100.0),
    "points": ("points", 100.0),
    "bp": ("bp", 1.0),
    "price": ("price", 1.0),
    "multiple": ("multiple", 1.0),
    "count": ("count", 1.0),
    "days": ("days", 1.0),
    "shares": ("shares", 1.0),
    "money": ("money", 1.0),
    "index": ("index", 1.0),
}


def empty() -> pd.DataFrame:
    """No facts: `COLUMNS` without a row."""
    return pd.DataFrame({name: pd.Series(dtype="float64" if name == "value" else "str") for name in COLUMNS})


def read(path: str | Path) -> pd.DataFrame:
    """The facts of a CSV file, in its order.

    Parameters
    ----------
    path : path
        Columns fact, value, unit (one of `UNITS`), as_of (ISO date), source; a line each.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``value`` in the unit of a finding (percent and points as fractions), ``as_of`` datetime64.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read.
    MissingColumnError
        A column is missing.
    UnfitDataError
        A line that is not understood: its number, what was found, what is needed.
    """
    path = Path(path)
    (_, header), *body = lists.lines(path)[0]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise MissingColumnError(f"{path.name}: no column {missing[0]!r}; the first line is {','.join(COLUMNS)}")
    for place, cells in body:
        if len(cells) > len(header):
            raise UnfitDataError(
                f"{path.name}, line {place}: {len(cells)} cells found, {len(header)} needed; "
                "put text with a comma in quotes"
            )
    rows = [_row(f"{path.name}, line {place}", dict(zip(header, cells, strict=False))) for place, cells in body]
    names = [row[0] for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnfitDataError(f"{path.name}: {twice[0]!r} is given twice; keep one line or name them apart")
    if not rows:
        return empty()
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["as_of"] = pd.Series(np.array(frame["as_of"].tolist(), dtype=DATE_TYPE), index=frame.index)
    return frame


def _row(where: str, line: dict[str, str]) -> tuple[str, float, str, str, str]:
    held = {name: " ".join(line.get(name, "").split()) for name in COLUMNS}
    for name in COLUMNS:
        if not held[name]:
            raise UnfitDataError(f"{where}: `{name}` is empty; every fact needs {', '.join(COLUMNS)}")
    if held["unit"] not in UNITS:
        raise UnfitDataError(f"{where}: unit {held['unit']!r} found; one of {', '.join(UNITS)} is needed")
    unit, divisor = UNITS[held["unit"]]
    try:
        value = float(held["value"]) / divisor if PLAIN.fullmatch(held["value"]) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise UnfitDataError(f"{where}: value {held['value']!r} found; a plain number such as 4.2 is needed")
    if (unit in WHOLE and value != int(value)) or (unit in NOT_NEGATIVE and value < 0):
        needed = "a whole number of zero or more" if unit in WHOLE else "a number of zero or more"
        raise UnfitDataError(f"{where}: value {held['value']!r} found; {needed} is needed for {held['unit']}")
    try:
        day = dt.datetime.strptime(held["as_of"], "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise UnfitDataError(f"{where}: as_of {held['as_of']!r} found; write a day as 2026-04-17") from None
    return held["fact"], value, unit, day, held["source"]
