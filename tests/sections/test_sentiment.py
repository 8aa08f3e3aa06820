"""The score: its parts lie where their rules put them, its words at their bounds, its forecast in the past alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.findings import Findings
from helpers.core.params import Params, replaced
from helpers.data.snapshot import Snapshot
from helpers.sections import parts, sentiment
from helpers.sections.factors import factors_of
from helpers.sections.section import Ledger
from tests.sections import inputs
from tests.sections.conftest import SOURCES, TAPE, take

Taken = tuple[Snapshot, Params]
CUTS = [0.10, 0.35, 0.60]
NAMES = ("price", "relative_strength", "breadth", "volume", "credit", "rates", "crowding", "revisions")
NAN = math.nan


def stated(taken: Taken) -> Findings:
    snapshot, params = taken
    ledger = Ledger("risks", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    sentiment.state(ledger, factors_of(snapshot, params))
    return ledger.findings


def part(findings: Findings, name: str) -> float:
    found = findings.value("risks.score_component", component=name)
    assert isinstance(found, float)
    return found


@pytest.fixture(scope="module")
def taken() -> Taken:
    return take(as_of=inputs.AS_OF, sources=SOURCES)


@pytest.fixture(scope="module")
def found(taken: Taken) -> Findings:
    return stated(taken)


@pytest.fixture(scope="module")
def funds() -> pd.DataFrame:
    return inputs.funds()[lambda table: table["date"] <= inputs.AS_OF]


# words


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (0.0, "neutral"),
        (0.0999, "neutral"),
        (-0.0999, "neutral"),
        (0.10, "mildly positive"),
        (0.20, "mildly positive"),
        (0.349999, "mildly positive"),
        (0.35, "moderately positive"),
        (0.599, "moderately positive"),
        (0.60, "strongly positive"),
        (1.0, "strongly positive"),
        (-0.10, "mildly negative"),
        (-0.35, "moderately negative"),
        (-0.60, "strongly negative"),
        (NAN, None),
    ],
)
def test_a_word_begins_at_its_bound_and_is_chosen_before_rounding(score: float, word: str | None) -> None:
    assert sentiment.label(score, CUTS) == word


def test_a_score_added_up_to_its_bound_has_the_larger_word() -> None:
    values = np.array([[0.1, 0.2, 0.75]])  # in floating point their mean falls short of 0.35
    score, _ = sentiment.combined(values, np.ones(3), 0.6)
    assert sentiment.label(float(score[0]), CUTS) == "moderately positive"


# adding up


def test_an_unknown_part_drops_out_and_the_others_share_its_weight() -> None:
    score, coverage = sentiment.combined(np.array([[1.0, 0.0, NAN, -0.5]]), np.array([2.0, 1.0, 1.0, 1.0]), 0.6)
    assert (score[0], coverage[0]) == (pytest.approx(1.5 / 4), pytest.approx(0.8))


def test_with_little_known_the_score_is_at_most_a_half() -> None:
    row = [1.0, 1.0, 0.9, NAN, NAN]
    score, coverage = sentiment.combined(np.array([row, [-v for v in row]]), np.ones(5), 0.61)
    assert score.tolist() == [0.5, -0.5] and coverage.tolist() == [0.6, 0.6]
    whole, _ = sentiment.combined(np.array([row]), np.ones(5), 0.60)
    assert whole[0] > 0.9


def test_nothing_known_is_no_score_rather_than_nought() -> None:
    score, coverage = sentiment.combined(np.array([[NAN, NAN]]), np.ones(2), 0.6)
    assert math.isnan(score[0]) and coverage[0] == 0


def test_a_part_without_weight_is_stated_and_does_not_count(taken: Taken, found: Findings) -> None:
    snapshot, params = taken
    others = dict.fromkeys(NAMES, 1.0) | {"rates": 0.0}
    without = stated((snapshot, replaced(params, score_weights=others)))
    assert part(without, "rates") == part(found, "rates") != 0
    assert without.value("risks.score_weight", component="rates") == 0
    known = [name for name in NAMES[:-1] if name != "rates"]
    assert without.value("risks.score") == pytest.approx(np.mean([part(found, name) for name in known]), abs=1e-11)


def test_every_part_is_stated_in_order_whether_known_or_not(found: Findings) -> None:
    assert tuple(item.key["component"] for item in found.all("risks.score_component")) == NAMES
    missing = found.get("risks.score_component", component="revisions")
    assert missing is not None and missing.value is None
    assert found.value("risks.score_coverage") == 7 / 8


# parts


def moved(funds: pd.DataFrame, symbol: str, days: int, **changes: Callable[[pd.Series], Any]) -> pd.DataFrame:
    """The bars with the last days of one symbol changed."""
    out = funds.copy()
    last = sorted(out.loc[out["symbol"] == symbol, "date"].unique())[-days:]
    rows = (out["symbol"] == symbol) & out["date"].isin(last)
    for name, change in changes.items():
        for column in ("open", "high", "low", "close") if name == "prices" else (name,):
            out.loc[rows, column] = change(out.loc[rows, column])
    return out


@pytest.mark.parametrize(
    ("symbol", "factor", "days", "name", "sign"),
    [
        ("IJH", 1.3, 1, "price", 1),
        ("IJH", 1.3, 1, "relative_strength", 1),
        ("OEF", 1.3, 1, "relative_strength", -1),
        ("RSP", 1.1, 1, "breadth", 1),
        ("HYG", 0.8, 1, "credit", -1),
        ("HYG", 1.2, 1, "credit", 1),
        ("^TNX", 1.5, 1, "rates", -1),
        ("^TNX", 0.5, 1, "rates", 1),
        ("IJH", 2.0, 126, "crowding", -1),
        ("IJH", 0.5, 126, "crowding", 1),
    ],
)
def test_each_part_moves_to_the_side_that_its_rule_gives_it(
    from_bars: Callable[..., Taken], funds: pd.DataFrame, symbol: str, factor: float, days: int, name: str, sign: int
) -> None:
    bars = moved(funds, symbol, days, prices=lambda line: line * factor ** (np.arange(1, days + 1) / days))
    assert sign * part(stated(from_bars(bars, as_of=inputs.AS_OF)), name) > 0.8


def test_heavy_volume_counts_for_the_side_of_its_days(from_bars: Callable[..., Taken], funds: pd.DataFrame) -> None:
    own = funds[funds["symbol"] == "IJH"].set_index("date")["close"]
    up, down = (own.pct_change() > 0), (own.pct_change() < 0)
    for days, sign in ((up, 1), (down, -1)):
        bars = funds.copy()
        chosen = (bars["symbol"] == "IJH") & bars["date"].isin(days.index[days][-15:])
        bars.loc[chosen, "volume"] *= 20
        assert sign * part(stated(from_bars(bars, as_of=inputs.AS_OF)), "volume") > 0.9


def test_a_day_of_unknown_volume_leaves_the_part_out(from_bars: Callable[..., Taken], funds: pd.DataFrame) -> None:
    bars = moved(funds, "IJH", 1, volume=lambda line: line * 0)
    findings = stated(from_bars(bars, as_of=inputs.AS_OF))
    assert findings.value("risks.score_component", component="volume") is None
    assert findings.value("risks.score_coverage") == 6 / 8 and findings.value("risks.score") is not None


def test_one_wild_high_moves_no_part(from_bars: Callable[..., Taken], funds: pd.DataFrame) -> None:
    bars = moved(funds, "IJH", 3, high=lambda line: line * 2)
    one, other = (stated(from_bars(table, as_of=inputs.AS_OF)) for table in (funds, bars))
    assert [part(one, name) for name in NAMES[:-1]] == [part(other, name) for name in NAMES[:-1]]


def test_nothing_of_an_unfinished_day_enters() -> None:
    day, before = take(tape=TAPE, sources=SOURCES), take(as_of="2026-04-16", sources=SOURCES)
    assert list(stated(day)) == list(stated(before))


@pytest.mark.parametrize(("dated", "reads"), [("2026-04-15", True), ("2026-04-16", True), ("2026-04-17", False)])
def test_a_list_of_members_counts_from_its_own_day_on(taken: Taken, dated: str, reads: bool) -> None:
    snapshot, params = taken
    other = replace(snapshot, background=replace(snapshot.background, members_of=dated))
    basis = stated((other, params)).all("risks.score_component", component="breadth")[0].basis
    assert ("equal weights in place of members" in basis) is not reads


def test_a_list_of_the_unfinished_day_counts_and_one_without_a_date_does_not() -> None:
    snapshot, params = take(tape=TAPE, sources=SOURCES)
    for dated, reads in (("2026-04-17", True), ("", False)):
        other = replace(snapshot, background=replace(snapshot.background, members_of=dated))
        unit = stated((other, params)).all("risks.score_component", component="breadth")[0]
        assert unit.basis.startswith("members listed") is reads


def test_a_list_of_today_moves_no_earlier_score(taken: Taken) -> None:
    """What the fit learns of the past is the same with and without a list that is dated today."""
    snapshot, params = taken
    today = replace(snapshot, background=replace(snapshot.background, members_of=inputs.AS_OF))
    without = replace(snapshot, background=replace(snapshot.background, members_of=""))
    one, other = (parts.parts_of(factors_of(item, params))[2].values for item in (today, without))
    assert one[-1] != other[-1]
    np.testing.assert_array_equal(one[:-1], other[:-1])


def test_without_any_bars_but_the_funds_own_the_rest_is_unknown(
    from_bars: Callable[..., Taken], funds: pd.DataFrame
) -> None:
    findings = stated(from_bars(funds[funds["symbol"] == "IJH"], as_of=inputs.AS_OF))
    known = [item.key["component"] for item in findings.all("risks.score_component") if item.is_known]
    assert known == ["price", "volume"]
    assert abs(findings.value("risks.score")) <= 0.5
    assert findings.value("risks.score_probability") is None and findings.value("risks.score_skill") == "unknown"


def test_with_too_short_a_history_there_is_no_score(from_bars: Callable[..., Taken], funds: pd.DataFrame) -> None:
    findings = stated(from_bars(funds[funds["date"] >= "2025-12-01"], as_of=inputs.AS_OF))
    assert findings.value("risks.score") is None and findings.value("risks.score_label") is None
    assert {item.value for item in findings.all("risks.score_weight")} == {None}


# the forecast


def test_the_past_of_a_score_is_what_was_stated_then() -> None:
    """Looks are counted back from the day, so those of a day seven earlier are the same looks."""
    snapshot, params = take(as_of=inputs.AS_OF)
    values = np.column_stack([item.values for item in parts.parts_of(factors_of(snapshot, params))])
    weights = np.ones(len(NAMES))
    whole, _ = sentiment.combined(values, weights, 0.6)
    for back in (1, 30, 200):
        day = snapshot.days[-1 - parts.STEP * back]
        said = stated((snapshot.cut(day), params))
        assert said.value("risks.score") == whole[-1 - back]


def test_a_score_below_its_coverage_has_the_base_rate(taken: Taken) -> None:
    snapshot, params = taken
    findings = stated((snapshot, replaced(params, coverage_min=95.0)))
    assert findings.value("risks.score_skill") == "unknown"  # no look of the past covers more
    assert findings.value("risks.score_probability") is None


def test_what_follows_moves_the_base_rate_and_the_correlation_apart(found: Findings) -> None:
    correlation = found.get("risks.score_rank_ic")
    assert correlation is not None and correlation.n is not None and correlation.n > 150
    assert correlation.low is not None and correlation.low < correlation.value < correlation.high
    assert 0.02 <= found.value("risks.score_probability") <= 0.98


def test_a_score_that_is_right_is_called_skilled(from_bars: Callable[..., Taken], funds: pd.DataFrame) -> None:
    """Mega caps fall for 63 days after yields have fallen, and rise after they rose: then the part is right."""
    bars = funds.copy()
    yields = bars[bars["symbol"] == "^TNX"].set_index("date")["close"]
    drift = -0.004 * np.sign((yields - yields.shift(63)).shift(1)).fillna(0.0)
    line = 100 * (1 - drift).cumprod()
    rows = bars["symbol"] == "OEF"
    own = bars.loc[rows, "date"].map(line).to_numpy()
    for column in ("open", "high", "low", "close"):
        bars.loc[rows, column] = own
    bars.loc[rows, "dividend"] = 0.0
    only = dict.fromkeys(NAMES, 0.0) | {"rates": 1.0}
    words = {}
    for sign, table in (("right", bars), ("as it is", funds)):
        findings = stated(from_bars(table, as_of=inputs.AS_OF, score_weights=only, coverage_min=50.0))
        words[sign] = findings.value("risks.score_skill"), findings.value("risks.score_brier_skill")
    assert words["right"][0] == "positive" and words["right"][1] > 0.05
    assert words["as it is"][0] == "none"


@pytest.mark.slow
def test_on_real_bars_the_score_states_its_parts_and_no_skill(shared_data: Path) -> None:
    names = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
    sources = {"bars": [str(shared_data / name) for name in names]}
    findings = stated(take(sources=sources, as_of="2026-04-17"))
    assert [item.key["component"] for item in findings.all("risks.score_component") if item.is_known] == [*NAMES[:-1]]
    assert findings.value("risks.score_skill") == "none"
    assert findings.get("risks.score_probability").n > 200  # type: ignore[union-attr]
