"""What would reverse the move: rates, credit, data, crowding; what is near today, and what is due."""

from __future__ import annotations

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections import agenda, calls, crowding, drivers, measures, reversals, scenarios, sentiment, triggers
from helpers.sections.factors import factors_of
from helpers.sections.section import Ledger, Section


def risks(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on what moves mid caps against mega caps and what would turn them.

    Everything is as of the last finished day; what is due counts from the note's day.

    Returns
    -------
    Section
        Findings ``risks.*`` (docs/findings.md) and the frames ``scenarios``, ``breakeven``, ``breakeven_now``,
        ``triggers``, ``due``, ``strip``, ``crowding``, ``score``.
    """
    ledger = Ledger("risks", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    factors = factors_of(snapshot, params)
    events = reversals.events_of(snapshot, params)
    reversals.state(ledger, factors, events)
    calls.reversals_ahead(ledger, factors, events)
    table = scenarios.state(ledger, factors)
    maps = scenarios.state_sensitivity(ledger, factors)
    board = triggers.state(ledger, factors, events)
    drivers.state(ledger, factors)
    crowded = crowding.state(ledger, factors)
    frames = {
        "scenarios": table,
        **maps,
        "triggers": board,
        "due": agenda.state(ledger, snapshot),
        "strip": measures.state(ledger, factors),
        "crowding": crowded,
        **sentiment.state(ledger, factors),
    }
    return Section("risks", ledger.findings, frames)
