"""The turn of the month by the exchange's calendar, never by the last row that happens to be held."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import calendar
from helpers.evidence import calendar_effect, statistics
from helpers.evidence.estimates import Rules

RULES = Rules()
MARKS = calendar.trading_days("2010-01-12", "2022-06-08")
LAST = "2022-02-10"


def spread(inside: float = 0.0, seed: int = 1, to: str = LAST) -> pd.Series:
    """Noise by trading day, with something added on the last and first five days of each month."""
    days = pd.DatetimeIndex(MARKS.loc[:to].index)
    noise = np.random.default_rng(seed).normal(scale=0.003, size=len(MARKS))[: len(days)]
    near = calendar_effect.positions(MARKS["month_end"]).reindex(days).abs() <= 5
    return pd.Series(noise + inside * near.to_numpy(), index=days)


def test_positions_count_back_from_a_months_last_trading_day_and_on_from_it() -> None:
    place = calendar_effect.positions(MARKS["month_end"])
    # Good Friday 2021 is 2 April, Memorial Day 31 May
    assert place["2021-03-31"] == -1 and place["2021-03-30"] == -2
    assert place["2021-04-01"] == 1 and place["2021-04-05"] == 2
    assert place["2021-05-28"] == -1 and place["2021-06-01"] == 1


def test_days_whose_month_is_not_in_sight_have_no_position() -> None:
    place = calendar_effect.positions(MARKS["month_end"])
    assert place[:"2010-01-29"].isna().all() and place["2010-02-01"] == 1
    assert place["2022-06-01":].isna().all() and place["2022-05-31"] == -1


def test_a_partial_last_month_is_not_a_month_end() -> None:
    found = calendar_effect.turns(spread(), MARKS, days=5, rules=RULES)
    assert found.month_ends == len(MARKS.loc["2010-02-01":LAST].query("month_end"))
    # 10 February is the last row and is not among the last days of its month
    assert calendar_effect.positions(MARKS["month_end"])[LAST] > 0


@given(last=st.sampled_from(list(MARKS.loc["2016-01-01":"2022-01-31"].index)))
def test_a_day_keeps_its_place_whatever_the_data_end_with(last: pd.Timestamp) -> None:
    ahead = MARKS.loc[: last + pd.Timedelta(days=130)]
    whole = calendar_effect.positions(MARKS["month_end"]).loc[:last]
    assert calendar_effect.positions(ahead["month_end"]).loc[:last].equals(whole)
    shown = spread(to=str(last.date()))
    cut = calendar_effect.turns(shown, ahead, days=5, rules=RULES)
    assert cut == calendar_effect.turns(shown, MARKS, days=5, rules=RULES)


def test_the_effect_is_the_regression_on_the_windows_days() -> None:
    line = spread(0.001)
    found = calendar_effect.turns(line, MARKS, days=5, rules=RULES).windows["month_end"]
    near = (calendar_effect.positions(MARKS["month_end"]).reindex(line.index).abs() <= 5).astype(float)
    known = calendar_effect.positions(MARKS["month_end"]).reindex(line.index).notna()
    fit = statistics.hac_ols(line[known].to_numpy(), near[known].to_numpy(), lags=5)
    assert found.difference == pytest.approx(fit.coef[1], rel=1e-12)
    assert found.difference == pytest.approx(line[known & (near == 1)].mean() - line[known & (near == 0)].mean())
    assert found.t == pytest.approx(fit.t[1]) and found.n == near[known].sum()
    assert found.high - found.low == pytest.approx(2 * 1.959964 * fit.se[1], rel=1e-6)


def test_a_planted_month_end_is_supported_and_nothing_is_not() -> None:
    assert calendar_effect.turns(spread(0.001), MARKS, days=5, rules=RULES).verdict == "supported"
    assert calendar_effect.turns(spread(-0.001), MARKS, days=5, rules=RULES).verdict == "contradicted"
    plain = {calendar_effect.turns(spread(0.0, seed), MARKS, days=5, rules=RULES).verdict for seed in range(5)}
    assert plain <= {"small", "inconclusive", "leaning"}


def test_quarter_ends_and_the_others_part_the_month_ends_and_so_do_both_halves() -> None:
    found = calendar_effect.turns(spread(0.001), MARKS, days=5, rules=RULES)
    n = {name: turn.n for name, turn in found.windows.items()}
    assert n["month_end"] == n["quarter_end"] + n["month_end_not_quarter"]
    assert n["quarter_end"] == pytest.approx(n["month_end"] / 3, rel=0.03)
    assert found.parts["last"].n + found.parts["first"].n == n["month_end"]
    assert found.eras["before"].n + found.eras["after"].n == n["month_end"]
    parted = sum(n[name] * found.windows[name].difference for name in ("quarter_end", "month_end_not_quarter"))
    assert parted / n["month_end"] == pytest.approx(found.windows["month_end"].difference, rel=1e-9)


def test_the_first_days_after_a_quarter_belong_to_it() -> None:
    line = pd.Series(0.0, index=spread().index)
    line.loc["2021-04-01"] = 1.0  # the first trading day after March
    found = calendar_effect.turns(line, MARKS, days=5, rules=RULES).windows
    assert found["quarter_end"].difference == pytest.approx(1 / found["quarter_end"].n)
    assert found["month_end_not_quarter"].difference == pytest.approx(0, abs=1e-15)


def test_the_day_of_a_breakout_is_not_after_it() -> None:
    line = spread()
    events = pd.Series(False, index=line.index)
    ends = MARKS.loc[line.index[40] : line.index[-1]].query("month_end").index
    events.loc[ends] = True
    found = calendar_effect.turns(line, MARKS, days=5, rules=RULES, events=events).after_breakout
    assert found.n == 5 * (len(ends) - 1) + len(line.loc[ends[-1] :].iloc[1:6])


def test_what_comes_after_breakouts_alone_shows_as_interaction_only() -> None:
    line = spread()
    place = calendar_effect.positions(MARKS["month_end"]).reindex(line.index)
    events = (place == -8) & (np.arange(len(line)) % 2 == 0)
    recent = events.astype(float).shift(1).rolling(10, min_periods=1).max() > 0
    line = line + 0.004 * ((place.abs() <= 5) & recent)
    found = calendar_effect.turns(line, MARKS, days=5, rules=RULES, events=events)
    assert found.after_breakout.low > 0.002
    assert calendar_effect.turns(line, MARKS, days=5, rules=RULES).after_breakout.n == 0


def test_too_few_month_ends_cannot_be_tested() -> None:
    line = spread(0.002).loc["2020-01-02":]
    assert calendar_effect.turns(line, MARKS, days=5, rules=RULES).verdict == "cannot be tested"
    empty = calendar_effect.turns(line * np.nan, MARKS, days=5, rules=RULES)
    assert empty.verdict == "cannot be tested" and empty.month_ends == 0 and empty.split is pd.NaT
    assert all(np.isnan(turn.difference) and turn.n == 0 for turn in empty.windows.values())


def test_the_profile_has_each_place_once_and_shades_the_window() -> None:
    shown = calendar_effect.profile(spread(0.001), MARKS, days=3, level=0.95)
    assert shown["position"].tolist() == [*range(-10, 0), *range(1, 11)]
    assert shown.loc[shown["in_window"], "position"].tolist() == [-3, -2, -1, 1, 2, 3]
    line = spread(0.001)
    first = line[calendar_effect.positions(MARKS["month_end"]).reindex(line.index) == 1]
    row = shown.set_index("position").loc[1]
    assert row["mean_bp"] == pytest.approx(1e4 * first.mean()) and row["n"] == len(first)
    assert row["low"] < row["mean_bp"] < row["high"]


def test_an_end_is_named_only_when_its_window_begins_within_six_weeks() -> None:
    def ahead(mark: str, day: str) -> pd.Timestamp | None:
        return calendar_effect.next_end(MARKS, mark, after=pd.Timestamp(day), days=5, within=42)

    assert ahead("month_end", "2021-03-30") == pd.Timestamp("2021-03-31")
    assert ahead("month_end", "2021-03-31") == pd.Timestamp("2021-04-30")
    # the last five trading days of June 2021 begin on the 24th, six weeks after 13 May
    assert ahead("quarter_end", "2021-05-13") == pd.Timestamp("2021-06-30")
    assert ahead("quarter_end", "2021-05-12") is None
