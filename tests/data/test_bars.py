from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.core.errors import MissingColumnError, ParameterError, UnfitDataError
from helpers.data import bars
from helpers.data import basis as made_from

DAYS = pd.bdate_range("2024-01-01", periods=60)


def rows(symbol: str = "IJH", **fields: list[float]) -> pd.DataFrame:
    length = len(next(iter(fields.values())))
    return pd.DataFrame({"date": DAYS[:length], "symbol": symbol, **fields})


def index(frame: pd.DataFrame) -> list[float]:
    return bars.wide(frame, "close", "total_return").iloc[:, 0].tolist()


@st.composite
def histories(draw: st.DrawFn) -> pd.DataFrame:
    """Two symbols with holes, dividends known or not, adjusted closes here and there, each column from some row on."""
    parts = []
    maybe = st.one_of(st.none(), st.floats(1, 200))
    for symbol in ("IJH", "OEF"):
        length = draw(st.integers(1, 25))
        column = {
            name: np.array(draw(st.lists(values, min_size=length, max_size=length)), dtype=float)
            for name, values in (
                ("close", maybe),
                ("adj_close", maybe),
                ("dividend", st.sampled_from([0.0, 0.0, 0.5, None])),
            )
        }
        for name in ("dividend", "adj_close"):
            column[name][: draw(st.integers(0, length))] = np.nan
        parts.append(rows(symbol, **column))
    return pd.concat(parts, ignore_index=True)


def test_the_basis_of_price_has_no_default() -> None:
    with pytest.raises(TypeError):
        bars.wide(rows(close=[1.0]), "close")  # type: ignore[call-arg]


@pytest.mark.parametrize(("field", "basis"), [("high", "total_return"), ("close", "adjusted"), ("vwap", "tape")])
def test_a_field_the_basis_does_not_have_is_refused(field: str, basis: str) -> None:
    with pytest.raises(ParameterError, match=r"found; one of|is not in these bars|has no total return"):
        bars.wide(rows(close=[1.0], high=[1.0]), field, basis)  # type: ignore[arg-type]


def test_unsorted_rows_of_two_symbols_land_on_their_days() -> None:
    frame = pd.concat([rows("OEF", close=[1.0, 2.0]), rows("IJH", close=[3.0, np.nan, 5.0])]).iloc[::-1]
    wide = bars.wide(frame, "close", "tape")
    assert wide.index.equals(pd.DatetimeIndex(DAYS[:3])) and wide.index.name == "date"
    np.testing.assert_array_equal(wide[["IJH", "OEF"]].to_numpy(), [[3, 1], [np.nan, 2], [5, np.nan]])


def test_two_bars_for_one_day_are_refused() -> None:
    with pytest.raises(UnfitDataError, match="IJH 2024-01-01: two bars"):
        bars.wide(pd.concat([rows(close=[1.0]), rows(close=[1.0])]), "close", "tape")


def test_total_return_adds_the_dividend_on_its_day() -> None:
    assert index(rows(close=[50.0, 50.0, 55.0], dividend=[0.0, 0.5, 0.0])) == [100.0, 101.0, 101.0 * 1.1]


def test_a_dividend_changes_total_return_and_never_the_tape() -> None:
    plain, paid = (rows(close=[50.0, 50.0], dividend=[0.0, cash]) for cash in (0.0, 2.0))
    assert index(plain) != index(paid)
    pd.testing.assert_frame_equal(bars.wide(plain, "close", "tape"), bars.wide(paid, "close", "tape"))


def test_an_unknown_dividend_takes_the_adjusted_close() -> None:
    frame = rows(close=[50.0, 50.0, 50.0], dividend=[0.0, np.nan, 0.0], adj_close=[49.0, 49.49, 49.49])
    assert index(frame) == pytest.approx([100.0, 101.0, 101.0])
    assert made_from.total_return_basis(frame) == {"IJH": "vendor's adjusted close"}


def test_without_dividend_or_adjusted_close_the_index_ends() -> None:
    frame = rows(close=[50.0, 51.0, 52.0], dividend=[0.0, np.nan, 0.0])
    assert index(frame) == pytest.approx([100.0, np.nan, np.nan], nan_ok=True)
    assert made_from.total_return_basis(frame) == {"IJH": "none"}


def test_closes_alone_give_a_price_index_that_says_so() -> None:
    frame = rows(close=[50.0, 55.0])
    assert index(frame) == index(bars.tidy(frame)) == pytest.approx([100.0, 110.0])
    assert made_from.total_return_basis(frame) == {"IJH": "close, no dividends stated"}


@pytest.mark.parametrize("absent", ["adj_close", "dividend"])
def test_a_column_that_only_later_rows_fill_changes_no_earlier_value(absent: str) -> None:
    frame = rows(close=[50.0, 51.0, 52.0], **{absent: [np.nan, np.nan, 0.5]})
    early = frame.iloc[:2].drop(columns=absent)
    for prepared in (bars.tidy, pd.DataFrame):
        assert index(prepared(frame))[:2] == index(prepared(early)) == [100.0, 102.0]
    assert made_from.total_return_basis(frame) == {"IJH": "close, no dividends stated"}


