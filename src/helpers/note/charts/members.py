"""How many members stand above their own means, under the fund's price."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout, panels
from helpers.note.charts.canvas import Canvas, at_both_sizes

RIGHT = 116
PRICE_HEIGHT = 130
SHARE_HEIGHT = 190
#: between two lines of words
LINE = 16
PERCENT = (0.0, 100.0)


@at_both_sizes
def members_means(
    canvas: Canvas, shares: pd.DataFrame, price: pd.DataFrame, *, list_date: str, title: str, subtitle: str
) -> alt.LayerChart:
    """Shares of the members above their own means, in percent, under the fund's price on the same days.

    Parameters
    ----------
    shares : DataFrame
        date, window (trading days of the mean), share (fraction).
    price : DataFrame
        date, close (quote currency); without rows the shares stand alone.
    list_date : str
        ISO day of the list of members, "" where unknown: a line marks it where earlier days are drawn.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Line chart"
    if layout.is_empty(shares, "share"):
        return layout.no_data(canvas, form, title, subtitle)
    has_price = not layout.is_empty(price, "close")
    thin = layout.thinned(shares, by="window")
    days = pd.concat([thin["date"], price["date"]]) if has_price else thin["date"]
    first, last = days.min(), days.max()
    marker = _marker(list_date, first, last)
    named = {window: _share_name(thin, window) for window in sorted({int(window) for window in thin["window"]})}
    close_name = _close_name(price) if has_price else ""
    left = layout.axis_room(canvas)
    right = canvas.pick(RIGHT, labelling.edge_room([*named.values(), close_name], canvas.text_size))
    width = canvas.width - left - right
    marker_lines = _marker_words(canvas, list_date) if marker is not None else []
    price_height = PRICE_HEIGHT if has_price else 0
    top = price_height + 34 + (len(marker_lines) * LINE + 8 if marker_lines else 0) if has_price else 0
    height = top + SHARE_HEIGHT
    x = layout.date_x(first, last, most=canvas.pick(8, 5))
    layers: list[Any] = []
    if marker is not None:
        place = (marker - first) / (last - first) * width
        layers += _list_mark(place, marker_lines, width, (price_height, top, height))
    if has_price:
        layers.append(alt.layer(*_price(price, close_name, x, left, width, price_height)))
    layers.append(alt.layer(*_shares(thin, named, x, left, width, top)))
    # without the price there is no room between two panels for the words at the line
    key = f"Dashed line: {' '.join(marker_lines)}." if marker_lines and not has_price else ""
    head = layout.heading(canvas, title, subtitle, key, left=left)
    ends = f"{layout.day_text(first)} to {layout.day_text(last)}"
    detail = f"Lines from {ends}. At the end: {', '.join(f'{name} mean' for name in named.values())}"
    if marker_lines:
        detail += f". {' '.join(marker_lines)}"
    text = layout.description(form, title, subtitle, detail)
    chart = layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=height)
    made: alt.LayerChart = chart.resolve_scale(y="independent")
    return made


def _marker(list_date: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.Timestamp | None:
    """Where the line of the list stands: none without a list, or where every day drawn is later."""
    if not list_date or last <= first or pd.Timestamp(list_date) <= first:
        return None
    return min(pd.Timestamp(list_date), last)


def _marker_words(canvas: Canvas, list_date: str) -> list[str]:
    day = layout.day_text(pd.Timestamp(list_date))
    words = [f"list of {day};", "earlier is survivorship-biased"]
    return canvas.pick([" ".join(words)], words)


def _list_mark(place: float, lines: list[str], width: float, edges: tuple[float, float, float]) -> list[alt.Chart]:
    """A line through both panels `place` pixels from the left, its words between them on the side that has room."""
    below_price, top, height = edges
    y = panels.row_y(height)
    spans = [{"y": top, "end": height}]
    if not below_price:
        lines = []
    else:
        spans.append({"y": 0, "end": below_price + 8 + LINE * len(lines)})
    align, shift = ("right", -5) if place > width / 2 else ("left", 5)
    rule = alt.Chart(layout.data(spans)).mark_rule(color=panels.RULE, strokeDash=[3, 3], strokeWidth=1.4)
    return [
        rule.encode(x=alt.XValue(place), y=y, y2=alt.Y2("end:Q")),
        *panels.lines_at(lines, y, place + shift, below=below_price + LINE * len(lines), line_height=LINE, align=align),
    ]


def _price(price: pd.DataFrame, name: str, x: alt.X, left: float, width: float, height: float) -> list[alt.Chart]:
    line = layout.thinned(price)
    domain = layout.extent(line["close"].tolist())
    y = panels.panel_y("close", domain, "Fund's price (quote currency)", left, top=0, height=height, ticks=4)
    ink = theme.colour("mid")
    label = {"label": name, "value": _last(line["close"]), "colour": ink, "bold": True}
    return [
        alt.Chart(layout.data(layout.rows(line, ["date", "close"], 2)))
        .mark_line(color=ink, strokeWidth=1.6, strokeJoin="round")
        .encode(x=x, y=y),
        *labelling.edge_labels([label], domain, width=width, height=height, y_title=layout.on(y)("value")),
    ]


def _shares(
    shares: pd.DataFrame, named: dict[int, str], x: alt.X, left: float, width: float, top: float
) -> list[alt.Chart]:
    frame = shares.assign(percent=shares["share"] * 100)
    title = "Members above their own mean (%)"
    y = panels.panel_y("percent", PERCENT, title, left, top=top, height=SHARE_HEIGHT, values=[0, 25, 50, 75, 100])
    half = alt.Chart(layout.data([{"level": 50}]))
    layers = [half.mark_rule(color=panels.RULE, strokeWidth=1.2).encode(y=layout.on(y)("level"))]
    labels = []
    for place, (window, name) in enumerate(named.items()):
        line = frame[frame["window"].astype(int) == window]
        role = theme.ROLES[place % len(theme.ROLES)]
        layers.append(
            alt.Chart(layout.data(layout.rows(line, ["date", "percent"], 1)))
            .mark_line(
                color=theme.colour(role),
                strokeDash=theme.DASHES[place % len(theme.DASHES)],
                strokeWidth=1.5 if place == 0 else 2,
                strokeJoin="round",
            )
            .encode(x=x, y=y)
        )
        labels.append(
            {"label": name, "value": _last(line["percent"]), "colour": theme.colour(role), "bold": place == 0}
        )
    return layers + labelling.edge_labels(
        labels, PERCENT, width=width, height=SHARE_HEIGHT, y_title=layout.on(y)("value")
    )


def _share_name(shares: pd.DataFrame, window: int) -> str:
    """What the edge says: the last share and the mean's window; without a number where the last is unknown."""
    last = shares.loc[shares["window"].astype(int) == window, "share"].iloc[-1]
    return f"{last * 100:.0f}% {window}-day" if math.isfinite(last) else f"{window}-day"


def _close_name(price: pd.DataFrame) -> str:
    last = price["close"].iloc[-1]
    return f"{last:.2f} close" if math.isfinite(last) else "close"


def _last(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.iloc[-1]) if len(known) else math.nan
