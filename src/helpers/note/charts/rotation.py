"""Who gains and who loses against the market, week by week."""

from __future__ import annotations

import math
from typing import Any, cast

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas, at_both_sizes

RIGHT = 1
CENTRE = 100.0
#: moves drawn behind a mark of a panel of many; the tails of few, the cap tiers, are drawn whole
SHORT_TAIL = 2
_WHOLE_TAILS = "cap tier"
#: points along the last move that names keep clear of, as shares of it
TAIL_SHARES = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_PANELS = {"cap tier": ("Cap tiers (circles)", "circle", 180), "sector": ("Sectors (squares)", "square", 310)}
_OTHER_PANEL = ("Others (diamonds)", "diamond", 180)
_CORNERS = {"Improving": (0, 0), "Leading": (1, 0), "Lagging": (0, 1), "Weakening": (1, 1)}
_QUADRANT_ROLES = {"leading": "third", "weakening": "fourth", "lagging": "second", "improving": "first"}


@at_both_sizes
def rotation(canvas: Canvas, rotation: pd.DataFrame, *, title: str, subtitle: str) -> alt.VConcatChart | alt.LayerChart:
    """Relative strength against its momentum, week by week: cap tiers above, sectors below, on the same scales.

    Cap tiers keep every week given; of the others, too many to follow at length, the last two moves are drawn.

    Parameters
    ----------
    rotation : DataFrame
        date, symbol, label, group ("cap tier" or "sector"), rs_ratio, rs_momentum, quadrant, is_last (the row
        that gets the dot and the name).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Rotation picture"
    if layout.is_empty(rotation, "rs_ratio") or layout.is_empty(rotation, "rs_momentum"):
        return layout.no_data(canvas, form, title, subtitle)
    known = rotation[rotation["rs_ratio"].notna() & rotation["rs_momentum"].notna()]
    drawn = _cut(known)
    frame = drawn.assign(is_last=layout.flags(drawn, "is_last"), age=_age(drawn))
    across = layout.extent(frame["rs_ratio"].tolist(), CENTRE, margin=0.05)
    up = layout.extent(frame["rs_momentum"].tolist(), CENTRE, margin=0.08)
    groups = [group for group in _PANELS if frame["group"].eq(group).any()]
    groups += [str(group) for group in frame["group"].drop_duplicates() if group not in _PANELS]
    panels = [
        _panel(
            canvas,
            frame[frame["group"] == group],
            group,
            across,
            up,
            is_top=group == groups[0],
            is_lowest=group == groups[-1],
        )
        for group in groups
    ]
    missing = [str(name) for name in rotation["label"].drop_duplicates() if not known["label"].eq(name).any()]
    key = "Tail: the weeks before, faint to strong; named mark: the last week."
    if len(drawn) < len(known):
        key = f"Tail: the weeks before (of sectors {SHORT_TAIL}), faint to strong; named mark: the last week."
    if missing:
        key += f" No data: {', '.join(map(layout.plain, missing))}."
    head = layout.heading(canvas, title, subtitle, key, left=layout.axis_room(canvas))
    head["offset"] = 14
    ends = frame[frame["is_last"]]
    states = "; ".join(
        f"{word}: {', '.join(map(layout.plain, part['label']))}"
        for word, part in ends.groupby(ends["quadrant"].astype(str).str.lower(), sort=True)
    )
    return alt.vconcat(
        *panels,
        spacing=20,
        title=head,
        description=layout.description(form, title, subtitle, states),
        padding=layout.CANVAS_PADDING,
        config=canvas.look,
    )


def _cut(frame: pd.DataFrame) -> pd.DataFrame:
    """The weeks that are drawn: all of a cap tier, the last ones of any other symbol."""
    weeks_after = frame.groupby("symbol", sort=False).cumcount(ascending=False)
    return frame[frame["group"].eq(_WHOLE_TAILS) | (weeks_after <= SHORT_TAIL)]


def _age(frame: pd.DataFrame) -> pd.Series:
    """Place of a week in its tail, 0 the oldest to 1 the last."""
    tail = frame.groupby("symbol", sort=False)
    size = tail["date"].transform("size")
    return (tail.cumcount() / (size - 1).where(size > 1)).fillna(1.0)


def _panel(
    canvas: Canvas,
    frame: pd.DataFrame,
    group: str,
    across: tuple[float, float],
    up: tuple[float, float],
    *,
    is_top: bool,
    is_lowest: bool,
) -> alt.LayerChart:
    name, shape, height = _PANELS.get(group, _OTHER_PANEL)
    left, height = layout.axis_room(canvas), round(height * canvas.pick(1, 1.2))
    width = canvas.width - left - RIGHT
    x = alt.X(
        "rs_ratio:Q",
        scale=alt.Scale(domain=list(across), nice=False, zero=False),
        axis=alt.Axis(
            title="Relative strength against the market (100 = own mean)" if is_lowest else None,
            labels=is_lowest,
            ticks=is_lowest,
            tickCount=6,
        ),
    )
    y_title = "Momentum of relative strength (100 = own mean)" if is_top else None
    y = layout.number_y("rs_momentum", up, y_title, left, ticks=5, minExtent=left, maxExtent=left)
    frame = frame.assign(colour=_quadrant_colours(frame))
    frame = _steps(frame)
    moves = frame.dropna(subset=["from_x", "from_y"])
    trails = alt.Chart(
        layout.data(layout.rows(moves, ["rs_ratio", "rs_momentum", "from_x", "from_y", "age", "colour"], 3))
    )
    cross = alt.Chart(layout.data([{"centre": CENTRE}]))
    tint = alt.Color("colour:N", scale=None, legend=None)
    is_whole = group == _WHOLE_TAILS
    faint = alt.Opacity("age:Q", scale=alt.Scale(domain=[0, 1], range=[0.1, 0.8 if is_whole else 0.6]), legend=None)
    wide = alt.StrokeWidth("age:Q", scale=alt.Scale(domain=[0, 1], range=[0.6, 2.6 if is_whole else 1.8]), legend=None)
    ends = frame[frame["is_last"]]
    named = _named_dots(canvas, ends, across, up, width, height)
    dots = alt.Chart(layout.data(named))
    layers = [
        cross.mark_rule(color="#8a8a8a").encode(x=layout.on(x)("centre")),
        cross.mark_rule(color="#8a8a8a").encode(y=layout.on(y)("centre")),
        *_corner_words(width, height),
        trails.mark_rule(strokeCap="round").encode(
            x=x, y=y, x2=alt.X2("from_x:Q"), y2=alt.Y2("from_y:Q"), color=tint, opacity=faint, strokeWidth=wide
        ),
        dots.transform_filter("datum.is_led")
        .mark_rule(color=theme.MUTED, strokeWidth=0.8)
        .encode(x=x, y=y, x2=alt.X2("name_x:Q"), y2=alt.Y2("name_y:Q")),
        dots.mark_point(shape=shape, filled=True, size=95, opacity=1, stroke="white", strokeWidth=0.8).encode(
            x=x, y=y, fill=alt.Fill("colour:N", scale=None, legend=None)
        ),
    ]
    halo: dict[str, Any] = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.85}
    for align in dict.fromkeys(dot["align"] for dot in named):
        for look in (halo, {}):
            layers.append(
                dots.transform_filter(f"datum.align === '{align}'")
                .mark_text(align=align, baseline="middle", fontWeight="bold", color=theme.INK, **look)
                .encode(x=layout.on(x)("name_x"), y=layout.on(y)("name_y"), text=alt.Text("label:N"))
            )
    panel_title = alt.Title(name, anchor="start", fontSize=canvas.text_size + 1, offset=8, frame="group", dx=-left)
    panel: Any = alt.layer(*layers, width=width, height=height, title=panel_title)
    return cast(alt.LayerChart, panel)


def _steps(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a week's move: from where, to where, and the age of its end."""
    before = frame.groupby("symbol", sort=False)[["rs_ratio", "rs_momentum"]].shift(1)
    return frame.assign(from_x=before["rs_ratio"], from_y=before["rs_momentum"])


