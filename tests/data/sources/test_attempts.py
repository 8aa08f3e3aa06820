from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.core.errors import RateLimited, SchemaChanged, SourceError, TlsProblem, Transient, UnknownSymbol
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.yahoo import YahooSource
from helpers.data.store import Store
from helpers.data.upkeep.holding import Holding
from helpers.data.upkeep.update import Report, update
from helpers.data.upkeep.workers import WORKERS
from tests.data.desk import at
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.server import Loopback
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

MANY = tuple(f"S{place:03d}" for place in range(100))
TIMEOUT = 0.5


class Crowd:
    """A hundred symbols of a provider on this machine, and when each of them was asked for."""

    def __init__(self, server: Loopback, home: Path) -> None:
        self.server, self.home = server, home
        self.asked_at: list[float] = []

    def provider(self, **options: object) -> YahooSource:
        settings: dict[str, object] = {"first_wait": 0.01, "rate_limit_waits": (), **options}
        self.attempts = Attempts("Yahoo Finance", **settings)  # type: ignore[arg-type]
        return YahooSource(self.home / "yfinance", self.attempts, timeout=TIMEOUT)

    def update(self, symbols: tuple[str, ...] = MANY, **options: object) -> Report:
        provider = self.provider(**options)
        self.server.clear_log()
        self.asked_at.clear()
        return update(Store(self.home), provider, symbols, now=at(self.server.world.last))

    def faults(self) -> list[str]:
        records = Store(self.home).records()
        return [Holding.of(symbol, records).fault for symbol in MANY]

    def silences(self, longer_than: float) -> list[float]:
        """Spans without a request for bars."""
        return [b - a for a, b in zip(self.asked_at, self.asked_at[1:], strict=False) if b - a > longer_than]


