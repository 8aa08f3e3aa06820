"""What a reworded paragraph may not do: each check gives its reasons in words, and none means that it may stand.

The original decides. A draft keeps its figures and tickers, in their order, and may have a weighty word (a number word,
a unit, a span of time, a negation, a verdict: drafts.toml) only as often as the original has it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from helpers.core.findings import Finding
from helpers.runs.rewrite.printed import PLACEHOLDER, fill

#: words of a draft against those of the original
LONGEST, SHORTEST = 1.5, 0.5
_MOST_CHARACTERS = 4
#: guarded words of a sentence that no finding placed in it supports, a reason each: `helpers.note.words.unsupported`
Supported = Callable[[str, Sequence[Finding]], list[str]]

_CALENDAR = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)
_CALENDAR_ANY_CASE = re.compile(
    r"\b(january|february|april|june|july|august|september|october|november|december|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z .,;:()'’–—-]")
_SIMULATED = " (simulated)"
_ALSO_TICKERS = "tickers"
_SENTENCE_END = re.compile(r"(?<=[.;])\s+")


def reasons(
    draft: str,
    original: str,
    placed: Mapping[str, Finding],
    texts: Mapping[str, str],
    *,
    supported: Supported,
    words: Mapping[str, Sequence[Finding]],
    tickers: Collection[str],
) -> list[str]:
    """Why a draft may not stand in for the original; empty when it may.

    Parameters
    ----------
    draft, original : str
        With placeholders for figures.
    placed : mapping
        Placeholder to the finding it prints.
    texts : mapping
        Placeholder to what it prints.
    supported : callable
        Gives the guarded words of a filled sentence that no finding placed in it supports.
    words : mapping
        Labels that the original prints in words, each with the findings that have it.
    tickers : collection of str
        Every known one.
    """
    if not draft.strip():
        return ["it is empty"]
    if len(draft) > _MOST_CHARACTERS * len(original):
        return ["it is far longer than the original"]  # and is read no further
    own = names_in(original, tickers)
    bare, bare_original = _without_figures(draft, own), _without_figures(original, own)
    found = [*_shape(draft, original, placed), *_characters(bare)]
    if found:
        return found  # what is no plain text is read no further
    found += _weighty(bare, bare_original)
    found += _names(draft, original, own, tickers)
    if not found:
        found += _order(draft, original, own)
        found += _guarded(draft, original, placed, texts, supported, words)
    return found


def names_in(text: str, tickers: Iterable[str]) -> list[str]:
    """The tickers and other names in capitals that a text prints, the longest first."""
    plain = PLACEHOLDER.sub(" ", text)
    held = {name for name in tickers if re.search(rf"(?<![\w^]){re.escape(name)}(?!\w)", plain)}
    held |= set(re.findall(r"\b(?!A\b|I\b)[A-Z]{1,6}\b", plain))
    return sorted(held, key=lambda name: (-len(name), name))


def sentences(text: str) -> list[str]:
    """A text cut at full stops and semicolons."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def is_said(word: str, text: str) -> bool:
    """Whether a text has a word or phrase, in letters of any size."""
    return re.search(rf"\b{re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _shape(draft: str, original: str, placed: Mapping[str, Finding]) -> Iterator[str]:
    """Placeholders: each of the original once, none other; and a length like the original's."""
    held, wanted = PLACEHOLDER.findall(draft), PLACEHOLDER.findall(original)
    for name in dict.fromkeys(held):
        if name not in placed:
            yield f"unknown placeholder {name}"
        elif held.count(name) > wanted.count(name):
            yield f"placeholder {name} stands more than once"
    for name in dict.fromkeys(wanted):
        if name not in held:
            yield f"placeholder {name} is missing"
    if re.search(r"[{}]", PLACEHOLDER.sub(" ", draft)):
        yield "braces that are no placeholder"
    count, usual = len(draft.split()), len(original.split())
    if not usual * SHORTEST <= count <= usual * LONGEST:
        yield f"its length is out of bounds: {SHORTEST:g} to {LONGEST:g} of the original's words"


def _without_figures(text: str, own: Iterable[str]) -> str:
    text = PLACEHOLDER.sub(" ", text)
    for name in own:
        text = re.sub(rf"(?<![\w^]){re.escape(name)}(?!\w)({re.escape(_SIMULATED)})?", " ", text)
    return text


def _characters(bare: str) -> Iterator[str]:
    if digits := "".join(letter for letter in bare if letter.isnumeric()):
        yield f"a literal figure: {digits[:20]}"
    if "%" in bare:
        yield "a percent sign of its own"
    if strange := sorted(
        {letter for letter in bare if not _PLAIN.match(letter) and not letter.isnumeric() and letter != "%"}
    ):
        yield f"characters that are no plain prose: {' '.join(ascii(letter)[1:-1] for letter in strange[:10])}"
    if re.search(r"\w[.:]\w", bare) or re.match(r"\s*[-–—]\s", bare):
        yield "a link or markup"


@cache
def _kinds() -> dict[str, tuple[str, bool, frozenset[str]]]:
    """The lists of weighty words: what they are, whether they must be kept, the words."""
    text = resources.files("helpers.runs.rewrite").joinpath("drafts.toml").read_text(encoding="utf-8")
    return {
        name: (item["kind"], item["kept"], frozenset(item["words"].split()))
        for name, item in tomllib.loads(text).items()
    }


def _weighty(bare: str, original: str) -> Iterator[str]:
    held, allowed = _counted(bare), _counted(original)
    for name, (kind, is_kept, listed) in _kinds().items():
        if name == _ALSO_TICKERS:
            continue
        for word in sorted(listed & held.keys()):
            if held[word] > allowed[word]:
                yield f"{kind} that the original has not: {word}"
        for word in sorted(listed & allowed.keys()) if is_kept else ():
            if held[word] < allowed[word]:
                yield f"{kind} of the original is missing: {word}"
    for pattern in (_CALENDAR, _CALENDAR_ANY_CASE):
        for name in dict.fromkeys(pattern.findall(bare)):
            if name not in pattern.findall(original):
                yield f"a month or weekday of its own: {name}"


def _counted(text: str) -> Counter[str]:
    expanded = re.sub(r"n['’]t\b", " not", text.lower())
    return Counter(re.findall(r"[a-z]+", expanded))


def _names(draft: str, original: str, own: Sequence[str], tickers: Collection[str]) -> Iterator[str]:
    plain = PLACEHOLDER.sub(" ", draft)
    for name in names_in(draft, tickers):
        if name not in own:
            yield f"a ticker that is not the paragraph's own: {name}"
    known = {name.lower() for name in tickers} - _kinds()[_ALSO_TICKERS][2]
    for word in dict.fromkeys(re.findall(r"[\w^.=-]*\w", plain)):
        if word.lower() in known and word not in own and not word.isupper():
            yield f"a ticker in small letters: {word}"
    said = set(re.findall(r"[A-Za-z]+", original.lower()))
    for word in re.findall(r"(?<![.;:] )(?<!^)\b[A-Z][a-z]+\b", plain.strip()):
        if word.lower() not in said:
            yield f"a name that is not the paragraph's own: {word}"
    for name in own:
        if original.count(name + _SIMULATED) and draft.count(name) != draft.count(name + _SIMULATED):
            yield f"{name} without its mark{_SIMULATED}"


def _order(draft: str, original: str, own: Sequence[str]) -> Iterator[str]:
    """Figures, tickers and words that must be kept stand in the order of the original: else they say another thing."""
    held, wanted = _sequence(draft, own), _sequence(original, own)
    missing = [name for name in own if held.count(name) < wanted.count(name)]
    yield from (f"ticker {name} is missing" for name in missing[:1])
    repeated = [name for name in own if held.count(name) > wanted.count(name)]
    yield from (f"{name} stands more often than in the original" for name in repeated[:1])
    if not missing and not repeated and held != wanted:
        place = next((n for n, pair in enumerate(zip(held, wanted, strict=False)) if pair[0] != pair[1]), len(wanted))
        yield f"not in the order of the original: {' '.join(held[place : place + 2])}"


def _sequence(text: str, own: Sequence[str]) -> list[str]:
    """Placeholders, tickers and kept words, in their order."""
    names = [rf"(?<![\w^]){re.escape(name)}(?!\w)" for name in own]
    plain = re.sub(r"n['’]t\b", " not", text)
    found = re.finditer("|".join([PLACEHOLDER.pattern, *names, r"[A-Za-z]+"]), plain)
    kept = frozenset[str]().union(*(listed for _, is_kept, listed in _kinds().values() if is_kept))
    held = [hit.group() if hit.group(1) or hit.group() in own else hit.group().lower() for hit in found]
    return [item for item in held if item.startswith("{") or item in own or item in kept]


def _guarded(
    draft: str,
    original: str,
    placed: Mapping[str, Finding],
    texts: Mapping[str, str],
    supported: Supported,
    words: Mapping[str, Sequence[Finding]],
) -> Iterator[str]:
    """Guarded words, sentence by sentence; a sentence of the original was checked when it was written.

    A word of the original may rest on a finding that no figure prints, so its sentence keeps the words it has.
    """

    def unsupported(sentence: str) -> list[str]:
        facts = [placed[name] for name in PLACEHOLDER.findall(sentence)]
        facts += [fact for word, held in words.items() if is_said(word, sentence) for fact in held]
        return supported(fill(sentence, texts), facts)

    own = {sentence: frozenset(PLACEHOLDER.findall(sentence)) for sentence in sentences(original)}
    for sentence in sentences(draft):
        if sentence in own:
            continue
        names = set(PLACEHOLDER.findall(sentence))
        sources = [other for other, held in own.items() if names & held or not names | held]
        granted = Counter(reason for other in sources for reason in unsupported(other))
        yield from (Counter(unsupported(sentence)) - granted).elements()
