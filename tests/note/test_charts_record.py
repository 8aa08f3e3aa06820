"""The picture of the record: a row a group with its count, in words too, at both sizes and without calls."""

import pandas as pd
import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import captions, charts, record
from tests.note.test_charts import spec_of, values

WORDS = {"title": "120 replayed calls resolved", "subtitle": "To 17 April 2026. Source: a folder"}
COLUMNS = ["origin", "mean_p", "share", "n", "windows", "low", "high"]


def table(*rows: tuple[str, float, float, int, int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


TWO = table(
    ("live", 0.52, 0.5, 24, 6, 0.19, 0.81),
    ("replayed", 0.31, 0.18, 60, 15, 0.06, 0.43),
    ("replayed", 0.98, 1.0, 60, 14, 0.78, 1.0),
)


def test_every_group_is_shown_with_what_was_said_what_happened_and_the_count():
    chart = charts.reliability(TWO, **WORDS)
    said = values(chart, "text")
    for text in ("Made on the day", "Replayed", "said 31%", "18% of 60, 15 apart", "said 52%", "50% of 24, 6 apart"):
        assert text in said
    assert "Replayed: said 98%, happened 100% of 60, 14 apart" in spec_of(chart)["description"]


def test_dot_and_tick_stand_at_their_shares_on_the_scale():
    chart = charts.reliability(TWO.head(1), **WORDS)
    rows = [row for held in spec_of(chart)["datasets"].values() for row in held]
    scale = {row["text"]: row["x"] for row in rows if row.get("text") in ("0%", "50%", "100%")}
    (dot,) = [row["x"] for row in rows if "fill" in row]
    assert dot == pytest.approx(scale["50%"], abs=0.1)
    upright = [row["x"] for row in rows if row.get("x") == row.get("x2") and row["y2"] - row["y"] == 18]
    assert upright == [pytest.approx(scale["0%"] + 0.52 * (scale["100%"] - scale["0%"]), abs=0.1)]


def counted(n: int, origin: str = "replayed", kind: str = "all") -> Finding:
    return Finding("history.record_n", "IJH", n, "count", "2026-04-17", {"origin": origin, "kind": kind})


def test_the_title_counts_what_is_resolved():
    assert captions.title(Findings([counted(120), counted(0, "live")]), "reliability") == "120 replayed calls resolved"
    assert captions.title(Findings([counted(0)]), "reliability") == "No call resolved yet"


def test_calls_with_other_settings_are_said_and_not_counted():
    others = Finding("history.record_others_n", "IJH", 7, "count", "2026-04-17", {"origin": "replayed"})
    for held in ([counted(12)], []):
        said = " ".join(item.text for item in record.sentences(Findings([*held, others])))
        assert "7 more were made with other settings and are not counted." in said


def test_a_row_states_calls_and_windows_apart_beside_the_interval():
    key = {"origin": "replayed", "kind": "hedge", "label": "any"}
    share = Finding(
        "history.record_share", "IJH", 0.5, "fraction", "2026-04-17", key, n=25, low=0.31, high=0.69, level=0.95
    )
    apart = Finding("history.record_windows", "IJH", 25, "count", "2026-04-17", key)
    (row,) = record.rows(Findings([counted(120, kind="hedge"), share, apart]))
    assert len(row) == len(record.COLUMNS)
    assert dict(zip(record.COLUMNS, row, strict=True)) | {"Resolved": "120", "Apart": "25"} == dict(
        zip(record.COLUMNS, row, strict=True)
    )
    assert row[3].startswith("50% (")


def test_the_section_says_that_there_is_no_record_and_shows_no_table():
    said = record.markdown(Findings([counted(0), counted(0, "live")]))
    assert said[:3] == ["", "## Record", ""]
    assert "nothing to count" in said[3] and len(said) == 4


def test_the_section_has_a_row_for_each_origin_and_kind_with_a_call():
    kinds = [counted(12, "live"), counted(12, "live", "sentiment"), counted(30), counted(30, kind="hedge")]
    findings = Findings([*kinds, counted(0, kind="level"), counted(3, "live", "own")])
    assert [row[:2] for row in record.rows(findings)] == [
        ("All of the note's, made on the day", "12"),
        ("Sentiment, made on the day", "12"),
        ("A person's own, made on the day", "3"),
        ("All of the note's, replayed", "30"),
        ("Hedge, replayed", "30"),
    ]
    said = " ".join(item.text for item in record.sentences(findings))
    assert said.startswith("12 calls that notes made on their day") and "30 more are replayed" in said
    assert "3 calls of people" in said
