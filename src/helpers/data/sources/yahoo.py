"""Yahoo Finance through yfinance: one symbol a request, and for every failure the true reason.

yfinance is imported here and nowhere else, and only when something is asked. Left to itself it returns an empty frame
where it failed, calls a time-out "possibly delisted", and keeps a bad answer in the process; so every answer is asked
for with its errors shown, its memory of answers is emptied before a second try, and each fault becomes one of
`helpers.core.errors`.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from helpers.core.errors import NoTradingDay, UnavailableDataError
from helpers.data import calendar, disk
from helpers.data.sources import RawHistory, yahoo_bars, yahoo_facts, yahoo_faults
from helpers.data.sources.attempts import Attempts

Answer = TypeVar("Answer")

TIMEOUT = 20.0
SHORTEST_TIMEOUT = 0.5
CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"
#: bytes that SQLite needs to begin with
SQLITE_ROOM = 65_536
_SETTING_UP = threading.Lock()


class YahooSource:
    """Yahoo's daily bars, and what else it tells of a symbol.

    Parameters
    ----------
    cache : path
        Folder for yfinance's time zones and cookies, so that no other program shares them.
    attempts : Attempts, optional
        How often and how long Yahoo is asked, shared by all who use this source.
    timeout : float
        Seconds one request may take.
    """

    name = "Yahoo Finance"
    simulated = False

    def __init__(self, cache: str | Path, attempts: Attempts | None = None, *, timeout: float = TIMEOUT) -> None:
        self.attempts = attempts or Attempts(self.name)
        self._cache, self._timeout = Path(cache), timeout
        self._client: Any = None

    def symbols(self) -> list[str]:
        """Nothing: Yahoo does not tell what it holds."""
        return []

    def history(self, symbol: str, start: str = "", end: str = "") -> RawHistory:
        """Daily bars from `start` to `end`, ISO days, both included; "" for all there is.

        The bars are adjusted for splits, not for dividends. A day on which Yahoo lacks one of the four prices, or
        has one that cannot be, is left out and named in ``meta["blank"]``; a day not over is given as it stands. Gains
        count as dividends where the adjusted close says so. ``volume`` is 0 where Yahoo states none.

        Returns
        -------
        RawHistory
            ``meta``: source, simulated, symbol, currency, exchange, zone, kind, first_trade (ISO day), market_time
            (UTC, ISO), price (of the last trade), blank (ISO days).

        Raises
        ------
        NoTradingDay
            The span has no trading day; nothing is asked.
        RateLimited, Transient, UnknownSymbol, SchemaChanged, TlsProblem
            Why there is no answer. A `Transient` has ``no_zone`` where Yahoo names no exchange for the symbol.
        """
        _refuse_closed_span(symbol, start, end)

        def ask() -> tuple[pd.DataFrame, dict[str, Any]]:
            ticker = self._yf().Ticker(symbol)
            span = {"start": start} if start else {"period": "max"}
            frame = ticker.history(
                **span, interval="1d", auto_adjust=False, actions=True, keepna=True, timeout=self._patience
            )
            told = ticker.history_metadata or {}
            # name by name: going through all of them makes the client ask for more
            return frame, {name: told.get(name) for name in yahoo_bars.META}

        frame, meta = self._asked(symbol, ask)
        return yahoo_bars.history(symbol, frame, meta, end)

    def shares(self, symbol: str, start: str = "", *, today: dt.date) -> pd.DataFrame:
        """Shares outstanding as far as Yahoo tells them; see `yahoo_facts.shares`. Errors as `history`."""
        return self._asked(symbol, lambda: yahoo_facts.shares(self._yf().Ticker(symbol), start, today))

    def estimates(self, symbol: str) -> pd.DataFrame:
        """Analysts' earnings per share; see `yahoo_facts.estimates`. Errors as `history`."""
        return self._asked(symbol, lambda: yahoo_facts.estimates(self._yf().Ticker(symbol)))

    def holdings(self, symbol: str) -> pd.DataFrame:
        """A fund's largest holdings; see `yahoo_facts.holdings`. Errors as `history`."""
        return self._asked(symbol, lambda: yahoo_facts.holdings(self._yf().Ticker(symbol)))

    def events(self, symbol: str) -> pd.DataFrame:
        """Dated events of a company; see `yahoo_facts.events`. Errors as `history`."""
        return self._asked(symbol, lambda: yahoo_facts.events(self._yf().Ticker(symbol)))

    @property
    def _patience(self) -> float:
        """Seconds that one request may take: no more than are left."""
        return min(self._timeout, max(SHORTEST_TIMEOUT, self.attempts.seconds_left))

    def _asked(self, symbol: str, ask: Callable[[], Answer]) -> Answer:
        def once() -> Answer:
            try:
                return ask()
            except UnavailableDataError:
                raise
            except Exception as error:
                raise yahoo_faults.translated(symbol, error, self._first_answer(symbol, error)) from error

        return self.attempts.call(once, before_retry=self._forget)

    def _yf(self) -> Any:
        """The client, set up once for this source: own folder, errors shown, its chatter off."""
        with _SETTING_UP:
            if self._client is None:
                import yfinance
                import yfinance.cache
                import yfinance.data

                logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
                # the client installs a filter of its own when it is imported, so this one comes after
                warnings.filterwarnings("ignore", category=pd.errors.Pandas4Warning)
                yfinance.config.debug.hide_exceptions = False
                yfinance.data.YfData.cache_get.cache_clear()
                self._open_cache(yfinance)
                self._client = yfinance
        return self._client

    def _open_cache(self, yfinance: Any) -> None:
        """Open the client's files, by one thread: several at once would each open a file and lose all but one."""
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(self._cache))
            yfinance.cache.get_tz_cache().lookup("")
            yfinance.cache.get_cookie_cache().lookup("")
        except Exception as error:
            reason = _reason(self._cache, error)
            raise UnavailableDataError(
                f"{self._cache}: {reason}; nothing was asked; make room or allow writing, or delete this folder, then "
                "try again",
                path=str(self._cache),
                reason=reason,
            ) from None

    def _forget(self) -> None:
        """Empty the client's memory of answers: a bad one would be given again without a request."""
        self._yf().data.YfData.cache_get.cache_clear()

    def _first_answer(self, symbol: str, error: Exception) -> Any:
        """What Yahoo said when the client looked the symbol's time zone up; None when it was not asked.

        The client drops the status of that answer, but its memory still has it, so this sends no request.
        """
        if not yahoo_faults.is_about_zone(error):
            return None
        data = self._yf().data.YfData
        known = data.cache_get.cache_info().currsize
        if not known:
            return None
        asked = {"url": CHART_URL + symbol, "params": {"range": "1d", "interval": "1d"}, "timeout": 10}
        try:
            return data().cache_get(**asked)
        except Exception:
            return None

    def release(self) -> None:
        """Close this thread's connections to the client's cache folder; each worker calls it when it ends."""
        if self._client is None:
            return
        for cache in (self._yf().cache.get_tz_cache(), self._yf().cache.get_cookie_cache()):
            database = getattr(cache, "db", None)
            if database is not None:
                database.close()


def _refuse_closed_span(symbol: str, start: str, end: str) -> None:
    """Ask nothing about a span in which the exchange was closed."""
    today = dt.datetime.now(calendar.EXCHANGE_ZONE).date().isoformat()
    last = calendar.trading_day_on_or_before(min(end or today, today)).isoformat()
    if start > last:
        raise NoTradingDay(
            f"{symbol}: no trading day from {start} to {min(end or today, today)}; nothing was asked of Yahoo Finance",
            symbol=symbol,
        )


def _reason(folder: Path, error: Exception) -> str:
    """Why files in a folder cannot be opened; SQLite does not tell, so a file is written to learn it."""
    try:
        probe = folder / ".room"
        disk.put(probe, bytes(SQLITE_ROOM))
        probe.unlink()
    except OSError as own:
        return own.strerror or str(own)
    return str(error)
