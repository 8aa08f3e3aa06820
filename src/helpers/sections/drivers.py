"""What moved mid caps against mega caps: factors, money, earnings; each unknown where its data are not held."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import drivers, scenarios
from helpers.sections import due
from helpers.sections.factors import Factors, joined
from helpers.sections.section import Ledger
from helpers.signals import windows

WINDOWS = (5, 21)
#: trading days around the day within which a report counts as a catalyst
REPORT_WITHIN = 1
REVISED_OVER = 30
Z_WINDOW = 63
#: calendar days for which what a source told as of a day is taken to hold
ESTIMATES_AGE, LISTS_AGE = 10, 45


def state(ledger: Ledger, factors: Factors) -> None:
    """State the attribution of the last moves, flow, companies that report, price against revisions."""
    for window in WINDOWS:
        _state_attribution(ledger, factors, window)
    _state_flow(ledger, factors)
    holdings = _newest(factors, "holdings", LISTS_AGE, factors.snapshot.bars_to)
    _state_reporting(ledger, factors, holdings)
    close = factors.snapshot.wide("close", "tape", [factors.params.mid]).tail(Z_WINDOW)
    score = windows.z_score(close, Z_WINDOW).iloc[-1, 0] if len(close) else np.nan
    ledger.state("price_z", score, "score", key={"window": Z_WINDOW})
    _state_revisions(ledger, factors)


def revisions_on(factors: Factors, day: str | pd.Timestamp) -> drivers.Revisions:
    """How many analysts had raised their estimates of the fund's companies by a day, less those who had cut them."""
    holdings = _newest(factors, "holdings", LISTS_AGE, day)
    own = holdings[holdings["subject"] == factors.params.mid]
    return drivers.revisions(own, _newest(factors, "estimates", ESTIMATES_AGE, day))


def _state_attribution(ledger: Ledger, factors: Factors, window: int) -> None:
    """State the parts of the last move; they and what is left add up to it."""
    daily = pd.DataFrame(
        {
            "rates": scenarios.change(factors.rates.series, 1),
            "credit": scenarios.change(factors.credit.series, 1),
            "market": factors.market / factors.market.shift(1) - 1,
        }
    )
    moves = {
        "rates": scenarios.change(factors.rates.series, window).iloc[-1],
        "credit": scenarios.change(factors.credit.series, window).iloc[-1],
        "market": (factors.market / factors.market.shift(window) - 1).iloc[-1],
    }
    move = float(factors.excess(window).iloc[-1])
    found = drivers.attribution(factors.excess(1), daily, pd.Series(moves), move, window=window)
    basis = joined(factors.pair_basis, factors.rates.basis, factors.credit.basis)
    key = {"window": window}
    ledger.state("explained", found.r_squared, "fraction", key=key, n=found.n, basis=basis)
    ledger.state("attribution_move", move, "points", key=key, basis=factors.pair_basis)
    for name, value in found.parts.items():
        ledger.state("attribution", value, "points", key={"factor": name, **key}, n=found.n, basis=basis)


def _state_flow(ledger: Ledger, factors: Factors) -> None:
    """State money that came into the fund, and of how many days share counts are held."""
    params, snapshot = factors.params, factors.snapshot
    rows = snapshot.background.shares
    counts = rows[rows["subject"] == params.mid] if len(rows) else pd.DataFrame(columns=["date", "shares", "basis"])
    price = snapshot.wide("close", "tape", [params.mid])[params.mid]
    split = snapshot.wide("split", "tape", [params.mid])[params.mid]
    for window in WINDOWS:
        found = drivers.flow(counts, price, window=window, split=split)
        basis = f"share count as {found.basis}, times the close before" if found.days else found.basis
        ledger.state("flow", found.value, "money", key={"window": window}, n=found.days, basis=basis)
    ledger.state("flow_days", found.days, "days", basis="days with a share count")


def _newest(factors: Factors, name: str, age: int, day: str | pd.Timestamp) -> pd.DataFrame:
    """Of each subject the rows of its last observation by a day, if it is then at most `age` calendar days old."""
    rows: pd.DataFrame = getattr(factors.snapshot.background, name)
    if rows.empty:
        return pd.DataFrame({"subject": [], "symbol": [], "weight": []})
    until = pd.Timestamp(day)
    recent = rows[(rows["as_of"] >= until - pd.Timedelta(days=age)) & (rows["as_of"] <= until)]
    return recent[recent["as_of"] == recent.groupby("subject")["as_of"].transform("max")]


def _state_reporting(ledger: Ledger, factors: Factors, holdings: pd.DataFrame) -> None:
    """State the share of the fund's weight that reports about the day, and in the six weeks after it."""
    snapshot = factors.snapshot
    own = holdings[holdings["subject"] == factors.params.mid]
    days = pd.DatetimeIndex(snapshot.calendar.index)
    today = snapshot.days[-1]
    place = int(days.searchsorted(today))
    about = days[max(0, place - REPORT_WITHIN)], days[min(len(days) - 1, place + REPORT_WITHIN)]
    ahead = today + pd.Timedelta(days=1), today + pd.Timedelta(days=due.WITHIN_DAYS)
    covered = f"{len(own)} holdings listed, {own['weight'].sum():.1%} of the fund" if len(own) else "no holdings"
    for what, key, (first, last) in (
        ("reporting_weight", {"within": REPORT_WITHIN}, about),
        ("reporting_due", {"within_days": due.WITHIN_DAYS}, ahead),
    ):
        found = drivers.reporting(own, snapshot.background.events, first, last)
        ledger.state(what, found.weight, "fraction", key=key, n=found.n, basis=covered)


def _state_revisions(ledger: Ledger, factors: Factors) -> None:
    """State how many analysts raised their estimates of the fund's companies, less those who cut them."""
    found = revisions_on(factors, factors.snapshot.bars_to)
    basis = "analysts' estimates of the holdings listed"
    ledger.state("revision_breadth", found.breadth, "score", key={"over_days": REVISED_OVER}, n=found.n, basis=basis)
    ledger.state("revision_weight", found.coverage, "fraction", n=found.n, basis=basis)
