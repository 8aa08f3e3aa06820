"""What happened of what was expected: each bin of probabilities with its share, interval and count."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

ROW, HEAD = 30, 30
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
NAMES = {"live": "Made on the day", "replayed": "Replayed", "simulated": "Simulated"}
KEY = (
    "Tick: probability stated. Dot: share that happened; line: its interval, from the windows that do not overlap "
    "(apart). A good call has its tick within the line."
)


@at_both_sizes
def reliability(canvas: Canvas, reliability: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """A row per bin of probabilities: the mean stated as a tick, what happened as a dot with its interval, the count.

    Parameters
    ----------
    reliability : DataFrame
        origin (live, replayed, simulated), mean_p, share, low, high (fractions), n (calls), windows (that do not
        overlap, which the interval is of).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Dot chart"
    if layout.is_empty(reliability, "share"):
        return layout.no_data(canvas, form, title, subtitle)
    rows = table.records(reliability)
    sheet, size = table.Sheet(canvas.width), canvas.text_size
    left = table.text_room("said 100%", size) + 14
    right = canvas.width - table.text_room(max((_count(row) for row in rows), key=len), size) - 24
    y, origin = 8.0, ""
    for tick in TICKS:
        sheet.word(_place(tick, left, right), y, _percent(tick), align="center", colour=theme.MUTED)
    top = y + 10
    y += 14
    for row in rows:
        if row["origin"] != origin:
            origin = str(row["origin"])
            sheet.word(0, y + HEAD / 2, NAMES.get(origin, origin), bold=True)
            y += HEAD
        _bin(sheet, row, left, right, y + ROW / 2)
        y += ROW
    for tick in TICKS:
        place = _place(tick, left, right)
        sheet.rule((place, top), (place, y), colour=table.HAIRLINE)
    head = layout.heading(canvas, title, subtitle, KEY)
    text = layout.description(form, title, subtitle, "; ".join(map(_told, rows)))
    return table.finished(canvas, sheet, y + 4, head=head, text=text)


def _bin(sheet: table.Sheet, row: dict[str, Any], left: float, right: float, y: float) -> None:
    """One row: words, interval, tick and dot."""
    tint = theme.colour("first")
    sheet.word(0, y, f"said {_percent(row['mean_p'])}")
    low, high = (_place(float(row[name]), left, right) for name in ("low", "high"))
    sheet.rule((low, y), (high, y), colour=tint, wide=2.5)
    stated = _place(float(row["mean_p"]), left, right)
    sheet.rule((stated, y - 9), (stated, y + 9), colour=theme.INK, wide=2)
    sheet.mark(_place(float(row["share"]), left, right), y, "circle", size=70, fill=tint, stroke=tint)
    sheet.word(sheet.width, y, _count(row), align="right")


def _place(share: float, left: float, right: float) -> float:
    return left + min(max(share, 0.0), 1.0) * (right - left)


def _percent(share: float) -> str:
    return f"{table.number(100 * float(share), 0)}%"


def _count(row: dict[str, Any]) -> str:
    apart = row.get("windows")
    beside = f", {int(apart)} apart" if apart is not None and apart == apart else ""
    return f"{_percent(row['share'])} of {int(row['n'])}{beside}"


def _told(row: dict[str, Any]) -> str:
    """One row in words, for those who do not see the picture."""
    return f"{NAMES.get(row['origin'], row['origin'])}: said {_percent(row['mean_p'])}, happened {_count(row)}"
