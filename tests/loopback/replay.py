"""Recorded answers, read from a folder given by whoever runs the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.loopback.answers import JSON_TYPE, Answer, Query, as_json

PERIOD = ("period1", "period2")
#: headers that belong to the recorded connection, not to the answer
LEFT_OUT = {"content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "set-cookie"}
CHART = "/v8/finance/chart/"


class Replay:
    """Answers by path; of several recordings of one path the one of the same period, else the longest.

    Parameters
    ----------
    folder : Path
        JSON files: ``{"request": {"url"}, "response": {"status", "headers", "bodyJson" or "bodyText"}}``, or a bare
        chart.
    pattern : str
        Which files are read. Those with ``.fake`` in their name are read only when the pattern says so.
    """

    def __init__(self, folder: Path, pattern: str = "*.json") -> None:
        self.recorded: dict[str, list[tuple[Query, Answer]]] = {}
        for file in sorted(Path(folder).glob(pattern)):
            if ".fake" in file.name and ".fake" not in pattern:
                continue
            self._read(json.loads(file.read_text(encoding="utf-8")))

    @property
    def symbols(self) -> list[str]:
        """Symbols that have a recorded chart."""
        return sorted(path.removeprefix(CHART) for path in self.recorded if path.startswith(CHART))

    def answer(self, path: str, query: Query) -> Answer | None:
        """The recorded answer to a path; None when there is none."""
        found = self.recorded.get(path)
        if not found:
            return None
        same = [answer for asked, answer in found if all(asked.get(key) == query.get(key) for key in PERIOD)]
        return same[0] if same else max((answer for _, answer in found), key=lambda answer: len(answer.body))

    def _read(self, content: dict[str, Any]) -> None:
        if "chart" in content:
            symbol = content["chart"]["result"][0]["meta"]["symbol"]
            self._keep(f"{CHART}{symbol}", {}, as_json(content))
        elif "request" in content and "response" in content:
            url = urlsplit(content["request"]["url"])
            self._keep(unquote(url.path), dict(parse_qsl(url.query)), _answer(content["response"]))

    def _keep(self, path: str, query: Query, answer: Answer) -> None:
        self.recorded.setdefault(path, []).append((query, answer))


def _answer(response: dict[str, Any]) -> Answer:
    headers = {name.lower(): str(value) for name, value in response.get("headers", {}).items()}
    body = json.dumps(response["bodyJson"]) if "bodyJson" in response else str(response.get("bodyText", ""))
    kept = tuple((name, value) for name, value in headers.items() if name not in LEFT_OUT)
    return Answer(int(response["status"]), body.encode(), headers.get("content-type", JSON_TYPE), kept)
