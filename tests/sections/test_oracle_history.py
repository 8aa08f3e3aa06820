"""Every finding of the section history against a plain second computation (`oracle_history`)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from helpers.data import past_calls
from helpers.sections.history import history
from helpers.sections.record import settings_of
from tests.sections import inputs, oracle_calls, oracle_history
from tests.sections.conftest import SOURCES, TAPE, take
from tests.sections.oracle import Address, Book, Page
from tests.sections.oracle_history import ERAS, Pair, Stated
from tests.sections.oracle_pieces import resampled
from tests.sections.test_oracle import book_of
from tests.sections.test_oracle_breadth import compare, real_sources

#: on the simulated bars, each with what it is there for
SAMPLE = {
    "all inputs": {"as_of": "2026-04-16", "sources": SOURCES},
    "few breakouts": {"as_of": "2021-02-16"},
    "other horizons and rules": {
        "as_of": "2026-03-20",
        "horizons": [1, 10, 63],
        "correction": "bh",
        "alpha": 0.1,
        "min_events_mean": 5,
        "min_events_interval": 60,
        "month_end_days": 3,
        "rs_ma": 50,
        "block": 21,
        "small_effect": 0.1,
        "long_history_mid": "",
    },
    "a young history": {"as_of": "2007-04-12"},
    "a new high": {"as_of": "2026-05-07", "long_history_mid": ""},
}
#: rules loose enough that every word comes up
LOOSE = {
    "as_of": "2026-04-16",
    "window": 63,
    "horizons": [1, 2, 5, 21, 63, 126],
    "alpha": 0.2,
    "correction": "none",
    "min_events_mean": 5,
    "min_events_interval": 5,
    "month_end_days": 3,
    "bootstrap_draws": 500,
    "long_history_mid": "",
}
WORDS = {
    "supported and leaning": {**LOOSE, "mid": "XLK", "mega": "SPLV"},
    "faded": {**LOOSE, "mid": "IJH", "mega": "XLK"},
    "contradicted": {**LOOSE, "mid": "KRE", "mega": "XLV"},
    "leaning against": {**LOOSE, "mid": "QUAL", "mega": "XLE"},
    "small": {**LOOSE, "mid": "XLF", "mega": "XLP", "small_effect": 2.0},
}
MORE = {
    "every high, as near to 21 on either side": {
        "as_of": "2025-09-12",
        "window": "365d",
        "quiet_gap": 0,
        "horizons": [20, 22],
        "correction": "none",
        "min_events_mean": 3,
        "min_events_interval": 10,
        "month_end_days": 1,
        "strict": False,
    },
    "too few to say anything": {"as_of": "2026-03-31", "min_events_mean": 60, "min_events_interval": 60},
    "the tape day": {"tape": TAPE},
    "a tape on a month-end": {"tape": {**TAPE, "date": "2026-04-30", "high": 75.0, "last": 74.2, "prior_close": 74.06}},
}
REAL = {
    "the day of the list": {"as_of": "2026-04-17"},
    "short windows, long horizons": {"as_of": "2026-04-17", "window": 20, "quiet_gap": 5, "horizons": [5, 63, 126]},
    "another pair": {"as_of": "2020-04-17", "horizons": [10, 42], "long_history_mega": "OEF"},
    "few breakouts": {"as_of": "2009-06-30"},
}
#: findings that are drawn, and compared within the error of the draws
DRAWN = {"history.detectable"}
#: standard errors between two bounds out of 2,000 draws each; four times their own error is 0.34
WITHIN = 0.4


def stated_of(snapshot, params) -> dict:
    return {
        (item.id, item.subject, tuple(sorted(item.key.items()))): item for item in history(snapshot, params).findings
    }


def bounds_of(stated: dict) -> Stated:
    return lambda address: (stated[address].low, stated[address].high)


def both_of(snapshot, params) -> tuple[dict, Page]:
    """Findings by address as they are stated, and as they are expected; words rest on the bounds stated."""
    stated = stated_of(snapshot, params)
    calls = snapshot.calls.to_dict("records")
    expected = oracle_history.history(book_of(snapshot, params), params, bounds_of(stated), calls)
    return {address: item for address, item in stated.items() if address[0] not in DRAWN}, expected


@cache
def of_sample(name: str) -> tuple[dict, Page]:
    snapshot, params = take(**SAMPLE[name])
    calls = past_calls.frame(oracle_calls.invented(snapshot.bars_to, ("simulated",), settings_of(params)))
    return both_of(replace(snapshot, calls=calls), params)


@pytest.mark.parametrize("name", SAMPLE)
def test_every_finding_of_the_sample(name):
    compare(*of_sample(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE)
def test_every_finding_of_more_of_the_sample(name):
    compare(*both_of(*take(**MORE[name])))


@pytest.mark.slow
def test_every_word_comes_up_where_it_is_expected():
    words = set()
    for values in WORDS.values():
        stated, expected = both_of(*take(**values))
        compare(stated, expected)
        words |= {said.value for address, said in expected.items() if address[0] == "history.horizon_verdict"}
    assert {"small", "supported", "contradicted", "faded", "leaning", "leaning against", "inconclusive"} == words


def test_every_finding_listed_is_compared_with_a_known_value():
    page = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(history\.\w+)`", page, flags=re.MULTILINE))
    assert len(listed) > 30
    compared = {address[0] for name in SAMPLE for address, said in of_sample(name)[1].items() if said.value is not None}
    assert listed == compared | DRAWN


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_every_finding_of_real_bars(real, shared_data, name):
    compare(*both_of(*real(**REAL[name], sources=real_sources(shared_data))))


@pytest.mark.slow
def test_every_finding_of_bars_with_holes(tmp_path):
    funds = inputs.funds()
    funds = funds[funds["date"] >= "2015-01-02"]

    def compare_without(symbols_and_days: list[tuple[str, str]], **values: object) -> None:
        gone = {(symbol, day) for symbol, day in symbols_and_days}
        is_gone = [(s, str(d.date())) in gone for s, d in zip(funds["symbol"], funds["date"], strict=True)]
        sources = inputs.written(tmp_path / str(len(list(tmp_path.iterdir()))), funds=funds[~np.array(is_gone)])
        compare(*both_of(*take(as_of="2026-04-16", sources=sources, **values)))

    compare_without([("OEF", "2024-02-06"), ("OEF", "2025-06-17"), ("OEF", "2025-06-18"), ("SPY", "2025-03-11")])
    mid = [("IJH", "2023-05-10"), ("IJH", "2025-12-01")]
    compare_without(mid)
    compare_without(mid, window=20, quiet_gap=63)
    # a hole three days after a breakout: ten trading days are not ten days of the sample
    compare_without([("IJH", "2021-12-02")], min_events_mean=3)


# --- what is drawn --------------------------------------------------------------------------------------------------


def draws_of(book: Book, params) -> dict[Address, np.ndarray]:
    """Resamples of each finding that has an interval of them, in the unit of its value."""
    page, out = Page("history", params.mid, book.suffix), {}

    def put(name: str, pair: Pair, h: int, key: dict, draws: np.ndarray) -> None:
        page.put(name, None, pair.mid, {"against": pair.other, "horizon": h, **key})
        out[list(page)[-1]] = draws

    for pair in oracle_history.pairs_of(book, params):
        later = np.array(book.close.index >= oracle_history.split_of(book.close.index, pair.sample, pair.event, 10))
        spans = {"all": np.ones(len(later), dtype=bool), "before": ~later, "after": later}
        ratio = book.close[pair.mid] * 0 + pair.first / pair.second
        above = (ratio > ratio.rolling(params.rs_ma).mean()).to_numpy()
        for h in params.horizons:
            y = oracle_history.outcomes(pair, h)
            for era in ERAS:
                use = pair.sample & spans[era] & ~np.isnan(y)
                sides = [above[use], ~above[use]] if era == "all" else []
                flag, every, after, *of_sides = _means(y[use], pair.event[use], sides, h, params)
                put("difference", pair, h, {"era": era}, after / flag - every)
                if era == "all":
                    put("regime_difference", pair, h, {"era": era}, _within(of_sides, flag))
        fall = oracle_history.falls_and_wildness(pair)[0]
        use = pair.sample & ~np.isnan(fall)
        flag, every, after = _means(fall[use], pair.event[use], [], 21, params)
        put("drawdown_after", pair, 21, {}, after / flag)
        put("drawdown_difference", pair, 21, {}, after / flag - every)
    return out


def _means(y: np.ndarray, flag: np.ndarray, sides: list[np.ndarray], h: int, params) -> list[np.ndarray]:
    """Resampled means of flag, outcome, both; then for each side of it, outcome, flag and both within."""
    columns = [flag, y, y * flag]
    for side in sides:
        columns += [side, y * side, flag & side, y * (flag & side)]
    block = max(63, 2 * h) if params.block == "auto" else params.block
    means = resampled(np.column_stack(columns).astype(float), block, 2000, seed=h)
    return list(means[means[:, 0] > 0].T)


def _within(of_sides: list[np.ndarray], flag: np.ndarray) -> np.ndarray:
    """Mean after events less the mean of the days on the side of each."""
    total = np.zeros(len(flag))
    for at in range(0, len(of_sides), 4):
        days, outcome, flagged, after = of_sides[at : at + 4]
        total += after - flagged * np.divide(outcome, days, out=np.zeros(len(days)), where=days > 0)
    return total / flag


def compare_drawn(snapshot, params) -> int:
    """Compare bounds and detectable sizes with draws of our own; how many intervals were compared."""
    stated, compared = stated_of(snapshot, params), 0
    for address, draws in draws_of(book_of(snapshot, params), params).items():
        item, error = stated[address], draws.std(ddof=1)
        if item.n < params.min_events_interval:
            assert (item.low, item.high) == (None, None), address
        else:
            bounds = np.quantile(draws, [params.alpha / 2, 1 - params.alpha / 2])
            assert [item.low, item.high] == pytest.approx(bounds, abs=WITHIN * error), address
            assert item.level == pytest.approx(1 - params.alpha)
            compared += 1
        if address[0] == "history.difference" and dict(address[2])["era"] == "all":
            detectable = stated["history.detectable", *address[1:]]
            assert detectable.value == pytest.approx(2.8 * error, rel=0.1)
    return compared


def test_intervals_of_the_sample_agree_within_the_error_of_draws():
    assert compare_drawn(*take(as_of="2026-04-16", horizons=[21], long_history_mid="", alpha=0.1)) >= 4


@pytest.mark.slow
def test_intervals_of_every_horizon_and_of_real_bars_agree_within_the_error_of_draws(real):
    assert compare_drawn(*take(as_of="2026-04-16", block=30)) >= 20
    assert compare_drawn(*real(as_of="2026-04-17")) >= 20
