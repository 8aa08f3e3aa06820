"""The new high on real bars and on the sample, in every state it can be in."""

import pandas as pd
import pytest

from helpers.data.sources import open_source
from helpers.note import claims
from helpers.sections.breakout import breakout
from helpers.sections.strength import strength
from tests.sections.conftest import TAPE, take


def stated(taken):
    return breakout(*taken).findings


@pytest.fixture(scope="module")
def intraday(real):
    return stated(real(tape=TAPE))


def test_the_tape_of_17_april_is_a_new_intraday_high_over_20_february(intraday):
    assert intraday.value("breakout.is_new_high") is True
    assert intraday.get("breakout.prior_high").text() == "72.56"
    assert intraday.value("breakout.prior_high_date") == "2026-02-20"


def test_the_move_of_the_market_note(intraday):
    # 71.49 to 72.34, as the note itself prints
    assert intraday.get("breakout.change").text(signed=True, decimals=2) == "+1.19%"


def test_a_tape_in_cents_does_not_exceed_the_same_price_in_single_precision(real):
    # the vendor's file holds 72.559998 for 20 February
    found = stated(real(tape={**TAPE, "high": 72.56, "last": 72.56}))
    assert found.value("breakout.is_new_high") is False
    assert found.value("breakout.close_confirmed_at_last") is False


def test_readings_that_need_a_close_are_pending_with_their_price(intraday):
    assert intraday.value("breakout.is_closing_high") is None
    assert intraday.value("breakout.close_confirmed") is None
    assert intraday.get("breakout.closing_high").text() == "72.11"
    assert intraday.value("breakout.closing_high_at_last") is True
    assert intraday.value("breakout.close_confirmed_at_last") is False


def test_base_rates_come_with_n_and_interval(intraday):
    rate = intraday.get("breakout.close_confirmed_rate")
    assert rate.n >= 30 and rate.low < rate.value < rate.high
    assert rate.value <= intraday.value("breakout.closing_high_rate")


def test_a_partial_day_has_a_share_of_a_usual_day_and_no_word(intraday):
    assert 0 < intraday.value("breakout.volume_share", window=20) < 0.1
    assert intraday.value("breakout.volume_word") is None
    assert not intraday.all("breakout.rvol")


def test_the_finished_day_is_confirmed_and_light(real):
    found = stated(real(as_of="2026-04-17"))
    assert found.value("breakout.close_confirmed") is True
    assert found.value("breakout.volume_word") == "light"


@pytest.mark.parametrize(("mid", "day"), [("XLI", "2019-02-26"), ("IWM", "2008-09-19"), ("KRE", "2008-09-19")])
def test_a_bad_print_never_gives_a_new_high(real, mid, day):
    found = stated(real(mid=mid, as_of=day))
    assert found.value("breakout.is_lone_high") is True
    assert found.value("breakout.is_new_high") is None
    verdicts = {claim.id: claim.verdict for claim in claims.audit(found)}
    assert verdicts["new_high"] == "cannot be tested"


@pytest.mark.parametrize(
    ("mid", "day"),
    [("XLI", "2019-02-25"), ("XLI", "2019-02-27"), ("XLI", "2019-04-05"), ("IWM", "2008-09-18"), ("IWM", "2008-09-22")],
)
def test_a_bad_print_does_not_stain_other_days(real, mid, day):
    found = stated(real(mid=mid, as_of=day))
    assert found.value("breakout.is_lone_high") is False
    assert found.value("breakout.is_new_high") in (True, False)
    assert found.value("breakout.prior_high") < {"XLI": 81.5, "IWM": 86}[mid]


def test_a_lone_high_on_the_tape_is_not_believed_either(real):
    taken = real(tape={**TAPE, "high": 79.0})
    section = breakout(*taken)
    assert section.findings.value("breakout.is_lone_high") is True
    assert section.findings.value("breakout.is_new_high") is None
    assert not section.frames["price"]["is_new_high"].iloc[-1]
    assert strength(*taken).findings.value("strength.first_high_date", role="mid") is None


