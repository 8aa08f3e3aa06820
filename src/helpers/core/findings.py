"""One number, one place: the `Finding`, and the only code that turns a number into characters."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1
MIME_TYPE = "application/vnd.breadthbook.findings+json"

Value = float | int | bool | str | None

#: decimals a reader sees, per unit
DECIMALS = {
    "price": 2,
    "fraction": 1,
    "points": 1,
    "multiple": 2,
    "count": 0,
    "days": 0,
    "shares": 0,
    "money": 0,
    "score": 2,
    "index": 1,
    "bp": 0,
    "atr": 1,
}
#: units whose value is not a number
PLAIN_UNITS = ("date", "bool", "label")
UNKNOWN = "not known"
MINUS = "-"


@dataclass(frozen=True)
class Finding:
    """A value with everything a reader needs to judge it.

    Attributes
    ----------
    id : str
        ``<section>.<what>``, listed in docs/findings.md.
    subject : str
        Display name of the fund or symbol the value is about, "IJH" or "IJH (simulated)".
    value : float, int, bool, str or None
        None means unknown (never zero). Dates are ISO text with unit "date".
    unit : str
        One of `DECIMALS` or `PLAIN_UNITS`. "fraction" prints as percent, "points" is a
        difference of two fractions and prints as percentage points.
    as_of : str
        ISO date; the last date any number in it may use.
    key : dict
        Settings that tell findings of the same id apart: window, horizon, stand-in, era.
    n : int or None
        Sample size.
    low, high : float or None
        Interval bounds, in the unit of the value.
    level : float or None
        Coverage of the interval, 0.95 for 95 %.
    basis : str
        "tape", "total return", "as traded", or a short statement of what was used instead.
    source : str
        Where the rows came from.
    """

    id: str
    subject: str
    value: Value
    unit: str
    as_of: str
    key: Mapping[str, Any] = field(default_factory=dict)
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    basis: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.unit not in DECIMALS and self.unit not in PLAIN_UNITS:
            raise ValueError(f"{self.id}: unit {self.unit!r} is not one of {sorted(DECIMALS)} or {PLAIN_UNITS}")
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if isinstance(number, float) and not math.isfinite(number):
                object.__setattr__(self, name, None)
        object.__setattr__(self, "key", dict(self.key))

    @property
    def is_known(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    @property
    def address(self) -> str:
        """``id[subject|key=value,...]``: what distinguishes this finding from every other one of a run."""
        settings = ",".join(f"{name}={self.key[name]}" for name in sorted(self.key))
        return f"{self.id}[{self.subject}{'|' + settings if settings else ''}]"

    def text(self, *, signed: bool = False, absolute: bool = False, decimals: int | None = None) -> str:
        """The value as a reader sees it, rounded half to even in decimal places of its unit.

        Parameters
        ----------
        signed : bool
            Print a plus sign before positive numbers.
        absolute : bool
            Print the size only, for sentences whose verb carries the sign.
        decimals : int or None
            Decimal places; None takes those of the unit.
        """
        if self.value is None:
            return UNKNOWN
        if self.unit == "date":
            return date_text(str(self.value))
        if self.unit == "bool":
            return "yes" if self.value else "no"
        if self.unit == "label":
            return str(self.value)
        return self._number(float(self.value), signed=signed, absolute=absolute, decimals=decimals)

    def interval_text(self) -> str:
        """The interval, "52.1 to 71.9%", or "" when there is none."""
        if self.low is None or self.high is None:
            return ""
        low = self._number(self.low).removesuffix("%").removesuffix(" points").removesuffix(" bp").removesuffix("x")
        return f"{low} to {self._number(self.high)}"

    def _number(
        self, number: float, *, signed: bool = False, absolute: bool = False, decimals: int | None = None
    ) -> str:
        places = DECIMALS[self.unit] if decimals is None else decimals
        if self.unit == "money" and decimals is None:
            return _rounded_money(number)
        scaled = number * 100 if self.unit in ("fraction", "points") else number
        rounded = round(abs(scaled) if absolute else scaled, places)
        rounded = 0.0 if rounded == 0 else rounded
        sign = "+" if signed and rounded > 0 else MINUS if rounded < 0 else ""
        digits = f"{abs(rounded):,.{places}f}"
        suffix = {"fraction": "%", "points": " points", "multiple": "x", "bp": " bp"}.get(self.unit, "")
        return f"{sign}{digits}{suffix}"

    def to_json(self) -> dict[str, Any]:
        """Plain dictionary; `from_json` gives the equal finding back."""
        return {
            "id": self.id,
            "subject": self.subject,
            "key": dict(self.key),
            "value": self.value,
            "unit": self.unit,
            "as_of": self.as_of,
            "n": self.n,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "basis": self.basis,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Finding:
        """The finding a `to_json` dictionary describes."""
        return cls(**record)


def _rounded_money(number: float) -> str:
    """Money in words of three figures: "51.4 million"."""
    size, word = next(((size, word) for size, word in _MONEY if abs(number) >= size), (1.0, ""))
    return f"{number / size:,.{1 if word else 0}f} {word}".rstrip()


_MONEY = ((1e9, "billion"), (1e6, "million"))


def date_text(iso: str) -> str:
    """An ISO date as read in a sentence: "20 February 2026"."""
    day = dt.date.fromisoformat(iso[:10])
    return f"{day.day} {day:%B} {day.year}"


class Findings:
    """The findings of a run, looked up by id, subject and settings.

    Parameters
    ----------
    findings : iterable of Finding
        No two of them may share an address.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._items = tuple(findings)
        self._by_id: dict[str, list[Finding]] = {}
        seen: set[str] = set()
        for item in self._items:
            if item.address in seen:
                raise ValueError(f"{item.address}: stated twice; give one of them another key")
            seen.add(item.address)
            self._by_id.setdefault(item.id, []).append(item)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def all(self, id: str, *, subject: str | None = None, **key: Any) -> list[Finding]:
        """Every finding of this id whose subject and named settings agree, in the order stated."""
        return [
            item
            for item in self._by_id.get(id, [])
            if (subject is None or item.subject == subject)
            and all(name in item.key and item.key[name] == value for name, value in key.items())
        ]

    def get(self, id: str, *, subject: str | None = None, **key: Any) -> Finding | None:
        """The first finding that agrees, or None."""
        found = self.all(id, subject=subject, **key)
        return found[0] if found else None

    def value(self, id: str, *, subject: str | None = None, **key: Any) -> Any:
        """Value of the first finding that agrees; None when there is none or it is unknown."""
        found = self.get(id, subject=subject, **key)
        return None if found is None else found.value

    def to_json(self) -> dict[str, Any]:
        """``{schema, findings: [...]}``."""
        return {"schema": SCHEMA, "findings": [item.to_json() for item in self._items]}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Findings:
        """The findings a `to_json` dictionary describes."""
        if record.get("schema") != SCHEMA:
            raise ValueError(f"findings: schema {record.get('schema')!r} found, {SCHEMA} needed; rerun the note")
        return cls(Finding.from_json(item) for item in record["findings"])
