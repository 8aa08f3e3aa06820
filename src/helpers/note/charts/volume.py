"""Volume against its own history."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas, at_both_sizes

RIGHT = 104
HEIGHT = 250
SHARES_PER_MILLION = 1e6
SO_FAR = "so far"

_MARKS = {"expiry": "triangle-up", "half day": "diamond", "rebalance": "square"}
_MARK_WORDS = {"expiry": "triangle: options expiry", "half day": "diamond: half day", "rebalance": "square: rebalance"}


@at_both_sizes
def volume_history(canvas: Canvas, volume: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Daily volume as bars over the band and the median of its own past, in millions of shares.

    Parameters
    ----------
    volume : DataFrame
        date, volume, median, low, high (shares); mark ("", "expiry", "half day", "rebalance"); is_partial
        (optional) marks a day that has not ended, drawn open and labelled "so far".
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Bar chart"
    if layout.is_empty(volume, "volume"):
        return layout.no_data(canvas, form, title, subtitle)
    numbers = ["volume", "median", "low", "high"]
    frame = layout.thinned(volume).assign(is_partial=layout.flags(volume, "is_partial"))
    frame = frame.assign(**{name: frame[name] / SHARES_PER_MILLION for name in numbers})
    domain = (0.0, layout.extent(frame[numbers].to_numpy(dtype=float).ravel().tolist(), 0.0, margin=0.09)[1])
    labels = _band_labels(frame)
    left = layout.axis_room(canvas)
    right = canvas.pick(RIGHT, labelling.edge_room([item["label"] for item in labels], canvas.text_size))
    width = canvas.width - left - right
    first, last = frame["date"].iloc[0], frame["date"].iloc[-1]
    # half a day of air on either side, or the first and the last bar are cut in two
    side = pd.Timedelta(days=1)
    x = layout.date_x(first - side, last + side, most=canvas.pick(8, 6))
    y = layout.on(layout.number_y("volume", domain, "Volume (millions of shares)", left))
    size = max(1.0, round(width / ((last - first).days + 3) * 0.8, 2))
    columns = ["date", *numbers, "is_partial"]
    every = alt.Chart(layout.data(layout.rows(frame, columns)))
    open_bar: dict[str, Any] = {"fill": "white", "stroke": theme.INK, "strokeWidth": 1.2, "strokeDash": [2, 1.5]}
    layers: list[alt.Chart] = [
        every.mark_area(color="#cfe0ee", interpolate="step").encode(x=x, y=y("high"), y2=alt.Y2("low:Q")),
        every.transform_filter("!datum.is_partial").mark_bar(color="#7d868f", size=size).encode(x=x, y=y("volume")),
        every.mark_line(color=theme.colour("level"), strokeWidth=2, interpolate="step").encode(x=x, y=y("median")),
        every.transform_filter("datum.is_partial").mark_bar(size=max(size, 4), **open_bar).encode(x=x, y=y("volume")),
    ]
    words = []
    marks = frame["mark"] if "mark" in frame else pd.Series("", index=frame.index)
    for mark, shape in _MARKS.items():
        marked = frame[marks.eq(mark) & frame["volume"].notna()]
        if len(marked):
            words.append(_MARK_WORDS[mark])
            points = alt.Chart(layout.data(layout.rows(marked, ["date", "volume"])))
            layers.append(
                points.mark_point(
                    shape=shape, filled=True, size=56, opacity=1, color=theme.colour("warning"), yOffset=-9
                ).encode(x=x, y=y("volume"))
            )
    layers += labelling.edge_labels(labels, domain, width=width, height=HEIGHT, y_title=y("value"))
    if frame["is_partial"].any():
        words.append("open bar: the day so far")
    key = "; ".join(["Line: median", "band: 10th to 90th percentile", *words]) + "."
    head = layout.heading(canvas, title, subtitle, key, left=left)
    span = layout.span_text(frame.loc[frame["volume"].notna(), "date"])
    text = layout.description(form, title, subtitle, f"Daily bars from {span}. {key}")
    return layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=HEIGHT)


def _band_labels(frame: pd.DataFrame) -> list[dict[str, Any]]:
    labels = []
    for column, word in (("high", "90th pct."), ("median", "median"), ("low", "10th pct.")):
        known = frame[column].dropna()
        value = float(known.iloc[-1]) if len(known) else math.nan
        tint = theme.colour("level") if column == "median" else theme.MUTED
        labels.append({"label": word, "value": value, "colour": tint, "bold": column == "median"})
    today = frame[frame["is_partial"]].tail(1)
    labels += [{"label": SO_FAR, "value": value, "colour": theme.INK, "bold": True} for value in today["volume"]]
    return labels
