"""A few threads that share out a list of things to ask."""

from __future__ import annotations

import contextlib
import gc
import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

WORKERS = 4
#: objects after which the collector looks for garbage, while many answers are read: each is thousands of small ones
SELDOM = (50_000, 20, 50)


def share_out(items: Iterable[Item], work: Callable[[Item], None], *, at_end: Callable[[], None]) -> None:
    """Do `work` for every item, at most `WORKERS` at a time; each thread calls `at_end` before it stops.

    An error that `work` does not catch stops its thread and is raised here; the others finish what is left.
    """
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    count = 0
    for item in items:
        waiting.put(item)
        count += 1

    def loop() -> None:
        try:
            while True:
                try:
                    item = waiting.get_nowait()
                except queue.Empty:
                    return
                work(item)
        finally:
            at_end()

    if not count:
        return
    with _seldom_collecting(), ThreadPoolExecutor(min(WORKERS, count), thread_name_prefix="asking") as pool:
        for thread in [pool.submit(loop) for _ in range(min(WORKERS, count))]:
            thread.result()


@contextlib.contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Let the collector run less often: else it takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
