"""What the charts share: headings, tidy rows, thinning, labels that do not overlap. No statistics here."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.note import theme
from helpers.note.charts.canvas import WIDE, Canvas
from helpers.note.charts.shared_rows import SharedRows

MAX_POINTS = 750
DAILY_SPAN = pd.Timedelta(days=3 * 366)
LABEL_LETTERS = 24
NO_DATA = "no data"
CANVAS_PADDING = {"left": 0, "right": 0, "top": 6, "bottom": 6}


# --- text -------------------------------------------------------------------------------------


def plain(text: object, limit: int = LABEL_LETTERS) -> str:
    """Text on one line without control characters, cut at `limit` letters."""
    line = re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]", " ", str(text))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def wrapped(text: object, letters: int, lines: int = 2) -> list[str]:
    """Text on at most `lines` lines of about `letters`; what does not fit ends in an ellipsis."""
    line = plain(text, 2000)
    if len(line) <= letters:
        return [line] if line else []
    if lines == 2 and len(line) <= 1.7 * letters:
        # two lines of like length read better than one word left over
        even = textwrap.wrap(line, width=len(line) // 2 + 12, break_on_hyphens=False)
        if len(even) == 2 and max(map(len, even)) <= letters:
            return even
    return textwrap.wrap(line, width=letters, max_lines=lines, placeholder=" …", break_on_hyphens=False)


def refitted(lines: list[str], letters: int, *, is_even: bool = False) -> list[str]:
    """The same words on as few lines as `letters` a line allow, filled or of like length."""
    if max(map(len, lines), default=0) <= letters:
        return lines
    line = " ".join(lines)
    filled = textwrap.wrap(line, width=letters, break_on_hyphens=False)
    widths = range(max(letters // 2, *map(len, line.split())), letters if is_even else 0)
    even = (textwrap.wrap(line, width=width, break_on_hyphens=False) for width in widths)
    return next((tried for tried in even if len(tried) == len(filled)), filled)


def heading(canvas: Canvas, title: str, subtitle: str, key: str = "", *, left: float = 0) -> alt.Title:
    """Title over subtitle over a line that names the marks; `left` is the space between page edge and plot."""
    letters = canvas.subtitle_letters
    return alt.Title(
        text=refitted(wrapped(title, WIDE.title_letters), canvas.title_letters, is_even=True) or [""],
        subtitle=refitted(wrapped(subtitle, WIDE.subtitle_letters, 3), letters)
        + refitted(wrapped(key, WIDE.subtitle_letters, 2), letters),
        anchor="start",
        frame="group",
        dx=-left,
        offset=10,
    )


def heading_height(canvas: Canvas, head: alt.Title) -> int:
    """Pixels that `heading` needs above a plot, its offset and the axis title included."""
    return (canvas.title_size + 4) * len(head.text) + (canvas.text_size + 4) * len(head.subtitle) + canvas.pick(48, 36)


def description(form: str, title: str, subtitle: str, detail: str = "") -> str:
    """Alternative text: form, title, subtitle and what the marks show."""
    parts = (f"{form}: {plain(title, 400)}", plain(subtitle, 400), plain(detail, 600))
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def day_text(date: pd.Timestamp) -> str:
    """A date as read in a sentence."""
    return f"{date.day} {date:%B} {date.year}"


def span_text(days: pd.Series) -> str:
    """The days that are drawn, first to last."""
    return f"{day_text(days.min())} to {day_text(days.max())}" if len(days) else "no day"


# --- rows -------------------------------------------------------------------------------------


def rows(frame: pd.DataFrame, columns: Sequence[str], digits: int = 4) -> list[dict[str, Any]]:
    """Rows as plain JSON values: dates as ISO text, numbers rounded, what is unknown as None."""
    return [
        {name: _plain_value(value, digits) for name, value in zip(columns, row, strict=True)}
        for row in frame[list(columns)].itertuples(index=False, name=None)
    ]


def _plain_value(value: Any, digits: int) -> Any:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, int | float | np.integer | np.floating):
        return round(float(value), digits) if math.isfinite(value) else None
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d")
    return plain(value)


def data(values: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Rows inside the chart, whatever data transformer or row limit the notebook has set."""
    return SharedRows(values=list(values))


def is_empty(frame: pd.DataFrame, *columns: str) -> bool:
    """Whether there is nothing to draw: no rows, or no number in any of the columns."""
    return bool(len(frame) == 0 or not np.isfinite(frame[list(columns)].to_numpy(dtype=float, na_value=np.nan)).any())


def flags(frame: pd.DataFrame, column: str) -> pd.Series:
    """A yes/no column, no where it is missing."""
    if column not in frame:
        return pd.Series(False, index=frame.index)
    return frame[column].eq(True)


