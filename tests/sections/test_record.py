"""What became of calls: read off complete windows only, counted by origin, and never from what came later."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.core.params import Params, replaced
from helpers.data import past_calls
from helpers.data.snapshot import Snapshot
from helpers.sections import record
from helpers.sections.history import history
from helpers.sections.outcome import Tape, resolve_on
from helpers.sections.section import Ledger
from tests.sections import inputs, oracle_calls
from tests.sections.conftest import take
from tests.sections.oracle import Page

DAYS = pd.bdate_range("2026-02-02", periods=40)
FLAT = np.full(40, 100.0)


def path(**moves: float) -> np.ndarray:
    """A price of 100 with the values given on days: d5=98.0."""
    line = FLAT.copy()
    for name, value in moves.items():
        line[int(name[1:])] = value
    return line


@pytest.fixture
def tape(from_bars):
    """Outcomes of the days 0 to 39, of closes by symbol; no dividends."""

    def made(**closes: np.ndarray) -> Tape:
        fields = ["open", "high", "low", "close"]
        rows = [
            pd.DataFrame({"date": DAYS, "symbol": name, **dict.fromkeys(fields, line), "volume": 1e6, "dividend": 0.0})
            for name, line in {"IJH": FLAT, "OEF": FLAT, **closes}.items()
        ]
        snapshot, _ = from_bars(pd.concat(rows, ignore_index=True), as_of=str(days()[-1]), mega_checks=[])
        return Tape(snapshot)

    return made


def days() -> list[str]:
    """The exchange's days among `DAYS`; one of them is a holiday."""
    return [str(day.date()) for day in DAYS if str(day.date()) != "2026-02-16"]


def call(kind: str, horizon: int = 5, start: int = 0, **terms: object) -> dict[str, object]:
    as_of = days()[start]
    return {
        "kind": kind,
        "subject": "IJH",
        "against": "OEF",
        "as_of": as_of,
        "resolve_on": resolve_on(as_of, horizon),
        "horizon": horizon,
        "terms": terms,
    }


def test_a_window_ends_on_a_trading_day():
    assert resolve_on("2026-02-13", 1) == "2026-02-17"
    assert resolve_on("2026-04-17", 21) == "2026-05-18"


def test_one_fund_beats_another_by_its_return_to_the_last_day_of_the_window(tape):
    assert tape(IJH=path(d5=101.0)).outcome(call("sentiment")).happened
    assert not tape(IJH=path(d4=150.0)).outcome(call("persistence")).happened
    assert not tape(IJH=path(d5=101.0), OEF=path(d5=102.0)).outcome(call("own")).happened


def test_a_tie_is_not_better(tape):
    found = tape().outcome(call("sentiment"))
    assert (found.happened, found.value) == (False, 0.0)


@pytest.mark.parametrize(("price", "happened"), [(98.0, True), (97.0, True), (98.01, False)])
def test_a_fall_to_the_limit_counts(tape, price, happened):
    fallen = tape(IJH=path(d3=price))
    assert fallen.outcome(call("drawdown", limit=-0.02)).happened is happened
    assert fallen.outcome(call("excess", limit=-0.02)).happened is happened


def test_a_fall_behind_is_against_the_other_fund(tape):
    both = tape(IJH=path(d3=90.0), OEF=path(d3=91.0))
    assert both.outcome(call("drawdown", limit=-0.02)).happened
    assert not both.outcome(call("excess", limit=-0.02)).happened


@pytest.mark.parametrize(("price", "happened"), [(97.0, True), (98.0, False)])
def test_a_close_at_the_warning_is_not_below_it(tape, price, happened):
    assert tape(IJH=path(d2=price)).outcome(call("level", limit=-0.02)).happened is happened


def test_what_happens_on_the_day_itself_or_after_the_window_does_not_count(tape):
    late = tape(IJH=path(d6=70.0))
    assert not late.outcome(call("drawdown", limit=-0.02)).happened
    before = tape(IJH=path(d0=70.0))
    assert not before.outcome(call("drawdown", start=1, limit=-0.02)).happened


