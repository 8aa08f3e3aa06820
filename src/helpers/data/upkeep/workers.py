"""A few threads that share out a list of things to ask."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

WORKERS = 4


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
    with ThreadPoolExecutor(min(WORKERS, count), thread_name_prefix="asking") as pool:
        for thread in [pool.submit(loop) for _ in range(min(WORKERS, count))]:
            thread.result()
