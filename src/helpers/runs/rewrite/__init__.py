"""Rewording by a language model: it gets our grounded text, may move words, and never touches a figure.

The request is made by a process of its own (`python -m helpers.runs.rewrite`), which is ended at the time limit
whatever the server does, and whose log nobody reads: the key reaches it by its standard input and is nowhere else.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.core.errors import UsageError
from helpers.core.findings import Finding
from helpers.runs.rewrite import wording
from helpers.runs.rewrite.asking import asked_of, key_of
from helpers.runs.rewrite.printed import fill as fill
from helpers.runs.rewrite.wording import recheck as recheck
from helpers.runs.rewrite.wording import texts as texts

if TYPE_CHECKING:
    from helpers.core.blocks import NarrativeModel

TRIES = 2
_LEAST_SECONDS = 0.5  # below which no second try is made


@dataclass(frozen=True)
class Rewriting:
    """What came of it.

    Attributes
    ----------
    templates : dict
        Label to the reworded text with placeholders; a paragraph that is not in it keeps its own words.
    texts : dict
        The same, filled.
    tries : int
        Requests made.
    dropped : list of dict
        label, try (0: not offered) and reason of each draft that was refused; label "" for a whole answer.
    record : dict
        Plain JSON values from which `recheck` and `texts` work; of a refused draft it quotes single words at most.
    """

    templates: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    dropped: list[dict[str, Any]] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)


def check(settings: NarrativeModel | None) -> None:
    """Nothing, when rewording is off or can be tried.

    Raises
    ------
    UsageError
        The client is not installed, or the variable that should hold the key is not set.
    """
    if settings is None:
        return
    if importlib.util.find_spec("openai") is None:
        raise UsageError(
            "narrative_llm: the client is not installed; install the extra with pip install 'breadthbook[llm]' "
            "(in the project's folder pip install -e '.[llm]'), or take narrative_llm out"
        )
    if settings.key_env and not key_of(settings):
        raise UsageError(
            f"narrative_llm: {settings.key_env} is not set; put the key into that environment variable, "
            "or leave key_env empty for an endpoint that needs none"
        )
    if not (key_of(settings).isascii() and key_of(settings).isprintable()):
        raise UsageError(f"narrative_llm: {settings.key_env} holds what no key can be; set it to the key alone")


def rewrite(
    paragraphs: Sequence[tuple[str, str]],
    findings: Iterable[Finding],
    settings: NarrativeModel,
    *,
    sources: Mapping[str, Collection[str]] | None = None,
    tickers: Collection[str] = (),
    spare_words: int | None = None,
) -> Rewriting:
    """The paragraphs as a language model words them, as far as its drafts pass every check.

    Whatever the endpoint does is a reason in `dropped`, never an error: the note then keeps its own words.

    Parameters
    ----------
    paragraphs : sequence of (label, text)
        Grounded text; labels tell paragraphs apart.
    findings : iterable of Finding
        Of the run.
    settings : NarrativeModel
        Where to ask, whom, with which key, and for how long.
    sources : mapping, optional
        Label to the ids of the findings that its paragraph is made of; see `aliases.template`.
    tickers : collection of str
        Known ones beside those of the findings.
    spare_words : int, optional
        By how many words the paragraphs together may grow; None sets no such bound.
    """
    begun = time.monotonic()
    held = {item.address: item for item in findings}
    known = wording.known_tickers(held.values()) | {wording.bare(name) for name in tickers}
    record = wording.opened(settings.model, paragraphs, held, known, sources)
    templates: dict[str, str] = record["templates"]
    wrong: dict[str, list[str]] = {}
    tries, may_retry = 0, True
    while (
        may_retry and tries < TRIES and (waiting := [label for label in record["originals"] if label not in templates])
    ):
        left = settings.seconds - (time.monotonic() - begun)
        if left < _LEAST_SECONDS:
            break
        tries += 1
        answer, fault, may_retry = asked_of(settings, wording.request(record, waiting, held, wrong), left)
        wrong = {"": [fault]} if fault else {}
        for label in waiting if not fault else ():
            draft = answer.get(label)
            found = wording.judged(record, label, draft, known)
            if not found and spare_words is not None:
                grown = wording.growth(record, label, draft, held)
                found = [f"the page has no room for {grown} more words"] if grown > spare_words else []
                spare_words -= 0 if found else grown
            if found:
                wrong[label] = found
            else:
                templates[label] = str(draft).strip()
        record["dropped"] += [
            {"label": label, "try": tries, "reason": why} for label, whys in wrong.items() for why in whys
        ]
    record |= {"tries": tries, "seconds": round(time.monotonic() - begun, 2)}
    return Rewriting(templates, texts(record, held.values()), tries, record["dropped"], record)
