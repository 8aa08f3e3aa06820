"""A replay makes the calls that notes would have made, keeps them apart, and adds nothing when it is repeated."""

import datetime as dt
import json
import random
import time

import pytest

from helpers.core import params as parameters
from helpers.core.findings import Findings
from helpers.data import calendar, intake
from helpers.data.cuts import Cuts
from helpers.note import calls as spoken
from helpers.runs import calls, journal, replay, tally
from helpers.sections import record
from helpers.sections.hedge import hedge
from helpers.sections.history import history
from helpers.sections.risks import risks
from helpers.sections.section import Ledger

TODAY = dt.date(2026, 11, 23)
SLIM = {"as_of": "2026-04-16", "bootstrap_draws": 200}


def taken(**values):
    params = parameters.parse({**SLIM, **values}, origin="test")
    return intake.take(params, today=TODAY), params


@pytest.fixture(scope="module")
def sample():
    return taken()


def of_sections(snapshot, params) -> list[spoken.Call]:
    """The calls of a note that runs whole sections."""
    findings = [item for section in (history, risks, hedge) for item in section(snapshot, params).findings]
    return spoken.made(Findings(findings))


def assert_equal_to_sections(snapshot, params, days) -> None:
    cuts, kinds = Cuts(snapshot), set()
    for day in days:
        replayed = replay.made_on(cuts, params, day)
        assert replayed == of_sections(snapshot.cut(day), params), day
        kinds |= {call.kind for call in replayed}
    assert {"sentiment", "hedge"} <= kinds


def test_a_replayed_day_has_the_calls_of_whole_sections(sample):
    assert_equal_to_sections(*sample, ["2026-04-10", "2025-11-07"])


def test_with_members_a_replay_makes_the_calls_of_a_note_of_each_day():
    """The members' bars of a note reach back some years from its own day, not from that of the replay."""
    with_members = {"sources": {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}}
    params = parameters.parse({**SLIM, **with_members}, origin="test")
    cuts = Cuts(intake.take(params, today=TODAY, since=replay.SINCE))
    for day in ("2012-06-01", "2016-06-03", "2019-06-07", "2021-06-04"):
        alone, settings = taken(**with_members, as_of=day)
        assert replay.made_on(cuts, params, day) == of_sections(alone, settings), day
        assert cuts.at(day).background.member_bars.equals(alone.background.member_bars)


FILES = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
MDY = {"mid": "MDY", "mega": "SPY", "market": "RSP", "mega_checks": []}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("files", "values"),
    [(FILES, {}), (FILES[:1], {"as_of": "2025-09-26"}), (FILES[:1], {"as_of": "2025-09-26", **MDY})],
)
def test_on_ten_random_days_of_real_bars_a_replay_equals_full_runs(shared_data, files, values):
    values = {**values, "sources": {"bars": [str(shared_data / name) for name in files]}}
    snapshot, params = taken(**values)
    days = replay.weeks(snapshot)
    assert len(days) > 1000
    chosen = random.Random(20260417).sample(days, 10)
    assert_equal_to_sections(snapshot, params, chosen)
    # the same in a note taken of the day alone; of two files the one that reaches its day gives the adjusted close,
    # so a cut of a later note may have another's
    for day in chosen if len(files) == 1 else ():
        alone, settings = taken(**{**values, "as_of": day})
        assert replay.made_on(Cuts(snapshot), params, day) == of_sections(alone, settings), day


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_weeks_of_one_pair_take_at_most_three_minutes_on_two_cores(shared_data):
    files = [str(shared_data / name) for name in FILES]
    snapshot, params = taken(sources={"bars": files})
    days = replay.weeks(snapshot)[-1000:]
    begun = time.monotonic()
    found = replay.walk(snapshot, params, days, jobs=2)
    assert time.monotonic() - begun <= 180
    assert len(found) == 1000 and all(found[-500:])


def test_weeks_end_on_their_last_trading_day_and_are_over(sample):
    days = replay.weeks(sample[0], "2026-03-30", "2026-04-16")
    # 3 April 2026 is Good Friday; the week of 16 April is not over
    assert days == ["2026-04-02", "2026-04-10"]


def test_two_processes_make_what_one_makes(sample):
    snapshot, params = sample
    days = replay.weeks(snapshot, "2025-06-01", "2025-12-31")
    assert len(days) > replay.CHUNK
    assert replay.walk(snapshot, params, days, jobs=2) == replay.walk(snapshot, params, days, jobs=1)


