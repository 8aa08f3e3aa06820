"""Guarded words at work: what templates may call, and what may not be typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from helpers.core.findings import Finding
from helpers.note.lexicon import GUARDS, Guard


class WordError(ValueError):
    """A guarded word that the findings given to it do not bear out."""

    def __init__(self, word: str, rule: str, given: Sequence[Any]) -> None:
        shown = ", ".join(_shown(item) for item in given) or "nothing"
        super().__init__(f"`{word}` may be said where {rule}; given: {shown}")
        self.word = word


@cache
def calls() -> dict[str, Callable[..., str]]:
    """What templates may call, by name; ``say(name, ...)`` calls a name that the code chose."""
    named = {name: _call(guard, text) for guard in GUARDS for name, text in guard.said.items()}

    def say(name: str, *given: Any) -> str:
        return named[name.replace(" ", "_")](*given)

    return {**named, "say": say}


def typed(text: str) -> list[str]:
    """Guarded words in plain text, in its order."""
    return [found.group() for found in _pattern().finditer(text)]


def _call(guard: Guard, text: str) -> Callable[..., str]:
    def said(*given: Any) -> str:
        if not guard.holds(*given):
            raise WordError(text, guard.rule, given)
        return text

    return said


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(
        {form.lower() for guard in GUARDS for form in guard.forms}, key=lambda form: (-len(form), form)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)


def _shown(item: Any) -> str:
    if isinstance(item, Finding):
        return f"{item.address} = {item.text()}"
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(_shown(part) for part in item) + "]"
    return "nothing" if item is None else str(item)
