"""Price with the levels that matter, every new high marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas, at_both_sizes

RIGHT = 152
#: share of the plot, from the right, over which a horizontal level is drawn
LEVEL_SHARE = 0.3
SO_FAR = "so far"

_LEVELS: dict[str, tuple[str, list[int]]] = {
    "confirm": ("level", [1, 0]),
    "closing": ("level", [6, 3]),
    "warning": ("warning", [6, 3]),
    "stop": ("stop", [1, 0]),
    "base_low": ("muted", [2, 2]),
    "last": ("mid", []),
    "mean_50": ("mean", []),
    "mean_200": ("mean", []),
}
_MEANS = {"mean_50": [1, 0], "mean_200": [7, 3]}


@at_both_sizes
def price_levels(
    canvas: Canvas, price: pd.DataFrame, levels: pd.DataFrame, *, title: str, subtitle: str
) -> alt.LayerChart:
    """Close in its daily range, the stepped prior high, every new high, and the levels named at the edge.

    Parameters
    ----------
    price : DataFrame
        date, high, low, close, prior_high, mean_50, mean_200, is_new_high; is_partial (optional) marks a day
        that has not ended, drawn open and labelled "so far". Quote currency.
    levels : DataFrame
        level, price, kind; text (optional) replaces the printed price.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Price chart"
    if layout.is_empty(price, "close", "high"):
        return layout.no_data(canvas, form, title, subtitle)
    partial = layout.flags(price, "is_partial")
    frame = price.assign(is_new_high=layout.flags(price, "is_new_high"), is_partial=partial)
    frame = _kept(frame)
    is_partial = bool(partial.any())
    named = levels[levels["price"].notna()] if len(levels) else levels
    seen = frame[["high", "low", "close", "prior_high", "mean_50", "mean_200"]].to_numpy(dtype=float).ravel().tolist()
    domain = layout.extent(seen, *(named["price"].tolist() if len(named) else ()), margin=0.04)
    labels = _level_labels(named, is_partial)
    left, height = layout.axis_room(canvas), canvas.pick(330, 300)
    right = canvas.pick(RIGHT, labelling.edge_room([item["label"] for item in labels], canvas.text_size))
    width = canvas.width - left - right

    last = frame["date"].iloc[-1] + pd.Timedelta(days=3)
    x = layout.date_x(frame["date"].iloc[0], last, most=canvas.pick(8, 5))
    y = layout.on(layout.number_y("close", domain, "Price (quote currency)", left))
    columns = ["date", "high", "low", "close", "prior_high", "mean_50", "mean_200", "is_new_high", "is_partial"]
    all_days = alt.Chart(layout.data(layout.rows(frame, columns, 3)))
    whole = all_days.transform_filter("!datum.is_partial")
    steps = alt.Chart(layout.data(layout.rows(_steps(frame), ["date", "prior_high"], 3)))
    layers: list[alt.Chart] = [
        whole.mark_area(color=theme.SHADE, opacity=0.9).encode(x=x, y=y("high"), y2=alt.Y2("low:Q")),
        *(
            all_days.mark_line(strokeWidth=1.3, color=theme.colour("mean"), strokeDash=dash).encode(x=x, y=y(kind))
            for kind, dash in _MEANS.items()
        ),
        steps.mark_line(interpolate="step-after", strokeWidth=1.6, color=theme.colour("level")).encode(
            x=x, y=y("prior_high")
        ),
        whole.mark_line(strokeWidth=1.6, strokeJoin="round", color=theme.colour("mid")).encode(x=x, y=y("close")),
        whole.transform_filter("datum.is_new_high")
        .mark_point(
            shape="triangle-up",
            filled=True,
            size=canvas.pick(44, 28),
            opacity=1,
            color=theme.colour("warning"),
            yOffset=-6,
        )
        .encode(x=x, y=y("high")),
        *_levels(named, y, width),
        *_partial_day(frame, x, y),
        *labelling.edge_labels(labels, domain, width=width, height=height, y_title=y("value")),
    ]
    key = ["Line: close", "shading: day's range", "steps: prior high"]
    if frame["is_new_high"].any():
        key.append("triangle: new high")
    if frame["is_partial"].any():
        key.append("open circle: so far")
    head = layout.heading(canvas, title, subtitle, "; ".join(key) + ".", left=left)
    span = layout.span_text(frame.loc[frame["close"].notna(), "date"])
    detail = f"Daily bars from {span}. {'; '.join(key)}"
    if len(named):
        detail += ". Levels: " + ", ".join(item["label"] for item in labels)
    text = layout.description(form, title, subtitle, detail)
    return layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=height)


