"""Asking a provider politely: few tries, one pause for all workers when it says stop, and an end to the time spent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import tenacity

from helpers.core.errors import (
    NoTradingDay,
    RateLimited,
    SchemaChanged,
    SourceError,
    TlsProblem,
    Transient,
    UnknownSymbol,
)

Answer = TypeVar("Answer")

TRIES = 3
FIRST_WAIT = 1.0
LONGEST_WAIT = 8.0
#: seconds that all workers wait after the first and second "too many requests"; after the third nothing more is asked
RATE_LIMIT_WAITS = (30.0, 90.0)
#: calls in a row that may fail for a passing reason before the provider counts as down
DOWN_AFTER = 6
#: the same for faults of one symbol each: a provider may have nothing on many
NOTHING_AFTER = 20
BUDGET_SECONDS = 240.0


class Attempts:
    """How often and how long one provider is asked, shared by all workers of an update.

    A passing fault is tried again, with growing waits. "Too many requests" stops every worker for a while; when the
    pauses are used up, when many calls in a row failed, when the certificate cannot be verified or when the time is
    spent, the circuit opens: every later call fails at once with the reason, and nothing more is sent.

    Parameters
    ----------
    provider : str
        Its name in messages.
    budget_seconds : float
        Wall time for everything, waits included.
    tries : int
        For each call, the first one included.
    first_wait : float
        Seconds before the second try; doubled for each further one, with jitter.
    rate_limit_waits : sequence of float
        Seconds of each pause after "too many requests"; empty where a person is waiting.
    down_after : int
        Failed calls in a row after which the provider counts as down.
    """

    def __init__(
        self,
        provider: str,
        *,
        budget_seconds: float = BUDGET_SECONDS,
        tries: int = TRIES,
        first_wait: float = FIRST_WAIT,
        rate_limit_waits: Sequence[float] = RATE_LIMIT_WAITS,
        down_after: int = DOWN_AFTER,
    ) -> None:
        self.provider = provider
        self._budget = budget_seconds
        self._ends = time.monotonic() + budget_seconds
        self._tries, self._first_wait, self._down_after = tries, first_wait, down_after
        self._waits = list(rate_limit_waits)
        self._resume_at = 0.0
        self._failed_in_a_row = 0
        self._nothing_in_a_row = 0
        self._reason: SourceError | None = None
        self._lock = threading.Lock()

    @property
    def seconds_left(self) -> float:
        """Seconds of the budget that are left, never below zero."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def open_because(self) -> SourceError | None:
        """Why nothing more is asked; None while the provider is asked."""
        return self._reason

    def call(self, ask: Callable[[], Answer], *, before_retry: Callable[[], None] | None = None) -> Answer:
        """What `ask` gives, tried again where that can help; `before_retry` runs before each further try.

        Raises
        ------
        SourceError
            The last fault, or the reason why the circuit is open.
        """
        try:
            answer = self._tried(ask, before_retry)
        except (UnknownSymbol, NoTradingDay):
            self._answered()  # a clear answer, if not the one hoped for
            raise
        self._answered()
        return answer

    def _tried(self, ask: Callable[[], Answer], before_retry: Callable[[], None] | None) -> Answer:
        sent_at = [0.0]
        while True:
            try:
                answer: Answer = self._retrying(before_retry)(self._once, ask, sent_at)
                return answer
            except RateLimited as fault:
                if not self._pauses(fault, sent_at[0]):
                    raise
                if before_retry is not None:
                    before_retry()
            except (Transient, SchemaChanged) as fault:
                self._failed(fault)
                raise
            except TlsProblem as fault:
                self._open(fault)
                raise

    def _retrying(self, before_retry: Callable[[], None] | None) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Transient),
            stop=lambda state: state.attempt_number >= self._tries or self._is_late(),
            wait=tenacity.wait_exponential(multiplier=self._first_wait, max=LONGEST_WAIT)
            + tenacity.wait_random(0, self._first_wait),
            before_sleep=None if before_retry is None else lambda state: before_retry(),
            sleep=self._sleep,
            reraise=True,
        )

    def _once(self, ask: Callable[[], Answer], sent_at: list[float]) -> Answer:
        with self._lock:
            reason, pause = self._reason, self._resume_at - time.monotonic()
        if reason is not None:
            raise type(reason)(str(reason), **reason.facts)
        if pause > 0:
            self._sleep(pause)
        if not self.seconds_left:
            spent = f"the {self._budget:g} seconds for data are spent"
            fault = Transient(f"{self.provider}: {spent}; raise limits.data_seconds or try later")
            self._open(fault)
            raise fault
        sent_at[0] = time.monotonic()
        return ask()

    def _is_late(self) -> bool:
        """Whether the circuit is open, or the next try would begin after the end of the budget."""
        return self._reason is not None or self.seconds_left <= self._first_wait

    def _pauses(self, fault: RateLimited, sent_at: float) -> bool:
        """Whether to try again after a pause; the pause is one for all workers."""
        with self._lock:
            if self._reason is not None:
                return False
            if sent_at < self._resume_at:
                return True  # sent before the end of a pause that another worker began
            if not self._waits or self._waits[0] >= self.seconds_left:
                self._reason = fault
                return False
            self._resume_at = time.monotonic() + self._waits.pop(0)
            return True

    def _answered(self) -> None:
        with self._lock:
            self._failed_in_a_row = self._nothing_in_a_row = 0

    def _failed(self, fault: SourceError) -> None:
        """Count the failed call; a fault that lies with the one symbol counts for less."""
        with self._lock:
            if isinstance(fault, SchemaChanged) or fault.facts.get("of_symbol"):
                self._nothing_in_a_row += 1
            else:
                self._failed_in_a_row += 1
            is_down = self._failed_in_a_row >= self._down_after or self._nothing_in_a_row >= NOTHING_AFTER
            if is_down and self._reason is None:
                self._reason = fault

    def _open(self, fault: SourceError) -> None:
        with self._lock:
            self._reason = self._reason or fault

    def _sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, self.seconds_left))
