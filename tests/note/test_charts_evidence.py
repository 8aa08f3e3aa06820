"""Charts of breadth and history: what they say and show, asserted on their Vega-Lite dictionaries."""

import inspect
import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from helpers.note import charts, theme
from helpers.note.charts import layout, panels
from helpers.note.charts.canvas import NARROW
from tests.note.test_charts import Drawn, axis_titles, drawn_width, marks, nodes, spans, spec_of, trading_days, values

WORDS = {"title": "Half of the members rise", "subtitle": "IJH, to 17 April 2026. Source: a folder"}
LIST = {"list_date": "2026-04-17"}
LONG_PAIR = "IJH (simulated)/OEF (simulated)"


def member_shares(count):
    days = trading_days(count)
    lines = [
        pd.DataFrame({"date": days, "window": window, "share": np.linspace(0.2, last, count)})
        for window, last in ((50, 0.62), (200, 0.58))
    ]
    return pd.concat(lines, ignore_index=True)


def many_paths(count, last=42, seed=1):
    rng = np.random.default_rng(seed)
    days = np.arange(-21, last + 1)
    paths = []
    for event in pd.bdate_range("2000-01-03", periods=count, freq="30B"):
        value = np.cumsum(rng.normal(0, 0.006, len(days)))
        paths.append(pd.DataFrame({"event": event, "day": days, "value": value - value[21]}))
    return pd.concat(paths, ignore_index=True)


def fan_of(paths, *, mean=0.004, band=0.003):
    days = np.sort(paths["day"].unique())
    frame = pd.DataFrame({"day": days, "mean": mean * days / 42, "base_mean": 0.0})
    return frame.assign(low=frame["mean"] - band, high=frame["mean"] + band, base_low=-0.001, base_high=0.001)


def effects(pairs=("IJH/OEF",), horizons=(5, 10, 21, 42), eras=("all", "before", "after")):
    rows = [
        (horizon, era, pair, 0.002, -0.004, 0.008, 40, "inconclusive" if era == "all" else "")
        for pair in pairs
        for horizon in horizons
        for era in eras
    ]
    return pd.DataFrame(rows, columns=["horizon", "era", "pair", "difference", "low", "high", "n", "verdict"])


@pytest.fixture(scope="module")
def shares():
    return member_shares(60)


@pytest.fixture(scope="module")
def price():
    return pd.DataFrame({"date": trading_days(60), "close": np.linspace(60, 72.34, 60)})


@pytest.fixture(scope="module")
def leaders():
    rows = [
        ("XLP", "losers", 0.2, -0.031, 0.01),
        ("XLI", "winners", 0.9, 0.052, -0.02),
        ("QUAL", "quality", 0.6, 0.004, 0.0),
    ]
    frame = pd.DataFrame(rows, columns=["symbol", "basket", "score", "excess_63", "residual_126"])
    return frame.assign(label=frame["symbol"] + " (simulated)")


@pytest.fixture(scope="module")
def conditions():
    rows = [
        ("mid_mega_high", "Ratio near its 252-day high", True, "0.4% below", "within 2%"),
        ("equal_weight", "Equal weight ahead of the market", np.bool_(False), "-0.8 points", "above 0"),
        ("members", "Members above their 200-day mean", None, "", "above 55%"),
    ]
    return pd.DataFrame(rows, columns=["condition", "text", "is_met", "value_text", "need_text"])


@pytest.fixture(scope="module")
def lead_lag():
    correlation = [0.01, -0.03, -0.2, 0.97, 0.06, 0.01, -0.004]
    return pd.DataFrame({"lag": range(-3, 4), "correlation": correlation, "low": -0.05, "high": 0.05})


@pytest.fixture(scope="module")
def paths():
    return many_paths(24)


@pytest.fixture(scope="module")
def fan(paths):
    return fan_of(paths)


@pytest.fixture(scope="module")
def forest():
    return effects()


