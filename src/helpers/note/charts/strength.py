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

LEFT = 46
LINE_RIGHT = 140
LINE_HEIGHT = 280
LANE = 17
ROW_AIR = 10
EXCESS_LEFT = 74


def ratio_line(ratio: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Mid over mega by each stand-in, 100 at the start; the primary stand-in bold, each named at the edge.

    Parameters
    ----------
    ratio : DataFrame
        date, stand_in, ratio; is_primary (optional; else the first stand-in leads).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    return _lines(
        ratio,
        "ratio",
        title,
        subtitle,
        y_title="Ratio of mid to mega cap (start = 100)",
        level=100.0,
        level_word="start",
    )


def mansfield_line(mansfield: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Mansfield relative strength by each stand-in around 0, in percent of the ratio's own mean.

    Parameters
    ----------
    mansfield : DataFrame
        date, stand_in, value (percent); is_primary (optional; else the first stand-in leads).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    return _lines(
        mansfield, "value", title, subtitle, y_title="Ratio against its own mean (%)", level=0.0, level_word="own mean"
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
    frame: pd.DataFrame, field: str, title: str, subtitle: str, *, y_title: str, level: float, level_word: str
) -> alt.LayerChart:
    form = "Line chart"
    if layout.is_empty(frame, field):
        return layout.no_data(form, title, subtitle)
    order = stand_in_order(frame)
    thin = layout.thinned(frame, by="stand_in")
    domain = layout.extent(thin[field].tolist(), level)
    width = theme.WIDTH - LEFT - LINE_RIGHT
    x = layout.date_x(thin["date"].min(), thin["date"].max())
    y = layout.number_y(field, domain, y_title, LEFT)
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
    layers.append(
        reference.mark_text(align="left", baseline="bottom", dx=3, dy=-3, color=theme.MUTED).encode(
            x=alt.value(0), y=at_level, text="word:N"
        )
    )
    shown = [layout.plain(item["label"]) for item in labels]
    key = _missing_words(missing)
    head = layout.heading(title, subtitle, key, left=LEFT)
    span = f"{layout.day_text(thin['date'].min())} to {layout.day_text(thin['date'].max())}"
    text = layout.description(form, title, subtitle, f"Lines from {span} against {', '.join(shown)}. {key}")
    return layout.finished(layers, head=head, text=text, left=LEFT, right=LINE_RIGHT, height=LINE_HEIGHT)


def _missing_words(names: Sequence[str]) -> str:
    return f"No data: {', '.join(names)}." if names else ""


def excess_dots(excess: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
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
        return layout.no_data(form, title, subtitle)
    order = stand_in_order(excess)
    windows = sorted({int(window) for window in excess["window"]})
    row_height = LANE * len(order) + ROW_AIR
    height = row_height * len(windows)
    width = theme.WIDTH - EXCESS_LEFT - 16
    points = [float(value) * 100 for value in excess["value"]]
    low, high = layout.extent(points, 0.0, margin=0.04)
    # names stand beside the dots, on the side away from zero: room for them inside the plot
    longest = max(len(name) for name in map(layout.plain, order)) + (7 if "text" in excess else 0)
    air = (high - low) * min(0.45, (longest * 7.4 + 14) / width)
    domain = (low - air if min(points, default=0.0) < 0 else low, high + air if max(points, default=0.0) > 0 else high)
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[round(edge, 4) for edge in domain], nice=False, zero=False),
        axis=alt.Axis(
            title="Mid cap less mega-cap stand-in (percentage points; left of 0 trails, right leads)",
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')",
            grid=True,
            tickCount=7,
            titlePadding=8,
        ),
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    sides: tuple[tuple[str, Any, int], ...] = (("datum.value >= 0", "left", 9), ("datum.value < 0", "right", -9))
    layers: list[alt.Chart] = [
        alt.Chart(layout.data([{"zero": 0}]))
        .mark_rule(color="#6e6e6e", strokeWidth=1.4)
        .encode(x=layout.on(x)("zero")),
        _window_names(windows, row_height, y),
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
                .encode(x=x, y=y, text="label:N")
            )
        layers.append(
            base.transform_filter("datum.value === null")
            .mark_text(align="left", baseline="middle", dx=9, color=theme.MUTED)
            .encode(x=alt.datum(0), y=y, text="label:N")
        )
    head = layout.heading(title, subtitle, left=EXCESS_LEFT)
    names = ", ".join(map(layout.plain, order))
    detail = f"Excess return against {names} over {', '.join(map(str, windows))} trading days"
    text = layout.description(form, title, subtitle, detail)
    return layout.finished(layers, head=head, text=text, left=EXCESS_LEFT, right=16, height=height, bottom=52)


def _window_names(windows: Sequence[int], row_height: float, y: alt.Y) -> alt.Chart:
    values = [{"y": (place + 0.5) * row_height, "label": f"{window} days"} for place, window in enumerate(windows)]
    names = alt.Chart(layout.data(values)).mark_text(align="left", baseline="middle")
    placed: alt.Chart = names.encode(x=alt.value(-EXCESS_LEFT), y=y, text="label:N")
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
