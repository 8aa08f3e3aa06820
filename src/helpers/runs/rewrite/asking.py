"""A question to a language model, put by a process of its own that is ended at the time limit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import helpers

if TYPE_CHECKING:
    from helpers.core.blocks import NarrativeModel

LARGEST = 1_000_000  # bytes of an answer
#: the module that process runs; it alone knows the client
CLIENT = "helpers.runs.rewrite"
_SHORTEST_KEY = 12  # characters; shorter ones are placeholders
#: variables of the client, which would change where it asks, as whom, and what it logs
_CLIENTS_OWN = ("OPENAI_", "AZURE_", "AWS_")


def key_of(settings: NarrativeModel) -> str:
    """The key, from the environment; "" where none is needed or set."""
    return os.environ.get(settings.key_env, "").strip() if settings.key_env else ""


def asked_of(settings: NarrativeModel, asked: str, seconds: float) -> tuple[dict[str, Any], str, bool]:
    """The drafts by label, or what went wrong in words of our own; and whether another try may help."""
    key = key_of(settings)
    if settings.key_env and not key:
        return {}, f"{settings.key_env} is not set", False
    said = _said(settings, key, asked, seconds)
    if "content" not in said:
        return {}, _fault(said, settings.seconds), said.get("status", 500) >= 500 and said.get("fault") != "time"
    return read(said["content"], key)


def read(content: str, key: str = "") -> tuple[dict[str, Any], str, bool]:
    """What a model said as drafts by label; as `asked_of`."""
    if not content.strip():
        return {}, "the answer is empty", True
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", content, re.DOTALL)
    try:
        answer = json.loads(fenced.group(1) if fenced else content)
    except (ValueError, RecursionError):
        answer = None
    if _is_secret(key) and (key in content or key in json.dumps(answer, ensure_ascii=False)):
        return {}, "the answer holds the key", False
    if not isinstance(answer, dict):
        return {}, "the answer is no JSON object", True
    return answer, "", True


def _is_secret(key: str) -> bool:
    """Whether a key is one; a local server's is a word such as "none"."""
    return len(key) >= _SHORTEST_KEY


def _fault(said: Mapping[str, Any], seconds: int) -> str:
    if "status" in said:
        is_refused = said["status"] in (401, 403)
        return f"the endpoint answered {said['status']}" + (": the key was not accepted" if is_refused else "")
    return {
        "time": f"no whole answer within {seconds} seconds",
        "connection": "no connection to the endpoint",
        "broken": "the connection broke off",
        "form": "the answer is no chat completion",
        "size": f"the answer has more than {LARGEST:,} bytes",
    }.get(str(said.get("fault")), "the client ended without an answer")


def _said(settings: NarrativeModel, key: str, asked: str, seconds: float) -> dict[str, Any]:
    """What the asking process says: its content, a status, or the kind of fault."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_CLIENTS_OWN) and name != settings.key_env and not (_is_secret(key) and key in value)
    }
    environment["PYTHONPATH"] = str(Path(helpers.__file__).parents[1])
    request = {"base_url": settings.base_url, "model": settings.model, "key": key, "asked": asked, "seconds": seconds}
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", CLIENT],
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
            timeout=seconds,
            check=False,
        )
        said = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        return {"fault": "time"}
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
