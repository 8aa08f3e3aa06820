"""Credit spreads as bond funds show them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import credit

DAYS = pd.bdate_range("2015-01-02", periods=1200)


def funds(spread_bp: np.ndarray, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    """A bond fund that loses 4 % a 100 bp of wider spread beside what it shares with government bonds."""
    rng = np.random.default_rng(seed)
    government = rng.normal(0, 0.004, len(DAYS))
    own = 0.5 * government - 0.0004 * np.diff(spread_bp, prepend=spread_bp[0])
    return tuple(pd.Series(100 * np.cumprod(1 + moves), index=DAYS) for moves in (own, government))


def walk() -> np.ndarray:
    return 400 + np.cumsum(np.random.default_rng(2).normal(0, 4, len(DAYS)))


def test_the_residual_holds_no_government_bonds():
    left = credit.residual(*funds(np.full(len(DAYS), 400.0)))
    assert left.dropna().abs().max() < 1e-12
    assert left.isna().sum() == 127


def test_the_beta_of_a_day_uses_days_before_it_alone():
    own, other = funds(walk())
    bumped = own.copy()
    bumped.iloc[600:] *= 1.03
    before, after = credit.residual(own, other), credit.residual(bumped, other)
    pd.testing.assert_series_equal(before.iloc[:600], after.iloc[:600])
    assert after.iloc[600] - before.iloc[600] == pytest.approx(0.03 * (1 + own.pct_change().iloc[600]), rel=1e-9)


def test_the_mapping_finds_the_planted_spread():
    spread = walk()
    mapped = credit.mapping(credit.residual(*funds(spread)), pd.Series(spread, index=DAYS))
    assert mapped.bp_per_unit == pytest.approx(2500, rel=0.02)
    assert mapped.r_squared > 0.98


def test_too_little_history_keeps_the_mapping_that_was_measured_once():
    spread = pd.Series(walk(), index=DAYS).iloc[:300]
    assert credit.mapping(credit.residual(*funds(walk())), spread) is credit.MEASURED


def test_a_wider_spread_raises_the_level_by_as_much():
    spread = walk()
    residuals = credit.residual(*funds(spread))
    level = credit.spread_level(residuals, credit.Mapping(2500.0, 0.0, 1.0, 0))
    moved = pd.DataFrame({"implied": level, "true": pd.Series(spread, index=DAYS)}).diff(21).dropna()
    slope = np.polyfit(moved["true"], moved["implied"], 1)[0]
    assert slope == pytest.approx(1.0, abs=0.03)
    assert moved.corr().iloc[0, 1] > 0.98


def test_the_measured_mapping_is_that_of_the_real_fund_and_the_published_spread(shared_data):
    bars = pd.read_parquet(shared_data / "etf_ohlcv_yahoo.parquet").assign(
        date=lambda rows: pd.to_datetime(rows["date"])
    )
    chosen = bars[bars["symbol"].isin(["HYG", "IEF"])]
    index = chosen.pivot(index="date", columns="symbol", values="adj_close").astype(float)
    series = pd.read_parquet(shared_data / "fred_series.parquet")
    spread = series[series["series"] == "BAMLH0A0HYM2"]
    spread_bp = pd.Series(spread["value"].to_numpy() * 100, index=pd.to_datetime(spread["date"]))
    residuals = credit.residual(index["HYG"], index["IEF"])
    found = credit.mapping(residuals, spread_bp)
    assert found.bp_per_unit == pytest.approx(credit.MEASURED.bp_per_unit, rel=0.02)
    assert found.drift == pytest.approx(credit.MEASURED.drift, abs=0.5)
    assert found.r_squared == pytest.approx(credit.MEASURED.r_squared, abs=0.01)
    # as docs/methods.md says of its weakness: steeper since 2019 than before
    slopes = [
        credit.mapping(residuals.loc[first:last], spread_bp.loc[first:last]).bp_per_unit / 100
        for first, last in (("2007", "2011"), ("2012", "2018"), ("2019", "2025"))
    ]
    assert [round(slope) for slope in slopes] == [20, 17, 26]