def test_a_last_price_above_the_high_is_one_without_the_lone_print(real):
    found = stated(real(tape={**TAPE, "high": 79.0, "last": 72.60}))
    assert found.value("breakout.is_new_high") is True
    assert found.get("breakout.margin").text() == "0.04"
    text = claims.audit(found)[0].text
    assert "79.00 is set aside" in text


def test_a_lone_print_does_not_hold_up_a_close_based_high(real):
    found = stated(real(tape={**TAPE, "high": 79.0}, high_field="close"))
    assert claims.audit(found)[0].verdict == "pending"


@pytest.mark.parametrize(("window", "counted"), [(504, 1), (252, 0), ("365d", 0)])
def test_only_holes_inside_the_window_count(from_bars, window, counted):
    source = open_source("sample")
    bars = pd.concat(
        source.history(symbol, "2018-01-01", "2026-04-16").bars.assign(symbol=symbol)
        for symbol in ("IJH", "OEF", "SPY", "XLG", "IJR", "XLI")
    )
    day = bars.loc[bars["symbol"] == "IJH", "date"].iloc[-400]
    holed = bars[(bars["symbol"] != "IJH") | (bars["date"] != day)]
    taken = from_bars(holed, as_of="2026-04-16", mega_checks=["XLG"], sectors=["XLI"], window=window)
    found = stated(taken)
    assert found.value("breakout.holes_in_window") == counted
    assert (found.value("breakout.is_new_high") is None) == bool(counted)


def test_a_bad_low_moves_neither_base_nor_stop(real):
    # 6.13 stands in the file for 6 May 2010, where the fund traded near 15
    found = stated(real(as_of="2010-05-10"))
    assert found.value("breakout.lone_lows_set_aside") >= 1
    assert found.value("breakout.base_low") > 10
    assert found.value("breakout.atr") < 0.6


def test_equal_to_the_old_high_depends_on_strict():
    exact = {**TAPE, "high": 72.53}
    assert stated(take(tape=exact)).value("breakout.is_new_high") is False
    assert stated(take(tape=exact, strict=False)).value("breakout.is_new_high") is True


@pytest.mark.parametrize("field", ["close", "total_return"])
def test_a_close_based_high_is_pending_while_the_day_runs(field):
    found = stated(take(tape=TAPE, high_field=field))
    assert found.value("breakout.is_new_high") is None
    assert found.value("breakout.prior_high") is not None
    assert {claim.id: claim.verdict for claim in claims.audit(found)}["new_high"] == "pending"


def test_a_fund_younger_than_the_window_has_no_data():
    found = stated(take(as_of="2006-09-01"))
    assert found.value("breakout.is_new_high") is None
    assert {claim.id: claim.verdict for claim in claims.audit(found)}["new_high"] == "no data"


def test_warning_and_stop_hang_on_the_average_true_range():
    found = stated(take(tape=TAPE))
    atr = found.value("breakout.atr")
    assert found.value("breakout.level", level="warning") == found.value("breakout.confirm_level") - atr
    assert found.value("breakout.level", level="stop") == 72.34 - 2.5 * atr


def test_the_simulated_subject_says_so():
    assert {item.subject for item in stated(take(tape=TAPE))} == {"IJH (simulated)"}


def test_the_close_that_makes_a_total_return_high(real):
    found = stated(real(as_of="2026-04-17"))
    close, needed = found.value("breakout.last"), found.value("breakout.total_return_high")
    assert found.value("breakout.is_total_return_high") is (close > needed)
    # dividends lift the index, so its high asks for no more than the tape's
    assert needed <= found.value("breakout.closing_high") * (1 + 1e-9)


def test_a_total_return_high_is_pending_while_the_day_runs(intraday):
    assert intraday.value("breakout.is_total_return_high") is None
    assert intraday.value("breakout.total_return_high_at_last") in (True, False)
