"""Every finding against a plain second computation (`oracle`), on the sample and on real bars."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from helpers.sections.breakout import breakout
from helpers.sections.strength import strength
from tests.sections import oracle
from tests.sections.conftest import TAPE, take

#: on the simulated bars, each with what it is there for
SAMPLE = {
    "the tape day": {"tape": TAPE},
    "a quarter-end expiry": {"as_of": "2026-03-20"},
    "the day after a high": {"as_of": "2026-02-19"},
    "a quiet day, 42 days before an expiry": {"as_of": "2025-05-09"},
    "a first high after a quiet spell": {"as_of": "2025-08-08"},
    "a first ratio high, far below the highest of all days": {"as_of": "2024-06-11"},
    "a market high on the day the base turned": {"as_of": "2016-08-09"},
    "a tape that matches the old high": {"tape": {**TAPE, "high": 72.53}, "strict": False},
    "a tape that is not believed": {"tape": {**TAPE, "high": 79.0}, "high_field": "close", "window": 63},
    "365 days, total return": {"as_of": "2025-09-12", "window": "365d", "high_field": "total_return"},
}
REAL = {
    "the tape day": {"tape": TAPE},
    "a print set aside": {"mid": "XLI", "as_of": "2019-04-05", "sectors": ["XLF"]},
    "63 days, by close": {"mid": "IJR", "small": "IWM", "as_of": "2020-11-09", "window": 63, "high_field": "close"},
    "365 days, total return": {"as_of": "2024-03-15", "window": "365d", "high_field": "total_return"},
}


def book_of(snapshot, params) -> oracle.Book:
    symbols = list(params.symbols)
    frames = {name: snapshot.wide(name, "tape", symbols) for name in ("open", "high", "low", "close", "volume")}
    return oracle.Book(
        **frames,
        total_return=snapshot.wide("close", "total_return", symbols),
        marks=snapshot.calendar,
        as_of=pd.Timestamp(snapshot.as_of),
        tape=snapshot.tape.model_dump() if snapshot.tape else None,
        unfit=frozenset(symbol for symbol in symbols if snapshot.status(symbol).status == "quarantined"),
        suffix=" (simulated)" if snapshot.simulated else "",
    )


def compared(snapshot, params) -> set[str]:
    """Compare every finding and what is drawn of volume and rotation; give back the ids with a known value."""
    book = book_of(snapshot, params)
    sections = {"breakout": breakout(snapshot, params), "strength": strength(snapshot, params)}
    expected = {**oracle.breakout(book, params), **oracle.strength(book, params)}
    stated = {
        (item.id, item.subject, tuple(sorted(item.key.items()))): item
        for section in sections.values()
        for item in section.findings
    }
    assert stated.keys() == expected.keys()
    wrong = []
    for address, said in expected.items():
        for name, value in said._asdict().items():
            if name != "value" and value is None:
                continue
            found = getattr(stated[address], name)
            if not same(found, value):
                wrong.append(f"{address} {name}: {found!r} stated, {value!r} expected")
    assert not wrong, "\n".join(wrong)
    drawn = sections["breakout"].frames["volume"]
    plain = oracle.volume_frame(book, params, len(drawn))
    pd.testing.assert_frame_equal(
        drawn[plain.columns], plain, rtol=1e-9, atol=0, check_dtype=False, check_index_type=False
    )
    _compare_rotation(sections["strength"].frames["rotation"], book, params)
    return {address[0] for address, said in expected.items() if said.value is not None}


def same(found: object, value: object) -> bool:
    if isinstance(value, bool | str) or value is None or found is None or isinstance(found, bool):
        return type(found) is type(value) and found == value
    return found == pytest.approx(value, rel=1e-9, abs=1e-12)


def _compare_rotation(frame: pd.DataFrame, book: oracle.Book, params) -> None:
    weeks = oracle.week_ends(book, book.total_return.index)
    for row in frame[frame["is_last"]].itertuples():
        line = (book.total_return[row.symbol] / book.total_return[params.market])[weeks]
        level, momentum, _ = oracle.rotation(line, params.rrg_window)
        assert [row.rs_ratio, row.rs_momentum] == pytest.approx([level, momentum], rel=1e-9, nan_ok=True)


@cache
def compared_on_sample(name: str) -> frozenset[str]:
    return frozenset(compared(*take(**SAMPLE[name])))


@pytest.mark.parametrize("name", SAMPLE)
def test_every_finding_of_the_sample(name):
    assert compared_on_sample(name)


def test_every_finding_listed_is_compared_with_a_known_value():
    page = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `((?:breakout|strength)\.\w+)`", page, flags=re.MULTILINE))
    assert len(listed) > 60
    # the sample is never stale: tests/runs/test_daily.py has that
    assert listed - {"breakout.stale_since"} == set().union(*(compared_on_sample(name) for name in SAMPLE))


@pytest.mark.parametrize("name", REAL)
def test_every_finding_of_real_bars(real, name):
    assert compared(*real(**REAL[name]))
