"""A language model on the loopback: it speaks chat completions over HTTP and says what a test tells it to say."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from tests.loopback.answers import Answer, as_json
from tests.loopback.transport import HOST, Head, Listener, head_of, read_head, send

#: what the model is asked to reword: label, text, placeholders, and why an earlier draft was refused
Asked = dict[str, Any]
Reply = Callable[[Asked], Answer]


class LanguageModel:
    """A context in which `base_url` is an endpoint; each request takes the next of `replies`, the last for ever.

    Parameters
    ----------
    *replies : callable
        From what was asked to an answer, see `says`, `drafts` and `answers`.
    """

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.log: list[Head] = []

    def __enter__(self) -> LanguageModel:
        self._listener = Listener(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    @property
    def base_url(self) -> str:
        """Where the endpoint answers."""
        return f"http://{HOST}:{self._listener.port}/v1"

    @property
    def asked(self) -> list[Asked]:
        """What each request put to the model, read as JSON."""
        return [put(head) for head in self.log]

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            while (head := read_head(reader)) is not None:
                self.log.append(head)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                answer = Answer(404) if head.path != "/v1/chat/completions" else reply(put(head))
                if answer.drip and not answer.body:
                    self._drip_head(connection, answer)
                    return
                if not send(connection, answer, self._listener.stopping):
                    return

    def _drip_head(self, connection: socket.socket, answer: Answer) -> None:
        """Headers that never end, a few bytes at a time."""
        connection.sendall(head_of(answer, 2).removesuffix(b"\r\n"))
        while not self._listener.stopping.wait(0.1):
            connection.sendall(b"X-More: 1\r\n")


def put(head: Head) -> Asked:
    """What a request puts to the model."""
    asked: Asked = json.loads(json.loads(head.body)["messages"][-1]["content"])
    return asked


def says(content: str | None) -> Reply:
    """A model that says this, whatever it is asked."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return lambda _: as_json({"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]})


def drafts(write: Callable[[str, str], object] | Mapping[str, object]) -> Reply:
    """A model that words each paragraph as a function of label and text does, or as a mapping of labels has it."""

    def reply(asked: Asked) -> Answer:
        if callable(write):
            made = {item["label"]: write(item["label"], item["text"]) for item in asked["paragraphs"]}
        else:
            made = dict(write)
        return says(json.dumps(made))(asked)

    return reply


def answers(status: int, body: object = None, **manner: Any) -> Reply:
    """An endpoint that answers with this status, in this manner: delay, drip, cut, reset."""
    return lambda _: replace(as_json(body if body is not None else {"error": {"message": "no"}}, status), **manner)


def slowly(reply: Reply, **manner: Any) -> Reply:
    """The same answer, late (delay) or drop by drop (drip)."""
    return lambda asked: replace(reply(asked), **manner)
