"""Expected mid minus mega over changes of rates and credit, and where it turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout, surface, table
from helpers.note.charts.canvas import Canvas, at_both_sizes

TICK_STEPS = (1, 2, 5, 10, 25, 50, 100, 250)
X_TITLE = "10-year yield, change over 21 days (bp)"
Y_TITLE = "Credit spread, change over 21 days (bp; up: wider)"
BREAKEVEN, TODAY, BEYOND = "breakeven", "today", "today, beyond the map"
#: what the map cannot show, under it: the same words on one line or on two
CAVEAT = ("A fitted plane: its axes are chosen, not where changes", "were observed, and its error is not drawn.")


@dataclass(frozen=True)
class _Plot:
    """Where changes in basis points lie on the sheet, in pixels."""

    across: tuple[float, float]
    up: tuple[float, float]
    left: float
    right: float
    top: float
    bottom: float

    def x(self, rates: float) -> float:
        share = (rates - self.across[0]) / (self.across[1] - self.across[0])
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, credit: float) -> float:
        share = (credit - self.up[0]) / (self.up[1] - self.up[0])
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)


@at_both_sizes
def breakeven_map(
    canvas: Canvas, grid: pd.DataFrame, now: pd.DataFrame, *, title: str, subtitle: str
) -> alt.LayerChart:
    """Heat map: blue and a plus where mid is expected to lead, orange and a minus where to trail, a line where neither.

    The grid's ends are chosen, and nothing in the frames tells where observations lie: a line under the map says so.

    Parameters
    ----------
    grid : DataFrame
        rates_bp, credit_bp (changes, on a regular grid), value (expected mid minus mega, fraction; NaN = unknown,
        left white).
    now : DataFrame
        rates_bp, credit_bp: today's changes, one row; where one is unknown the heading says so.
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Heat map"
    if len(grid) == 0 or any(layout.is_empty(grid, name) for name in ("rates_bp", "credit_bp", "value")):
        return layout.no_data(canvas, form, title, subtitle)
    cells = grid.dropna(subset=["rates_bp", "credit_bp"]).drop_duplicates(["rates_bp", "credit_bp"], keep="last")
    points = cells.pivot(index="credit_bp", columns="rates_bp", values="value").sort_index().sort_index(axis=1) * 100
    rates, credits = (axis.to_numpy(dtype=float) for axis in (points.columns, points.index))
    values = points.to_numpy(dtype=float)
    sheet, left, tall = table.Sheet(canvas.width), layout.axis_room(canvas), canvas.pick(340, 310)
    plot = _Plot(surface.span(rates), surface.span(credits), left, canvas.width - canvas.pick(16, 14), 26, 26 + tall)
    fine = surface.finer(rates, credits, values)
    _heat(sheet, plot, *fine)
    _axes(canvas, sheet, plot)
    contour = [
        ((plot.x(x), plot.y(y)), (plot.x(x2), plot.y(y2)))
        for (x, y), (x2, y2) in surface.zero_line(rates, credits, values)
    ]
    for start, end in contour:
        sheet.rule(start, end, colour=theme.INK, wide=2.4)
    boxes, words = _today(canvas, sheet, plot, now, contour)
    boxes += _breakeven(canvas, sheet, plot, contour, boxes)
    _numbers(canvas, sheet, plot, fine, boxes)
    if not contour:
        words.append(f"No {BREAKEVEN} within these changes.")
    key = " ".join(["Numbers: expected mid minus mega, percentage points.", *words])
    head = layout.heading(canvas, title, subtitle, key)
    detail = f"From {np.nanmin(values):+.1f} to {np.nanmax(values):+.1f} percentage points. {' '.join(words)}".rstrip()
    detail += f" {' '.join(CAVEAT)}"
    text = layout.description(form, title, subtitle, detail)
    caveat, step = canvas.pick([" ".join(CAVEAT)], list(CAVEAT)), canvas.text_size + 3
    place = plot.bottom + 46 + step * len(caveat) / 2
    sheet.words(0, place, caveat, step=step, italic=True, colour=theme.MUTED)
    return table.finished(canvas, sheet, place + step * len(caveat) / 2 + 4, head=head, text=text)


