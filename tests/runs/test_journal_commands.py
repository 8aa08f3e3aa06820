"""`breadthbook journal score|show|call|replay`, and what a run writes down by itself."""

from __future__ import annotations

import datetime as dt
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.core import params as parameters
from helpers.core.errors import UsageError
from helpers.data import calendar
from helpers.runs import calls, cli, journal, personal, plan, stamp
from tests.runs.conftest import ROOT

SAMPLE = ROOT / "params" / "sample.yaml"
SPAN = ("--from", "2025-06-01", "--to", "2025-12-31", "--jobs", "1")
#: twenty windows that do not overlap take as many months
LONG = ("--from", "20240101", "--to", "2026-01-31", "--jobs", "2")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Runs a journal command on an outputs folder of its own."""

    def run(name: str, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["journal", name, *(str(item) for item in arguments), "--out", str(tmp_path / "outputs")])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


def noon(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), calendar.EXCHANGE_ZONE)


def test_a_run_writes_down_its_calls_in_the_simulated_journal_alone(sample_run: Path) -> None:
    out = sample_run.parents[1]
    held, notices = calls.every(out)
    record = json.loads((sample_run / "run.json").read_text(encoding="utf-8"))
    assert notices == []
    assert {line["origin"] for line in held} == {"simulated"}
    assert {line["run_id"] for line in held} == {record["run_id"]}
    assert {line["as_of"] for line in held} == {record["bars_to"]}
    assert {"sentiment", "hedge"} <= {line["kind"] for line in held}
    assert not (out / calls.NAMES["live"]).exists()
    assert not any("journal" in path.name for path in sample_run.rglob("*"))


@pytest.mark.slow
def test_a_replay_shows_its_score_and_a_person_beside_the_machine_and_the_base(command: Call, tmp_path: Path) -> None:
    code, said, _ = command("replay", SAMPLE, *LONG)
    assert code == 0
    assert "SIMULATED prices" in said
    assert "weeks" in said and "resolved" in said
    assert "\u2026" not in said
    code, said, _ = command("score", SAMPLE, "--json")
    rows = {(row["origin"], row["kind"], row["by"]): row for row in json.loads(said)["scores"]}
    tone = rows["simulated", "sentiment", "breadthbook"]
    assert tone["resolved"] >= 20
    assert tone["brier"] == pytest.approx(tone["reliability"] - tone["resolution"] + tone["uncertainty"])
    assert tone["verdict"] in ("none", "positive", "negative")
    assert tone["windows"] >= 20 and tone["resolved"] > 4 * tone["windows"]
    assert tone["base_skill"] is not None
    assert rows["simulated", "all", "breadthbook"]["skill"] is None


def test_sets_of_settings_are_scored_apart(command: Call) -> None:
    span = ("--from", "2025-10-01", "--to", "2025-11-15", "--jobs", "1")
    command("replay", SAMPLE, *span)
    code, said, _ = command("replay", SAMPLE, *span, "-p", "beta_window=63")
    assert code == 0 and said.count("settings ") == 2
    rows = [row for row in json.loads(command("score", SAMPLE, "--json")[1])["scores"] if row["kind"] == "hedge"]
    assert len({row["settings"] for row in rows}) == 2
    assert len({row["calls"] for row in rows}) == 1


def test_weekly_calls_of_half_a_year_are_too_few_windows_for_a_verdict(command: Call) -> None:
    command("replay", SAMPLE, *SPAN)
    _, said, _ = command("score", SAMPLE, "--json")
    tone = next(row for row in json.loads(said)["scores"] if row["kind"] == "sentiment")
    assert tone["resolved"] >= 20 > tone["windows"]
    assert (tone["verdict"], tone["skill"]) == ("too few", None)
    assert tone["brier"] is not None


def test_few_resolved_calls_get_no_verdict(command: Call) -> None:
    command("replay", SAMPLE, "--from", "2025-06-01", "--to", "2025-07-15", "--jobs", "1")
    _, said, _ = command("score", SAMPLE, "--json")
    tone = next(row for row in json.loads(said)["scores"] if row["kind"] == "sentiment")
    assert 0 < tone["resolved"] < 20
    assert (tone["verdict"], tone["brier"], tone["skill"], tone["share"]) == ("too few", None, None, None)


def test_a_persons_call_is_written_down_once_and_shown_as_open(command: Call, tmp_path: Path) -> None:
    code, said, _ = command("call", "IJH>OEF 21d", 0.60, "--by", "ann", "--note", "a hunch")
    assert code == 0 and "60%" in said
    code, _, error = command("call", "IJH > OEF 21d", 0.60, "--by", "ann")
    assert code == 2 and "in the journal already" in error
    code, _, error = command("call", "IJH>OEF 21d", 0.65, "--by", "Ann")
    assert code == 0 and "ann has answered this question already" in error and "the first counts" in error
    code, _, error = command("call", "OEF>IJH 21d", 0.30, "--by", "  ANN ")
    assert code == 0 and "(IJH beats OEF over 21 trading days: 60%)" in error
    rows = json.loads(command("score", SAMPLE, "--json")[1])["scores"]
    assert [(row["by"], row["calls"]) for row in rows] == [("ann", 1)]
    code, said, _ = command("show")
    assert said.count("open until") == 3
    assert "live ann: IJH beats OEF over 21 trading days: 60%" in said
    lines, _ = journal.read(tmp_path / "outputs" / "journal.jsonl")
    assert lines[0]["reason"] == "a hunch" and lines[0]["origin"] == "live"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("IJH beats OEF", "a call reads"),
        ("IJH>OEF", "a call reads"),
        ("ijh>OEF 21d", "ijh is not a symbol"),
        ("IJH>IJH 21d", "two funds"),
        ("IJH>OEF 0d", "1 to 126 trading days"),
        ("IJH>OEF 300d", "1 to 126 trading days"),
    ],
)
def test_a_line_that_states_no_call_is_refused(command: Call, statement: str, said: str) -> None:
    code, _, error = command("call", statement, 0.60, "--by", "ann")
    assert code == 2 and said in error


@pytest.mark.parametrize(
    "name", ["breadthbook", "BreadthBook", " breadthbook ", "Breadth-Book", "\uff42readthbook", "", " "]
)
def test_a_person_needs_a_name_that_is_not_the_machines(command: Call, name: str, tmp_path: Path) -> None:
    code, _, error = command("call", "IJH>OEF 21d", 0.60, "--by", name)
    assert code == 2 and "a person's name is needed" in error
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(("by", "note"), [("a\x1bb", ""), ("a\u200bnn", ""), ("ann", "\x07"), ("\u202eann", "")])
def test_text_that_cannot_be_printed_is_refused(command: Call, by: str, note: str) -> None:
    code, _, error = command("call", "IJH>OEF 21d", 0.60, "--by", by, "--note", note)
    assert code == 2 and "cannot be printed" in error


def test_a_name_is_no_markup_and_its_blanks_are_single(command: Call, tmp_path: Path) -> None:
    assert command("call", "IJH>OEF 21d", 0.60, "--by", " [/red]  boo\n", "--note", " a \t hunch ")[0] == 0
    line = journal.read(tmp_path / "outputs" / "journal.jsonl")[0][0]
    assert (line["by"], line["reason"]) == ("[/red] boo", "a hunch")
    code, said, _ = command("score", SAMPLE)
    assert code == 0 and "[/red] boo's own" in said


def test_a_symbol_that_no_source_holds_is_said(command: Call) -> None:
    code, _, error = command("call", "IJH>ZZZZ 21d", 0.60, "--by", "ann", "--source", "sample")
    assert code == 0 and "no source holds ZZZZ" in error
    assert "no source holds" not in command("call", "IJH>OEF 21d", 0.60, "--by", "ann", "--source", "sample")[2]


def test_a_call_whose_price_is_not_known_is_shown_as_due(command: Call, tmp_path: Path) -> None:
    made = personal.parsed("IJH>ZZZZ 21d", 0.6, noon("2025-06-14"))
    path = tmp_path / "outputs" / calls.NAMES["live"]
    calls.keep(path, [calls.line_of(made, origin="live", made_at="2025-06-14T12:00:00+00:00", by="ann")])
    assert "due 2025-07-17, price not known" in command("show")[1]
    assert "due, price not known: 1 " in command("score", SAMPLE)[2]


def test_a_call_the_other_way_round_is_of_the_other_fund() -> None:
    made = personal.parsed("IJH<OEF 5d", 0.7, noon("2026-04-18"))
    assert (made.subject, made.against, made.statement) == ("OEF", "IJH", "OEF beats IJH over 5 trading days")


@pytest.mark.parametrize(
    ("moment", "as_of"),
    [
        (noon("2026-04-18"), "2026-04-20"),
        (noon("2026-04-17"), "2026-04-17"),
        (noon("2026-04-17").replace(hour=8), "2026-04-17"),
        (noon("2026-04-17").replace(hour=16), "2026-04-20"),
        (noon("2026-04-17").replace(hour=18), "2026-04-20"),
        (noon("2026-04-03"), "2026-04-06"),
    ],
)
def test_a_persons_window_begins_with_the_next_close(moment: dt.datetime, as_of: str) -> None:
    """Which nobody knows yet: before the opening and during trading that of the day, after it that of the next."""
    assert personal.parsed("IJH>OEF 21d", 0.6, moment).as_of == as_of


def test_a_persons_call_is_resolved_with_the_base_rate_of_its_day(command: Call, tmp_path: Path) -> None:
    made = personal.parsed("IJH>OEF 21d", 0.6, noon("2025-06-14"))
    line = calls.line_of(made, origin="simulated", made_at="2025-06-14T12:00:00+00:00", by="ann")
    path = tmp_path / "outputs" / calls.NAMES["simulated"]
    calls.keep(path, [line])
    assert command("score", SAMPLE)[0] == 0
    held = calls.with_outcomes(journal.read(path)[0])
    assert held[0]["happened"] in (True, False)
    assert 0.3 < held[0]["base"] < 0.7
    again = path.read_bytes()
    command("score", SAMPLE)
    assert path.read_bytes() == again


def test_an_edited_journal_is_refused_by_every_command_and_by_a_run(command: Call, tmp_path: Path) -> None:
    command("replay", SAMPLE, *SPAN)
    path = tmp_path / "outputs" / calls.NAMES["simulated"]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"horizon":21', '"horizon":22', 1), encoding="utf-8")
    for name in ("score", "show"):
        code, _, error = command(name)
        assert code == 4 and "was edited" in error
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(SAMPLE), "--out", str(tmp_path / "outputs")])
    assert ended.value.code == 4
    assert not (tmp_path / "outputs" / "ijh-simulated" / "2026-04-17").exists()


def test_a_replay_of_no_week_says_what_is_held(command: Call) -> None:
    code, _, error = command("replay", SAMPLE, "--from", "2026-04-15")
    assert code == 2 and "no week is over" in error
    assert command("replay", SAMPLE, "--from", "May")[0] == 2


def test_a_probability_of_nought_or_one_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        personal.parsed("IJH>OEF 21d", 1.0, noon("2026-04-18"))


# --- a run and its journal ------------------------------------------------------------------------------------------


@pytest.fixture
def noted(sample_run: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Keeps the calls of the sample's note again, in outputs of its own; gives the notices."""
    made = plan.make(parameters.load(SAMPLE), out=tmp_path, project=ROOT)
    held = json.loads((sample_run / "run.json").read_text(encoding="utf-8"))

    def keep(**changed: object) -> list[str]:
        return calls.keep_run(made, {**held, **changed}, sample_run)

    return keep


