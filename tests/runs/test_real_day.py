"""The model text's day on real bars: written, and unchanged by anything known only later."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers.core import params
from helpers.runs import execute, verify

from .conftest import ROOT, TODAY

pytestmark = pytest.mark.slow

FILES = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
LAST_KNOWN = "2026-04-16"


def note_on(sources: list[Path], out: Path, **changes: object) -> execute.RunResult:
    chosen = params.load(
        ROOT / "params" / "ijh_2026-04-17.yaml", {"sources.bars": [str(path) for path in sources], **changes}
    )
    return execute.run(chosen, out=out, project=ROOT, today=TODAY)


@pytest.fixture(scope="module")
def real_run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> execute.RunResult:
    return note_on([shared_data / name for name in FILES], tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def long_run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> execute.RunResult:
    """The long study, with the file that begins earliest first."""
    sources = [str(shared_data / name) for name in reversed(FILES)]
    chosen = params.load(ROOT / "params" / "mdy_long.yaml", {"sources.bars": sources})
    return execute.run(chosen, out=tmp_path_factory.mktemp("long"), project=ROOT, today=TODAY)


def findings(folder: Path) -> dict[str, object]:
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
    cut = []
    for name in FILES:
        frame = pd.read_parquet(shared_data / name)
        cut.append(tmp_path / name)
        frame[pd.to_datetime(frame["date"]) <= LAST_KNOWN].to_parquet(cut[-1])
    result = note_on(cut, tmp_path / "out")
    assert findings(result.run_dir) == findings(real_run.run_dir)


def test_without_the_second_file_only_some_stand_ins_are_missing(shared_data: Path, tmp_path: Path) -> None:
    result = note_on([shared_data / FILES[0]], tmp_path)
    assert result.exit_code == 0
    missing = "- XLG, MGC, IYT, SPLV, ^TNX: missing from every source."
    assert missing in (result.run_dir / "note.md").read_text(encoding="utf-8")


def test_without_the_tape_the_day_is_finished(shared_data: Path, tmp_path: Path) -> None:
    sources = [shared_data / name for name in FILES]
    result = note_on(sources, tmp_path, tape=None, as_of="2026-04-17")
    assert result.exit_code == 0
    assert json.loads((result.run_dir / "run.json").read_text(encoding="utf-8"))["bars_to"] == "2026-04-17"


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
