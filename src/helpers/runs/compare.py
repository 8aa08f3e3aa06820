"""Two texts side by side: which line, which word; and the words a reader of a page sees."""

from __future__ import annotations

import difflib
import html.parser
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpers.note import words

EVIDENCE_ID = "breadthbook"
MOST_SHOWN = 20


@dataclass(frozen=True)
class Mismatch:
    """One place where what is shown is not what the findings give."""

    where: str
    found: str
    expected: str

    @property
    def reason(self) -> str:
        """Why the place cannot stand, by what kind of word was found there."""
        if "sha256" in self.found + self.expected or "no file" in (self.found, self.expected):
            return "its bytes are not those the run wrote"
        if re.search(r"\d", self.found) or re.search(r"\d", self.expected):
            return "the findings print another figure or date here"
        if words.typed(self.found) or words.typed(self.expected):
            return "a guarded word that the findings do not bear out here"
        return "the sentence written again from the findings differs here"

    def __str__(self) -> str:
        return f"{self.where}: found {self.found!r}, expected {self.expected!r} ({self.reason})"


def lines(found: str, expected: str, where: str, numbers: list[int] | None = None) -> Iterator[Mismatch]:
    """Lines that differ, by number, each with the first word that differs."""
    if found == expected:
        return
    held, wanted = found.split("\n"), expected.split("\n")
    pairs = (
        (start + offset, mine, theirs)
        for kind, start, end, low, high in difflib.SequenceMatcher(None, held, wanted, autojunk=False).get_opcodes()
        if kind != "equal"
        for offset, (mine, theirs) in enumerate(itertools.zip_longest(held[start:end], wanted[low:high]))
    )
    for index, mine, theirs in itertools.islice(pairs, MOST_SHOWN):
        number = numbers[index] if numbers and index < len(numbers) else index + 1
        yield Mismatch(f"{where}, line {number}", *_first_word(mine, theirs))


def _first_word(found: str | None, expected: str | None) -> tuple[str, str]:
    if found is None or expected is None:
        lacking = "no such line"
        return (lacking if found is None else found, lacking if expected is None else expected)
    for mine, theirs in itertools.zip_longest(found.split(), expected.split(), fillvalue=""):
        if mine != theirs:
            return mine, theirs
    return found, expected


class Visible(html.parser.HTMLParser):
    """The words of a page with their line numbers, and the evidence block; pictures and styles left out."""

    _HIDDEN = ("script", "style", "svg")
    _SPOKEN = ("alt", "aria-label", "title", "content", "href", "datetime")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.numbers: list[int] = []
        self.evidence = ""
        self._inside: list[str] = []
        self._is_evidence = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what attributes say to a reader or a listener."""
        if tag in self._HIDDEN:
            self._inside.append(tag)
            self._is_evidence = tag == "script" and ("id", EVIDENCE_ID) in attrs
        elif not self._inside:
            for name, value in attrs:
                if name in self._SPOKEN and value and not value.startswith("data:"):
                    self._add(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave a hidden element."""
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()
            self._is_evidence = False

    def handle_data(self, data: str) -> None:
        """Keep what is read, and the evidence."""
        if self._is_evidence:
            self.evidence += data
        elif not self._inside:
            self._add(data)

    def _add(self, data: str) -> None:
        words = " ".join(data.split())
        if words:
            self.lines.append(words)
            self.numbers.append(self.getpos()[0])
