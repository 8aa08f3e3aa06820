"""Numbers that are not typed as digits, and text without its disguises: one home for templates and views."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
VALUES = {
    **{word: value for value, word in enumerate(_SMALL.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), 2)},
    **_SCALES,
    "nought": 0,
    "nil": 0,
}
_CARDINAL = rf"(?:{'|'.join(sorted(VALUES, key=len, reverse=True))})"
_MANY = (
    r"(?:dozens|scores of|hundreds|thousands|millions|billions|trillions?"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)"
)
_PART = (
    r"(?:thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|twentieths?|hundredths?"
    r"|thousandths?)"
)
#: what turns the pronoun "one" into a number
_COUNTED = (
    r"(?:percent|per cent|percentage|points?|basis|times|dollars?|cents?|euros?|pounds?|out of|in (?:a )?\w+ (?:cases?"
    r"|days?|times|years?|months?)|trading|days?|weeks?|months?|years?|sessions?)"
)
#: spelled numbers, the longest form first: fractions, multiples, round plenty, cardinals
_SPELLED = re.compile(
    r"(?<!\w)(?<![0-9][ -])(?:"
    rf"(?P<fraction>{_CARDINAL}[ -](?:and a half|(?:in|out of)(?: a| every)? {_CARDINAL}|{_PART})"
    rf"|(?:a|an) {_PART} of(?! (?:a|the) (?:year|century)\b)|a {_PART}(?= (?:more|less|lower|higher)\b)"
    r"|(?<!first )(?<!second )(?<!other )(?<!latter )hal(?:f|ves)(?![ -](?:year|yearly|way|hearted(?:ly)?)\b))"
    rf"|(?P<multiple>doubl(?:e|es|ed|ing)|halv(?:e|ed|ing)|trebl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)"
    rf"|quadrupl(?:e|es|ed|ing)|twice|thrice|{_CARDINAL}[ -]?fold)"
    rf"|(?P<many>{_MANY})"
    rf"|(?P<cardinal>one(?=[ -]{_COUNTED}\b)|(?!one\b){_CARDINAL}|one(?=[ -](?:hundred|thousand|million|billion)\b))"
    rf"(?P<more>(?:[ -](?:and )?{_CARDINAL})*)"
    r")(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Spelled:
    """A number in words: where it stands, as typed, and its value; None where it is a part or a multiple."""

    start: int
    end: int
    text: str
    value: float | None


def spelled(text: str) -> Iterator[Spelled]:
    """Numbers in words, with fractions, multiples and round plenty; "one" alone is a pronoun."""
    for found in _SPELLED.finditer(text):
        value = _value(found.group()) if found["cardinal"] else None
        yield Spelled(found.start(), found.end(), found.group(), value)


def signs(text: str) -> Iterator[tuple[int, str]]:
    """Signs that stand for numbers beside the ten digits: a half, a square, digits of another script."""
    return ((place, sign) for place, sign in enumerate(text) if sign.isnumeric() and not "0" <= sign <= "9")


def plain(text: str) -> str:
    """Text as it is read: compatible signs made one, accents and signs that are not seen left out."""
    spread = seen(unicodedata.normalize("NFKD", text))
    return "".join(sign for sign in spread if unicodedata.category(sign) not in ("Mn", "Me", "Mc"))


def seen(text: str) -> str:
    """Text without signs that are not seen: soft hyphens, joiners, blanks of no width."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def strange(text: str) -> list[str]:
    """Signs that are not of English text: other scripts, look-alikes, signs that are not seen or that mark up."""
    return list(dict.fromkeys(sign for sign in text if not _is_english(sign)))


def named(sign: str) -> str:
    """A sign with its name, for a message about it."""
    name = unicodedata.name(sign, f"U+{ord(sign):04X}").lower()
    return f"`{sign}` ({name})" if sign.isprintable() else f"a sign that is not seen ({name})"


def _is_english(sign: str) -> bool:
    if sign.isascii():
        return sign in " \n\t" or (sign.isprintable() and sign not in "<>\\`*_[]{}~|")
    if sign.isalpha():
        bare = unicodedata.normalize("NFD", sign)[0]
        return bare.isascii() and unicodedata.normalize("NFKC", sign) == sign
    # numerals are told apart by `signs`, with a reason of their own
    return sign.isnumeric() or sign in "·–—−‘’“”…€£§°×"


def _value(text: str) -> float:
    whole = part = 0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word == "and":
            continue
        number = VALUES[word]
        if number >= 1_000:
            whole, part = whole + max(part, 1) * number, 0
        elif word in ("hundred", "dozen"):
            part = max(part, 1) * number
        else:
            part += number
    return float(whole + part)
