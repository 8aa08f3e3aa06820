"""FRED, the economic series of the Federal Reserve Bank of St. Louis: values, and the day on which each came out.

Without an API key the free file of a chart is read: today's values, whose days of publication come from
`helpers.data.macro`. With a key the interface tells every release with its day. A key is sent to FRED and goes nowhere
else: not into a message, a log, an exception or a file.
"""

from __future__ import annotations

import logging
import os
import re
from functools import partial
from typing import Any

import pandas as pd

from helpers.core.errors import RateLimited, SchemaChanged, UsageError
from helpers.data import macro
from helpers.data.bars import DATE_TYPE
from helpers.data.sources import fred_answers
from helpers.data.sources.attempts import Attempts

TIMEOUT = 20.0
CSV_URL = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API_URL = "https://api.stlouisfed.org/fred/series/observations"
KEY_VARIABLE = "FRED_API_KEY"
FIRST_RELEASE, LAST_RELEASE = "1776-07-04", "9999-12-31"
#: years between which a span of releases is halved when FRED says that it holds too many
HALVED = (1990, 2050)
PAGE_ROWS = 100_000
SERIES_NAME = re.compile(r"[A-Z0-9_]+")


class FredSource:
    """Economic series from FRED; HTTPS_PROXY and REQUESTS_CA_BUNDLE are honoured.

    Parameters
    ----------
    attempts : Attempts, optional
        How often and how long FRED is asked.
    api_key : str, optional
        FRED's key; the variable FRED_API_KEY when None. Without one the free file is read.
    timeout : float
        Seconds without a byte after which a request fails.
    """

    name = "FRED"

    def __init__(
        self, attempts: Attempts | None = None, api_key: str | None = None, *, timeout: float = TIMEOUT
    ) -> None:
        self.attempts = attempts or Attempts(self.name)
        self._key = (api_key if api_key is not None else os.environ.get(KEY_VARIABLE, "")).strip()
        self._timeout = timeout

    def series(self, name: str, start: str = "") -> pd.DataFrame:
        """Observations of a series from `start`, an ISO day, "" for all that FRED serves.

        With a key a revised observation has a row for each release. Of a series that FRED keeps no releases of, such
        as the spreads of ICE BofA, the free file is read with a key too.

        Returns
        -------
        DataFrame
            `helpers.data.macro.COLUMNS`, sorted by ``date`` and ``published`` (datetime64); ``value`` in FRED's unit,
            never NaN: a missing value is no row. ``published`` by rule may lie after today.

        Raises
        ------
        UsageError
            FRED does not accept the API key.
        RateLimited, Transient, UnknownSymbol, SchemaChanged, TlsProblem
            Why there is no answer.
        """
        name = name.strip().upper()
        if not SERIES_NAME.fullmatch(name):
            raise fred_answers.unknown(name)
        rows = self._released(name, start, FIRST_RELEASE, LAST_RELEASE) if self._key else None
        if rows is None:
            return self._from_file(name, start)
        table = pd.DataFrame(rows, columns=["date", "published", "value"])
        return fred_answers.dated(name, fred_answers.parsed(name, table), start)

    def _from_file(self, name: str, start: str) -> pd.DataFrame:
        asked = {"id": name} | ({"cosd": start} if start else {})
        rows = self.attempts.call(lambda: fred_answers.file_rows(name, self._got(name, CSV_URL, asked)))
        table = fred_answers.parsed(name, rows)
        if table.empty and not start:
            raise fred_answers.passing(name, "sent no observations")
        days, publication = macro.publication_days(name, table["date"].to_numpy())
        table["published"] = days.astype(DATE_TYPE)
        return fred_answers.framed(name, table.assign(publication=publication))

    def _released(self, name: str, start: str, first: str, last: str) -> list[tuple[str, str, str]] | None:
        """Day, day of release and value for each release from `first` to `last`; None where FRED keeps none.

        A release before `first` that still held then is dated `first`; the rows of the span before tell better.
        """
        asked = {"series_id": name, "realtime_start": first, "realtime_end": last, "file_type": "json"}
        asked |= {"sort_order": "asc", "limit": str(PAGE_ROWS)} | ({"observation_start": start} if start else {})
        rows: list[tuple[str, str, str]] = []
        while True:
            page = self.attempts.call(partial(self._page, name, {**asked, "offset": str(len(rows))}))
            if isinstance(page, str):
                break
            found, total = page
            rows += found
            if len(rows) >= total:
                return rows
            if not found:
                raise fred_answers.passing(name, f"sent {len(rows)} of {total} observations")
        if page == "none kept":
            return None
        early, late = max(int(first[:4]), HALVED[0]), min(int(last[:4]), HALVED[1])
        if early >= late:
            raise SchemaChanged(f"{name}: FRED finds too many releases in {early}; ask without a key", symbol=name)
        middle = (early + late) // 2
        parts = [
            self._released(name, start, first, f"{middle}-12-31"),
            self._released(name, start, f"{middle + 1}-01-01", last),
        ]
        return None if parts == [None, None] else [row for part in parts for row in part or []]

    def _page(self, name: str, asked: dict[str, str]) -> tuple[list[tuple[str, str, str]], int] | str:
        """Rows of one page and how many there are in all, or why there is none: "none kept" or "too many"."""
        answer = self._got(name, API_URL, {**asked, "api_key": self._key})
        if answer.status_code == 400:
            return self._refused(name, answer)
        content = fred_answers.content_of(name, answer)
        try:
            rows = [(row["date"], row["realtime_start"], row["value"]) for row in content["observations"]]
            return rows, int(content["count"])
        except (KeyError, TypeError, ValueError):
            raise fred_answers.changed(name, "an answer without `observations` and `count`") from None

    def _refused(self, name: str, answer: Any) -> str:
        said = str(fred_answers.content_of(name, answer).get("error_message", "")).replace(self._key, "***")
        if "api_key" in said:
            raise UsageError(
                f"FRED does not accept the API key; correct the variable {KEY_VARIABLE}, or leave it out to read "
                "FRED's free files"
            )
        if "not exist in ALFRED" in said:
            return "none kept"  # said of an unknown series too: the free file tells which it is
        if "vintage dates" in said:
            return "too many"
        if "not exist" in said:
            raise fred_answers.unknown(name)
        raise fred_answers.changed(name, f'status 400, "{said[:120]}"')

    def _got(self, name: str, url: str, asked: dict[str, str]) -> Any:
        """The answer to a request, its status looked at; only 200, and 400 from the interface, come back."""
        if "api_key" in asked:
            logging.getLogger("urllib3.connectionpool").addFilter(fred_answers.without_key)
        fault, answer = fred_answers.tried(lambda: self._requested(url, asked), name)
        if fault is not None:
            raise fault  # here, and not where it was caught: what requests raises holds the address and so the key
        status = answer.status_code
        if status == 429:
            raise RateLimited(f"{name}: FRED says that there were too many requests (429); wait a minute", symbol=name)
        if status == 404:
            raise fred_answers.unknown(name)
        if status != 200 and not (status == 400 and url == API_URL):
            raise fred_answers.passing(name, f"answered with status {status}")
        return answer

    def _requested(self, url: str, asked: dict[str, str]) -> Any:
        import requests

        seconds = max(1.0, min(self._timeout, self.attempts.seconds_left))
        return requests.get(url, params=asked, timeout=seconds, headers={"User-Agent": "breadthbook"})
