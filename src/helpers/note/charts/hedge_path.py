"""The fund with its entry, warning and stop, and what a hedge would have made of it."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout, panels
from helpers.note.charts.canvas import Canvas, at_both_sizes

UPPER, LOWER, BETWEEN = 210, 180, 42
#: height of a panel that there is nothing for
EMPTY = 40
#: between panels that do not share their days, there is room for the axis of the upper one
BETWEEN_AXES = 84
#: of the longer span: where first and last days are closer than this, the panels share them
ALIKE = 0.1
FUND = "fund"
PRICE_TITLE = "Fund's close (quote currency)"
START = 100.0
#: currency units; a level this close to the last close needs no name beside it
SAME = 0.005
#: share of the plot, from the right, over which a level is drawn
LEVEL_SHARE = 0.45
#: kind -> colour role, dash
_LEVELS: dict[str, tuple[str, list[int]]] = {
    "entry": ("level", [1, 0]),
    "warning": ("warning", [6, 3]),
    "stop": ("stop", [1, 0]),
}
_OTHER_ROLES = ("third", "fourth", "fifth", "second")
Span = tuple[pd.Timestamp, pd.Timestamp]


@at_both_sizes
def hedge_path(
    canvas: Canvas, path: pd.DataFrame, tape: pd.DataFrame, levels: pd.DataFrame, *, title: str, subtitle: str
) -> alt.LayerChart:
    """Above, the fund's close with entry, warning and stop; beneath, the fund alone and hedged, 100 at the start.

    Parameters
    ----------
    path : DataFrame
        date, line ("fund", and what each hedged position is called), value (100 at the start). Total return.
    tape : DataFrame
        date, close. Quote currency.
    levels : DataFrame
        kind (entry, warning, stop), value, on the tape; text (optional) replaces the printed value.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Two line charts"
    price, lines = _known(tape, "close"), _known(path, "value")
    if price.empty and lines.empty:
        return layout.no_data(canvas, form, title, subtitle)
    price, lines = layout.thinned(price), layout.thinned(lines, by="line")
    drawn = levels[levels["kind"].isin(_LEVELS) & levels["value"].notna()] if len(levels) else levels
    names = [str(name) for name in lines.loc[lines["value"].notna(), "line"].drop_duplicates()] if len(lines) else []
    at_price, at_lines = _price_labels(price, drawn), _line_labels(lines, names)
    left = layout.axis_room(canvas)
    right = labelling.edge_room([item["label"] for item in [*at_price, *at_lines]], canvas.text_size)
    spans = [_span(frame) for frame in (price, lines) if len(frame)]
    is_shared = len(spans) == 2 and _are_alike(spans)
    if is_shared:
        spans = [(min(span[0] for span in spans), max(span[1] for span in spans))]
    upper, lower = (tall if len(frame) else EMPTY for tall, frame in ((UPPER, price), (LOWER, lines)))
    top = upper + (BETWEEN_AXES if len(price) and not is_shared else BETWEEN)
    width, height = canvas.width - left - right, top + lower
    x_price, x_lines = (layout.date_x(*span, most=canvas.pick(8, 4)) for span in (spans[0], spans[-1]))
    for x, bottom in ((x_price, upper), (x_lines, height)):
        # an axis stands under its panel, not under the view
        x["axis"]["orient"], x["axis"]["offset"] = "bottom", bottom - height
    x_price["axis"] = None if is_shared else x_price["axis"]
    titles = PRICE_TITLE, _path_title(names)
    y_price, y_lines = (
        panels.panel_y(column, domain, name, left, top=start, height=tall, ticks=5)
        for column, domain, name, start, tall in (
            ("close", _domain(price, "close", drawn), titles[0], 0, upper),
            ("value", _domain(lines, "value", START), titles[1], top, lower),
        )
    )
    panel_layers = [
        _price(price, drawn, at_price, x_price, y_price, width) if len(price) else _nothing(titles[0], left, 0),
        _paths(lines, names, at_lines, x_lines, y_lines, width) if len(lines) else _nothing(titles[1], left, top),
    ]
    layers: list[Any] = [alt.layer(*drawings) for drawings in panel_layers]
    head = layout.heading(canvas, title, subtitle, left=left)
    ends = f"{layout.day_text(min(span[0] for span in spans))} to {layout.day_text(max(span[1] for span in spans))}"
    told = [f"Above, {', '.join(item['label'] for item in at_price) or layout.NO_DATA}"]
    told += [f"beneath, {', '.join(item['label'] for item in at_lines) or layout.NO_DATA}"]
    text = layout.description(form, title, subtitle, f"{ends}. {'; '.join(told)}")
    chart = layout.finished(canvas, layers, head=head, text=text, left=left, right=right, height=height)
    made: alt.LayerChart = chart.resolve_scale(x="independent", y="independent")
    return made


