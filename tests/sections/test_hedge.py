"""Hedges by ratios of the evening before; a leg without bars degrades itself alone; sizes, stops and carry add up."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from helpers.core.params import replaced
from helpers.data import macro
from helpers.data.sources import open_source
from helpers.sections.breakout import breakout
from helpers.sections.hedge import hedge
from tests.sections.conftest import TAPE, take

DAY = "2026-04-16"
LEGS = ("SPY", "OEF", "XLP", "XLU", "VNQ", "SPLV")
SYMBOLS = ("IJH", *LEGS, "^TNX", "HYG", "IEF")
SLIM = {"mega_checks": [], "sectors": ["XLP"], "as_of": DAY}
BY_LEG = (
    "ratio",
    "variance_removed",
    "variance_removed_all",
    "market_beta",
    "rate_beta",
    "rate_beta_all",
    "credit_beta",
    "drawdown",
    "second_bet",
    "carry",
)


@lru_cache(maxsize=1)
def bars() -> pd.DataFrame:
    source = open_source("sample")
    parts = [source.history(symbol, "2014-01-01", DAY).bars.assign(symbol=symbol) for symbol in SYMBOLS]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found(sample):
    return hedge(*sample).findings


@pytest.fixture(scope="module")
def on_real(real):
    return hedge(*real(as_of=DAY)).findings


@lru_cache(maxsize=1)
def adjusted(folder):
    """Vendor's adjusted closes up to the day, trading days x symbols."""
    rows = pd.read_parquet(folder / "etf_adjclose_to_2026-07-31.parquet").astype({"date": "datetime64[s]"})
    more = pd.read_parquet(folder / "etf_ohlcv_yahoo.parquet", filters=[("symbol", "==", "XLU")])
    wide = rows.pivot(index="date", columns="symbol", values="adj_close")
    if "XLU" not in wide:
        wide["XLU"] = more.astype({"date": "datetime64[s]"}).set_index("date")["adj_close"]
    return wide[(wide.index <= DAY) & wide["SPY"].notna()]


def plain_position(wide, leg):
    """Returns of the fund, and of the fund hedged, from prices, by the formula of docs/methods.md."""
    mid, short = (wide[symbol].pct_change(fill_method=None) for symbol in ("IJH", leg))
    slope = mid.rolling(126).cov(short) / short.rolling(126).var()
    ratio = (0.5 * slope + 0.5).clip(0, 2).shift(1)
    return mid.tail(1260), (mid - ratio * short).tail(1260), ratio.tail(1260)


def addresses(findings):
    return [item.address for item in findings]


# --- what is stated -------------------------------------------------------------------------------------------------


def test_everything_is_known_on_the_sample(found):
    assert not [item.address for item in found if item.value is None]


def test_the_same_is_stated_with_no_bars_but_the_funds(from_bars, found):
    alone = hedge(*from_bars(bars()[bars()["symbol"] == "IJH"], as_of=DAY)).findings
    plain = [address.replace(" (simulated)", "") for address in addresses(found)]
    assert addresses(alone) == plain
    assert {item.value for item in alone if "leg" in item.key and item.key.get("part") != "dividend"} == {None}
    assert alone.value("hedge.best_leg") is None
    assert alone.value("hedge.size") == pytest.approx(found.value("hedge.size"))
    assert alone.value("hedge.unhedged_drawdown") == pytest.approx(found.value("hedge.unhedged_drawdown"))


def test_a_finding_rests_on_days_up_to_the_last_bar_and_a_price_on_the_tape():
    findings = hedge(*take(tape=TAPE)).findings
    of_today = {item.id for item in findings if item.as_of == "2026-04-17"}
    assert of_today == {
        "hedge.entry",
        "hedge.has_stop",
        "hedge.loss_at_stop_sized",
        "hedge.loss_through_gap",
    }
    assert {item.as_of for item in findings if item.id not in of_today} == {DAY}
    assert findings.value("hedge.entry") == TAPE["last"]


