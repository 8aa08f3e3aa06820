"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback.client import forget_client, fresh_client
from tests.loopback.guard import Guard
from tests.loopback.server import Loopback
from tests.loopback.world import World

MAIN_FILE = "etf_ohlcv_yahoo.parquet"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real bars, ``../shared/data`` beside the project (or below BREADTHBOOK_SHARED).

    It is not part of the project, so without it a test is skipped; with BREADTHBOOK_REQUIRE_SHARED=1, which .ci/run
    sets where the folder exists, its absence is a failure. CI alone means nothing: a public runner has no such folder.
    """
    return shared_folder()


def shared_folder() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("BREADTHBOOK_SHARED") or beside) / "data"
    if not (folder / MAIN_FILE).is_file():
        reason = "the real bars of ../shared/data are not here"
        if os.environ.get("BREADTHBOOK_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what asks the real providers, unless -m speaks of it."""
    if "live" in str(config.getoption("markexpr")):
        return
    live = [item for item in items if item.get_closest_marker("live")]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in live]


@pytest.fixture(scope="session")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """What keeps every request of this session on this machine, and every store out of the project's folder."""
    guard = Guard()
    guard.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREADTHBOOK_HOME", str(tmp_path_factory.mktemp("home")))
        for name, value in guard.environment.items():
            patch.setenv(name, value)
        yield guard
    guard.stop()


@pytest.fixture(autouse=True)
def on_this_machine(request: pytest.FixtureRequest, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test during which something tried to leave this machine; a live test may."""
    if request.node.get_closest_marker("live"):
        for name in guard.environment:
            monkeypatch.delenv(name, raising=False)
        with guard.lifted():
            yield
        return
    guard.taken()
    yield
    noted = guard.taken()
    assert not noted, f"left this machine, or tried to: {', '.join(noted)}"


@pytest.fixture
def loopback(guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Yahoo and FRED on this machine, serving invented bars of IJH, MGC and SPY; the client starts anew."""
    with Loopback(World.synthetic(["IJH", "MGC", "SPY"], first="2024-11-01")) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        fresh_client(tmp_path / "client")
        yield server
    forget_client()
