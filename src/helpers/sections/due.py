"""What is due in the next six weeks, by the exchange calendar."""

from __future__ import annotations

import pandas as pd

from helpers.data.snapshot import Snapshot
from helpers.sections.section import Ledger

WITHIN_DAYS = 42
#: calendar marks that a reader may want to know ahead
EVENTS = ("month_end", "quarter_end", "monthly_expiry", "quarterly_expiry", "index_rebalance", "half_day")


def state(ledger: Ledger, snapshot: Snapshot) -> None:
    """State the next date of each kind of event within 42 calendar days of the note's day, the day itself left out."""
    as_of = pd.Timestamp(snapshot.as_of)
    ahead = snapshot.calendar[
        (snapshot.calendar.index > as_of) & (snapshot.calendar.index <= as_of + pd.Timedelta(days=WITHIN_DAYS))
    ]
    for mark in EVENTS:
        days = ahead.index[ahead[mark]]
        key = {"event": mark, "within_days": WITHIN_DAYS}
        ledger.state("due", days[0] if len(days) else None, "date", key=key, basis="exchange calendar")
