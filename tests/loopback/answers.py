"""A request as it was logged and an answer as it will be sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

JSON_TYPE = "application/json;charset=utf-8"
PAGE_TYPE = "text/html;charset=utf-8"

Query = dict[str, str]


@dataclass(frozen=True)
class Request:
    """One request that was answered, or cut short by a fault (status 0).

    `kind` is one of chart, zone (the look-up of a time zone), intraday, summary, shares, crumb, cookie, fred, connect
    (a tunnel that was refused) and other.
    """

    host: str
    path: str
    query: Query
    kind: str
    symbol: str
    status: int


@dataclass(frozen=True)
class Answer:
    """What is sent, and how: late, drop by drop, cut short or not at all."""

    status: int = 200
    body: bytes = b""
    content: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = field(default_factory=tuple)
    delay: float = 0.0
    drip: float = 0.0  # seconds over which the body is spread
    cut: bool = False  # announce the whole body, send half and close
    reset: bool = False  # answer nothing and reset the connection

    def text(self, body: str, status: int | None = None, content: str = PAGE_TYPE) -> Answer:
        """The same answer with another body."""
        return replace(self, body=body.encode(), content=content, status=self.status if status is None else status)


def as_json(content: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """An answer that holds JSON."""
    return Answer(status, json.dumps(content, separators=(",", ":")).encode(), JSON_TYPE, headers)


def as_page(title: str, status: int = 200) -> Answer:
    """An answer that holds a page for people."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), PAGE_TYPE)
