"""The parts of the score, each to the side that it counts for, and what they add up to."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

BAR = 13
TOTAL = "score"
TICKS = (-1.0, 0.0, 1.0)
#: widest that the words behind a part may be, on a wide canvas
MOST_WORDS = 250
NOT_COUNTED = "no weight"


@at_both_sizes
def score_components(canvas: Canvas, score: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """A bar a part from nought to its value, right for the fund and left against it; the score in black below them.

    Parameters
    ----------
    score : DataFrame
        part ("score" for the total), label, value (-1 to 1, NaN = unknown), value_text, raw_text (what is behind it;
        of the total its word), weight (0 = not counted).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Diverging bars"
    if layout.is_empty(score, "value"):
        return layout.no_data(canvas, form, title, subtitle)
    rows = sorted(table.records(score), key=_is_total)
    sheet = table.Sheet(canvas.width)
    height = canvas.pick(_wide, _narrow)(canvas, sheet, rows)
    head = layout.heading(canvas, title, subtitle)
    text = layout.description(form, title, subtitle, "; ".join(map(_told, rows)))
    return table.finished(canvas, sheet, height, head=head, text=text)


def _wide(canvas: Canvas, sheet: table.Sheet, rows: list[dict[str, Any]]) -> float:
    """Name, what is behind it, bar and value on one line."""
    size, width = canvas.text_size, canvas.width
    name_room = max(table.text_room(_name(row), size, bold=_is_total(row)) for row in rows) + 12
    behind = [table.fitted(_behind(row), MOST_WORDS, size) for row in rows]
    words_room = max((table.text_room(line, size) for lines in behind for line in lines), default=0) + 16
    left, right = name_room + words_room, width - _value_room(rows, size)
    y = _ticks(sheet, left, right, 8)
    for row, lines in zip(rows, behind, strict=True):
        y += _rule_over(sheet, row, width, y)
        tall = 12 + 15 * max(len(lines), 1)
        sheet.word(0, y + tall / 2, _name(row), bold=_is_total(row))
        sheet.words(name_room, y + tall / 2, lines, step=15, **_behind_look(row))
        _bar(sheet, row, left, right, y + tall / 2)
        sheet.word(width, y + tall / 2, _value(row), align="right", bold=_is_total(row))
        y += tall
    return y + 4


def _narrow(canvas: Canvas, sheet: table.Sheet, rows: list[dict[str, Any]]) -> float:
    """Name and what is behind it on one line, bar and value under them."""
    size, width = canvas.text_size, canvas.width
    right = width - _value_room(rows, size)
    y = _ticks(sheet, 0, right, 8) + 2
    for row in rows:
        y += _rule_over(sheet, row, width, y)
        sheet.word(0, y + 8, _name(row), bold=_is_total(row))
        room = width - table.text_room(_name(row), size, bold=True) - 10
        lines = table.fitted(_behind(row), room, size)
        for place, line in enumerate(lines):
            sheet.word(width, y + 8 + 15 * place, line, align="right", **_behind_look(row))
        y += 16 * max(len(lines), 1)
        _bar(sheet, row, 0, right, y + 9)
        sheet.word(width, y + 9, _value(row), align="right", bold=_is_total(row))
        y += 26
    return y


def _ticks(sheet: table.Sheet, left: float, right: float, y: float) -> float:
    """The ends and the middle above the bars, in words too; where the rows start."""
    for tick, words, align in zip(TICKS, ("-1 against", "0", "for 1"), ("left", "center", "right"), strict=True):
        sheet.word(_place(tick, left, right), y, words, align=align, colour=theme.MUTED)
    return y + 12


def _place(value: float, left: float, right: float) -> float:
    return left + (min(max(value, -1.0), 1.0) + 1) / 2 * (right - left)


def _rule_over(sheet: table.Sheet, row: dict[str, Any], width: float, y: float) -> float:
    """A line over the total; the room that it takes."""
    if not _is_total(row):
        return 0
    sheet.rule((0, y + 3), (width, y + 3), colour=table.REFERENCE)
    return 6


def _bar(sheet: table.Sheet, row: dict[str, Any], left: float, right: float, y: float) -> None:
    """The track, and the bar from nought; open where the part has no weight."""
    if not _is_known(row):
        sheet.bar(left, right, y, tall=BAR, fill="#f4f4f4")
        sheet.word((left + right) / 2, y, layout.NO_DATA, align="center", colour=theme.MUTED)
        return
    sheet.bar(left, right, y, tall=BAR, fill=table.TRACK)
    value = float(row["value"])
    tint = theme.INK if _is_total(row) else theme.colour("first" if value > 0 else "second")
    middle = _place(0.0, left, right)
    sheet.bar(
        middle, _place(value, left, right), y, tall=BAR, fill="#ffffff" if _is_left_out(row) else tint, stroke=tint
    )
    sheet.rule((middle, y - BAR / 2 - 3), (middle, y + BAR / 2 + 3), colour=theme.INK)


def _value_room(rows: list[dict[str, Any]], size: float) -> float:
    return max(table.text_room(_value(row), size, bold=True) for row in rows) + 12


def _is_total(row: dict[str, Any]) -> bool:
    return row.get("part") == TOTAL


def _is_known(row: dict[str, Any]) -> bool:
    value = row.get("value")
    return value is not None and math.isfinite(value)


def _is_left_out(row: dict[str, Any]) -> bool:
    return row.get("weight") == 0


def _name(row: dict[str, Any]) -> str:
    return layout.plain(row["label"])


def _behind(row: dict[str, Any]) -> str:
    """What is behind a part, and that it is not counted where it has no weight."""
    said = row.get("raw_text")
    words = said if isinstance(said, str) else ""
    return f"{words}; {NOT_COUNTED}" if words and _is_left_out(row) else words


def _behind_look(row: dict[str, Any]) -> dict[str, Any]:
    return {"bold": True} if _is_total(row) else {"colour": theme.MUTED}


def _value(row: dict[str, Any]) -> str:
    said = row.get("value_text")
    return said if isinstance(said, str) else ""


def _told(row: dict[str, Any]) -> str:
    """One row in words, for those who do not see the picture."""
    if not _is_known(row):
        return f"{_name(row)} {layout.NO_DATA}"
    return f"{_name(row)} {_value(row)} ({_behind(row)})" if _behind(row) else f"{_name(row)} {_value(row)}"
