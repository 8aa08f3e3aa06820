"""Whether the fund moves before its members or after them, day by day."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, panels, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

HEIGHT = 230
BAR_SHARE = 0.6
#: share of the height kept on either side of zero for the numbers of small bars
ROOM = 0.15
KEY = "Grey band: what chance alone gives 95 times in 100. Outlined bars stay within it."
_SIDES = (("← members move first", "left"), ("fund moves first →", "right"))


@at_both_sizes
def lead_lag_bars(canvas: Canvas, lead_lag: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Correlation of the fund's return with its members' some days earlier or later, as bars from zero.

    Parameters
    ----------
    lead_lag : DataFrame
        lag (trading days; members' day less the fund's), correlation, low and high: the band around zero
        within which unrelated returns stay.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Bar chart"
    if layout.is_empty(lead_lag, "correlation"):
        return layout.no_data(canvas, form, title, subtitle)
    frame = lead_lag.sort_values("lag").assign(lag=lead_lag["lag"].astype(int))
    left, right, bottom = layout.axis_room(canvas), 2, 62
    width = canvas.width - left - right
    numbers = frame[["correlation", "low", "high"]].to_numpy(dtype=float).ravel().tolist()
    low, high = layout.extent(numbers, 0.0, margin=0.1)
    domain = (min(low, -ROOM * (high - low)), max(high, ROOM * (high - low)))
    lags = list(range(int(frame["lag"].min()), int(frame["lag"].max()) + 1))
    step = width / len(lags)
    x = panels.column_x(width)
    y = layout.on(layout.number_y("correlation", domain, "Correlation of daily returns", left, ticks=5, grid=True))
    values = [_bar(row, lags, step, height_of=(domain[1] - domain[0]) / HEIGHT) for row in frame.to_dict("records")]
    every = alt.Chart(layout.data(values))
    bars = every.transform_filter("datum.correlation !== null")
    tint = theme.colour("first")
    below = panels.row_y(HEIGHT)
    layers: list[Any] = [
        every.transform_filter("datum.low !== null")
        .mark_rect(color=panels.BASE_BAND)
        .encode(x=layout.on(x)("from"), x2=alt.X2("to:Q"), y=y("low"), y2=alt.Y2("high:Q")),
        *(
            bars.transform_filter(f"datum.is_clear === {str(is_clear).lower()}")
            .mark_bar(size=round(step * BAR_SHARE, 1), fill=fill, stroke=tint, strokeWidth=1)
            .encode(x=x, y=y("correlation"), y2=alt.datum(0))
            for is_clear, fill in ((True, tint), (False, "white"))
            if any(value["is_clear"] is is_clear for value in values)
        ),
        alt.Chart(layout.data([{"zero": 0}])).mark_rule(color=panels.RULE, strokeWidth=1.2).encode(y=y("zero")),
        every.mark_text(baseline="middle", color=theme.INK).encode(x=x, y=y("spot"), text=alt.Text("text:N")),
    ]
    names = [value | {"y": HEIGHT + 15} for value in values]
    words = alt.Chart(layout.data([{"x": row["x"], "y": row["y"], "name": row["name"]} for row in names]))
    pixels: list[Any] = [words.mark_text(baseline="middle").encode(x=x, y=below, text=alt.Text("name:N"))]
    for (text, align), place in zip(_SIDES, (0.0, float(width)), strict=True):
        look = {"align": align, "color": theme.MUTED}
        pixels += panels.lines_at([text], below, place, below=HEIGHT + 40, line_height=0, **look)
    pixels += panels.lines_at(
        canvas.pick(["days between the two returns"], []),
        below, width / 2, below=HEIGHT + 40, line_height=0, align="center", color=theme.MUTED,
    )  # fmt: skip
    key = KEY if any(value["low"] is not None for value in values) else ""
    head = layout.heading(canvas, title, subtitle, key, left=left)
    said = ", ".join(f"{value['name']} {value['text']}" for value in values)
    text = layout.description(form, title, subtitle, f"Correlation by days the members lag the fund: {said}")
    stacked: list[Any] = [alt.layer(*layers), alt.layer(*pixels)]
    chart = layout.finished(
        canvas,
        stacked,
        head=head,
        text=text,
        left=left,
        right=right,
        height=HEIGHT,
        bottom=bottom,
    )
    made: alt.LayerChart = chart.resolve_scale(y="independent")
    return made


def _bar(row: dict[Any, Any], lags: list[int], step: float, *, height_of: float) -> dict[str, Any]:
    """Places and words of a lag; its number stands beyond bar and band, so that neither runs through it."""
    place = lags.index(int(row["lag"]))
    value, low, high = (float(row[name]) for name in ("correlation", "low", "high"))
    known = math.isfinite(value)
    has_band = math.isfinite(low) and math.isfinite(high)
    is_down = known and value < 0
    ends = [value if known else 0.0, 0.0, *((low, high) if has_band else ())]
    lag = lags[place]
    return {
        "x": round(step * (place + 0.5), 2),
        "from": round(step * place, 2),
        "to": round(step * (place + 1), 2),
        "correlation": round(value, 4) if known else None,
        "low": round(low, 4) if has_band else None,
        "high": round(high, 4) if has_band else None,
        "is_clear": not known or not has_band or not low <= value <= high,
        "spot": round(min(ends) - 11 * height_of if is_down else max(ends) + 11 * height_of, 5),
        "text": table.number(value, 2).replace("-", "−") if known else layout.NO_DATA,
        "name": "same day" if lag == 0 else f"{lag:+d}".replace("-", "−"),
    }