def test_a_later_split_changes_no_outcome(tape):
    """A threshold is kept as a share of the close, so that the tape may be rescaled."""
    line = path(d2=97.5)
    for factor in (1.0, 0.25):
        assert tape(IJH=line * factor).outcome(call("level", limit=-0.02)).happened


def test_a_hedge_holds_if_the_position_moves_less_than_the_fund(tape):
    rng = np.random.default_rng(1)
    market = 100 * np.cumprod(1 + rng.normal(0, 0.01, 40))
    noise = 100 * np.cumprod(1 + rng.normal(0, 0.01, 40))
    held = tape(IJH=market, SPY=market, XLU=noise)
    good, bad = (held.outcome(call("hedge", 21, leg=leg, ratio=1.0)) for leg in ("SPY", "XLU"))
    assert good.happened and good.value == pytest.approx(-1.0)
    assert not bad.happened and bad.value > 0


def test_an_open_window_has_no_outcome_and_a_complete_one_has(tape):
    held, last = tape(IJH=path(d38=101.0)), len(days()) - 1
    assert held.outcome(call("sentiment", 5, start=last - 4)) is None
    assert held.outcome(call("sentiment", 5, start=last - 5)) is not None


def test_an_early_fall_is_not_told_before_the_window_is_over(tape):
    held, last = tape(IJH=path(d37=70.0)), len(days()) - 1
    assert held.outcome(call("drawdown", 30, start=last - 6, limit=-0.05)) is None


def test_a_price_that_is_missing_in_the_window_leaves_the_outcome_open(tape):
    assert tape(IJH=path(d3=np.nan)).outcome(call("drawdown", limit=-0.02)) is None
    assert tape().outcome({**call("sentiment"), "subject": "KRE"}) is None


def test_the_base_of_a_persons_call_is_known_on_its_day(tape):
    """Of the windows over by day 10 none was won; those that came later do not count."""
    later = FLAT.copy()
    later[12:] = 120.0
    found = tape(IJH=later).outcome(call("own", 3, start=10))
    assert found.happened and found.base == 0.0


# --- the record of a snapshot ---------------------------------------------------------------------------------------


OURS = record.settings_of(Params())


def with_calls(snapshot: Snapshot, *, origins=("simulated",)) -> Snapshot:
    return replace(snapshot, calls=past_calls.frame(oracle_calls.invented(snapshot.bars_to, origins, OURS)))


def stated(snapshot: Snapshot, params) -> dict:
    ledger = Ledger("history", subject="IJH", as_of=snapshot.bars_to, source="test")
    record.state(ledger, snapshot, params)
    return {(item.id, tuple(sorted(item.key.items()))): item for item in ledger.findings}


def test_every_number_of_live_and_replayed_calls_is_that_of_a_second_computation(sample):
    snapshot, params = sample
    real = replace(with_calls(snapshot, origins=("live", "replayed")), simulated=False)
    page = Page("history", "IJH", "")
    oracle_calls.record(page, real.calls.to_dict("records"), ("live", "replayed"), params.alpha)
    found = stated(real, params)
    assert len(found) == len(page)
    for (name, _, key), said in page.items():
        item = found[name, key]
        assert item.n == said.n or name.endswith(("_n", "windows")), (name, key)
        for field in ("value", "low", "high"):
            wanted = getattr(said, field)
            got = getattr(item, field)
            assert got == (pytest.approx(wanted, abs=1e-9) if isinstance(wanted, float) else wanted), (name, key, field)


def test_calls_of_another_origin_are_not_counted(sample):
    snapshot, params = sample
    both = with_calls(snapshot, origins=("simulated", "live", "replayed"))
    alone = with_calls(snapshot)
    assert stated(both, params).keys() == stated(alone, params).keys()
    n = ("history.record_n", (("kind", "all"), ("origin", "simulated")))
    simulated = both.calls[both.calls["origin"] == "simulated"]
    ours = simulated[(simulated["kind"] != "own") & (simulated["settings"] == OURS)]
    assert stated(both, params)[n].value == len(ours) < len(simulated[simulated["kind"] != "own"])


