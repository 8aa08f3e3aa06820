from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.core.params import Params, load
from helpers.data import calendar, simulate

SAMPLE = Path(simulate.__file__).parent / "sample"
PARAMS = Path(__file__).parents[2] / "params" / "sample.yaml"
MEMBERS = pd.read_csv(SAMPLE / "members.csv", index_col="symbol")


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return simulate.simulate()


@pytest.fixture(scope="module")
def close(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.pivot(index="date", columns="symbol", values="close")


def mid_field(bars: pd.DataFrame, field: str) -> pd.Series:
    return bars[bars["symbol"] == "IJH"].set_index("date")[field]


def test_the_same_seed_writes_the_same_small_files(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
    first, second = simulate.write(tmp_path / "first"), simulate.write(tmp_path / "second")
    assert [path.name for path in first] == ["funds.parquet", "members.parquet"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert sum((SAMPLE / path.name).stat().st_size for path in first) < 4_000_000


def test_another_seed_gives_another_market_that_still_leads_up_to_the_tape() -> None:
    bars = simulate.simulate(seed=3)
    closes, highs = mid_field(bars, "close"), mid_field(bars, "high")
    assert closes["2026-04-16"] == 71.49
    assert highs[:"2026-04-16"].tail(252).max() == 72.53
    assert closes["2026-03-27":"2026-04-16"].min() == closes["2026-03-27"]
    assert closes["2015-06-01"] != mid_field(simulate.simulate(seed=4), "close")["2015-06-01"]


def test_rows_are_ordered_and_prices_consistent(bars: pd.DataFrame) -> None:
    assert not bars.duplicated(["symbol", "date"]).any()
    assert bars.groupby("symbol")["date"].apply(lambda dates: dates.is_monotonic_increasing).all()
    assert (bars["low"] <= bars[["open", "close"]].min(axis=1)).all()
    assert (bars["high"] >= bars[["open", "close"]].max(axis=1)).all()
    assert bars["low"].min() > 0


def test_days_are_the_exchange_s_own(close: pd.DataFrame) -> None:
    assert (close.index[0], close.index[-1]) == (pd.Timestamp("2006-01-03"), pd.Timestamp("2026-05-29"))
    for holiday in ("2012-10-29", "2025-01-09", "2026-04-03"):
        assert pd.Timestamp(holiday) not in close.index


def test_every_ticker_of_the_default_parameters_is_there_from_the_start(close: pd.DataFrame) -> None:
    needed = {*Params().symbols, "MGK", "RSP", "MDY", "IWM", "TLT", "LQD", "HYG", "IEF", "^TNX", *MEMBERS.index}
    needed |= {"KRE", "IYT", "SPLV", "QUAL", "VNQ"}
    assert needed <= set(close.columns)
    assert close.notna().all(axis=None)


def test_the_history_leads_up_to_the_tape_of_the_sample_parameters(bars: pd.DataFrame) -> None:
    tape = load(PARAMS).tape
    assert tape is not None
    highs, closes = mid_field(bars, "high"), mid_field(bars, "close")
    before = highs[highs.index < tape.date].tail(252)
    assert closes[closes.index < tape.date].iloc[-1] == tape.prior_close
    assert 0 < tape.high / before.max() - 1 < 0.005
    assert highs[tape.date] >= tape.high
    assert closes[closes.index < tape.date].tail(252).nlargest(2).tolist()[0] == 72.12
    assert closes["2026-02-18":"2026-04-16"].min() / before.max() - 1 == pytest.approx(-0.09, abs=0.01)


def test_one_split_and_no_step_on_its_day(bars: pd.DataFrame) -> None:
    split = bars.dropna(subset="split")
    assert split[["symbol", "split"]].values.tolist() == [["IJH", 5.0]]
    assert split["date"].tolist() == [pd.Timestamp("2024-02-22")]
    assert abs(mid_field(bars, "close").pct_change()["2024-02-22"]) < 0.03


def test_dividends_are_quarterly_and_about_the_size_of_the_real_ones(bars: pd.DataFrame) -> None:
    paid = mid_field(bars, "dividend")
    assert paid[paid > 0].groupby(paid[paid > 0].index.year).size().loc[2006:2025].eq(4).all()
    assert 0.008 < paid["2025"].sum() / mid_field(bars, "close")["2025"].mean() < 0.017
    assert paid.notna().all()


def test_returns_look_like_a_market(close: pd.DataFrame) -> None:
    moves = np.log(close).diff()
    assert 0.008 < moves["SPY"].std() < 0.013
    assert 2 < moves["SPY"].kurt() < 12
    assert 0.88 < moves["IJH"].corr(moves["SPY"]) < 0.96
    assert moves["IJH"].corr(moves["MDY"]) > 0.99
    assert moves["OEF"].corr(moves["SPY"]) > 0.98
    assert close["^TNX"].between(0.5, 9).all()
    assert moves["TLT"].corr(close["^TNX"].diff()) < -0.9


def test_true_range_of_the_mid_fund_is_about_one_and_a_quarter_percent(bars: pd.DataFrame) -> None:
    previous = mid_field(bars, "close").shift()
    spread = np.maximum(mid_field(bars, "high"), previous) - np.minimum(mid_field(bars, "low"), previous)
    assert 0.010 < (spread / previous).mean() < 0.015


def test_the_mid_fund_is_its_members(close: pd.DataFrame) -> None:
    assert MEMBERS["weight"].sum() == pytest.approx(1)
    basket = close[MEMBERS.index].pct_change() @ MEMBERS["weight"]
    gap = (close["IJH"].pct_change() - basket).iloc[1:]
    assert gap.std() < 0.001
    assert abs(gap.mean()) * 252 < 0.01


def test_volume_is_plausible_and_special_on_special_days(bars: pd.DataFrame) -> None:
    volume, days = mid_field(bars, "volume"), calendar.trading_days(simulate.FIRST, simulate.LAST)
    assert 7e6 < volume["2026"].median() < 15e6
    usual = volume / volume.rolling(21, center=True).median()
    assert usual[days["half_day"]].median() < 0.7
    assert usual[days["monthly_expiry"]].median() > 1.15
    assert np.log(volume).diff(1).std() < np.log(volume).diff(100).std()
    assert volume.min() > 0
