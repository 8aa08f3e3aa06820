"""Pictures that read as tables: words, bars, lines and marks at pixel places on one sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd

from helpers.note import theme
from helpers.note.charts import labels as labelling
from helpers.note.charts import layout
from helpers.note.charts.canvas import Canvas

TRACK = "#e4e7eb"
HAIRLINE = "#d9d9d9"
REFERENCE = "#6e6e6e"
#: estimated width of letters that are not bold, as a share of bold ones
REGULAR_SHARE = 0.84
LONGEST_WORDS = 400
HALO: dict[str, Any] = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}


@dataclass
class Sheet:
    """Marks gathered at pixels from the top left corner; `layers` gives them as chart layers, words on top."""

    width: float
    _bars: list[dict[str, Any]] = field(default_factory=list)
    _rules: list[dict[str, Any]] = field(default_factory=list)
    _marks: list[dict[str, Any]] = field(default_factory=list)
    _words: list[dict[str, Any]] = field(default_factory=list)

    def bar(self, left: float, right: float, y: float, *, tall: float, fill: str, stroke: str = "") -> None:
        """A bar from `left` to `right`, its middle at `y`."""
        ends = {"x": _round(min(left, right)), "x2": _round(max(left, right))}
        self._bars.append(
            ends | {"y": _round(y - tall / 2), "y2": _round(y + tall / 2), "fill": fill, "stroke": stroke or fill}
        )

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], *, colour: str, wide: float = 1.0, dash: str = ""
    ) -> None:
        """A straight line; `dash` is its pattern in words, such as "2 2"."""
        (x, y), (x2, y2) = start, end
        places = {"x": _round(x), "y": _round(y), "x2": _round(x2), "y2": _round(y2)}
        self._rules.append(places | {"colour": colour, "_wide": wide, "_dash": dash})

    def mark(self, x: float, y: float, shape: str, *, size: float, fill: str, stroke: str) -> None:
        """A point of a shape; a fill other than the stroke gives an open one."""
        spot = {"x": _round(x), "y": _round(y)}
        self._marks.append(spot | {"fill": fill, "stroke": stroke, "_shape": shape, "_size": size})

    def word(
        self,
        x: float,
        y: float,
        text: object,
        *,
        align: str = "left",
        bold: bool = False,
        italic: bool = False,
        colour: str = theme.INK,
        size: float = 0,
        halo: bool = False,
    ) -> None:
        """One line of text, its middle at `y`; without a size, that of the canvas; a halo parts it from marks."""
        words = layout.plain(text, LONGEST_WORDS)
        if words:
            look = {"_align": align, "_bold": bold, "_italic": italic, "_size": size, "_halo": halo}
            self._words.append({"x": _round(x), "y": _round(y), "text": words, "colour": colour} | look)

    def words(self, x: float, y: float, lines: Sequence[str], *, step: float, **look: Any) -> None:
        """Lines of text under one another, the middle of them all at `y`."""
        for place, line in enumerate(lines):
            self.word(x, y + (place - (len(lines) - 1) / 2) * step, line, **look)

    def layers(self, height: float) -> list[alt.Chart]:
        """The sheet as layers: bars below lines below marks below words."""
        x = alt.X("x:Q", scale=alt.Scale(domain=[0, self.width], nice=False, zero=False), axis=None)
        y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)
        fill, stroke = (alt.Fill("fill:N", scale=None, legend=None), alt.Stroke("stroke:N", scale=None, legend=None))
        tint = alt.Color("colour:N", scale=None, legend=None)
        layers: list[alt.Chart] = []
        for _, bars in _alike(self._bars):
            layers.append(
                _base(bars).mark_rect().encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), fill=fill, stroke=stroke)
            )
        for look, rules in _alike(self._rules):
            dashes = [float(part) for part in look["_dash"].split()] or [1, 0]
            mark = _base(rules).mark_rule(
                strokeWidth=look["_wide"], strokeDash=dashes, strokeCap="butt" if look["_dash"] else "round"
            )
            layers.append(mark.encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=tint))
        for look, marks in _alike(self._marks):
            mark = _base(marks).mark_point(
                shape=look["_shape"], size=look["_size"], filled=True, opacity=1, strokeWidth=1.6
            )
            layers.append(mark.encode(x=x, y=y, fill=fill, stroke=stroke))
        for look, words in _alike(self._words):
            letters: dict[str, Any] = {"fontSize": look["_size"]} if look["_size"] else {}
            for edge in (HALO, {}) if look["_halo"] else ({},):
                mark = _base(words).mark_text(
                    align=look["_align"],
                    baseline="middle",
                    fontWeight="bold" if look["_bold"] else "normal",
                    fontStyle="italic" if look["_italic"] else "normal",
                    **letters,
                    **edge,
                )
                layers.append(mark.encode(x=x, y=y, text=alt.Text("text:N"), color=tint))
        return layers


def finished(canvas: Canvas, sheet: Sheet, height: float, *, head: alt.Title, text: str) -> alt.LayerChart:
    """The sheet as a chart as wide as the canvas, themed, close under its heading."""
    head["offset"] = 12
    lines = (canvas.title_size + 4) * len(head.text) + (canvas.text_size + 4) * len(head.subtitle)
    return alt.layer(  # type: ignore[return-value]
        *sheet.layers(height),
        width=sheet.width,
        height=height,
        title=head,
        description=text,
        autosize=alt.AutoSizeParams(type="none"),
        padding={"left": 0, "right": canvas.width - sheet.width, "top": lines + 24, "bottom": 8},
        config=canvas.look,
    )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def text_room(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width of words in pixels."""
    return labelling.text_width(text, size) * (1 if bold else REGULAR_SHARE)


def fitted(text: object, room: float, size: float, *, bold: bool = False, most: int = 2) -> list[str]:
    """Text on at most `most` lines no wider than `room` pixels; what does not fit ends in an ellipsis."""
    line = layout.plain(text, LONGEST_WORDS)
    letters = max(6, int(room / (4.6 * size / theme.TEXT_SIZE)))
    lines = [line] if line else []
    while max((text_room(part, size, bold=bold) for part in lines), default=0) > room or len(lines) > most:
        lines = textwrap.wrap(line, width=letters, max_lines=most, placeholder=" …", break_on_hyphens=False)
        letters -= 1
        if letters < 4:
            break
    return lines


def number(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A number as printed in a cell: a dash where it is unknown, no sign on what rounds to nothing."""
    if value is None or value != value:
        return "–"
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:+,.{digits}f}" if signed and rounded else f"{rounded:,.{digits}f}"


def _base(values: Sequence[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(
        layout.data([{name: item for name, item in row.items() if not name.startswith("_")} for row in values])
    )


def _alike(values: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Rows that share their look (the fields with an underscore), each look with its rows, in order of appearance."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in values:
        groups.setdefault(tuple(item for name, item in row.items() if name.startswith("_")), []).append(row)
    return [({name: item for name, item in rows[0].items() if name.startswith("_")}, rows) for rows in groups.values()]


def _round(value: float) -> float:
    return round(float(value), 1)