def thinned(frame: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """The last row of each week where a line is longer than three years or 750 points, else all rows.

    Parameters
    ----------
    frame : DataFrame
        With a column `date`, rising within each line.
    by : str, optional
        Column that tells the lines apart.
    """
    if len(frame) == 0:
        return frame
    longest = len(frame) if by is None else int(frame[by].value_counts().max())
    if longest <= MAX_POINTS and frame["date"].max() - frame["date"].min() <= DAILY_SPAN:
        return frame
    lines = [] if by is None else [frame[by]]
    for span in ("W", "M", "Q"):
        kept = frame.groupby([*lines, frame["date"].dt.to_period(span)], sort=False).tail(1)
        if len(kept) <= MAX_POINTS or (by is not None and int(kept[by].value_counts().max()) <= MAX_POINTS):
            break
    return kept


# --- scales -----------------------------------------------------------------------------------


def extent(values: Sequence[float], *include: float, margin: float = 0.06) -> tuple[float, float]:
    """Lowest and highest finite value with `margin` of the range on either side; never of zero length."""
    finite = [float(value) for value in (*values, *include) if value is not None and math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    room = (high - low) * margin or abs(high) * 0.02 or 1.0
    return round(low - room, 6), round(high + room, 6)


def date_x(first: pd.Timestamp, last: pd.Timestamp, field: str = "date", *, most: int = 8) -> alt.X:
    """Date axis of about `most` steps: months, the year under January and the first; the same in every time zone."""
    months = max(1, (last.year - first.year) * 12 + last.month - first.month)
    step = next((step for step in (1, 2, 3, 6, 12, 24, 36, 60) if months / step <= most), 120)
    year = "utcmonth(datum.value) == 0 || datum.index == 0"
    label = f"[utcFormat(datum.value, '%b'), {year} ? utcFormat(datum.value, '%Y') : '']"
    if step >= 12:
        label = "utcFormat(datum.value, '%Y')"
    ticks: Any = {"interval": "month", "step": step} if step < 12 else {"interval": "year", "step": step // 12}
    if months <= 1:
        ticks, label = 6, "utcFormat(datum.value, '%-d %b')"
    return alt.X(
        f"{field}:T",
        scale=alt.Scale(type="utc", domain=[f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"], nice=False),
        axis=alt.Axis(title=None, tickCount=ticks, labelExpr=label, labelOverlap=True),
    )


def axis_room(canvas: Canvas) -> int:
    """Pixels left of a plot for the labels of a number axis."""
    return canvas.pick(46, 38)


def number_y(
    field: str, domain: tuple[float, float], title: str | None, left: float, *, ticks: int = 6, **axis: Any
) -> alt.Y:
    """Number axis, its title lying flat above the plot at the page's left edge."""
    return alt.Y(
        f"{field}:Q",
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(
            title=title,
            titleAngle=0,
            titleAlign="left",
            titleBaseline="bottom",
            titleX=-left,
            titleY=-8,
            tickCount=ticks,
            **axis,
        ),
    )


def on(axis: Any) -> Callable[[str], Any]:
    """Return the axis for any field: the axes of the layers then merge into one."""

    def encoded(field: str) -> Any:
        copy = axis.copy()
        copy["shorthand"] = f"{field}:Q"
        return copy

    return encoded


# --- whole charts -----------------------------------------------------------------------------


def finished(
    canvas: Canvas,
    layers: Sequence[alt.Chart | alt.LayerChart],
    *,
    head: alt.Title,
    text: str,
    left: float,
    right: float,
    height: float,
    bottom: float = 44,
) -> alt.LayerChart:
    """Layers on a canvas of fixed size, themed, with title and alternative text."""
    return alt.layer(  # type: ignore[return-value]
        *layers,
        width=canvas.width - left - right,
        height=height,
        title=head,
        description=text,
        autosize=alt.AutoSizeParams(type="none"),
        padding={"left": left, "right": right, "top": heading_height(canvas, head), "bottom": bottom},
        config=canvas.look,
    )


def no_data(canvas: Canvas, form: str, title: str, subtitle: str) -> alt.LayerChart:
    """A small picture that says there is nothing to draw."""
    head = heading(canvas, title, subtitle)
    words = (
        alt.Chart(data([{"words": NO_DATA}]))
        .mark_text(color=theme.MUTED, fontSize=16, align="center")
        .encode(x=alt.XValue(canvas.width / 2), y=alt.YValue(40), text=alt.Text("words:N"))
    )
    text = description(form, title, subtitle, "No data")
    chart = finished(canvas, [words], head=head, text=text, left=0, right=0, height=90, bottom=8)
    chart.usermeta = {theme.BLANK: True}
    return chart
