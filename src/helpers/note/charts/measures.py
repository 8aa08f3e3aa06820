"""A strip of measures, each in its own range of five years."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import NARROW, Canvas, at_both_sizes

#: percentiles from which an end is called unusual
LOW_END, HIGH_END = 0.10, 0.90
BAR = 12
INSET = 9
TICKS = (0, 50, 100)
_ENDS = {"low": ("unusually low", "triangle-down", "second"), "high": ("unusually high", "triangle-up", "first")}


@at_both_sizes
def measure_strip(canvas: Canvas, strip: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """A row a measure: where today lies between the least (0) and the most (100) of its own five years.

    Parameters
    ----------
    strip : DataFrame
        measure, label, percentile (0 to 1, NaN = unknown), value_text (today's value with its unit).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Strip of percentiles"
    if layout.is_empty(strip, "percentile"):
        return layout.no_data(canvas, form, title, subtitle)
    rows = table.records(strip)
    sheet = table.Sheet(canvas.width)
    height = canvas.pick(_wide, _narrow)(canvas, sheet, rows)
    key = "0: lowest of its own five years; 100: highest. Dark ends: the lowest and the highest tenth."
    head = layout.heading(canvas, title, subtitle, key)
    text = layout.description(form, title, subtitle, "; ".join(map(_told, rows)))
    return table.finished(canvas, sheet, height, head=head, text=text)


def _wide(canvas: Canvas, sheet: table.Sheet, rows: list[dict[str, Any]]) -> float:
    """Label, track, value and what is unusual on one line."""
    size, width = canvas.text_size, canvas.width
    labels = [table.fitted(row["label"], 256, size) for row in rows]
    left = max(table.text_room(line, size) for lines in labels for line in lines or [""]) + 14
    values = [_value(row) for row in rows]
    ends = [_end_words(row) for row in rows]
    end_room = max(table.text_room(word, size, bold=True) for word in ends)
    value_room = min(max(table.text_room(word, size, bold=True) for word in values), 150)
    right = width - end_room - (14 if end_room else 0) - value_room - 12
    y = _ticks(canvas, sheet, left, right, 8)
    for row, label, value, end in zip(rows, labels, values, ends, strict=True):
        tall = 10 + 16 * max(len(label), 1)
        middle = y + tall / 2
        sheet.words(0, middle, label, step=16)
        _track(sheet, row, left, right, middle)
        words = table.fitted(value, value_room + 4, size, bold=True, most=1)
        sheet.words(right + 12, middle, words, step=16, bold=bool(end))
        sheet.word(width - end_room, middle, end, bold=True, colour=_colour(row))
        y += tall
    return y + 4


def _narrow(canvas: Canvas, sheet: table.Sheet, rows: list[dict[str, Any]]) -> float:
    """Label and value on one line, the track under them."""
    size, width = canvas.text_size, canvas.width
    y = _ticks(canvas, sheet, 0, width, 8) + 2
    for row in rows:
        end, value = _end_words(row), _value(row)
        said = f"{value}, {end}" if value and end else value or end
        said_lines = table.fitted(said, width * 0.6, size, bold=bool(end), most=1)
        room = max((table.text_room(line, size, bold=bool(end)) for line in said_lines), default=0)
        label = table.fitted(row["label"], width - room - 10, size)
        for place, line in enumerate(label or [""]):
            sheet.word(0, y + 8 + 15 * place, line)
        y += 15 * max(len(label), 1)
        sheet.words(width, y - 7, said_lines, step=15, align="right", bold=bool(end), colour=_colour(row))
        _track(sheet, row, 0, width, y + 9)
        y += 27
    return y


def _ticks(canvas: Canvas, sheet: table.Sheet, left: float, right: float, y: float) -> float:
    """Percentiles above the tracks; where the rows start."""
    for tick in TICKS:
        sheet.word(_place(tick / 100, left, right), y, str(tick), align="center", colour=theme.MUTED)
    if canvas is not NARROW:
        sheet.word(0, y, "Percentile", colour=theme.MUTED)
    return y + 12


def _place(percentile: float, left: float, right: float) -> float:
    return left + INSET + min(max(percentile, 0.0), 1.0) * (right - left - 2 * INSET)


def _track(sheet: table.Sheet, row: dict[str, Any], left: float, right: float, y: float) -> None:
    """The range with its ends and its middle, and today in it."""
    percentile = row["percentile"]
    if not _is_known(percentile):
        sheet.bar(left, right, y, tall=BAR, fill="#f4f4f4")
        sheet.word((left + right) / 2, y, layout.NO_DATA, align="center", colour=theme.MUTED)
        return
    low, high = (_place(end, left, right) for end in (LOW_END, HIGH_END))
    sheet.bar(left, right, y, tall=BAR, fill=table.TRACK)
    sheet.bar(left, low, y, tall=BAR, fill="#c3cad3")
    sheet.bar(high, right, y, tall=BAR, fill="#c3cad3")
    middle = _place(0.5, left, right)
    sheet.rule((middle, y - BAR / 2), (middle, y + BAR / 2), colour="#ffffff", wide=2)
    shape = _ENDS[_end(row)][1] if _end(row) else "circle"
    sheet.mark(_place(percentile, left, right), y, shape, size=120, fill=_colour(row), stroke="#ffffff")


def _is_known(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def _end(row: dict[str, Any]) -> str:
    """Which end of its range today lies at; "" for neither."""
    percentile = row["percentile"]
    if not _is_known(percentile):
        return ""
    return "low" if percentile <= LOW_END else "high" if percentile >= HIGH_END else ""


def _end_words(row: dict[str, Any]) -> str:
    return _ENDS[_end(row)][0] if _end(row) else ""


def _colour(row: dict[str, Any]) -> str:
    return theme.colour(_ENDS[_end(row)][2]) if _end(row) else theme.INK


def _value(row: dict[str, Any]) -> str:
    value = row.get("value_text")
    return value if isinstance(value, str) else ""


def _told(row: dict[str, Any]) -> str:
    """One row in words, for those who do not see the picture."""
    end, percentile = _end_words(row), row["percentile"]
    place = f"{percentile * 100:.0f} of 100" if _is_known(percentile) else layout.NO_DATA
    return f"{layout.plain(row['label'], 60)} {place}{', ' + end if end else ''}"
