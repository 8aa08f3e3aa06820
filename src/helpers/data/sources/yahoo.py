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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from helpers.core.errors import NoTradingDay, UnavailableDataError
from helpers.data import calendar, disk
from helpers.data.bars import DATE_TYPE
from helpers.data.sources import RawHistory, yahoo_bars, yahoo_faults
from helpers.data.sources.attempts import Attempts

Answer = TypeVar("Answer")

TIMEOUT = 20.0
SHORTEST_TIMEOUT = 0.5
CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"
#: our name of each estimate, and Yahoo's in small letters: it has changed their case before
ESTIMATES = {
    "current": "current",
    "days_7": "7daysago",
    "days_30": "30daysago",
    "days_60": "60daysago",
    "days_90": "90daysago",
    "up_7": "uplast7days",
    "up_30": "uplast30days",
    "down_7": "downlast7days",
    "down_30": "downlast30days",
}
EVENTS = {"Ex-Dividend Date": "ex-dividend", "Dividend Date": "dividend paid"}
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
        """Shares outstanding: ``date`` (datetime64), ``shares``, ``basis``; one row a day stated, none where unknown.

        Funds have no series; for these the one row, of `today`, is the stated count, or net assets over net asset
        value, as ``basis`` says.
        """

        def ask() -> pd.DataFrame:
            ticker = self._yf().Ticker(symbol)
            series = ticker.get_shares_full(start=start or None)
            if series is not None and len(series):
                days = pd.DatetimeIndex(series.index).tz_localize(None).normalize()
                known = pd.DataFrame(
                    {"date": days.to_numpy().astype(DATE_TYPE), "shares": series.to_numpy(dtype=np.float64)}
                )
                return known.drop_duplicates("date", keep="last", ignore_index=True).assign(basis="stated")
            facts = ticker.get_info()
            stated, assets, value = (facts.get(name) for name in ("sharesOutstanding", "totalAssets", "navPrice"))
            day = _dates([today])
            if stated:
                return pd.DataFrame({"date": day, "shares": float(stated), "basis": "stated"})
            if assets and value:
                return pd.DataFrame({"date": day, "shares": assets / value, "basis": "net assets / net asset value"})
            return pd.DataFrame({"date": day[:0], "shares": pd.Series(dtype=float), "basis": pd.Series(dtype="str")})

        return self._asked(symbol, ask)

    def estimates(self, symbol: str) -> pd.DataFrame:
        """Analysts' earnings per share: a row per period (0q, +1q, 0y, +1y).

        Columns: ``period``; ``current``, ``days_7``, ``days_30``, ``days_60``, ``days_90`` (the estimate now and
        that many days ago); ``up_7``, ``up_30``, ``down_7``, ``down_30`` (analysts who changed it). NaN where unknown;
        no rows for a fund.
        """

        def ask() -> pd.DataFrame:
            ticker = self._yf().Ticker(symbol)
            try:
                trend, revisions = ticker.eps_trend, ticker.eps_revisions
            except Exception as error:
                if not isinstance(error, TypeError | KeyError) and not yahoo_faults.is_about_a_part(error):
                    raise
                trend = revisions = pd.DataFrame()  # no such module: a fund, or a company nobody follows
            held = {str(name).lower(): table[name] for table in (trend, revisions) for name in table.columns}
            periods = list(dict.fromkeys([*trend.index, *revisions.index]))
            rows = pd.DataFrame({"period": pd.Series(periods, dtype="str")})
            for name, theirs in ESTIMATES.items():
                column = held.get(theirs, pd.Series(dtype=float)).reindex(periods)
                rows[name] = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
            return rows

        return self._asked(symbol, ask)

    def holdings(self, symbol: str) -> pd.DataFrame:
        """A fund's largest holdings as Yahoo lists them: ``symbol``, ``name``, ``weight`` (fraction); empty if none."""

        def ask() -> pd.DataFrame:
            try:
                top = self._yf().Ticker(symbol).funds_data.top_holdings
            except (KeyError, self._yf().exceptions.YFDataException):
                top = None  # not a fund
            if top is None or top.empty:
                return pd.DataFrame({"symbol": [], "name": [], "weight": []}).astype({"symbol": "str", "name": "str"})
            weight = pd.to_numeric(top["Holding Percent"], errors="coerce").to_numpy(dtype=np.float64)
            return pd.DataFrame({"symbol": list(top.index), "name": list(top["Name"]), "weight": weight})

        return self._asked(symbol, ask)

    def events(self, symbol: str) -> pd.DataFrame:
        """Dated events of a company that Yahoo knows of: ``date`` (datetime64), ``event``; empty if none."""

        def ask() -> pd.DataFrame:
            try:
                known = self._yf().Ticker(symbol).calendar or {}
            except Exception as error:
                if not yahoo_faults.is_about_a_part(error):
                    raise
                known = {}  # a fund, or a company without a date
            days = [(day, "earnings") for day in known.get("Earnings Date", []) or []]
            days += [(known[name], text) for name, text in EVENTS.items() if known.get(name)]
            days = [(day, text) for day, text in days if isinstance(day, dt.date)]
            return pd.DataFrame(
                {"date": _dates([day for day, _ in days]), "event": pd.Series([text for _, text in days], dtype="str")}
            )

        return self._asked(symbol, ask)

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


def _dates(days: Sequence[dt.date]) -> pd.Series:
    return pd.Series(np.array([day.isoformat() for day in days], dtype=DATE_TYPE))