@pytest.fixture(scope="module")
def profile():
    positions = [*range(-10, 0), *range(1, 11)]
    frame = pd.DataFrame({"position": positions, "mean_bp": np.linspace(-3, 4, 20), "n": 310})
    frame = frame.assign(low=frame["mean_bp"] - 5, high=frame["mean_bp"] + 5)
    return frame.assign(in_window=frame["position"].abs() <= 5)


#: charts of `every`, so that tests which draw each anew can run one by one
NAMES = (
    "members_means",
    "breadth_conditions",
    "leadership_dots",
    "lead_lag_bars",
    "event_fan",
    "effect_forest",
    "month_profile",
    "reliability",
)


@pytest.fixture(scope="module")
def groups():
    rows = [
        ("live", 0.52, 0.5, 24, 12, 0.31, 0.69),
        ("replayed", 0.3, 0.2, 60, 15, 0.1, 0.3),
        ("replayed", 0.9, 1, 60, 15, 0.9, 1),
    ]
    return pd.DataFrame(rows, columns=["origin", "mean_p", "share", "n", "windows", "low", "high"])


@pytest.fixture(scope="module")
def every(shares, price, leaders, conditions, lead_lag, paths, fan, forest, profile, groups):
    return {
        "members_means": (charts.members_means, (shares, price), LIST),
        "breadth_conditions": (charts.breadth_conditions, (conditions,), {}),
        "leadership_dots": (charts.leadership_dots, (leaders,), {}),
        "lead_lag_bars": (charts.lead_lag_bars, (lead_lag,), {}),
        "event_fan": (charts.event_fan, (paths, fan), {}),
        "effect_forest": (charts.effect_forest, (forest,), {}),
        "month_profile": (charts.month_profile, (profile,), {}),
        "reliability": (charts.reliability, (groups,), {}),
    }


@pytest.fixture(scope="module")
def made(every):
    """Each chart of `every`, built once for all tests that only look at it."""
    assert tuple(every) == NAMES
    return {name: Drawn(chart, frames, more | WORDS) for name, (chart, frames, more) in every.items()}


def words(chart):
    """Every word a reader sees beside axes and heading."""
    return [str(word) for field in ("text", "label", "name") for word in values(chart, field)]


# --- every chart ------------------------------------------------------------------------------


def test_every_chart_says_title_subtitle_and_what_is_seen(made):
    for name, drawn in made.items():
        assert drawn.spec["title"]["text"] == [WORDS["title"]], name
        assert drawn.spec["title"]["subtitle"][0] == WORDS["subtitle"], name
        assert WORDS["title"] in drawn.spec["description"] and len(drawn.spec["description"]) > 100, name


def test_every_chart_is_drawn_within_its_budget_and_one_width(made):
    for name, drawn in made.items():
        assert len(drawn.wide_svg) < 45_000, name
        assert abs(drawn_width(drawn.wide_svg) - theme.WIDTH) <= 1, name


def test_frames_without_rows_or_columns_or_numbers_say_no_data(every):
    for name, (chart, frames, more) in every.items():
        unknown = {column: np.nan for frame in frames for column in frame.select_dtypes("float")} | {"is_met": None}
        blank = [frame.assign(**{column: unknown[column] for column in frame if column in unknown}) for frame in frames]
        for gone in ([frame.iloc[:0] for frame in frames], [pd.DataFrame() for _ in frames], blank):
            drawn = chart(*gone, **more, **WORDS)
            assert values(drawn, "words") == ["no data"], name
            assert "no data" in theme.svg(drawn), name


@pytest.mark.parametrize("name", NAMES)
def test_one_unknown_column_at_a_time_still_draws(every, name):
    chart, frames, more = every[name]
    for column in frames[0].select_dtypes("float"):
        drawn = theme.svg(chart(frames[0].assign(**{column: np.nan}), *frames[1:], **more, **WORDS))
        assert "Infinity" not in drawn and "NaN" not in drawn, (name, column)


