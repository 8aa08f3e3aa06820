import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.data import calendar, simulate
from helpers.data.sources import open_source, sample
from helpers.data.sources.sample import SampleSource

FIELDS = ["date", "open", "high", "low", "close", "volume", "dividend", "split"]


@pytest.fixture(scope="module")
def source() -> SampleSource:
    return SampleSource()


def test_the_shipped_files_hold_what_the_script_makes(source: SampleSource) -> None:
    made = {symbol: rows[FIELDS].reset_index(drop=True) for symbol, rows in simulate.simulate().groupby("symbol")}
    assert set(made) == set(source.symbols())
    for symbol, rows in made.items():
        held = source.history(symbol)
        assert held is not None
        wanted = rows.dropna(axis="columns", how="all") if symbol == "^TNX" else rows
        pd.testing.assert_frame_equal(held.bars[list(wanted)], wanted, check_exact=True)


def test_it_is_simulated_and_says_so(source: SampleSource) -> None:
    held = source.history("SPY", "2026-04-01", "2026-04-16")
    assert source.simulated and held is not None
    assert held.meta == {"source": "simulated sample", "simulated": True}
    assert isinstance(open_source("sample"), SampleSource)


def test_bounds_are_both_included_and_empty_means_none(source: SampleSource) -> None:
    held = source.history("IJH", "2026-04-16", "2026-04-17")
    assert held is not None and held.bars["close"].tolist() == [71.49, 72.03]
    whole = source.history("IJH", "", "")
    assert whole is not None and len(whole.bars) == len(calendar.trading_days(simulate.FIRST, simulate.LAST))


def test_actions_are_the_days_with_a_dividend_or_a_split(source: SampleSource) -> None:
    held = source.history("IJH", "2024-02-01", "2024-03-28")
    assert held is not None
    assert held.actions["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-22", "2024-03-18"]
    assert held.actions["split"].iloc[0] == 5.0 and held.actions["dividend"].iloc[1] > 0


def test_a_yield_states_no_volume_and_an_unknown_symbol_is_none(source: SampleSource) -> None:
    held = source.history("^TNX")
    assert held is not None and "volume" not in held.bars
    assert source.history("NOPE") is None


def test_packing_loses_nothing(tmp_path: Path) -> None:
    day = np.array(["2026-04-16", "2026-04-17"], dtype="datetime64[s]")
    bars = pd.DataFrame({"date": day, "symbol": "ABC", "open": [10.01, 9.9], "high": [10.3, 10.0], "low": [9.99, 9.1]})
    bars = bars.assign(close=[10.2, 9.19], volume=[1200.0, 40.0], dividend=[0.0, 0.1234], split=[np.nan, 2.0])
    table = sample.packed(bars)
    columns = {name: table.column(name).to_numpy() for name in table.column_names if name != "symbol"}
    pd.testing.assert_frame_equal(sample.unpacked(columns)[FIELDS], bars[FIELDS], check_exact=True)


@pytest.mark.slow
def test_reading_every_symbol_is_quick() -> None:
    spent = []
    for _ in range(3):
        begun = time.perf_counter()
        source = SampleSource()
        for symbol in source.symbols():
            source.history(symbol)
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 4.0  # about 0.3 s on an idle machine
