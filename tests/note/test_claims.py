"""Each clause has one verdict, and says so when it cannot be had."""

import pytest

from helpers.core.findings import Findings
from helpers.note import claims
from helpers.note.claims import Claim
from tests.note.conftest import stated
from tests.sections.conftest import TAPE


def verdicts(findings):
    return {claim.id: claim.verdict for claim in claims.audit(findings)}


def test_every_clause_is_audited_in_order(intraday):
    assert [claim.id for claim in claims.audit(intraday)] == list(claims.CLAUSES)
    assert len(claims.CLAUSES) == 26


def test_verdicts_come_from_the_closed_list(intraday, finished):
    for findings in (intraday, finished, Findings()):
        assert set(verdicts(findings).values()) <= set(claims.VERDICTS)


def test_a_clause_whose_section_did_not_finish_has_no_data(intraday):
    held = verdicts(intraday)
    assert {held[name] for name in ("persistence", "rotation", "risk_credit", "hedge")} == {"no data"}


def test_with_all_sections_every_clause_is_computed(whole):
    assert [name for name, verdict in verdicts(whole).items() if verdict == "not yet computed"] == []


@pytest.mark.parametrize("name", ["market_impact", "underallocation", "rerating", "funding"])
def test_what_no_free_source_tells_cannot_be_tested(intraday, name):
    assert verdicts(intraday)[name] == "cannot be tested"


def test_a_partial_day_is_never_active_trading(intraday):
    assert verdicts(intraday)["volume"] == "pending"


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("light", "does not hold"),
        ("normal", "does not hold"),
        ("elevated", "holds"),
        ("heavy", "holds"),
        (None, "no data"),
    ],
)
def test_active_trading_follows_the_word(finished, changed, word, verdict):
    assert verdicts(changed(finished, breakout__volume_word=word))["volume"] == verdict


@pytest.mark.parametrize(("change", "verdict"), [(0.01, "holds"), (0.0, "does not hold"), (-0.01, "does not hold")])
def test_up_on_the_day_follows_the_sign(finished, changed, change, verdict):
    assert verdicts(changed(finished, breakout__change=change))["tape_move"] == verdict


def test_an_open_day_without_a_high_is_pending():
    assert verdicts(stated(tape={**TAPE, "high": 72.40}))["new_high"] == "pending"


def test_a_lead_alone_is_not_breadth(finished, changed):
    leading = changed(finished, strength__excess=0.05, strength__stand_ins_differ=False)
    assert verdicts(leading)["breadth_tell"] == "inconclusive"


def test_trailing_every_stand_in_contradicts_the_tell(finished, changed):
    trailing = changed(finished, strength__excess=-0.05, strength__stand_ins_differ=False)
    assert verdicts(trailing)["breadth_tell"] == "does not hold"


def test_without_findings_the_computed_clauses_have_no_data():
    found = verdicts(Findings())
    assert {found[name] for name in ("new_high", "tape_move", "volume", "breadth_tell")} == {"no data"}


def test_a_claim_names_its_findings_and_their_base_rates(intraday):
    claim = next(item for item in claims.audit(intraday) if item.id == "new_high")
    addresses = {item.address for item in intraday}
    assert set(claim.findings) <= addresses
    assert "earlier first touches, 95% interval" in claim.text


def test_json_round_trip(intraday):
    for claim in claims.audit(intraday):
        assert Claim.from_json(claim.to_json()) == claim
