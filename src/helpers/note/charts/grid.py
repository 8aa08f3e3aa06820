"""Returns by span as a grid of shaded numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas, at_both_sizes

ROW_HEIGHT = 22
SPANS = ("1D", "1W", "MTD", "QTD", "YTD", "1Y")
_GROUPS = {"cap tier": "Cap tiers", "mega stand-in": "Mega-cap stand-ins", "sector": "Sectors"}
#: share of a column's values that its colour scale spans; the rest take the end colour
COLOUR_SPAN = 0.85
DASH = "–"


@at_both_sizes
def performance_grid(
    canvas: Canvas, grid: pd.DataFrame, *, title: str, subtitle: str
) -> alt.VConcatChart | alt.LayerChart:
    """Returns by span as a grid: blue up, orange down, each column on its own symmetric colour scale.

    Parameters
    ----------
    grid : DataFrame
        symbol, label, group, span, value (fraction, NaN = no data); text (optional) is printed in the cell,
        without it the cell shows the direction only.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Grid of returns"
    if layout.is_empty(grid, "value"):
        return layout.no_data(canvas, form, title, subtitle)
    present = [str(span) for span in grid["span"].drop_duplicates()]
    spans = [span for span in SPANS if span in present] + [span for span in present if span not in SPANS]
    frame = grid.assign(shade=_shade(grid), words=_cell_words(grid), name=grid["label"].map(layout.plain))
    groups = [group for group in _GROUPS if frame["group"].eq(group).any()]
    groups += [str(group) for group in frame["group"].drop_duplicates() if group not in _GROUPS]
    # letters that are not bold, and of a phone's width none to waste
    longest = max(labelling.text_width(name) for name in frame["name"])
    left = canvas.pick(round(longest) + 12, round(longest * 0.78) + 8)
    blocks = [
        _block(canvas, frame[frame["group"] == group], group, spans, left, is_top=group == groups[0])
        for group in groups
    ]
    key = "Colour: blue up, orange down, each column on its own scale. Dash: no data."
    head = layout.heading(canvas, title, subtitle, key, left=left)
    head["offset"] = 14
    detail = f"{', '.join(_GROUPS.get(group, group) for group in groups)} over {', '.join(spans)}"
    return alt.vconcat(
        *blocks,
        spacing=12,
        title=head,
        description=layout.description(form, title, subtitle, detail),
        padding=layout.CANVAS_PADDING,
        config=canvas.look,
    )


def _shade(grid: pd.DataFrame) -> pd.Series:
    """Place of a value on its column's colour scale, -1 to 1; one large value does not pale the others."""
    reach = grid["value"].abs().groupby(grid["span"]).transform("quantile", COLOUR_SPAN)
    return (grid["value"] / reach.where(reach > 0)).clip(-1, 1).fillna(0.0)


def _cell_words(grid: pd.DataFrame) -> pd.Series:
    """What a cell prints: the text that came along, a dash for no data, else the direction."""
    direction = pd.Series(np.select([grid["value"] > 0, grid["value"] < 0], ["▲", "▼"], ""), index=grid.index)
    words = grid["text"].where(grid["text"].notna(), direction) if "text" in grid else direction
    return words.astype(object).where(grid["value"].notna(), DASH).astype(str)


def _block(
    canvas: Canvas, frame: pd.DataFrame, group: str, spans: Sequence[str], left: int, *, is_top: bool
) -> alt.LayerChart:
    names = list(frame["name"].drop_duplicates())
    values = layout.rows(frame, ["name", "span", "shade", "words"], 3)
    base = alt.Chart(layout.data(values))
    x = alt.X(
        "span:O",
        sort=list(spans),
        scale=alt.Scale(domain=list(spans), paddingInner=0.03, paddingOuter=0),
        axis=alt.Axis(orient="top", title=None, labelAngle=0, domain=False, ticks=False, labelFontWeight="bold")
        if is_top
        else None,
    )
    y = alt.Y(
        "name:O",
        sort=names,
        scale=alt.Scale(domain=names, paddingInner=0.06, paddingOuter=0),
        axis=alt.Axis(
            title=None, labelLimit=left, labelAlign="left", labelPadding=left, minExtent=left, maxExtent=left
        ),
    )
    shade = alt.Color(
        "shade:Q",
        scale=alt.Scale(
            domain=[-1, 0, 1], range=[theme.colour("down"), theme.colour("flat"), theme.colour("up")], clamp=True
        ),
        legend=None,
    )
    small: dict[str, Any] = canvas.pick({}, {"fontSize": 11})
    layers = [
        base.mark_rect().encode(x=x, y=y, color=shade),
        base.mark_text(baseline="middle", color="#000000", **small).encode(x=x, y=y, text=alt.Text("words:N")),
    ]
    block_title = alt.Title(
        _GROUPS.get(group, layout.plain(group)),
        anchor="start",
        fontSize=canvas.text_size,
        offset=6,
        frame="group",
        dx=-left,
    )
    width, height = canvas.width - left, ROW_HEIGHT * len(names)
    block: Any = alt.layer(*layers, width=width, height=height, title=block_title)
    return cast(alt.LayerChart, block)
