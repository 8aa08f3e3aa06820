"""Twelve notes of the simulated market, one for each way a day can go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data import coverage
from helpers.data.snapshot import Snapshot, assembled
from helpers.note import claims as auditor
from helpers.note import narrative
from helpers.sections.history import history
from tests.note.conftest import context
from tests.sections.conftest import SECTIONS, SOURCES, TAPE, take

Scene = Callable[[Path], str]
DRAWS = {"bootstrap_draws": 400}


def note(snapshot: Snapshot, params: Params, without: tuple[Any, ...] = (), **said: Any) -> str:
    """The note in Markdown, as its run would write it."""
    findings = stated(snapshot, params, without)
    facts = {"as_of": snapshot.as_of, "bars_to": snapshot.bars_to, "source": snapshot.source}
    return narrative.written(findings, context(**facts, **said))[1]


def stated(snapshot: Snapshot, params: Params, without: tuple[Any, ...] = ()) -> Findings:
    """The findings of all sections but some."""
    return Findings(
        item for section in SECTIONS if section not in without for item in section(snapshot, params).findings
    )


def day(as_of: str, **values: Any) -> tuple[Snapshot, Params]:
    """The snapshot of a finished day, members included."""
    return take(as_of=as_of, sources=SOURCES, **DRAWS, **values)


def intraday(**tape: Any) -> tuple[Snapshot, Params]:
    """The snapshot of the unfinished day."""
    return take(tape={**TAPE, **tape}, sources=SOURCES, **DRAWS)


def previous(snapshot: Snapshot, params: Params, revision: int = 1) -> dict[str, Any]:
    """What a later note remembers of the note on this snapshot."""
    findings = stated(snapshot, params)
    carried = ("breakout.level", "breakout.close_confirmed", "risks.trigger_state", "risks.score_label")
    return {
        "as_of": snapshot.as_of,
        "revision": revision,
        "claims": {claim.id: claim.verdict for claim in auditor.audit(findings)},
        "findings": [item.to_json() for item in findings if item.id in carried],
    }


def revised(folder: Path) -> str:
    """The finished day after its intraday note."""
    return note(*day("2026-04-17"), previous=previous(*intraday()), revision=2, reason="the day is over")


def missing_members(folder: Path) -> str:
    """A member list most of whose names have no bars."""
    held = take(as_of="2026-02-09", sources=SOURCES)[0].background.members["symbol"].tolist()
    path = folder / "members_2026-02-06.csv"
    names = [*held[:20], *(f"GONE{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    path.write_text("\n".join(["symbol", *names]) + "\n", encoding="utf-8")
    return note(*take(as_of="2026-02-09", sources={**SOURCES, "members": str(path)}, **DRAWS))


def outage(folder: Path) -> str:
    """A day that is over and whose bars the provider has not brought."""
    whole, params = day("2026-04-16")
    last = "2026-04-14"
    bars = whole.bars[whole.bars["date"] <= pd.Timestamp(last)].reset_index(drop=True)
    snapshot = assembled(
        bars,
        coverage.origins(whole.coverage),
        as_of="2026-04-16",
        bars_to=last,
        simulated=True,
        source=whole.source,
        background=whole.background.cut(last),
        is_stale=True,
    )
    return note(snapshot, params, stale_because="The provider's answer ends two days early")


def by_hand(folder: Path) -> str:
    """A confirmed high, with facts, a view and a sentence of the person's own."""
    path = folder / "facts.csv"
    path.write_text(
        "fact,value,unit,as_of,source\nShort interest,4.2,percent,2026-01-30,exchange file\n", encoding="utf-8"
    )
    return note(
        *take(as_of="2026-02-18", sources={**SOURCES, "facts": str(path)}, **DRAWS),
        view="With 4.2% sold short I would rather wait for the ratio.",
        author="A. Desk",
        templates={
            "closing.high": "By the close {% if is_closing_high.value %}{{ a_closing_high(is_closing_high) }}"
            "{% else %}{{ not_a_closing_high(is_closing_high) }}{% endif %}, the old one {{ closing }}.",
            "breadth.verdict_other": "{{ broadening(verdict)|capitalize }}, {{ met }} of {{ met.n }}.",
        },
    )


SCENES: dict[str, Scene] = {
    "quiet_day": lambda folder: note(*day("2026-04-16"), previous=previous(*day("2026-04-15"))),
    "down_day": lambda folder: note(*day("2023-10-16")),
    "failed_high": lambda folder: note(*day("2024-09-26")),
    "missing_members": missing_members,
    "mid_lags": lambda folder: note(*day("2026-02-09")),
    "negative_score": lambda folder: note(*day("2018-07-17")),
    "ties_and_zeros": lambda folder: note(*intraday(high=72.53, last=71.49)),
    "pending": lambda folder: note(*intraday(), previous=previous(*day("2026-04-16"))),
    "finished_revision": revised,
    "outage": outage,
    "by_hand": by_hand,
    "section_failed": lambda folder: note(
        *day("2026-02-11"), without=(history,), failed=[{"notebook": "05_history", "reason": "its kernel died"}]
    ),
}
