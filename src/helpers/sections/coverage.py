"""What is held, from where, to when, and whether it is fit to use."""

from __future__ import annotations

import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections.section import Ledger, Section


def coverage(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on the data themselves: status, span and faults of every symbol the note reads.

    Returns
    -------
    Section
        Findings ``coverage.*`` (docs/findings.md) and the frames ``coverage`` (a row per symbol) and ``flags``.
    """
    ledger = Ledger("coverage", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    table = snapshot.coverage
    for row in table.to_dict("records"):
        label = snapshot.label(str(row["symbol"]))
        ledger.state("status", row["status"], "label", subject=label, basis=str(row["basis"]))
        ledger.state("first_day", row["first"] or None, "date", subject=label)
        ledger.state("last_day", row["last"] or None, "date", subject=label)
        ledger.state("holes", int(row["holes"]), "count", subject=label)
    ledger.state("symbols_asked", len(table), "count")
    ledger.state("symbols_fresh", int((table["status"] == "fresh").sum()), "count", n=len(table))
    for name, status in snapshot.background.inputs.items():
        ledger.state("input", status, "label", key={"input": name})
    for fact in snapshot.background.given.to_dict("records"):
        said = {"as_of": fact["as_of"].date().isoformat(), "source": fact["source"], "basis": "given by hand"}
        ledger.state("given", fact["value"], fact["unit"], key={"fact": fact["fact"]}, **said)
    named = snapshot.flags[snapshot.flags["symbol"].isin(params.symbols)]
    ledger.state("flags", len(named), "count")
    return Section("coverage", ledger.findings, {"coverage": table, "flags": pd.DataFrame(named)})
