"""Relative strength by every stand-in, the missing ones degrading only themselves."""

import pandas as pd
import pytest

from helpers.data.sources import open_source
from helpers.sections.strength import strength
from tests.sections.conftest import TAPE, take

WITH_MGK = {"mega_checks": ["XLG", "MGC", "MGK"]}


@pytest.fixture(scope="module")
def found(real):
    return strength(*real(tape=TAPE, **WITH_MGK)).findings


def adjusted(shared_data, symbol):
    table = pd.read_parquet(shared_data / "etf_adjclose_to_2026-07-31.parquet", filters=[("symbol", "==", symbol)])
    line = table.set_index("date")["adj_close"]
    return line[line.index <= pd.Timestamp("2026-04-16").date()]


@pytest.mark.parametrize("window", [5, 21, 63, 126, 252])
@pytest.mark.parametrize("against", ["OEF", "XLG", "MGC", "MGK"])
def test_excess_returns_equal_the_vendors_adjusted_closes(found, shared_data, window, against):
    mid, mega = adjusted(shared_data, "IJH"), adjusted(shared_data, against)
    expected = mid.iloc[-1] / mid.iloc[-1 - window] - mega.iloc[-1] / mega.iloc[-1 - window]
    assert found.value("strength.excess", window=window, against=against) == pytest.approx(expected, abs=2e-4)


def test_nothing_of_the_tapes_own_day_enters(found):
    assert {item.as_of for item in found.all("strength.excess")} == {"2026-04-16"}


def test_the_market_made_its_high_first(found):
    assert found.value("strength.came_first") == "market"
    assert found.value("strength.first_high_date", role="market") == "2026-04-15"
    assert found.value("strength.first_high_date", role="mid") == "2026-04-17"


def test_disagreement_is_stated(found):
    assert found.value("strength.stand_ins_differ", window=21) is True


def test_missing_stand_ins_degrade_only_themselves(real, shared_data, found):
    alone = strength(
        *real(tape=TAPE, sources={"bars": [str(shared_data / "etf_ohlcv_yahoo.parquet")]}, **WITH_MGK)
    ).findings
    assert alone.value("strength.excess", window=21, against="XLG") is None
    assert alone.value("strength.excess", window=21, against="MGK") == found.value(
        "strength.excess", window=21, against="MGK"
    )
    assert alone.value("strength.excess", window=21, against="SPY") is not None


def test_a_quarantined_stand_in_says_nothing(from_bars):
    source = open_source("sample")
    bars = pd.concat(
        source.history(symbol, "2018-01-01", "2026-04-16").bars.assign(symbol=symbol)
        for symbol in ("IJH", "OEF", "SPY", "XLG", "IJR", "XLI")
    )
    # a split the vendor missed: five to one, a month before the end
    late = (bars["symbol"] == "OEF") & (bars["date"] > "2026-03-16")
    bars.loc[late, ["open", "high", "low", "close"]] /= 5
    taken = from_bars(bars, as_of="2026-04-16", mega_checks=["XLG"], sectors=["XLI"])
    assert taken[0].status("OEF").status == "quarantined"
    found = strength(*taken).findings
    assert found.value("strength.excess", window=21, against="OEF") is None
    assert found.value("strength.excess", window=21, against="XLG") is not None


def test_only_finished_weeks_are_drawn(sample):
    dates = strength(*sample).frames["rotation"]["date"]
    # 16 April 2026 is a Thursday; the week before ended on 10 April
    assert dates.max() == pd.Timestamp("2026-04-10")


def test_past_quadrants_do_not_change_as_weeks_are_added():
    early, late = (strength(*take(as_of=day)).frames["rotation"] for day in ("2026-03-13", "2026-04-10"))
    both = early.merge(late, on=["date", "symbol"], suffixes=("", "_later"))
    assert len(both) > 50
    assert (both["quadrant"] == both["quadrant_later"]).all()
    assert (both["rs_ratio"] == both["rs_ratio_later"]).all()


def test_every_tier_and_sector_is_drawn(sample):
    snapshot, params = sample
    shown = set(strength(snapshot, params).frames["rotation"]["symbol"])
    assert shown == {"OEF", "IJH", "IJR", *params.sectors}


def test_the_grid_prints_what_its_findings_say(sample):
    section = strength(*sample)
    row = section.frames["grid"].query("symbol == 'IJH' and span == '1Y'").iloc[0]
    said = section.findings.get("strength.performance", subject="IJH (simulated)", span="1Y")
    assert row["text"] == said.text(signed=True)
