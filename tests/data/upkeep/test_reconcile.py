from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import bars as tidy_bars
from helpers.data import calendar
from helpers.data.bars import PRICES
from helpers.data.upkeep import dividends, reconcile

DAYS = calendar.trading_days("2026-01-02", "2026-03-31").index


def bars(count: int = 30, *, seed: int = 3) -> pd.DataFrame:
    """Bars of the first days, with the digits of a vendor and no dividend."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS))))
    columns = {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99, "close": close}
    rounded = {name: np.round(values, 2) for name, values in columns.items()}
    volume = rng.integers(1_000_000, 2_000_000, len(DAYS)).astype(float)
    frame = pd.DataFrame({"date": DAYS, **rounded, "adj_close": np.nan, "volume": volume})
    return frame.assign(dividend=0.0, split=0.0).head(count)


def changed(frame: pd.DataFrame, row: int, **values: float) -> pd.DataFrame:
    frame = frame.copy()
    for name, value in values.items():
        frame.loc[frame.index[row], name] = value
    return frame


def after_split(frame: pd.DataFrame, ratio: float, row: int, *, digits: int = 4) -> pd.DataFrame:
    """The same bars as a vendor tells them once the split on `row` is known."""
    told = reconcile.rescaled(frame, ratio)
    told = told.assign(**{name: told[name].round(digits) for name in PRICES}, volume=told["volume"].round())
    rest = frame.index >= row
    told.loc[rest] = frame.loc[rest].to_numpy()
    return changed(told.astype(frame.dtypes.to_dict()), row, split=ratio)


def day(row: int) -> str:
    return str(DAYS[row].date())


def test_an_answer_that_repeats_what_is_held_is_the_same() -> None:
    found = reconcile.overlap(bars(20), bars(30).iloc[10:])
    assert found == reconcile.Overlap("same", 1.0)
    fresh = reconcile.fresh_rows(bars(20), bars(30).iloc[10:])
    pd.testing.assert_frame_equal(fresh, bars(30).iloc[20:].reset_index(drop=True))


def test_an_answer_without_a_common_day_agrees_with_nothing() -> None:
    assert reconcile.overlap(bars(10), bars(30).iloc[10:]).kind == "none"


@pytest.mark.parametrize("ratio", [2.0, 4.0, 1.5, 0.1, 0.05])
def test_prices_divided_by_a_stated_split_are_a_split(ratio: float) -> None:
    found = reconcile.overlap(bars(20), after_split(bars(30), ratio, 22).iloc[10:])
    assert found.kind == "split" and found.ratio == pytest.approx(1 / ratio, rel=1e-3)


def test_two_splits_since_count_as_their_product() -> None:
    told = after_split(after_split(bars(30), 2, 22), 3, 26).iloc[10:]
    assert reconcile.overlap(bars(20), told).kind == "split"
    assert reconcile.split_factor(told, DAYS[19]) == 6 and reconcile.split_factor(told, DAYS[22]) == 3


def test_prices_multiplied_by_one_number_that_no_split_states_are_rescaled() -> None:
    told = after_split(bars(30), 2, 22).assign(split=0.0).iloc[10:]
    found = reconcile.overlap(bars(20), told)
    assert found.kind == "rescaled" and found.ratio == pytest.approx(0.5, rel=1e-3)
    stated = after_split(bars(30), 2, 22).iloc[10:].replace({"split": {2.0: 3.0}})
    assert reconcile.overlap(bars(20), stated).kind == "rescaled", "another split does not explain it"


def test_two_days_are_too_few_to_call_prices_rescaled() -> None:
    told = reconcile.rescaled(bars(30), 2).iloc[18:]
    assert reconcile.overlap(bars(20), told).kind == "revised"
    assert reconcile.overlap(bars(21), told).kind == "rescaled"


@pytest.mark.parametrize("field", PRICES)
def test_some_other_prices_are_a_revision_of_these_days(field: str) -> None:
    told = changed(bars(30), 15, **{field: bars()[field].iloc[15] + 0.05}).iloc[10:]
    found = reconcile.overlap(bars(20), told)
    assert (found.kind, found.prices) == ("revised", (day(15),))


@given(noise=st.floats(-0.9e-4, 0.9e-4))
def test_the_last_digits_of_a_price_are_not_compared(noise: float) -> None:
    told = bars(30).assign(close=lambda frame: frame["close"] * (1 + noise))
    assert reconcile.overlap(bars(20), told.iloc[10:]).kind == "same"


@given(row=st.integers(10, 19), factor=st.floats(0.9, 1.1))
def test_a_volume_restated_by_more_than_a_percent_is_named(row: int, factor: float) -> None:
    told = changed(bars(30), row, volume=bars()["volume"].iloc[row] * factor).iloc[10:]
    found = reconcile.overlap(bars(20), told)
    is_loud, is_moved = abs(factor - 1) > 0.01, told["volume"].iloc[row - 10] != bars()["volume"].iloc[row]
    assert found.kind == "same" and found.volumes == ((day(row),) if is_loud else ())
    assert found.quiet_volumes == int(is_moved and not is_loud)
    fresh = reconcile.fresh_rows(bars(20), told)
    assert (day(row) in {str(date.date()) for date in fresh["date"]}) == is_moved, "taken either way"


def test_a_volume_that_was_unknown_and_is_told_now_is_taken() -> None:
    held = changed(bars(20), 15, volume=0.0)
    assert reconcile.overlap(held, bars(30).iloc[10:]).volumes == (day(15),)
    assert reconcile.fresh_rows(held, bars(30).iloc[10:])["date"].iloc[0] == DAYS[15]


def test_a_dividend_told_later_is_taken_with_its_day() -> None:
    told = changed(bars(30), 15, dividend=0.5).iloc[10:]
    assert reconcile.overlap(bars(20), told).dividends == (day(15),)
    assert reconcile.fresh_rows(bars(20), told)["dividend"].iloc[0] == 0.5
    assert reconcile.overlap(changed(bars(20), 15, dividend=0.5), told).dividends == ()


def test_an_unknown_dividend_on_both_sides_is_no_difference() -> None:
    unknown = changed(bars(30), 15, dividend=np.nan)
    assert reconcile.overlap(unknown.head(20), unknown.iloc[10:]).dividends == ()
    assert reconcile.overlap(bars(20), unknown.iloc[10:]).dividends == (day(15),)


def test_a_whole_answer_replaces_what_is_held_and_names_what_it_contradicts() -> None:
    told = changed(bars(30), 5, close=49.0, low=48.0)
    whole, old = reconcile.rebuilt(bars(20), told)
    pd.testing.assert_frame_equal(whole, told)
    pd.testing.assert_frame_equal(old, bars(20).iloc[[5]])


def test_a_split_contradicts_nothing() -> None:
    whole, old = reconcile.rebuilt(bars(20), after_split(bars(30), 4, 22))
    assert old.empty and len(whole) == 30


def test_days_that_the_answer_lost_are_kept_as_they_read_after_the_split() -> None:
    told = after_split(bars(30), 4, 22).drop(index=[3, 7])
    whole, old = reconcile.rebuilt(bars(20), told)
    assert old.empty and whole["date"].tolist() == DAYS[:30].tolist()
    kept = whole.iloc[[3, 7]]
    np.testing.assert_allclose(kept[list(PRICES)], bars(20).iloc[[3, 7]][list(PRICES)] / 4)
    np.testing.assert_allclose(kept["volume"], bars(20).iloc[[3, 7]]["volume"] * 4)


@pytest.mark.parametrize(("lost", "is_refused"), [(2, False), (3, True), (15, True)])
def test_an_answer_with_less_than_nine_tenths_of_the_past_is_refused(lost: int, is_refused: bool) -> None:
    told = bars(30).iloc[lost:]
    if is_refused:
        with pytest.raises(ValueError, match=f"{20 - lost} of the 20 days held"):
            reconcile.rebuilt(bars(20), told)
    else:
        assert len(reconcile.rebuilt(bars(20), told)[0]) == 30


def vendor(frame: pd.DataFrame, paid: dict[int, float]) -> pd.DataFrame:
    """Bars whose adjusted close counts these payments in the vendor's way, and states no dividend."""
    close, factor = frame["close"].to_numpy(), np.ones(len(frame))
    for row, amount in paid.items():
        factor[:row] *= 1 - amount / close[row - 1]
    return frame.assign(adj_close=close * factor)


