"""Panels stacked over one axis, and steps of an axis drawn by hand: places in pixels, no statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from helpers.note import theme
from helpers.note.charts import layout

RULE = "#6e6e6e"
#: a band under a line, and the grey of what is compared with; both paler than any line on them
BAND = "#b5d3e8"
BASE_BAND = "#dfe3e8"


def panel_y(
    field: str, domain: tuple[float, float], title: str, left: float, *, top: float, height: float, **axis: Any
) -> alt.Y:
    """Number axis of a panel that begins `top` pixels down and is `height` high, its title flat above the panel."""
    y = layout.number_y(field, domain, title, left, orient="left", grid=True, **axis)
    y["scale"]["range"] = [top + height, top]
    y["axis"]["titleY"] = top - 8
    return y


def row_y(height: float) -> alt.Y:
    """Pixels from the top of the plot as an axis that is not drawn; below the plot they go on."""
    return alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)


def column_x(width: float) -> alt.X:
    """Pixels from the left of the plot as an axis that is not drawn; bars at its ends add no room of their own."""
    return alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False, zero=False, padding=0), axis=None)


def lines_at(
    texts: Sequence[str], y: alt.Y, x: float, *, below: float, line_height: float, **look: Any
) -> list[alt.Chart]:
    """Lines of words, the last `below` pixels from the top of the plot, at `x` pixels from its left."""
    if not texts:
        return []
    count = len(texts)
    values = [{"y": below - line_height * (count - 1 - place), "text": text} for place, text in enumerate(texts)]
    mark = alt.Chart(layout.data(values)).mark_text(**({"baseline": "middle", "color": theme.INK} | look))
    return [mark.encode(x=alt.XValue(x), y=y, text=alt.Text("text:N"))]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values within `low` and `high` at one step (1, 2 or 5 times a power of ten), at most `most` of them."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power * share for share in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [round(place * step, 10) for place in range(first, last + 1)]
    return []
