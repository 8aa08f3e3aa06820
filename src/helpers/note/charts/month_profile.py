"""The daily spread by trading day around the turn of the month."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, panels
from helpers.note.charts.canvas import Canvas, at_both_sizes

HEIGHT = 240
BAR_SHARE = 0.62
#: pixels a bar below which every other day is named
CLOSE = 26
#: behind the days of the window
WINDOW = "#e6eff6"
WHISKER = "#3d3d3d"


@at_both_sizes
def month_profile(canvas: Canvas, profile: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Mean daily spread of mid over mega cap by trading day of the month, in basis points, the window shaded.

    Parameters
    ----------
    profile : DataFrame
        position (-10 to -1 the last days of a month, 1 to 10 the first), mean_bp, low, high (basis points),
        n (days), in_window (bool).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Bar chart"
    if layout.is_empty(profile, "mean_bp"):
        return layout.no_data(canvas, form, title, subtitle)
    frame = profile.sort_values("position").assign(is_in=layout.flags(profile, "in_window"))
    left, right = layout.axis_room(canvas), 2
    width = canvas.width - left - right
    positions = [int(position) for position in frame["position"]]
    step = width / len(positions)
    numbers = frame[["mean_bp", "low", "high"]].to_numpy(dtype=float).ravel().tolist()
    domain = layout.extent(numbers, 0.0, margin=0.08)
    x = panels.column_x(width)
    y_title = "Mid less mega cap, mean of the day (basis points)"
    y = layout.on(layout.number_y("mean_bp", domain, y_title, left, ticks=5, grid=True))
    values = [
        row | {"x": round(step * (place + 0.5), 2), "name": f"{position:+d}".replace("-", "−")}
        for place, (position, row) in enumerate(
            zip(positions, layout.rows(frame, ["mean_bp", "low", "high", "is_in"], 3), strict=True)
        )
    ]
    every = alt.Chart(layout.data(values))
    tint = theme.colour("first")
    whiskers = every.transform_filter("datum.low !== null && datum.high !== null")
    shaded = [place for place, row in enumerate(values) if row["is_in"]]
    turn = sum(position < 0 for position in positions) * step
    plot: list[Any] = [
        *(
            every.transform_filter(f"datum.mean_bp !== null && datum.is_in === {str(is_in).lower()}")
            .mark_bar(size=round(step * BAR_SHARE, 1), fill=fill, stroke=edge, strokeWidth=1)
            .encode(x=x, y=y("mean_bp"), y2=alt.datum(0))
            for is_in, fill, edge in ((True, tint, tint), (False, "#c9ced4", "#8a929a"))
        ),
        alt.Chart(layout.data([{"zero": 0}])).mark_rule(color=panels.RULE, strokeWidth=1.2).encode(y=y("zero")),
        whiskers.mark_rule(color=WHISKER, strokeWidth=1.1).encode(x=x, y=y("low"), y2=alt.Y2("high:Q")),
        every.transform_filter("datum.mean_bp === null")
        .transform_calculate(zero="0")
        .mark_text(text="–", color=theme.MUTED, dy=-9)
        .encode(x=x, y=y("zero")),
    ]
    pixels = _around(values, x, width, turn, _spans(shaded, step))
    head = layout.heading(canvas, title, subtitle, _key(profile, values), left=left)
    text = layout.description(form, title, subtitle, _said(values))
    back = alt.Chart(layout.data([{"from": a, "to": b, "y": 0, "end": HEIGHT} for a, b in _spans(shaded, step)]))
    behind = back.mark_rect(color=WINDOW).encode(
        x=layout.on(x)("from"), x2=alt.X2("to:Q"), y=panels.row_y(HEIGHT), y2=alt.Y2("end:Q")
    )
    layers: list[Any] = [*([behind] if shaded else []), alt.layer(*plot), alt.layer(*pixels)]
    chart = layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=HEIGHT, bottom=52)
    made: alt.LayerChart = chart.resolve_scale(y="independent")
    return made


def _spans(shaded: list[int], step: float) -> list[tuple[float, float]]:
    """Left and right end of each run of bars in the window, pixels."""
    runs: list[list[int]] = []
    for place in shaded:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [(round(run[0] * step, 2), round((run[-1] + 1) * step, 2)) for run in runs]


def _around(
    values: list[dict[str, Any]],
    x: alt.X,
    width: float,
    turn: float,
    spans: list[tuple[float, float]],
) -> list[alt.Chart]:
    """Names of the days below the plot, the line of the month's turn, and what each half is."""
    y = panels.row_y(HEIGHT)
    # where bars are close, "−1" and "+1" would run into each other
    is_close = width / len(values) < CLOSE
    shown = [
        {"x": row["x"], "y": HEIGHT + 14, "name": row["name"]}
        for row in values
        if not is_close or int(row["name"].lstrip("+−")) % 2 == 0
    ]
    layers = [
        alt.Chart(layout.data(shown)).mark_text(baseline="middle").encode(x=x, y=y, text=alt.Text("name:N")),
    ]
    if 0 < turn < width:
        rule = alt.Chart(layout.data([{"y": 0, "end": HEIGHT + 44}]))
        layers.append(
            rule.mark_rule(color=panels.RULE, strokeDash=[3, 3]).encode(x=alt.XValue(turn), y=y, y2=alt.Y2("end:Q"))
        )
    look: dict[str, Any] = {"below": HEIGHT + 37, "line_height": 0, "color": theme.MUTED}
    if turn > 0:
        layers += panels.lines_at(["last days of the month"], y, turn - 8, align="right", **look)
    if turn < width:
        layers += panels.lines_at(["first days of the next"], y, turn + 8, align="left", **look)
    if spans:
        layers += panels.lines_at(
            ["window"], y, spans[0][0] + 6, below=11, line_height=0, color=theme.colour("first"), fontWeight="bold",
            align="left",
        )  # fmt: skip
    return layers


def _key(profile: pd.DataFrame, values: list[dict[str, Any]]) -> str:
    parts = []
    if any(row["mean_bp"] is None for row in values):
        parts.append("Dash: no data.")
    if any(row["low"] is not None and row["high"] is not None for row in values):
        parts.append("Whisker: interval of the mean.")
    counts = [int(count) for count in profile["n"] if math.isfinite(count)] if "n" in profile else []
    if counts:
        low, high = min(counts), max(counts)
        parts.append(f"Each bar: {low:,} days." if low == high else f"Each bar: {low:,} to {high:,} days.")
    return " ".join(parts)


def _said(values: list[dict[str, Any]]) -> str:
    numbers = [f"{row['name']}: {row['mean_bp']:.1f}" for row in values if row["mean_bp"] is not None]
    return f"Basis points by trading day around the turn of the month: {', '.join(numbers)}"
