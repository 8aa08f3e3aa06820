"""Every finding of the section breadth against a plain second computation (`oracle_breadth`)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.sections.breadth import breadth
from tests.sections import inputs, oracle_breadth
from tests.sections.conftest import SOURCES, TAPE, take
from tests.sections.oracle import Page
from tests.sections.oracle_breadth import Told
from tests.sections.oracle_pieces import Members
from tests.sections.test_oracle import book_of, same

#: on the simulated bars, each with what it is there for
SAMPLE = {
    "all inputs": {"as_of": "2026-04-16", "sources": SOURCES},
    "a short history of members": {"as_of": "2021-02-16", "sources": SOURCES},
    "other means and baskets": {
        "as_of": "2024-06-11",
        "sources": SOURCES,
        "window": 126,
        "quiet_gap": 40,
        "breadth_ma": [20, 100],
        "winners": ["XLY", "XLK"],
        "losers": ["XLP"],
        "quality": "VTV",
    },
    "no list, a young history": {"as_of": "2007-10-12"},
}
MORE = {
    "exactly 60 % of the members": {"as_of": "2026-01-29", "sources": SOURCES},
    "as many new highs as new lows in ten days": {"as_of": "2022-10-04", "sources": SOURCES},
    "a fall, a short window, a long quiet": {
        "as_of": "2020-03-23",
        "sources": SOURCES,
        "window": 20,
        "quiet_gap": 63,
        "long_history_mid": "",
    },
    "365 days, an equal high counts": {"as_of": "2025-09-12", "sources": SOURCES, "window": "365d", "strict": False},
    "the tape day": {"tape": TAPE, "sources": SOURCES},
}
REAL = {
    "the day of the list": {"as_of": "2026-04-17"},
    "a crash": {"as_of": "2020-04-17", "breadth_ma": [150]},
    "funds that do not exist yet": {"as_of": "2016-06-30", "mid": "IJR", "small": "IWM", "mega": "MGC"},
}


def members_of(snapshot) -> Members:
    """The list and its bars as they may be read."""
    held = snapshot.background
    return Members(
        symbols=held.members["symbol"].tolist(),
        weights=held.members["weight"].tolist(),
        dated=held.members_of,
        **{name: held.member_wide(name, "tape") for name in ("close", "high", "low")},
        total_return=held.members_total_return,
    )


def both_of(snapshot, params) -> tuple[dict, Told, list[str]]:
    """Findings by address as they are stated and as they are expected, and the verdicts drawn."""
    section = breadth(snapshot, params)
    stated = {(item.id, item.subject, tuple(sorted(item.key.items()))): item for item in section.findings}
    expected = oracle_breadth.breadth(book_of(snapshot, params), members_of(snapshot), params)
    return stated, expected, section.frames["verdicts"]["verdict"].tolist()


def compare(stated: dict, expected: Page, drawn: list[str] | None = None) -> None:
    """Value, and sample size and bounds where they are expected; the verdict of every day drawn."""
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
    if drawn is not None:
        assert drawn == [word or "" for word in expected.verdicts[-len(drawn) :]]


@cache
def of_sample(name: str) -> tuple[dict, Told, list[str]]:
    return both_of(*take(**SAMPLE[name]))


@pytest.mark.parametrize("name", SAMPLE)
def test_every_finding_of_the_sample(name):
    compare(*of_sample(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE)
def test_every_finding_of_more_of_the_sample(name):
    compare(*both_of(*take(**MORE[name])))


def test_every_finding_listed_is_compared_with_a_known_value():
    page = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(breadth\.\w+)`", page, flags=re.MULTILINE))
    assert len(listed) > 35
    compared = {address[0] for name in SAMPLE for address, said in of_sample(name)[1].items() if said.value is not None}
    assert listed == compared


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_every_finding_of_real_bars(real, shared_data, name):
    compare(*both_of(*real(**REAL[name], sources=real_sources(shared_data))))


def real_sources(folder: Path) -> dict[str, object]:
    bars = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")
    return {
        "bars": [str(folder / name) for name in bars],
        "members": str(folder / "constituents" / "sp400_2026-04-17.csv"),
        "sector_column": "gics_like_sector",
        "members_bars": [str(folder / "stocks_adjclose_sp400_sp500.parquet")],
        "macro": [str(folder / "fred_series.parquet")],
    }


# --- bars with faults -----------------------------------------------------------------------------------------------


def _without(bars: pd.DataFrame, symbols: list[str], first: str, last: str) -> pd.DataFrame:
    return bars[~(bars["symbol"].isin(symbols) & bars["date"].between(first, last))]


def faulty(folder: Path) -> dict[str, object]:
    """Members with holes, without highs, spliced, young and gone; funds that are young or not held."""
    names = [f"S{at:02d}" for at in range(61)]
    members = inputs.member_bars().copy()
    members = _without(members, names[1:2], "2026-02-02", "2026-02-03")
    members.loc[members["symbol"] == "S02", ["open", "high", "low"]] = np.nan
    # highs that come late do not make a tape
    late = members["symbol"].isin(names[4:20]) & (members["date"] < "2019-06-03")
    members.loc[late, ["open", "high", "low"]] = np.nan
    spliced = (members["symbol"] == "S03") & (members["date"] >= "2025-11-03")
    members.loc[spliced, ["open", "high", "low", "close"]] *= 10
    members = _without(members, names[30:45], "2010-01-04", "2025-03-03")
    members = _without(members, names[45:49], "2026-04-10", "2026-12-31")
    funds = inputs.funds()
    funds = funds[funds["date"] >= "2018-01-02"]
    funds = _without(funds, ["SPLV"], "2018-01-02", "2022-06-01")
    funds = _without(funds, ["KRE"], "2018-01-02", "2025-12-01")
    return inputs.written(folder, funds=_without(funds, ["XLV"], "2018-01-02", "2026-12-31"), members=members)


@pytest.mark.slow
def test_every_finding_of_bars_with_faults(tmp_path):
    compare(*both_of(*take(as_of="2026-04-16", sources=faulty(tmp_path))))
    # too few of the members are known for some weeks
    gone = _without(inputs.member_bars(), [f"S{at:02d}" for at in range(5, 37)], "2026-03-20", "2026-04-06")
    compare(*both_of(*take(as_of="2026-04-16", sources=inputs.written(tmp_path / "few", members=gone))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ahead", "seed", "word"),
    # in the last the fund is followed too, by a little
    [(1, 5, "fund first"), (-1, 6, "members first"), (-1, 7, "neither")],
)
def test_who_is_first_is_told_alike(tmp_path, ahead, seed, word):
    members, funds = inputs.member_bars(), inputs.funds()
    closes = members.pivot(index="date", columns="symbol", values="close")
    returns = closes.pct_change(fill_method=None).mean(axis=1).shift(-ahead).fillna(0.0)
    line = 100 * (1 + returns + np.random.default_rng(seed).normal(0, 0.005, len(returns))).cumprod()
    fund = pd.DataFrame({"date": line.index, "symbol": "IJH", "close": line.to_numpy(), "dividend": 0.0})
    fund = fund.assign(open=fund["close"], high=fund["close"], low=fund["close"], volume=1e6)
    funds = pd.concat([funds[(funds["symbol"] != "IJH") & (funds["date"] >= "2019-01-02")], fund])
    both = both_of(*take(as_of="2026-04-16", sources=inputs.written(tmp_path, funds=funds)))
    compare(*both)
    assert both[1]["breadth.who_leads", "IJH", ()].value == word