@pytest.mark.parametrize("name", NAMES)
def test_one_row_still_draws(every, name):
    chart, frames, more = every[name]
    assert "NaN" not in theme.svg(chart(frames[0].head(1), *frames[1:], **more, **WORDS)), name


@pytest.mark.parametrize("name", NAMES)
def test_hostile_words_stay_text(every, name):
    hostile = "<script>'\"];x\\</script>\x00"
    columns = ("label", "basket", "text", "value_text", "need_text", "pair", "verdict", "era")
    chart, frames, more = every[name]
    renamed = [frame.assign(**{column: hostile for column in columns if column in frame}) for frame in frames]
    drawn = theme.svg(chart(*renamed, **more, title=hostile, subtitle=hostile))
    assert "<script" not in drawn and "\x00" not in drawn, name


def test_frames_are_left_as_they_were(made):
    for name, drawn in made.items():
        assert all(frame.equals(old) for frame, old in zip(drawn.frames, drawn.before, strict=True)), name


# --- on a phone -------------------------------------------------------------------------------


def test_every_chart_has_a_narrow_form_with_the_same_words(every, made):
    for name, (chart, frames, more) in every.items():
        for drawn in (made[name], Drawn(chart, [frame.iloc[:0] for frame in frames], more | WORDS)):
            narrow, wide = drawn.narrow, drawn.spec
            assert narrow is not None and "usermeta" not in narrow, name
            assert theme.title_text(narrow) == theme.title_text(wide) == WORDS["title"], name
            assert theme.alt_text(narrow) == theme.alt_text(wide), name
            assert " ".join(narrow["title"]["subtitle"]) == " ".join(wide["title"]["subtitle"]), name


def test_every_narrow_form_is_drawn_a_phone_wide_in_letters_that_can_be_read(made):
    for name, drawn in made.items():
        assert drawn_width(drawn.narrow_svg) <= NARROW.width + 1, name
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', drawn.narrow_svg)) >= 11, name


def test_no_word_sticks_out_at_either_size(every, made):
    for name, (chart, frames, more) in every.items():
        drawn = made[name]
        if any("pair" in frame for frame in frames):
            drawn = Drawn(
                chart, [frame.assign(pair=LONG_PAIR) if "pair" in frame else frame for frame in frames], more | WORDS
            )
        for svg, width in ((drawn.wide_svg, theme.WIDTH), (drawn.narrow_svg, NARROW.width)):
            for left, right, word in spans(ElementTree.fromstring(svg)):
                assert left >= -1 and right <= width + 1, (name, word, left, right)


def test_what_help_shows_has_no_canvas(every):
    for name, (chart, _, _) in every.items():
        assert "canvas" not in inspect.signature(chart).parameters, name


# --- members ----------------------------------------------------------------------------------


def test_members_are_shares_in_percent_under_the_price_on_one_time_axis(price, made):
    chart = made["members_means"].chart
    assert axis_titles(chart) == {"Fund's price (quote currency)", "Members above their own mean (%)"}
    assert max(values(chart, "percent")) == 62.0
    assert [0.0, 100.0] in [node["domain"] for node in nodes(spec_of(chart)) if "domain" in node]
    assert {"62% 50-day", "58% 200-day", "72.34 close"} <= set(words(chart))


def test_the_list_is_marked_where_earlier_days_are_drawn_and_only_there(shares, price, made):
    said = "list of 17 April 2026; earlier is survivorship-biased"
    assert said in words(made["members_means"].chart)
    assert "survivorship" not in str(charts.members_means(shares, price, list_date="2020-01-02", **WORDS).to_dict())
    assert "survivorship" not in str(charts.members_means(shares, price, list_date="", **WORDS).to_dict())


def test_without_a_price_the_shares_stand_alone_and_still_say_what_the_line_is(shares, price):
    chart = charts.members_means(shares, price.iloc[:0], **LIST, **WORDS)
    assert axis_titles(chart) == {"Members above their own mean (%)"}
    assert "survivorship-biased" in " ".join(spec_of(chart)["title"]["subtitle"])


