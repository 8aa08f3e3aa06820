"""What is not there takes away the clauses that need it, and nothing else: every other claim is the very same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from helpers.core.findings import Findings
from helpers.note import claims
from helpers.note.claims import Claim
from tests.sections import inputs
from tests.sections.conftest import take

UNSAID = {"no data", "cannot be tested"}
PRICES = ["open", "high", "low", "close", "dividend"]
FACTS = ("shares", "holdings", "estimates", "events")


class Note(NamedTuple):
    """What a note says: findings, and the claim of each clause by its name."""

    findings: Findings
    claims: dict[str, Claim]


Desk = Callable[..., Note]


def without(*symbols: str) -> pd.DataFrame:
    return inputs.funds()[lambda table: ~table["symbol"].isin(symbols)]


def since(symbol: str, day: str) -> pd.DataFrame:
    return inputs.funds()[lambda table: (table["symbol"] != symbol) | (table["date"] >= day)]


def falling(bars: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """The fund's prices on a way down, so that they hardly ever make a high."""
    out = bars.copy()
    rows = out["symbol"] == symbol
    way = np.exp(-0.0008 * np.arange(rows.sum()))
    out.loc[rows, PRICES] = out.loc[rows, PRICES].mul(way, axis=0)
    return out


FUNDS: dict[str, Callable[[], pd.DataFrame]] = {
    "whole": inputs.funds,
    "without KRE": lambda: without("KRE"),
    "without VNQ": lambda: without("VNQ"),
    "half a year of IJH": lambda: since("IJH", "2025-11-03"),
    "MDY the longest": lambda: since("IJH", "2012-01-03"),
    "MDY the longest, falling": lambda: falling(since("IJH", "2012-01-03"), "MDY"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Makes the note with every input but those named: a fact of the day, a source, or bars of a fund."""
    folder = tmp_path_factory.mktemp("inputs")
    written = inputs.written(folder / "whole")

    @cache
    def made(*gone: str, funds: str = "whole") -> Note:
        sources: dict[str, Any] = {**written}
        sources |= {name: type(sources[name])() for name in gone if name in sources}
        if funds != "whole":
            (folder / funds).mkdir(exist_ok=True)
            sources["bars"] = [str(folder / funds / "funds.parquet")]
            FUNDS[funds]().to_parquet(sources["bars"][0], index=False)
        facts = tuple(name for name in gone if name in FACTS)
        home = folder / "-".join(("home", *facts))
        if not home.exists():
            inputs.facts(home, without=facts)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BREADTHBOOK_HOME", str(home))
            taken = take(sources=sources, as_of=inputs.AS_OF, bootstrap_draws=200)
        findings = inputs.every_finding(taken)
        return Note(findings, {claim.id: claim for claim in claims.audit(findings)})

    return made


def altered(one: Note, other: Note) -> set[str]:
    """Clauses of which the two notes do not say the very same: verdict, sentence, findings, size, interval."""
    assert one.claims.keys() == other.claims.keys()
    return {name for name in one.claims if one.claims[name] != other.claims[name]}


def addresses(note: Note) -> set[str]:
    return {item.address for item in note.findings}


@pytest.mark.parametrize(
    ("gone", "unsaid", "beside"),
    [
        # the spread measured on the published series gives credit its scale; without it a constant does
        (("macro",), {"risk_data"}, {"risk_credit"}),
        # of five conditions of breadth two are counted over members
        (("members", "members_bars"), {"etf_first"}, {"breadth_tell", "sentiment"}),
        (("members_bars",), {"etf_first"}, {"breadth_tell", "sentiment"}),
        (("shares",), {"driver"}, set()),
        # of the score's parts the others are left
        (("estimates",), {"revisions"}, {"sentiment"}),
        (("events",), {"catalyst"}, set()),
        (("holdings",), {"catalyst", "revisions"}, {"sentiment"}),
        (("calendar",), set(), set()),
    ],
)
def test_an_input_not_given_takes_its_clauses_and_leaves_every_other(
    desk: Desk, gone: tuple[str, ...], unsaid: set[str], beside: set[str]
) -> None:
    whole, bare = desk(), desk(*gone)
    for name in unsaid:
        assert bare.claims[name].verdict in UNSAID
        assert whole.claims[name].verdict in {*claims.VERDICTS} - {"no data"}
    assert altered(whole, bare) == unsaid | beside
    assert {bare.claims[name].verdict for name in beside} & {"no data", "not yet computed"} == set()
    for name in gone:
        assert bare.findings.value("coverage.input", input=name) == "missing"
        assert whole.findings.value("coverage.input", input=name) == "fresh"


def test_with_every_input_these_clauses_are_said(desk: Desk) -> None:
    """What the others lose, this one has."""
    said = desk().claims
    for name in ("risk_data", "driver", "revisions", "catalyst", "persistence", "winners", "rotation"):
        assert said[name].verdict not in UNSAID, name
    assert [name for name, claim in said.items() if claim.verdict == "no data"] == []


def test_without_published_spreads_the_scale_of_credit_is_a_constant_and_says_so(desk: Desk) -> None:
    for gone, word in (((), "measured"), (("macro",), "constant")):
        said = desk(*gone).findings.get("risks.scenario_difference", scenario="credit_wider")
        assert said is not None and word in said.basis


def test_without_members_fewer_conditions_are_counted(desk: Desk) -> None:
    bare = desk("members", "members_bars")
    assert "of 3 conditions" in bare.claims["breadth_tell"].text
    assert "of 5 conditions" in desk().claims["breadth_tell"].text


def test_a_fund_younger_than_its_window_has_no_high_and_no_past_of_its_own(desk: Desk) -> None:
    whole, young = desk(), desk(funds="half a year of IJH")
    unsaid = {"new_high", "risk_rates", "risk_credit", "risk_data", "hedge"}
    assert {young.claims[name].verdict for name in unsaid} == {"no data", "cannot be tested"}
    # the past is told by the pair that has one, and the volume, the baskets and the facts of the day stand
    past = {"persistence", "calendar_effect", "stickiness"}
    assert "MDY" in young.claims["persistence"].text
    assert altered(whole, young) == unsaid | past | {"driver", "etf_first", "breadth_tell", "sentiment"}
    assert {young.claims[name].verdict for name in past} & {"no data"} == set()


@pytest.mark.parametrize(
    ("funds", "clause", "denied"),
    [
        ("half a year of IJH", "risk_rates", "No 10-year yield is held"),
        ("half a year of IJH", "risk_credit", "No credit fund is held"),
        ("half a year of IJH", "risk_data", "No jobless claims are held"),
        ("MDY the longest, falling", "stickiness", "no history of highs"),
    ],
)
def test_a_clause_without_data_does_not_deny_what_is_held(desk: Desk, funds: str, clause: str, denied: str) -> None:
    assert denied not in desk(funds=funds).claims[clause].text


def test_fewer_than_ten_events_cannot_be_tested(desk: Desk) -> None:
    plenty, few = desk(funds="MDY the longest"), desk(funds="MDY the longest, falling")
    assert "MDY" in plenty.claims["persistence"].text
    assert plenty.claims["persistence"].verdict not in UNSAID
    said = few.claims["persistence"]
    held = few.findings.get("history.events", subject="MDY", against="SPY")
    assert held is not None and isinstance(held.value, int) and held.value < 10
    assert said.verdict == "cannot be tested"
    assert few.claims["stickiness"].verdict in UNSAID
    assert altered(plenty, few) == {"persistence", "stickiness"}


def test_a_fund_of_a_basket_without_a_row_leaves_its_basket_unknown(desk: Desk) -> None:
    whole, bare = desk(), desk(funds="without KRE")
    assert bare.claims["winners"].verdict == bare.claims["rotation"].verdict == "no data"
    assert altered(whole, bare) == {"winners", "rotation", "breadth_tell"}
    assert "of 4 conditions" in bare.claims["breadth_tell"].text
    assert bare.findings.value("coverage.status", subject="KRE") == "missing"


def test_a_hedge_leg_without_a_row_leaves_every_claim_as_it_was(desk: Desk) -> None:
    whole, bare = desk(), desk(funds="without VNQ")
    assert altered(whole, bare) == set()
    assert bare.findings.value("hedge.ratio", leg="VNQ") is None
    assert whole.findings.value("hedge.ratio", leg="VNQ") is not None
    for leg in ("SPY", "OEF", "XLP", "XLU", "SPLV"):
        for what in ("ratio", "variance_removed", "carry", "rate_beta"):
            assert bare.findings.get(f"hedge.{what}", leg=leg) == whole.findings.get(f"hedge.{what}", leg=leg)


@pytest.mark.parametrize("gone", [("macro",), ("members", "members_bars"), FACTS])
def test_what_is_not_known_is_stated_as_unknown_and_never_left_out(desk: Desk, gone: tuple[str, ...]) -> None:
    assert addresses(desk(*gone)) == addresses(desk())