def _kept(frame: pd.DataFrame) -> pd.DataFrame:
    """Thinned rows, with every new high and the day that has not ended."""
    thin = layout.thinned(frame)
    if len(thin) == len(frame):
        return frame
    must = frame[frame["is_new_high"] | frame["is_partial"]]
    return frame.loc[thin.index.union(must.index[-100:])]


def _steps(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows at which the prior high changes, and the last one: a step line needs no others."""
    prior = frame["prior_high"]
    changes = prior.ne(prior.shift()) & ~(prior.isna() & prior.shift().isna())
    changes.iloc[-1] = True
    return frame[changes]


def _levels(levels: pd.DataFrame, y: Any, width: float) -> list[alt.Chart]:
    """One short horizontal line a level; means and the last price have their own marks."""
    layers = []
    for row in layout.rows(levels, ["kind", "price"], 3) if len(levels) else []:
        role, dash = _LEVELS.get(row["kind"], ("muted", [2, 2]))
        if dash:
            layers.append(
                alt.Chart(layout.data([{"price": row["price"]}]))
                .mark_rule(color=theme.colour(role), strokeWidth=1.6, strokeDash=dash)
                .encode(x=alt.XValue(width * (1 - LEVEL_SHARE)), x2=alt.X2Value(width), y=y("price"))
            )
    return layers


def _level_labels(levels: pd.DataFrame, is_partial: bool) -> list[dict[str, Any]]:
    labels = []
    for row in levels.to_dict("records"):
        role = _LEVELS.get(str(row["kind"]), ("muted", []))[0]
        name = str(row["level"]).split(" (")[0]
        if is_partial and row["kind"] == "last":
            name = f"{name}, {SO_FAR}"
        price = row.get("text") or f"{row['price']:.2f}"
        labels.append(
            {
                "label": f"{price} {name}",
                "value": row["price"],
                "colour": theme.colour(role),
                "bold": row["kind"] in ("last", "confirm"),
            }
        )
    return labels


def _partial_day(frame: pd.DataFrame, x: alt.X, y: Any) -> list[alt.Chart]:
    """The day that has not ended: a dotted way to the last price, a stem to the high, open marks."""
    today = frame[frame["is_partial"]].tail(1)
    if today.empty:
        return []
    before = frame[~frame["is_partial"] & frame["close"].notna()].tail(1)
    way = alt.Chart(layout.data(layout.rows(pd.concat([before, today]), ["date", "close"], 3)))
    point = alt.Chart(layout.data(layout.rows(today, ["date", "high", "close", "is_new_high"], 3)))
    ink = theme.colour("mid")
    layers = [
        way.mark_line(strokeDash=[2, 2], strokeWidth=1.4, color=ink).encode(x=x, y=y("close")),
        point.mark_rule(strokeDash=[2, 2], color=ink).encode(x=x, y=y("high"), y2=alt.Y2("close:Q")),
        point.mark_point(filled=True, fill="white", stroke=ink, strokeWidth=1.8, size=52, opacity=1).encode(
            x=x, y=y("close")
        ),
    ]
    if bool(today["is_new_high"].iloc[0]):
        layers.append(
            point.mark_point(
                shape="triangle-up",
                filled=True,
                fill="white",
                stroke=theme.colour("warning"),
                strokeWidth=1.6,
                size=52,
                opacity=1,
                yOffset=-6,
            ).encode(x=x, y=y("high"))
        )
    return layers
