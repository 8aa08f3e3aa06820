"""A figure as it is printed: which part of a finding, and in which form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpers.core.findings import DECIMALS, UNKNOWN, Finding

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_UNITS = r"(?:%| points| bp|x\b| million| billion)?"
_SIGNED = rf"(?:(?<![\w.)])[+-])?(?<![\w.]){_NUMBER}"
#: a date, an interval or a number as a note prints it, the longest first
TOKEN = re.compile(
    rf"\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?|(?:{_MONTHS}) \d{{4}}|{_SIGNED} to {_SIGNED}{_UNITS}|{_SIGNED}{_UNITS}"
)
PLACEHOLDER = re.compile(r"\{\{([a-z][a-z_]*)\}\}")
_SUFFIXES = ("%", " points", " bp", "x")
_TRADING_YEAR = (252, "364d", "365d")


@dataclass(frozen=True)
class Form:
    """How a figure is printed: which part of a finding, and how its characters are cut.

    `part` is value, interval, n, low, high, level, weeks (of a window of one year), gap (a share less one) or
    ``key:<name>``; `cut` is "", bare (no unit), short (a date without its year), month or year.
    """

    part: str = "value"
    signed: bool = False
    absolute: bool = False
    decimals: int | None = None
    cut: str = ""

    def text(self, finding: Finding) -> str:
        """The figure as it is printed; "" where the finding has no such part."""
        part, _, name = self.part.partition(":")
        if part == "key":
            return str(finding.key.get(name, "")).removesuffix("d")
        if part == "weeks":
            return "52" if finding.key.get("window") in _TRADING_YEAR else ""
        if part == "interval":
            return finding.interval_text()
        if part == "n":
            return "" if finding.n is None else str(finding.n)
        if part == "level":
            return "" if finding.level is None else f"{finding.level:.0%}"
        return _cut(self._whole(finding, part), self.cut)

    def _whole(self, finding: Finding, part: str) -> str:
        if part != "value":
            number = {"low": finding.low, "high": finding.high}.get(part)
            if part == "gap" and isinstance(finding.value, float):
                number = finding.value - 1
            if number is None:
                return ""
            finding = Finding(finding.id, finding.subject, number, finding.unit, finding.as_of)
        text = finding.text(signed=self.signed, absolute=self.absolute, decimals=self.decimals)
        return "" if text == UNKNOWN else text


@dataclass(frozen=True)
class Figure:
    """One figure of a text: the finding's address and the form it is printed in."""

    finding: str
    form: Form

    def to_json(self) -> dict[str, Any]:
        """Plain dictionary; `from_json` gives the equal figure back."""
        return {"finding": self.finding, **asdict(self.form)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Figure:
        """The figure a `to_json` dictionary describes."""
        held = dict(record)
        return cls(held.pop("finding"), Form(**held))


def fill(template: str, texts: Mapping[str, str]) -> str:
    """The template with each ``{{placeholder}}`` replaced by its text; nothing else in it means anything.

    Raises
    ------
    KeyError
        A placeholder without a text.
    """
    return PLACEHOLDER.sub(lambda hit: texts[hit.group(1)], template)


def tokens(text: str, names: Iterable[str] = ()) -> list[re.Match[str]]:
    """The figures of a text; those inside a name, such as a ticker, are left out."""
    inside = [hit.span() for name in names if any(map(str.isdigit, name)) for hit in re.finditer(re.escape(name), text)]
    return [hit for hit in TOKEN.finditer(text) if not any(a <= hit.start() and hit.end() <= b for a, b in inside)]


def _cut(text: str, cut: str) -> str:
    if cut == "bare":
        return next((text.removesuffix(suffix) for suffix in _SUFFIXES if text.endswith(suffix)), text)
    words = text.split()
    if cut and len(words) != 3:
        return ""
    return {"": text, "short": " ".join(words[:2]), "month": " ".join(words[1:]), "year": words[-1] if words else ""}[
        cut
    ]


def forms(finding: Finding) -> Iterable[Form]:
    """Every form a sentence may print of this finding, the plainest first."""
    if finding.unit == "date":
        yield from (Form(cut=cut) for cut in ("", "short", "month", "year"))
    elif finding.unit in DECIMALS:
        yield from (Form(signed=signed, absolute=absolute) for signed, absolute in _SIGNS)
        if finding.unit in _OTHER_DECIMALS:
            yield from (Form(signed=a, absolute=b, decimals=places) for places in range(3) for a, b in _SIGNS)
        if finding.unit in ("points", "bp"):
            yield from (Form(signed=True, cut="bare"), Form(absolute=True, cut="bare"))
        yield from (Form(part, cut=cut) for part in ("low", "high") for cut in ("", "bare"))
        if finding.id == "breakout.nearness":
            yield Form("gap", absolute=True)
    yield from (Form("interval"), Form("n"), Form("level"))
    yield from (Form(f"key:{name}") for name, value in finding.key.items() if not isinstance(value, bool))
    if "window" in finding.key:
        yield Form("weeks")


#: units that some sentence prints with other decimals than their own
_OTHER_DECIMALS = ("fraction", "points", "bp")
_SIGNS = ((False, False), (True, False), (False, True))
