"""Charts of risks and hedges: what they say and show, asserted on their Vega-Lite dictionaries."""

import inspect
import itertools
import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from helpers.note import charts, theme
from helpers.note.charts import labels, surface, table
from helpers.note.charts.canvas import NARROW
from tests.note.test_charts import Drawn, spec_of

WORDS = {"title": "Credit is what would hurt", "subtitle": "IJH less OEF, points, to 17 April 2026. Source: a folder"}
LEGS = ("SPY", "OEF", "XLP", "XLU", "VNQ", "SPLV")
NAN = math.nan


@pytest.fixture(scope="module")
def scenarios():
    rows = [
        ("rates_up", "10-year yield up", "met", 0.0042, 0.44, 0.21, 1201, 57.2, "with mid caps"),
        ("rates_up", "10-year yield up", "not", -0.0011, 0.52, 0.17, 6300, 300.0, "with mid caps"),
        ("credit_wider", "Credit wider (by a fund)", "met", -0.0123, 0.63, 0.55, 402, 19.1, "against mid caps"),
        ("credit_wider", "Credit wider (by a fund)", "not", 0.0016, 0.47, 0.11, 4300, 204.8, "against mid caps"),
        ("claims_up", "Jobless claims up", "met", NAN, NAN, NAN, 0, 0.0, "cannot be tested"),
        ("claims_up", "Jobless claims up", "not", NAN, NAN, NAN, 0, 0.0, "cannot be tested"),
    ]
    columns = ["scenario", "label", "state", "mean", "trails", "drawdown", "n", "effective_n", "text"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def grid():
    """A plane that passes zero where credit is 10 bp wider and rates do not move."""
    rates, credits = np.meshgrid(np.arange(-75.0, 76, 15), np.arange(-100.0, 151, 25))
    frame = pd.DataFrame({"rates_bp": rates.ravel(), "credit_bp": credits.ravel()})
    return frame.assign(value=0.0001 * (10 - frame["credit_bp"]) + 0.00002 * frame["rates_bp"])


@pytest.fixture(scope="module")
def now():
    return pd.DataFrame({"rates_bp": [40.0], "credit_bp": [-30.0]})


@pytest.fixture(scope="module")
def triggers():
    rows = [
        ("rates", "10-year yield up", "near", "+19 bp", "+25 bp", 0.76),
        ("credit", "Credit wider (by a fund)", "not met", "-6 bp", "+50 bp", 0.0),
        ("spread", "Credit spread wider (published)", "unknown", "no data", "+50 bp", NAN),
        ("excess", "IJH (simulated) against OEF (simulated)", "met", "-4.3 points", "-2.0 points", 2.15),
        ("level", "Close below the warning, 30 days from a breakout", "met", "-0.4%", "0.0%", 1.2),
    ]
    return pd.DataFrame(rows, columns=["trigger", "label", "state", "value_text", "threshold_text", "progress"])


@pytest.fixture(scope="module")
def due():
    dates = pd.to_datetime(["2026-05-08", "2026-04-29", None])
    events = ["employment report, April", "FOMC decision", "a date nobody knows"]
    return pd.DataFrame({"date": dates, "event": events, "source": ["bls.gov", "Federal Reserve", "nobody"]})


@pytest.fixture(scope="module")
def strip():
    places = [0.93, 0.08, 0.5, NAN, 1.0, 0.0, 0.1, 0.9, 0.89, 0.11, 0.3, 0.7]
    names = [f"IJH (simulated)/OEF (simulated) over {place} days" for place in range(12)]
    frame = pd.DataFrame({"measure": [f"m{place}" for place in range(12)], "label": names, "percentile": places})
    return frame.assign(value_text="+1.2 points", now=1.0, low=0.0, high=2.0)


@pytest.fixture(scope="module")
def crowding():
    frame = pd.DataFrame({"leg": LEGS, "label": [f"{leg} (simulated)" for leg in LEGS]})
    frame = frame.assign(comomentum=[0.6, 0.9, NAN, 0.97, NAN, 0.0], excess=[0.4, 0.7, 0.5, 0.88, NAN, 0.04])
    frame = frame.assign(distance=[0.55, 0.71, 0.5, 0.85, NAN, 0.2])
    return frame.assign(crowding=frame[["comomentum", "excess", "distance"]].mean(axis=1))


@pytest.fixture(scope="module")
def score():
    rows = [
        ("price", "Price", 0.75, "+0.75", "close against its prior highest -0.9%", 0.25),
        ("relative_strength", "Relative strength", -1.0, "-1.00", "IJH (simulated)/OEF (simulated) -3.0%", 0.25),
        ("credit", "Credit", 0.5, "+0.50", "spread, change -26 bp", 0.0),
        ("rates", "Rates", -0.25, "-0.25", "10-year yield, change +12 bp", 0.5),
        ("revisions", "Revisions", NAN, "", "", NAN),
        ("score", "Score", -0.19, "-0.19", "mildly negative", 0.8),
    ]
    return pd.DataFrame(rows, columns=["part", "label", "value", "value_text", "raw_text", "weight"])


@pytest.fixture(scope="module")
def frontier():
    frame = pd.DataFrame({"leg": LEGS, "label": [f"{leg} (simulated)" for leg in LEGS]})
    frame = frame.assign(variance_removed=[0.74, 0.66, 0.31, -0.05, 0.52, 0.50], market_beta=0.1)
    frame = frame.assign(rate_beta=[1.4, 1.9, 6.1, 9.4, 7.0, 6.4])
    return frame.assign(second_bet=pd.Series([False, False, True, True, None, False], dtype=object))


@pytest.fixture(scope="module")
def path():
    days = pd.bdate_range(end="2026-04-17", periods=40)
    lines = {"fund": 1.0, "hedged with SPLV (simulated)": 0.25}
    parts = [
        pd.DataFrame({"date": days, "line": line, "value": 100 + slope * np.arange(40)})
        for line, slope in lines.items()
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def tape():
    return pd.DataFrame({"date": pd.bdate_range(end="2026-04-17", periods=40), "close": np.linspace(60, 72.34, 40)})


@pytest.fixture(scope="module")
def levels():
    return pd.DataFrame({"kind": ["entry", "warning", "stop"], "value": [72.34, 71.45, 69.58]})


#: charts of `every`, so that tests which draw each anew can run one by one
NAMES = (
    "scenario_panel",
    "breakeven_map",
    "trigger_board",
    "measure_strip",
    "crowding_dots",
    "score_components",
    "hedge_frontier",
    "hedge_path",
)


@pytest.fixture(scope="module")
def every(scenarios, grid, now, triggers, due, strip, crowding, score, frontier, path, tape, levels):
    return {
        "scenario_panel": (charts.scenario_panel, (scenarios,)),
        "breakeven_map": (charts.breakeven_map, (grid, now)),
        "trigger_board": (charts.trigger_board, (triggers, due)),
        "measure_strip": (charts.measure_strip, (strip,)),
        "crowding_dots": (charts.crowding_dots, (crowding,)),
        "score_components": (charts.score_components, (score,)),
        "hedge_frontier": (charts.hedge_frontier, (frontier,)),
        "hedge_path": (charts.hedge_path, (path, tape, levels)),
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


def rows(spec):
    return [row for values in spec["datasets"].values() for row in values]


def values(chart, field):
    """Every value of a field in the chart's data."""
    return [row[field] for row in rows(spec_of(chart)) if field in row]


def words(chart):
    """What a chart says in its plot, and where: text to the pixel it stands at."""
    return {row["text"]: row for row in rows(spec_of(chart)) if "text" in row}


def drawn_width(drawn):
    return float(drawn.split(' width="')[1].split('"')[0])


def key(chart):
    return " ".join(spec_of(chart)["title"]["subtitle"])


# --- every chart ------------------------------------------------------------------------------


def test_every_chart_says_title_subtitle_and_what_is_seen(made):
    for name, drawn in made.items():
        assert drawn.spec["title"]["text"] == [WORDS["title"]], name
        assert drawn.spec["title"]["subtitle"][0] == WORDS["subtitle"], name
        assert WORDS["title"] in drawn.spec["description"], name


def test_every_chart_is_drawn_within_its_budget_and_at_both_widths(made):
    for name, drawn in made.items():
        assert max(len(drawn.wide_svg), len(drawn.narrow_svg)) < 45_000, name
        assert abs(drawn_width(drawn.wide_svg) - theme.WIDTH) <= 4, name
        assert drawn_width(drawn.narrow_svg) <= NARROW.width + 1, name


def test_an_empty_frame_says_no_data(every):
    for name, (chart, frames) in every.items():
        empty = chart(*(frame.iloc[:0] for frame in frames), **WORDS)
        assert values(empty, "words") == ["no data"] and "No data" in empty.to_dict()["description"], name


def test_a_frame_without_columns_says_no_data(every):
    for name, (chart, frames) in every.items():
        assert values(chart(*(pd.DataFrame() for _ in frames), **WORDS), "words") == ["no data"], name


def test_numbers_all_unknown_say_no_data(every):
    for name, (chart, frames) in every.items():
        blank = [frame.assign(**{column: NAN for column in frame.select_dtypes("float")}) for frame in frames]
        assert "no data" in theme.svg(chart(*blank, **WORDS)), name


@pytest.mark.parametrize("name", NAMES)
def test_one_unknown_column_at_a_time_still_draws(every, name):
    chart, frames = every[name]
    for place, frame in enumerate(frames):
        for column in frame.select_dtypes("float"):
            blank = [*frames[:place], frame.assign(**{column: NAN}), *frames[place + 1 :]]
            drawn = theme.svg(chart(*blank, **WORDS))
            assert "NaN" not in drawn and "Infinity" not in drawn, (name, column)


@pytest.mark.parametrize("name", NAMES)
def test_one_row_still_draws(every, name):
    chart, frames = every[name]
    for row in (0, -1):
        drawn = theme.svg(chart(frames[0].iloc[[row]], *frames[1:], **WORDS))
        assert "NaN" not in drawn and "Infinity" not in drawn, (name, row)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_labels_stay_text(every, name):
    hostile = "<script>'\"];x\\</script>\x00"
    chart, frames = every[name]
    renamed = [
        frame.assign(**{column: hostile for column in ("label", "line", "event", "source", "text") if column in frame})
        for frame in frames
    ]
    drawn = theme.svg(chart(*renamed, title=hostile, subtitle=hostile))
    assert "<script" not in drawn and "\x00" not in drawn, name


def test_frames_are_left_as_they_were(made):
    for name, drawn in made.items():
        assert all(frame.equals(old) for frame, old in zip(drawn.frames, drawn.before, strict=True)), name


def test_every_narrow_form_says_the_same_in_letters_that_can_be_read(made):
    for name, drawn in made.items():
        assert drawn.narrow["title"]["text"] and theme.alt_text(drawn.narrow) == theme.alt_text(drawn.spec), name
        assert " ".join(drawn.narrow["title"]["subtitle"]) == " ".join(drawn.spec["title"]["subtitle"]), name
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', drawn.narrow_svg)) >= 11, name


def test_no_word_sticks_out(made):
    """By the estimate of the labels themselves: from where a text starts, as wide as its letters."""
    for name, drawn in made.items():
        for svg, width in ((drawn.narrow_svg, NARROW.width), (drawn.wide_svg, theme.WIDTH)):
            for left, right, word in spans(ElementTree.fromstring(svg)):
                assert left >= -2 and right <= width + 2, (name, word, left, right)


def spans(node, x=0.0):
    """Left end, right end and words of every text that lies flat."""
    moved = re.match(r"translate\(([-\d.]+)", node.get("transform", ""))
    x += float(moved[1]) if moved else 0.0
    if node.tag.endswith("}text"):
        said = max((line.text or "" for line in (node, *node)), key=len)
        wide = labels.text_width(said, float(node.get("font-size").removesuffix("px"))) * 0.8
        share = {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor"), 0.0)
        yield x - wide * share, x + wide * (1 - share), said
    for inner in node:
        yield from spans(inner, x)


def test_what_help_shows_has_no_canvas():
    assert list(inspect.signature(charts.hedge_path).parameters) == ["path", "tape", "levels", "title", "subtitle"]
    assert list(inspect.signature(charts.breakeven_map).parameters) == ["grid", "now", "title", "subtitle"]


# --- scenarios --------------------------------------------------------------------------------


def bars(chart, fill):
    """Bars of a colour: left end, right end."""
    return [(row["x"], row["x2"]) for row in rows(spec_of(chart)) if "x2" in row and row.get("fill") == fill]


def test_a_scenario_reads_met_above_not_met_with_every_number(scenarios):
    said = words(charts.scenario_panel(scenarios, **WORDS))
    assert {"+0.42", "-0.11", "-1.23", "+0.16", "63", "55", "402 (19)", "4,300 (205)"} <= set(said)
    assert said["+0.42"]["y"] < said["-0.11"]["y"] < said["-1.23"]["y"] < said["+0.16"]["y"]


def test_bars_of_a_column_start_at_one_zero_on_one_scale(scenarios):
    chart = charts.scenario_panel(scenarios, **WORDS)
    filled = bars(chart, theme.colour("first"))
    up, down = filled[0], filled[3]  # the means of the first scenario, and of the second
    assert up[0] == down[1] and down[0] > words(chart)["-1.23"]["x"]
    assert (down[1] - down[0]) / (up[1] - up[0]) == pytest.approx(1.23 / 0.42, rel=0.02)
    trailed = filled[1], filled[4]
    assert trailed[0][0] == trailed[1][0]
    assert (trailed[1][1] - trailed[1][0]) / (trailed[0][1] - trailed[0][0]) == pytest.approx(63 / 44, rel=0.02)


def test_a_scenario_never_met_prints_dashes_not_zeros(scenarios):
    gone = charts.scenario_panel(scenarios, **WORDS)
    texts = values(gone, "text")
    assert texts.count("–") == 6 and texts.count("none") == 2 and "0.00" not in texts


def test_a_scenario_without_one_of_its_states_still_has_both_rows(scenarios):
    texts = values(charts.scenario_panel(scenarios.iloc[[0]].drop(columns="text"), **WORDS), "text")
    assert texts.count("met") == texts.count("not met") == 1 and texts.count("–") == 4


# --- breakeven --------------------------------------------------------------------------------


def test_the_line_of_zero_lies_where_the_values_pass_zero(grid):
    points = grid.pivot(index="credit_bp", columns="rates_bp", values="value")
    pieces = list(
        surface.zero_line(points.columns.to_numpy(float), points.index.to_numpy(float), points.to_numpy(float))
    )
    assert len(pieces) >= 10
    for rates, credit in itertools.chain.from_iterable(pieces):
        assert 0.0001 * (10 - credit) + 0.00002 * rates == pytest.approx(0, abs=1e-9)


def test_breakeven_and_today_are_named_on_the_map(grid, now):
    chart = charts.breakeven_map(grid, now, **WORDS)
    said = words(chart)
    assert {"breakeven", "today"} <= set(said) and "Today: yield +40 bp, credit -30 bp." in key(chart)


def test_the_map_says_what_it_cannot_show(made):
    wide = " ".join(words(made["breakeven_map"].chart))
    narrow = " ".join(row["text"] for row in rows(made["breakeven_map"].narrow) if "text" in row)
    for said in (wide, narrow, made["breakeven_map"].spec["description"]):
        assert "axes are chosen, not where changes were observed, and its error is not drawn." in said


def test_a_map_without_a_zero_says_so(grid, now):
    chart = charts.breakeven_map(grid.assign(value=0.01), now, **WORDS)
    assert "breakeven" not in words(chart) and "No breakeven within these changes." in key(chart)


def test_today_off_the_map_stands_at_its_edge_and_is_called_so(grid, now):
    said = words(charts.breakeven_map(grid, now.assign(credit_bp=400.0), **WORDS))
    assert "today, beyond the map" in said and "today" not in said


def test_an_unknown_change_of_today_is_said_and_not_drawn(grid, now):
    chart = charts.breakeven_map(grid, now.assign(credit_bp=NAN), **WORDS)
    assert "today" not in words(chart) and "today's change of the credit spread is unknown" in key(chart)


def test_the_sign_is_printed_on_the_map_and_colours_are_symmetric(grid, now):
    texts = values(charts.breakeven_map(grid, now, **WORDS), "text")
    assert any(re.fullmatch(r"\+\d\.\d", text) for text in texts)
    assert any(re.fullmatch(r"-\d\.\d", text) for text in texts)
    assert surface.shade(1) == theme.colour("up") and surface.shade(-1) == theme.colour("down")
    assert surface.shade(0) == theme.colour("flat") and surface.shade(NAN) == ""


def test_a_number_stands_where_the_map_has_it(grid, now):
    """Across the map one pixel is worth the same everywhere: numbers printed on it lie on the plane."""
    plane = grid.assign(value=-0.0002 * grid["credit_bp"])
    said = [row for row in rows(charts.breakeven_map(plane, now, **WORDS).to_dict()) if "text" in row]
    ticks = {row["text"]: row["y"] for row in said if row["text"] in ("+100", "-50")}
    per_pixel = 150 / (ticks["-50"] - ticks["+100"])
    printed = [row for row in said if re.fullmatch(r"[+-]\d\.\d", row["text"])]
    assert len(printed) > 20
    for row in printed:
        credit = 100 - (row["y"] - ticks["+100"]) * per_pixel
        assert float(row["text"]) == pytest.approx(-0.02 * credit, abs=0.06)


# --- triggers ---------------------------------------------------------------------------------


def test_each_state_has_its_word_and_its_shape(triggers, due):
    spec = charts.trigger_board(triggers, due, **WORDS).to_dict()
    shapes = {node["shape"] for node in nodes(spec) if "shape" in node}
    assert {"triangle-up", "diamond", "circle", "cross"} <= shapes
    said = [row["text"] for row in rows(spec) if "text" in row]
    assert said.count("met") == 2 and said.count("near") == said.count("not met") == said.count("unknown") == 1


def test_a_bar_reaches_the_threshold_when_the_trigger_is_met(triggers, due):
    whole = triggers.assign(progress=[1.0, 0.5, NAN, 2.15, 0.0])
    chart = charts.trigger_board(whole, due.iloc[:0], **WORDS)
    (threshold,) = {row["x"] for row in rows(spec_of(chart)) if row.get("x") == row.get("x2")}
    (near,) = bars(chart, theme.colour("fifth"))
    (half,) = bars(chart, theme.colour("first"))
    (beyond,) = bars(chart, theme.colour("warning"))
    assert near[1] == threshold < beyond[1]
    assert half[1] - half[0] == pytest.approx((near[1] - near[0]) / 2, abs=0.2)


def test_an_unknown_trigger_has_no_bar_and_says_no_data_once(triggers, due):
    chart = charts.trigger_board(triggers.iloc[[2]], due, **WORDS)
    assert values(chart, "text").count("no data") == 1 and not bars(chart, table.TRACK)


def test_what_is_due_is_listed_by_date_and_an_undated_event_is_not(triggers, due):
    said = words(charts.trigger_board(triggers, due, **WORDS))
    assert said["29 Apr 2026"]["y"] < said["8 May 2026"]["y"]
    assert {"FOMC decision", "Employment report, April", "Federal Reserve"} <= set(said)
    assert "A date nobody knows" not in said


def test_nothing_due_and_no_trigger_are_said(triggers, due):
    assert "No dated event is known." in words(charts.trigger_board(triggers, due.iloc[:0], **WORDS))
    assert "Triggers: no data" in words(charts.trigger_board(triggers.iloc[:0], due, **WORDS))


def test_more_dates_than_there_is_room_for_are_counted(triggers):
    many = pd.DataFrame({"date": pd.bdate_range("2026-04-20", periods=20), "event": "speech", "source": "a list"})
    assert "and 6 more" in words(charts.trigger_board(triggers, many, **WORDS))


# --- measures and crowding --------------------------------------------------------------------


def test_only_the_lowest_and_the_highest_tenth_are_named_unusual(strip):
    texts = values(charts.measure_strip(strip, **WORDS), "text")
    assert texts.count("unusually high") == 3 and texts.count("unusually low") == 3
    assert texts.count("no data") == 1 and texts.count("+1.2 points") == 12


def test_percentiles_lie_in_order_on_their_tracks(strip):
    chart = charts.measure_strip(strip.assign(percentile=np.linspace(0, 1, 12)), **WORDS)
    spots = sorted((row["y"], row["x"]) for row in rows(spec_of(chart)) if row.get("stroke") == "#ffffff")
    assert len(spots) == 12 and [x for _, x in spots] == sorted(x for _, x in spots)
    steps = np.diff([x for _, x in spots])
    assert steps == pytest.approx(np.full(11, steps.mean()), abs=0.2)


def test_legs_are_ranked_by_crowding_and_the_unknown_come_last(crowding):
    said = words(charts.crowding_dots(crowding, **WORDS))
    order = sorted((name for name in said if name.endswith("(simulated)")), key=lambda name: said[name]["y"])
    assert [name.split()[0] for name in order] == ["XLU", "OEF", "SPY", "XLP", "SPLV", "VNQ"]
    assert {"90", "no data", "2 of 3 parts"} <= set(said)


def test_parts_that_fall_together_stand_one_over_the_other(crowding):
    alike = crowding.iloc[[0]].assign(comomentum=0.5, excess=0.5, distance=0.5, crowding=0.5)
    chart = charts.crowding_dots(alike, **WORDS)
    tints = [theme.colour(role) for role in ("second", "third", "fourth")]
    spots = [(row["x"], row["y"]) for row in rows(spec_of(chart)) if row.get("fill") in tints and row["y"] > 26]
    assert len({x for x, _ in spots}) == 1 and min(np.diff(sorted(y for _, y in spots))) >= 8


def test_a_part_known_for_no_leg_is_named_and_has_no_mark(crowding):
    chart = charts.crowding_dots(crowding.assign(comomentum=NAN), **WORDS)
    assert "No data: moving together." in key(chart) and "moving together" not in words(chart)


# --- hedges -----------------------------------------------------------------------------------


def test_a_second_bet_has_another_shape_and_the_word(frontier):
    spec = charts.hedge_frontier(frontier, **WORDS).to_dict()
    assert {node["shape"] for node in nodes(spec) if "shape" in node} == {"circle", "diamond"}
    named = sorted({row["label"] for row in rows(spec) if "label" in row})
    assert [name for name in named if name.endswith("second bet")] == [
        "XLP (simulated), second bet",
        "XLU (simulated), second bet",
    ]
    assert len(named) == len(LEGS)


def test_both_zero_lines_are_drawn_and_in_the_axes(frontier):
    spec = charts.hedge_frontier(frontier.iloc[:2], **WORDS).to_dict()
    domains = [node["scale"]["domain"] for node in nodes(spec) if "domain" in (node.get("scale") or {})]
    assert all(low <= 0 <= high for low, high in domains)
    zeros = [node["encoding"] for node in nodes(spec) if "zero" in str(node.get("encoding"))]
    assert (
        len([zero for zero in zeros if set(zero) == {"x"}]) == len([zero for zero in zeros if set(zero) == {"y"}]) == 1
    )


def test_names_of_legs_close_together_do_not_overlap(frontier):
    close = frontier.assign(variance_removed=[0.7, 0.72, 0.71, 0.3, 0.31, 0.32], rate_beta=[1.0, 1.2, 1.1, 4, 4.1, 4.2])
    for spec in (charts.hedge_frontier(close, **WORDS).to_dict(), theme.narrow(charts.hedge_frontier(close, **WORDS))):
        texts = list(dict.fromkeys(boxes(ElementTree.fromstring(theme.svg(spec)))))
        pairs = itertools.combinations(texts, 2)
        assert len(texts) == len(LEGS)
        assert not [pair for pair in pairs if labels._shared(*pair) > 1]


def boxes(node, x=0.0, y=0.0):
    """Boxes around the names of legs, by the estimate of their letters."""
    moved = re.match(r"translate\(([-\d.]+),([-\d.]+)", node.get("transform", ""))
    x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
    if node.tag.endswith("}text") and "(simulated)" in (node.text or ""):
        wide = labels.text_width(node.text, float(node.get("font-size").removesuffix("px"))) * 0.9
        left = x - wide * {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor"), 0.0)
        yield round(left), round(y - 7), round(left + wide), round(y + 7)
    for inner in node:
        yield from boxes(inner, x, y)


def test_a_leg_with_an_unknown_coordinate_is_named_not_drawn(frontier):
    gone = frontier.assign(rate_beta=frontier["rate_beta"].where(frontier["leg"] != "VNQ"))
    chart = charts.hedge_frontier(gone, **WORDS)
    assert "No data: VNQ (simulated)." in key(chart) and not any("VNQ" in name for name in values(chart, "label"))


def test_levels_are_named_with_their_values_and_the_hedge_in_its_panel(path, tape, levels):
    chart = charts.hedge_path(path, tape, levels, **WORDS)
    assert {"72.34 entry", "71.45 warning", "69.58 stop", "139.0 fund", "109.8 hedged"} == set(values(chart, "label"))
    titles = {node["axis"]["title"] for node in nodes(spec_of(chart)) if (node.get("axis") or {}).get("title")}
    assert titles == {"Fund's close (quote currency)", "Fund alone, and hedged with SPLV (simulated) (start = 100)"}


def test_the_close_is_named_where_it_is_not_the_entry(path, tape, levels):
    moved = levels.assign(value=[70.0, 69.0, 66.5], text=["70.00", "69.00", "66.50"])
    assert "72.34 close" in values(charts.hedge_path(path, tape, moved, **WORDS), "label")


def test_a_level_that_is_unknown_is_left_out(path, tape, levels):
    gone = levels.assign(value=levels["value"].where(levels["kind"] != "stop"))
    assert not any("stop" in label for label in values(charts.hedge_path(path, tape, gone, **WORDS), "label"))


def test_panels_of_the_same_days_share_an_axis_and_others_do_not(path, tape, levels):
    def axes(chart):
        return sum("utc" in str(node.get("scale")) and bool(node.get("axis")) for node in nodes(spec_of(chart)))

    shared = charts.hedge_path(path, tape, levels, **WORDS)
    apart = charts.hedge_path(path, tape.assign(date=tape["date"] - pd.Timedelta(days=400)), levels, **WORDS)
    domains = {
        str(node["scale"]["domain"])
        for node in nodes(shared.to_dict())
        if "utc" in str((node.get("scale") or {}).get("type"))
    }
    assert len(domains) == 1 and axes(apart) > axes(shared)


def test_one_panel_without_data_says_so_beside_the_other(path, tape, levels):
    without_path = charts.hedge_path(path.iloc[:0], tape, levels, **WORDS)
    without_tape = charts.hedge_path(path, tape.iloc[:0], levels.iloc[:0], **WORDS)
    assert values(without_path, "words") == values(without_tape, "words") == ["no data"]
    assert "72.34 entry" in values(without_path, "label") and "139.0 fund" in values(without_tape, "label")


# --- tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [40, 90, 200])
def test_fitted_words_keep_their_room_and_their_lines(room):
    text = "Close below the warning, 30 days from a breakout, SPLV (simulated) against OEF"
    lines = table.fitted(text, room, theme.TEXT_SIZE, most=3)
    assert 1 <= len(lines) <= 3
    assert room < 80 or all(table.text_room(line, theme.TEXT_SIZE) <= room for line in lines)


def test_a_number_that_rounds_to_nothing_has_no_sign_and_an_unknown_is_a_dash():
    assert table.number(-0.0001, 2, signed=True) == "0.00"
    assert table.number(None) == table.number(NAN) == "–"
    assert table.number(1234.4, 0) == "1,234" and table.number(0.42, 2, signed=True) == "+0.42"


def test_shades_between_the_places_of_a_grid_keep_its_values():
    rates, credits = np.array([0.0, 10.0]), np.array([0.0, 20.0])
    columns, lines, fine = surface.finer(rates, credits, np.array([[0.0, 1.0], [2.0, NAN]]))
    assert (columns[0], columns[-1], lines[-1]) == (0.0, 10.0, 20.0)
    assert fine[0, 0] == 0.0 and fine[0, -1] == 1.0 and fine[-1, 0] == 2.0 and math.isnan(fine[-1, -1])


# --- the score --------------------------------------------------------------------------------


def test_a_bar_runs_from_nought_to_its_side_as_far_as_its_value(score):
    chart = charts.score_components(score, **WORDS)
    (up,), (one, other) = bars(chart, theme.colour("first")), bars(chart, theme.colour("second"))
    (total,) = bars(chart, theme.INK)
    nought = up[0]
    assert nought == one[1] == other[1] == total[1]
    per = (up[1] - up[0]) / 0.75
    assert (nought - one[0], nought - other[0], nought - total[0]) == pytest.approx((per, per / 4, 0.19 * per), abs=0.2)


def test_a_part_without_weight_is_open_and_says_so(score):
    chart = charts.score_components(score, **WORDS)
    assert len(bars(chart, "#ffffff")) == 1
    assert any("no weight" in text for text in values(chart, "text"))


def test_an_unknown_part_is_named_and_said_to_be_unknown(score):
    chart = charts.score_components(score, **WORDS)
    said = words(chart)
    assert said["Revisions"]["y"] == said["no data"]["y"]
    assert "Revisions no data" in spec_of(chart)["description"]
    assert len(bars(chart, table.TRACK)) == 5


def test_the_score_stands_last_with_its_word_whatever_the_order(score):
    said = words(charts.score_components(score.iloc[::-1], **WORDS))
    assert said["mildly negative"]["y"] == said["Score"]["y"] > max(said[name]["y"] for name in ("Price", "Revisions"))


def test_parts_without_a_score_draw_the_parts(score):
    few = score.assign(value=score["value"].where(score["part"] == "price"))
    said = [row["text"] for row in rows(spec_of(charts.score_components(few, **WORDS))) if "text" in row]
    assert said.count("no data") == 5


def test_nothing_known_of_the_score_says_no_data(score):
    assert values(charts.score_components(score.assign(value=NAN), **WORDS), "words") == ["no data"]
