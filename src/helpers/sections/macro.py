"""Rates, credit and claims as a section may read them: from funds where they trade, from series once published."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data import macro as releases
from helpers.data.snapshot import Snapshot
from helpers.evidence import credit
from helpers.sections import tiers

YIELD_SERIES = "DGS10"
SPREAD_SERIES = "BAMLH0A0HYM2"
CLAIMS_SERIES = "ICSA"
PERCENT_IN_BP = 100.0
#: yields outside this range, in percent, are in another unit
YIELD_RANGE = (-2.0, 20.0)
#: trading days for which a published value stands in for the next
STANDS_FOR = 5


class Line(NamedTuple):
    """A series of trading days with where it comes from; all NaN, and basis "no data", where it is not held."""

    series: pd.Series
    basis: str


def rate_bp(snapshot: Snapshot, params: Params) -> Line:
    """The 10-year yield in basis points: the quoted index where bars of it are held, else the series of the Fed.

    A yield outside `YIELD_RANGE` percent is in another unit and is not used.
    """
    rows = snapshot.bars[snapshot.bars["symbol"] == params.rates]
    quoted = rows["close"].fillna(rows["adj_close"]).to_numpy(dtype=float) if len(rows) else np.array([])
    line = pd.Series(quoted, index=pd.DatetimeIndex(rows["date"]), dtype="float64").reindex(snapshot.days)
    basis = f"{params.rates}, percent"
    if not line.notna().any():
        line, basis = _published(snapshot, YIELD_SERIES), f"{YIELD_SERIES} by day of publication, percent"
    known = line.dropna()
    if known.empty or not known.between(*YIELD_RANGE).all():
        return Line(pd.Series(np.nan, index=snapshot.days), "no data")
    return Line(line * PERCENT_IN_BP, basis)


def credit_bp(snapshot: Snapshot, params: Params) -> Line:
    """Credit spread in basis points as the credit fund implies it, from 0 at its start; rising is wider."""
    index = snapshot.wide("close", "total_return", [params.credit, params.duration])
    residuals = credit.residual(index[params.credit], index[params.duration], params.beta_window)
    if not residuals.notna().any():
        return Line(pd.Series(np.nan, index=snapshot.days), "no data")
    mapped = credit.mapping(residuals, _observed(snapshot, SPREAD_SERIES) * PERCENT_IN_BP)
    how = "constant" if mapped is credit.MEASURED else f"measured, n {mapped.n}"
    basis = (
        f"{tiers.basis(snapshot, params.credit, params.duration)}; {params.credit} after {params.duration}, "
        f"1% = {mapped.bp_per_unit / 100:.0f} bp ({how})"
    )
    return Line(credit.spread_level(residuals, mapped), basis)


def spread_bp(snapshot: Snapshot) -> Line:
    """The published high-yield spread in basis points, on each trading day the last one published."""
    line = _published(snapshot, SPREAD_SERIES) * PERCENT_IN_BP
    return Line(line, f"{SPREAD_SERIES} by day of publication" if line.notna().any() else "no data")


def claims(snapshot: Snapshot) -> Line:
    """Initial jobless claims, persons a week, indexed by day of publication."""
    found = snapshot.background.series(CLAIMS_SERIES)
    return Line(found, f"{CLAIMS_SERIES} by day of publication" if len(found) else "no data")


def _published(snapshot: Snapshot, name: str) -> pd.Series:
    """A series on trading days, each the last value published by then, for at most `STANDS_FOR` days."""
    found = snapshot.background.series(name)
    if found.empty:
        return pd.Series(np.nan, index=snapshot.days)
    every = found.reindex(found.index.union(snapshot.days)).ffill(limit=STANDS_FOR)
    return every.reindex(snapshot.days)


def _observed(snapshot: Snapshot, name: str) -> pd.Series:
    """A series by the day observed, as first published: for a fit over days that are past, not for a trigger."""
    rows = snapshot.background.macro
    if rows.empty:
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
    first = releases.known(rows[rows["series"] == name], keep="first")
    return pd.Series(first["value"].to_numpy(dtype=float), index=pd.DatetimeIndex(first["date"]))