@pytest.mark.parametrize(("origin", "simulated"), [("simulated", True), ("replayed", False), ("live", False)])
def test_of_replayed_and_simulated_calls_those_of_other_settings_are_only_numbered(sample, origin, simulated):
    snapshot, params = sample
    held = replace(with_calls(snapshot, origins=(origin,)), simulated=simulated)
    is_own, is_ours = held.calls["kind"] == "own", held.calls["settings"] == OURS
    found = stated(held, params)
    others = found["history.record_others_n", (("origin", origin),)].value
    counted = found["history.record_n", (("kind", "all"), ("origin", origin))].value
    assert found["history.record_n", (("kind", "own"), ("origin", origin))].value == is_own.sum()
    assert others == (0 if origin == "live" else (~is_own & ~is_ours).sum())
    assert counted + others == (~is_own).sum()
    other = stated(held, replaced(params, beta_window=63))
    assert (other["history.record_n", (("kind", "all"), ("origin", origin))].value == 0) == (origin != "live")


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"window": 126}, False),
        ({"mega": "XLG", "mega_checks": []}, False),
        ({"hedge_legs": ["SPY"]}, False),
        ({"atr_multiple": 2.0}, False),
        ({"as_of": "2026-04-16", "bootstrap_draws": 200, "seed": 1, "correction": "bh"}, True),
        ({"note": {"name": "another"}, "disclosure": "none", "required": ["SPY"]}, True),
    ],
)
def test_settings_are_those_that_a_call_depends_on(change, is_same):
    assert (record.settings_of(replaced(Params(), **change)) == OURS) is is_same


# --- calls of people ------------------------------------------------------------------------------------------------


def said(n: int, seed: int = 7, *, share: float = 0.8, by: str = "ann") -> pd.DataFrame:
    """A person's calls that IJH beats OEF, windows side by side; each says its base, and as many come true."""
    happened = (np.random.default_rng(seed).uniform(size=n) < share).astype(float)
    line = pd.bdate_range("2010-01-04", periods=(n + 1) * 21)
    facts = {"origin": "live", "kind": "own", "by": by, "subject": "IJH", "against": "OEF", "horizon": 21}
    return past_calls.frame(
        [
            {
                "as_of": str(line[place * 21].date()),
                "resolve_on": str(line[place * 21 + 21].date()),
                "p": share,
                "base": share,
                "happened": happened[place],
                **facts,
            }
            for place in range(n)
        ]
    )


def other_way_round(rows: pd.DataFrame, every_other: int = 2) -> pd.DataFrame:
    """The same opinions, of every other call as a statement that the other fund wins."""
    is_turned = np.arange(len(rows)) % every_other == 1
    left = {name: rows[name].where(~is_turned, 1 - rows[name]) for name in ("p", "base", "happened")}
    subject = rows["subject"].where(~is_turned, rows["against"])
    return rows.assign(**left, subject=subject, against=rows["against"].where(~is_turned, rows["subject"]))


def scored(rows: pd.DataFrame) -> dict:
    ledger = Ledger("history", subject="ann", as_of="", source="test")
    record.state_kind(ledger, rows, {"origin": "live", "kind": str(rows["kind"].iloc[0])}, level=0.95)
    return {item.id.removeprefix("history.record_"): item for item in ledger.findings}


def test_which_fund_a_person_names_first_changes_no_score():
    """Who always says the base has no skill, though alternating sides makes every other outcome its opposite."""
    one, mixed = scored(said(124)), scored(other_way_round(said(124)))
    assert one["skill_word"].value == mixed["skill_word"].value == "none"
    parts = ("brier", "reliability", "resolution", "uncertainty", "base_brier", "skill", "base_skill")
    for name in parts:
        for field in ("value", "low", "high"):
            assert getattr(mixed[name], field) == pytest.approx(getattr(one[name], field), abs=1e-12), name