def test_every_finding_equals_the_one_on_data_cut_at_its_day(from_bars):
    day = "2024-10-15"
    whole = hedge(*from_bars(bars(), **{**SLIM, "as_of": day})).findings
    cut = hedge(*from_bars(bars()[bars()["date"] <= day], **{**SLIM, "as_of": day})).findings
    assert list(cut) == list(whole)
    assert whole.value("hedge.variance_removed", leg="SPY") is not None


# --- legs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leg", LEGS)
def test_a_leg_equals_a_plain_computation_on_the_vendors_adjusted_closes(on_real, shared_data, leg):
    wide = adjusted(shared_data)
    mid, position, ratio = plain_position(wide, leg)
    rates, market = wide["^TNX"].diff() * 100, wide["SPY"].pct_change()

    def slope(returns, factor):
        both = pd.DataFrame({"y": returns, "x": factor.reindex(returns.index)}).dropna()
        return np.polyfit(both["x"], both["y"], 1)[0]

    value = (1 + position).cumprod()
    said = on_real.get("hedge.ratio", leg=leg)
    # the project makes total return of closes and dividends, which differs from the vendor's in the sixth digit
    assert said.value == pytest.approx(ratio.iloc[-1], abs=2e-3)
    assert (said.low, said.high) == pytest.approx(tuple(ratio.quantile([0.05, 0.95])), abs=2e-3)
    removed = 1 - position.var() / mid.var()
    assert on_real.value("hedge.variance_removed", leg=leg) == pytest.approx(removed, abs=2e-3)
    assert on_real.value("hedge.market_beta", leg=leg) == pytest.approx(slope(position, market), abs=3e-3)
    assert on_real.value("hedge.rate_beta", leg=leg) == pytest.approx(slope(position, rates) * 1e5, abs=0.3)
    fall = (value / value.cummax().clip(lower=1) - 1).min()
    assert on_real.value("hedge.drawdown", leg=leg) == pytest.approx(fall, abs=5e-3)


def test_legs_are_judged_by_the_same_five_years(found):
    assert {item.n for item in found.all("hedge.variance_removed")} == {1260}
    assert {item.n for item in found.all("hedge.drawdown")} == {1260}
    assert min(item.n for item in found.all("hedge.variance_removed_all")) > 4000


def test_the_best_leg_removed_most_variance(found):
    most = max(found.all("hedge.variance_removed"), key=lambda item: item.value)
    assert found.value("hedge.best_leg") == most.key["leg"]
    assert found.get("hedge.best_leg").n == most.n


def test_a_second_bet_has_a_larger_beta_than_the_fund_alone(found, on_real):
    seen = set()
    for findings in (found, on_real):
        alone = {name: abs(findings.value(f"hedge.unhedged_{name}")) for name in ("rate_beta", "market_beta")}
        for item in findings.all("hedge.second_bet"):
            leg = item.key["leg"]
            betas = {name: findings.get(f"hedge.{name}", leg=leg) for name in alone}
            assert all(beta.low < beta.value < beta.high for beta in betas.values())
            larger = [max(beta.low, -beta.high) > alone[name] for name, beta in betas.items()]
            assert item.value is (any(larger) or findings.value("hedge.variance_removed", leg=leg) <= 0)
            seen.add(item.value)
    assert seen == {True, False}


def test_a_missing_leg_says_nothing_and_the_others_stay_as_they_were(from_bars):
    whole = hedge(*from_bars(bars(), **SLIM)).findings
    less = hedge(*from_bars(bars()[bars()["symbol"] != "XLU"], **SLIM)).findings
    assert addresses(less) == addresses(whole)
    for before, after in zip(whole, less, strict=True):
        if before.key.get("leg") == "XLU":
            assert after.value is None or after.key.get("part") == "dividend", after.address
        elif before.id != "hedge.best_leg":
            assert after == before
    assert less.value("hedge.best_leg") == whole.value("hedge.best_leg")


