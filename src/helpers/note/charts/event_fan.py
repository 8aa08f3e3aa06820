"""What came after each event, and after all of them on average."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout, panels
from helpers.note.charts.canvas import Canvas, at_both_sizes

PATHS_HEIGHT = 180
MEAN_HEIGHT = 170
GAP = 36
RIGHT = 96
#: points of all single paths together; where there are more, every second, third ... day is drawn
MOST_POINTS = 1700
#: up to this many paths are drawn stronger
FEW = 12
PATH = "#8d99a6"
END = "#56616d"
#: days named on the axis where there is room, the first the most wanted
DAYS = (0, 21, -21, 42, 10, 63, -10, 126, -42, 5, -63, -126)
#: pixels between two of them
DAY_GAP = 34
SIGNED = "datum.value == 0 ? '0' : (datum.value > 0 ? '+' : '−') + format(abs(datum.value), '.2~f')"
NUMBERS = ["mean", "low", "high", "base_low", "base_high", "base_mean"]


@at_both_sizes
def event_fan(canvas: Canvas, paths: pd.DataFrame, fan: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Excess return around each event, and below, enlarged, their mean with its interval over that of all days.

    Parameters
    ----------
    paths : DataFrame
        event (date), day (trading days from the event's close), value (fraction, 0 on day 0): every path.
    fan : DataFrame
        day, mean, low, high (the interval of the mean), base_mean, base_low, base_high (the same of all days);
        fractions, missing where there are too few events.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Fan chart"
    if layout.is_empty(paths, "value"):
        return layout.no_data(canvas, form, title, subtitle)
    single = paths[paths["value"].notna()].sort_values(["event", "day"])
    single = single.assign(day=single["day"].astype(int), points=single["value"] * 100)
    count = int(single["event"].nunique())
    means = _means(fan)
    has_mean = bool(means["mean"].notna().any())
    days = [*single["day"], *means["day"]]
    first, last = int(min(days)), int(max(days))
    names = _names(means)
    left = layout.axis_room(canvas)
    right = canvas.pick(RIGHT, labelling.edge_room([name["label"] for name in names], canvas.text_size))
    right = right if names else 10
    width = canvas.width - left - right
    top = PATHS_HEIGHT + GAP
    height = top + MEAN_HEIGHT if has_mean else PATHS_HEIGHT
    x = _day_x(first, last, width)
    edge = single.groupby("event")["day"].transform("max")
    ends = single[single["day"].eq(edge) & edge.lt(last)]
    lines = _paths(single, ends, means, count, x, left)
    if names and not has_mean:
        lines += labelling.edge_labels(
            names, _domain(single), width=width, height=PATHS_HEIGHT, y_title=_paths_y("value", single, count, left)
        )
    layers: list[Any] = [_event_rule(x, height, top if has_mean else None), alt.layer(*lines)]
    if has_mean:
        layers.append(alt.layer(*_mean(means, names, x, left, width, top)))
    head = layout.heading(canvas, title, subtitle, _key(means, ends), left=left)
    detail = f"{count} paths from day {first} to day {last}".replace("-", "−")
    text = layout.description(form, title, subtitle, detail)
    chart = layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=height, bottom=66)
    made: alt.LayerChart = chart.resolve_scale(y="independent")
    return made


def _means(fan: pd.DataFrame) -> pd.DataFrame:
    if len(fan) == 0:
        return pd.DataFrame(columns=["day", *NUMBERS], dtype=float)
    known = fan.sort_values("day")
    return known.assign(**{name: known[name].astype(float) * 100 for name in NUMBERS})


def _day_x(first: int, last: int, width: float) -> alt.X:
    """Trading days from the event; the day itself is called by its name."""
    shown: list[int] = []
    for day in (0, last, first, *DAYS):
        gap = min((abs(day - other) for other in shown), default=math.inf) * width / max(1, last - first)
        if first <= day <= last and gap >= DAY_GAP:
            shown.append(day)
    return alt.X(
        "day:Q",
        scale=alt.Scale(domain=[first, last], nice=False, zero=False),
        axis=alt.Axis(
            title="Trading days from the close of the new high",
            values=sorted(shown),
            labelExpr=f"datum.value == 0 ? ['0', 'new high'] : {SIGNED}",
            labelOverlap=False,
            titlePadding=6,
        ),
    )


def _event_rule(x: alt.X, height: float, second: float | None) -> alt.Chart:
    """The event's day through each panel, not through the words between them."""
    spans = [{"y": 0, "end": height, "day": 0}]
    if second is not None:
        spans = [{"y": 0, "end": PATHS_HEIGHT, "day": 0}, {"y": second, "end": height, "day": 0}]
    rule = alt.Chart(layout.data(spans)).mark_rule(color=panels.RULE, strokeDash=[3, 3], strokeWidth=1.4)
    placed: alt.Chart = rule.encode(x=x, y=panels.row_y(height), y2=alt.Y2("end:Q"))
    return placed


def _domain(single: pd.DataFrame) -> tuple[float, float]:
    return layout.extent(single["points"].tolist(), 0.0, margin=0.04)


