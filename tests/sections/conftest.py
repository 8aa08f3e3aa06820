"""Snapshots that the section tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.core import params as parameters
from helpers.core.params import Params
from helpers.data import intake
from helpers.data.snapshot import Snapshot
from helpers.sections.breadth import breadth
from helpers.sections.breakout import breakout
from helpers.sections.coverage import coverage
from helpers.sections.hedge import hedge
from helpers.sections.history import history
from helpers.sections.risks import risks
from helpers.sections.strength import strength

SECTIONS = (coverage, breakout, strength, breadth, history, risks, hedge)
#: the sample with its members
SOURCES = {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}
TODAY = dt.date(2026, 11, 23)
TAPE = {"date": "2026-04-17", "high": 72.61, "last": 72.34, "prior_close": 71.49, "volume": 710805}


def take(**values: object) -> tuple[Snapshot, Params]:
    params = parameters.parse(values, origin="test")
    return intake.take(params, today=TODAY), params


@pytest.fixture(scope="session")
def sample() -> tuple[Snapshot, Params]:
    """The simulated bars on a finished day."""
    return take(as_of="2026-04-16")


@pytest.fixture(scope="session")
def real(shared_data: Path) -> Callable[..., tuple[Snapshot, Params]]:
    """Takes a snapshot of the real bars."""
    files = [str(shared_data / name) for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")]

    def taken(**values: object) -> tuple[Snapshot, Params]:
        return take(**{"sources": {"bars": files}, **values})

    return taken


@pytest.fixture
def from_bars(tmp_path: Path) -> Callable[..., tuple[Snapshot, Params]]:
    """Takes a snapshot of bars given as a frame."""

    def taken(bars: pd.DataFrame, **values: object) -> tuple[Snapshot, Params]:
        path = tmp_path / "bars.parquet"
        bars.to_parquet(path, index=False)
        return take(**{"sources": {"bars": [str(path)]}, **values})

    return taken
