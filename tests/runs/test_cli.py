"""The command: exit codes and messages for whatever a person may type, with no kernel started."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.runs import cli
from helpers.runs.kernels import plain

from .conftest import ROOT

Ended = tuple[int, str, str]
Call = Callable[..., Ended]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Runs the command in this process with outputs in an empty folder; a kernel that starts fails the test."""

    def no_kernel(*_: object) -> Any:
        pytest.fail("a kernel was started")

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(item) for item in arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(plain, "manager", no_kernel)
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("BREADTHBOOK_BARS", raising=False)
    yield run
    signal.signal(signal.SIGTERM, before)
    assert not (tmp_path / "out").exists()


def parameters(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


WRONG_PARAMETERS = {
    "a misspelled name": ("windw: 252", "did you mean `window`"),
    "a negative window": ("window: -3", "window"),
    "a list for a number": ("z_window: [1, 2]", "z_window"),
    "a name that leaves the outputs folder": ("note: {name: ../../etc}", "folder name"),
    "a hidden note name": ("note: {name: .history}", "folder name"),
    "a day that does not exist": ("as_of: 2024-02-31", "as_of"),
    "a day to come": ("as_of: 2999-01-04", "2999-01-04"),
    "a quote in a name": ('"a\'b": 1', "not a parameter name"),
    "a semicolon in a name": ('"a;b": 1', "not a parameter name"),
    "code as a name": ("\"__import__('os').system('true')\": 1", "not a parameter name"),
    "the runner's own name": ("run_dir: /tmp", "runner"),
    "no YAML": ("mid: [", "YAML"),
    "a list": ("- mid", "list"),
}


@pytest.mark.parametrize("name", WRONG_PARAMETERS)
def test_wrong_parameters_end_two(call: Call, tmp_path: Path, name: str) -> None:
    text, named = WRONG_PARAMETERS[name]
    code, out, err = call("run", parameters(tmp_path, text), "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "window"),
        ("-p", "windw=3"),
        ("-p", "window=two"),
        ("-p", "window=["),
        ("--as-of", "yesterday"),
        ("--as-of", "2026-02-30"),
        ("--jobs", "0"),
        ("--nonsense",),
        ("--source", "no/such/file.parquet"),
        ("--source", ""),
    ],
    ids=" ".join,
)
def test_wrong_options_end_two(call: Call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, err = call("run", "params/sample.yaml", "--out", tmp_path / "out", *arguments)
    assert code == 2
    assert err.count("\n") <= 2


@pytest.mark.parametrize("arguments", [(), ("run",), ("nonsense",), ("run", "no/such.yaml"), ("verify", "nowhere")])
def test_a_command_that_cannot_be_carried_out_ends_two(call: Call, arguments: tuple[str, ...]) -> None:
    assert call(*arguments)[0] == 2


def test_a_missing_variable_is_named(call: Call, tmp_path: Path) -> None:
    code, _, err = call("run", "params/ijh_2026-04-17.yaml", "--out", tmp_path / "out")
    assert code == 2
    assert "BREADTHBOOK_BARS" in err


def test_outside_a_project_the_message_says_where_to_go(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call("run", parameters(tmp_path, "mid: IJH"), "--out", tmp_path / "out")
    assert code == 2
    assert "project folder" in err


def test_json_gives_one_line_for_a_failure_too(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("run", "params/sample.yaml", "-p", "mid=ZZZ", "--out", tmp_path / "out", "--json")
    said = json.loads(out)
    assert out.count("\n") == 1
    assert (said["exit_code"], said["status"]) == (code, "failed") == (4, "failed")


def test_something_unexpected_is_one_line(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("helpers.runs.plan.make", broken)
    code, _, err = call("run", "params/sample.yaml", "--out", tmp_path / "out")
    assert code == 1
    assert err.count("\n") == 1
    assert "Traceback" not in err


# --- data ----------------------------------------------------------------------------------------


def bars(**changes: Any) -> pd.DataFrame:
    """Two years of rows of IJH and OEF, with a column replaced where asked."""
    days = pd.bdate_range("2024-01-02", "2025-12-31")
    path = 60 + np.sin(np.arange(len(days)) / 9)
    one = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "close": path.round(2), "volume": 1_000_000})
    one = one.assign(open=one["close"], high=one["close"] + 0.4, low=one["close"] - 0.4)
    both = pd.concat([one.assign(symbol="IJH"), one.assign(symbol="OEF")], ignore_index=True)
    return both.astype({name: object for name in changes}).assign(**changes) if changes else both


def spoiled(column: str, row: int, value: Any) -> pd.DataFrame:
    frame = bars()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


UNFIT = {
    "unsorted dates": lambda: pd.concat([bars().iloc[[5]], bars().drop(index=5)]),
    "duplicate dates": lambda: pd.concat([bars(), bars().iloc[[5]]]),
    "a negative price": lambda: spoiled("close", 7, -60.0),
    "text in a number": lambda: spoiled("high", 7, "n.a."),
    "no rows": lambda: bars().iloc[:0],
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_data_end_four_and_name_the_file(call: Call, tmp_path: Path, name: str) -> None:
    path = tmp_path / "bars.csv"
    UNFIT[name]().to_csv(path, index=False)
    code, out, err = call("run", "params/sample.yaml", "--no-tape", "--source", path, "--out", tmp_path / "out")
    assert (code, out) == (4, "")
    assert "bars.csv" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("content", [b"", b"this is not Parquet"], ids=["empty", "not Parquet"])
def test_a_file_that_is_not_parquet_ends_four(call: Call, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(content)
    code, _, err = call("run", "params/sample.yaml", "--source", path, "--out", tmp_path / "out")
    assert code == 4
    assert "bars.parquet" in err


def test_a_missing_column_ends_two(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    bars().drop(columns="symbol").rename(columns={"date": "day"}).to_csv(path, index=False)
    code, _, err = call("run", "params/sample.yaml", "--source", path, "--out", tmp_path / "out")
    assert code == 2
    assert "date" in err


# --- what works ----------------------------------------------------------------------------------


def test_data_status_shows_a_line_a_symbol(call: Call) -> None:
    code, out, _ = call("data", "status", "params/sample.yaml")
    assert code == 0
    assert "SIMULATED" in out
    assert "\nIJH " in out


def test_data_check_runs_on_the_defaults(call: Call) -> None:
    assert call("data", "check", "--source", "sample")[0] == 0


def test_a_saturday_is_the_trading_day_before(call: Call) -> None:
    code, out, _ = call("data", "status", "--source", "sample", "--as-of", "2026-04-18")
    assert code == 0
    assert "As of 2026-04-17 (2026-04-18 was asked for)" in out


def test_no_tape_gives_the_day_of_the_tape(call: Call) -> None:
    code, out, _ = call("data", "status", "params/sample.yaml", "--no-tape")
    assert code == 0
    assert "As of 2026-04-17, bars to 2026-04-17" in out


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom helpers.runs import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pandas', 'altair', 'papermill', 'pyarrow', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