def _known(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame, an unknown day as a gap in its line; no rows where there is no number at all."""
    return frame.iloc[:0] if column not in frame or layout.is_empty(frame, column) else frame


def _span(frame: pd.DataFrame) -> Span:
    first, last = frame["date"].min(), frame["date"].max()
    return first, last if last > first else first + pd.Timedelta(days=1)


def _are_alike(spans: list[Span]) -> bool:
    """Whether the panels cover about the same days: they then share one axis."""
    starts, ends = [span[0] for span in spans], [span[1] for span in spans]
    longest = max(ends) - min(starts)
    return max(starts) - min(starts) <= ALIKE * longest and max(ends) - min(ends) <= ALIKE * longest


def _domain(frame: pd.DataFrame, column: str, besides: pd.DataFrame | float) -> tuple[float, float]:
    others = [besides] if isinstance(besides, float) else besides["value"].tolist() if len(besides) else []
    seen = frame[column].tolist() if len(frame) else []
    return layout.extent(seen, *others, margin=0.06)


def _path_title(names: list[str]) -> str:
    """What the lower panel shows; the hedge is named here, where there is room for it."""
    others = [name for name in names if name != FUND]
    if len(others) != 1:
        return "Fund alone and hedged (start = 100)"
    return f"Fund alone, and {layout.plain(others[0], 36)} (start = 100)"


def _price_labels(price: pd.DataFrame, drawn: pd.DataFrame) -> list[dict[str, Any]]:
    """The levels and, where the entry is not the last close, that close."""
    labels = []
    for row in drawn.to_dict("records"):
        text = row.get("text")
        printed = text if isinstance(text, str) and text else f"{row['value']:.2f}"
        tint = theme.colour(_LEVELS[str(row["kind"])][0])
        labels.append({"label": f"{printed} {row['kind']}", "value": row["value"], "colour": tint, "bold": False})
    if len(price):
        last = float(price["close"].dropna().iloc[-1])
        if not any(abs(item["value"] - last) < SAME for item in labels):
            labels.append({"label": f"{last:.2f} close", "value": last, "colour": theme.colour("mid"), "bold": True})
    return labels


def _line_labels(lines: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    labels = []
    for name in names:
        value = float(lines.loc[lines["line"].astype(str) == name, "value"].dropna().iloc[-1])
        short = name if name == FUND or len(names) > 2 else "hedged"
        tint = theme.colour(_look(name, names)[0])
        labels.append({"label": f"{value:.1f} {short}", "value": value, "colour": tint, "bold": name == FUND})
    return labels


def _look(name: str, names: list[str]) -> tuple[str, list[int]]:
    """Colour role and dash of a line: the fund as everywhere, what it is compared with dashed."""
    if name == FUND:
        return "mid", theme.DASHES[0]
    place = [other for other in names if other != FUND].index(name)
    return _OTHER_ROLES[place % len(_OTHER_ROLES)], theme.DASHES[1 + place % (len(theme.DASHES) - 1)]


def _price(
    price: pd.DataFrame, drawn: pd.DataFrame, labels: list[dict[str, Any]], x: alt.X, y: alt.Y, width: float
) -> list[alt.Chart]:
    """The close with its levels, each named at the edge."""
    layers = []
    for row in layout.rows(drawn, ["kind", "value"], 3) if len(drawn) else []:
        role, dash = _LEVELS[row["kind"]]
        layers.append(
            alt.Chart(layout.data([{"level": row["value"]}]))
            .mark_rule(color=theme.colour(role), strokeWidth=1.6, strokeDash=dash)
            .encode(x=alt.XValue(width * (1 - LEVEL_SHARE)), x2=alt.X2Value(width), y=layout.on(y)("level"))
        )
    layers.append(
        alt.Chart(layout.data(layout.rows(price, ["date", "close"], 2)))
        .mark_line(color=theme.colour("mid"), strokeWidth=1.6, strokeJoin="round")
        .encode(x=x, y=y)
    )
    domain = tuple(y["scale"]["domain"])
    return [*layers, *labelling.edge_labels(labels, domain, width=width, height=UPPER, y_title=y)]


def _paths(
    lines: pd.DataFrame, names: list[str], labels: list[dict[str, Any]], x: alt.X, y: alt.Y, width: float
) -> list[alt.Chart]:
    """The fund and what it would have been hedged, against 100."""
    start = alt.Chart(layout.data([{"start": START}]))
    layers = [start.mark_rule(color=panels.RULE, strokeWidth=1.2).encode(y=layout.on(y)("start"))]
    for name in names:
        role, dash = _look(name, names)
        line = lines[lines["line"].astype(str) == name]
        layers.append(
            alt.Chart(layout.data(layout.rows(line, ["date", "value"], 2)))
            .mark_line(
                color=theme.colour(role), strokeDash=dash, strokeWidth=1.6 if name == FUND else 2, strokeJoin="round"
            )
            .encode(x=x, y=y)
        )
    domain = tuple(y["scale"]["domain"])
    return [*layers, *labelling.edge_labels(labels, domain, width=width, height=LOWER, y_title=y)]


def _nothing(title: str, left: float, top: float) -> list[alt.Chart]:
    """A panel's title and that there is nothing for it."""
    look: dict[str, Any] = {"align": "left", "baseline": "bottom", "color": theme.MUTED}
    words = alt.Chart(layout.data([{"title": title, "words": layout.NO_DATA}]))
    return [
        words.mark_text(**look).encode(x=alt.XValue(-left), y=alt.YValue(top - 8), text=alt.Text("title:N")),
        words.mark_text(**look).encode(x=alt.XValue(0), y=alt.YValue(top + EMPTY / 2), text=alt.Text("words:N")),
    ]
