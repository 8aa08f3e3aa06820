"""What presses on mid caps against mega caps, as series of trading days: rates, credit, published spread, claims."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import scenarios
from helpers.sections import macro, tiers
from helpers.sections.macro import Line

#: jobless claims that rise by more than this, 4 weeks against the 4 before, count as softer data
CLAIMS_SHOCK = 0.05
#: trading days for which the last published week of claims stands
CLAIMS_STAND = 7
#: what may press, in the order of every table, with the name a reader sees
NAMES = {
    "rates_up": "10-year yield up",
    "credit_wider": "Credit wider (by a fund)",
    "spread_wider": "Credit spread wider (published)",
    "claims_up": "Jobless claims up",
}


@dataclass(frozen=True)
class Factors:
    """Total-return indices of the funds, and the lines that press on them; NaN where unknown."""

    snapshot: Snapshot
    params: Params
    index: pd.DataFrame
    rates: Line
    credit: Line
    spread: Line
    claims: Line

    @property
    def mid(self) -> pd.Series:
        """Total-return index of the fund."""
        return self.index[self.params.mid]

    @property
    def mega(self) -> pd.Series:
        """Total-return index of the first mega-cap stand-in."""
        return self.index[self.params.mega]

    @property
    def market(self) -> pd.Series:
        """Total-return index of the market."""
        return self.index[self.params.market]

    @property
    def pair_basis(self) -> str:
        """Basis of what is said of the fund against mega caps."""
        return tiers.basis(self.snapshot, self.params.mid, self.params.mega)

    @cached_property
    def claims_change(self) -> pd.Series:
        """Change of claims (`scenarios.claims_change`) as known on each trading day, a fraction."""
        weekly = scenarios.claims_change(self.claims.series).dropna()
        days = self.snapshot.days
        if weekly.empty:
            return pd.Series(float("nan"), index=days)
        return weekly.reindex(weekly.index.union(days)).ffill(limit=CLAIMS_STAND).reindex(days)

    def excess(self, window: int) -> pd.Series:
        """Return of the fund less that of mega caps over the last `window` days, a fraction."""
        return self.mid / self.mid.shift(window) - self.mega / self.mega.shift(window)

    def changed(self, scenario: str) -> tuple[pd.Series, float, str]:
        """Change of a scenario's line over 21 days, the change that counts as a shock, and the line's basis."""
        lines = {
            "rates_up": (self.rates, self.params.rate_shock),
            "credit_wider": (self.credit, self.params.credit_shock),
            "spread_wider": (self.spread, self.params.credit_shock),
        }
        if scenario == "claims_up":
            return self.claims_change, CLAIMS_SHOCK, self.claims.basis
        line, shock = lines[scenario]
        return scenarios.change(line.series), float(shock), line.basis


def joined(*bases: str) -> str:
    """Several bases as one, each part said once."""
    return "; ".join(dict.fromkeys(part for basis in bases for part in basis.split("; ")))


def factors_of(snapshot: Snapshot, params: Params) -> Factors:
    """The lines of a snapshot."""
    return Factors(
        snapshot,
        params,
        tiers.total_return(snapshot, params),
        macro.rate_bp(snapshot, params),
        macro.credit_bp(snapshot, params),
        macro.spread_bp(snapshot),
        macro.claims(snapshot),
    )
