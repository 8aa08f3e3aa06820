"""Mid caps against each mega-cap stand-in: the ratio, its distance from its mean, and excess returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import NARROW, Canvas, at_both_sizes

LINE_RIGHT = 140
LINE_HEIGHT = 280
LANE = 17
ROW_AIR = 10
EXCESS_AXIS = ("Mid cap less mega-cap stand-in (percentage points;", "left of 0 trails, right leads)")


@at_both_sizes
def ratio_line(canvas: Canvas, ratio: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Mid over mega by each stand-in, 100 at the start; the primary stand-in bold, each named at the edge.

    Parameters
    ----------
    ratio : DataFrame
        date, stand_in, ratio; is_primary (optional; else the first stand-in leads).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    return _lines(
        canvas,
        ratio,
        "ratio",
        title,
        subtitle,
        y_title="Ratio of mid to mega cap (start = 100)",
        level=100.0,
        level_word="start",
    )


@at_both_sizes
def mansfield_line(canvas: Canvas, mansfield: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Mansfield relative strength by each stand-in around 0, in percent of the ratio's own mean.

    Parameters
    ----------
    mansfield : DataFrame
        date, stand_in, value (percent); is_primary (optional; else the first stand-in leads).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    return _lines(
        canvas,
        mansfield,
        "value",
        title,
        subtitle,
        y_title="Ratio against its own mean (%)",
        level=0.0,
        level_word="own mean",
    )


def stand_in_order(frame: pd.DataFrame) -> list[str]:
    """Stand-ins, the primary first, then as they come: the order that gives each its colour, dash and shape."""
    names = [str(name) for name in frame["stand_in"].drop_duplicates()]
    leading = [str(name) for name in frame.loc[layout.flags(frame, "is_primary"), "stand_in"].drop_duplicates()]
    return list(dict.fromkeys([*leading, *names]))


def _role(place: int) -> tuple[str, list[int], str]:
    """Colour, dash and shape of a place in the order."""
    place %= len(theme.ROLES)
    return theme.colour(theme.ROLES[place]), theme.DASHES[place], theme.SHAPES[place]


def _lines(
    canvas: Canvas,
    frame: pd.DataFrame,
    field: str,
    title: str,
    subtitle: str,
    *,
    y_title: str,
    level: float,
    level_word: str,
) -> alt.LayerChart:
    form = "Line chart"
    if layout.is_empty(frame, field):
        return layout.no_data(canvas, form, title, subtitle)
    order = stand_in_order(frame)
    thin = layout.thinned(frame, by="stand_in")
    domain = layout.extent(thin[field].tolist(), level)
    left, right = layout.axis_room(canvas), canvas.pick(LINE_RIGHT, labelling.edge_room(order, canvas.text_size))
    width = canvas.width - left - right
    x = layout.date_x(thin["date"].min(), thin["date"].max(), most=canvas.pick(8, 5))
    y = layout.number_y(field, domain, y_title, left)
    at_level = layout.on(y)("level")
    reference = alt.Chart(layout.data([{"level": level, "word": f"{level:.0f} = {level_word}"}]))
    layers: list[alt.Chart] = [
        reference.mark_rule(color="#6e6e6e", strokeWidth=1.2).encode(y=at_level),
    ]
    labels: list[dict[str, Any]] = []
    missing: list[str] = []
    lines: list[alt.Chart] = []
    for place, name in enumerate(order):
        line = thin[thin["stand_in"].astype(str) == name]
        known = line[line[field].notna()]
        if known.empty:
            missing.append(layout.plain(name))
            continue
        tint, dash, _ = _role(place)
        lines.append(
            alt.Chart(layout.data(layout.rows(line, ["date", field], 2)))
            .mark_line(color=tint, strokeDash=dash, strokeWidth=2.4 if place == 0 else 1.3, strokeJoin="round")
            .encode(x=x, y=y)
        )
        labels.append({"label": name, "value": known[field].iloc[-1], "colour": tint, "bold": place == 0})
    # the leading line lies on top of the others
    layers += reversed(lines)
    layers += labelling.edge_labels(labels, domain, width=width, height=LINE_HEIGHT, y_title=y)
    word = reference.mark_text(align="left", baseline="bottom", dx=3, dy=-3, color=theme.MUTED)
    # on a narrow canvas the lines leave no room for it; the axis title says it too
    layers += canvas.pick([word.encode(x=alt.XValue(0), y=at_level, text=alt.Text("word:N"))], [])
    shown = [layout.plain(item["label"]) for item in labels]
    key = _missing_words(missing)
    head = layout.heading(canvas, title, subtitle, key, left=left)
    span = layout.span_text(thin.loc[thin[field].notna(), "date"])
    text = layout.description(form, title, subtitle, f"Lines from {span} against {', '.join(shown)}. {key}")
    return layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=LINE_HEIGHT)


def _missing_words(names: Sequence[str]) -> str:
    return f"No data: {', '.join(names)}." if names else ""


@at_both_sizes
def excess_dots(canvas: Canvas, excess: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Excess return over each window, one dot a stand-in on a stem from zero, in percentage points.

    Parameters
    ----------
    excess : DataFrame
        window (trading days), stand_in, value (fraction); is_primary (optional); text (optional) is printed
        beside the dot's name.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Dot chart"
    if layout.is_empty(excess, "value"):
        return layout.no_data(canvas, form, title, subtitle)
    order = stand_in_order(excess)
    windows = sorted({int(window) for window in excess["window"]})
    row_height = LANE * len(order) + ROW_AIR
    height = row_height * len(windows)
    left = canvas.pick(74, 58)
    width = canvas.width - left - 16
    longest = max(len(name) for name in map(layout.plain, order)) + (7 if "text" in excess else 0)
    room = min(0.45, (longest * canvas.pick(7.4, 6.8) + 14) / width)
    domain = _excess_domain(canvas, [float(value) * 100 for value in excess["value"]], room)
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[round(edge, 4) for edge in domain], nice=False, zero=False),
        axis=alt.Axis(
            title=canvas.pick(" ".join(EXCESS_AXIS), list(EXCESS_AXIS)),
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')",
            grid=True,
            tickCount=canvas.pick(7, 5),
            titlePadding=8,
        ),
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    # names stand beyond the dots; on a narrow canvas across zero from them, where there is room
    sides: tuple[tuple[str, Any, int], ...] = (("datum.value >= 0", "left", 9), ("datum.value < 0", "right", -9))
    names_x = x
    if canvas is NARROW:
        sides, names_x = (("datum.value >= 0", "right", -9), ("datum.value < 0", "left", 9)), alt.datum(0)
    layers: list[alt.Chart] = [
        alt.Chart(layout.data([{"zero": 0}]))
        .mark_rule(color="#6e6e6e", strokeWidth=1.4)
        .encode(x=layout.on(x)("zero")),
        _window_names(windows, row_height, y, left),
    ]
    for place, name in enumerate(order):
        values = _dot_values(excess[excess["stand_in"].astype(str) == name], windows, place, row_height)
        tint, dash, shape = _role(place)
        base = alt.Chart(layout.data(values))
        known = base.transform_filter("datum.value !== null")
        layers += [
            known.mark_rule(color=tint, strokeDash=dash, strokeWidth=2 if place == 0 else 1.2).encode(
                x=x, x2=alt.datum(0), y=y
            ),
            known.mark_point(filled=True, shape=shape, size=95 if place == 0 else 62, color=tint, opacity=1).encode(
                x=x, y=y
            ),
        ]
        for side, align, shift in sides:
            layers.append(
                known.transform_filter(side)
                .mark_text(
                    align=align, baseline="middle", dx=shift, color=tint, fontWeight="bold" if place == 0 else "normal"
                )
                .encode(x=names_x, y=y, text=alt.Text("label:N"))
            )
        layers.append(
            base.transform_filter("datum.value === null")
            .mark_text(align="left", baseline="middle", dx=9, color=theme.MUTED)
            .encode(x=alt.datum(0), y=y, text=alt.Text("label:N"))
        )
    head = layout.heading(canvas, title, subtitle, left=left)
    names = ", ".join(map(layout.plain, order))
    detail = f"Excess return against {names} over {', '.join(map(str, windows))} trading days"
    text = layout.description(form, title, subtitle, detail)
    bottom = canvas.pick(52, 66)
    return layout.finished(canvas, layers, head=head, text=text, left=left, right=16, height=height, bottom=bottom)


def _excess_domain(canvas: Canvas, points: Sequence[float], room: float) -> tuple[float, float]:
    """Ends of the axis, percentage points, with `room` (a share of the plot) for names on the sides that have them."""
    low, high = layout.extent(points, 0.0, margin=0.04)
    trails, leads = min(points, default=0.0) < 0, max(points, default=0.0) > 0
    if canvas is NARROW:
        if trails:
            high = max(high, -low * room / (1 - room))
        return min(low, -high * room / (1 - room)), high
    air = (high - low) * room
    return low - air if trails else low, high + air if leads else high


def _window_names(windows: Sequence[int], row_height: float, y: alt.Y, left: float) -> alt.Chart:
    values = [{"y": (place + 0.5) * row_height, "label": f"{window} days"} for place, window in enumerate(windows)]
    names = alt.Chart(layout.data(values)).mark_text(align="left", baseline="middle")
    placed: alt.Chart = names.encode(x=alt.XValue(-left), y=y, text=alt.Text("label:N"))
    return placed


def _dot_values(line: pd.DataFrame, windows: Sequence[int], place: int, row_height: float) -> list[dict[str, Any]]:
    """Rows of one stand-in: its own lane within each window's row; an unknown value says so."""
    values = []
    for row in line.to_dict("records"):
        value = float(row["value"]) * 100
        known = math.isfinite(value)
        name = layout.plain(row["stand_in"])
        words = f"{name} {layout.plain(row['text'])}" if known and row.get("text") else name
        values.append(
            {
                "y": windows.index(int(row["window"])) * row_height + ROW_AIR / 2 + LANE * (place + 0.5),
                "value": round(value, 3) if known else None,
                "label": words if known else f"{name}: {layout.NO_DATA}",
            }
        )
    return values
