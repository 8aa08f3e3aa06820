"""One look for every chart, and the two forms a chart leaves in: SVG text and a notebook's MIME bundle.

Importing this module loads neither Altair nor the SVG converter; the functions do when they need them.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from helpers.note import drawing

if TYPE_CHECKING:
    import altair as alt

AnyChart = TypeVar("AnyChart", bound="alt.TopLevelMixin")

RENDERER = "breadthbook"
#: name under which a chart keeps its form for a phone
NARROW = "narrow"
#: where a chart says that there is nothing to draw
BLANK = "blank"
VEGALITE_MIME = "application/vnd.vegalite.v6+json"
SVG_MIME = "image/svg+xml"

FONT = "Helvetica Neue, Arial, sans-serif"
#: every chart is this many pixels wide, so that text keeps one size from chart to chart
WIDTH = 640
TEXT_SIZE = 13
TITLE_SIZE = 17

INK = "#1a1a1a"
MUTED = "#595959"
SHADE = "#d3d9e0"

#: Okabe and Ito's colours, darkened until text set in them keeps a contrast of 4.5 on white
COLOURS = {
    "mid": INK,
    "first": "#0067a5",
    "second": "#b84e00",
    "third": "#007a5a",
    "fourth": "#8f4575",
    "fifth": "#6b6100",
    "level": "#0067a5",
    "warning": "#b84e00",
    "stop": "#b84e00",
    "mean": "#8f4575",
    "up": "#6aaede",
    "down": "#f0a04b",
    "flat": "#f4f4f4",
    "muted": MUTED,
}
#: the order in which stand-ins are given colour, dash and shape: three cues, so that grey print tells them apart
ROLES = ("first", "second", "third", "fourth", "fifth")
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def colour(ticker_role: str) -> str:
    """Colour of a role: "mid", "first" to "fifth" stand-in, "level", "warning", "stop", "mean", "up", "down", "muted".

    Raises
    ------
    KeyError
        For a role that has no colour; the message lists those that have.
    """
    if ticker_role not in COLOURS:
        raise KeyError(f"{ticker_role!r} has no colour; one of {', '.join(COLOURS)} is needed")
    return COLOURS[ticker_role]


def config(text_size: int = TEXT_SIZE, title_size: int = TITLE_SIZE) -> dict[str, Any]:
    """The one theme, at these sizes of letters in pixels."""
    axis: dict[str, Any] = {
        "labelFont": FONT,
        "labelFontSize": text_size,
        "labelColor": INK,
        "titleFont": FONT,
        "titleFontSize": text_size,
        "titleFontWeight": "normal",
        "titleColor": MUTED,
        "domainColor": "#8a8a8a",
        "tickColor": "#8a8a8a",
        "gridColor": "#ebebeb",
    }
    return {
        "background": "white",
        "font": FONT,
        # the description says it all at once; thousands of labelled marks help nobody who listens
        "aria": False,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "text": {"font": FONT, "fontSize": text_size, "color": INK},
        "title": {
            "anchor": "start",
            "font": FONT,
            "fontSize": title_size,
            "fontWeight": "bold",
            "color": INK,
            "lineHeight": title_size + 4,
            "subtitleFont": FONT,
            "subtitleFontSize": text_size,
            "subtitleColor": MUTED,
            "subtitleLineHeight": text_size + 4,
            "subtitlePadding": 6,
        },
        "range": {"category": [COLOURS[role] for role in ROLES]},
    }


def themed(chart: AnyChart, *, text_size: int = TEXT_SIZE, title_size: int = TITLE_SIZE) -> AnyChart:
    """The chart under the one theme; settings the chart brings along win.

    Parameters
    ----------
    chart : Altair chart of any kind
        Left as it is: a copy comes back, or the chart itself if it is themed.
    """
    own: Any = getattr(chart, "config", None)
    if not isinstance(own, dict):
        own = own.to_dict() if hasattr(own, "to_dict") else {}
    wanted = _merged(config(text_size, title_size), own)
    if wanted == own:
        return chart
    copy: AnyChart = chart.copy(deep=False)  # type: ignore[attr-defined]
    copy.config = wanted  # type: ignore[attr-defined]
    return copy


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`base` with `own` on top, block by block."""
    return base | {
        name: _merged(base[name], value) if isinstance(value, dict) and isinstance(base.get(name), dict) else value
        for name, value in own.items()
    }


def _spec(chart: Any) -> dict[str, Any]:
    """Vega-Lite of a chart, themed; a dictionary is taken to be one already."""
    if isinstance(chart, dict):
        return chart
    # its parts were held to the schema when they were made
    spec: dict[str, Any] = themed(chart).to_dict(validate=False)
    return spec


def narrow(chart: Any) -> dict[str, Any] | None:
    """Vega-Lite of the chart as drawn for a phone; None when it has no such form, or got another title since."""
    spec = _spec(chart)
    found: dict[str, Any] | None = (spec.get("usermeta") or {}).get(NARROW)
    return found if found and title_text(found) == title_text(spec) else None


def is_blank(chart: Any) -> bool:
    """Whether the chart says no more than that there is nothing to draw."""
    return bool((_spec(chart).get("usermeta") or {}).get(BLANK))


def _shown(chart: Any) -> dict[str, Any]:
    """Vega-Lite of a chart without the form it keeps for a phone."""
    spec = dict(_spec(chart))
    kept = {name: value for name, value in (spec.pop("usermeta", None) or {}).items() if name not in (NARROW, BLANK)}
    return spec | ({"usermeta": kept} if kept else {})


def title_text(chart: Any) -> str:
    """Title of a chart or of its Vega-Lite dictionary on one line; "" when it has none."""
    title = _spec(chart).get("title", "")
    lines = title.get("text", "") if isinstance(title, dict) else title
    return lines if isinstance(lines, str) else " ".join(lines)


def alt_text(chart: Any) -> str:
    """What a reader who does not see the chart is told: its description, else its title."""
    spec = _spec(chart)
    return str(spec.get("description") or title_text(spec))


def svg(chart: Any) -> str:
    """The chart as one self-contained SVG: the same chart gives the same bytes, and nothing is fetched.

    Parameters
    ----------
    chart : Altair chart or its Vega-Lite dictionary
        A chart is themed first.

    Raises
    ------
    ValueError
        The chart names data by address: only data inside the chart is drawn.
    """
    spec = _shown(chart)
    return _labelled(drawing.drawn(json.dumps(spec, sort_keys=True)), alt_text(spec))


def _labelled(drawn: str, description: str) -> str:
    """The picture as one image with a name, for screen readers."""
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)


def mime_bundle(chart: Any) -> dict[str, Any]:
    """What a notebook stores for a chart: the Vega-Lite dictionary, the SVG and the title as plain text.

    Altair's own "mimetype" renderer names a type that does not end in ``+json`` and ends a papermill run;
    its default one shows nothing without a network.
    """
    spec = _shown(chart)
    return {VEGALITE_MIME: spec, SVG_MIME: svg(spec), "text/plain": title_text(spec)}


def enable() -> None:
    """Let notebooks of this process show Altair charts as `mime_bundle` says."""
    import altair as alt

    def render(spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
        return mime_bundle(spec)

    alt.renderers.register(RENDERER, render)
    alt.renderers.enable(RENDERER)
