"""What is measured of an update, in a process of its own: ours, or the peer's download of the same bars.

The time is that of the one call, without the start of Python and its imports, which both sides share for the most part.
One line of JSON is printed when the work is done; only then are the closes written out, for the one who compares.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.figures import peak

#: of an update; far more than it needs, so that a slow machine is measured to the end
PATIENCE = 900.0
#: exit code of a peer that left a symbol out, so that there is nothing to compare
RETRY = 75

Closes = Callable[[], dict[str, object]]
Measured = tuple[float, Closes]


def peer(folder: Path, symbols: list[str], start: str, now: str) -> Measured:
    """One call of yfinance for all symbols, its files in `folder`, its result a frame in memory."""
    import yfinance

    warnings.simplefilter("ignore")  # it would spend a part of its time on telling what a later pandas will not have
    yfinance.set_tz_cache_location(str(folder / "client"))
    begun = time.perf_counter()
    frame = yfinance.download(symbols, start=start, threads=True, auto_adjust=False, actions=True, progress=False)
    seconds = time.perf_counter() - begun
    if frame["Close"][symbols].isna().all().any():
        raise SystemExit(RETRY)  # it says so on the screen and goes on: its cache was locked, as a rule

    def closes() -> dict[str, object]:
        close = frame["Close"][symbols]
        return {"days": close.index.to_numpy().astype("datetime64[D]"), "close": close.to_numpy()}

    return seconds, closes


def ours(folder: Path, symbols: list[str], start: str, now: str) -> Measured:
    """One update of the store in `folder`, checks included; a first one asks for all there is, whatever `start`."""
    import yfinance  # noqa: F401  # as the peer has it, before the clock starts

    from helpers.data.sources.attempts import Attempts
    from helpers.data.sources.yahoo import YahooSource
    from helpers.data.store import Store
    from helpers.data.upkeep.update import update

    store = Store(folder)
    provider = YahooSource(folder / "client", Attempts(YahooSource.name, budget_seconds=PATIENCE))
    begun = time.perf_counter()
    report = update(store, provider, symbols, now=dt.datetime.fromisoformat(now))
    seconds = time.perf_counter() - begun
    failed = [outcome for outcome in report.outcomes if outcome.done not in ("new", "added")]
    if failed:
        raise SystemExit(f"{len(failed)} symbols were not updated; the first: {failed[0]}")

    def closes() -> dict[str, object]:
        held = store.arrays(10_000, ["close"], symbols)
        return {"days": held.days, "close": held.values["close"]}

    return seconds, closes


if __name__ == "__main__":
    who, home, count, *span = sys.argv[1:]
    work = {"peer": peer, "ours": ours}[who]
    asked = [f"S{place:04d}" for place in range(int(count))]
    Path(home).mkdir(exist_ok=True)
    seconds, read = work(Path(home), asked, *span)
    print(json.dumps({"peak": peak(), "seconds": seconds}), flush=True)
    np.savez(Path(home) / "closes.npz", **read())
