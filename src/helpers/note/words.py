"""Guarded words at work: what templates may call, and what may not be typed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from helpers.core.findings import Finding
from helpers.note import forms, numerals
from helpers.note.lexicon import GUARDS, Guard

#: words in capitals that are no ticker
CAPITALS = ("ETF", "ETFS", "US", "UK", "EU", "GDP", "CPI", "PMI", "FX", "EPS", "PE", "TV", "OK")


class WordError(ValueError):
    """A guarded word that the findings given to it do not bear out."""

    def __init__(self, word: str, rule: str, given: Sequence[Any]) -> None:
        shown = ", ".join(_shown(item) for item in given) or "nothing"
        super().__init__(f"`{word}` may be said where {rule}; given: {shown}")
        self.word = word

    @classmethod
    def of(cls, fault: str) -> WordError:
        """The error of a sentence that breaks a rule, as told by `fault`."""
        error = cls("", "", ())
        error.args = (fault,)
        return error


@cache
def calls() -> dict[str, Callable[..., str]]:
    """What templates may call, by name; ``say(name, ...)`` calls a name that the code chose."""
    named = {name: _call(guard, text) for name, guard in guards().items() for text in [guard.said[name]]}

    def say(name: str, *given: Any) -> str:
        return named[name.replace(" ", "_")](*given)

    return {**named, "say": say}


@cache
def guards() -> dict[str, Guard]:
    """The guard of each call, by name."""
    return {name: guard for guard in GUARDS for name in guard.said}


def lacking(name: str, given: int) -> str:
    """What is wrong with a call of that many findings; "" where nothing is."""
    wanted = inspect.signature(guards()[name].holds)
    try:
        wanted.bind(*[None] * given)
    except TypeError:
        least = sum(part.default is part.empty and part.kind is not part.VAR_POSITIONAL for part in _parts(wanted))
        return f"`{name}` needs {least} in its brackets, {given} found; it may be said where {guards()[name].rule}"
    return ""


def takes_list(name: str, place: int) -> bool:
    """Whether what stands at that place in the brackets of a call is a list."""
    parts = _parts(inspect.signature(guards()[name].holds))
    return (
        place < len(parts)
        and parts[place].name in ("items", "others")
        and parts[place].kind is not (inspect.Parameter.VAR_POSITIONAL)
    )


def typed(text: str) -> list[str]:
    """Guarded words in plain text, in its order."""
    return [found.group() for found in _pattern().finditer(text)]


def objections(text: str, phrases: Iterable[str] = ()) -> Iterator[str]:
    """Why text may not be typed in a template: numbers, guarded words, names in capitals, hidden or foreign letters.

    `phrases` are set phrases of the package's sentence that may stand in it.
    """
    for sign in numerals.strange(text.replace("\0", " ")):
        yield f"{numerals.named(sign)} is typed; plain English letters and marks are read, use those"
    if entity := re.search(r"&#?\w+;", text):
        yield f"`{entity.group()}` is typed; a page would show another sign, so write that one"
    for _, sign in numerals.signs(text):
        yield _number(sign)
    read = numerals.plain("".join(" " if sign.isnumeric() and not sign.isdecimal() else sign for sign in text))
    for phrase in phrases:
        read = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", "\0", read, flags=re.IGNORECASE)
    for digits in re.findall(r"\d+", read):
        yield _number(digits)
    for number in numerals.spelled(read):
        yield _number(number.text)
    for name in re.findall(r"(?<![\w])[A-Z]{2,}(?![a-z])", read):
        if name not in CAPITALS:
            yield f"`{name}` is typed; capitals are read as a ticker, which comes from a finding; use small letters"
    for word in typed(read):
        yield f"`{word}` is typed; it is guarded, so {_instead(word)} (docs/words.md)"


def set_phrases(text: str) -> list[str]:
    """The set phrases of the package that occur in a text."""
    return [phrase for phrase in forms.SET_PHRASES if phrase.lower() in text.lower()]


def _number(shown: str) -> str:
    return f"`{shown}` is typed; a number comes from a finding, as in {{{{ finding }}}}"


def _instead(word: str) -> str:
    held = next(guard for guard in GUARDS if any(re.fullmatch(form, word, re.IGNORECASE) for form in guard.forms))
    name = word.lower().replace(" ", "_")
    if name in held.said:
        return f"write it as a call with the findings that bear it out, as in {{{{ {name}(finding) }}}}"
    others = ", ".join(f"`{item}`" for item in list(held.said)[:4])
    return f"write a call with the findings that bear it out: {others}" if others else "leave it out"


def _call(guard: Guard, text: str) -> Callable[..., str]:
    def said(*given: Any) -> str:
        if not guard.holds(*given):
            raise WordError(text, guard.rule, given)
        return text

    return said


def _parts(signature: inspect.Signature) -> list[inspect.Parameter]:
    return list(signature.parameters.values())


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(
        {form.lower() for guard in GUARDS for form in guard.forms}, key=lambda form: (-len(form), form)
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _shown(item: Any) -> str:
    if isinstance(item, Finding):
        return f"{item.address} = {item.text()}"
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(_shown(part) for part in item) + "]"
    return "nothing" if item is None else str(item)
