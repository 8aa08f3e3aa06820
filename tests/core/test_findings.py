"""A finding prints within its rounding, survives JSON, and is found again by what tells it apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.core.findings import Finding, Findings


def finding(value=0.0119, unit="fraction", **facts) -> Finding:
    return Finding("breakout.change", "IJH", value, unit, "2026-04-17", **facts)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0119, "fraction", "1.2%"),
        (-0.0004, "fraction", "0.0%"),
        (72.559998, "price", "72.56"),
        (710805, "shares", "710,805"),
        (-0.0312, "points", "-3.1 points"),
        (1.456, "multiple", "1.46x"),
        (51_419_634.0, "money", "51.4 million"),
        (912.4, "money", "912"),
        ("2026-02-20", "date", "20 February 2026"),
        (True, "bool", "yes"),
        ("heavy", "label", "heavy"),
        (None, "price", "not known"),
    ],
)
def test_text_by_unit(value, unit, text):
    assert finding(value, unit).text() == text


def test_a_sign_is_printed_only_where_the_rounded_number_has_one():
    assert finding(0.012).text(signed=True) == "+1.2%"
    assert finding(0.0001).text(signed=True) == "0.0%"
    assert finding(-0.012).text(absolute=True) == "1.2%"


def test_nan_is_unknown_not_a_number():
    assert finding(float("nan")).value is None


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="unit 'dollars' is not one of"):
        finding(1.0, "dollars")


@given(
    st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    st.dictionaries(st.sampled_from(["window", "against", "era"]), st.integers() | st.text(max_size=5)),
)
def test_json_round_trip_is_exact(value, key):
    stated = finding(value, "score", key=key, n=41, low=0.1, high=0.2, level=0.95)
    assert Finding.from_json(json.loads(json.dumps(stated.to_json()))) == stated


def test_interval_text_shares_the_unit():
    assert finding(0.6, low=0.521, high=0.719).interval_text() == "52.1 to 71.9%"


def test_the_same_address_twice_is_refused():
    with pytest.raises(ValueError, match="stated twice"):
        Findings([finding(), finding(0.2)])


def test_look_up_by_settings():
    held = Findings([finding(1.0, key={"window": 5}), finding(2.0, key={"window": 21})])
    assert held.value("breakout.change", window=21) == 2.0
    assert held.get("breakout.change", window=63) is None


def test_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema 99 found, 1 needed"):
        Findings.from_json({"schema": 99, "findings": []})
