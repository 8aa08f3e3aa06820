"""On more than two hundred notes of twenty years every small lie is caught, and no true note is called one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.runs import mutations
from tests.sections.conftest import SOURCES, take

SEED = 20260417
#: fund, stand-in, and what else differs from the defaults
PAIRS: dict[str, dict[str, Any]] = {
    "IJH-OEF": {},
    "MDY-OEF": {"mid": "MDY", "mega_checks": ["XLG"]},
    "IWM-XLG": {"mid": "IWM", "mega": "XLG", "mega_checks": ["OEF"]},
    "IJR-MGC": {"mid": "IJR", "small": "IWM", "mega": "MGC", "mega_checks": ["OEF"]},
}
EACH = 27
#: last day of the bars of each fund's own tape, where it is not the sample's
LAST = {"IJH-OEF": "2026-04-16"}


def told(name: str, sources: dict[str, Any], page: Path, last: str) -> mutations.Tally:
    rng, tally = random.Random(f"{SEED} {name}"), mutations.Tally()
    snapshot, params = take(sources=sources, as_of=last, bootstrap_draws=200, **PAIRS[name])
    days = mutations.spread("2006-01-03", last, EACH, rng, mutations.highs(snapshot, params.mid))
    for findings, said in mutations.notes(snapshot, params, days):
        mutations.lie(findings, said, page, rng, tally)
    return tally


def judge(name: str, tally: mutations.Tally) -> None:
    print(f"\n{name}: {tally}")
    assert tally.notes == EACH
    assert tally.false_alarms == 0
    assert not tally.missed
    assert not tally.withheld
    assert not tally.untrue
    assert all(tally.tried[kind] >= EACH * 0.9 for kind in mutations.WAYS), tally
    assert tally.most_words <= 300


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_every_lie_in_a_note_of_the_sample_is_caught(name: str, tmp_path: Path) -> None:
    judge(name, told(name, SOURCES, tmp_path / "note.html", "2026-04-16"))


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_every_lie_in_a_note_of_real_bars_is_caught(name: str, shared_data: Path, tmp_path: Path) -> None:
    files = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
    sources = {"bars": [str(shared_data / file) for file in files]}
    judge(name, told(name, sources, tmp_path / "note.html", LAST.get(name, "2025-09-26")))
