"""Writes docs/findings.md: what each finding means, from findings.toml, with unit and key as the code states them.

Run as ``make docs``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from helpers.core import params as parameters
from helpers.data import intake, watched
from helpers.sections.breadth import breadth
from helpers.sections.breakout import breakout
from helpers.sections.coverage import coverage
from helpers.sections.hedge import hedge
from helpers.sections.history import history
from helpers.sections.risks import risks
from helpers.sections.strength import strength
from helpers.sections.watch import watch

HERE = Path(__file__).parent
SECTIONS = (coverage, breakout, strength, breadth, history, risks, hedge)
#: the finished day and the unfinished one of the sample state every finding between them
DAY = "2026-04-16"
TAPE = {"date": "2026-04-17", "high": 72.61, "last": 72.34, "prior_close": 71.49, "volume": 710805}
HEAD = """# Findings

Every number a reader sees is one of these, those of `watch` on the page of a scan. `key` names the settings that tell
findings of one id apart; `subject` is the fund unless the meaning names another. `make docs` writes this page from the
code and from findings.toml.

| id | meaning | unit | key |
| --- | --- | --- | --- |
"""


def stated() -> dict[str, tuple[str, str]]:
    """Unit and key names of every finding that the sections state on the sample, by id."""
    sources = {
        "bars": ["sample"],
        "members": "sample",
        "members_bars": ["sample"],
        "calendar": str(HERE.parent / "params" / "calendar.yaml"),
    }
    found = {}
    for values in ({"tape": TAPE}, {"as_of": DAY}):
        params = parameters.parse({"sources": sources, **values}, origin="docs")
        snapshot = intake.take(params, today=dt.date.fromisoformat(TAPE["date"]))
        for section in SECTIONS:
            for item in section(snapshot, params).findings:
                found[item.id] = (item.unit, ", ".join(item.key))
    symbols = params.symbols
    scanned = watched.take(list(symbols), params.market, ["sample"], as_of=DAY)
    for item in watch(scanned.snapshot, symbols, params.market).findings:
        found[item.id] = (item.unit, ", ".join(item.key))
    return found


def page() -> str:
    """The whole page; KeyError where a finding has no meaning, or a meaning no finding."""
    meanings = tomllib.loads((HERE / "findings.toml").read_text(encoding="utf-8"))
    found = stated()
    if meanings.keys() != found.keys():
        raise KeyError(f"findings.toml and the code differ in {sorted(meanings.keys() ^ found.keys())}")
    rows = [f"| `{name}` | {meaning} | {' | '.join(found[name])} |" for name, meaning in meanings.items()]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (HERE / "findings.md").write_text(page(), encoding="utf-8")