def test_long_histories_are_weekly_and_stay_within_the_budget(price):
    shares = member_shares(1600)
    line = pd.DataFrame({"date": trading_days(1600), "close": np.linspace(50, 72, 1600)})
    chart = charts.members_means(shares, line, list_date="2022-03-01", **WORDS)
    assert max(len(rows) for rows in spec_of(chart)["datasets"].values()) <= layout.MAX_POINTS
    rng = np.random.default_rng(2)
    daily = member_shares(740).assign(share=rng.uniform(0, 1, 1480))
    assert len(theme.svg(charts.members_means(daily, line.tail(740), **LIST, **WORDS))) < 45_000


def test_a_share_unknown_today_has_a_name_without_a_number(shares, price):
    gone = shares.assign(share=shares["share"].where(shares["date"] < shares["date"].max()))
    assert {"50-day", "200-day"} <= set(words(charts.members_means(gone, price, **LIST, **WORDS)))


# --- conditions -------------------------------------------------------------------------------


def test_a_condition_is_met_not_met_or_unknown_by_shape_and_word(made):
    chart = made["breadth_conditions"].chart
    assert {"met", "not met", "unknown", "no data"} <= set(words(chart))
    points = [node for node in nodes(spec_of(chart)) if node.get("mark", {}).get("type") == "point"]
    assert len({node["mark"]["shape"] for node in points}) == 2
    fills = {row["fill"] for rows in spec_of(chart)["datasets"].values() for row in rows if "fill" in row}
    assert "white" in fills and len(fills) == 3


def test_the_board_says_value_and_need(made):
    chart = made["breadth_conditions"].chart
    assert {"0.4% below", "within 2%", "Now", "Needed"} <= set(words(chart))
    narrow = str(theme.narrow(chart))
    assert "Now: 0.4% below. Needed: within 2%" in narrow


# --- leaders ----------------------------------------------------------------------------------


def test_leaders_are_ranked_by_score(made):
    chart = made["leadership_dots"].chart
    rows = [row for part in spec_of(chart)["datasets"].values() for row in part]
    order = sorted((row["y"], row["text"]) for row in rows if str(row.get("text", "")).endswith("(simulated)"))
    assert [name.split()[0] for _, name in order] == ["XLI", "QUAL", "XLP"]


def test_a_basket_is_told_by_shape_and_word_beside_each_dot(made):
    chart = made["leadership_dots"].chart
    assert {node["shape"] for node in nodes(spec_of(chart)) if "shape" in node} == {"circle", "square", "diamond"}
    assert {"winners", "losers", "quality"} <= set(words(chart))


def test_leaders_print_points_and_say_where_there_is_no_score(leaders):
    gone = leaders.assign(score=leaders["score"].where(leaders["symbol"] != "XLP"))
    said = words(charts.leadership_dots(gone, **WORDS))
    assert {"+5.2", "−3.1", "0.0"} <= set(said) and "losers: no data" in said


# --- lead and lag -----------------------------------------------------------------------------


def test_lead_and_lag_bars_start_at_zero_over_the_band_of_chance(made):
    chart = made["lead_lag_bars"].chart
    bars = [node for node in nodes(spec_of(chart)) if node.get("mark", {}).get("type") == "bar"]
    assert bars and all(bar["encoding"]["y2"] == {"datum": 0} for bar in bars)
    assert "rect" in marks(chart) and "chance" in spec_of(chart)["title"]["subtitle"][-1]


def test_only_bars_beyond_the_band_are_solid(made):
    chart = made["lead_lag_bars"].chart
    rows = next(rows for rows in spec_of(chart)["datasets"].values() if "is_clear" in rows[0])
    assert [row["name"] for row in rows if row["is_clear"]] == ["−1", "same day", "+1"]


def test_lead_and_lag_say_who_moves_first_on_which_side(made):
    said = words(made["lead_lag_bars"].chart)
    assert {"← members move first", "fund moves first →", "same day"} <= set(said)
    assert {"0.97", "−0.20", "0.00"} <= set(said)


