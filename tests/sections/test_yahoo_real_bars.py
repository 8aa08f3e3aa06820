"""The same real bars through Yahoo's way, client, store and all, and from a file: the same findings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from helpers.core import params as parameters
from helpers.core.findings import Finding
from helpers.data import intake
from helpers.sections.breakout import breakout
from helpers.sections.strength import strength
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.server import Loopback
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

DAY = "2026-04-16"
VALUES = {"mega": "MGK", "mega_checks": ["QQQ"], "as_of": DAY}


@pytest.fixture
def real_bars(shared_data: Path, tmp_path: Path) -> Path:
    """The symbols of a note that state their dividends, as one file."""
    wanted = parameters.parse(VALUES, origin="test.yaml").symbols
    rows = pd.read_parquet(shared_data / "etf_ohlcv_yahoo.parquet")
    rows = rows[rows["symbol"].isin(wanted) & (rows["date"].astype("datetime64[s]") >= "2022-01-03")]
    path = tmp_path / "bars.parquet"
    rows.drop(columns=["adj_close", "source"], errors="ignore").to_parquet(path, index=False)
    return path


def said(source: str) -> dict[str, Finding]:
    params = parameters.parse({**VALUES, "sources": {"bars": [source]}}, origin="test.yaml")
    snapshot = intake.take(params, today=dt.date(2026, 5, 1))
    return {item.address: item for section in (breakout, strength) for item in section(snapshot, params).findings}


def test_real_bars_give_the_same_findings_from_yahoo_and_from_a_file(
    guard: object, real_bars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "home"))
    with Loopback(World.from_bars(pd.read_parquet(real_bars))) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        fresh_client(tmp_path / "home" / "yfinance")
        by_yahoo = said("yahoo")
    forget_client()
    by_file = said(str(real_bars))
    assert by_yahoo.keys() == by_file.keys()
    for address, item in by_file.items():
        expected = pytest.approx(item.value, rel=1e-9) if isinstance(item.value, float) else item.value
        assert by_yahoo[address].value == expected, address
    assert sum(item.is_known for item in by_file.values()) > 100
