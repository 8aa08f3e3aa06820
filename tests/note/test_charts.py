"""Charts: what they say and show, asserted on their Vega-Lite dictionaries."""

import functools
import inspect
import json
import math
import re
from importlib import resources
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.note import charts, theme
from helpers.note.charts import labels, layout
from helpers.note.charts.canvas import NARROW, WIDE

WORDS = {"title": "Mid caps touch a new high", "subtitle": "IJH, USD, to 17 April 2026. Source: a folder"}
STAND_INS = ("OEF", "XLG", "MGC")


def trading_days(count):
    return pd.bdate_range(end="2026-04-17", periods=count)


@pytest.fixture(scope="module")
def price():
    close = np.linspace(60, 72, 40)
    frame = pd.DataFrame({"date": trading_days(40), "high": close + 0.5, "low": close - 0.5, "close": close})
    frame = frame.assign(prior_high=frame["high"].shift(1), mean_50=65.0, mean_200=60.0, is_partial=False)
    return frame.assign(is_new_high=frame["high"] > frame["prior_high"])


@pytest.fixture(scope="module")
def tape_price(price):
    last = price.index[-1]
    return price.assign(is_partial=price.index == last, low=price["low"].where(price.index != last))


@pytest.fixture(scope="module")
def levels():
    kinds = ("confirm", "closing", "last", "warning", "stop", "mean_50", "mean_200", "base_low")
    names = (
        "Confirm (close above)",
        "Closing high",
        "Last",
        "Warning",
        "Stop",
        "50-day mean",
        "200-day mean",
        "Base low",
    )
    prices = (72.56, 72.11, 72.34, 71.45, 69.58, 65.0, 60.0, 65.37)
    return pd.DataFrame({"level": names, "price": prices, "kind": kinds})


@pytest.fixture(scope="module")
def volume():
    frame = pd.DataFrame({"date": trading_days(30), "volume": 2_000_000.0, "median": 1_500_000.0})
    frame = frame.assign(low=1_000_000.0, high=3_000_000.0, mark="", is_partial=False)
    return frame.assign(mark=["expiry", *[""] * 28, "expiry"], is_partial=[False] * 29 + [True])


