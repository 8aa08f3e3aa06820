"""Sockets: a listener with one thread for each connection, and HTTP/1.1 as far as clients need it here."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.loopback.answers import Answer, Query

HOST = "127.0.0.1"
PATIENCE = 5.0  # seconds to wait for a thread to end
DROPS = 20  # parts of a body that drips


@dataclass(frozen=True)
class Head:
    """The head of an HTTP request; `body` is what followed it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Path without its query, decoded."""
        return unquote(urlsplit(self.target).path) or "/"

    @property
    def query(self) -> Query:
        """Query; of a name given twice the last value counts."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


class Listener:
    """Accepts connections on the loopback until it is closed; then closes what is open and ends its threads."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server((HOST, 0), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._acceptor = threading.Thread(target=self._accept, name="loopback", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """End every connection and every thread."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, self.port), timeout=1).close()
        self._acceptor.join(PATIENCE)
        self._socket.close()
        self.hang_up()
        for thread in list(self._threads):
            thread.join(PATIENCE)

    def hang_up(self) -> None:
        """Break the connections that are open now; new ones may come."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    # not the method of an SSL socket, which would pull its state from under the thread that reads
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    @contextlib.contextmanager
    def watched(self, connection: socket.socket):  # type: ignore[no-untyped-def]
        """Keep a connection where `hang_up` finds it; closed at the end."""
        with self._lock:
            self._open.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._run, args=(connection,), name="loopback", daemon=True)
            self._threads = {other for other in self._threads if other.is_alive()} | {thread}
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # a client may go away at any moment; that is its right
        with self.watched(connection), contextlib.suppress(OSError, ValueError):
            self._serve(connection)


def read_head(reader: BinaryIO) -> Head | None:
    """The next request, None when the client has gone."""
    first = reader.readline(65_537).decode("latin-1").split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := reader.readline(65_537)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Head(first[0], first[1], headers, body)


def head_of(answer: Answer, length: int) -> bytes:
    """Status line and headers."""
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Status')}", f"Content-Type: {answer.content}"]
    lines += [f"Content-Length: {length}", *(f"{name}: {value}" for name, value in answer.headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def send(connection: socket.socket, answer: Answer, stopping: threading.Event) -> bool:
    """Send an answer in its own manner; whether the connection may be used again."""
    if answer.delay and stopping.wait(answer.delay):
        return False
    if answer.reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    head, body = head_of(answer, len(answer.body)), answer.body
    if answer.cut:
        connection.sendall(head + body[: len(body) // 2])
        return False
    if not answer.drip:
        connection.sendall(head + body)
        return True
    connection.sendall(head)
    size = max(1, -(-len(body) // DROPS))
    for start in range(0, len(body), size):
        if stopping.wait(answer.drip / DROPS):
            return False
        connection.sendall(body[start : start + size])
    return True


_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many"}
_REASONS |= {422: "Unprocessable Entity", 500: "Internal Server Error", 502: "Bad Gateway"}
