"""Effects with their intervals, a row each, under one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import layout, panels, table
from helpers.note.charts.canvas import NARROW, Canvas, at_both_sizes

ROW = 19
GROUP_AIR = 9
PAIR_ROW = 28
ERA_LEFT = 66
#: points that the axis spans at least on either side of zero
REACH = 0.25
AXIS = ("After new highs less all days, mid less mega", "(percentage points)")
_ERAS = {"all": "all years", "before": "earlier era", "after": "later era"}
#: mark, size, colour and width of the whisker; the era that carries the verdict strong, the others open
_MARKS = {
    "all": ("square", 80, theme.colour("first"), theme.colour("first"), 2.2),
    "before": ("circle", 48, "white", theme.MUTED, 1.2),
    "after": ("diamond", 58, "white", theme.MUTED, 1.2),
}


@at_both_sizes
def effect_forest(canvas: Canvas, forest: pd.DataFrame, *, title: str, subtitle: str) -> alt.LayerChart:
    """Difference of means with its interval by pair, horizon and era around zero, with n and the verdict's word.

    Parameters
    ----------
    forest : DataFrame
        horizon (trading days), era (all, before, after), pair, difference, low, high (fractions; missing where
        there are too few events), n, verdict (a word, "" or missing on rows that have none).
    title, subtitle : str
        The finding in a sentence; measure, unit, period, source.
    """
    form = "Forest chart"
    if layout.is_empty(forest, "difference"):
        return layout.no_data(canvas, form, title, subtitle)
    frame = _ordered(forest)
    eras = list(dict.fromkeys(frame["era"].astype(str)))
    size = canvas.text_size
    left, right, columns = _columns(canvas, frame, has_eras=len(eras) > 1)
    numbers = (frame[["difference", "low", "high"]].to_numpy(dtype=float) * 100).ravel().tolist()
    # zero never stands at the edge, whatever is known
    domain = layout.extent(numbers, -REACH, REACH, margin=0.05)
    places, spans, bottom = _places(canvas, frame, has_eras=len(eras) > 1)
    sheet = table.Sheet(width=canvas.width)
    _axis(canvas, sheet, spans, bottom, domain, (left, right))
    edges = {name: (edge, align) for name, edge, align in columns}
    for name, (edge, align) in edges.items():
        sheet.word(edge, PAIR_ROW / 2, _HEADINGS[name], align=align, colour=theme.MUTED)
    for kind, y, row in places:
        if kind == "pair":
            lines = table.fitted(row["pair"], edges["difference"][0] - 60, size, bold=True, most=1)
            sheet.words(0, y, lines, step=0, bold=True)
        elif kind == "horizon":
            sheet.word(0, y, f"{int(row['horizon'])} days", bold=canvas is NARROW)
            if canvas is NARROW:
                sheet.word(canvas.width - 2, y, _word(row["verdict"]), align="right", bold=True)
        else:
            _effect(sheet, row, y, (left, right), domain)
            _numbers(sheet, row, y, edges)
            if len(eras) > 1:
                era = str(row["era"])
                name = _ERAS.get(era, layout.plain(era, 12))
                sheet.word(canvas.pick(ERA_LEFT, 0), y, name, colour=theme.MUTED)
    head = layout.heading(canvas, title, subtitle, _key(eras))
    text = layout.description(form, title, subtitle, _said(frame))
    return table.finished(canvas, sheet, bottom + canvas.pick(40, 54), head=head, text=text)


#: names of the columns beside the plot
_HEADINGS = {"difference": "points", "n": "events", "verdict": "verdict"}


def _ordered(forest: pd.DataFrame) -> pd.DataFrame:
    """Pairs and unknown eras as they come, horizons rising, all years before the eras."""
    pairs = {pair: place for place, pair in enumerate(forest["pair"].drop_duplicates())}
    eras = list(_ERAS)
    place = forest["era"].map(lambda era: eras.index(era) if era in eras else len(eras))
    return (
        forest.assign(_pair=forest["pair"].map(pairs), _era=place)
        .sort_values(["_pair", "horizon", "_era"], kind="stable")
        .drop(columns=["_pair", "_era"])
    )


def _columns(
    canvas: Canvas, frame: pd.DataFrame, *, has_eras: bool
) -> tuple[float, float, list[tuple[str, float, str]]]:
    """Left and right end of the plot and the columns beside it: name, edge and alignment."""
    edge = canvas.width - 2.0
    if canvas is NARROW:
        left = 78.0 if has_eras else 62.0
        return left, edge - 102, [("difference", edge - 50, "right"), ("n", edge, "right")]
    left = 150.0 if has_eras else 74.0
    words = [_word(verdict) for verdict in frame["verdict"] if _word(verdict)]
    if not words:
        return left, edge - 126, [("difference", edge - 58, "right"), ("n", edge, "right")]
    verdict = edge - max(table.text_room(word, canvas.text_size, bold=True) for word in [*words, "verdict"])
    columns = [("difference", verdict - 78, "right"), ("n", verdict - 20, "right"), ("verdict", verdict, "left")]
    return left, verdict - 136, columns


def _places(
    canvas: Canvas, frame: pd.DataFrame, *, has_eras: bool
) -> tuple[list[tuple[str, float, dict[Any, Any]]], list[tuple[float, float]], float]:
    """What stands at which height (pair, horizon or effect), first and last pixel of each pair's rows, the last."""
    places: list[tuple[str, float, dict[Any, Any]]] = []
    spans, y = [], 0.0
    for _, of_pair in frame.groupby("pair", sort=False):
        places.append(("pair", y + PAIR_ROW / 2, of_pair.iloc[0].to_dict()))
        y += PAIR_ROW
        start = y
        for _, group in of_pair.groupby("horizon", sort=True):
            rows = group.to_dict("records")
            places.append(("horizon", y + ROW / 2, rows[0]))
            # on a phone the horizon and its verdict take a line of their own
            y += canvas.pick(0, ROW)
            places += [("effect", y + ROW * (place + 0.5), row) for place, row in enumerate(rows)]
            y += ROW * len(rows) + (GROUP_AIR if has_eras or canvas is NARROW else GROUP_AIR / 2)
        spans.append((start, y - GROUP_AIR / 3))
    return places, spans, y


