"""The process that kernels are forked from: it imports the stack once, and then starts a kernel in milliseconds.

`helpers.runs.kernels.forks` starts it as ``python -m helpers.runs.kernels.server FD``. It has one thread, never draws a
chart, and ends, with all its kernels, when the socket to the process that started it closes.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from helpers.runs.kernels import drawer, plain

#: what any kernel imports, before the first is forked; what is not installed is left out
STACK = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
    "pandas",
    "pyarrow.parquet",
    "altair",
    "vl_convert",
)
#: what notebooks of a note import or, after a colon, call as well: while nobody waits
NOTE = (
    "helpers.data.calendar:load",
    "jinja2.sandbox",
    "pyarrow.pandas_compat",
    "helpers.runs.record",
    "helpers.note.captions",
    "helpers.note.charts",
    "helpers.note.narrative",
    "helpers.sections.breadth",
    "helpers.sections.breakout",
    "helpers.sections.coverage",
    "helpers.sections.hedge",
    "helpers.sections.history",
    "helpers.sections.risks",
    "helpers.sections.strength",
    "helpers.note.sentences:templates",
)
#: bytes before a request that say how long it is
HEAD = 8
#: descriptors that come with a request: output, error output, and where the kernel's end is told
DESCRIPTORS = 3

Task = Callable[[], None]


def serve(control: socket.socket) -> Task | None:
    """Fork a kernel for each request until the socket closes; in a forked process, what it is to do."""
    plain.skip_slow_grammar()
    _import(*STACK)
    gc.freeze()
    later = list(NOTE)
    woken, waker = os.pipe()
    for descriptor in (woken, waker):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told: dict[int, socket.socket] = {}
    try:
        while True:
            ready, _, _ = select.select([control.fileno(), woken], [], [], 0 if later else None)
            if not ready:
                _import(later.pop(0))
                gc.freeze()
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4096)
                _reap(told)
            if control.fileno() in ready:
                request, descriptors = _request(control)
                if request is None:
                    return None
                pid = _fork()
                if pid is None:
                    # whoever asked sees the socket close, and starts a plain kernel
                    for descriptor in descriptors:
                        os.close(descriptor)
                    continue
                if pid == 0:
                    for held in (control, *told.values()):
                        held.close()
                    told.clear()
                    return _task(request, descriptors, beside=(woken, waker))
                out, err, channel = descriptors
                os.close(out)
                os.close(err)
                told[pid] = socket.socket(fileno=channel)
                if not _tell(told[pid], pid):
                    # whoever asked has not waited, and started a plain kernel in its place
                    _end(pid)
    finally:
        for pid in told:
            _end(pid)


def _fork() -> int | None:
    """As `os.fork`, None where the system refuses; the only other threads are idle ones of numeric libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return os.fork()
        except OSError:
            return None


def _import(*names: str) -> None:
    """Import as a kernel would: pandas, for one, asks then whether its tables will be read in a terminal."""
    # else the debugger that comes with ipykernel warns of modules that the interpreter holds frozen
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=True)  # type: ignore[attr-defined]
    try:
        for name in names:
            module, _, function = name.partition(":")
            with contextlib.suppress(ImportError):
                imported = importlib.import_module(module)
                if function:
                    getattr(imported, function)()
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


def _request(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next request with its descriptors; None where the other side is gone."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, HEAD, DESCRIPTORS)
        text = drawer.exactly(control, int.from_bytes(head, "big")) if len(head) == HEAD else b""
    except ConnectionError:
        return None, []
    return (json.loads(text), descriptors) if text else (None, descriptors)


def _tell(channel: socket.socket, number: int) -> bool:
    """Say a process id, or how a process ended, to whoever asked for the kernel; False where nobody listens."""
    try:
        channel.sendall(f"{number}\n".encode())
    except OSError:
        return False
    return True


def _end(pid: int) -> None:
    """Kill a forked process with all that it started; it may not lead its own group yet."""
    for end in (os.kill, os.killpg):
        with contextlib.suppress(ProcessLookupError):
            end(pid, signal.SIGKILL)


def _reap(told: dict[int, socket.socket]) -> None:
    """Say how every kernel that ended did."""
    while told:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        channel = told.pop(pid)
        _tell(channel, os.waitstatus_to_exitcode(status))
        channel.close()


def _task(request: dict[str, Any], descriptors: Sequence[int], beside: Sequence[int]) -> Task:
    """Make a forked process one of its own, and give what it is to do: be a kernel, or draw charts."""
    parent = os.getppid()
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out, err, channel = descriptors
    nothing = os.open(os.devnull, os.O_RDONLY)
    draws_at = str(request.get("draws_at", ""))
    lifeline = socket.socket(fileno=os.dup(channel)) if draws_at else None
    for descriptor, place in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, place)
    for descriptor in (*beside, nothing, out, err, channel):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    _reseed()
    if lifeline is not None:
        return lambda: drawer.serve(draws_at, lifeline)

    def run() -> None:
        from ipykernel import kernelapp

        # the class was made in this process's parent, where no kernel had one
        kernelapp.launch_new_instance(argv=[*request["arguments"], f"--IPKernelApp.parent_handle={parent}"])

    return run


def _reseed() -> None:
    """Draw new seeds: forked processes would share those of the one they come from."""
    import random

    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002


def main(arguments: Sequence[str]) -> None:
    """Serve the socket of that descriptor; a forked process becomes a kernel."""
    kernel = serve(socket.socket(fileno=int(arguments[0])))
    if kernel is not None:
        kernel()


if __name__ == "__main__":
    main(sys.argv[1:])
