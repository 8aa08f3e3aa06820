from __future__ import annotations

import datetime as dt

import pytest

from helpers.core.errors import ParameterError
from helpers.data import calendar


def marked(mark: str, start: str, end: str) -> list[str]:
    frame = calendar.trading_days(start, end)
    return [str(day.date()) for day in frame.index[frame[mark]]]


def test_a_good_friday_expiry_moves_to_the_thursday() -> None:
    assert marked("monthly_expiry", "2019-04-01", "2019-04-30") == ["2019-04-18"]


def test_expiries_are_third_fridays_and_the_model_day_is_one() -> None:
    assert marked("monthly_expiry", "2026-03-01", "2026-04-30") == ["2026-03-20", "2026-04-17"]
    assert marked("quarterly_expiry", "2026-03-01", "2026-04-30") == ["2026-03-20"]


def test_half_days_are_the_early_closes() -> None:
    # New York Stock Exchange, holidays and early closings 2025
    assert marked("half_day", "2025-01-01", "2025-12-31") == ["2025-07-03", "2025-11-28", "2025-12-24"]


def test_rebalances_are_quarterly_and_at_the_russell_reconstitutions() -> None:
    # FTSE Russell announced 28 June 2024 and 27 June 2025; November from 2026 on
    assert marked("index_rebalance", "2025-05-01", "2025-12-01") == ["2025-06-20", "2025-06-27", "2025-09-19"]
    assert "2024-06-28" in marked("index_rebalance", "2024-06-01", "2024-06-30")
    assert marked("index_rebalance", "2026-11-01", "2026-11-30") == ["2026-11-13"]


def test_a_month_end_is_the_last_trading_day_though_the_span_ends_before() -> None:
    assert marked("month_end", "2024-03-20", "2024-03-28") == ["2024-03-28"]  # 29 March was Good Friday
    assert marked("quarter_end", "2024-03-01", "2024-04-30") == ["2024-03-28"]
    assert marked("month_end", "2024-03-20", "2024-03-27") == []


def test_the_day_on_or_before_and_the_day_before() -> None:
    assert calendar.trading_day_on_or_before("2026-04-18") == dt.date(2026, 4, 17)
    assert calendar.trading_day_on_or_before("2026-04-17") == dt.date(2026, 4, 17)
    assert calendar.trading_day_before("2026-04-17") == dt.date(2026, 4, 16)
    assert not calendar.is_trading_day("2026-04-18")


@pytest.mark.parametrize(
    ("clock", "day"),
    [("15:59-04:00", "2026-04-16"), ("16:00-04:00", "2026-04-17"), ("22:00+02:00", "2026-04-17")],
)
def test_a_day_is_finished_at_the_exchanges_own_close(clock: str, day: str) -> None:
    assert calendar.last_finished(dt.datetime.fromisoformat(f"2026-04-17T{clock}")).isoformat() == day


def test_a_half_day_is_finished_at_one() -> None:
    assert calendar.last_finished(dt.datetime.fromisoformat("2026-11-27T13:00-05:00")) == dt.date(2026, 11, 27)


def test_a_clock_without_zone_and_a_day_outside_the_calendar_are_refused() -> None:
    with pytest.raises(ParameterError, match="time zone"):
        calendar.last_finished(dt.datetime(2026, 4, 17, 16))
    with pytest.raises(ParameterError, match="outside the calendar"):
        calendar.is_trading_day("1900-01-01")