def _heat(sheet: table.Sheet, plot: _Plot, rates: np.ndarray, credits: np.ndarray, values: np.ndarray) -> None:
    """The cells, those of one shade that lie side by side as one."""
    reach = float(np.nanmax(np.abs(values))) or 1.0
    x_edges, y_edges = surface.edges(rates), surface.edges(credits)
    for row, line in enumerate(values):
        bottom, top = plot.y(y_edges[row]), plot.y(y_edges[row + 1])
        shades = [surface.shade(value / reach) for value in line]
        start = 0
        for place in range(1, len(shades) + 1):
            if place < len(shades) and shades[place] == shades[start]:
                continue
            if shades[start]:
                ends = plot.x(x_edges[start]), plot.x(x_edges[place])
                sheet.bar(*ends, (top + bottom) / 2, tall=bottom - top, fill=shades[start])
            start = place


def _axes(canvas: Canvas, sheet: table.Sheet, plot: _Plot) -> None:
    """Ticks and titles of both axes, and a line where a change is zero."""
    sheet.word(0, 8, Y_TITLE, colour=theme.MUTED)
    sheet.word((plot.left + plot.right) / 2, plot.bottom + 36, X_TITLE, align="center", colour=theme.MUTED)
    for tick in _ticks(plot.across, canvas.pick(9, 6)):
        sheet.rule((plot.x(tick), plot.bottom), (plot.x(tick), plot.bottom + 5), colour=table.REFERENCE)
        sheet.word(plot.x(tick), plot.bottom + 15, table.number(tick, 0, signed=True), align="center")
        if tick == 0:
            sheet.rule((plot.x(0), plot.top), (plot.x(0), plot.bottom), colour=table.REFERENCE, dash="2 3")
    for tick in _ticks(plot.up, 8):
        sheet.word(plot.left - 7, plot.y(tick), table.number(tick, 0, signed=True), align="right")
        sheet.rule((plot.left - 4, plot.y(tick)), (plot.left, plot.y(tick)), colour=table.REFERENCE)
        if tick == 0:
            sheet.rule((plot.left, plot.y(0)), (plot.right, plot.y(0)), colour=table.REFERENCE, dash="2 3")


