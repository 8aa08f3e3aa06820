"""Triggers against their thresholds, and what is due."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import NARROW, Canvas, at_both_sizes

BAR = 12
#: left ends of the columns (values: right end), and the ends of the bar
WIDE_LABEL, WIDE_VALUE, WIDE_LEFT, WIDE_RIGHT, WIDE_THRESHOLD = 92, 372, 384, 516, 536
NARROW_VALUE, NARROW_LEFT, NARROW_RIGHT, NARROW_THRESHOLD, NARROW_STATE = 92, 102, 246, 264, 284
#: the bars run a little past the threshold, so that one well beyond it is seen to be
REACH = 1.25
MOST_DUE = 14
NOTHING_DUE = "No dated event is known."
#: state -> shape, colour, whether the mark is filled
_STATES = {
    "met": ("triangle-up", theme.COLOURS["warning"], True),
    "near": ("diamond", theme.COLOURS["fifth"], True),
    "not met": ("circle", theme.COLOURS["first"], False),
    "unknown": ("cross", theme.COLOURS["muted"], False),
}


@at_both_sizes
def trigger_board(
    canvas: Canvas, triggers: pd.DataFrame, due: pd.DataFrame, *, title: str, subtitle: str
) -> alt.LayerChart:
    """Each trigger's way to its threshold, its state as shape and word, and beneath them the dates that are due.

    Parameters
    ----------
    triggers : DataFrame
        trigger, label, state (met, near, not met, unknown), value_text, threshold_text, progress (share of the
        way to the threshold, above 1 beyond it; NaN = unknown).
    due : DataFrame
        date, event, source; listed by date.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Board of triggers"
    if len(triggers) == 0 and len(due) == 0:
        return layout.no_data(canvas, form, title, subtitle)
    sheet = table.Sheet(canvas.width)
    height = _rows(canvas, sheet, triggers)
    height = _due(canvas, sheet, due, height + 16)
    told = [f"{layout.plain(row['label'], 80)}: {_state(row)}" for row in table.records(triggers)]
    head = layout.heading(canvas, title, subtitle)
    text = layout.description(form, title, subtitle, f"{'; '.join(told)}. {_due_words(due)}")
    return table.finished(canvas, sheet, height + 4, head=head, text=text)


def _state(row: dict[str, Any]) -> str:
    """The state's word; what has no known word is unknown."""
    state = str(row.get("state"))
    return state if state in _STATES else "unknown"


def _rows(canvas: Canvas, sheet: table.Sheet, triggers: pd.DataFrame) -> float:
    """A row a trigger; the height they take."""
    if len(triggers) == 0:
        sheet.word(0, 12, f"Triggers: {layout.NO_DATA}", colour=theme.MUTED)
        return 24
    draw, y = canvas.pick(_wide_row, _narrow_row), canvas.pick(_wide_head, _narrow_head)(sheet)
    for row in table.records(triggers):
        sheet.rule((0, y), (canvas.width, y), colour=table.HAIRLINE)
        y = draw(canvas, sheet, row, y)
    return y


def _wide_head(sheet: table.Sheet) -> float:
    sheet.word(0, 8, "State", colour=theme.MUTED)
    sheet.word(WIDE_LABEL, 8, "Trigger", colour=theme.MUTED)
    return _bar_head(sheet, WIDE_VALUE, WIDE_LEFT, WIDE_RIGHT)


def _narrow_head(sheet: table.Sheet) -> float:
    return _bar_head(sheet, NARROW_VALUE, NARROW_LEFT, NARROW_RIGHT)


def _bar_head(sheet: table.Sheet, value: float, left: float, right: float) -> float:
    """Headings of value, bar and threshold; where the rows start."""
    sheet.word(value, 8, "Today", align="right", colour=theme.MUTED)
    # over the line in the bars and the words beside them
    sheet.word(left + (right - left) / REACH - 3, 8, "Threshold", colour=theme.MUTED)
    return 20


def _wide_row(canvas: Canvas, sheet: table.Sheet, row: dict[str, Any], y: float) -> float:
    """State, trigger, value, bar and threshold on one line."""
    size = canvas.text_size
    value, limit = _text(row, "value_text"), _text(row, "threshold_text")
    values = table.fitted(value, 110, size, bold=True)
    label_room = (
        WIDE_VALUE - WIDE_LABEL - 16 - max((table.text_room(line, size, bold=True) for line in values), default=0)
    )
    label = table.fitted(row["label"], label_room, size, most=3)
    limits = table.fitted(limit, canvas.width - WIDE_THRESHOLD, size)
    tall = 16 + 16 * max(len(label), len(values), len(limits), 1)
    middle = y + tall / 2
    _state_mark(sheet, row, 7, middle)
    sheet.words(WIDE_LABEL, middle, label, step=16)
    sheet.words(WIDE_VALUE, middle, values, step=16, align="right", bold=True)
    _bar(sheet, row, WIDE_LEFT, WIDE_RIGHT, middle)
    sheet.words(WIDE_THRESHOLD, middle, limits, step=16)
    return y + tall


