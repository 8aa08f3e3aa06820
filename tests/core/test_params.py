"""Parameters are checked before anything runs, and text stays text."""

import json

import pytest

from helpers.core import blocks, params
from helpers.core.errors import ParameterError, SourceNotFoundError, UnknownParameterError


@pytest.fixture
def load(tmp_path):
    def read(text: str, **options):
        path = tmp_path / "ijh.yaml"
        path.write_text(text)
        return params.load(path, **options)

    return read


@pytest.mark.parametrize("ticker", ["ON", "NO", "TRUE", "Y", "NULL", "NAN"])
def test_tickers_that_look_like_yaml_stay_tickers(load, ticker):
    assert load(f"mid: {ticker}").mid == ticker


def test_clock_time_and_date_stay_text(load):
    read = load("tape: {date: 2026-04-17, time: 12:30, high: 72.61, last: 72.34}")
    assert (read.tape.date, read.tape.time) == ("2026-04-17", "12:30")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("windw: 252", UnknownParameterError, "did you mean `window`"),
        ("window: -3", ParameterError, "`window` is -3"),
        ("window: [252]", ParameterError, r"`window` is \[252\]"),
        ("window: 366d", ParameterError, "`window` is '366d'"),
        ("window: 252.5", ParameterError, "`window` is 252.5"),
        ("note: {name: ../../etc}", ParameterError, "no path"),
        ("note: {name: /etc}", ParameterError, "no path"),
        ("as_of: 2024-02-31", ParameterError, "2024-02-31"),
        ("as_of: 31.12.2024", ParameterError, "ISO date"),
        ('"a\'b": 1', UnknownParameterError, "not a parameter name"),
        ("a;b: 1", UnknownParameterError, "not a parameter name"),
        ("class: 1", UnknownParameterError, "not a parameter name"),
        ("run_dir: x", UnknownParameterError, "set by the runner"),
        ("mid: ijh", ParameterError, "a ticker such as IJH"),
        ("mid: OEF", ParameterError, "flat at 100"),
        ("tape: {date: 2026-04-17, time: 25:61, high: 3, last: 2}", ParameterError, "tape.time"),
        ("mid: SPY", ParameterError, "flat at 100"),
        ("volume_windows: [20, 20]", ParameterError, "twice"),
        ("mega: SPY", ParameterError, "cannot stand in for mega caps"),
        ("mid: A\nmid: B", ParameterError, "set twice"),
        ("tape: {date: 2026-04-17, high: 1, last: 2}", ParameterError, "above tape.high"),
        ("tape: {date: 2026-04-17, hgih: 1, high: 3, last: 2}", ParameterError, "did you mean `tape.high`"),
        ("label_cuts: [0.35, 0.1, 0.6]", ParameterError, "do not rise"),
        ("label_cuts: [0.1, 0.1, 0.6]", ParameterError, "do not rise"),
        ("label_cuts: [0.1, 0.35]", ParameterError, "at least 3 items"),
        ("score_weights: {price: -1}", ParameterError, "`score_weights.price` is -1"),
        ("score_weights: {prize: 1}", ParameterError, "did you mean `score_weights.price`"),
        (
            "score_weights: {price: 0, relative_strength: 0, breadth: 0, volume: 0, credit: 0, rates: 0, crowding: 0,"
            " revisions: 0}",
            ParameterError,
            "at least one part",
        ),
        ("coverage_min: 101", ParameterError, "`coverage_min` is 101"),
        ("note: {view: I like it}", ParameterError, "must be signed"),
        ("as_of: 2026-04-16\ntape: {date: 2026-04-17, high: 3, last: 2}", ParameterError, "--no-tape"),
        ("- a\n- b", ParameterError, "list found"),
        ("mid: {", ParameterError, "not readable as YAML"),
    ],
)
def test_wrong_parameters_name_the_remedy(load, text, error, message):
    with pytest.raises(error, match=message):
        load(text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceNotFoundError, match="nowhere.yaml"):
        params.load(tmp_path / "nowhere.yaml")


def test_every_wrong_parameter_ends_2():
    assert ParameterError("x").exit_code == UnknownParameterError("x").exit_code == 2


def test_overrides_win_and_reach_into_blocks(load):
    read = load("mid: MDY\nnote: {name: a}", overrides={"mid": "IJH", "note.name": "b", "tape": None})
    assert (read.mid, read.note.name, read.tape) == ("IJH", "b", None)


def test_relative_sources_are_taken_from_the_files_folder(load, tmp_path):
    assert load("sources: {bars: [bars.parquet, sample]}").sources.bars == [str(tmp_path / "bars.parquet"), "sample"]


def test_a_variable_holds_several_paths(monkeypatch):
    monkeypatch.setenv("BARS", "a.parquet:b.parquet")
    assert blocks.source_names(["$BARS", "sample"]) == ["a.parquet", "b.parquet", "sample"]


def test_an_unset_variable_is_named(monkeypatch):
    monkeypatch.delenv("BARS", raising=False)
    with pytest.raises(SourceNotFoundError, match="BARS is not set"):
        blocks.source_names(["$BARS"])


def test_a_users_own_parameter_is_checked_against_its_cell(load):
    assert load("mine: 3", declared={"mine": 1.0}).extra == {"mine": 3}
    with pytest.raises(ParameterError, match="float needed"):
        load("mine: abc", declared={"mine": 1.0})
    with pytest.raises(UnknownParameterError, match="did you mean `mine`"):
        load("mien: 3", declared={"mine": 1.0})


def notebook(tmp_path, source, tags=("parameters",)):
    path = tmp_path / "04_mine.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": []}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_parameters_cell_is_read_without_running_it(tmp_path):
    path = notebook(tmp_path, 'mid: str = "IJH"  # fund\nhorizons: list[int] = [\n    5,\n    21,\n]\n')
    assert params.declared_parameters(path) == {"mid": "IJH", "horizons": [5, 21]}


@pytest.mark.parametrize("source", ["import os", "x = 1", 'x: str = print("run")', "x: int"])
def test_anything_but_typed_literals_is_refused(tmp_path, source):
    with pytest.raises(ParameterError, match="line 1"):
        params.declared_parameters(notebook(tmp_path, source))


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="0 cells tagged"):
        params.declared_parameters(notebook(tmp_path, "", tags=()))