def total_return(frame: pd.DataFrame) -> np.ndarray:
    return tidy_bars.wide(frame.assign(symbol="IJH"), "close", "total_return")["IJH"].to_numpy()


def test_a_dividend_that_the_adjusted_close_confirms_needs_no_witness() -> None:
    kept, doubtful = dividends.without_doubtful(changed(vendor(bars(), {12: 0.4}), 12, dividend=0.4))
    assert doubtful == () and kept["adj_close"].isna().all() and kept["dividend"].iloc[12] == 0.4


@pytest.mark.parametrize("stated", [0.0, 0.2, 40.0])
def test_a_dividend_that_the_adjusted_close_contradicts_is_unknown(stated: float) -> None:
    told = changed(vendor(bars(), {12: 0.9}), 12, dividend=stated)
    kept, doubtful = dividends.without_doubtful(told)
    assert doubtful == (day(12),) and np.isnan(kept["dividend"].iloc[12])
    assert kept["adj_close"].iloc[11] == told["close"].iloc[11]
    step = kept["adj_close"].iloc[12] / kept["adj_close"].iloc[11]
    assert step == pytest.approx(told["adj_close"].iloc[12] / told["adj_close"].iloc[11], rel=1e-12)
    assert kept["adj_close"].notna().sum() == 2


def test_total_return_over_a_doubtful_dividend_follows_the_vendor() -> None:
    told = changed(vendor(bars(), {12: 0.9, 13: 0.4}), 20, dividend=3.0)
    kept, doubtful = dividends.without_doubtful(told)
    assert doubtful == (day(12), day(13), day(20))
    adjusted = told["adj_close"].to_numpy()
    np.testing.assert_allclose(total_return(kept), 100 * adjusted / adjusted[0], rtol=1e-9)


@given(later=st.floats(0.05, 5.0), row=st.integers(15, 29))
def test_a_witness_does_not_change_with_a_later_dividend(later: float, row: int) -> None:
    before, _ = dividends.without_doubtful(vendor(bars(), {12: 0.9}))
    told = changed(vendor(bars(), {12: 0.9, row: later}), row, dividend=later)
    after, doubtful = dividends.without_doubtful(told)
    assert doubtful == (day(12),)
    np.testing.assert_allclose(after["adj_close"].iloc[11:13], before["adj_close"].iloc[11:13], rtol=1e-12)


def test_an_adjusted_close_that_is_the_close_throughout_is_no_witness() -> None:
    told = changed(changed(bars().assign(adj_close=bars()["close"]), 5, dividend=0.4), 20, dividend=0.4)
    kept, doubtful = dividends.without_doubtful(told)
    assert doubtful == () and kept["dividend"].sum() == pytest.approx(0.8)
