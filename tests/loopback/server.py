"""The loopback's server: a proxy that ends every tunnel at itself and answers as Yahoo and FRED do."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from tests.loopback import fred, summaries
from tests.loopback.answers import Answer, Query, Request, as_json, as_page
from tests.loopback.chart import Charts
from tests.loopback.faults import FAULTS, Schedule, parsed
from tests.loopback.history import opening_times
from tests.loopback.replay import Replay
from tests.loopback.transport import HOST, Head, Listener, head_of, read_head, send
from tests.loopback.world import World

CRUMB = "l00pb4ck"
COOKIE = ("Set-Cookie", "A3=loopback; Max-Age=31557600; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly")
YAHOO = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")
CHART, SUMMARY = "/v8/finance/chart/", "/v10/finance/quoteSummary/"
SHARES = "/ws/fundamentals-timeseries/v1/finance/timeseries/"


class Loopback:
    """A context in which `environment` leads any client to a world on this machine, and nowhere else.

    Parameters
    ----------
    world : World or Replay
        What is served. It may be changed while the server runs.
    replay : Replay, optional
        Recorded answers, which go before those of the world.
    """

    def __init__(self, world: World | Replay | None = None, *, replay: Replay | None = None) -> None:
        self.replay = world if isinstance(world, Replay) else replay
        self.world = world if isinstance(world, World) else World()
        self.log: list[Request] = []
        self._charts = Charts(self.world)
        self._schedule = Schedule()
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Loopback:
        import trustme

        self._folder = tempfile.TemporaryDirectory(prefix="loopback-")
        self.ca = Path(self._folder.name) / "ca.pem"
        self._authorities = {"ok": trustme.CA(), "wrong certificate": trustme.CA()}
        self._authorities["ok"].cert_pem.write_to_path(str(self.ca))
        self._listener = Listener(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._folder.cleanup()

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self._listener.port

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead libcurl, requests and their subprocesses here."""
        proxy = f"http://{HOST}:{self.port}"
        return {name: proxy for name in PROXIES} | {name: str(self.ca) for name in BUNDLES} | DIRECT

    def charts(self, symbol: str | None = None) -> list[Request]:
        """Requests for bars, look-ups of a time zone left out."""
        return [asked for asked in self.log if asked.kind == "chart" and symbol in (None, asked.symbol)]

    def warm(self, first: str) -> None:
        """Write every chart from a day on as the client asks for it, so that a benchmark does not wait for that."""
        start = str(opening_times(np.array([first], dtype="datetime64[D]"))[0])
        for symbol in self.world.symbols:
            self._charts.answer(symbol, {"period1": start, "period2": str(2**40), "events": "div,splits,capitalGains"})

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.log.clear()

    def fault(self, key: str, *names: str, on: str | None = None) -> None:
        """Let requests go wrong: each takes the next of `names`, and the last one is repeated for ever.

        Parameters
        ----------
        key : str
            A symbol, a series of FRED, or * for all; for "refuse" and "wrong certificate" a host or *.
        *names : str
            Of ``FAULTS``; an amount may follow, as in "slow:2.5" or "null rows:5".
        on : str, optional
            Kind of request hit: chart (the default), zone, summary, shares, crumb, cookie, fred, or any.
        """
        if self._schedule.plan(key, names, on) == "connect":
            self._listener.hang_up()  # so that the next request has to open a tunnel

    def heal(self) -> None:
        """Answer everything properly again."""
        self._schedule.clear()
        self._listener.hang_up()

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            head = read_head(reader)
            if head is None:
                return
            if head.method != "CONNECT":
                self._plain(connection, head, reader)
                return
        host = head.target.rpartition(":")[0]
        fault, _ = parsed(self._schedule.next("connect", host))
        if fault == "refuse":
            self.log.append(Request(host, "", {}, "connect", "", 502))
            connection.sendall(head_of(Answer(502), 0))
            return
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        secure = self._context(host, fault).wrap_socket(connection, server_side=True)
        with self._listener.watched(secure), secure.makefile("rb") as inner:
            while (asked := read_head(inner)) is not None and self._one(secure, host, asked, inner):
                pass

    def _one(self, connection: socket.socket, host: str, head: Head, reader: BinaryIO) -> bool:
        answer = self.answered(host, head.path, head.query)
        kept = send(connection, answer, self._listener.stopping)
        if not kept:
            reader.close()  # else the socket stays open until the reader goes
        return kept

    def answered(self, host: str, path: str, query: Query) -> Answer:
        """The answer to one request, with the fault that is due; logged."""
        kind, symbol = kind_of(host, path, query)
        name, amount = parsed(self._schedule.next(kind, symbol))
        answer = FAULTS[name](self._proper(host, kind, symbol, path, query), amount)
        self.log.append(Request(host, path, query, kind, symbol, 0 if answer.reset else answer.status))
        return answer

    def _proper(self, host: str, kind: str, symbol: str, path: str, query: Query) -> Answer:
        recorded = self.replay.answer(path, query) if self.replay else None
        if kind == "crumb":
            return Answer(200, CRUMB.encode(), "text/plain;charset=utf-8")
        if kind == "cookie":
            return Answer(404, b"", "text/html", (COOKIE,))
        if recorded is not None:
            return recorded
        if kind in ("chart", "zone", "intraday"):
            return self._charts.answer(symbol, query)
        if kind == "summary":
            return summaries.answer(self.world, symbol, query, crumb=CRUMB)
        if kind == "shares":
            return summaries.shares(self.world, symbol, query)
        if kind == "fred":
            return fred.csv(self.world, query) if path.endswith(".csv") else fred.observations(self.world, query)
        if host in YAHOO and path == "/v7/finance/quote":
            return summaries.quotes(self.world, query)
        return as_page("Not Found", 404)

    def _context(self, host: str, fault: str) -> ssl.SSLContext:
        with self._lock:
            if (host, fault) not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1"])
                self._authorities.get(fault, self._authorities["ok"]).issue_cert(host).configure_cert(context)
                self._contexts[host, fault] = context
            return self._contexts[host, fault]

    def _plain(self, connection: socket.socket, head: Head, reader: BinaryIO) -> None:
        """Without a tunnel: the control of a server that runs as its own process."""
        while head is not None:
            answer = as_page("Not Found", 404)
            if head.target.startswith("/_"):
                answer = self._control(head)
            elif "://" in head.target:
                host = head.target.split("/")[2].partition(":")[0]
                self.log.append(Request(host, head.path, head.query, "other", "", 404))
            if not send(connection, answer, self._listener.stopping):
                return
            head = read_head(reader)  # type: ignore[assignment]

    def _control(self, head: Head) -> Answer:
        asked: dict[str, Any] = dict(head.query)
        with contextlib.suppress(KeyError, ValueError):
            if head.target == "/_log":
                return as_json([vars(entry) for entry in self.log])
            if head.path == "/_clear":
                self.clear_log()
            elif head.path == "/_heal":
                self.heal()
            elif head.path == "/_last":
                self.world.last = asked["day"]
            elif head.path == "/_fault":
                self.fault(asked.get("symbol", "*"), *asked["names"].split(","), on=asked.get("on"))
            else:
                return as_json({"error": f"no such control: {head.path}"}, 404)
            return as_json({"ok": True})
        return as_json({"error": f"cannot be done: {head.target}"}, 400)


PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
DIRECT = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def kind_of(host: str, path: str, query: Query) -> tuple[str, str]:
    """What a request asks for, and of which symbol or series."""
    if host == "fc.yahoo.com":
        return "cookie", ""
    if host in YAHOO and path == "/v1/test/getcrumb":
        return "crumb", ""
    for start, kind in ((CHART, "chart"), (SUMMARY, "summary"), (SHARES, "shares")):
        if host in YAHOO and path.startswith(start):
            return _chart_kind(query) if kind == "chart" else kind, path.removeprefix(start)
    if (host, path) == ("fred.stlouisfed.org", "/graph/fredgraph.csv"):
        return "fred", query.get("id", "").split(",")[0]
    if (host, path) == ("api.stlouisfed.org", "/fred/series/observations"):
        return "fred", query.get("series_id", "")
    return "other", ""


def _chart_kind(query: Query) -> str:
    if query.get("interval", "1d") != "1d":
        return "intraday"
    return "zone" if query.get("range") == "1d" and "events" not in query else "chart"
