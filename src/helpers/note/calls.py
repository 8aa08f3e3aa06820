"""What a note can be held to: each probability with the plain statement it is about, and what tells the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.core.findings import Finding, Findings

#: in the order of every table; the last are a person's own
KINDS = ("sentiment", "persistence", "excess", "drawdown", "level", "hedge", "own")
#: how each is read
NAMES = {
    "sentiment": "Sentiment",
    "persistence": "Persistence",
    "excess": "Reversal against mega caps",
    "drawdown": "Fall",
    "level": "Close below the warning",
    "hedge": "Hedge",
    "own": "A person's own",
    "all": "All of the note's",
}
SIMULATED = " (simulated)"


@dataclass(frozen=True)
class Call:
    """One probability and what it is about.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    statement : str
        What would have to happen, as a reader sees it.
    subject, against : str
        The pair, by symbol.
    as_of : str
        ISO day at whose close the window begins.
    horizon : int
        Trading days of the window.
    p, base : float or None
        Probability, and the share of earlier windows, of the hedge those of its leg; the base is None where it is not
        known.
    label : str
        The score's word on a call of sentiment, else "".
    terms : dict
        What the outcome needs beside the pair: ``limit`` (fraction of the close of `as_of`), ``leg`` and ``ratio``.
        Never a price: a later split rescales the tape.
    """

    kind: str
    statement: str
    subject: str
    against: str
    as_of: str
    horizon: int
    p: float
    base: float | None = None
    label: str = ""
    terms: Mapping[str, Any] = field(default_factory=dict)


def made(findings: Findings) -> list[Call]:
    """The calls of a note, in the order of `KINDS`; none where a probability, or what it needs, is not known."""
    found = [_sentiment(findings), *(_other(findings, kind) for kind in KINDS[1:-1])]
    return [call for call in found if call is not None]


def beats(subject: str, against: str, horizon: int) -> str:
    """The statement that one fund does better than another."""
    return f"{subject} beats {against} over {horizon} trading days"


def _sentiment(findings: Findings) -> Call | None:
    said = findings.get("risks.score_probability")
    if said is None:
        return None
    word = findings.get("risks.score_label")
    base = findings.get("risks.score_base_rate")
    return _call("sentiment", said, base, label=word.text() if word is not None and word.is_known else "")


def _other(findings: Findings, kind: str) -> Call | None:
    section = {"persistence": "history", "hedge": "hedge"}.get(kind, "risks")
    said = findings.get(f"{section}.call_probability", call=kind)
    base = findings.get(f"{section}.call_probability_base", call=kind)
    if said is None:
        return None
    if kind == "persistence":
        return _call(kind, said, base)
    if kind == "hedge":
        best = findings.get("hedge.best_leg")
        ratio = findings.get("hedge.ratio", leg=best.value) if best is not None else None
        return None if ratio is None else _call(kind, said, base, needed=ratio)
    limit = findings.get("risks.call_threshold", call=kind)
    return None if limit is None else _call(kind, said, base, needed=limit)


def _call(
    kind: str, said: Finding, base: Finding | None, *, label: str = "", needed: Finding | None = None
) -> Call | None:
    """The call of one probability; `needed` is the threshold, or the ratio, without which there is no outcome."""
    if not isinstance(said.value, float) or (needed is not None and not needed.is_known):
        return None
    against, horizon = str(said.key["against"]), int(said.key["horizon"])
    terms = {}
    if needed is not None:
        leg = {"leg": symbol(str(needed.key["leg"])), "ratio": needed.value} if kind == "hedge" else None
        terms = leg or {"limit": needed.value}
    return Call(
        kind=kind,
        statement=_statement(kind, said.subject, against, horizon, needed),
        subject=symbol(said.subject),
        against=symbol(against),
        as_of=said.as_of,
        horizon=horizon,
        p=said.value,
        base=base.value if base is not None and isinstance(base.value, float) else None,
        label=label,
        terms=terms,
    )


def _statement(kind: str, subject: str, against: str, horizon: int, needed: Finding | None) -> str:
    if needed is None:
        return beats(subject, against, horizon)
    if kind == "hedge":
        leg = f"{needed.text().removesuffix('x')} of {needed.key['leg']}"
        return f"selling {leg} against {subject} lowers the variance of the next {horizon} trading days"
    size, within = needed.text(absolute=True), f"within {horizon} trading days"
    return {
        "excess": f"{subject} falls {size} or more behind {against} {within}",
        "drawdown": f"{subject} falls {size} or more {within}",
        "level": f"{subject} closes below the warning, {size} lower, {within}",
    }[kind]


def symbol(label: str) -> str:
    """The symbol behind a display name."""
    return label.removesuffix(SIMULATED)
