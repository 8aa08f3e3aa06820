"""No request leaves this machine while the tests run: what tries to is refused and noted."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.loopback.answers import Answer
from tests.loopback.server import DIRECT, PROXIES
from tests.loopback.transport import HOST, Listener, read_head, send

EVENTS = ("socket.connect", "socket.getaddrinfo")
#: where Chromium calls by itself, whatever page is open: refused as all others are, but no test's doing
OF_THE_BROWSER = {
    *("accounts.google.com", "android.clients.google.com", "clients2.google.com", "mtalk.google.com"),
    *("clients2.googleusercontent.com", "clientservices.googleapis.com", "content-autofill.googleapis.com"),
    *("edgedl.me.gvt1.com", "redirector.gvt1.com", "optimizationguide-pa.googleapis.com", "www.googleapis.com"),
    *("safebrowsing.googleapis.com", "update.googleapis.com", "www.google.com"),
}


class Guard:
    """Refuses names and addresses that are not this machine's, in this process and in what it starts.

    Python's own sockets pass an audit hook. libcurl and other processes do not, and are led by the environment to a
    proxy that answers 403 to everything.
    """

    def __init__(self) -> None:
        self.noted: list[str] = []
        self.active = False
        self._own = {socket.gethostname()}

    def start(self) -> None:
        """Watch from now on. An audit hook stays for the life of the process; `stop` only silences it."""
        self._proxy = Listener(self._refuse)
        self.active = True
        sys.addaudithook(self._audit)

    def stop(self) -> None:
        """Watch no more."""
        self.active = False
        self._proxy.close()

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead libcurl, requests and subprocesses to the refusing proxy."""
        return {name: f"http://{HOST}:{self._proxy.port}" for name in PROXIES} | DIRECT

    def taken(self) -> list[str]:
        """What was noted since the last time it was taken."""
        noted, self.noted = self.noted, []
        return noted

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Let everything pass, for a test that is meant to ask the real providers."""
        self.active = False
        try:
            yield
        finally:
            self.active = True

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.active or event not in EVENTS:
            return
        host = _host(event, args)
        if host is not None and not self._is_own(host):
            self.noted.append(f"{event} {host}")
            raise PermissionError(f"{event} {host}: tests stay on this machine; serve it with tests.loopback")

    def _is_own(self, host: str) -> bool:
        if host in ("", "localhost") or host in self._own:
            return True
        try:
            return ipaddress.ip_address(host.partition("%")[0]).is_loopback
        except ValueError:
            return False

    def _refuse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            head = read_head(reader)
        if head is not None:
            if urlsplit(head.target if "//" in head.target else f"//{head.target}").hostname not in OF_THE_BROWSER:
                self.noted.append(f"{head.method} {head.target}")
            send(connection, Answer(403, b"tests stay on this machine", "text/plain"), self._proxy.stopping)


def _host(event: str, args: tuple[Any, ...]) -> str | None:
    """The host that an audit event names; None where there is none, as with a UNIX socket."""
    if event == "socket.getaddrinfo":
        name = args[0]
        return name.decode() if isinstance(name, bytes) else name
    address = args[1]
    return str(address[0]) if isinstance(address, tuple) else None
