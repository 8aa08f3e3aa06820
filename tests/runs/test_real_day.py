"""The model text's day on real bars: written, and unchanged by anything known only later."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.core import params
from helpers.runs import execute, verify

from .conftest import ROOT, TODAY

pytestmark = pytest.mark.slow

FILES = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
LAST_KNOWN = "2026-04-16"


def note_on(
    shared: Path, out: Path, files: tuple[str, ...] = FILES, cut: Path | None = None, **changes: Any
) -> execute.RunResult:
    """The note of the shipped parameter file on the files of `shared`, members and series among them.

    With `cut` they are read from copies in that folder that end the evening before.
    """

    def placed(name: str) -> str:
        if cut is None:
            return str(shared / name)
        frame = pd.read_parquet(shared / name)
        frame[pd.to_datetime(frame["date"]) <= LAST_KNOWN].to_parquet(cut / name)
        return str(cut / name)

    named = {
        "sources.bars": [placed(name) for name in files],
        "sources.members": str(shared / "constituents" / "sp400_2026-04-17.csv"),
        "sources.members_bars": [placed("stocks_adjclose_sp400_sp500.parquet")],
        "sources.macro": [placed("fred_series.parquet")],
    }
    chosen = params.load(ROOT / "params" / "ijh_2026-04-17.yaml", {**named, **changes})
    return execute.run(chosen, out=out, project=ROOT, today=TODAY)


@pytest.fixture(scope="module")
def real_run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> execute.RunResult:
    return note_on(shared_data, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def long_run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> execute.RunResult:
    """The long study, with the file that begins earliest first."""
    sources = [str(shared_data / name) for name in reversed(FILES)]
    chosen = params.load(ROOT / "params" / "mdy_long.yaml", {"sources.bars": sources})
    return execute.run(chosen, out=tmp_path_factory.mktemp("long"), project=ROOT, today=TODAY)


def findings(folder: Path) -> dict[str, Any]:
    stated = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"]
    return {f"{item['id']}|{item['subject']}|{item['key']}": item for item in stated}


def test_the_note_is_complete_and_verifies(real_run: execute.RunResult) -> None:
    assert (real_run.exit_code, real_run.as_of, real_run.degraded) == (0, "2026-04-17", [])
    assert verify.verify(real_run.run_dir) == []


def test_the_bars_stop_the_evening_before(real_run: execute.RunResult) -> None:
    bars = pd.read_parquet(real_run.run_dir / "snapshot" / "bars.parquet")
    assert str(bars["date"].max())[:10] == LAST_KNOWN


def test_cutting_the_files_after_the_evening_before_changes_no_finding(
    real_run: execute.RunResult, shared_data: Path, tmp_path: Path
) -> None:
    result = note_on(shared_data, tmp_path / "out", cut=tmp_path)
    assert findings(result.run_dir) == findings(real_run.run_dir)


def test_without_the_second_file_only_some_stand_ins_are_missing(shared_data: Path, tmp_path: Path) -> None:
    result = note_on(shared_data, tmp_path, FILES[:1])
    assert result.exit_code == 0
    missing = "- XLG, MGC, IYT, SPLV, ^TNX: no bars on or before this day in any source."
    assert missing in (result.run_dir / "note.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def finished_run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> execute.RunResult:
    """The same day after its close."""
    return note_on(shared_data, tmp_path_factory.mktemp("finished"), tape=None, as_of="2026-04-17")


def test_the_page_side_by_side_is_what_both_runs_say(
    real_run: execute.RunResult, finished_run: execute.RunResult
) -> None:
    spec = importlib.util.spec_from_file_location("side_by_side", ROOT / "docs" / "side_by_side.py")
    assert spec is not None and spec.loader is not None
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    page = (ROOT / "docs" / "side_by_side.md").read_text(encoding="utf-8")
    assert page == written.page(real_run.run_dir, finished_run.run_dir)


def test_the_finished_day_never_says_broadening_while_neither_relative_line_confirms(
    finished_run: execute.RunResult,
) -> None:
    result = finished_run
    assert result.exit_code == 0
    assert json.loads((result.run_dir / "run.json").read_text(encoding="utf-8"))["bars_to"] == "2026-04-17"
    held = findings(result.run_dir).values()
    lines = {item["key"]["condition"]: item["value"] for item in held if item["id"] == "breadth.condition"}
    assert not lines["mid_mega_high"] and not lines["equal_weight"] and lines["members"] is not None
    claims = json.loads((result.run_dir / "claims.json").read_text(encoding="utf-8"))["claims"]
    assert next(item["verdict"] for item in claims if item["id"] == "breadth_tell") == "does not hold"
    page = (result.run_dir / "note.md").read_text(encoding="utf-8")
    assert "not broadening" in page
    told = [line for line in page.splitlines() if "roadening" in line and "Broadening is paid for before" not in line]
    assert all("not broadening" in line or "ecovering" in line for line in told), told


def test_the_long_study_is_complete_and_verifies(long_run: execute.RunResult) -> None:
    assert (long_run.exit_code, long_run.as_of) == (0, "2025-09-19")
    assert verify.verify(long_run.run_dir) == []


@pytest.mark.parametrize(("against", "begins", "carries"), [("SPY", "2000-01-03", True), ("OEF", "2000-10-27", False)])
def test_the_long_study_begins_with_the_younger_fund_and_names_its_basis(
    long_run: execute.RunResult, against: str, begins: str, carries: bool
) -> None:
    stated = [
        item
        for item in json.loads((long_run.run_dir / "findings.json").read_text(encoding="utf-8"))["findings"]
        if item["subject"] == "MDY" and item["key"].get("against") == against
    ]
    of = {item["id"]: item for item in stated}
    assert of["history.study_from"]["value"] == begins
    assert of["history.study_to"]["value"] == "2025-09-19"
    assert of["history.longest"]["value"] is carries
    assert of["history.events"]["value"] > 40
    month = next(
        item
        for item in stated
        if item["id"] == "history.difference" and item["key"] | {"horizon": 21, "era": "all"} == item["key"]
    )
    assert month["basis"] == f"total return (MDY: vendor's adjusted close; {against}: vendor's adjusted close)"
    assert month["low"] < month["value"] < month["high"] and month["n"] > 40


def test_the_audit_takes_the_word_of_the_longer_pair(long_run: execute.RunResult) -> None:
    claims = json.loads((long_run.run_dir / "claims.json").read_text(encoding="utf-8"))["claims"]
    persistence = next(item for item in claims if item["id"] == "persistence")
    word = next(
        item["value"]
        for item in json.loads((long_run.run_dir / "findings.json").read_text(encoding="utf-8"))["findings"]
        if item["id"] == "history.verdict" and item["key"] == {"against": "SPY"}
    )
    assert persistence["verdict"] == word
    assert persistence["findings"][0].startswith("history.difference[MDY|against=SPY")
