"""Fixtures of the data room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.desk import SYMBOLS, Desk
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.server import Loopback
from tests.loopback.world import World


@pytest.fixture
def desk(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty store, and four invented symbols to fill it with; the world stands at 10 April 2026."""
    with Loopback(World.synthetic(SYMBOLS, first="2025-01-02")) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        home = tmp_path / "home"
        monkeypatch.setenv("BREADTHBOOK_HOME", str(home))
        fresh_client(home / "yfinance")
        server.world.last = "2026-04-10"
        yield Desk(server, home)
    forget_client()