def _quadrant_colours(frame: pd.DataFrame) -> pd.Series:
    """Colour of the quadrant a symbol ends in, for its whole tail."""
    ends = frame[frame["is_last"]].drop_duplicates("symbol", keep="last").set_index("symbol")["quadrant"]
    words = frame["symbol"].map(ends).astype(str).str.lower()
    return words.map(lambda word: theme.colour(_QUADRANT_ROLES.get(word, "muted")))


def _corner_words(width: float, height: float) -> list[alt.Chart]:
    layers = []
    for word, (right, low) in _CORNERS.items():
        layers.append(
            alt.Chart(layout.data([{"word": word}]))
            .mark_text(
                align="right" if right else "left",
                baseline="bottom" if low else "top",
                color="#757575",
                fontStyle="italic",
            )
            .encode(
                x=alt.XValue(width - 4 if right else 4), y=alt.YValue(height - 4 if low else 4), text=alt.Text("word:N")
            )
        )
    return layers


def _named_dots(
    canvas: Canvas,
    ends: pd.DataFrame,
    across: tuple[float, float],
    up: tuple[float, float],
    width: float,
    height: float,
) -> list[dict[str, Any]]:
    """The last week of each symbol with the place of its name, both in axis units."""
    ordered = ends.sort_values(["rs_momentum", "symbol"], ascending=False)
    names = [layout.plain(label) for label in ordered["label"]]
    points = [
        ((x - across[0]) / (across[1] - across[0]) * width, (up[1] - y) / (up[1] - up[0]) * height)
        for x, y in zip(ordered["rs_ratio"], ordered["rs_momentum"], strict=True)
    ]
    clear = [
        (right * (width - 76), low * (height - 20), right * (width - 76) + 76, low * (height - 20) + 20)
        for right, low in _CORNERS.values()
    ]
    for here, there_x, there_y in zip(points, ordered["from_x"], ordered["from_y"], strict=True):
        if math.isnan(there_x):
            continue
        there = (there_x - across[0]) / (across[1] - across[0]) * width, (up[1] - there_y) / (up[1] - up[0]) * height
        for share in TAIL_SHARES:
            x, y = (one + (other - one) * share for one, other in zip(here, there, strict=True))
            clear.append((x - 3, y - 3, x + 3, y + 3))
    places = labelling.beside(points, names, width=width, height=height, avoid=clear, size=canvas.text_size)
    values = layout.rows(ordered, ["rs_ratio", "rs_momentum", "colour"], 3)
    return [
        value
        | {
            "label": name,
            "align": align,
            "is_led": abs(y - point[1]) > 16 or abs(x - point[0]) > 12,
            "name_x": round(across[0] + x / width * (across[1] - across[0]), 4),
            "name_y": round(up[1] - y / height * (up[1] - up[0]), 4),
        }
        for value, name, point, (x, y, align) in zip(values, names, points, places, strict=True)
    ]
