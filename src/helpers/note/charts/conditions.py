"""The conditions of a verdict as a small board: what each says, where it stands, what it needs."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import NARROW, Canvas, at_both_sizes

AIR = 16
#: where the columns begin on a wide canvas, and what they are called
COLUMNS = ((104.0, "Condition"), (370.0, "Now"), (462.0, "Needed"))
NARROW_TEXT = 90.0
#: mark, fill and colour of a state: a filled disc, a cross, an open ring
_STATES = {
    "met": ("circle", theme.colour("first"), theme.colour("first")),
    "not met": ("M-.7,-.7L.7,.7M.7,-.7L-.7,.7", theme.colour("second"), theme.colour("second")),
    "unknown": ("circle", "white", theme.MUTED),
}


@at_both_sizes
def breadth_conditions(canvas: Canvas, conditions: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """A row a condition: whether it is met, what it says, where it stands and what it needs.

    Parameters
    ----------
    conditions : DataFrame
        condition, text (what it says), is_met (bool, missing = unknown), value_text, need_text.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Board of conditions"
    if len(conditions) == 0 or not conditions["is_met"].notna().any():
        return layout.no_data(canvas, form, title, subtitle)
    sheet = table.Sheet(width=canvas.width)
    step = canvas.text_size + 4
    y = float(step) if canvas is not NARROW else 2.0
    if canvas is not NARROW:
        for x, name in COLUMNS:
            sheet.word(x, y / 2, name, colour=theme.MUTED)
        y += 4
    rows = [_row(row) for row in conditions.to_dict("records")]
    for row in rows:
        sheet.rule((0, y), (canvas.width, y), colour=table.HAIRLINE)
        y = _drawn(canvas, sheet, row, y, step)
    head = layout.heading(canvas, title, subtitle)
    said = "; ".join(f"{row['text']}: {row['state']}" for row in rows)
    return table.finished(canvas, sheet, y, head=head, text=layout.description(form, title, subtitle, said))


def _row(row: dict[Any, Any]) -> dict[str, str]:
    met = row["is_met"]
    state = "unknown" if pd.isna(met) else ("met" if met else "not met")
    parts = {name: _text(row.get(name)) for name in ("value_text", "need_text")}
    return parts | {"state": state, "text": _text(row.get("text")) or _text(row.get("condition"))}


def _text(value: object) -> str:
    return "" if value is None or value != value else layout.plain(value, table.LONGEST_WORDS)


def _drawn(canvas: Canvas, sheet: table.Sheet, row: dict[str, str], y: float, step: float) -> float:
    """One row from `y` down; gives where the next begins."""
    now, need = row["value_text"] or layout.NO_DATA, row["need_text"] or "–"
    if canvas is NARROW:
        room = canvas.width - NARROW_TEXT - 10
        lines = table.fitted(row["text"], room, canvas.text_size, bold=True, most=3)
        below = table.fitted(f"Now: {now}. Needed: {need}", room, canvas.text_size, most=3)
        first = y + AIR / 2 + step / 2
        for place, line in enumerate([*lines, *below]):
            is_bold = place < len(lines)
            tint = theme.INK if is_bold else theme.MUTED
            sheet.word(NARROW_TEXT, first + place * step, line, bold=is_bold, colour=tint)
        height = AIR + step * (len(lines) + len(below))
        _state(sheet, row["state"], first)
        return y + height
    ends = [*(x for x, _ in COLUMNS[1:]), canvas.width + 8.0]
    cells = [
        table.fitted(text, end - x - 18, canvas.text_size, most=4)
        for (x, _), end, text in zip(COLUMNS, ends, (row["text"], now, need), strict=True)
    ]
    height = AIR + step * max(map(len, cells))
    for (x, name), lines in zip(COLUMNS, cells, strict=True):
        sheet.words(x, y + height / 2, lines, step=step, bold=name == "Now" and now != layout.NO_DATA)
    _state(sheet, row["state"], y + height / 2)
    return y + height


def _state(sheet: table.Sheet, state: str, y: float) -> None:
    shape, fill, stroke = _STATES[state]
    sheet.mark(8, y, shape, size=120, fill=fill, stroke=stroke)
    sheet.word(22, y, state, bold=True, colour=stroke)