def test_once_an_adjusted_close_was_given_a_missing_one_ends_the_index() -> None:
    frame = rows(close=[50.0, 51.0, 52.0, 53.0], adj_close=[np.nan, 49.0, 50.0, np.nan])
    assert index(frame) == pytest.approx([100.0, 102.0, 102.0 * 50 / 49, np.nan], nan_ok=True)


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_bar_stamped_at_the_close_lies_on_its_day(zone: str | None) -> None:
    stamped = rows(close=[1.0, 2.0]).assign(date=(DAYS[:2] + pd.Timedelta(hours=20)).tz_localize(zone))
    assert bars.wide(stamped, "close", "tape").index.equals(pd.DatetimeIndex(DAYS[:2]))
    with pytest.raises(UnfitDataError, match="IJH 2024-01-01: two bars"):
        bars.wide(pd.concat([stamped, stamped.assign(date=stamped["date"].dt.normalize())]), "close", "tape")


def test_the_step_after_a_hole_starts_from_the_last_known_value() -> None:
    frame = rows(close=[50.0, np.nan, 60.0], dividend=[0.0, 0.5, 0.0])
    assert index(frame) == pytest.approx([100.0, np.nan, 121.0], nan_ok=True)


def test_the_index_starts_at_100_on_a_later_first_day() -> None:
    frame = rows(close=[np.nan, 20.0, 30.0], dividend=[np.nan, 0.0, 0.0])
    assert index(frame) == pytest.approx([np.nan, 100.0, 150.0], nan_ok=True)


def test_an_adjusted_close_goes_on_where_the_tape_ends() -> None:
    frame = rows(close=[50.0, 55.0, np.nan], dividend=[0.0, 0.0, np.nan], adj_close=[np.nan, 40.0, 44.0])
    assert index(frame) == pytest.approx([100.0, 110.0, 121.0])


ABSENT = st.sampled_from([[], ["dividend"], ["adj_close"], ["dividend", "adj_close"]])


@given(histories(), ABSENT, st.booleans(), st.integers(1, 25))
def test_cutting_later_rows_changes_no_bit_of_total_return(
    frame: pd.DataFrame, absent: list[str], is_tidy: bool, kept: int
) -> None:
    frame = frame.drop(columns=absent)
    early = frame[frame["date"] < DAYS[kept]]
    early = early.drop(columns=[name for name in early.columns if early[name].isna().all()])  # not known of yet
    if "close" not in early:
        return
    prepared = bars.tidy if is_tidy else pd.DataFrame
    whole, cut = (bars.wide(prepared(part), "close", "total_return") for part in (frame, early))
    whole = whole.loc[cut.index, cut.columns]
    np.testing.assert_array_equal(cut.to_numpy().view(np.int64), whole.to_numpy().view(np.int64))


@given(histories(), st.integers(1, 25))
def test_cutting_later_rows_never_makes_the_basis_weaker(frame: pd.DataFrame, kept: int) -> None:
    strength = [bars.FROM_NOTHING, bars.FROM_CLOSE, bars.FROM_ADJUSTED, bars.FROM_DIVIDENDS]
    whole = made_from.total_return_basis(frame)
    for symbol, basis in made_from.total_return_basis(frame[frame["date"] < DAYS[kept]]).items():
        held = frame.loc[(frame["symbol"] == symbol) & (frame["date"] < DAYS[kept]), ["close", "adj_close"]]
        if held.notna().any(axis=1).sum() > 1:
            assert strength.index(whole[symbol]) <= strength.index(basis)


@given(histories(), st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_total_return_does_not_depend_on_the_scale_of_prices(frame: pd.DataFrame, scale: float) -> None:
    money = ["close", "adj_close", "dividend"]
    scaled = frame.assign(**{name: frame[name] * scale for name in money})
    pd.testing.assert_frame_equal(
        bars.wide(frame, "close", "total_return"), bars.wide(scaled, "close", "total_return"), check_exact=True
    )


def test_as_traded_undoes_later_splits_only() -> None:
    frame = rows(close=[10.0, 10.0, 10.0], split=[np.nan, 5.0, np.nan])
    assert bars.wide(frame, "close", "as_traded")["IJH"].tolist() == [50.0, 10.0, 10.0]
    with pytest.raises(MissingColumnError, match="split"):
        bars.wide(frame.drop(columns="split"), "close", "as_traded")


def test_tidy_bars_have_every_column_sorted_and_leave_the_rows_alone() -> None:
    frame = pd.concat([rows("OEF", close=[1.0]), rows("IJH", close=[2.0, 3.0])]).iloc[::-1]
    before = frame.copy()
    tidy = bars.tidy(frame)
    assert tuple(tidy.columns) == bars.COLUMNS
    assert tidy["symbol"].tolist() == ["IJH", "IJH", "OEF"] and tidy["close"].tolist() == [2.0, 3.0, 1.0]
    pd.testing.assert_frame_equal(frame, before)
