"""Which calls are one question, and which are scored together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import helpers
from helpers.core import params as parameters
from helpers.core.params import replaced
from helpers.runs import calls, journal_screen, plan, tally
from helpers.runs.journal import Line
from tests.runs.conftest import ROOT

DAYS = [str(day.date()) for day in pd.bdate_range("2014-01-06", periods=125 * 21)[::21]]


def line(place: int, **said: Any) -> Line:
    """A live call whose window is over, of the pair IJH and OEF unless another is named."""
    return {
        "type": "call",
        "method_version": helpers.METHOD_VERSION,
        "origin": "live",
        "by": calls.MACHINE,
        "kind": "sentiment",
        "subject": "IJH",
        "against": "OEF",
        "as_of": DAYS[place],
        "resolve_on": DAYS[place + 1],
        "horizon": 21,
        "p": 0.5,
        "base": 0.5,
        "label": "",
        "settings": "a",
        "terms": {},
        "happened": None,
    } | said


def won(seed: int, share: float, **said: Any) -> list[Line]:
    """124 calls that say the base, which is as often true."""
    happened = np.random.default_rng(seed).uniform(size=124) < share
    return [line(place, p=share, base=share, happened=bool(happened[place]), **said) for place in range(124)]


def scored(held: list[Line]) -> list[dict[str, Any]]:
    return [row for row in journal_screen.scores(held) if row["kind"] != "all"]


@pytest.mark.parametrize("who", [{}, {"kind": "own", "by": "ann"}])
def test_calls_on_two_pairs_are_not_scored_together(who: dict[str, str]) -> None:
    first, second = won(1, 0.8, **who), won(2, 0.2, subject="IWM", against="QQQ", **who)
    alone = [*scored(first), *scored(second)]
    rows = scored([*first, *second])
    assert [(row["pair"], row["calls"], row["windows"]) for row in rows] == [
        ("IJH/OEF", 124, 124),
        ("IWM/QQQ", 124, 124),
    ]
    assert [row["skill"] for row in rows] == [row["skill"] for row in alone]
    assert [row["verdict"] for row in rows] == ["none", "none"]


def test_a_person_who_names_now_one_now_the_other_of_a_pair_gets_one_row_and_no_skill_from_it() -> None:
    held = won(3, 0.8, kind="own", by="ann")
    turned = {"subject": "OEF", "against": "IJH"}
    mixed = [
        item | turned | {"p": 1 - item["p"], "base": 1 - item["base"], "happened": not item["happened"]}
        if place % 2
        else item
        for place, item in enumerate(held)
    ]
    (row,), (one,) = scored(mixed), scored(held)
    assert (row["pair"], row["calls"], row["verdict"]) == ("IJH/OEF", 124, "none")
    for name in ("skill", "brier", "reliability", "resolution", "uncertainty"):
        assert row[name] == pytest.approx(one[name])


@pytest.mark.parametrize("noted", [("IJH", "DIA"), ("DIA", "IJH")])
def test_a_persons_row_stands_beside_those_of_notes_on_the_pair(noted: tuple[str, str]) -> None:
    pair = {"subject": noted[0], "against": noted[1]}
    own = line(0, kind="own", by="ann", subject="IJH", against="DIA", happened=True)
    assert {row["pair"] for row in scored([line(0, happened=True, **pair), own])} == {"/".join(noted)}
    assert scored([own])[0]["pair"] == "DIA/IJH"


def test_the_title_of_each_table_names_its_pair(capsys: pytest.CaptureFixture[str]) -> None:
    held = [line(0, happened=True), line(0, happened=True, subject="IWM", against="QQQ")]
    journal_screen.score(held, notices=[], as_json=False)
    shown = capsys.readouterr().out
    assert shown.count("Made on the day, IJH/OEF, method version") == 1
    assert shown.count("Made on the day, IWM/QQQ, method version") == 1


def test_two_thresholds_are_two_questions_wherever_they_were_asked() -> None:
    for origin in ("live", "replayed"):
        held = [
            line(0, kind="drawdown", origin=origin, settings=settings, terms={"limit": limit})
            for settings, limit in (("a", -0.05), ("b", -0.02))
        ]
        assert tally.counted(held) == held


@pytest.mark.parametrize(
    ("kind", "terms", "again"),
    [
        ("sentiment", {}, {}),
        ("drawdown", {"limit": -0.05}, {"limit": -0.05}),
        ("level", {"limit": -0.031234}, {"limit": -0.031231}),
        ("hedge", {"leg": "SPY", "ratio": 0.91}, {"leg": "SPY", "ratio": 0.91}),
    ],
)
def test_of_live_calls_on_one_question_the_first_counts_whatever_the_settings(
    kind: str, terms: dict[str, Any], again: dict[str, Any]
) -> None:
    first = line(0, kind=kind, terms=terms, settings="a", p=0.4)
    assert tally.counted([first, line(0, kind=kind, terms=again, settings="b", p=0.6)]) == [first]


def test_a_replay_made_again_on_revised_bars_takes_the_place_of_the_first() -> None:
    first, again = (line(0, kind="level", origin="replayed", terms={"limit": limit}) for limit in (-0.031, -0.036))
    assert tally.counted([first, again]) == [again]


def test_a_note_counts_no_call_of_a_note_on_the_pair_the_other_way_round(tmp_path: Path) -> None:
    """That mega caps fall is another statement than that the fund does; a person's call is turned instead."""
    params = replaced(parameters.load(ROOT / "params" / "sample.yaml"), mid="IJH", mega="OEF")
    snapshot = plan.take(params)
    held = [
        calls.line_of(call, origin="simulated", made_at="2025-06-14T12:00:00+00:00", by=by)
        for by, kind in ((calls.MACHINE, "sentiment"), ("ann", "own"))
        for subject, against in (("IJH", "OEF"), ("OEF", "IJH"))
        for call in [calls.Call(kind, "", subject, against, "2025-06-16", 21 if subject == "IJH" else 20, 0.6)]
    ]
    calls.keep(tmp_path / calls.NAMES["simulated"], held)
    found = tally.with_record(snapshot, params, tmp_path).snapshot.calls
    assert sorted(zip(found["kind"], found["subject"], strict=True)) == [
        ("own", "IJH"),
        ("own", "OEF"),
        ("sentiment", "IJH"),
    ]
