"""A note with every input it can have, in files: invented bars, members, series, facts of the day, dated events."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data.facts import Facts
from helpers.data.snapshot import Snapshot
from helpers.data.sources import open_source, sample
from tests.sections.conftest import SECTIONS, take

SINCE, UNTIL = "2010-01-04", "2026-05-29"
AS_OF = "2026-04-16"
#: members' bars begin late enough that a note of any later day reads all of them
MEMBERS_SINCE = "2019-01-02"
Taken = tuple[Snapshot, Params]


def _bars(symbols: tuple[str, ...], since: str) -> pd.DataFrame:
    source = open_source("sample")
    parts = [source.history(symbol, since, UNTIL).bars.assign(symbol=symbol) for symbol in symbols]
    return pd.concat(parts, ignore_index=True)


@lru_cache(maxsize=1)
def funds() -> pd.DataFrame:
    """Bars of every symbol that a note reads."""
    return _bars(take(as_of=AS_OF)[1].symbols, SINCE)


@lru_cache(maxsize=1)
def member_bars() -> pd.DataFrame:
    """Bars of the members of the sample."""
    return _bars(tuple(sample.members().rows["symbol"]), MEMBERS_SINCE)


@lru_cache(maxsize=1)
def series() -> pd.DataFrame:
    """Yields, spreads that widen as the credit fund falls, and weekly claims; each published after its day."""
    rng = np.random.default_rng(4)
    days = pd.bdate_range(SINCE, UNTIL)
    credit = funds()[lambda table: table["symbol"] == "HYG"].set_index("date")["close"].reindex(days).ffill()
    spread = 4.0 - 25 * np.log(credit / credit.iloc[0]) + rng.normal(0, 0.02, len(days))
    weeks = pd.date_range(SINCE, UNTIL, freq="W-SAT")
    claims = 220_000 * np.exp(np.cumsum(rng.normal(0, 0.02, len(weeks))))
    lines = {
        "DGS10": (days, 3.0 + 0.5 * np.sin(np.arange(len(days)) / 200), 1),
        "BAMLH0A0HYM2": (days, spread.to_numpy(), 1),
        "ICSA": (weeks, claims, 5),
    }
    parts = [
        pd.DataFrame({"series": name, "date": on, "value": value, "published": on + pd.Timedelta(days=lag)})
        for name, (on, value, lag) in lines.items()
    ]
    return pd.concat(parts, ignore_index=True)


def facts(home: Path, *, until: str = UNTIL, without: tuple[str, ...] = ()) -> None:
    """Record share counts of forty days, and holdings, estimates and dates of two companies, below `home`."""
    held = Facts(home)
    counts = pd.bdate_range("2026-03-09", periods=40)
    looks = pd.to_datetime(["2026-04-09", "2026-04-15", "2026-04-22"])
    for place, day in enumerate(counts):
        if day <= pd.Timestamp(until) and "shares" not in without:
            row = {"subject": ["IJH"], "date": [day], "shares": [1e6 + 1e3 * place], "basis": ["stated"]}
            held.record("shares", pd.DataFrame(row), day)
    for place, day in enumerate(looks):
        kinds = {
            "holdings": {"subject": "IJH", "symbol": ["AAA", "BBB"], "weight": [0.03, 0.01 * (place + 1)]},
            "estimates": {
                "subject": ["AAA", "BBB"],
                "period": "0y",
                "up_30": [1.0 + place, 2.0],
                "down_30": [3.0, 0.0],
            },
            "events": {
                "subject": ["AAA", "BBB"],
                "date": pd.to_datetime(["2026-04-17", "2026-05-05"]) + pd.Timedelta(days=place),
                "event": "earnings",
            },
        }
        for kind, columns in kinds.items():
            if day <= pd.Timestamp(until) and kind not in without:
                held.record(kind, pd.DataFrame(columns), day)


def written(folder: Path, *, until: str = UNTIL, **other: pd.DataFrame) -> dict[str, Any]:
    """The sources of a note, files in `folder` that end on `until`; a frame named in `other` takes a table's place."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"funds": (funds(), "date"), "members": (member_bars(), "date"), "series": (series(), "published")}
    for name, (table, day) in tables.items():
        rows = other.get(name, table)
        rows[rows[day] <= pd.Timestamp(until)].to_parquet(folder / f"{name}.parquet", index=False)
    sample.members().rows.drop(columns="name").assign(date="2010-01-04").to_csv(folder / "list.csv", index=False)
    dated = "- {date: 2026-04-29, event: a decision, source: its maker}\n"
    (folder / "calendar.yaml").write_text(dated, encoding="utf-8")
    return {
        "bars": [str(folder / "funds.parquet")],
        "members": str(folder / "list.csv"),
        "members_bars": [str(folder / "members.parquet")],
        "macro": [str(folder / "series.parquet")],
        "calendar": str(folder / "calendar.yaml"),
    }


def every_finding(taken: Taken) -> Findings:
    """What all sections say, in their order."""
    return Findings(item for section in SECTIONS for item in section(*taken).findings)