def test_the_fund_is_no_leg_of_itself(sample):
    snapshot, params = sample
    findings = hedge(snapshot, replaced(params, hedge_legs=["IJH", "SPY"])).findings
    for what in BY_LEG:
        assert findings.value(f"hedge.{what}", leg="IJH (simulated)") is None, what
        assert findings.value(f"hedge.{what}", leg="SPY (simulated)") is not None, what


def test_a_leg_whose_bars_ended_is_none_today(from_bars):
    ended = bars()[(bars()["symbol"] != "XLP") | (bars()["date"] < "2026-04-01")]
    findings = hedge(*from_bars(ended, **SLIM)).findings
    assert {findings.value(f"hedge.{what}", leg="XLP") for what in BY_LEG} == {None}
    assert findings.value("hedge.variance_removed", leg="SPY") is not None


def test_a_lost_day_of_a_leg_leaves_its_ratio(from_bars):
    lost = bars()[(bars()["symbol"] != "XLP") | (bars()["date"] != "2026-03-10")]
    whole, less = (hedge(*from_bars(rows, **SLIM)).findings for rows in (bars(), lost))
    assert less.get("hedge.variance_removed", leg="XLP").n == whole.get("hedge.variance_removed", leg="XLP").n - 2
    before, after = (findings.value("hedge.ratio", leg="XLP") for findings in (whole, less))
    assert after == pytest.approx(before, abs=0.02)


def test_a_young_leg_has_a_ratio_and_no_record(from_bars):
    young = bars()[(bars()["symbol"] != "XLP") | (bars()["date"] > "2025-09-01")]
    findings = hedge(*from_bars(young, **SLIM)).findings
    said = findings.get("hedge.ratio", leg="XLP")
    assert said.value is not None and said.low is None
    for what in ("variance_removed", "rate_beta", "market_beta", "drawdown", "second_bet"):
        assert findings.value(f"hedge.{what}", leg="XLP") is None


def test_the_last_days_returns_change_no_ratio_in_force_on_it(from_bars):
    moved = bars().copy()
    rows = (moved["date"] == DAY) & (moved["symbol"] == "XLU")
    moved.loc[rows, ["open", "high", "low", "close"]] *= 1.03
    plain, other = (hedge(*from_bars(rows, **SLIM)) for rows in (bars(), moved))
    pd.testing.assert_frame_equal(plain.frames["ratios"], other.frames["ratios"], check_exact=True)
    assert plain.findings.all("hedge.ratio") == other.findings.all("hedge.ratio")
    drawn, redrawn = (section.findings.value("hedge.variance_removed", leg="XLU") for section in (plain, other))
    assert drawn != redrawn


@pytest.mark.parametrize("method", ["ewma", "dollar"])
def test_another_method_gives_other_ratios(sample, found, method):
    snapshot, params = sample
    other = hedge(snapshot, replaced(params, hedge_method=method)).findings
    leg = "XLU (simulated)"
    ratio = other.get("hedge.ratio", leg=leg, method=method)
    assert ratio.value != found.value("hedge.ratio", leg=leg)
    if method == "dollar":
        assert (ratio.low, ratio.value, ratio.high) == (1.0, 1.0, 1.0)


def test_without_a_yield_the_rate_betas_are_unknown_and_the_rest_stands(from_bars):
    whole = hedge(*from_bars(bars(), **SLIM)).findings
    less = hedge(*from_bars(bars()[bars()["symbol"] != "^TNX"], **SLIM)).findings
    for before, after in zip(whole, less, strict=True):
        if "rate_beta" in before.id:
            assert after.value is None and "no data" in after.basis
        elif before.id != "hedge.second_bet":
            assert after == before
    # a larger market beta would decide without the yield; a smaller one leaves the question open
    assert {item.value for item in less.all("hedge.second_bet")} == {None}


