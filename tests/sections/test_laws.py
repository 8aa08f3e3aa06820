"""Laws that hold for every finding: truncation, scale, splits, later dividends, sums, and no dead parameter."""

from dataclasses import replace
from functools import cache, lru_cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.core.model import Params
from helpers.core.params import replaced
from helpers.data.sources import open_source
from helpers.sections.breakout import breakout
from helpers.sections.hedge import hedge
from helpers.sections.strength import strength
from tests.sections import inputs
from tests.sections.conftest import SECTIONS, SOURCES, TAPE, take

SYMBOLS = ("IJH", "OEF", "SPY", "XLG", "IJR", "XLI")
SLIM = {"mega_checks": ["XLG"], "sectors": ["XLI"]}
PARTS = ("component", "weight")
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


# truncation, every finding and frame of every section, with every input


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Makes the note of a day from files and facts that end on `until`."""
    folder = tmp_path_factory.mktemp("cut")
    made = {}

    def taken(until, **values):
        if until not in made:
            made[until] = inputs.written(folder / until, until=until)
            inputs.facts(folder / until / "home", until=until)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BREADTHBOOK_HOME", str(folder / until / "home"))
            return take(sources=made[until], bootstrap_draws=200, **values)

    return taken


def told(taken):
    """Findings of every section by address, and its frames by name."""
    sections = [section(*taken) for section in SECTIONS]
    findings = {item.address: item for section in sections for item in section.findings}
    frames = {(section.name, name): frame for section in sections for name, frame in section.frames.items()}
    return findings, frames


def assert_the_same(one, other):
    (findings, frames), (others, other_frames) = one, other
    assert findings.keys() == others.keys()
    assert {name: (item, others[name]) for name, item in findings.items() if item != others[name]} == {}
    assert frames.keys() == other_frames.keys()
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, other_frames[name], check_exact=True, obj=str(name))


def assert_nothing_later_enters(desk, day):
    """The note of `day` is the same from whole files, from files that end on it, and from a later note cut at it."""
    whole = told(desk(inputs.UNTIL, as_of=day))
    assert len(whole[0]) > 900
    assert_the_same(told(desk(day, as_of=day)), whole)
    snapshot, params = desk(inputs.UNTIL, as_of=inputs.UNTIL)
    assert_the_same(told((snapshot.cut(day), params)), whole)


@pytest.mark.parametrize("day", ["2021-03-31", "2026-04-16"])
def test_every_finding_of_every_section_equals_the_one_on_data_cut_at_its_day(desk, day):
    assert_nothing_later_enters(desk, day)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(day=DAYS.filter(lambda day: day > inputs.MEMBERS_SINCE))
def test_on_any_day_every_finding_equals_the_one_on_data_cut_at_it(desk, day):
    assert_nothing_later_enters(desk, day)


def test_nothing_of_the_tapes_day_or_later_enters_any_section(desk):
    whole, cut = (told(desk(until, tape=TAPE)) for until in (inputs.UNTIL, inputs.AS_OF))
    assert_the_same(cut, whole)
    assert whole[0]["breakout.is_partial[IJH]"].value is True


def test_with_every_input_every_input_is_read(desk):
    """Without this the laws above could hold of sections that read nothing."""
    findings, _ = told(desk(inputs.UNTIL, as_of=inputs.AS_OF))
    given = [item for address, item in findings.items() if address.startswith("coverage.input")]
    assert len(given) == 8 and {item.value for item in given} == {"fresh"}
    for what in ("risks.flow[", "risks.reporting_weight", "risks.revision_breadth", "breadth.above_mean"):
        assert all(item.value is not None for address, item in findings.items() if address.startswith(what)), what


# sums, and ratios of the evening before


def test_parts_add_up_to_what_they_are_parts_of(sample):
    findings = inputs.every_finding(sample)
    for window in (5, 21):
        parts = [item.value for item in findings.all("risks.attribution", window=window)]
        assert len(parts) == 4
        assert sum(parts) == pytest.approx(findings.value("risks.attribution_move", window=window), abs=1e-12)
    named = [item.key["component"] for item in findings.all("risks.score_component") if item.is_known]
    assert len(named) >= 5
    of = {what: [findings.value(f"risks.score_{what}", component=name) for name in named] for what in PARTS}
    assert sum(of["weight"]) == pytest.approx(1, abs=1e-12)
    parts = [value * weight for value, weight in zip(*of.values(), strict=True)]
    assert sum(parts) == pytest.approx(findings.value("risks.score"), abs=1e-11)
    carries = findings.all("hedge.carry")
    assert len(carries) == len(sample[1].hedge_legs)
    for carry in carries:
        parts = [item.value for item in findings.all("hedge.carry_part", leg=carry.key["leg"])]
        assert len(parts) == 4
        assert sum(parts) == pytest.approx(carry.value, abs=1e-12)


def test_a_day_hedged_has_the_ratio_of_the_evening_before(from_bars):
    """Another last day of the fund moves no ratio drawn up to it: that of the day was known the evening before."""
    bars = inputs.funds()[lambda table: table["date"] <= inputs.AS_OF]
    moved = bars.copy()
    rows = (moved["symbol"] == "IJH") & (moved["date"] == inputs.AS_OF)
    moved.loc[rows, FIELDS] *= 1.04
    plain, other = (hedge(*from_bars(table, as_of=inputs.AS_OF)) for table in (bars, moved))
    ratios, others = plain.frames["ratios"], other.frames["ratios"]
    assert ratios["date"].max() == pd.Timestamp(inputs.AS_OF)
    pd.testing.assert_frame_equal(ratios, others, check_exact=True)
    assert not plain.frames["path"].equals(other.frames["path"])


# no dead parameter

BY_SECTION = {
    "breakout": {
        "mid": "IJR",
        "as_of": "2026-04-15",
        "start": "2024-01-02",
        "high_field": "close",
        "window": 63,
        "strict": False,
        "quiet_gap": 5,
        "volume_windows": [30],
        "z_window": 20,
        "atr_multiple": 2.0,
        "stop_atr": 4.0,
    },
    "strength": {
        "mega": "XLG",
        "mega_checks": ["MGK"],
        "market": "RSP",
        "small": "MDY",
        "sectors": ["XLI"],
        "rs_ma": 100,
        "mansfield_weeks": 26,
        "rrg_window": 10,
        "rrg_tail": 3,
    },
    "breadth": {
        "breadth_ma": [20],
        "winners": ["XLI"],
        "losers": ["XLP"],
        "quality": "SPLV",
        "value": "XLF",
        "growth": "XLK",
        "equal_weight": "MDY",
    },
    "history": {
        "long_history_mid": "IJR",
        "long_history_mega": "OEF",
        "horizons": [21],
        "bootstrap_draws": 300,
        "block": 20,
        "seed": 7,
        "alpha": 0.1,
        "correction": "none",
        "min_events_mean": 20,
        "min_events_interval": 60,
        "small_effect": 2.0,
        "month_end_days": 3,
    },
    "risks": {
        "rates": "^FVX",
        "credit": "VNQ",
        "duration": "XLU",
        "rate_shock": 40,
        "credit_shock": 100,
        "reversal_excess": -4.0,
        "reversal_drawdown": -8.0,
        "crowding_weeks": 26,
        "crowding_years": 3,
        "score_weights": {"price": 2.0},
        "label_cuts": [0.001, 0.002, 0.003],
        "coverage_min": 95.0,
    },
    "hedge": {
        "beta_window": 63,
        "hedge_method": "dollar",
        "hedge_legs": ["SPY", "XLP"],
        "vol_target": 5.0,
        "max_leverage": 0.2,
        "borrow_fee": 150.0,
        "trading_cost": 20.0,
    },
}
CHANGES = {name: (section, value) for section, held in BY_SECTION.items() for name, value in held.items()}
#: settings of the run and its sources, of the quote and the text: no section's numbers follow from them
NOT_OF_SECTIONS = {"sources", "required", "tape", "note", "limits", "disclosure", "narrative_llm", "extra"}
NAMED = {section.__name__: section for section in SECTIONS}


def test_every_parameter_is_among_those_whose_change_is_tested():
    assert CHANGES.keys() == Params.model_fields.keys() - NOT_OF_SECTIONS


@pytest.fixture(scope="module")
def plain():
    """A note of the sample with its members, enough of them in each leg's sector, and what a section makes of it."""
    snapshot, params = take(as_of=inputs.AS_OF, sources=SOURCES, bootstrap_draws=200)
    listed = snapshot.background.members
    few = listed.assign(sector=["Utilities" if place % 2 else "Consumer Staples" for place in range(len(listed))])
    taken = replace(snapshot, background=replace(snapshot.background, members=few)), params

    @cache
    def of(name):
        return NAMED[name](*taken)

    return taken, of


@pytest.mark.parametrize("name", CHANGES)
def test_each_parameter_changes_something(plain, name):
    (snapshot, params), of = plain
    section, value = CHANGES[name]
    assert value != getattr(params, name)
    changed = replaced(params, **{name: value})
    if changed.symbols != params.symbols or name in ("as_of", "start"):
        taken = take(**{"as_of": inputs.AS_OF, "sources": SOURCES, "bootstrap_draws": 200, name: value})
    else:
        taken = snapshot, changed
    stated, made = of(section), NAMED[section](*taken)
    same_frames = all(frame.equals(made.frames[name]) for name, frame in stated.frames.items())
    assert list(made.findings) != list(stated.findings) or not same_frames
