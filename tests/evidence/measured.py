"""The figures that docs/methods.md prints as measured, read back from its tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
HEADING = "## Measured"


def printed() -> dict[str, str]:
    """The last cell of each row of the tables below `HEADING`, by the row's first cell."""
    _, heading, rest = PAGE.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")
    assert heading, f"{PAGE.name} has no heading {HEADING!r}"
    section = re.split(r"\n## ", rest)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    names = [row[0] for row in rows if not set(row[0]) <= set("-: ")]
    repeated = {name for name in names if names.count(name) > 1}
    assert not repeated, f"rows of one name: {sorted(repeated)}"
    return {row[0]: row[-1] for row in rows}


def assert_printed(figures: Mapping[str, str]) -> None:
    """Every figure stands on the page as it was measured."""
    found = printed()
    differ = {
        name: (found.get(name, "not there"), value) for name, value in figures.items() if found.get(name) != value
    }
    assert not differ, "printed, measured: " + "; ".join(f"{name}: {was}, {now}" for name, (was, now) in differ.items())
