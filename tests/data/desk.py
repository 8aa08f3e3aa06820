"""A store, a provider on this machine and a clock: what tests of an update need, in few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.core import params as parameters
from helpers.core.params import Params
from helpers.data import intake
from helpers.data.bars import PRICES
from helpers.data.calendar import EXCHANGE_ZONE
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.yahoo import YahooSource
from helpers.data.store import Store
from helpers.data.upkeep.holding import Holding
from helpers.data.upkeep.update import Report, update
from tests.loopback.server import Loopback

SYMBOLS = ("IJH", "MGC", "SPY", "IJR")
FIELDS = (*PRICES, "volume", "dividend", "split")


def at(day: str, clock: str = "20:00") -> dt.datetime:
    """A moment in New York."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), EXCHANGE_ZONE)


class Desk:
    """One store that is kept from one provider; `world.last` is the day it is."""

    def __init__(self, server: Loopback, home: Path, symbols: tuple[str, ...] = SYMBOLS) -> None:
        self.server, self.world, self.symbols = server, server.world, symbols
        self.store = Store(home)
        self.healed_by: Callable[[], object] = lambda: None

    def update(self, clock: str = "20:00", **options) -> Report:
        """An update on the evening of the world's last day, without the waits a real provider deserves."""
        attempts = Attempts("Yahoo Finance", first_wait=0.01, rate_limit_waits=(0.01,), budget_seconds=60)
        provider = YahooSource(self.store.home / "yfinance", attempts, timeout=0.5)
        self.server.clear_log()
        return update(self.store, provider, self.symbols, now=at(self.world.last, clock), **options)

    def holding(self, symbol: str = "IJH") -> Holding:
        return Holding.of(symbol, self.store.records())

    def status(self, symbol: str = "IJH") -> str:
        """The status that a note would state."""
        snapshot = intake.look(self.params, now=at(self.world.last))
        return snapshot.status(symbol).status

    @property
    def params(self) -> Params:
        values = {"mid": "IJR", "mega": "MGC", "mega_checks": [], "small": "IJH", "sectors": []}
        return parameters.parse({**values, "sources": {"bars": ["yahoo"]}}, origin="test.yaml")

    def bars(self, symbol: str = "IJH") -> pd.DataFrame:
        """What is stored of a symbol, by date."""
        return self.store.read([symbol]).set_index("date")[list(FIELDS)]

    def is_complete(self, symbol: str = "IJH") -> bool:
        """Whether the store holds exactly what the provider would tell about the whole history."""
        held, served = self.bars(symbol), self.world.bars(symbol)
        served = served.assign(dividend=0.0, split=0.0)
        history = self.world.histories[symbol].as_of(self.world.last)
        for name, events in (("dividend", history.dividends), ("split", history.splits)):
            for second, value in events:
                served.loc[pd.Timestamp(second, unit="s").normalize(), name] = value
        return len(held) == len(served) and bool(
            (held.index == served.index).all()
            and np.allclose(held.to_numpy(), served[list(FIELDS)].to_numpy(), rtol=1e-9, atol=1e-9)
        )