def test_no_call_is_made_where_the_history_is_too_short(sample):
    snapshot, params = sample
    first = str(snapshot.days[120].date())
    assert replay.made_on(Cuts(snapshot), params, first) == []


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """A journal of a replay of half a year, and what the replay said."""
    out = tmp_path_factory.mktemp("outputs")
    params = parameters.parse(SLIM, origin="test")
    return out, params, replay.replay(params, out=out, since="2025-10-01", jobs=1, today=TODAY)


def test_a_replay_on_simulated_prices_is_simulated_and_touches_no_other_journal(replayed):
    out, _, done = replayed
    assert done.origin == "simulated"
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == ["journal-simulated.jsonl"]
    lines, _ = calls.every(out)
    assert {line["origin"] for line in lines} == {"simulated"}
    assert len(lines) == done.calls == done.added


def test_a_replay_resolves_what_is_over_and_leaves_the_rest_open(replayed):
    lines, _ = calls.every(replayed[0])
    for line in lines:
        assert (line["happened"] is None) == (line["resolve_on"] > "2026-04-16")
    assert sum(line["happened"] is not None for line in lines) == replayed[2].resolved


def test_a_replay_repeated_changes_no_byte(replayed):
    out, params, _ = replayed
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    again = replay.replay(params, out=out, since="2025-10-01", jobs=1, today=TODAY)
    assert (again.added, again.resolved) == (0, 0)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_every_line_names_what_it_was_made_of(replayed):
    lines, _ = journal.read(replayed[2].path)
    made = [line for line in lines if line["type"] == "call"]
    for name in (
        "run_id",
        "as_of",
        "data",
        "params",
        "settings",
        "statement",
        "horizon",
        "p",
        "resolve_on",
        "method_version",
    ):
        assert all(line[name] for line in made), name
    assert all(calendar.is_trading_day(line["resolve_on"]) for line in made)
    assert not any("price" in name or "close" in name for line in made for name in line["terms"])


# --- what a note takes from the journal -----------------------------------------------------------------------------


def rows_of(snapshot) -> list[str]:
    return [json.dumps(row, sort_keys=True) for row in snapshot.calls.to_dict("records")]


def test_a_note_counts_calls_before_its_day_that_were_over_by_its_last_bar(replayed):
    out, params, _ = replayed
    day = "2026-01-30"
    snapshot, settings = taken(as_of=day)
    held = tally.with_record(snapshot, settings, out).snapshot
    assert len(held.calls) > 20
    assert (held.calls["as_of"] < day).all() and (held.calls["resolve_on"] <= day).all()
    whole = tally.with_record(taken()[0], params, out).snapshot
    assert rows_of(whole.cut(day)) == rows_of(held)


def test_whether_an_outcome_was_written_down_does_not_matter(replayed, tmp_path):
    out, params, done = replayed
    unresolved = [line for line in journal.read(done.path)[0] if line["type"] == "call"]
    bare = [{name: line[name] for name in line if name not in ("hash", "prev", "schema")} for line in unresolved]
    journal.append_new(tmp_path / done.path.name, lambda held: bare)
    snapshot = taken()[0]
    with_lines, without = (tally.with_record(snapshot, params, place).snapshot for place in (out, tmp_path))
    assert len(with_lines.calls) > 50
    assert with_lines.digest == without.digest


def test_calls_on_another_pair_or_by_another_method_are_not_counted(replayed):
    out, params, _ = replayed
    snapshot = taken()[0]
    other = parameters.replaced(params, mega="XLG", mega_checks=["OEF"])
    assert tally.with_record(snapshot, other, out).snapshot.calls.empty
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.METHOD_VERSION", "next")
        assert tally.with_record(snapshot, params, out).snapshot.calls.empty


def line(origin: str, p: float, **more) -> dict:
    call = spoken.Call("sentiment", "IJH beats OEF", "IJH", "OEF", "2026-01-30", 21, p, 0.5)
    return calls.line_of(call, origin=origin, made_at="2026-01-30T22:00:00+00:00", note="one", **more)


def test_the_same_call_is_not_written_twice_and_another_probability_is(tmp_path):
    path = tmp_path / "journal.jsonl"
    assert len(calls.keep(path, [line("live", 0.5)]).lines) == 1
    assert calls.keep(path, [line("live", 0.5, run_id="again")]).lines == []
    assert len(calls.keep(path, [line("live", 0.6)]).lines) == 1
    assert calls.keep(tmp_path / "other.jsonl", [line("live", 0.6)], beside=journal.read(path)[0]).lines == []