@pytest.fixture(scope="module")
def ratio():
    parts = [
        pd.DataFrame({"date": trading_days(30), "stand_in": name, "ratio": 100.0 + place, "is_primary": name == "OEF"})
        for place, name in enumerate(STAND_INS)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def excess():
    rows = [
        (window, name, 0.01 * place - 0.012, name == "OEF")
        for window in (5, 252)
        for place, name in enumerate(STAND_INS)
    ]
    return pd.DataFrame(rows, columns=["window", "stand_in", "value", "is_primary"])


@pytest.fixture(scope="module")
def rotated():
    rows = []
    for place, (symbol, group) in enumerate(
        [("OEF", "cap tier"), ("IJH", "cap tier"), ("XLE", "sector"), ("XLK", "sector")]
    ):
        for week, date in enumerate(pd.date_range("2026-03-06", periods=4, freq="W-FRI")):
            row = (
                date,
                symbol,
                f"{symbol} (simulated)",
                group,
                99.0 + place + week / 9,
                101.0 - week / 5,
                "leading",
                week == 3,
            )
            rows.append(row)
    columns = ["date", "symbol", "label", "group", "rs_ratio", "rs_momentum", "quadrant", "is_last"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def grid():
    rows = [
        (symbol, symbol, group, span, value, f"{value:+.1%}" if value == value else "")
        for symbol, group in (("OEF", "cap tier"), ("OEF", "mega stand-in"), ("XLE", "sector"))
        for span, value in (("1Y", 0.4), ("1D", -0.01), ("YTD", math.nan))
    ]
    return pd.DataFrame(rows, columns=["symbol", "label", "group", "span", "value", "text"])


HELD = {}


def spec_of(chart):
    """Vega-Lite dictionary of a chart, written once; the chart is held, so that its id stays its own."""
    if id(chart) not in HELD:
        HELD[id(chart)] = chart, chart.to_dict()
    return HELD[id(chart)][1]


class Drawn:
    """A chart of one test's frames, built once and drawn when first looked at."""

    def __init__(self, chart, frames, settings):
        self.frames, self.before = frames, [frame.copy() for frame in frames]
        self.chart = chart(*frames, **settings)
        self.spec, self.narrow = spec_of(self.chart), theme.narrow(self.chart)

    @functools.cached_property
    def wide_svg(self):
        return theme.svg(self.chart)

    @functools.cached_property
    def narrow_svg(self):
        return theme.svg(self.narrow)


#: charts of `every`, so that tests which draw each anew can run one by one
NAMES = (
    "price_levels",
    "price_levels, no tape",
    "volume_history",
    "ratio_line",
    "mansfield_line",
    "excess_dots",
    "rotation",
    "performance_grid",
)


@pytest.fixture(scope="module")
def every(price, tape_price, levels, volume, ratio, excess, rotated, grid):
    mansfield = ratio.rename(columns={"ratio": "value"}).drop(columns="is_primary")
    return {
        "price_levels": (charts.price_levels, (tape_price, levels)),
        "price_levels, no tape": (charts.price_levels, (price, levels)),
        "volume_history": (charts.volume_history, (volume,)),
        "ratio_line": (charts.ratio_line, (ratio,)),
        "mansfield_line": (charts.mansfield_line, (mansfield,)),
        "excess_dots": (charts.excess_dots, (excess,)),
        "rotation": (charts.rotation, (rotated,)),
        "performance_grid": (charts.performance_grid, (grid,)),
    }


@pytest.fixture(scope="module")
def made(every):
    """Each chart of `every`, built once for all tests that only look at it."""
    assert tuple(every) == NAMES
    return {name: Drawn(chart, frames, WORDS) for name, (chart, frames) in every.items()}


def nodes(spec):
    """Every dictionary inside a Vega-Lite dictionary; the form it keeps for a phone is another one."""
    if isinstance(spec, dict):
        yield spec
        for name, value in spec.items():
            if name != "usermeta":
                yield from nodes(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from nodes(value)


def values(chart, field):
    """Every value of a field in the chart's data."""
    return [row[field] for rows in spec_of(chart)["datasets"].values() for row in rows if field in row]


def axis_titles(chart):
    return {node["axis"]["title"] for node in nodes(spec_of(chart)) if (node.get("axis") or {}).get("title")}


def marks(chart):
    return [node["mark"]["type"] for node in nodes(spec_of(chart)) if "mark" in node]


# --- every chart ------------------------------------------------------------------------------


def test_every_chart_says_title_subtitle_and_what_is_seen(made):
    for name, drawn in made.items():
        assert drawn.spec["title"]["text"] == [WORDS["title"]], name
        assert drawn.spec["title"]["subtitle"][0] == WORDS["subtitle"], name
        assert WORDS["title"] in drawn.spec["description"], name


def test_both_forms_of_every_chart_are_vega_lite(made):
    """Charts are built without being held to the schema on the way."""
    schema = json.loads(resources.files("altair.vegalite.v6.schema").joinpath("vega-lite-schema.json").read_text())
    checker = jsonschema.Draft7Validator(schema)
    for name, drawn in made.items():
        for spec in (drawn.spec, drawn.narrow):
            assert not list(checker.iter_errors(spec)), name
    assert list(checker.iter_errors({**drawn.narrow, "title": 7}))


def test_every_chart_is_drawn_within_its_budget_and_one_width(made):
    for name, drawn in made.items():
        assert len(drawn.wide_svg) < 45_000, name
        assert abs(drawn_width(drawn.wide_svg) - theme.WIDTH) <= 4, name


def test_an_empty_frame_says_no_data(every):
    for name, (chart, frames) in every.items():
        drawn = chart(*(frame.iloc[:0] for frame in frames), **WORDS)
        assert values(drawn, "words") == ["no data"], name
        assert "no data" in theme.svg(drawn), name


def test_a_frame_without_columns_says_no_data(every):
    for name, (chart, frames) in every.items():
        assert values(chart(*(pd.DataFrame() for _ in frames), **WORDS), "words") == ["no data"], name


def test_numbers_all_unknown_say_no_data(every):
    for name, (chart, frames) in every.items():
        blank = [frame.assign(**{column: np.nan for column in frame.select_dtypes("float")}) for frame in frames]
        assert "no data" in theme.svg(chart(*blank, **WORDS)), name


@pytest.mark.parametrize("name", NAMES)
def test_one_unknown_column_at_a_time_still_draws(every, name):
    chart, frames = every[name]
    for column in frames[0].select_dtypes("float"):
        blank = frames[0].assign(**{column: np.nan})
        assert "Infinity" not in theme.svg(chart(blank, *frames[1:], **WORDS)), (name, column)


@pytest.mark.parametrize("name", NAMES)
def test_one_row_still_draws(every, name):
    chart, frames = every[name]
    assert "NaN" not in theme.svg(chart(frames[0].tail(1), *frames[1:], **WORDS)), name


@pytest.mark.parametrize("name", NAMES)
def test_hostile_labels_stay_text(every, name):
    hostile = "<script>'\"];x\\</script>\x00"
    chart, frames = every[name]
    renamed = [
        frame.assign(**{column: hostile for column in ("stand_in", "label", "level") if column in frame})
        for frame in frames
    ]
    drawn = theme.svg(chart(*renamed, title=hostile, subtitle=hostile))
    assert "<script" not in drawn and "\x00" not in drawn, name


def test_frames_are_left_as_they_were(made):
    for name, drawn in made.items():
        assert all(frame.equals(old) for frame, old in zip(drawn.frames, drawn.before, strict=True)), name


# --- on a phone -------------------------------------------------------------------------------


def drawn_width(drawn):
    return float(drawn.split(' width="')[1].split('"')[0])


def test_every_chart_has_a_narrow_form_with_the_same_words(every, made):
    for name, (chart, frames) in every.items():
        for drawn in (made[name], Drawn(chart, [frame.iloc[:0] for frame in frames], WORDS)):
            narrow, wide = drawn.narrow, drawn.spec
            assert narrow is not None and "usermeta" not in narrow, name
            assert theme.title_text(narrow) == theme.title_text(wide) == WORDS["title"], name
            assert theme.alt_text(narrow) == theme.alt_text(wide), name
            assert " ".join(narrow["title"]["subtitle"]) == " ".join(wide["title"]["subtitle"]), name


def test_every_narrow_form_is_drawn_a_phone_wide_in_letters_that_can_be_read(made):
    for name, drawn in made.items():
        assert drawn_width(drawn.narrow_svg) <= NARROW.width + 1, name
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', drawn.narrow_svg)) >= 11, name


def test_no_word_of_a_narrow_form_sticks_out(every, made):
    """By the estimate of the labels themselves: from where a text starts, as wide as its letters."""
    for name, (chart, frames) in every.items():
        drawn = made[name]
        if any("stand_in" in frame for frame in frames):
            longer = [
                frame.assign(stand_in=frame["stand_in"] + " (simulated)") if "stand_in" in frame else frame
                for frame in frames
            ]
            drawn = Drawn(chart, longer, WORDS)
        for left, right, word in spans(ElementTree.fromstring(drawn.narrow_svg)):
            assert left >= -1 and right <= NARROW.width + 1, (name, word, left, right)


def spans(node, x=0.0):
    """Left end, right end and words of every text that lies flat."""
    moved = re.match(r"translate\(([-\d.]+)", node.get("transform", ""))
    x += float(moved[1]) if moved else 0.0
    if node.tag.endswith("}text"):
        # a tspan a line; the estimate is for bold letters
        words = max((line.text or "" for line in (node, *node)), key=len)
        wide = labels.text_width(words, float(node.get("font-size").removesuffix("px"))) * 0.8
        share = {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor"), 0.0)
        yield x - wide * share, x + wide * (1 - share), words
    for inner in node:
        yield from spans(inner, x)


def test_a_chart_retitled_later_has_no_narrow_form(ratio):
    assert theme.narrow(charts.ratio_line(ratio, **WORDS).properties(title="Another")) is None


def test_what_help_shows_has_no_canvas():
    assert list(inspect.signature(charts.ratio_line).parameters) == ["ratio", "title", "subtitle"]


@given(st.text(alphabet="ab -", max_size=200), st.integers(12, 50), st.booleans())
def test_refitted_lines_keep_their_words_and_their_limit(text, letters, is_even):
    lines = layout.wrapped(text, 70)
    fitted = layout.refitted(lines, letters, is_even=is_even)
    assert "".join(fitted).replace(" ", "") == "".join(lines).replace(" ", "")
    assert all(len(line) <= letters for line in fitted)


# --- one by one -------------------------------------------------------------------------------


def test_price_names_every_level_with_its_price(price, levels):
    chart = charts.price_levels(price, levels, **WORDS)
    assert {"72.56 Confirm", "72.11 Closing high", "69.58 Stop", "65.00 50-day mean"} <= set(values(chart, "label"))
    assert axis_titles(chart) == {"Price (quote currency)"}


def test_level_names_keep_apart(price, levels):
    chart = charts.price_levels(price, levels, **WORDS)
    spec = spec_of(chart)
    low, high = next(node["domain"] for node in nodes(spec) if node.get("zero") is False and "domain" in node)
    spots = sorted(value / (high - low) * spec["height"] for value in values(chart, "spot"))
    assert min(np.diff(spots)) >= labels.LABEL_GAP - 0.01


def test_every_new_high_has_a_mark(price, levels):
    chart = charts.price_levels(price, levels, **WORDS)
    triangles = [node for node in nodes(spec_of(chart)) if node.get("shape") == "triangle-up"]
    assert sum(values(chart, "is_new_high")) == 39 and len(triangles) == 1


def test_only_a_day_that_has_not_ended_is_called_so_far(price, tape_price, levels):
    finished = charts.price_levels(price, levels, **WORDS)
    partial = charts.price_levels(tape_price, levels, **WORDS)
    assert "72.34 Last" in values(finished, "label") and "so far" not in str(finished.to_dict())
    assert "72.34 Last, so far" in values(partial, "label")


def test_the_prior_high_is_a_step_that_keeps_its_changes(price, levels):
    flat = price.assign(prior_high=[70.0] * 30 + [71.0] * 10)
    chart = charts.price_levels(flat, levels, **WORDS)
    steps = next(rows for rows in spec_of(chart)["datasets"].values() if set(rows[0]) == {"date", "prior_high"})
    assert [row["prior_high"] for row in steps] == [70.0, 71.0, 71.0]


def test_price_without_levels_draws(price, levels):
    assert "area" in marks(charts.price_levels(price, levels.iloc[:0], **WORDS))


def test_volume_is_in_millions_of_shares_from_zero(volume):
    chart = charts.volume_history(volume, **WORDS)
    domains = [node["scale"]["domain"] for node in nodes(spec_of(chart)) if node.get("axis", {}).get("title")]
    assert axis_titles(chart) == {"Volume (millions of shares)"}
    assert max(values(chart, "volume")) == 2.0 and all(domain[0] == 0 for domain in domains)


def test_a_partial_volume_bar_is_open_and_called_so_far(volume):
    partial = charts.volume_history(volume, **WORDS)
    whole = charts.volume_history(volume.assign(is_partial=False), **WORDS)
    assert "so far" in values(partial, "label") and "so far" not in values(whole, "label")
    assert "open bar" in spec_of(partial)["title"]["subtitle"][-1]


def test_only_marks_that_occur_are_explained(volume):
    key = " ".join(charts.volume_history(volume, **WORDS).to_dict()["title"]["subtitle"])
    assert "options expiry" in key and "half day" not in key


def test_the_ratio_is_read_against_100_and_the_primary_leads(ratio):
    chart = charts.ratio_line(ratio, **WORDS)
    lines = [node["mark"] for node in nodes(spec_of(chart)) if node.get("mark", {}).get("type") == "line"]
    assert values(chart, "word") == ["100 = start"]
    assert max(lines, key=lambda mark: mark["strokeWidth"])["color"] == theme.colour("first")
    assert len({str(mark["strokeDash"]) for mark in lines}) == len({mark["color"] for mark in lines}) == 3


def test_a_stand_in_without_data_is_named_and_the_others_keep_their_colours(ratio):
    gone = ratio.assign(ratio=ratio["ratio"].where(ratio["stand_in"] != "XLG"))
    chart = charts.ratio_line(gone, **WORDS)
    lines = [node["mark"]["color"] for node in nodes(spec_of(chart)) if node.get("mark", {}).get("type") == "line"]
    assert spec_of(chart)["title"]["subtitle"][-1] == "No data: XLG."
    assert set(lines) == {theme.colour("first"), theme.colour("third")}


def test_mansfield_is_read_against_zero_in_percent(ratio):
    chart = charts.mansfield_line(ratio.rename(columns={"ratio": "value"}), **WORDS)
    assert values(chart, "word") == ["0 = own mean"] and "(%)" in axis_titles(chart).pop()


def test_excess_is_in_percentage_points_around_zero(excess):
    chart = charts.excess_dots(excess, **WORDS)
    assert min(values(chart, "value")) == pytest.approx(-1.2) and values(chart, "zero") == [0]
    assert "percentage points" in axis_titles(chart).pop()
    assert [label for label in values(chart, "label") if "days" in label] == ["5 days", "252 days"]


def test_excess_prints_text_that_came_along(excess):
    assert "OEF -1.2 points" in values(charts.excess_dots(excess.assign(text="-1.2 points"), **WORDS), "label")


def test_an_unknown_excess_says_so(excess):
    gone = excess.assign(value=excess["value"].where(excess["stand_in"] != "MGC"))
    assert values(charts.excess_dots(gone, **WORDS), "label").count("MGC: no data") == 2


def test_rotation_has_one_panel_a_group_on_the_same_scales(rotated):
    spec = charts.rotation(rotated, **WORDS).to_dict()
    scales = {
        str(node["x"]["scale"]["domain"])
        for panel in spec["vconcat"]
        for node in nodes(panel)
        if "scale" in node.get("x", {})
    }
    assert len(spec["vconcat"]) == 2 and len(scales) == 1
    shapes = {node["shape"] for node in nodes(spec) if "shape" in node}
    assert shapes == {"circle", "square"}


def test_rotation_names_every_symbol_once(rotated):
    chart = charts.rotation(rotated, **WORDS)
    assert sorted(values(chart, "label")) == [f"{name} (simulated)" for name in ("IJH", "OEF", "XLE", "XLK")]


def test_a_tier_keeps_its_whole_tail_and_a_sector_its_last_two_moves(rotated):
    chart = charts.rotation(rotated, **WORDS)
    tails = [rows for rows in spec_of(chart)["datasets"].values() if "from_x" in rows[0] and "label" not in rows[0]]
    assert sorted(len(rows) for rows in tails) == [4, 6]  # of two sectors, of two tiers with three moves each
    assert "(of sectors 2)" in spec_of(chart)["title"]["subtitle"][-1]
    short = charts.rotation(rotated[rotated["date"] >= "2026-03-13"], **WORDS)
    assert "of sectors" not in " ".join(spec_of(short)["title"]["subtitle"])


def test_weeks_that_are_not_drawn_take_no_room(rotated):
    far = rotated["group"].eq("sector") & rotated["date"].eq(rotated["date"].min())
    moved = charts.rotation(rotated.assign(rs_ratio=rotated["rs_ratio"].mask(far, 300.0)), **WORDS)
    highest = [node["scale"]["domain"][1] for node in nodes(spec_of(moved)) if "domain" in (node.get("scale") or {})]
    assert max(highest) < 200


def test_grid_cells_print_the_text_given_or_a_direction_and_a_dash_for_no_data(grid):
    assert set(values(charts.performance_grid(grid, **WORDS), "words")) == {"+40.0%", "-1.0%", "–"}
    bare = charts.performance_grid(grid.drop(columns="text"), **WORDS)
    assert set(values(bare, "words")) == {"▲", "▼", "–"}


def test_grid_keeps_groups_and_spans_in_order(grid):
    spec = charts.performance_grid(grid, **WORDS).to_dict()
    assert [block["title"]["text"] for block in spec["vconcat"]] == ["Cap tiers", "Mega-cap stand-ins", "Sectors"]
    assert next(node["sort"] for node in nodes(spec) if node.get("field") == "span") == ["1D", "YTD", "1Y"]


def test_grid_colours_are_symmetric_around_zero(grid):
    spec = charts.performance_grid(grid, **WORDS).to_dict()
    domains = [node["scale"]["domain"] for node in nodes(spec) if node.get("field") == "shade"]
    assert domains and all(domain == [-1, 0, 1] for domain in domains)


# --- layout -----------------------------------------------------------------------------------

positions = st.lists(st.floats(0, 300, allow_nan=False), max_size=14)


@given(positions, st.floats(1, 30))
def test_spread_keeps_gap_order_and_bounds(wanted, gap):
    placed = labels.spread(wanted, gap, 0, 300)
    room = min(gap, 300 / (len(wanted) - 1)) if len(wanted) > 1 else gap
    ordered = [placed[place] for place in sorted(range(len(wanted)), key=lambda place: wanted[place])]
    assert all(later - earlier >= room - 1e-6 for earlier, later in zip(ordered, ordered[1:], strict=False))
    assert all(-1e-6 <= spot <= 300 + 1e-6 for spot in placed)


@given(st.integers(1, 9), st.floats(1, 20))
def test_spread_leaves_alone_what_is_apart(count, gap):
    wanted = [place * (gap + 1) for place in range(count)]
    assert labels.spread(wanted, gap, 0, 300) == pytest.approx(wanted)


def test_names_of_crowded_dots_do_not_overlap():
    points = [(250.0 + 3 * place, 150.0 + 20 * (place % 4)) for place in range(8)]
    names = [f"XL{letter}" for letter in "BCEFIKPU"]
    boxes = [
        labels._box(x, y, align, labels.text_width(name))
        for (x, y, align), name in zip(labels.beside(points, names, width=580, height=310), names, strict=True)
    ]
    pairs = [(one, other) for place, one in enumerate(boxes) for other in boxes[:place]]
    assert not any(labels._shared(one, other) for one, other in pairs)


def test_a_title_over_70_letters_takes_two_lines_and_loses_no_word():
    title = "IJH traded above its 252-day intraday high of 20 February, then slipped back: confirmation pending"
    lines = layout.wrapped(title, WIDE.title_letters)
    assert len(lines) == 2 and " ".join(lines) == title


def test_a_title_without_end_is_cut_with_an_ellipsis():
    lines = layout.wrapped("word " * 100, WIDE.title_letters)
    assert len(lines) == 2 and lines[-1].endswith("…")


@pytest.mark.parametrize("years", [1, 4, 20, 60])
def test_no_line_has_more_than_750_points_and_its_last_day_stays(years):
    days = pd.bdate_range(end="2026-04-17", periods=261 * years)
    frame = pd.concat([pd.DataFrame({"date": days, "stand_in": name}) for name in STAND_INS], ignore_index=True)
    kept = layout.thinned(frame, by="stand_in")
    assert kept["stand_in"].value_counts().max() <= layout.MAX_POINTS
    assert kept.groupby("stand_in")["date"].max().eq(days[-1]).all()


def test_three_years_stay_daily():
    frame = pd.DataFrame({"date": pd.bdate_range(end="2026-04-17", periods=750)})
    assert len(layout.thinned(frame)) == 750


def test_dates_do_not_move_with_the_time_zone():
    axis = layout.date_x(pd.Timestamp("2025-01-02"), pd.Timestamp("2026-04-17")).to_dict()
    assert axis["scale"]["type"] == "utc" and "utcFormat" in axis["axis"]["labelExpr"]
