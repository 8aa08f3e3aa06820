"""How crowded each hedge leg is, and what that is made of."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

ROW = 50
#: lanes of a row, from its middle: the mean above, the parts below, those that would touch `APART` over one another
MEAN_LANE = -11
PARTS_LANE = 14
APART = 8
TOUCHING = 11
INSET = 10
TICKS = (0, 25, 50, 75, 100)
#: part -> words, shape, colour
_PARTS = {
    "comomentum": ("moving together", "square", "second"),
    "excess": ("excess return", "triangle-up", "third"),
    "distance": ("distance from 200-day mean", "diamond", "fourth"),
}
DOT = 520


@at_both_sizes
def crowding_dots(canvas: Canvas, crowding: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Legs by their crowding score, most crowded on top: the mean as a large dot, its three parts as small marks.

    Parameters
    ----------
    crowding : DataFrame
        leg, label, crowding (mean of the parts), comomentum, excess, distance: percentiles of their own history,
        0 to 1, NaN = unknown.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Dot chart of crowding"
    if layout.is_empty(crowding, "crowding", *_PARTS):
        return layout.no_data(canvas, form, title, subtitle)
    ranked = crowding.sort_values("crowding", ascending=False, kind="stable", na_position="last")
    rows = table.records(ranked)
    sheet, size = table.Sheet(canvas.width), canvas.text_size
    labels = [table.fitted(row["label"], canvas.pick(190, 92), size, bold=True) for row in rows]
    left = max(table.text_room(line, size, bold=True) for lines in labels for line in lines or [""]) + 8
    partial = any(0 < _count(row) < len(_PARTS) for row in rows)
    right = canvas.width - (canvas.pick(76, 42) if partial else 2)
    known = [name for name in _PARTS if not layout.is_empty(crowding, name)]
    top = _key(canvas, sheet, known)
    bottom = top + ROW * len(rows)
    for tick in TICKS:
        x = _place(tick / 100, left, right)
        sheet.rule((x, top), (x, bottom + 4), colour=table.REFERENCE if tick == 50 else table.HAIRLINE)
        sheet.word(x, bottom + 15, str(tick), align="center")
    for place in range(1, len(rows)):
        sheet.rule((0, top + ROW * place), (canvas.width, top + ROW * place), colour="#eeeeee")
    for place, (row, label) in enumerate(zip(rows, labels, strict=True)):
        _row(canvas, sheet, row, label, left, right, top + ROW * (place + 0.5))
    sheet.words(
        left + INSET,
        bottom + canvas.pick(36, 42),
        canvas.pick(
            ["Percentile of its own history (0: least, 100: most crowded)"],
            ["Percentile of its own history", "(0: least, 100: most crowded)"],
        ),
        step=size + 3,
        colour=theme.MUTED,
    )
    missing = ", ".join(words for name, (words, _, _) in _PARTS.items() if name not in known)
    head = layout.heading(canvas, title, subtitle, f"No data: {missing}." if missing else "")
    text = layout.description(form, title, subtitle, "; ".join(map(_told, rows)))
    return table.finished(canvas, sheet, bottom + canvas.pick(46, 60), head=head, text=text)


def _place(percentile: float, left: float, right: float) -> float:
    return left + INSET + min(max(percentile, 0.0), 1.0) * (right - left - 2 * INSET)


def _key(canvas: Canvas, sheet: table.Sheet, known: list[str]) -> float:
    """The marks that occur with their names, above the rows; where the rows start."""
    size, start = canvas.text_size, 9.0
    x, y = start, 10.0
    names = [("mean of its parts", "circle", theme.INK, 190)]
    names += [(words, shape, theme.colour(role), 55) for words, shape, role in map(_PARTS.__getitem__, known)]
    for words, shape, colour, area in names:
        room = table.text_room(words, size) + 34
        if x > start and x + room - 22 > canvas.width:
            x, y = start, y + 19
        sheet.mark(x, y, shape, size=area, fill=colour, stroke=colour)
        sheet.word(x + 12, y, words, colour=colour)
        x += room
    return y + 16


def _row(
    canvas: Canvas,
    sheet: table.Sheet,
    row: dict[str, Any],
    label: list[str],
    left: float,
    right: float,
    y: float,
) -> None:
    """One leg: its name, its parts on the line they span, the mean large, and the mean as a number."""
    sheet.words(0, y, label, step=15, bold=True)
    parts = {name: float(row[name]) for name in _PARTS if _is_known(row[name])}
    mean = row["crowding"]
    if not parts and not _is_known(mean):
        sheet.word(left + INSET + 5, y, layout.NO_DATA, colour=theme.MUTED)
        return
    places = {name: _place(value, left, right) for name, value in parts.items()}
    if places:
        lane = y + PARTS_LANE
        sheet.rule((min(places.values()), lane), (max(places.values()), lane), colour="#a9b1bb", wide=1.5)
    for name, shift in _shifts(places).items():
        _, shape, role = _PARTS[name]
        colour = theme.colour(role)
        sheet.mark(places[name], y + PARTS_LANE + shift, shape, size=50, fill=colour, stroke=colour)
    if _is_known(mean):
        x = _place(float(mean), left, right)
        sheet.mark(x, y + MEAN_LANE, "circle", size=DOT, fill=theme.INK, stroke="#ffffff")
        sheet.word(x, y + MEAN_LANE, f"{mean * 100:.0f}", align="center", bold=True, colour="#ffffff", size=11)
    if len(parts) < len(_PARTS):
        known = canvas.pick(f"{len(parts)} of 3 parts", f"{len(parts)} of 3")
        sheet.word(canvas.width, y, known, align="right", colour=theme.MUTED)


def _shifts(places: dict[str, float]) -> dict[str, float]:
    """Pixels down from the lane for each mark: none where it stands alone, else marks that would touch stand apart."""
    clusters: list[list[str]] = []
    for name in sorted(places, key=lambda name: places[name]):
        if clusters and places[name] - places[clusters[-1][-1]] < TOUCHING:
            clusters[-1].append(name)
        else:
            clusters.append([name])
    return {name: (place - (len(names) - 1) / 2) * APART for names in clusters for place, name in enumerate(names)}


def _count(row: dict[str, Any]) -> int:
    """How many of the parts are known."""
    return sum(_is_known(row[name]) for name in _PARTS)


def _is_known(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def _told(row: dict[str, Any]) -> str:
    mean = row["crowding"]
    return f"{layout.plain(row['label'])} {f'{mean * 100:.0f} of 100' if _is_known(mean) else layout.NO_DATA}"
