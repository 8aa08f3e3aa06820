"""The process that a driver forks its kernels from, as the driver sees it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.runs.kernels.server import HEAD

#: variables that are read when an interpreter or a library starts, and never again
_READ_ONCE = ("PYTHON", "OMP_", "OPENBLAS_", "MKL_", "LD_", "MALLOC_", "ARROW_")
#: seconds in which a kernel has to be forked; the imports of the stack are among them
FORK_SECONDS = 30.0
#: seconds in which a server ends by itself
END_SECONDS = 5.0


def can_fork() -> bool:
    """Whether kernels are forked here: on Linux; the frameworks of macOS do not survive it."""
    return sys.platform == "linux"


class Forked:
    """A forked kernel as `subprocess.Popen` would give it: its parent is the server, which tells how it ended."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, channel: socket.socket, rest: bytes) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._channel, self._told = channel, rest
        channel.setblocking(False)

    def poll(self) -> int | None:
        """How it ended: a code, or the negative number of a signal; None while it lives."""
        if self.returncode is None:
            with contextlib.suppress(BlockingIOError):
                part = self._channel.recv(64)
                self._told += part
                if b"\n" in self._told:
                    self._end(int(self._told.split(b"\n")[0]))
                elif not part:
                    # no server, no kernel: it would end by itself a second later
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self.pid, signal.SIGKILL)
                    self._end(-signal.SIGKILL)
        return self.returncode

    def _end(self, code: int) -> None:
        self.returncode = code
        self._channel.close()

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; `subprocess.TimeoutExpired` where that takes longer."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            select.select([self._channel], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Server:
    """The process that this one forks kernels from; it ends when this one does, however that comes about.

    Parameters
    ----------
    env : mapping
        Its environment. A kernel whose environment differs in what only a start reads cannot be forked from it.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.owner = os.getpid()
        self._read_once = _read_once(env)
        self._guard = threading.Lock()
        self._has_forked = False
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "helpers.runs.kernels.server", str(other.fileno())],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=dict(env),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def suits(self, env: Mapping[str, str]) -> bool:
        """Whether a kernel with this environment is the same forked as started."""
        return _read_once(env) == self._read_once

    def fork(self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str, out: int, err: int) -> Forked:
        """Fork a kernel with these arguments, its output going to the descriptors `out` and `err`.

        Raises
        ------
        OSError
            The server is gone, or does not answer within `FORK_SECONDS`.
        """
        return self._asked({"arguments": list(arguments), "env": dict(env), "cwd": cwd}, out, err)

    def draw(self, path: str) -> Forked:
        """Fork a drawer that listens at `path`, and ends with this process; errors as `fork`."""
        with Path(os.devnull).open("wb") as nowhere:
            request = {"draws_at": path, "arguments": [], "env": dict(os.environ), "cwd": os.fspath(Path(path).parent)}
            return self._asked(request, nowhere.fileno(), nowhere.fileno())

    def _asked(self, request: Mapping[str, Any], out: int, err: int) -> Forked:
        ours, theirs = socket.socketpair()
        text = json.dumps(request).encode()
        try:
            with theirs, self._guard:
                socket.send_fds(self._control, [len(text).to_bytes(HEAD, "big")], [out, err, theirs.fileno()])
                self._control.sendall(text)
                self._has_forked = True
            ours.settimeout(FORK_SECONDS)
            told = b""
            while b"\n" not in told:
                part = ours.recv(64)
                if not part:
                    raise ConnectionError("the process that kernels are forked from has ended")
                told += part
        except BaseException:
            ours.close()
            raise
        pid, _, rest = told.partition(b"\n")
        return Forked(int(pid), ours, rest)

    def close(self) -> None:
        """End it and its kernels."""
        self._control.close()
        if not self._has_forked:
            # it may still import, and has nothing to end
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


_held: list[Server] = []
_holding = threading.Lock()


def server(env: Mapping[str, str]) -> Server:
    """The server of this process, started now if there is none that lives."""
    with _holding:
        if _held and _held[0].owner != os.getpid():
            # inherited through a fork: it belongs to the process that started it
            _held.clear()
        if _held and not _held[0].is_alive:
            _held.pop().close()
        if not _held:
            _held.append(Server(env))
        return _held[0]


def begin(env: Mapping[str, str]) -> None:
    """Start the server now, so that its imports are done by the time the first kernel is asked for."""
    if can_fork():
        with contextlib.suppress(OSError):
            server(env)


@atexit.register
def close() -> None:
    """End the server of this process, if there is one."""
    with _holding:
        for held in _held:
            if held.owner == os.getpid():
                held.close()
        _held.clear()


def _read_once(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_READ_ONCE)}
