"""The documents list what the code has, no more and no less."""

import importlib.util
import re
from pathlib import Path

import pandas as pd
import pytest

from helpers.core import errors
from helpers.core.params import Params
from helpers.data import calendar
from helpers.data import coverage as coverage_table
from helpers.data.sources import attempts
from helpers.data.store import draft
from helpers.data.upkeep import asking, dividends, holding, listing, reconcile, workers

DOCS = Path(__file__).parents[1] / "docs"


def table(page: str) -> list[list[str]]:
    rows = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("name", ["findings", "words"])
def test_a_page_made_from_the_code_is_what_the_code_says(name: str):
    spec = importlib.util.spec_from_file_location(f"{name}_page", DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == written.page()


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


def test_data_page_explains_every_error_and_every_status():
    ways = [kind.__name__ for kind in errors.SourceError.__subclasses__()]
    assert len(ways) == 7
    rows = {
        row.split("|")[1].strip() for row in (DOCS / "data.md").read_text(encoding="utf-8").splitlines() if "|" in row
    }
    assert {*ways, "fresh", "stale", "holes", "quarantined", "missing"} <= rows


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ("30 minutes after the exchange closes", calendar.SETTLE_MINUTES == 30),
        ("stops all workers for 30 and then 90 seconds", attempts.RATE_LIMIT_WAITS == (30.0, 90.0)),
        ("A passing fault is tried three times", attempts.TRIES == 3),
        ("from ten trading days before", asking.OVERLAP_DAYS == 10),
        ("asked for again for 90 days", holding.ASKED_AGAIN_DAYS == 90),
        ("older one for 7 days", holding.OLDER_ASKED_AGAIN_DAYS == 7),
        ("more than 10 minutes before the close", pd.Timedelta(minutes=10) == listing.UNFINISHED),
        ("by more than 2 %, on more than a tenth", (reconcile.OTHER_PRICE, reconcile.OTHER_DAYS) == (0.02, 0.1)),
        ("6 failures in a row, or 20", (attempts.DOWN_AFTER, attempts.NOTHING_AFTER) == (6, 20)),
        ("At most four workers", workers.WORKERS == 4),
        ("a volume by more than 1 %", reconcile.QUIET_VOLUME == 0.01),
        ("by more than 0.1 %", dividends.TOLERANCE == 0.001),
        ("less than 90 % of the days held", reconcile.KEPT_SHARE == 0.9),
        ("trading day of the last 504", coverage_table.RECENT_DAYS == 504),
        ("30 versions are kept", draft.KEPT_VERSIONS == 30),
    ],
)
def test_data_page_states_the_constants_of_the_code(stated, held):
    text = " ".join((DOCS / "data.md").read_text(encoding="utf-8").split())
    assert held
    assert stated in text