def _paths_y(field: str, single: pd.DataFrame, count: int, left: float) -> alt.Y:
    which = "the one event" if count == 1 else f"each of {count} events"
    title = f"Around {which}: mid less mega (percentage points)"
    return panels.panel_y(field, _domain(single), title, left, top=0, height=PATHS_HEIGHT, ticks=5, labelExpr=SIGNED)


def _paths(
    single: pd.DataFrame, ends: pd.DataFrame, means: pd.DataFrame, count: int, x: alt.X, left: float
) -> list[alt.Chart]:
    """Every path as one broken line, so that the picture stays small; on top the mean, or under them all days."""
    y = layout.on(_paths_y("points", single, count, left))
    every = max(1, math.ceil(len(single) / MOST_POINTS))
    day = single.groupby("event")["day"]
    is_kept = single["day"].mod(every).eq(0) | single["day"].isin([0])
    kept = single[is_kept | single["day"].eq(day.transform("max")) | single["day"].eq(day.transform("min"))]
    values: list[dict[str, Any]] = []
    for _, path in kept.groupby("event", sort=True):
        values += layout.rows(path, ["day", "points"], 2)
        values.append({"day": int(path["day"].iloc[-1]), "points": None})
    values = [value | {"order": place} for place, value in enumerate(values)]
    look: dict[str, Any] = {"strokeWidth": 0.7, "opacity": 0.6} if count > FEW else {"strokeWidth": 1.2}
    has_mean = bool(means["mean"].notna().any())
    summary = alt.Chart(layout.data(layout.rows(means, ["day", *NUMBERS], 3)))
    zero = alt.Chart(layout.data([{"zero": 0}])).mark_rule(color=panels.RULE, strokeWidth=1.2)
    layers: list[alt.Chart] = []
    if not has_mean and len(means):
        layers += _all_days(summary, x, y)
    layers += [
        zero.encode(y=y("zero")),
        alt.Chart(layout.data(values))
        .mark_line(color=PATH, strokeJoin="round", **look)
        .encode(x=x, y=y("points"), order=alt.Order("order:Q")),
    ]
    if len(ends):
        layers.append(
            alt.Chart(layout.data(layout.rows(ends, ["day", "points"], 2)))
            .mark_point(shape="circle", filled=True, fill="white", stroke=END, strokeWidth=1.3, size=34, opacity=1)
            .encode(x=x, y=y("points"))
        )
    if has_mean:
        layers.append(
            summary.mark_line(color=theme.colour("first"), strokeWidth=2.2, clip=True).encode(x=x, y=y("mean"))
        )
    return layers


def _all_days(summary: alt.Chart, x: alt.X, y: Any) -> list[alt.Chart]:
    """The baseline: grey band and dashed line."""
    return [
        summary.mark_area(color=panels.BASE_BAND).encode(x=x, y=y("base_low"), y2=alt.Y2("base_high:Q")),
        summary.mark_line(color=theme.MUTED, strokeWidth=1.6, strokeDash=[6, 3]).encode(x=x, y=y("base_mean")),
    ]


def _mean(
    means: pd.DataFrame, names: list[dict[str, Any]], x: alt.X, left: float, width: float, top: float
) -> list[alt.Chart]:
    """Mean and interval after events over those of all days, on their own scale."""
    domain = layout.extent(means[NUMBERS].to_numpy(dtype=float).ravel().tolist(), 0.0, margin=0.06)
    title = "Their mean, enlarged (percentage points)"
    y = layout.on(panels.panel_y("mean", domain, title, left, top=top, height=MEAN_HEIGHT, ticks=5, labelExpr=SIGNED))
    every = alt.Chart(layout.data(layout.rows(means, ["day", *NUMBERS], 3)))
    band, line = _all_days(every, x, y)
    zero = alt.Chart(layout.data([{"zero": 0}])).mark_rule(color=panels.RULE, strokeWidth=1.2)
    layers = [
        band,
        every.mark_area(color=panels.BAND, opacity=0.6).encode(x=x, y=y("low"), y2=alt.Y2("high:Q")),
        zero.encode(y=y("zero")),
        line,
        every.mark_line(color=theme.colour("first"), strokeWidth=2.4).encode(x=x, y=y("mean")),
    ]
    return layers + labelling.edge_labels(names, domain, width=width, height=MEAN_HEIGHT, y_title=y("value"))


def _names(means: pd.DataFrame) -> list[dict[str, Any]]:
    named = []
    for field, word, tint, bold in (
        ("mean", "new highs", theme.colour("first"), True),
        ("base_mean", "all days", theme.MUTED, False),
    ):
        known = means[field].dropna()
        if len(known):
            named.append({"label": word, "value": float(known.iloc[-1]), "colour": tint, "bold": bold})
    return named


def _key(means: pd.DataFrame, ends: pd.DataFrame) -> str:
    parts = []
    has_base = bool(means["base_low"].notna().any())
    if not means["mean"].notna().any():
        parts.append("No mean: too few events." + (" Grey: the mean of all days with its interval." * has_base))
    elif means["low"].notna().any():
        parts.append("Bands: interval of each mean.")
    else:
        parts.append("No interval: too few events." + (" Grey band: interval of the mean of all days." * has_base))
    if len(ends):
        parts.append("Open circle: the days after it are still to come.")
    return " ".join(parts)
