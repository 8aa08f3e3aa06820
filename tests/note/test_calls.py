"""The calls of a note: each from its own finding, none without a probability, no price in any."""

import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import calls

DAY = "2026-04-16"
PAIR = {"against": "OEF (simulated)"}


def finding(name: str, value, unit: str = "fraction", subject: str = "IJH (simulated)", **key) -> Finding:
    return Finding(id=name, subject=subject, value=value, unit=unit, as_of=DAY, key=key)


def all_findings() -> list[Finding]:
    found = [
        finding("risks.score_probability", 0.55, horizon=21, **PAIR),
        finding("risks.score_base_rate", 0.5, horizon=21, **PAIR),
        finding("risks.score_label", "mildly positive", "label"),
        finding("history.call_probability", 0.45, call="persistence", horizon=21, **PAIR),
        finding("history.call_probability_base", 0.49, call="persistence", horizon=21, **PAIR),
        finding("hedge.call_probability", 0.97, call="hedge", horizon=21, **PAIR),
        finding("hedge.call_probability_base", 0.8, call="hedge", horizon=21, **PAIR),
        finding("hedge.best_leg", "SPY (simulated)", "label"),
        finding("hedge.ratio", 0.9, "multiple", leg="XLU (simulated)", window=126),
        finding("hedge.ratio", 1.02, "multiple", leg="SPY (simulated)", window=126),
    ]
    for rule, limit in (("excess", -0.02), ("drawdown", -0.05), ("level", -0.031)):
        found.append(finding("risks.call_probability", 0.3, call=rule, horizon=30, **PAIR))
        found.append(finding("risks.call_probability_base", 0.25, call=rule, horizon=30, **PAIR))
        found.append(finding("risks.call_threshold", limit, call=rule, horizon=30, **PAIR))
    return found


def made(*, without: tuple[str, ...] = (), unknown: str = "") -> dict[str, calls.Call]:
    kept = [item for item in all_findings() if item.id not in without]
    kept = [Finding(**{**item.to_json(), "value": None}) if item.id == unknown else item for item in kept]
    return {call.kind: call for call in calls.made(Findings(kept))}


def test_every_kind_is_made_in_its_order_with_its_statement():
    assert {kind: call.statement for kind, call in made().items()} == {
        "sentiment": "IJH (simulated) beats OEF (simulated) over 21 trading days",
        "persistence": "IJH (simulated) beats OEF (simulated) over 21 trading days",
        "excess": "IJH (simulated) falls 2.0% or more behind OEF (simulated) within 30 trading days",
        "drawdown": "IJH (simulated) falls 5.0% or more within 30 trading days",
        "level": "IJH (simulated) closes below the warning, 3.1% lower, within 30 trading days",
        "hedge": "selling 1.02 of SPY (simulated) against IJH (simulated) lowers the variance of the next "
        "21 trading days",
    }
    assert list(made()) == [kind for kind in calls.KINDS if kind != "own"]


def test_a_call_has_what_its_outcome_needs_by_symbol():
    found = made()
    assert {(call.subject, call.against, call.as_of) for call in found.values()} == {("IJH", "OEF", DAY)}
    assert found["hedge"].terms == {"leg": "SPY", "ratio": 1.02}
    assert {kind: found[kind].terms for kind in ("excess", "drawdown", "level")} == {
        "excess": {"limit": -0.02},
        "drawdown": {"limit": -0.05},
        "level": {"limit": -0.031},
    }
    assert (found["sentiment"].p, found["sentiment"].base, found["sentiment"].label) == (0.55, 0.5, "mildly positive")
    assert (found["hedge"].horizon, found["level"].horizon) == (21, 30)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("risks.score_probability", {"sentiment"}),
        ("history.call_probability", {"persistence"}),
        ("risks.call_probability", {"excess", "drawdown", "level"}),
        ("risks.call_threshold", {"excess", "drawdown", "level"}),
        ("hedge.ratio", {"hedge"}),
        ("hedge.best_leg", {"hedge"}),
    ],
)
def test_without_a_probability_or_what_tells_the_outcome_there_is_no_call(name, gone):
    assert set(made()) - set(made(without=(name,))) == gone
    assert set(made()) - set(made(unknown=name)) == gone


def test_an_unknown_base_or_label_leaves_the_call():
    found = made(without=("risks.score_base_rate", "risks.score_label"))
    assert (found["sentiment"].base, found["sentiment"].label) == (None, "")


def test_without_findings_there_are_no_calls():
    assert calls.made(Findings()) == []