def test_what_came_true_is_of_calls_as_they_were_said():
    rows = other_way_round(said(124))
    found = scored(rows)
    assert found["share"].value == pytest.approx(rows["happened"].mean())
    assert found["mean_p"].value == pytest.approx(0.5)


def test_a_tie_is_a_miss_for_whoever_named_a_winner_and_turning_keeps_it_one():
    rows = said(40).assign(p=0.7, happened=0.0)
    turned = record.one_sided(rows.assign(subject="OEF", against="IJH"))
    assert set(turned["subject"]) == {"IJH"}
    assert set(turned["happened"]) == {1.0}
    assert ((turned["p"] - turned["happened"]) ** 2).tolist() == pytest.approx([0.49] * 40)


def test_calls_of_notes_are_turned_to_no_side():
    rows = said(3).assign(kind="sentiment", subject="OEF", against="IJH")
    pd.testing.assert_frame_equal(record.one_sided(rows), rows)


def test_a_base_that_is_not_known_stays_so_when_a_call_is_turned():
    rows = said(3).assign(base=np.nan, subject="OEF", against="IJH")
    assert record.one_sided(rows)["base"].isna().all()


def test_every_person_is_scored_apart_though_the_days_are_the_same(sample):
    """Who knows all stands beside who knows nothing; the name is the one first written."""
    snapshot, params = sample
    blind, seeing = said(60, share=0.5), said(60, share=0.5, by="bob")
    seeing = seeing.assign(p=np.where(seeing["happened"] == 1, 0.9, 0.1))
    seeing.loc[1:, "by"] = "BOB"
    both = pd.concat([blind, seeing], ignore_index=True).sort_values(["as_of", "by"], kind="stable", ignore_index=True)
    found = stated(replace(snapshot, simulated=False, calls=both), params)

    def of(what: str, **by: str):
        return found[f"history.record_{what}", tuple(sorted({"origin": "live", "kind": "own", **by}.items()))].value

    assert of("n") == 120
    assert (of("n", by="ann"), of("n", by="bob")) == (60, 60)
    for name, alone in (("ann", blind), ("bob", seeing)):
        assert {what: of(what, by=name) for what in ("skill", "brier")} == {
            what: scored(alone)[what].value for what in ("skill", "brier")
        }
    assert (of("skill_word", by="bob"), of("brier", by="bob")) == ("positive", pytest.approx(0.01))
    assert ("history.record_brier", (("kind", "own"), ("origin", "live"))) not in found


# --- what is measured against what ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["threshold", "pair", "length"])
def test_to_tell_a_likely_statement_from_an_unlikely_one_is_no_skill(by):
    """Calls that say the base, of two rules whose bases differ."""
    kinds = {"threshold": "drawdown", "pair": "own", "length": "own"}
    likely, unlikely = (said(124, seed, share=share).assign(kind=kinds[by]) for seed, share in ((1, 0.8), (4, 0.2)))
    if by == "threshold":
        likely, unlikely = likely.assign(limit=-0.02, settings="a"), unlikely.assign(limit=-0.05, settings="b")
    elif by == "pair":
        unlikely = unlikely.assign(subject="IWM", against="QQQ")
    else:
        unlikely = unlikely.assign(horizon=20)
    rows = pd.concat([likely.iloc[::2], unlikely.iloc[1::2]]).sort_index()
    found = scored(rows)
    assert found["skill_word"].value == "none"
    assert found["skill"].value < 0.05


def test_windows_that_nearly_all_came_out_alike_are_called_one_sided():
    rows = said(60, share=0.5).assign(kind="hedge", happened=1.0)
    rows.loc[:3, "happened"] = 0.0
    found = scored(rows)
    assert (found["skill_word"].value, found["skill"].value, found["windows"].value) == ("one-sided", None, 60)


