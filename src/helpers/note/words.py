"""Guarded words at work: what templates may call, what may not be typed, what a free sentence may not claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from helpers.core.findings import Finding
from helpers.note.lexicon import GUARDS, Guard

_DENIED = re.compile(r"\b(?:not|no|never|without|neither|nor)\s+(?:\w+\s+)?$", re.IGNORECASE)
#: words that say opposite things: each stands for the other in the tests that change a note
PAIRS = (
    ("above", "below"),
    ("ahead", "behind"),
    ("leads", "trails"),
    ("better", "worse"),
    ("higher", "lower"),
    ("rose", "fell"),
    ("rises", "falls"),
    ("up", "down"),
    ("wider", "narrower"),
    ("widened", "narrowed"),
    ("heavy", "light"),
    ("broadening", "narrow"),
    ("supported", "contradicted"),
    ("agree", "disagree"),
    ("likely", "unlikely"),
    ("deeper", "milder"),
    ("active", "light"),
    ("leading", "lagging"),
    ("breakouts", "breakdowns"),
    ("confirms", "denies"),
    ("touches", "misses"),
    ("new", "old"),
)
OPPOSITES = {**{right: left for left, right in reversed(PAIRS)}, **dict(PAIRS)}


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


def unsupported(text: str, facts: Iterable[Finding]) -> list[str]:
    """Guarded words of a sentence that no template wrote and that none of its findings bears out, with the reason.

    Parameters
    ----------
    text : str
        One sentence.
    facts : iterable of Finding
        The findings printed in it, in its order. Of two prices in a row the order decides over "above" and "below".

    Notes
    -----
    A word after "not", "no", "never" or "without" is borne out where no finding fits the word itself.
    """
    held = list(facts)
    reasons = []
    for found in _pattern().finditer(text):
        guard = _guarding()[found.group().lower()]
        is_fit = any(guard.fits(item) for item in held) if guard.fits else False
        if guard.title in ("Above", "Below"):
            prices = [item for item in held if item.unit == "price"]
            is_fit = is_fit or any(guard.holds(*pair) for pair in zip(prices, prices[1:], strict=False))
        is_denied = _DENIED.search(text[: found.start()]) is not None
        if not held or is_fit == is_denied:
            reasons.append(f"`{found.group()}` may be said where {guard.rule}; none of its findings shows that")
    return reasons


def _call(guard: Guard, text: str) -> Callable[..., str]:
    def said(*given: Any) -> str:
        if not guard.holds(*given):
            raise WordError(text, guard.rule, given)
        return text

    return said


@cache
def _guarding() -> dict[str, Guard]:
    """The entry that guards each form; the first one that lists it."""
    held: dict[str, Guard] = {}
    for guard in GUARDS:
        for form in guard.forms:
            held.setdefault(form.lower(), guard)
    return held


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_guarding(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)


def _shown(item: Any) -> str:
    if isinstance(item, Finding):
        return f"{item.address} = {item.text()}"
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(_shown(part) for part in item) + "]"
    return "nothing" if item is None else str(item)