def test_a_yield_that_stands_on_its_day_of_publication_is_not_set_against_that_days_returns(from_bars):
    snapshot, params = from_bars(bars()[bars()["symbol"] != "^TNX"], **SLIM)
    days = snapshot.days
    rows = pd.DataFrame({"date": days[:-1], "published": days[1:], "value": 4.0 + np.sin(np.arange(len(days) - 1)) / 9})
    rows = rows.assign(series="DGS10", publication="stated")[list(macro.COLUMNS)]
    late = replace(snapshot, background=replace(snapshot.background, macro=rows))
    findings = hedge(late, params).findings
    assert {item.value for item in findings.all("hedge.rate_beta")} == {None}
    assert findings.value("hedge.credit_beta", leg="SPY") is not None


def test_without_a_credit_fund_the_credit_betas_are_unknown(from_bars):
    findings = hedge(*from_bars(bars()[bars()["symbol"] != "HYG"], **SLIM)).findings
    assert {item.value for item in findings.all("hedge.credit_beta")} == {None}
    assert findings.value("hedge.rate_beta", leg="SPY") is not None


# --- size, stop, gap ------------------------------------------------------------------------------------------------


def test_a_position_of_the_size_moves_as_much_as_wanted(found):
    volatility, size = found.value("hedge.volatility"), found.value("hedge.size")
    assert size * volatility == pytest.approx(0.10)


def test_the_size_stops_at_the_cap(sample):
    snapshot, params = sample
    capped = hedge(snapshot, replaced(params, max_leverage=0.4)).findings
    assert capped.value("hedge.size") == 0.4


def test_losses_follow_from_entry_stop_gap_and_size(sample, found):
    levels = breakout(*sample).findings
    entry, stop = levels.value("breakout.last"), levels.value("breakout.level", level="stop")
    size, gap = found.value("hedge.size"), found.value("hedge.gap")
    assert found.value("hedge.entry") == entry
    assert found.value("hedge.loss_at_stop_sized") == pytest.approx(size * (stop / entry - 1))
    assert found.value("hedge.loss_through_gap") == pytest.approx(size * (stop * (1 + gap) / entry - 1))
    assert found.value("hedge.loss_through_gap") < found.value("hedge.loss_at_stop_sized") < 0


def test_the_gap_is_the_first_hundredth_of_the_nights(on_real, shared_data):
    rows = pd.read_parquet(shared_data / "etf_ohlcv_yahoo.parquet", filters=[("symbol", "==", "IJH")])
    rows = rows[rows["date"] <= pd.Timestamp(DAY).date()]
    gaps = rows["open"].to_numpy()[1:] / rows["close"].to_numpy()[:-1] - 1
    assert on_real.get("hedge.gap").n == len(gaps)
    assert on_real.value("hedge.gap") == pytest.approx(np.quantile(gaps, 0.01))


def test_without_opens_the_gap_is_unknown_and_the_stop_is_not(from_bars):
    findings = hedge(*from_bars(bars().assign(open=np.nan), **SLIM)).findings
    assert findings.value("hedge.gap") is None and findings.get("hedge.gap").n == 0
    assert findings.value("hedge.loss_through_gap") is None
    assert findings.value("hedge.has_stop") is True


def test_a_fund_without_highs_and_lows_has_no_stop(from_bars):
    flat = bars().assign(**dict.fromkeys(("open", "high", "low"), np.nan))
    findings = hedge(*from_bars(flat, **SLIM)).findings
    assert findings.value("hedge.has_stop") is False
    assert findings.value("hedge.loss_at_stop_sized") is None
    assert findings.value("hedge.size") is not None


def test_a_lost_day_of_the_fund_leaves_its_volatility(from_bars):
    lost = bars()[(bars()["symbol"] != "IJH") | (bars()["date"] != "2026-03-10")]
    whole, less = (hedge(*from_bars(rows, **SLIM)).findings for rows in (bars(), lost))
    assert less.value("hedge.volatility") == pytest.approx(whole.value("hedge.volatility"), rel=0.1)
    assert less.get("hedge.volatility").n == 63


# --- carry ----------------------------------------------------------------------------------------------------------


