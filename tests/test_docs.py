"""The documents list what the code has, no more and no less."""

import re
from pathlib import Path

import pytest

from helpers.core.params import Params
from helpers.sections.breakout import breakout
from helpers.sections.coverage import coverage
from helpers.sections.strength import strength
from tests.sections.conftest import TAPE, take

DOCS = Path(__file__).parents[1] / "docs"


def table(page: str) -> list[list[str]]:
    rows = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_findings_page_lists_every_finding_with_its_unit_and_key():
    stated = {}
    for taken in (take(tape=TAPE), take(as_of="2026-04-16")):
        for section in (coverage, breakout, strength):
            for item in section(*taken).findings:
                stated[f"`{item.id}`"] = [item.unit, ", ".join(item.key)]
    assert {row[0]: row[2:] for row in table("findings.md")} == stated


def test_parameters_page_lists_every_parameter_with_its_default():
    listed = {row[0].strip("`"): row[2] for row in table("parameters.md")}
    fields = {name: field for name, field in Params.model_fields.items() if name != "extra"}
    assert listed.keys() == fields.keys()
    for name, field in fields.items():
        default = field.get_default()
        if isinstance(default, str | int | float | bool) and name != "disclosure":
            assert listed[name] == (str(default).lower() if isinstance(default, bool) else str(default) or "empty"), (
                name
            )
        elif isinstance(default, list):
            assert listed[name] == (", ".join(map(str, default)) or "none"), name


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_resolve(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (DOCS / target).exists(), target
