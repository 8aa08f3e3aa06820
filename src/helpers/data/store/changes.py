"""What one step does to a store: bars that come and go, records, and the values that revisions replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.errors import MissingColumnError
from helpers.data.bars import FIELDS, tidy
from helpers.data.store.manifest import Records

#: which version held a superseded value, and the day on which it was replaced
REVISION = ("version", "replaced_on")


def no_bars() -> pd.DataFrame:
    """Tidy bars without a row."""
    return tidy(pd.DataFrame({"date": pd.Series(dtype="datetime64[s]"), "symbol": pd.Series(dtype="str")}))


def stacked(
    bars: Mapping[str, pd.DataFrame | Mapping[str, Any]], names: Sequence[str] = ("date", *FIELDS)
) -> pd.DataFrame:
    """Bars of several symbols in one frame, one symbol below the other, with the columns `names` and ``symbol``.

    Done with plain arrays, which is far quicker than to join as many frames.

    Parameters
    ----------
    bars : mapping of str to DataFrame, or to arrays by name
        The bars of each symbol, at least one.
    names : sequence of str
        Columns that all of them have.
    """
    columns = {name: np.concatenate([np.asarray(rows[name]) for rows in bars.values()]) for name in names}
    counts = [len(rows["date"]) for rows in bars.values()]
    symbols = pd.Series(list(bars), dtype="str").array.take(np.repeat(np.arange(len(counts)), counts))
    return pd.DataFrame({"symbol": symbols, **columns}, copy=False)


@dataclass(frozen=True, eq=False)
class Changes:
    """What one step does to a store.

    Attributes
    ----------
    rows : DataFrame
        Tidy bars to add; a row takes the place of the one held for its date and symbol.
    replaced : frozenset of str
        Symbols whose whole held history goes before `rows` are added.
    records : mapping of str to dict
        What to remember of a symbol, as JSON holds it; it takes the place of the symbol's whole record.
    superseded : DataFrame
        Tidy bars of old values that a revision replaced, with ``version`` and ``replaced_on``; added to those kept.
    """

    rows: pd.DataFrame = field(default_factory=no_bars)
    replaced: frozenset[str] = frozenset()
    records: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    superseded: pd.DataFrame | None = None


def no_old_values() -> pd.DataFrame:
    """Superseded rows without a row."""
    return no_bars().assign(**{name: pd.Series(dtype="str") for name in REVISION})


def old_values(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """Superseded rows as they are stored: tidy bars with `REVISION`; None when there are none.

    Raises
    ------
    MissingColumnError
        Without one of `REVISION`.
    """
    if frame is None or frame.empty:
        return None
    for name in REVISION:
        if name not in frame:
            raise MissingColumnError(f"superseded bars need the column `{name}`; add it", column=name)
    ordered = frame.sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    return tidy(ordered).assign(**{name: ordered[name] for name in REVISION})


def as_json(records: Mapping[str, dict[str, Any]]) -> Records:
    """The records as they are read back."""
    held: Records = json.loads(json.dumps(dict(records)))
    return held
