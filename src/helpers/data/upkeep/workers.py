"""A few threads that share out a list of things to ask."""

from __future__ import annotations

import contextlib
import gc
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

WORKERS = 4
#: seconds after which a further thread may join, and the share of them in which the processor worked that keeps it out
TICK, BUSY = 0.05, 0.5
#: objects after which the collector looks for garbage, while many answers are read: each is thousands of small ones
SELDOM = (50_000, 20, 50)


def share_out(items: Iterable[Item], work: Callable[[Item], None], *, at_end: Callable[[], None]) -> None:
    """Do `work` for every item, at most `WORKERS` at a time; each thread calls `at_end` before it stops.

    One thread begins, and another joins as long as the processor is idle: threads hide the time of waiting for answers,
    and where there is none to hide they only get in each other's way. An error that `work` does not catch stops its
    thread and is raised here; the others finish what is left.
    """
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)

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

    if waiting.empty():
        return
    with _seldom_collecting(), ThreadPoolExecutor(WORKERS, thread_name_prefix="asking") as pool:
        threads = [pool.submit(loop)]
        while True:
            wall, used = time.monotonic(), time.process_time()
            if not futures.wait(threads, timeout=TICK).not_done:
                break
            is_idle = time.process_time() - used < BUSY * (time.monotonic() - wall)
            if is_idle and len(threads) < WORKERS and not waiting.empty():
                threads.append(pool.submit(loop))
        for thread in threads:
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
