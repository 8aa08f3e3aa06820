"""The section on the record: whose calls a row counts, and what a name may do to the page."""

import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import record


def counted(n: int, **key: str) -> Finding:
    return Finding("history.record_n", "IJH", n, "count", "2026-04-17", {"origin": "live", "kind": "own", **key})


def word_of(said: str, **key: str) -> Finding:
    place = {"origin": "live", "kind": "own", **key}
    return Finding("history.record_skill_word", "IJH", said, "label", "2026-04-17", place)


def test_every_person_has_a_row_with_a_score_of_their_own():
    people = [counted(9), counted(4, by="ann"), counted(5, by="Bob"), counted(0, by="eve")]
    findings = Findings([*people, word_of("none", by="ann"), word_of("positive", by="Bob")])
    rows = [(row[0], row[1], row[-1]) for row in record.rows(findings)]
    assert rows == [
        ("ann's own, made on the day", "4", "none"),
        ("Bob's own, made on the day", "5", "positive"),
    ]
    said = [item.text for item in record.sentences(findings)]
    assert [text for text in said if "people" in text] == ["9 calls of people have been resolved."]


def test_a_record_without_names_has_one_row_for_all_people():
    assert [row[:2] for row in record.rows(Findings([counted(3)]))] == [("A person's own, made on the day", "3")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a|b", r"a\|b's own"),
        ("<b>ann</b>", r"\<b\>ann\</b\>'s own"),
        ("[ann](x)", r"\[ann\](x)'s own"),
        (r"a\n", r"a\\n's own"),
        ("*ann_", r"\*ann\_'s own"),
    ],
)
def test_a_name_is_printed_as_it_was_typed(name, shown):
    findings = Findings([counted(3), counted(3, by=name)])
    assert f"| {shown}, made on the day | 3 |" in record.markdown(findings)[-1]
    assert record.rows(findings)[0][0] == f"{name}'s own, made on the day"


def test_the_text_above_the_table_gives_both_reasons_for_which_no_skill_is_stated():
    how = record.sentences(Findings([counted(3)]))[-1].text
    assert "too few" in how and "one-sided" in how
