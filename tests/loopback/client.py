"""The state that yfinance keeps for the whole process, made new."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path


def fresh_client(folder: Path | str) -> None:
    """Let the next use of yfinance start as in a new process, with its files below `folder`.

    A new session reads proxy and certificates from the environment; cookies, time zones and answers held are gone.
    """
    forget_client()
    with warnings.catch_warnings():  # its import puts a filter of its own before those of the tests
        from yfinance import cache

    Path(folder).mkdir(parents=True, exist_ok=True)
    cache.set_cache_location(str(folder))


def forget_client() -> None:
    """Drop session, crumb, cookies, answers and settings; nothing to do where yfinance was never imported."""
    if "yfinance" not in sys.modules:
        return
    from yfinance import base, cache, data
    from yfinance.config import YfConfig

    held = data.SingletonMeta._instances.pop(data.YfData, None)
    if held is not None and held._session is not None:
        held._session.close()
    data.YfData.cache_get.cache_clear()
    base._tz_info_fetch_ctr = 0
    YfConfig.network.proxy = None
    YfConfig.network.retries = 0
    YfConfig.debug.hide_exceptions = True
    for files, manager, attribute in (
        (cache._TzDBManager, cache._TzCacheManager, "_tz_cache"),
        (cache._CookieDBManager, cache._CookieCacheManager, "_Cookie_cache"),
        (cache._ISINDBManager, cache._ISINCacheManager, "_isin_cache"),
    ):
        files.close_db()
        files._db = None
        setattr(manager, attribute, None)
