"""Earlier calls on the fund as a frame: what a note's record of itself is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

TEXTS = ("as_of", "resolve_on", "origin", "kind", "by", "subject", "against", "label", "leg", "settings")
#: ``happened`` is 1 or 0
NUMBERS = ("horizon", "p", "base", "limit", "ratio", "happened")
COLUMNS = (*TEXTS, *NUMBERS)


def frame(rows: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows of calls as a frame of `COLUMNS`; a number that is not given is NaN, a text empty."""
    texts = {name: pd.Series([str(row.get(name) or "") for row in rows], dtype="str") for name in TEXTS}
    numbers = {name: pd.Series([row.get(name) for row in rows], dtype="float64") for name in NUMBERS}
    return pd.DataFrame({**texts, **numbers})


def over_by(calls: pd.DataFrame, day: str) -> pd.DataFrame:
    """The calls made before `day` whose windows were over by then."""
    return calls[(calls["as_of"] < day) & (calls["resolve_on"] <= day)].reset_index(drop=True)