@pytest.mark.parametrize(("origin", "p"), [("live", 0.5), ("replayed", 0.7)])
def test_of_live_calls_the_first_counts_and_of_others_the_last(tmp_path, origin, p):
    path = tmp_path / "journal.jsonl"
    calls.keep(path, [line(origin, 0.5)])
    calls.keep(path, [line(origin, 0.7)])
    counted = tally.counted(calls.with_outcomes(journal.read(path)[0]))
    assert [item["p"] for item in counted] == [p]


@pytest.mark.parametrize(
    ("made_at", "origin"),
    [
        ("2026-04-17T01:00:00+00:00", "live"),
        ("2026-04-17T13:29:59+00:00", "live"),
        ("2026-04-17T13:30:00+00:00", "replayed"),
        ("2026-11-23T12:00:00+00:00", "replayed"),
    ],
)
def test_a_call_is_live_until_the_exchange_opens_again(made_at, origin):
    assert calls.origin_of("2026-04-16", made_at, simulated=False) == origin
    assert calls.origin_of("2026-04-16", made_at, simulated=True) == "simulated"


def test_over_a_weekend_and_a_holiday_a_call_is_live_until_the_next_opening():
    """3 April 2026 is Good Friday."""
    assert calls.origin_of("2026-04-02", "2026-04-06T13:00:00+00:00", simulated=False) == "live"
    assert calls.origin_of("2026-04-02", "2026-04-06T14:00:00+00:00", simulated=False) == "replayed"


@pytest.mark.parametrize(("origin", "p"), [("live", [0.5]), ("replayed", [0.5, 0.8]), ("simulated", [0.5, 0.8])])
def test_a_replay_with_other_settings_answers_a_question_of_its_own(tmp_path, origin, p):
    path = tmp_path / "journal.jsonl"
    first, second = line(origin, 0.5, settings="one"), line(origin, 0.8, settings="other")
    calls.keep(path, [first])
    calls.keep(path, [second])
    assert calls.keep(path, [first]).lines == []
    counted = tally.counted(calls.with_outcomes(journal.read(path)[0]))
    assert [item["p"] for item in counted] == p


def test_a_replay_with_other_settings_changes_no_number_of_the_record_but_that_of_the_others(tmp_path):
    span = {"since": "2025-09-01", "until": "2025-12-05", "jobs": 1, "today": TODAY}
    params = parameters.parse(SLIM, origin="test")
    replay.replay(params, out=tmp_path, **span)
    snapshot = taken()[0]
    before = numbers(tally.with_record(snapshot, params, tmp_path).snapshot, params)
    other = parameters.replaced(params, beta_window=63, reversal_drawdown=-3.0)
    replay.replay(other, out=tmp_path, **span)
    after = numbers(tally.with_record(snapshot, params, tmp_path).snapshot, params)
    assert before.pop("history.record_others_n | origin=simulated") == 0
    assert after.pop("history.record_others_n | origin=simulated") > 20
    assert after == before


def numbers(snapshot, params) -> dict[str, object]:
    ledger = Ledger("history", subject="IJH", as_of=snapshot.bars_to, source="test")
    record.state(ledger, snapshot, params)
    return {f"{item.id} | {' '.join(f'{k}={v}' for k, v in item.key.items())}": item.value for item in ledger.findings}


def test_a_day_is_a_day_however_it_is_written(sample):
    snapshot = sample[0]
    assert replay.weeks(snapshot, "20260330", "20260416") == replay.weeks(snapshot, "2026-03-30", "2026-04-16")


# --- how far a journal went -----------------------------------------------------------------------------------------


def test_a_note_records_how_far_each_journal_went_and_the_next_one_compares(replayed, tmp_path):
    out, params, done = replayed
    snapshot = taken()[0]
    lines = journal.read(done.path)[0]
    recorded = tally.with_record(snapshot, params, out)
    assert recorded.seen == {done.path.name: {"lines": len(lines), "hash": lines[-1]["hash"]}}
    assert recorded.notices == []
    place = tmp_path / done.path.name
    place.write_bytes(done.path.read_bytes())
    run = tmp_path / params.note.name / "2026-04-16" / "run.json"
    run.parent.mkdir(parents=True)
    run.write_text(json.dumps({"journal": recorded.seen}), encoding="utf-8")
    (said,) = tally.with_record(snapshot, params, tmp_path).notices
    assert "cannot be vouched for" in said
    place.write_bytes(b"".join(done.path.read_bytes().splitlines(keepends=True)[:-3]))
    _, lost = tally.with_record(snapshot, params, tmp_path).notices
    assert f"read {len(lines)} lines" in lost and f"({len(lines) - 3})" in lost
    place.unlink()
    (gone,) = tally.with_record(snapshot, params, tmp_path).notices
    assert "(0)" in gone
