"""What is due in the next six weeks: dated events that a person listed, and the marks of the exchange calendar."""

from __future__ import annotations

import pandas as pd

from helpers.data.snapshot import Snapshot
from helpers.sections import due
from helpers.sections.section import Ledger

EXCHANGE = "exchange calendar"


def state(ledger: Ledger, snapshot: Snapshot) -> pd.DataFrame:
    """State the next date of each listed event within 42 calendar days, the note's day left out.

    Returns
    -------
    DataFrame, by date
        Columns date, event, source: every listed date, and the next of each mark of the exchange calendar.
    """
    as_of = pd.Timestamp(snapshot.as_of)
    last = as_of + pd.Timedelta(days=due.WITHIN_DAYS)
    listed = snapshot.background.agenda
    listed = listed[(listed["date"] > as_of) & (listed["date"] <= last)] if len(listed) else listed
    for row in listed.drop_duplicates(["event", "source"]).to_dict("records"):
        key = {"event": row["event"], "source": row["source"]}
        ledger.state("due", row["date"], "date", key=key, as_of=snapshot.as_of, basis="calendar of events")
    ahead = snapshot.calendar[(snapshot.calendar.index > as_of) & (snapshot.calendar.index <= last)]
    marks = [
        (ahead.index[ahead[mark]][0], mark.replace("_", " "), EXCHANGE) for mark in due.EVENTS if ahead[mark].any()
    ]
    computed = pd.DataFrame(marks, columns=["date", "event", "source"])
    parts = [part for part in (listed[["date", "event", "source"]], computed) if len(part)]
    if not parts:
        return computed
    return pd.concat(parts, ignore_index=True).sort_values(["date", "event"], kind="stable", ignore_index=True)
