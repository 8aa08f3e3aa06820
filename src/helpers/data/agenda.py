"""Dated events that a person lists, each with its source: meetings, releases, decisions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.core.errors import UnfitDataError
from helpers.core.yaml_text import yaml_file
from helpers.data.bars import DATE_TYPE

FIELDS = ("date", "event", "source")


def read(path: str | Path) -> pd.DataFrame:
    """The events of a YAML file, by date.

    Parameters
    ----------
    path : path
        A list of mappings with ``date`` (ISO), ``event`` and ``source``, as ``params/calendar.yaml``.

    Returns
    -------
    DataFrame
        ``date`` (datetime64), ``event``, ``source``.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read.
    UnfitDataError
        It is no such list; which entry, and what is wrong with it.
    """
    path = Path(path)
    held = yaml_file(path, "a file of events", unfit=UnfitDataError)
    if not isinstance(held, list):
        raise UnfitDataError(f"{path.name}: a list of events is needed, {type(held).__name__} found", path=str(path))
    rows = [_row(path, number, item) for number, item in enumerate(held, start=1)]
    frame = pd.DataFrame(rows, columns=list(FIELDS)).astype("str")
    frame["date"] = pd.Series(np.array(frame["date"].tolist(), dtype=DATE_TYPE), index=frame.index)
    return frame.sort_values(["date", "event"], kind="stable", ignore_index=True)


def _row(path: Path, number: int, item: object) -> tuple[str, ...]:
    if (
        not isinstance(item, dict)
        or set(item) != set(FIELDS)
        or not all(str(item[name] or "").strip() for name in item)
    ):
        raise UnfitDataError(
            f"{path.name}: event {number} needs {', '.join(FIELDS)} and nothing else, {item!r} found; correct it",
            event=number,
        )
    try:
        day = dt.date.fromisoformat(str(item["date"])).isoformat()
    except ValueError:
        raise UnfitDataError(
            f"{path.name}: event {number}: `date` is {item['date']!r}; write a day as 2026-04-17", event=number
        ) from None
    return day, " ".join(str(item["event"]).split()), " ".join(str(item["source"]).split())
