"""Text made fit to be shared: no machine paths, no user name, no secret taken from the environment."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
SHORTEST_SECRET = 6
REASON_LENGTH = 240


def text(shown: str, run_dir: Path, project: Path) -> str:
    """`shown` with the run's own folder as "..", other machine paths shortened and secrets struck out."""
    for value in _secrets():
        shown = shown.replace(value, "***")
    replacements = [
        (str(run_dir), ".."),
        (str(project), "<project>"),
        (sys.prefix, "<python>"),
        (sys.base_prefix, "<python>"),
        (str(Path.home()), "~"),
    ]
    for found, instead in replacements:
        # "/" as a home or prefix would eat every path separator
        if len(found) > 1:
            shown = shown.replace(found, instead)
    return shown


def reason(message: str, run_dir: Path, project: Path) -> str:
    """The first line of an error message, clean and short enough for a sentence in the note."""
    lines = [line.strip() for line in _ANSI.sub("", message).splitlines() if line.strip()]
    first = text(lines[0] if lines else "no reason given", run_dir, project)
    return first if len(first) <= REASON_LENGTH else first[: REASON_LENGTH - 3] + "..."


def _secrets() -> list[str]:
    held = {value for name, value in os.environ.items() if _SECRET_NAME.search(name) and len(value) >= SHORTEST_SECRET}
    return sorted(held, key=len, reverse=True)
