"""Which funds of the baskets lead, ranked."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

ROW = 25
MIDDLE = 0.5
_BASKETS = {"winners": ("circle", "first"), "losers": ("square", "second"), "quality": ("diamond", "third")}
_OTHER = ("triangle-up", "fourth")
AXIS = ("Strength score: mean rank of return over the", "market within this list (0 last, 1 first)")
#: field, heading on a wide canvas and on a narrow one
COLUMNS = (
    ("excess_63", ["Over market,", "63 days"], ["Over", "market,", "63 days"]),
    ("residual_126", ["Beta removed,", "126 days"], ["Beta", "removed,", "126 days"]),
)
KEY = "Winners, losers: the baskets a broader market should favour and hurt. Columns: percentage points."


@at_both_sizes
def leadership_dots(canvas: Canvas, leaders: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Funds ranked by strength score on a stem from the middle, each named with its basket, numbers beside.

    Parameters
    ----------
    leaders : DataFrame
        symbol, label, basket (winners, losers, quality), score in [0, 1], excess_63 and residual_126 (fractions).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Ranked dot chart"
    if layout.is_empty(leaders, "score"):
        return layout.no_data(canvas, form, title, subtitle)
    frame = leaders.sort_values("score", ascending=False, kind="stable", na_position="last")
    size = canvas.text_size
    sheet = table.Sheet(width=canvas.width)
    names = [layout.plain(label) for label in frame["label"]]
    column = canvas.pick(100.0, 62.0)
    left = max(table.text_room(name, size) for name in names) + canvas.pick(22, 12)
    right = canvas.width - 2 * column - canvas.pick(14, 4)
    step = size + 4
    top = canvas.pick(2.0, 3.0) * step + 8
    height = top + ROW * len(frame)
    _frame_of(canvas, sheet, left, right, top, height)
    for place, (field, *headings) in enumerate(COLUMNS):
        edge = canvas.width - column * (1 - place)
        lines = canvas.pick(*headings)
        sheet.words(edge, (top - 8) / 2, lines, step=step, align="right", colour=theme.MUTED)
        for row, value in enumerate(frame[field]):
            text = table.number(value * 100, 1, signed=True).replace("-", "−")
            sheet.word(edge, top + ROW * (row + 0.5), text, align="right")
    for row, (name, basket, score) in enumerate(zip(names, frame["basket"], frame["score"], strict=True)):
        y = top + ROW * (row + 0.5)
        sheet.word(0, y, name)
        _dot(sheet, left, right, y, layout.plain(basket), float(score))
    head = layout.heading(canvas, title, subtitle, KEY)
    known = [f"{name} ({basket})" for name, basket in zip(names, frame["basket"], strict=True)]
    text = layout.description(form, title, subtitle, f"First to last: {', '.join(known)}")
    bottom = canvas.pick(48, 62)
    return table.finished(canvas, sheet, height + bottom, head=head, text=text)


def _frame_of(canvas: Canvas, sheet: table.Sheet, left: float, right: float, top: float, height: float) -> None:
    """Lines at both ends of the score and at its middle, and the axis below."""
    for share in (0, MIDDLE, 1):
        x = left + share * (right - left)
        sheet.rule((x, top), (x, height), colour=table.REFERENCE if share == MIDDLE else table.HAIRLINE)
        sheet.word(x, height + 12, f"{share:g}", align="center")
    title = canvas.pick([" ".join(AXIS)], list(AXIS))
    # on a phone the plot is narrower than its title
    x, align = canvas.pick(((left + right) / 2, "center"), (0.0, "left"))
    step = canvas.text_size + 4
    sheet.words(x, height + 22 + step * len(title) / 2, title, step=step, align=align, colour=theme.MUTED)


def _dot(sheet: table.Sheet, left: float, right: float, y: float, basket: str, score: float) -> None:
    """A mark on a stem from the middle; the basket's name across the middle from it, where there is room."""
    shape, role = _BASKETS.get(basket, _OTHER)
    tint, middle = theme.colour(role), left + MIDDLE * (right - left)
    if not math.isfinite(score):
        sheet.word(middle + 8, y, f"{basket}: {layout.NO_DATA}", colour=theme.MUTED)
        return
    x = left + min(max(score, 0.0), 1.0) * (right - left)
    sheet.rule((middle, y), (x, y), colour=tint, wide=2)
    sheet.mark(x, y, shape, size=90, fill=tint, stroke=tint)
    is_high = score >= MIDDLE
    sheet.word(middle - 9 if is_high else middle + 9, y, basket, align="right" if is_high else "left", colour=tint)