def _ticks(span: tuple[float, float], most: int) -> list[float]:
    low, high = span
    step = next((step for step in TICK_STEPS if (high - low) / step <= most), (high - low) / most)
    return [place * step for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _today(
    canvas: Canvas,
    sheet: table.Sheet,
    plot: _Plot,
    now: pd.DataFrame,
    contour: Sequence[tuple[surface.Point, surface.Point]],
) -> tuple[list[labelling.Box], list[str]]:
    """Today's dot with its name: the boxes they take, and what to say where there is none."""
    row = table.records(now)[-1] if len(now) else {}
    names = {"rates_bp": "yield", "credit_bp": "credit spread"}
    known = {name: float(row[name]) for name in names if row.get(name) is not None and math.isfinite(row[name])}
    unknown = [f"today's change of the {words} is unknown" for name, words in names.items() if name not in known]
    if unknown:
        said = " and ".join(unknown)
        return [], [f"Not marked: {said}."]
    is_within = all(
        low <= known[name] <= high for name, (low, high) in (("rates_bp", plot.across), ("credit_bp", plot.up))
    )
    spot, word = (plot.x(known["rates_bp"]), plot.y(known["credit_bp"])), TODAY if is_within else BEYOND
    sheet.mark(*spot, "circle" if is_within else "diamond", size=150, fill=theme.INK, stroke="#ffffff")
    crossed = [(x - 4, y - 4, x + 4, y + 4) for line in contour for x, y in line]
    inner = (spot[0] - plot.left, spot[1] - plot.top)
    clear = [(x - plot.left, y - plot.top, x2 - plot.left, y2 - plot.top) for x, y, x2, y2 in crossed]
    size = {"width": plot.right - plot.left, "height": plot.bottom - plot.top, "size": canvas.text_size}
    ((x, y, align),) = labelling.beside([inner], [word], avoid=clear, **size)
    x, y = x + plot.left, y + plot.top
    sheet.word(x, y, word, align=align, bold=True, halo=True)
    said = f"Today: yield {known['rates_bp']:+.0f} bp, credit {known['credit_bp']:+.0f} bp."
    return [_box(x, y, word, canvas, align), (spot[0] - 8, spot[1] - 8, spot[0] + 8, spot[1] + 8)], [said]


def _breakeven(
    canvas: Canvas,
    sheet: table.Sheet,
    plot: _Plot,
    contour: Sequence[tuple[surface.Point, surface.Point]],
    boxes: Sequence[labelling.Box],
) -> list[labelling.Box]:
    """The line's name, on it, where it is furthest from today and from the edges."""
    if not contour:
        return []
    room = table.text_room(BREAKEVEN, canvas.text_size, bold=True) / 2 + 4

    def clearance(spot: surface.Point) -> float:
        edges = min(
            spot[0] - plot.left - room, plot.right - room - spot[0], spot[1] - plot.top - 9, plot.bottom - 9 - spot[1]
        )
        others = [math.hypot(spot[0] - (box[0] + box[2]) / 2, spot[1] - (box[1] + box[3]) / 2) for box in boxes]
        return min(0.0, edges) * 100 + min([*others, 120.0])

    middles = [((x + x2) / 2, (y + y2) / 2) for (x, y), (x2, y2) in contour]
    x, y = max(middles, key=clearance)
    x = min(max(x, plot.left + room), plot.right - room)
    sheet.word(x, y, BREAKEVEN, align="center", bold=True, halo=True)
    return [
        _box(x, y, BREAKEVEN, canvas, "center"),
        *((a - 3, b - 3, a + 3, b + 3) for line in contour for a, b in line),
    ]


def _box(x: float, y: float, word: str, canvas: Canvas, align: str) -> labelling.Box:
    room = table.text_room(word, canvas.text_size, bold=True)
    left = {"left": x, "right": x - room, "center": x - room / 2}[align]
    return left - 3, y - 10, left + room + 3, y + 10


def _numbers(
    canvas: Canvas,
    sheet: table.Sheet,
    plot: _Plot,
    grid: tuple[np.ndarray, np.ndarray, np.ndarray],
    boxes: Sequence[labelling.Box],
) -> None:
    """Some values, evenly over the map, where they touch neither a name nor the line."""
    rates, credits, values = grid
    digits = 1 if float(np.nanmax(np.abs(values))) >= 1 else 2
    across, down = [plot.x(change) for change in rates], [plot.y(change) for change in credits]
    for row in _even(down, 6, plot.y(0), 10):
        for column in _even(across, canvas.pick(6, 4), plot.x(0), 22):
            value = float(values[row, column])
            word = table.number(value, digits, signed=True)
            room = table.text_room(word, canvas.text_size) / 2 + 2
            x, y = min(max(across[column], plot.left + room), plot.right - room), down[row]
            y = min(max(y, plot.top + 9), plot.bottom - 9)
            box = (x - room, y - 9, x + room, y + 9)
            touches = any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in boxes)
            # a zero says nothing that the line does not
            if math.isfinite(value) and round(value, digits) and not touches:
                sheet.word(x, y, word, align="center")


def _even(pixels: Sequence[float], most: int, avoid: float, room: float) -> list[int]:
    """Which of the places to print at: evenly spread, not at the ends, off the line of no change."""
    count, found = len(pixels), []
    for step in range(most):
        place = int((step + 0.5) / most * count)
        while abs(pixels[place] - avoid) < room and place + 1 < count:
            place += 1
        found.append(place)
    return list(dict.fromkeys(found))
