"""Laws that hold for every finding: truncation, scale, splits, later dividends, and no dead parameter."""

from functools import lru_cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.data.sources import open_source
from helpers.sections.breakout import breakout
from helpers.sections.strength import strength
from tests.sections.conftest import TAPE, take

SYMBOLS = ("IJH", "OEF", "SPY", "XLG", "IJR", "XLI")
SLIM = {"mega_checks": ["XLG"], "sectors": ["XLI"]}
FIELDS = ["open", "high", "low", "close"]
SLOW_SET_UP = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@lru_cache(maxsize=1)
def sample_bars() -> pd.DataFrame:
    source = open_source("sample")
    parts = [source.history(symbol, "2015-01-01", "2026-05-29").bars.assign(symbol=symbol) for symbol in SYMBOLS]
    return pd.concat(parts, ignore_index=True)


def both(taken) -> dict[str, object]:
    findings = [*breakout(*taken).findings, *strength(*taken).findings]
    return {item.address: item for item in findings}


DAYS = st.sampled_from(list(pd.bdate_range("2017-01-03", "2026-04-30").strftime("%Y-%m-%d")))


@SLOW_SET_UP
@given(day=DAYS)
def test_every_finding_equals_the_one_on_data_cut_at_its_day(from_bars, day):
    whole = both(from_bars(sample_bars(), as_of=day, **SLIM))
    cut = sample_bars()[sample_bars()["date"] <= pd.Timestamp(day)]
    assert both(from_bars(cut, as_of=day, **SLIM)) == whole
    assert len(whole) > 80


def test_nothing_of_the_tapes_day_or_later_enters(from_bars):
    whole = both(from_bars(sample_bars(), tape=TAPE, **SLIM))
    before = sample_bars()[sample_bars()["date"] < "2026-04-17"]
    assert both(from_bars(before, tape=TAPE, **SLIM)) == whole


def test_nothing_of_the_tapes_day_or_later_enters_on_real_bars(real, shared_data, tmp_path):
    options = {"tape": TAPE, "mega_checks": ["XLG", "MGC", "MGK"]}
    files = []
    for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet"):
        table = pd.read_parquet(shared_data / name)
        table[table["date"] < pd.Timestamp("2026-04-17").date()].to_parquet(tmp_path / name, index=False)
        files.append(str(tmp_path / name))
    assert both(real(sources={"bars": files}, **options)) == both(real(**options))


def scaled(factor: float) -> pd.DataFrame:
    out = sample_bars().copy()
    rows = out["symbol"] == "IJH"
    out.loc[rows, [*FIELDS, "dividend"]] = out.loc[rows, [*FIELDS, "dividend"]] * factor
    out.loc[rows, "volume"] = out.loc[rows, "volume"] / factor
    return out


@SLOW_SET_UP
@given(day=DAYS, factor=st.sampled_from([0.2, 0.5, 2.0, 5.0]))
def test_a_split_changes_prices_and_nothing_else(from_bars, day, factor):
    plain = both(from_bars(sample_bars(), as_of=day, **SLIM))
    split = both(from_bars(scaled(factor), as_of=day, **SLIM))
    assert split.keys() == plain.keys()
    for address, item in plain.items():
        other = split[address].value
        if item.value is None or isinstance(item.value, bool | str):
            assert other == item.value, address
            continue
        size = {"price": factor, "shares": 1 / factor}.get(item.unit, 1.0)
        assert other == pytest.approx(item.value * size, rel=1e-9, abs=1e-9), address


def test_a_dividend_changes_total_return_and_never_a_tape_high(from_bars):
    plain = both(from_bars(sample_bars(), as_of="2026-04-16", **SLIM))
    paid = sample_bars().copy()
    rows = (paid["symbol"] == "IJH") & (paid["date"] == "2026-04-08")
    paid.loc[rows, "dividend"] = 3.0
    richer = both(from_bars(paid, as_of="2026-04-16", **SLIM))
    tape = [address for address in plain if address.startswith("breakout.") and "total_return" not in address]
    assert all(richer[address] == plain[address] for address in tape)
    excess = "strength.excess[IJH|against=OEF,window=21]"
    assert richer[excess].value > plain[excess].value + 0.03


def test_two_stand_ins_with_the_same_bars_never_differ(from_bars):
    bars = sample_bars()[lambda table: table["symbol"] != "XLG"]
    twin = bars[bars["symbol"] == "OEF"].assign(symbol="XLG")
    findings = strength(*from_bars(pd.concat([bars, twin]), as_of="2026-04-16", **SLIM)).findings
    assert {item.value for item in findings.all("strength.stand_in_spread")} == {0.0}
    assert {item.value for item in findings.all("strength.stand_ins_differ")} == {False}


CHANGES = {
    "mid": "IJR",
    "mega": "XLG",
    "mega_checks": ["MGK"],
    "market": "RSP",
    "small": "IWM",
    "sectors": ["XLI"],
    "as_of": "2026-04-15",
    "start": "2024-01-02",
    "high_field": "close",
    "window": 63,
    "strict": False,
    "quiet_gap": 5,
    "volume_windows": [30],
    "z_window": 20,
    "rs_ma": 100,
    "mansfield_weeks": 26,
    "rrg_window": 10,
    "rrg_tail": 3,
    "atr_multiple": 2.0,
    "stop_atr": 4.0,
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_parameter_changes_something(sample, name):
    def everything(taken):
        sections = [breakout(*taken), strength(*taken)]
        frames = [frame for section in sections for frame in section.frames.values()]
        return [list(section.findings) for section in sections], frames

    stated, frames = everything(sample)
    changed, other = everything(take(**{"as_of": "2026-04-16", name: CHANGES[name]}))
    same_frames = all(a.equals(b) for a, b in zip(frames, other, strict=True))
    assert changed != stated or not same_frames