def test_lags_out_of_order_keep_their_numbers(lead_lag, made):
    turned = charts.lead_lag_bars(lead_lag.iloc[::-1].reset_index(drop=True), **WORDS)
    straight = made["lead_lag_bars"].chart
    assert values(turned, "text")[:7] == values(straight, "text")[:7]
    assert values(turned, "name") == values(straight, "name")


def test_without_a_band_nothing_is_said_of_chance(lead_lag):
    chart = charts.lead_lag_bars(lead_lag.assign(low=np.nan, high=np.nan), **WORDS)
    assert "chance" not in str(spec_of(chart)["title"])
    assert set(values(chart, "low")) == {None}


# --- events -----------------------------------------------------------------------------------


def path_rows(chart):
    return next(rows for rows in spec_of(chart)["datasets"].values() if "order" in rows[0])


def test_the_fan_holds_every_path_in_points_and_marks_day_zero(made):
    chart = made["event_fan"].chart
    rows = path_rows(chart)
    assert sum(row["points"] is None for row in rows) == 24
    assert [row["points"] for row in rows if row["day"] == 0 and row["points"] is not None] == [0.0] * 24
    assert min(row["points"] for row in rows if row["points"] is not None) < -1
    rules = [rows for rows in spec_of(chart)["datasets"].values() if set(rows[0]) == {"y", "end", "day"}]
    assert {row["day"] for row in rules[0]} == {0} and "new high" in str(spec_of(chart))


def test_the_fan_enlarges_the_mean_over_that_of_all_days(made):
    chart = made["event_fan"].chart
    assert axis_titles(chart) >= {
        "Around each of 24 events: mid less mega (percentage points)",
        "Their mean, enlarged (percentage points)",
    }
    assert max(value for value in values(chart, "high")) == pytest.approx(0.7)
    assert marks(chart).count("area") == 2 and {"new highs", "all days"} <= set(words(chart))


def test_too_few_events_have_no_mean_and_say_so():
    paths = many_paths(3)
    fan = fan_of(paths).assign(mean=np.nan, low=np.nan, high=np.nan)
    chart = charts.event_fan(paths, fan, **WORDS)
    assert "No mean: too few events." in " ".join(spec_of(chart)["title"]["subtitle"])
    assert "Their mean" not in str(spec_of(chart)) and "all days" in words(chart)


def test_a_mean_without_an_interval_says_so(paths, fan):
    chart = charts.event_fan(paths, fan.assign(low=np.nan, high=np.nan), **WORDS)
    assert "No interval: too few events." in " ".join(spec_of(chart)["title"]["subtitle"])


def test_only_a_path_that_is_not_complete_ends_in_an_open_circle(paths, fan):
    cut = paths[(paths["event"] < paths["event"].max()) | (paths["day"] <= 6)]
    whole, open_end = (charts.event_fan(frame, fan, **WORDS) for frame in (paths, cut))
    assert "point" not in marks(whole) and "Open circle" not in str(whole.to_dict()["title"])
    assert marks(open_end).count("point") == 1 and "Open circle" in str(open_end.to_dict()["title"])


@pytest.mark.parametrize(("count", "last"), [(80, 42), (150, 126)])
def test_many_paths_stay_within_the_budget_and_keep_their_ends(count, last):
    paths = many_paths(count, last)
    chart = charts.event_fan(paths, fan_of(paths), **WORDS)
    drawn = [theme.svg(spec) for spec in (chart, theme.narrow(chart))]
    assert max(map(len, drawn)) < 45_000
    days = {row["day"] for row in path_rows(chart)}
    assert {-21, 0, last} <= days


