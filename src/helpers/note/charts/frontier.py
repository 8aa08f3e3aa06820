"""What each hedge leg removes, and what it brings in."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas, at_both_sizes

RIGHT = 8
SECOND_BET = "second bet"
X_TITLE = "Variance removed (%)"
Y_TITLE = "Rate beta left over (bp per +10 bp in the 10-year yield)"
DOT = 120
BEST = "Best: far right, near the line of zero rate beta."
HALO: dict[str, Any] = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.85}
PLAIN: dict[str, Any] = {}
_LOOKS = {False: ("circle", "first"), True: ("diamond", "second")}


@at_both_sizes
def hedge_frontier(canvas: Canvas, frontier: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Legs by the variance they remove and the rate beta they leave; second bets have a shape and a word of their own.

    Parameters
    ----------
    frontier : DataFrame
        leg, label, variance_removed (fraction), rate_beta (bp per +10 bp of the 10-year yield), second_bet
        (yes/no). A leg with an unknown coordinate is named in the heading.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Scatter plot of hedge legs"
    if len(frontier) == 0 or layout.is_empty(frontier, "variance_removed") or layout.is_empty(frontier, "rate_beta"):
        return layout.no_data(canvas, form, title, subtitle)
    is_known = np.isfinite(frontier[["variance_removed", "rate_beta"]].to_numpy(dtype=float, na_value=np.nan)).all(
        axis=1
    )
    known = frontier[is_known]
    missing = [layout.plain(label) for label in frontier.loc[~is_known, "label"]]
    if known.empty:
        return layout.no_data(canvas, form, title, subtitle)
    legs = known.assign(removed=known["variance_removed"] * 100, is_bet=layout.flags(known, "second_bet"))
    left, height = layout.axis_room(canvas), canvas.pick(320, 320)
    width = canvas.width - left - RIGHT
    across = layout.extent(legs["removed"].tolist(), 0.0, margin=0.1)
    up = layout.extent(legs["rate_beta"].tolist(), 0.0, margin=0.16)
    x = alt.X(
        "removed:Q",
        scale=alt.Scale(domain=list(across), nice=False, zero=False),
        axis=alt.Axis(title=X_TITLE, tickCount=canvas.pick(8, 5), grid=True, titlePadding=8),
    )
    y = layout.number_y("rate_beta", up, Y_TITLE, left)
    layers = [*_zero_lines(x, y), *_legs(canvas, legs, across, up, width, height, x, y)]
    key = ["Circle: hedge", f"diamond: {SECOND_BET}"] if legs["is_bet"].any() else []
    words = f"{BEST} {'; '.join(key)}." if key else BEST
    if missing:
        words += f" No data: {', '.join(missing)}."
    head = layout.heading(canvas, title, subtitle, words, left=left)
    told = [
        f"{layout.plain(row['label'])} removes {row['removed']:.0f}% and leaves {row['rate_beta']:+.1f} bp"
        + (f" ({SECOND_BET})" if row["is_bet"] else "")
        for row in legs.to_dict("records")
    ]
    text = layout.description(form, title, subtitle, f"{'; '.join(told)}. {words}")
    return layout.finished(canvas, layers, head=head, text=text, left=left, right=RIGHT, height=height, bottom=52)


def _zero_lines(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Nothing removed; nothing left."""
    zero = alt.Chart(layout.data([{"zero": 0}])).mark_rule(color="#6e6e6e", strokeWidth=1.3)
    return [zero.encode(x=layout.on(x)("zero")), zero.encode(y=layout.on(y)("zero"))]


def _legs(
    canvas: Canvas,
    legs: pd.DataFrame,
    across: tuple[float, float],
    up: tuple[float, float],
    width: float,
    height: float,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """A mark and a name a leg, names apart from each other, the marks and the zero lines where that is cheap."""
    ordered = legs.sort_values(["rate_beta", "removed"], ascending=False, kind="stable")
    names = [
        layout.plain(label) + (f", {SECOND_BET}" if is_bet else "")
        for label, is_bet in zip(ordered["label"], ordered["is_bet"], strict=True)
    ]
    points = [
        ((one - across[0]) / (across[1] - across[0]) * width, (up[1] - other) / (up[1] - up[0]) * height)
        for one, other in zip(ordered["removed"], ordered["rate_beta"], strict=True)
    ]
    zero_x, zero_y = -across[0] / (across[1] - across[0]) * width, up[1] / (up[1] - up[0]) * height
    clear = [(zero_x - 2, 0.0, zero_x + 2, height), (0.0, zero_y - 2, width, zero_y + 2)]
    places = labelling.beside(points, names, width=width, height=height, avoid=clear, size=canvas.text_size)
    values = [
        row
        | {
            "label": name,
            "align": align,
            "colour": theme.colour(_LOOKS[bool(row["is_bet"])][1]),
            "is_led": abs(spot_y - point[1]) > 16 or abs(spot_x - point[0]) > 12,
            "name_x": round(across[0] + spot_x / width * (across[1] - across[0]), 4),
            "name_y": round(up[1] - spot_y / height * (up[1] - up[0]), 4),
        }
        for row, name, point, (spot_x, spot_y, align) in zip(
            layout.rows(ordered, ["removed", "rate_beta", "is_bet"], 3), names, points, places, strict=True
        )
    ]
    base = alt.Chart(layout.data(values))
    tint = alt.Color("colour:N", scale=None, legend=None)
    layers = [
        base.transform_filter("datum.is_led")
        .mark_rule(color=theme.MUTED, strokeWidth=0.8)
        .encode(x=x, y=y, x2=alt.X2("name_x:Q"), y2=alt.Y2("name_y:Q"))
    ]
    for is_bet, (shape, role) in _LOOKS.items():
        layers.append(
            base.transform_filter(f"datum.is_bet === {str(is_bet).lower()}")
            .mark_point(
                shape=shape, filled=True, size=DOT, opacity=1, fill=theme.colour(role), stroke="white", strokeWidth=1
            )
            .encode(x=x, y=y)
        )
    for align in dict.fromkeys(value["align"] for value in values):
        for look in (HALO, PLAIN):
            mark = base.transform_filter(f"datum.align === '{align}'").mark_text(
                align=align, baseline="middle", fontWeight="bold", **look
            )
            layers.append(
                mark.encode(
                    x=layout.on(x)("name_x"),
                    y=layout.on(y)("name_y"),
                    text=alt.Text("label:N"),
                    **({} if look else {"color": tint}),
                )
            )
    return layers
