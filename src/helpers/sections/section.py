"""What a section hands on: findings for the words, frames for the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.core.findings import Finding, Findings, Value


@dataclass(frozen=True)
class Section:
    """Findings and frames of one question."""

    name: str
    findings: Findings
    frames: Mapping[str, pd.DataFrame]


class Ledger:
    """Collects the findings of one section, filling in what they share.

    Parameters
    ----------
    section : str
        First half of every finding id.
    subject : str
        Display name of the fund, unless a finding names another.
    as_of, source : str
        As in `Finding`.
    """

    def __init__(self, section: str, *, subject: str, as_of: str, source: str) -> None:
        self._section = section
        self._defaults = {"subject": subject, "as_of": as_of, "source": source}
        self._items: list[Finding] = []

    def state(self, what: str, value: Any, unit: str, **facts: Any) -> Finding:
        """Record one finding and hand it back; NaN and NaT become unknown."""
        finding = Finding(
            id=f"{self._section}.{what}", value=_plain(value), unit=unit, **{**self._defaults, "basis": "tape", **facts}
        )
        self._items.append(finding)
        return finding

    @property
    def findings(self) -> Findings:
        """Everything stated so far."""
        return Findings(self._items)


def _plain(value: Any) -> Value:
    """Scalars of numpy and pandas as plain Python ones; unknown as None."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    item = value.item() if hasattr(value, "item") else value
    return None if isinstance(item, float) and item != item else item