def test_named_days_keep_apart(paths, fan):
    for last in (5, 42, 126):
        some = many_paths(4, last)
        chart = charts.event_fan(some, fan_of(some), **WORDS)
        for spec in (spec_of(chart), theme.narrow(chart)):
            axis = next(node["axis"] for node in nodes(spec) if "new high" in str(node.get("axis", {}).get("title")))
            steps = np.diff(axis["values"]) * spec["width"] / (last + 21)
            assert 0 in axis["values"] and last in axis["values"] and min(steps) >= 30


def test_effects_are_rows_in_points_around_zero_with_n_and_verdict(made):
    chart = made["effect_forest"].chart
    said = words(chart)
    assert said.count("+0.20") == 12 and said.count("40") == 12 and said.count("inconclusive") == 4
    assert {"0", "points", "events", "verdict", "5 days", "all years", "earlier era", "later era"} <= set(said)
    assert {node["shape"] for node in nodes(spec_of(chart)) if "shape" in node} == {"square", "circle", "diamond"}


def test_every_pair_of_effects_is_named_and_24_rows_fit():
    chart = charts.effect_forest(effects((LONG_PAIR, "MDY/SPY")), **WORDS)
    assert {LONG_PAIR, "MDY/SPY"} <= set(words(chart)) and len(theme.svg(chart)) < 45_000


def test_an_effect_without_interval_has_no_line_and_without_estimate_says_so(forest):
    lone = effects(horizons=(21,), eras=("all",))
    with_line = charts.effect_forest(lone, **WORDS)
    without = charts.effect_forest(lone.assign(low=np.nan, high=np.nan), **WORDS)
    blue = theme.colour("first")
    assert any(row.get("colour") == blue and "x2" in row for row in all_rows(with_line))
    assert not any(row.get("colour") == blue and "x2" in row for row in all_rows(without))
    gone = forest.assign(difference=forest["difference"].where(forest["horizon"] != 5))
    assert words(charts.effect_forest(gone, **WORDS)).count("no estimate") == 3


def all_rows(chart):
    return [row for rows in spec_of(chart)["datasets"].values() for row in rows]


def test_effects_stand_in_order_of_horizon_and_era(forest, made):
    shuffled = forest.sample(frac=1, random_state=3)
    assert charts.effect_forest(shuffled, **WORDS).to_dict() == made["effect_forest"].chart.to_dict()


# --- month ------------------------------------------------------------------------------------


def test_the_month_is_bars_from_zero_in_basis_points_with_whiskers(made):
    chart = made["month_profile"].chart
    bars = [node for node in nodes(spec_of(chart)) if node.get("mark", {}).get("type") == "bar"]
    assert len(bars) == 2 and all(bar["encoding"]["y2"] == {"datum": 0} for bar in bars)
    assert axis_titles(chart) == {"Mid less mega cap, mean of the day (basis points)"}
    assert "Whisker" in spec_of(chart)["title"]["subtitle"][-1] and max(values(chart, "high")) == 9.0


def test_the_window_is_shaded_and_named(profile, made):
    chart = made["month_profile"].chart
    assert "window" in words(chart) and marks(chart).count("rect") == 1
    none = charts.month_profile(profile.assign(in_window=False), **WORDS)
    assert "window" not in words(none) and "rect" not in marks(none)


def test_an_unknown_day_of_the_month_is_a_dash_and_n_is_told(profile):
    gone = profile.assign(mean_bp=profile["mean_bp"].where(profile["position"] != 3), n=[300, *[310] * 19])
    key = " ".join(charts.month_profile(gone, **WORDS).to_dict()["title"]["subtitle"])
    assert "Dash: no data." in key and "300 to 310 days" in key


# --- steps of an axis -------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high"), [(-2.1, 1.6), (-0.3, 0.25), (-31, 12.5), (0, 1)])
def test_ticks_are_round_within_the_range_and_hold_zero(low, high):
    found = panels.ticks(low, high, 7)
    assert 3 <= len(found) <= 7 and 0 in found and low <= min(found) and max(found) <= high
    assert len({round(step, 9) for step in np.diff(found)}) == 1
    assert not any(math.isnan(value) for value in found)
