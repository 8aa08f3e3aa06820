"""Scenarios, met against not met, side by side."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

ROW = 20
LINE = 18
GAP = 12
BAR = 11
STATES = ("met", "not")
_WORDS = {"met": "met", "not": "not met"}
_FILLS = {"met": (theme.COLOURS["first"], theme.COLOURS["first"]), "not": ("#ffffff", theme.COLOURS["first"])}
#: column -> heading by line, wide and narrow
_HEADS = {
    "mean": (["Mid minus mega, mean", "(percentage points)"], ["Mid − mega,", "mean (pts)"]),
    "trails": (["Mid trailed", "(% of windows)"], ["Mid trailed", "(%)"]),
    "drawdown": (["With a drawdown", "(% of windows)"], ["Drawdown", "(%)"]),
    "n": (["Windows", "(independent)"], ["Windows", "(indep.)"]),
}
#: column -> right end of its number, left end and right end of its bars, wide and narrow
_PLACES = {
    "mean": ((118, 126, 270), (92, 97, 142)),
    "trails": ((328, 336, 420), (178, 183, 221)),
    "drawdown": ((472, 480, 552), (254, 259, 293)),
}


@at_both_sizes
def scenario_panel(canvas: Canvas, scenarios: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Each scenario where it was met and where not: mean excess, how often mid trailed or fell, and of how many.

    Parameters
    ----------
    scenarios : DataFrame
        scenario, label, state ("met" or "not"), mean (mid minus mega, fraction), trails, drawdown (shares of
        windows), n (windows), effective_n (windows that do not overlap); text (optional) is printed under the
        scenario's name. NaN = unknown, printed as a dash.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Table of scenarios with bars"
    if layout.is_empty(scenarios, "mean", "trails", "drawdown"):
        return layout.no_data(canvas, form, title, subtitle)
    sheet = table.Sheet(canvas.width)
    head_height = _header(canvas, sheet)
    reach = float(scenarios["mean"].abs().max())
    blocks = [rows for _, rows in scenarios.groupby("scenario", sort=False)]
    is_beside = all(_fits_beside(canvas, rows) for rows in blocks)
    y = float(head_height)
    for rows in blocks:
        y = _block(canvas, sheet, rows, y, reach if reach > 0 else 1.0, is_beside=is_beside)
    head = layout.heading(canvas, title, subtitle, "Dotted line: half of the windows.")
    text = layout.description(form, title, subtitle, "; ".join(map(_told, blocks)))
    return table.finished(canvas, sheet, y - GAP + 4, head=head, text=text)


def _header(canvas: Canvas, sheet: table.Sheet) -> int:
    """Column headings; the height they take."""
    step, wide = canvas.text_size + 3, canvas.pick(0, 1)
    for column, heads in _HEADS.items():
        align, x = ("right", canvas.width) if column == "n" else ("left", _start(canvas, column))
        sheet.words(x, step, heads[wide], step=step, align=align, colour=theme.MUTED, size=canvas.pick(0, 11))
    return 2 * step + 6


def _start(canvas: Canvas, column: str) -> float:
    return _PLACES[column][canvas.pick(0, 1)][0] - canvas.pick(40, 36)


def _fits_beside(canvas: Canvas, rows: pd.DataFrame) -> bool:
    """Whether a scenario's name and what is said of it share a line."""
    size = canvas.text_size
    name = table.text_room(layout.plain(rows["label"].iloc[0], 200), size, bold=True)
    return name + table.text_room(_verdict(rows), size) + 24 <= canvas.width


def _block(canvas: Canvas, sheet: table.Sheet, rows: pd.DataFrame, y: float, reach: float, *, is_beside: bool) -> float:
    """One scenario: a line above, its name, what is said of it, a row a state; where the next one starts."""
    sheet.rule((0, y), (canvas.width, y), colour=table.HAIRLINE)
    size, verdict = canvas.text_size, _verdict(rows)
    y += 6
    for line in table.fitted(rows["label"].iloc[0], canvas.width, size, bold=True):
        sheet.word(0, y + LINE / 2, line, bold=True)
        y += LINE
    if verdict and is_beside:
        sheet.word(canvas.width, y - LINE / 2, verdict, align="right", italic=True, colour=theme.MUTED)
    elif verdict:
        for line in table.fitted(verdict, canvas.width, size):
            sheet.word(0, y + LINE / 2, line, italic=True, colour=theme.MUTED)
            y += LINE
    y += 2
    _references(canvas, sheet, y, y + ROW * len(STATES))
    for state in STATES:
        _row(canvas, sheet, rows[rows["state"].astype(str).eq(state)], state, y + ROW / 2, reach)
        y += ROW
    return y + GAP


def _row(canvas: Canvas, sheet: table.Sheet, rows: pd.DataFrame, state: str, y: float, reach: float) -> None:
    """One state of one scenario: its word, three numbers with their bars, and of how many windows."""
    row = table.records(rows)[0] if len(rows) else {}
    small = canvas.pick(0, 11)
    sheet.word(canvas.pick(14, 0), y, _WORDS[state], bold=state == "met", size=small)
    fill, stroke = _FILLS[state]
    for column, ends in _PLACES.items():
        number, left, right = ends[canvas.pick(0, 1)]
        value = _known(row.get(column))
        digits = 2 if column == "mean" else 0
        cell = table.number(None if value is None else value * 100, digits, signed=column == "mean")
        sheet.word(number, y, cell, align="right", bold=state == "met", size=small)
        if value is None:
            continue
        zero = (left + right) / 2 if column == "mean" else left
        end = zero + value / reach * (right - zero) if column == "mean" else left + min(value, 1) * (right - left)
        sheet.bar(zero, end, y, tall=BAR, fill=fill, stroke=stroke)
    sheet.word(canvas.width, y, _windows(row), align="right", size=small)


def _references(canvas: Canvas, sheet: table.Sheet, top: float, bottom: float) -> None:
    """Zero of the bars, half of the windows."""
    for column, ends in _PLACES.items():
        _, left, right = ends[canvas.pick(0, 1)]
        zero = (left + right) / 2 if column == "mean" else left
        sheet.rule((zero, top), (zero, bottom), colour=table.REFERENCE)
        if column == "trails":
            half = (left + right) / 2
            sheet.rule((half, top), (half, bottom), colour=table.REFERENCE, dash="2 3")


def _windows(row: dict[str, Any]) -> str:
    """How many windows, and how many of them do not overlap."""
    count, independent = _known(row.get("n")), _known(row.get("effective_n"))
    if not count:
        return "none" if count == 0 else "–"
    return table.number(count, 0) + (f" ({table.number(independent, 0)})" if independent is not None else "")


def _verdict(rows: pd.DataFrame) -> str:
    if "text" not in rows:
        return ""
    words = [layout.plain(text, 200) for text in rows["text"] if isinstance(text, str) and text.strip()]
    return words[0] if words else ""


def _told(rows: pd.DataFrame) -> str:
    """One scenario in words, for those who do not see the picture."""
    parts = []
    for row in table.records(rows):
        mean = _known(row.get("mean"))
        words = layout.NO_DATA if mean is None else f"{table.number(mean * 100, 2, signed=True)} points"
        parts.append(f"{_WORDS.get(str(row['state']), 'unknown')} {words}")
    return f"{layout.plain(rows['label'].iloc[0], 80)}: {', '.join(parts)}"


def _known(value: Any) -> float | None:
    """A finite number, else None."""
    return float(value) if value is not None and math.isfinite(value) else None
