"""Published tables, made again from the French library: the definitions find what their authors found."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from helpers.evidence import calendar_effect
from tests.evidence import measured

TURN_OF_MONTH = (-1, 1, 2, 3)
MONTHS_PER_YEAR = 12


@pytest.fixture(scope="module")
def french(shared_data: Path) -> Path:
    return shared_data / "french"


@pytest.fixture(scope="module")
def turn_of_month(french: Path) -> dict[str, tuple[float, float]]:
    """Mean daily return of the market about the turn of the month and on other days, percent, 1926-2005.

    The data's own dates say which day is a month's last: the exchange was open on Saturdays, which no calendar has.
    """
    factors = pd.read_parquet(french / "FF_factors_daily.parquet")
    months = pd.Series(pd.DatetimeIndex(factors.index).to_period("M"), index=factors.index)
    place = calendar_effect.positions(months != months.shift(-1)).loc[:"2005-12-31"].dropna()
    is_turn = place.isin(TURN_OF_MONTH)
    factors = factors.loc[place.index]
    lines = {"excess": factors["Mkt-RF"], "total": factors["Mkt-RF"] + factors["RF"]}
    return {name: (line[is_turn].mean(), line[~is_turn].mean()) for name, line in lines.items()}


@pytest.fixture(scope="module")
def small_less_big(french: Path) -> tuple[float, float, float]:
    """Smallest less largest size decile, 1936-1975: mean and volatility in percent a year, and their ratio."""
    deciles = pd.read_parquet(french / "FF_ME_monthly.parquet").loc["1936":"1975"]
    spread = deciles["Lo 10"] - deciles["Hi 10"]
    assert len(spread) == 40 * MONTHS_PER_YEAR
    mean, volatility = spread.mean() * MONTHS_PER_YEAR, spread.std(ddof=1) * math.sqrt(MONTHS_PER_YEAR)
    return mean, volatility, mean / volatility


def test_beyond_cash_the_market_rose_at_the_turn_of_the_month_only(
    turn_of_month: dict[str, tuple[float, float]],
) -> None:
    turn, other = turn_of_month["excess"]
    assert (f"{turn:.2f}", f"{other:.2f}") == ("0.15", "0.00")


def test_the_turn_of_the_month_added_as_much_with_cash_as_without(
    turn_of_month: dict[str, tuple[float, float]],
) -> None:
    added = {name: turn - other for name, (turn, other) in turn_of_month.items()}
    assert f"{added['excess']:.2f}" == f"{added['total']:.2f}" == "0.15"


def test_small_less_big_had_its_published_mean_volatility_and_ratio(small_less_big: tuple[float, float, float]) -> None:
    mean, volatility, ratio = small_less_big
    assert (f"{mean:.1f}", f"{volatility:.0f}", f"{ratio:.2f}") == ("7.1", "25", "0.28")


def test_the_page_prints_what_the_tables_gave(
    turn_of_month: dict[str, tuple[float, float]], small_less_big: tuple[float, float, float]
) -> None:
    (turn, other), (total_turn, total_other) = turn_of_month["excess"], turn_of_month["total"]
    mean, volatility, ratio = small_less_big
    measured.assert_printed(
        {
            "turn of the month, market less cash, % a day": f"{turn:.3f}",
            "other days, market less cash, % a day": f"{other:.3f}",
            "turn of the month, market, % a day": f"{total_turn:.3f}",
            "other days, market, % a day": f"{total_other:.3f}",
            "size decile 1 less 10, mean, % a year": f"{mean:.2f}",
            "size decile 1 less 10, volatility, % a year": f"{volatility:.2f}",
            "size decile 1 less 10, Sharpe ratio": f"{ratio:.3f}",
        }
    )
