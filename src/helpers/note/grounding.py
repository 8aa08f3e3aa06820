"""Numbers and dates in a person's own words, held against the findings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache

from helpers.core.findings import Finding, Findings

_MONTHS = [dt.date(2000, month, 1) for month in range(1, 13)]
_NAMES = {name.lower(): day.month for day in _MONTHS for name in (f"{day:%B}", f"{day:%b}")}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH})\b\.?(?:,?\s+(?P<year>\d{{4}})(?!-\d))?"
    rf"|\b(?P<month_first>{_MONTH})\b\.?\s+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year_last>\d{{4}})(?!-\d))?",
    re.IGNORECASE,
)
_UNIT = r"%|percent\b|per cent\b|pp\b|points?\b|bps?\b|basis points\b|x\b|times\b|million\b|billion\b"
#: a number with its unit; in "52 to 71%" the unit of the second is the first one's as well
_NUMBER = re.compile(
    r"(?<![0-9])(?<![0-9]\.)(?P<sign>[+\-−–]?)[$€£]?(?P<digits>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|(?<![A-Za-z])\.[0-9]+)(?P<power>e[0-9]+)?"
    rf"(?:\s*(?P<unit>{_UNIT})|(?=\s*(?:to|and|–|-)\s*[+\-−]?[\d.,]+\s*(?P<unit_of_range>{_UNIT})))?",
    re.IGNORECASE,
)
#: a number in words, with a unit
_SPELLED = re.compile(
    r"\b(?:(?:half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|hundred|thousand)[ -])+"
    r"(?:percent|per cent|points?|basis points|times|million|billion)\b",
    re.IGNORECASE,
)
#: numbers that are names or years, not figures
_NAMED = re.compile(
    r"\b(?:S&P|Russell|Nasdaq|Dow|FTSE|Stoxx)[ -]?[0-9]+\b"
    rf"|\b(?:in|since|by|until|from|after|before|of)\s+(?:19|20)[0-9]{{2}}\b(?!\s*(?:{_UNIT}))",
    re.IGNORECASE,
)
_KINDS = {
    "%": ("fraction", "points"),
    "percent": ("fraction", "points"),
    "per cent": ("fraction", "points"),
    "pp": ("points", "fraction"),
    "point": ("points",),
    "points": ("points",),
    "bp": ("bp",),
    "bps": ("bp",),
    "basis points": ("bp",),
    "x": ("multiple",),
    "times": ("multiple",),
}
_SCALES = {"million": 1e6, "billion": 1e9}


def unmatched(text: str, findings: Findings) -> list[str]:
    """Numbers and dates of a text, as typed, that no finding states.

    A number matches a value, an interval's bound, a sample size or a setting of the same unit that rounds to it at the
    decimals typed; a minus asks for a value below zero, no sign for either. A date matches a finding's date, or the
    last day one of them may use; without a year, in any year.
    """
    strange = [(found.start(), found.group()) for found in _DATE.finditer(text) if not _is_date(found, findings)]
    rest = _DATE.sub(lambda found: " " * len(found.group()), text)
    strange += [(found.start(), found.group()) for found in _SPELLED.finditer(rest)]
    strange += [(place, sign) for place, sign in enumerate(rest) if sign.isnumeric() and not "0" <= sign <= "9"]
    rest = _NAMED.sub(lambda found: " " * len(found.group()), rest)
    held = list(findings)
    for found in _NUMBER.finditer(rest):
        if not any(_states(item, found) for item in held):
            strange.append((found.start(), found.group().strip()))
    return [shown for _, shown in sorted(strange)]


def _is_date(found: re.Match[str], findings: Iterable[Finding]) -> bool:
    known = {item.as_of[:10] for item in findings} | {str(item.value)[:10] for item in findings if item.unit == "date"}
    if found["iso"]:
        return found["iso"] in known
    month = _NAMES[(found["month"] or found["month_first"]).lower()]
    year = found["year"] or found["year_last"]
    ending = f"-{month:02d}-{int(found['day'] or found['day_second']):02d}"
    return any(day == f"{year}{ending}" if year else day.endswith(ending) for day in known)


def _states(item: Finding, found: re.Match[str]) -> bool:
    unit = (found["unit"] or found["unit_of_range"] or "").lower()
    digits = found["digits"].replace(",", "")
    places = len(digits.partition(".")[2])
    typed = float(digits + (found["power"] or ""))
    if unit in _SCALES:
        values = [value / _SCALES[unit] for value in _values(item) if item.unit in ("money", "shares", "count")]
    elif unit in _KINDS:
        values = [_scaled(value, item) for value in _values(item) if item.unit in _KINDS[unit]]
    else:
        plain = item.unit not in ("fraction", "points")
        values = [*([_scaled(value, item) for value in _values(item)] if plain else []), *_settings(item)]
    is_minus = found["sign"] in ("-", "−", "–")
    return any(
        round(abs(value), places) == typed and (value < 0 or not is_minus) and not (found["sign"] == "+" and value < 0)
        for value in values
    )


def _values(item: Finding) -> list[float]:
    held = (item.value, item.low, item.high)
    return [float(value) for value in held if isinstance(value, (int, float)) and not isinstance(value, bool)]


def _scaled(value: float, item: Finding) -> float:
    return value * 100 if item.unit in ("fraction", "points") else value


def _settings(item: Finding) -> list[float]:
    numbers = [value for value in item.key.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    years = [float(str(item.value)[:4])] if item.unit == "date" and item.is_known else []
    sample = [float(item.n)] if item.n is not None else []
    return [*map(float, numbers), *_in_text(tuple(map(str, item.key.values()))), *sample, *years]


@cache
def _in_text(values: tuple[str, ...]) -> tuple[float, ...]:
    """Numbers inside the names of settings, as the 500 of an index's name."""
    return tuple(float(part) for value in values for part in re.findall(r"\d+", value) if not _is_number(value))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.]+", text))