def _narrow_row(canvas: Canvas, sheet: table.Sheet, row: dict[str, Any], y: float) -> float:
    """Trigger and state on one line; value, bar and threshold on the next."""
    size, width = canvas.text_size, canvas.width
    label = table.fitted(row["label"], NARROW_STATE - 14, size, bold=True, most=3)
    y += 6
    _state_mark(sheet, row, NARROW_STATE, y + 9)
    for line in label or [""]:
        sheet.word(0, y + 9, line, bold=True)
        y += 17
    values = table.fitted(_text(row, "value_text"), NARROW_VALUE, size)
    limits = table.fitted(_text(row, "threshold_text"), width - NARROW_THRESHOLD, size)
    tall = 8 + 15 * max(len(values), len(limits), 1)
    middle = y + tall / 2
    sheet.words(NARROW_VALUE, middle, values, step=15, align="right")
    _bar(sheet, row, NARROW_LEFT, NARROW_RIGHT, middle)
    sheet.words(NARROW_THRESHOLD, middle, limits, step=15)
    return y + tall + 6


def _state_mark(sheet: table.Sheet, row: dict[str, Any], x: float, y: float) -> None:
    """The state as shape and word."""
    state = _state(row)
    shape, colour, is_filled = _STATES[state]
    sheet.mark(x, y, shape, size=80, fill=colour if is_filled else "#ffffff", stroke=colour)
    sheet.word(x + 13, y, state, bold=True, colour=colour)


def _bar(sheet: table.Sheet, row: dict[str, Any], left: float, right: float, y: float) -> None:
    """The way to the threshold: a track, what is done of it, the threshold as a line."""
    progress, at_threshold = row.get("progress"), left + (right - left) / REACH
    if progress is None or not math.isfinite(progress):
        sheet.word((left + right) / 2, y, layout.NO_DATA, align="center", colour=theme.MUTED)
        return
    _, colour, _ = _STATES[_state(row)]
    sheet.bar(left, right, y, tall=BAR, fill=table.TRACK)
    done = left + min(max(float(progress), 0.0), REACH) / REACH * (right - left)
    if done > left:
        sheet.bar(left, done, y, tall=BAR, fill=colour)
    if progress > REACH:
        sheet.mark(right + 5, y, "triangle-right", size=150, fill=colour, stroke=colour)
    sheet.rule((at_threshold, y - 10), (at_threshold, y + 10), colour=theme.INK, wide=2)


def _text(row: dict[str, Any], name: str) -> str:
    """What is printed of a row; that there is no data is said in the bar's place already."""
    text = row.get(name)
    return text if isinstance(text, str) and text != layout.NO_DATA else ""


def _due(canvas: Canvas, sheet: table.Sheet, due: pd.DataFrame, y: float) -> float:
    """The dates that are due, one under another; the height reached."""
    size, width = canvas.text_size, canvas.width
    sheet.rule((0, y), (width, y), colour=table.REFERENCE)
    sheet.word(0, y + 16, "What is due", bold=True)
    y += 30
    known = _dated(due)
    if known.empty:
        sheet.word(0, y + 8, NOTHING_DUE, colour=theme.MUTED)
        return y + 18
    column = canvas.pick(92, 86)
    for row in table.records(known.head(MOST_DUE)):
        source = table.fitted(_text(row, "source"), canvas.pick(190, width - column), size, most=1)
        source_room = max((table.text_room(line, size) for line in source), default=0)
        event = str(row["event"])
        lines = table.fitted(event[:1].upper() + event[1:], width - column - canvas.pick(source_room + 14, 0), size)
        sheet.word(0, y + 8, f"{row['date'].day} {row['date']:%b %Y}")
        if canvas is not NARROW:
            sheet.words(width, y + 8, source, step=16, align="right", colour=theme.MUTED)
        for line in lines or [""]:
            sheet.word(column, y + 8, line)
            y += 18
        if canvas is NARROW:
            sheet.words(column, y + 6, source, step=14, colour=theme.MUTED, size=11)
            y += 17 * len(source)
        y += canvas.pick(2, 5)
    if len(known) > MOST_DUE:
        sheet.word(column, y + 8, f"and {len(known) - MOST_DUE} more", colour=theme.MUTED)
        y += 20
    return y


def _dated(due: pd.DataFrame) -> pd.DataFrame:
    if len(due) == 0:
        return due
    return due[due["date"].notna()].sort_values("date", kind="stable")


def _due_words(due: pd.DataFrame) -> str:
    known = _dated(due)
    if known.empty:
        return NOTHING_DUE
    listed = (f"{layout.day_text(row['date'])}, {layout.plain(row['event'], 60)}" for row in table.records(known))
    return f"Due: {'; '.join(listed)}"
