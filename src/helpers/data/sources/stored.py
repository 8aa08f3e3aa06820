"""Bars that a provider gave earlier, read out of the store."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.data.bars import FIELDS
from helpers.data.sources import RawHistory
from helpers.data.store import Store
from helpers.data.upkeep.holding import QUARANTINE, Holding


class StoredSource:
    """Yahoo's bars as the store holds them, read without asking the network; a symbol in quarantine as it was before.

    The store is brought up to date by `helpers.data.upkeep.daily.refresh`.

    Parameters
    ----------
    store : Store, optional
        The one of `helpers.data.store.home` when None.
    """

    name = "Yahoo Finance"
    simulated = False

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self._bars: dict[str, pd.DataFrame] = {}
        self._holdings: dict[str, Holding] = {}

    def symbols(self) -> list[str]:
        """The symbols with bars, sorted."""
        return sorted(symbol for symbol in self._records() if Holding.of(symbol, self._records()).last)

    def load(self, symbols: Sequence[str]) -> None:
        """Read the bars of these symbols at once: one symbol at a time would read every file each time."""
        wanted = [symbol for symbol in symbols if self.holding(symbol).last]
        if wanted:
            self._bars |= {str(symbol): rows for symbol, rows in self.store.read(wanted).groupby("symbol")}

    def history(self, symbol: str, start: str = "", end: str = "") -> RawHistory | None:
        """Bars of one symbol from `start` to `end`, both included; None when nothing is held of it.

        ``meta`` has ``is_witness``: an adjusted close is held of a few days alone, for this history's own total return.
        """
        holding = self.holding(symbol)
        if not holding.last:
            return None
        if symbol not in self._bars:
            self.load([symbol])
        rows = self._bars[symbol]
        inside = (rows["date"] >= pd.Timestamp(start or holding.first)) & (
            rows["date"] <= pd.Timestamp(end or holding.last)
        )
        kept = rows[inside].reset_index(drop=True)
        stated = ["date", *(name for name in FIELDS if rows[name].notna().any())]
        happened = (kept["dividend"] > 0) | (kept["split"] > 0)
        actions = kept.loc[happened, ["date", "dividend", "split"]].reset_index(drop=True)
        meta = {"source": holding.source, "simulated": False, "is_witness": True}
        return RawHistory(kept[stated], actions, meta)

    def holding(self, symbol: str) -> Holding:
        """What the store knows of a symbol; an empty record when it was never asked for."""
        if symbol not in self._holdings:
            self._holdings[symbol] = Holding.of(symbol, self._records())
        return self._holdings[symbol]

    def trouble(self, symbol: str) -> tuple[str, str]:
        """The status that the last asking gives the symbol, "quarantined" or none, and the reason of its failure."""
        holding = self.holding(symbol)
        return ("quarantined" if holding.fault == QUARANTINE else "", holding.cause)

    def _records(self) -> dict[str, dict[str, object]]:
        return self.store.records() if self.store.version else {}
