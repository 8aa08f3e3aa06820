"""What a reworded paragraph may be: our own words in our own order, but for a short list of changes (drafts.toml).

A draft is read as words, figures, tickers and the marks between them, whatever their case. Each must be the original's
at its place. An article may come or go, and a phrase may give way to one that is listed as saying the same.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from helpers.runs.rewrite.printed import PLACEHOLDER

#: characters of a draft against those of the original
LONGEST = 1.5
_SIMULATED = " (simulated)"
_SMALL_START = re.compile(r"^[a-z]|\. [a-z]")
#: marks between two words that may stand for each other; any other stays as it is
_MARKS = {
    "stop": re.compile(r"\)?[.;] \(?"),
    "colon": re.compile(r"\)?: \(?"),
    "comma": re.compile(r"\)?, \(?|\) \(?| \(| [–—] "),
    "end": re.compile(r"\)?\."),
}


@dataclass(frozen=True)
class _Item:
    """A word, ticker or placeholder, with what stands before it; the last of a text is "", before its end."""

    before: str
    word: str
    is_fixed: bool = False


@dataclass(frozen=True)
class Changes:
    """What drafts.toml lets a draft change."""

    free: frozenset[str]
    added: frozenset[str]
    linking: frozenset[str]
    alike: tuple[tuple[str, ...], ...]


@cache
def changes() -> Changes:
    """The lists of drafts.toml."""
    held = tomllib.loads(resources.files("helpers.runs.rewrite").joinpath("drafts.toml").read_text(encoding="utf-8"))
    words = {name: frozenset(held[name].split()) for name in ("free", "added", "linking")}
    return Changes(**words, alike=tuple(map(tuple, held["alike"])))


def reasons(draft: str, original: str, tickers: Collection[str]) -> list[str]:
    """Why a draft may not stand in for the original; empty when it may.

    Parameters
    ----------
    draft, original : str
        With placeholders for figures.
    tickers : collection of str
        Every known one.
    """
    if not draft.strip():
        return ["it is empty"]
    if len(draft) > LONGEST * len(original):
        return [f"it is longer than {LONGEST:g} times the original"]  # and is read no further
    names = names_in(original, tickers)
    held, wanted = _items(draft.replace("’", "'"), names), _items(original.replace("’", "'"), names)
    found = [*_foreign(held, wanted), *_missing(held, wanted)]
    return found or [*_displaced(held, wanted), *_untidy(draft, original, names)]


def names_in(text: str, tickers: Iterable[str]) -> list[str]:
    """The tickers and other names in capitals of a text, with the mark of simulated ones, the longest first."""
    plain = PLACEHOLDER.sub(" ", text)
    held = {name for name in tickers if re.search(rf"(?<![\w^]){re.escape(name)}(?!\w)", plain)}
    held |= set(re.findall(r"\b(?!A\b)[A-Z]{1,6}\b", plain))
    held |= {name + _SIMULATED for name in held if name + _SIMULATED in plain}
    return sorted(held, key=lambda name: (-len(name), name))


def _items(text: str, names: Sequence[str]) -> list[_Item]:
    """A text item by item; free words left out, phrases under the first that is listed as saying the same."""
    fixed = "|".join([PLACEHOLDER.pattern, *(rf"(?<![\w^]){re.escape(name)}(?!\w)" for name in names)])
    read, last = [], 0
    for hit in re.finditer(rf"(?P<fixed>{fixed})|[A-Za-z]+", text):
        word, is_fixed = hit.group(), hit.group("fixed") is not None
        is_plain = not is_fixed and (word.islower() or word.istitle())
        read.append(_Item(text[last : hit.start()], word.lower() if is_plain else word, is_fixed))
        last = hit.end()
    read.append(_Item(text[last:], ""))
    return _one_of_alike(_left_out(read, changes().free))


def _left_out(items: Sequence[_Item], words: Collection[str]) -> list[_Item]:
    """Without these words, each with the space behind it."""
    kept: list[_Item] = []
    carried: str | None = None
    for item in items:
        before = item.before if carried is None else carried + item.before.removeprefix(" ")
        carried = before if item.word in words else None
        if carried is None:
            kept.append(_Item(before, item.word, item.is_fixed))
    return kept


@cache
def _phrases() -> list[tuple[tuple[_Item, ...], str]]:
    """Phrases that may stand for each other, item by item, the longest first; each with the first of its kind."""
    read = [
        (tuple(_Item(hit.group(1), hit.group(2)) for hit in re.finditer(r"([ -]?)([a-z]+)", phrase)), alike[0])
        for alike in changes().alike
        for phrase in alike
    ]
    return sorted(read, key=lambda pair: -len(pair[0]))


def _one_of_alike(items: Sequence[_Item]) -> list[_Item]:
    out: list[_Item] = []
    place = 0
    while place < len(items):
        first = items[place]
        for phrase, meant in _phrases():
            behind = items[place + 1 : place + len(phrase)]
            if first.word == phrase[0].word and tuple(behind) == phrase[1:]:
                out.append(_Item(first.before, meant))
                place += len(phrase)
                break
        else:
            out.append(first)
            place += 1
    return out


def _foreign(held: Sequence[_Item], wanted: Sequence[_Item]) -> Iterator[str]:
    allowed = changes().added | changes().linking
    more = Counter(item.word for item in held) - Counter(item.word for item in wanted)
    yield from (f"not the original's: {word[:40]}" for word in more if word not in allowed)
    for item in held:
        if figure := "".join(letter for letter in item.before if letter.isnumeric()):
            yield f"a literal figure: {figure[:20]}"


def _missing(held: Sequence[_Item], wanted: Sequence[_Item]) -> Iterator[str]:
    fewer = Counter(item.word for item in wanted) - Counter(item.word for item in held)
    yield from (f"missing of the original: {word}" for word in fewer)


def _displaced(held: Sequence[_Item], wanted: Sequence[_Item]) -> Iterator[str]:
    """The first place where a draft of the original's words is not the original, word by word and mark by mark."""
    behind = iter(wanted)
    due = next(behind)
    carried: str | None = None
    is_linked = False
    for place, item in enumerate(held):
        before = item.before if carried is None else carried + item.before.removeprefix(" ")
        carried = None
        if item.word == due.word:
            is_colon_linked = is_linked and before == " " and _mark(due.before) == "colon"
            if _mark(before) != _mark(due.before) and not is_colon_linked:
                yield f"a mark that is not the original's, before {item.word or 'the end'}: {ascii(before)[:20]}"
                return
            if due.word:
                due, is_linked = next(behind), False
        elif _may_be_added(item, due, held[place + 1 : place + 2]):
            carried, is_linked = before, is_linked or item.word in changes().linking
        else:
            yield f"not at its place in the original: {item.word[:40] or 'the end'}"
            return


def _may_be_added(item: _Item, due: _Item, following: Sequence[_Item]) -> bool:
    """Whether a word that is not the one due may stand before it."""
    listed = changes()
    if item.word in listed.added:
        return True
    may_be_linked = due.is_fixed or due.word in listed.added
    return item.word in listed.linking and may_be_linked and [other.word for other in following] == [due.word]


def _mark(before: str) -> str:
    """The kind of what stands between two words, or itself where it is of none."""
    return next((name for name, mark in _MARKS.items() if mark.fullmatch(before)), before)


def _untidy(draft: str, original: str, names: Sequence[str]) -> Iterator[str]:
    if doubled := re.search(r"\b([a-z]+) \1\b", draft, re.IGNORECASE):
        yield f"a word twice: {doubled.group(1)}"
    if len(_SMALL_START.findall(draft)) > len(_SMALL_START.findall(original)):
        yield "a sentence that begins with a small letter"
    plain = PLACEHOLDER.sub("", draft)
    for name in names:
        plain = plain.replace(name, "")
    while (inner := re.sub(r"\([^().]*\)", "", plain)) != plain:
        plain = inner
    if "(" in plain or ")" in plain:
        yield "brackets that do not close in their sentence"