@pytest.fixture
def crowd(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    with Loopback(World.synthetic(MANY, first="2026-02-02")) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        fresh_client(tmp_path / "yfinance")
        crowd, answered = Crowd(server, tmp_path), server.answered

        def noted(host: str, path: str, query: dict[str, str]) -> object:
            if "/chart/" in path:
                crowd.asked_at.append(time.monotonic())
            return answered(host, path, query)

        monkeypatch.setattr(server, "answered", noted)
        yield crowd
    forget_client()


@pytest.fixture
def primed(crowd: Crowd) -> Crowd:
    """A store that holds all symbols, so that the next update asks once for each."""
    last, crowd.server.world.last = crowd.server.world.last, "2026-04-10"
    crowd.update()
    crowd.server.world.last = last
    return crowd


def test_a_passing_fault_is_tried_three_times(crowd: Crowd) -> None:
    crowd.server.fault("S000", "html")
    with pytest.raises(Transient, match="S000: Yahoo Finance sent a page"):
        crowd.provider().history("S000")
    assert len(crowd.server.charts()) == 3


@pytest.mark.parametrize(("fault", "error"), [("404", UnknownSymbol), ("renamed fields", SchemaChanged)])
def test_what_will_not_pass_is_asked_once(crowd: Crowd, fault: str, error: type[SourceError]) -> None:
    crowd.server.fault("S000", fault)
    with pytest.raises(error):
        crowd.provider().history("S000")
    first = [asked.query.get("period1") for asked in crowd.server.charts()]
    assert len(first) <= 2, "the client asks a second time, by another cookie, where the status is a refusal"


@pytest.mark.parametrize("fault", ["500", "html", "truncated", "empty"])
@pytest.mark.parametrize("on", ["zone", "chart"])
def test_a_bad_first_answer_is_not_given_again_from_memory(crowd: Crowd, fault: str, on: str) -> None:
    crowd.server.fault("S000", fault, fault, "ok", on=on)
    history = crowd.provider().history("S000")
    assert len(history.bars) == len(crowd.server.world.bars("S000"))
    assert crowd.server.log[-1].kind == "chart" and crowd.server.log[-1].status == 200


def test_a_bad_last_answer_is_not_given_again_to_the_next_source(crowd: Crowd) -> None:
    crowd.server.fault("S000", "html", on="zone")
    with pytest.raises(Transient):
        crowd.provider().history("S000")
    crowd.server.heal()
    crowd.server.clear_log()
    assert len(crowd.provider().history("S000").bars)
    assert [asked.kind for asked in crowd.server.log][-2:] == ["zone", "chart"]


def test_too_many_requests_stop_all_workers_for_one_pause(primed: Crowd) -> None:
    primed.server.fault("*", "429")
    healing = threading.Timer(0.7, primed.server.heal)
    healing.start()
    report = primed.update(MANY[:12], rate_limit_waits=(1.5, 1.5))
    assert {outcome.done for outcome in report.outcomes} == {"added"}
    assert len(primed.silences(0.8)) == 1
    before = sum(asked.status == 429 for asked in primed.server.log)
    assert before <= 2 * WORKERS, "one refused call of each worker, which the client sends twice"


def test_after_two_pauses_nothing_more_is_asked(primed: Crowd) -> None:
    primed.server.fault("*", "429")
    report = primed.update(rate_limit_waits=(0.4, 0.4))
    assert {outcome.done for outcome in report.outcomes} == {"failed"} and primed.faults() == ["RateLimited"] * 100
    assert len(primed.silences(0.25)) == 2
    assert len(primed.server.charts()) <= 3 * 2 * WORKERS
    assert isinstance(primed.attempts.open_because, RateLimited)


def test_where_a_person_waits_there_is_no_pause(primed: Crowd) -> None:
    primed.server.fault("*", "429")
    begun = time.monotonic()
    primed.update(rate_limit_waits=())
    assert len(primed.server.charts()) <= 2 * WORKERS and time.monotonic() - begun < 3


@pytest.mark.parametrize(("fault", "requests_a_try"), [("html", 1), ("500", 2), ("down", 2)])
def test_a_provider_that_is_down_is_asked_a_bounded_number_of_times(
    primed: Crowd, fault: str, requests_a_try: int
) -> None:
    primed.server.fault("*", fault)
    primed.update()
    calls = 6 + WORKERS - 1
    assert 6 <= len(primed.server.charts()) <= calls * 3 * requests_a_try
    assert primed.faults() == ["Transient"] * 100 and isinstance(primed.attempts.open_because, Transient)


def test_faults_of_single_symbols_do_not_stop_the_others(primed: Crowd) -> None:
    for symbol in MANY[:90]:
        primed.server.fault(symbol, "404" if int(symbol[1:]) % 2 else "result empty")
    primed.update()
    assert primed.faults()[90:] == [""] * 10 and primed.attempts.open_because is None


def test_a_call_that_succeeds_ends_a_row_of_failures(primed: Crowd) -> None:
    for symbol in MANY[:60]:
        if int(symbol[1:]) % 2:
            primed.server.fault(symbol, "html")
    primed.update()
    assert primed.faults()[60:] == [""] * 40 and primed.faults().count("Transient") == 30


@pytest.mark.parametrize("fault", ["slow:0.3", "slow", "429"])
def test_the_time_for_data_is_an_upper_bound(primed: Crowd, fault: str) -> None:
    primed.server.fault("*", fault)
    provider = primed.provider(budget_seconds=1.0, rate_limit_waits=(30.0, 90.0), down_after=1000)
    begun = time.monotonic()
    update(Store(primed.home), provider, MANY, now=at(primed.server.world.last))
    assert time.monotonic() - begun < 1.0 + TIMEOUT + 0.7, "the store is written after the last answer"
    assert primed.attempts.open_because is not None and "failed" not in primed.faults()


def test_the_reason_is_told_when_the_time_is_spent(primed: Crowd) -> None:
    with pytest.raises(Transient, match=r"the 0 seconds for data are spent; raise limits.data_seconds"):
        primed.provider(budget_seconds=0).history("S000")


def test_a_certificate_that_cannot_be_verified_ends_the_asking_at_once(
    primed: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnels: list[str] = []
    context = primed.server._context
    monkeypatch.setattr(primed.server, "_context", lambda host, fault: tunnels.append(fault) or context(host, fault))
    primed.server.fault("*", "wrong certificate")
    primed.update()
    assert primed.faults() == ["TlsProblem"] * 100 and isinstance(primed.attempts.open_because, TlsProblem)
    assert "REQUESTS_CA_BUNDLE" in str(primed.attempts.open_because)
    assert len(tunnels) <= 2 * WORKERS and not primed.server.log
    primed.server.heal()
    primed.update()
    assert primed.faults() == [""] * 100


def test_a_proxy_that_refuses_the_tunnel_is_a_passing_fault(primed: Crowd) -> None:
    primed.server.fault("*", "refuse")
    primed.update()
    assert set(primed.faults()) == {"Transient"}
    assert {asked.kind for asked in primed.server.log} == {"connect"} and len(primed.server.log) < 100


def test_before_every_further_try_the_memory_is_emptied() -> None:
    emptied, left = [], [Transient("one"), Transient("two")]

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    attempts = Attempts("here", first_wait=0.0)
    assert attempts.call(ask, before_retry=lambda: emptied.append(1)) == "answer" and len(emptied) == 2
