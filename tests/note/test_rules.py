"""Each rule gives its verdict and its sentence when its condition holds, and never another."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import captions, claims, narrative, sentences
from tests.note.conftest import context
from tests.sections import inputs
from tests.sections.conftest import take

#: a finding by id and some of its settings, and what becomes of it
Change = tuple[str, dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """The findings of a day on which every input is held."""
    folder = tmp_path_factory.mktemp("told")
    inputs.facts(folder / "home")
    sources = inputs.written(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREADTHBOOK_HOME", str(folder / "home"))
        return inputs.every_finding(take(sources=sources, as_of=inputs.AS_OF, bootstrap_draws=200))


def altered(findings: Findings, changes: list[Change]) -> Findings:
    """The findings with some replaced; every change has to meet at least one."""
    out = list(findings)
    for id_, key, values in changes:
        places = [
            place
            for place, item in enumerate(out)
            if item.id == id_ and {**item.key, "subject": item.subject} | key == {**item.key, "subject": item.subject}
        ]
        assert places, (id_, key)
        for place in places:
            out[place] = Finding.from_json({**out[place].to_json(), **values})
    return Findings(out)


def value(id_: str, to: Any, /, **key: Any) -> Change:
    return id_, key, {"value": to}


UNKNOWN: dict[str, Any] = {"value": None, "low": None, "high": None}


def unknown(id_: str, /, **key: Any) -> Change:
    return id_, key, UNKNOWN


def between(id_: str, to: float, low: float, high: float, /, **key: Any) -> Change:
    return id_, key, {"value": to, "low": low, "high": high, "level": 0.95}


LINES = ("mid_mega_high", "equal_weight", "members", "net_new_highs", "cyclical_defensive")


def condition(name: str, is_met: bool | None) -> Change:
    return value("breadth.condition", is_met, condition=name)


USEFUL = [value("hedge.second_bet", False), value("hedge.variance_removed", 0.5)]
CONFIRMED = [value("breakout.is_new_high", True), value("breakout.close_confirmed", True)]
#: claim, what is changed, verdict, sentence
CASES: list[tuple[str, list[Change], str, str]] = [
    ("breadth_tell", [value("breadth.verdict", "broadening")], "holds", "breadth_tell.broad"),
    ("breadth_tell", [value("breadth.verdict", "recovering")], "does not hold", "breadth_tell.not_broad"),
    ("breadth_tell", [value("breadth.verdict", "mixed")], "does not hold", "breadth_tell.not_broad"),
    ("breadth_tell", [unknown("breadth.verdict")], "no data", "breadth_tell.no_lines"),
    *[
        ("breadth_tell", [value("breadth.verdict", "mixed"), *map(condition, LINES, states)], verdict, twin)
        for states, verdict, twin in (
            ((True, True, None, None, None), "no data", "breadth_tell.open"),
            ((True, False, True, None, False), "no data", "breadth_tell.open"),
            ((True, False, False, None, False), "does not hold", "breadth_tell.not_broad"),
            ((False, False, True, None, True), "does not hold", "breadth_tell.not_broad"),
            ((None, False, True, True, False), "no data", "breadth_tell.open"),
        )
    ],
    (
        "rotation",
        [
            value("breadth.rotation_score", 0.4),
            value("breadth.rotation_residual", 0.03),
            value("breadth.basket_excess", 0.02, basket="winners"),
            value("breadth.ratio_change", 0.02, window=63),
        ],
        "holds",
        "rotation.yes",
    ),
    *[
        (
            "rotation",
            [
                value("breadth.rotation_score", 0.4),
                value("breadth.rotation_residual", 0.03),
                value("breadth.basket_excess", 0.02, basket="winners"),
                value("breadth.ratio_change", gained, window=63),
            ],
            "inconclusive",
            "rotation.mega",
        )
        for gained in (-0.02, 0.0, None)
    ],
    (
        "rotation",
        [
            value("breadth.rotation_score", 0.4),
            value("breadth.rotation_residual", 0.03),
            value("breadth.basket_excess", -0.02, basket="winners"),
        ],
        "inconclusive",
        "rotation.small",
    ),
    (
        "rotation",
        [value("breadth.rotation_score", 0.4), value("breadth.rotation_residual", -0.03)],
        "does not hold",
        "rotation.no",
    ),
    ("rotation", [value("breadth.rotation_score", -0.1)], "does not hold", "rotation.no"),
    ("rotation", [unknown("breadth.rotation_score")], "no data", "rotation.unknown"),
    *[
        (
            name,
            [
                value("breadth.basket_excess", sign * one, basket=name),
                value("breadth.basket_residual", sign * two, basket=name),
            ],
            verdict,
            f"basket.{twin}",
        )
        for name, sign in (("winners", 1), ("losers", -1))
        for one, two, verdict, twin in (
            (0.02, 0.03, "holds", "yes"),
            (-0.02, -0.03, "does not hold", "no"),
            (0.02, -0.03, "inconclusive", "mixed"),
        )
    ],
    ("winners", [unknown("breadth.basket_excess", basket="winners")], "no data", "basket.unknown"),
    ("regime", [value("breadth.ratio_change", 0.05, window=252)], "holds", "regime.yes"),
    ("regime", [value("breadth.ratio_change", -0.05, window=252)], "does not hold", "regime.no"),
    ("regime", [unknown("breadth.ratio_change")], "no data", "regime.unknown"),
    ("etf_first", [value("breadth.who_leads", "fund first")], "leaning", "etf_first.fund"),
    ("etf_first", [value("breadth.who_leads", "members first")], "does not hold", "etf_first.members"),
    ("etf_first", [value("breadth.who_leads", "neither")], "cannot be tested", "etf_first.neither"),
    ("etf_first", [unknown("breadth.who_leads")], "no data", "etf_first.unknown"),
    *[
        (
            "persistence",
            [value("history.verdict", word), value("history.difference", size, era="all")],
            word,
            f"persistence.{twin}",
        )
        for word, size, twin in (
            ("supported", 0.01, "ahead"),
            ("contradicted", -0.01, "behind"),
            ("leaning", 0.01, "ahead"),
            ("leaning against", -0.01, "behind"),
            ("small", 0.001, "ahead"),
            ("faded", 0.004, "ahead"),
            ("inconclusive", -0.002, "behind"),
        )
    ],
    ("persistence", [value("history.verdict", "cannot be tested")], "cannot be tested", "persistence.few"),
    ("persistence", [unknown("history.difference"), unknown("history.events")], "no data", "persistence.no_data"),
    (
        "persistence",
        [unknown("history.difference", horizon=h) for h in (5, 10, 21, 42)] + [value("history.events", 6)],
        "cannot be tested",
        "persistence.few",
    ),
    (
        "calendar_effect",
        [value("history.month_end_verdict", "supported"), value("history.month_end_next", "2026-04-30")],
        "supported",
        "calendar_effect.due",
    ),
    (
        "calendar_effect",
        [
            value("history.month_end_verdict", "small"),
            unknown("history.month_end_next"),
            unknown("history.quarter_end_next"),
        ],
        "small",
        "calendar_effect.far",
    ),
    ("calendar_effect", [unknown("history.month_end")], "no data", "calendar_effect.no_data"),
    (
        "calendar_effect",
        [value("history.month_end_verdict", "cannot be tested")],
        "cannot be tested",
        "calendar_effect.few",
    ),
    ("stickiness", [between("history.drawdown_difference", -0.02, -0.03, -0.01)], "leaning", "stickiness.deeper"),
    ("stickiness", [between("history.drawdown_difference", 0.02, 0.01, 0.03)], "leaning against", "stickiness.milder"),
    ("stickiness", [between("history.drawdown_difference", 0.01, -0.01, 0.03)], "inconclusive", "stickiness.alike"),
    ("stickiness", [unknown("history.drawdown_difference")], "cannot be tested", "stickiness.few"),
    ("stickiness", [unknown("history.drawdown_base")], "no data", "stickiness.no_data"),
    *[
        (
            name,
            [
                value("risks.scenario_verdict", word, scenario=which),
                value("risks.scenario_difference", size, scenario=which),
            ],
            word,
            f"scenario.{twin}",
        )
        for name, which in (("risk_rates", "rates_up"), ("risk_credit", "credit_wider"), ("risk_data", "claims_up"))
        for word, size, twin in (
            ("supported", -0.01, "trails"),
            ("contradicted", 0.01, "leads"),
            ("leaning against", 0.01, "leads"),
            ("inconclusive", 0.0001, "level"),
        )
    ],
    *[
        (
            name,
            [
                unknown("risks.scenario_difference", scenario=which),
                value("risks.scenario_effective", windows, scenario=which),
            ],
            verdict,
            twin,
        )
        for name, which in (("risk_rates", "rates_up"), ("risk_credit", "credit_wider"), ("risk_data", "claims_up"))
        for windows, verdict, twin in (
            (4.2, "cannot be tested", "scenario.short"),
            (None, "no data", f"{name}.no_data"),
        )
    ],
    ("crowding", [("risks.crowding", {}, {"value": 0.85, "n": 3})], "holds", "crowding.yes"),
    ("crowding", [("risks.crowding", {}, {"value": 0.75, "n": 3})], "does not hold", "crowding.no"),
    ("crowding", [("risks.crowding", {}, {"value": 0.85, "n": 2})], "inconclusive", "crowding.parts"),
    ("crowding", [("risks.crowding", {}, {"value": 0.71, "n": 2})], "inconclusive", "crowding.parts"),
    ("crowding", [("risks.crowding", {}, {"value": 0.69, "n": 2})], "does not hold", "crowding.no"),
    ("crowding", [unknown("risks.most_crowded")], "no data", "crowding.no_data"),
    ("driver", [unknown("risks.flow")], "cannot be tested", "driver.no_flow"),
    ("driver", [value("risks.flow", 1e8)], "inconclusive", "driver.flow"),
    ("catalyst", [value("risks.reporting_weight", 0.06)], "does not hold", "catalyst.found"),
    ("catalyst", [value("risks.reporting_weight", 0.04)], "inconclusive", "catalyst.found"),
    ("catalyst", [value("risks.reporting_weight", 0.0)], "inconclusive", "catalyst.none"),
    ("catalyst", [unknown("risks.reporting_weight")], "no data", "catalyst.no_data"),
    ("revisions", [value("risks.price_z", 1.2), value("risks.revision_breadth", -0.1)], "holds", "revisions.yes"),
    ("revisions", [value("risks.price_z", 1.2), value("risks.revision_breadth", 0.1)], "does not hold", "revisions.no"),
    (
        "revisions",
        [value("risks.price_z", 0.8), value("risks.revision_breadth", -0.1)],
        "does not hold",
        "revisions.no",
    ),
    ("revisions", [unknown("risks.revision_breadth")], "no data", "revisions.no_data"),
    ("hedge", [*USEFUL, ("risks.crowding", {}, {"value": 0.85, "n": 3})], "holds", "hedge.yes"),
    ("hedge", [*USEFUL, ("risks.crowding", {}, {"value": 0.75, "n": 3})], "inconclusive", "hedge.not_crowded"),
    ("hedge", [*USEFUL, ("risks.crowding", {}, {"value": 0.85, "n": 2})], "inconclusive", "hedge.crowding_open"),
    ("hedge", [value("hedge.second_bet", True)], "does not hold", "hedge.second_bet"),
    ("hedge", [value("hedge.second_bet", None)], "cannot be tested", "hedge.no_rate"),
    ("hedge", [unknown("risks.most_crowded")], "no data", "hedge.no_data"),
    ("limited_downside", [*CONFIRMED, value("hedge.has_stop", True)], "holds", "limited_downside.stop"),
    ("limited_downside", [value("hedge.has_stop", True)], "does not hold", "limited_downside.not_entered"),
    ("limited_downside", [value("hedge.has_stop", False)], "does not hold", "limited_downside.no_stop"),
    *[
        ("sentiment", [value("risks.score", size), value("risks.score_label", word)], verdict, "sentiment.said")
        for size, word, verdict in (
            (0.2, "mildly positive", "holds"),
            (-0.2, "mildly negative", "does not hold"),
            (0.4, "moderately positive", "does not hold"),
            (0.0, "neutral", "does not hold"),
        )
    ],
    ("sentiment", [unknown("risks.score"), unknown("risks.score_label")], "no data", "sentiment.no_data"),
]
#: sentences of clauses that are told where breadth is not computed, or that test_claims.py and test_narrative.py reach
OF_THE_TAPE = ("new_high", "volume")
WITHOUT_BREADTH = tuple(f"breadth_tell.{twin}" for twin in ("unknown", "leads", "trails", "mixed", "split"))


@pytest.mark.parametrize(
    ("name", "changes", "verdict", "template"), CASES, ids=lambda item: item if isinstance(item, str) else ""
)
def test_the_rule_gives_its_verdict_and_its_sentence(
    told: Findings, name: str, changes: list[Change], verdict: str, template: str
) -> None:
    claim = claims.claim(name, altered(told, changes))
    assert (claim.verdict, claim.template) == (verdict, f"audit.{template}")
    assert claim.text and "None" not in claim.text and "  " not in claim.text
    assert set(claim.findings) <= {item.address for item in told}


def test_a_leg_that_removes_less_than_half_of_what_the_best_removes_is_no_hedge(told: Findings) -> None:
    crowded, best = str(told.value("risks.most_crowded")), str(told.value("hedge.best_leg"))
    assert crowded != best
    for share, verdict in ((0.39, "does not hold"), (0.41, "holds")):
        changes: list[Change] = [
            ("risks.crowding", {}, {"value": 0.85, "n": 3}),
            value("hedge.second_bet", False),
            value("hedge.variance_removed", 0.8, leg=best),
            value("hedge.variance_removed", share, leg=crowded),
        ]
        claim = claims.claim("hedge", altered(told, changes))
        assert (claim.verdict, claim.template == "audit.hedge.weak") == (verdict, verdict != "holds")


def test_every_sentence_of_the_audit_is_reached() -> None:
    reached = {template for _, _, _, template in CASES} | {"hedge.weak", "persistence.not_weeks"}
    written = {
        name.removeprefix("audit.")
        for name in sentences.templates()
        if name.startswith("audit.") and name.count(".") == 2 and not name.endswith(".what")
    }
    assert {name for name in written if name.split(".")[0] not in OF_THE_TAPE} == reached | set(WITHOUT_BREADTH)


def test_month_ends_are_the_cases_of_the_calendar_not_their_days(told: Findings) -> None:
    claim = claims.claim("calendar_effect", told)
    days = next(item.n for item in told if item.address == claim.findings[0])
    assert claim.n is not None and days is not None and 9 < days / claim.n < 11


@pytest.mark.parametrize(
    ("n", "halves", "confidence"),
    [
        (29, (0.01, 0.02), "low"),
        (30, (0.01, 0.02), "moderate"),
        (100, (0.01, 0.02), "high"),
        (100, (0.01, -0.02), "moderate"),
    ],
)
def test_confidence_counts_cases_and_asks_both_halves(
    told: Findings, n: int, halves: tuple[float, float], confidence: str
) -> None:
    before, after = halves
    changes: list[Change] = [
        value("history.verdict", "inconclusive"),
        ("history.difference", {"era": "all"}, {"value": 0.01, "n": n}),
        value("history.difference", before, era="before"),
        value("history.difference", after, era="after"),
    ]
    claim = claims.claim("persistence", altered(told, changes))
    assert (claim.n, claim.confidence) == (n, confidence)


@pytest.mark.parametrize(("horizons", "verdict"), [([1, 126], "cannot be tested"), ([1, 10], "inconclusive")])
def test_a_lead_for_weeks_is_judged_at_a_horizon_of_weeks(told: Findings, horizons: list[int], verdict: str) -> None:
    others = {5, 10, 21, 42} - {*horizons}
    kept = [item for item in told if item.key.get("horizon") not in others or not item.id.startswith("history.")]
    moved = [
        Finding.from_json({**item.to_json(), "key": {**item.key, "horizon": new}})
        for item in told
        if item.id == "history.difference" and item.key["horizon"] == 5
        for new in {*horizons} - {10}
    ]
    findings = altered(Findings([*kept, *moved]), [value("history.verdict", "inconclusive")])
    assert claims.claim("persistence", findings).verdict == verdict


def test_no_sentence_takes_a_side() -> None:
    words = ("bullish", "bearish", "attractive", "opportunity", "upside", "strong buy", "should buy", "recommend")
    text = resources.files("helpers.note").joinpath("sentences.toml").read_text(encoding="utf-8").lower()
    assert [word for word in words if word in text] == []


#: clauses whose verdict rests on a sign, what carries it, and the two verdicts that mirror each other
MIRRORED = [
    ("tape_move", "breakout.change", "holds", "does not hold"),
    ("winners", "breadth.basket_excess breadth.basket_residual", "holds", "does not hold"),
    ("losers", "breadth.basket_excess breadth.basket_residual", "does not hold", "holds"),
    ("regime", "breadth.ratio_change", "holds", "does not hold"),
]


@pytest.mark.parametrize(("name", "ids", "up", "down"), MIRRORED)
def test_a_mirrored_world_has_the_mirrored_verdict(told: Findings, name: str, ids: str, up: str, down: str) -> None:
    for size, verdict in ((0.03, up), (-0.03, down)):
        assert claims.claim(name, altered(told, [value(id_, size) for id_ in ids.split()])).verdict == verdict


@pytest.mark.parametrize("rule", ["excess", "drawdown", "level"])
def test_a_breakout_that_is_reversed_is_told_on_a_quiet_day_too(told: Findings, rule: str) -> None:
    size = {"excess": -0.031, "drawdown": -0.062, "level": -0.01}[rule]
    changes = [value(f"risks.trigger_{rule}", size, trigger=rule), value("risks.trigger_state", "met", trigger=rule)]
    for findings, is_told in ((told, False), (altered(told, changes), True)):
        note = narrative.compose(findings, claims.audit(findings), context(as_of=inputs.AS_OF))
        said = [part.text for part in note.closing if part.label == "Reversed."]
        assert bool(said) is is_told
    assert {"excess": "3.1 points behind", "drawdown": "down 6.2%", "level": "under the warning"}[rule] in said[0]


def test_a_board_that_open_conditions_could_still_turn_does_not_deny_broadening(told: Findings) -> None:
    changes = [value("breadth.verdict", "mixed"), *map(condition, LINES, (True, True, None, None, None))]
    said = captions.title(altered(told, changes), "breadth_conditions")
    assert "as far as known" in said and "not broadening" not in said


def test_on_a_day_without_an_entry_no_stop_is_said_to_lose(told: Findings) -> None:
    assert "Nothing is entered" in captions.title(told, "hedge_path")
    assert "costs" in captions.title(altered(told, CONFIRMED), "hedge_path")