def _numbers(sheet: table.Sheet, row: dict[Any, Any], y: float, edges: dict[str, tuple[float, str]]) -> None:
    is_main = str(row["era"]) == "all"
    number = table.number(float(row["difference"]) * 100, 2, signed=True).replace("-", "−")
    sheet.word(edges["difference"][0], y, number, align="right", bold=is_main)
    sheet.word(edges["n"][0], y, table.number(row["n"], 0), align="right")
    if "verdict" in edges:
        sheet.word(edges["verdict"][0], y, _word(row["verdict"]), bold=is_main)


def _effect(
    sheet: table.Sheet, row: dict[Any, Any], y: float, plot: tuple[float, float], domain: tuple[float, float]
) -> None:
    shape, size, fill, stroke, wide = _MARKS.get(str(row["era"]), _MARKS["before"])
    value, low, high = (float(row[name]) * 100 for name in ("difference", "low", "high"))
    if not math.isfinite(value):
        # the verdict says why; the row stays, so that nobody takes it for left out
        sheet.word(_x(0, plot, domain) + 6, y, "no estimate", colour=theme.MUTED)
        return
    if math.isfinite(low) and math.isfinite(high):
        sheet.rule((_x(low, plot, domain), y), (_x(high, plot, domain), y), colour=stroke, wide=wide)
    sheet.mark(_x(value, plot, domain), y, shape, size=size, fill=fill, stroke=stroke)


def _x(value: float, plot: tuple[float, float], domain: tuple[float, float]) -> float:
    return plot[0] + (value - domain[0]) / (domain[1] - domain[0]) * (plot[1] - plot[0])


def _axis(
    canvas: Canvas,
    sheet: table.Sheet,
    spans: Sequence[tuple[float, float]],
    bottom: float,
    domain: tuple[float, float],
    plot: tuple[float, float],
) -> None:
    """Lines at round values through each pair's rows, zero strong, their numbers and the title below."""
    for value in panels.ticks(*domain, most=canvas.pick(7, 5)):
        x = _x(value, plot, domain)
        for start, end in spans:
            tint = table.REFERENCE if value == 0 else table.HAIRLINE
            sheet.rule((x, start), (x, end), colour=tint, wide=1.4 if value == 0 else 1)
        text = f"{value:+g}".replace("-", "−") if value else "0"
        sheet.word(x, bottom + 4, text, align="center")
    title = canvas.pick([" ".join(AXIS)], list(AXIS))
    middle = bottom + 14 + canvas.pick(9, 16)
    sheet.words(canvas.pick(plot[0], 0), middle, title, step=canvas.text_size + 3, colour=theme.MUTED)


def _word(verdict: object) -> str:
    return "" if verdict is None or verdict != verdict else layout.plain(verdict, 20)


def _key(eras: Sequence[str]) -> str:
    if len(eras) < 2:
        return "Square: difference of means; line: its interval."
    return "Square: all years; open circle: earlier era; open diamond: later era; line: interval."


def _said(frame: pd.DataFrame) -> str:
    main = frame[frame["era"].eq("all")]
    parts = [
        f"{layout.plain(row['pair'], 40)}, {int(row['horizon'])} days: {_word(row['verdict']) or layout.NO_DATA}"
        for row in main.to_dict("records")
    ]
    return "; ".join(parts)