def test_carry_is_the_sum_of_its_parts(found):
    for item in found.all("hedge.carry"):
        parts = [part.value for part in found.all("hedge.carry_part", leg=item.key["leg"])]
        assert len(parts) == 4
        assert item.value == pytest.approx(sum(parts))


def test_dividend_yields_are_those_the_fund_paid(on_real, shared_data):
    rows = pd.read_parquet(shared_data / "etf_ohlcv_yahoo.parquet", filters=[("symbol", "==", "IJH")])
    rows = rows[rows["date"] <= pd.Timestamp(DAY).date()]
    expected = rows["dividend"].tail(252).sum() / rows["close"].iloc[-1]
    assert on_real.value("hedge.carry_part", leg="SPY", part="dividend") == pytest.approx(expected)


def test_a_leg_without_stated_dividends_has_no_carry_but_a_ratio(on_real):
    assert on_real.value("hedge.carry", leg="OEF") is None
    assert on_real.value("hedge.carry_part", leg="OEF", part="borrow") is not None
    assert on_real.value("hedge.ratio", leg="OEF") is not None


def test_fee_and_cost_enter_as_stated(sample, found):
    snapshot, params = sample
    leg = "SPY (simulated)"
    ratio = found.value("hedge.ratio", leg=leg)
    dearer = hedge(snapshot, replaced(params, borrow_fee=150.0)).findings.value("hedge.carry", leg=leg)
    assert dearer - found.value("hedge.carry", leg=leg) == pytest.approx(-ratio * 0.01)
    free = hedge(snapshot, replaced(params, trading_cost=0.0)).findings.value(
        "hedge.carry_part", leg=leg, part="trading"
    )
    assert free == 0


# --- frames ---------------------------------------------------------------------------------------------------------


def test_the_path_is_the_fund_and_the_fund_with_its_best_leg(on_real, real, shared_data):
    path = hedge(*real(as_of=DAY)).frames["path"]
    best = on_real.value("hedge.best_leg")
    lines = {name: part.set_index("date")["value"] for name, part in path.groupby("line")}
    assert set(lines) == {"fund", f"hedged with {best}"}
    mid, position, _ = plain_position(adjusted(shared_data), best)
    for name, returns in (("fund", mid), (f"hedged with {best}", position)):
        assert lines[name].iloc[0] == 100 and len(lines[name]) == 253
        assert lines[name].iloc[-1] == pytest.approx(100 * (1 + returns.tail(252)).prod(), rel=2e-3)


def test_the_levels_drawn_are_those_of_the_breakout(sample):
    levels = hedge(*sample).frames["path_levels"].set_index("kind")["value"]
    said = breakout(*sample).findings
    assert levels["entry"] == said.value("breakout.last")
    assert {kind: levels[kind] for kind in ("warning", "stop")} == {
        kind: said.value("breakout.level", level=kind) for kind in ("warning", "stop")
    }


def test_the_tape_drawn_ends_with_the_last_price():
    tape = hedge(*take(tape=TAPE)).frames["tape"]
    assert len(tape) == 252
    assert tape.iloc[-1].tolist() == [pd.Timestamp("2026-04-17"), TAPE["last"]]


def test_the_frontier_holds_what_the_findings_say(sample, found):
    frontier = hedge(*sample).frames["frontier"]
    assert frontier["leg"].tolist() == list(LEGS)
    for row in frontier.itertuples():
        for name in ("variance_removed", "rate_beta", "market_beta", "second_bet"):
            assert getattr(row, name) == found.value(f"hedge.{name}", leg=row.label)


def test_the_last_ratio_drawn_is_the_one_stated(sample, found):
    last = hedge(*sample).frames["ratios"].groupby("leg")["ratio"].last()
    for item in found.all("hedge.ratio"):
        assert last[item.key["leg"]] == item.value


def test_with_no_leg_the_path_is_the_fund_alone(from_bars):
    frames = hedge(*from_bars(bars()[bars()["symbol"] == "IJH"], as_of=DAY)).frames
    assert set(frames["path"]["line"]) == {"fund"}
    assert frames["frontier"]["variance_removed"].isna().all()
