"""A process that draws the charts of all kernels of a run: whoever has drawn one draws the next many times faster."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from pathlib import Path

from helpers.note import drawing

#: where a kernel finds the drawer of its run
VARIABLE = "BREADTHBOOK_DRAWER"
#: bytes before a text that say how long it is; a picture that could not be drawn has the length 0
HEAD = 8
#: seconds a kernel waits for a picture before it draws it itself
SECONDS = 20.0
#: charts that may wait to be drawn
WAITING = 64
#: what warms the converter up
FIRST = '{"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"values": []}, "mark": "point"}'


def serve(path: str, lifeline: socket.socket) -> None:
    """Draw what comes through the socket at `path`, one chart after the other, until `lifeline` closes."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(WAITING)
        drawing.here(FIRST)
        while True:
            ready, _, _ = select.select([listening, lifeline], [], [])
            if lifeline in ready:
                return
            asked, _ = listening.accept()
            with asked, contextlib.suppress(OSError):
                asked.settimeout(SECONDS)
                _send(asked, _drawn(_receive(asked)))


def _drawn(text: str) -> str:
    # why a chart cannot be drawn is said where it was made
    with contextlib.suppress(Exception):
        return drawing.here(text)
    return ""


def use() -> None:
    """Let the charts of this process be drawn by the drawer that its environment names; without one nothing changes."""
    path = os.environ.get(VARIABLE, "")
    if path and Path(path).is_socket():
        drawing.draw_by(lambda text: ask(path, text) or drawing.here(text))


def ask(path: str, text: str) -> str:
    """The picture of a chart, "" where the drawer is gone or could not draw it."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as to:
        to.settimeout(SECONDS)
        to.connect(path)
        _send(to, text)
        return _receive(to)
    return ""


def _send(to: socket.socket, text: str) -> None:
    content = text.encode()
    to.sendall(len(content).to_bytes(HEAD, "big") + content)


def _receive(sender: socket.socket) -> str:
    size = int.from_bytes(exactly(sender, HEAD), "big")
    return exactly(sender, size).decode()


def exactly(sender: socket.socket, size: int) -> bytes:
    """So many bytes; ConnectionError where the other side closes before."""
    parts = []
    while size:
        part = sender.recv(min(size, 65_536))
        if not part:
            raise ConnectionError("the other side closed the socket")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