def test_a_fault_of_the_journal_after_the_note_was_placed_is_a_notice(
    noted: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert noted() == []
    path = tmp_path / calls.NAMES["simulated"]
    path.write_text(path.read_text(encoding="utf-8").replace('"horizon":21', '"horizon":22', 1), encoding="utf-8")
    before = path.read_bytes()
    (said,) = noted()
    assert said.startswith("the note stands, but the journal could not be kept") and "was edited" in said
    assert path.read_bytes() == before


def test_calls_on_a_close_that_has_not_come_are_not_written_down(
    noted: Callable[..., list[str]], tmp_path: Path
) -> None:
    """The clock must be wrong; one that is right makes them live."""
    (said,) = noted(simulated=False, finished="2026-04-16T12:00:00+00:00")
    assert "clock says" in said
    assert not list(tmp_path.glob("*.jsonl"))
    noted(simulated=False, finished="2026-04-16T23:00:00+00:00")
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["journal.jsonl"]


def test_a_run_records_how_far_the_journals_went_and_why_it_is_revised(sample_run: Path) -> None:
    record = json.loads((sample_run / "run.json").read_text(encoding="utf-8"))
    assert record["journal"].keys() >= {"without"}
    made = plan.make(parameters.load(SAMPLE), out=sample_run.parents[1], project=ROOT)
    held = {**record, "parts": {**made.parts, "snapshot": "another"}}
    assert stamp.what_changed(held, made) == "changed: the record of calls"
    held["journal"] = {"without": "another"}
    assert stamp.what_changed(held, made) == "changed: data"