@pytest.mark.parametrize(("count", "step", "word"), [(19, 21, "too few"), (20, 21, "none"), (60, 5, "too few")])
def test_under_twenty_windows_apart_no_skill_is_stated(sample, count, step, word):
    """Sixty weekly calls over 21 days are twelve windows."""
    snapshot, params = sample
    found = stated(replace(snapshot, calls=past_calls.frame(every(count, step))), params)
    key = (("kind", "sentiment"), ("origin", "simulated"))
    assert found["history.record_n", key].value == count
    assert found["history.record_skill_word", key].value == word
    assert (found["history.record_skill", key].value is None) == (word == "too few")
    assert found["history.record_base_skill", key].value == (None if word == "too few" else 0.0)
    assert (found["history.record_brier", key].value is None) == (count < 20)


def test_the_interval_of_a_share_is_that_of_the_windows_apart(sample):
    snapshot, params = sample
    found = stated(replace(snapshot, calls=past_calls.frame(every(100, 5))), params)
    key = (("kind", "sentiment"), ("label", "any"), ("origin", "simulated"))
    share = found["history.record_share", key]
    assert found["history.record_windows", key].value == share.n == 20
    assert (share.value, share.low, share.high) == (
        0.5,
        pytest.approx(0.2993, abs=1e-4),
        pytest.approx(0.7007, abs=1e-4),
    )


def every(count: int, step: int) -> list[dict]:
    """Calls of sentiment at even odds, one every `step` days; half of them, drawn at random, came true."""
    happened = np.random.default_rng(7).permutation(np.arange(count) % 2)
    line = pd.bdate_range("2010-01-04", periods=count * step + 22)
    at = [(str(line[place * step].date()), str(line[place * step + 21].date())) for place in range(count)]
    facts = {"origin": "simulated", "kind": "sentiment", "settings": OURS, "p": 0.5, "base": 0.5}
    return [
        {"as_of": made, "resolve_on": over, "happened": float(happened[place]), **facts}
        for place, (made, over) in enumerate(at)
    ]


def test_without_calls_every_origin_has_none(sample):
    found = stated(*sample)
    counts = [item.value for (name, _), item in found.items() if name == "history.record_n"]
    assert counts == [0] * 8


def test_the_groups_of_the_picture_hold_every_call_of_the_note_and_none_of_a_person(sample):
    snapshot, params = sample
    held = with_calls(snapshot)
    table = history(held, params).frames["reliability"]
    assert len(table) == 5
    assert table["n"].sum() == ((held.calls["kind"] != "own") & (held.calls["settings"] == OURS)).sum()
    assert (table["windows"] < table["n"]).all() and (table["windows"] > 5).all()


@pytest.mark.parametrize("day", ["2021-03-31", "2025-09-12"])
def test_a_record_is_the_one_on_what_was_resolved_by_its_day(sample, day):
    """Calls made on the day or later, or over only afterwards, do not enter a snapshot that is cut at it."""
    snapshot, params = sample
    cut = with_calls(snapshot).cut(day)
    assert len(cut.calls) > 20
    assert (cut.calls["resolve_on"] <= day).all() and (cut.calls["as_of"] < day).all()
    early = [row for row in oracle_calls.invented(snapshot.bars_to, ("simulated",), OURS) if row["resolve_on"] <= day]
    known = replace(snapshot.cut(day), calls=past_calls.frame(early))
    assert stated(cut, params) == stated(known, params)


def test_calls_are_part_of_the_snapshot_and_of_its_digest(tmp_path):
    snapshot, _ = take(as_of=inputs.AS_OF)
    held = with_calls(snapshot)
    assert held.digest != snapshot.digest
    held.write(tmp_path / "with")
    snapshot.write(tmp_path / "without")
    again = Snapshot.read(tmp_path / "with")
    pd.testing.assert_frame_equal(again.calls, held.calls, check_exact=True)
    assert again.digest == held.digest
    assert Snapshot.read(tmp_path / "without").calls.empty
    assert not (tmp_path / "without" / "calls.parquet").exists()
