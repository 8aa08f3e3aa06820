"""The findings inside a page: as one JSON text, packed so that they weigh a tenth."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any


def packed(record: Any) -> str:
    """A record as a JSON string of gzip in base64: no character of it can end the element it stands in."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(base64.b64encode(gzip.compress(text.encode("utf-8"), mtime=0)).decode("ascii"))


def unpacked(text: str) -> Any:
    """The record that `packed` made; ValueError where the text is not one."""
    try:
        content = gzip.decompress(base64.b64decode(json.loads(text), validate=True))
    except (EOFError, OSError, TypeError) as error:
        raise ValueError(f"not packed findings ({error})") from None
    return json.loads(content)
