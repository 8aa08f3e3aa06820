"""What a person's own template must keep of the package's sentence: the setting in which a guarded word is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpers.note import lexicon, words

#: ways to say the same, by which a kept sentence may differ
_ALIKE = (
    (r"\b(?:any|every|each|only a) close\b", "a close"),
    (r"\b(?:makes|would make|would be|means|counts as)\b", "is"),
    (r"\b(?:nobody|no one|neither fund)\b", "neither {subject} nor the market"),
)
#: parts after a semicolon that stand for themselves
_ALONE = ("a close ",)
#: words that turn a claim round
_TURNED = re.compile(
    r"\b(?:no|not|never|neither|nor|none|nobody|nothing|without|hardly|barely|scarcely|cannot|fail(?:s|ed|ing)?"
    r"|instead of|rather than|far from|anything but|deni(?:es|ed))\b|n['’]t\b",
    re.IGNORECASE,
)
#: code inside flattened text, and where a sentence ends: blocks that open or close there belong to no sentence
_CODE = re.compile(r"\x01([^\x02]*)\x02")
_BLOCKS = r"(?:\x01%[^\x02]*\x02)*"
_END = re.compile(rf"(?<=[.!?]){_BLOCKS}\s+{_BLOCKS}(?![^\x01]*\x02)|(?<=[.!?]){_BLOCKS}$")
_PART = re.compile(r"[.,:;()–—](?![^\x01]*\x02)")


def faults(own: str, packaged: str, environment: Any) -> Iterator[str]:
    """Guarded words outside the sentence that bears them out, or turned round by a denial beside them."""
    kept = {unit for sentence in _sentences(packaged, environment) for unit in _units(sentence)}
    before = {place for sentence in _sentences(packaged, environment) for place in _before(sentence)}
    parts = {_alike(part) for sentence in _sentences(packaged, environment) for part in _PART.split(sentence)}
    for sentence in _sentences(own, environment):
        if _alike(sentence) in kept:
            continue
        for unit in (part for part in sentence.split("; ") if _alike(part) not in kept):
            for name in _called(unit, lexicon.SENTENCE):
                yield (
                    f"`{name}` is true only in the package's own sentence; keep that and change the others: "
                    f"{_home(name, packaged, environment)}"
                )
        for name, place in _before(sentence):
            if (name, place) not in before:
                held = sorted(shown for other, shown in before if other == name)
                hint = f"keep the words before it: {_shown(held[0])}" if held else "leave it out here"
                yield f"`{name}` is true only of what is counted; {hint}"
        for part in _PART.split(sentence):
            turned = _TURNED.search(_CODE.sub(_quoted, part))
            if turned and _alike(part) not in parts and (name := next(_claims(part), "")):
                yield f"`{turned.group()}` beside `{name}` turns it round; use the word that says so (docs/words.md)"


def _sentences(source: str, environment: Any) -> list[str]:
    """Sentences of a template in one line each, code between signs of its own and with one blank between its parts."""
    flat, inside = "", False
    for _, kind, value in environment.lex(source):
        if kind in ("variable_begin", "block_begin", "comment_begin"):
            flat, inside = flat + "\x01" + ("" if kind == "variable_begin" else "%"), True
        elif kind in ("variable_end", "block_end", "comment_end"):
            flat, inside = flat.rstrip() + "\x02", False
        elif inside:
            flat += "" if kind == "whitespace" else value.strip() + " "
        else:
            flat += value
    return [" ".join(part.split()) for part in _END.split(flat) if part.strip()]


def _units(sentence: str) -> Iterator[str]:
    yield _alike(sentence)
    yield from (part for part in map(_alike, sentence.split("; ")) if part.startswith(_ALONE))


def _alike(text: str) -> str:
    """Text without what may differ: capitals, the sign that ends it, ways to say the same."""
    bare = " ".join(text.casefold().split()).rstrip(".!?")
    for pattern, same in _ALIKE:
        bare = re.sub(pattern, same.replace("{subject}", "\x01subject\x02"), bare)
    return bare


def _called(text: str, kept: str | None = None) -> Iterator[str]:
    """Guarded words called in a text: of one kind, or any."""
    for code in _CODE.findall(text):
        for said, name in re.findall(r"\bsay \( ['\"]([\w ]+)['\"]|\b(\w+) \(", code):
            guard = words.guards().get(said.replace(" ", "_") or name)
            if guard is not None and kept in (None, guard.kept):
                yield said.replace(" ", "_") or name


def _quoted(code: re.Match[str]) -> str:
    """What a piece of code prints of its own: a block nothing, a value what is quoted in it."""
    if code[1].startswith("%"):
        return ""
    held = "".join(text for _, text in re.findall(r"(['\"])(.*?)\1", code[1]))
    return held or " "


def _claims(text: str) -> Iterator[str]:
    """Guarded words called in a text, and forms that choose such a word."""
    yield from _called(text)
    for code in _CODE.findall(text):
        yield from re.findall(r"\| (ahead|side|side_of|side_of_usual|above|better)\b", code)


def _before(sentence: str) -> Iterator[tuple[str, str]]:
    """Calls that count, each with the words back to the value before it, or to the start."""
    start: int | None = None
    for code in _CODE.finditer(sentence):
        for name in _called(code.group(), lexicon.WORDS_BEFORE):
            lead = "^" if start is None else ""
            yield name, lead + " ".join(sentence[start or 0 : code.end()].casefold().split())
        if not code[1].startswith("%"):
            start = code.start()


def _home(name: str, packaged: str, environment: Any) -> str:
    held = [sentence for sentence in _sentences(packaged, environment) if name in _called(sentence)]
    return _shown(held[0]) if held else "it has no such word, so leave it out"


def _shown(flat: str) -> str:
    code = re.sub(r"\s*([(),.|])\s*", r"\1", flat.lstrip("^"))
    return _CODE.sub(lambda found: "{{ " + found[1].strip() + " }}", code).replace("{{ %", "{% ").replace(",", ", ")
