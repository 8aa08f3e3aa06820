"""The asking process: it alone knows the client, reads one request from its input and prints the answer."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from typing import Any

from helpers.runs.rewrite import wording
from helpers.runs.rewrite.asking import LARGEST


def _answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """One request, in the asking process: no second one by the client, no redirect, no word of an error passed on."""
    import openai

    unsent: Any = dict.fromkeys((*_OF_THE_MACHINE, *(() if request["key"] else ("Authorization",))), openai.Omit())
    client = openai.OpenAI(
        base_url=request["base_url"],
        api_key=request["key"] or "none",
        timeout=request["seconds"],
        max_retries=0,
        http_client=openai.DefaultHttpxClient(follow_redirects=False, timeout=request["seconds"]),
    )
    messages: Any = [{"role": "system", "content": wording.task()}, {"role": "user", "content": request["asked"]}]
    body = b""
    try:
        asking = client.chat.completions.with_streaming_response.create(
            model=request["model"], messages=messages, extra_headers=unsent
        )
        with asking as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    return {"fault": "size"}
        content = json.loads(body)["choices"][0]["message"]["content"]
        return {"content": content if isinstance(content, str) else ""}
    except openai.APIStatusError as error:
        return {"status": error.status_code}
    except openai.APITimeoutError:
        return {"fault": "time"}
    except openai.APIConnectionError:
        return {"fault": "connection"}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return {"fault": "form"}
    except Exception:  # what the transport raises has no name that the client promises
        return {"fault": "broken"}


#: what the client tells of the machine unless it is told not to
_OF_THE_MACHINE = tuple(
    f"X-Stainless-{name}"
    for name in (
        "Lang",
        "Package-Version",
        "OS",
        "Arch",
        "Runtime",
        "Runtime-Version",
        "Async",
        "Retry-Count",
        "Read-Timeout",
    )
)


def _main() -> None:
    request = json.load(sys.stdin)
    if hasattr(signal, "alarm"):
        signal.alarm(int(request["seconds"]) + 2)  # if nobody is left to end it
    json.dump(_answered(request), sys.stdout)


if __name__ == "__main__":
    _main()
