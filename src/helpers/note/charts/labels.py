"""Names at the marks they belong to, without overlap: places are worked out here, not left to the browser."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from helpers.note import theme
from helpers.note.charts import layout

LABEL_GAP = 17.0
#: estimated widths of letters, bold, at the theme's text size
EDGE_LETTERS = 30
CAPITAL_WIDTH = 9.0
LETTER_WIDTH = 7.2
#: what a name's place costs: a square pixel shared with a dot or a name, a pixel off the plot, a pixel of distance
TOUCH_COST = 20.0
EDGE_COST = 100.0
DISTANCE_COST = 4.0


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions moved apart as little as possible (least squares) until `gap` lies between neighbours.

    The order stays; all lie within `low` and `high`; where there is no room for `gap`, they share what there is.
    """
    count = len(positions)
    if count == 0:
        return []
    gap = min(gap, (high - low) / (count - 1)) if count > 1 else gap
    order = sorted(range(count), key=lambda place: positions[place])
    # with the gaps taken out, "apart by gap" is "not falling": pooled neighbours share their mean
    pools: list[tuple[float, int]] = []
    for step, place in enumerate(order):
        mean, size = positions[place] - step * gap, 1
        while pools and pools[-1][0] > mean:
            earlier, held = pools.pop()
            mean, size = (earlier * held + mean * size) / (held + size), held + size
        pools.append((mean, size))
    top = max(low, high - (count - 1) * gap)
    flat = [min(max(mean, low), top) for mean, size in pools for _ in range(size)]
    placed = [0.0] * count
    for step, place in enumerate(order):
        placed[place] = flat[step] + step * gap
    return placed


def edge_labels(
    labels: Sequence[Mapping[str, Any]], domain: tuple[float, float], *, width: float, height: float, y_title: alt.Y
) -> list[alt.Chart]:
    """Labels right of the plot at the height of their values, moved apart, with a leader line to each.

    Parameters
    ----------
    labels : sequence of mappings
        `label`, `value` (axis units), `colour`, `bold`.
    domain, width, height
        Axis range and plot size, pixels.
    y_title : alt.Y
        The plot's own y encoding, so that the axes merge.
    """
    known = [item for item in labels if item["value"] is not None and math.isfinite(item["value"])]
    if not known:
        return []
    low, high = domain
    pixels = [(high - item["value"]) / (high - low) * height for item in known]
    spots = spread(pixels, LABEL_GAP, 4, height - 4)
    values = [
        {
            "label": layout.plain(item["label"], EDGE_LETTERS),
            "value": round(float(item["value"]), 6),
            "spot": round(high - spot / height * (high - low), 6),
            "colour": item["colour"],
            "bold": bool(item.get("bold", False)),
        }
        for item, spot in zip(known, spots, strict=True)
    ]
    base = alt.Chart(layout.data(values))
    at_value, at_spot = layout.on(y_title)("value"), layout.on(y_title)("spot")
    tint = alt.Color("colour:N", scale=None, legend=None)
    layers = [
        base.mark_rule(strokeWidth=1, opacity=0.6).encode(
            x=alt.XValue(width + 2), x2=alt.X2Value(width + 12), y=at_value, y2=alt.Y2("spot:Q"), color=tint
        )
    ]
    for bold in (False, True):
        if any(item["bold"] is bold for item in values):
            layers.append(
                base.transform_filter(f"datum.bold === {str(bold).lower()}")
                .mark_text(align="left", baseline="middle", fontWeight="bold" if bold else "normal")
                .encode(x=alt.XValue(width + 16), y=at_spot, text=alt.Text("label:N"), color=tint)
            )
    return layers


def edge_room(names: Iterable[str], size: float) -> int:
    """Pixels that `edge_labels` of these names need right of the plot."""
    return 22 + math.ceil(max((text_width(layout.plain(name, EDGE_LETTERS), size) for name in names), default=0))


Box = tuple[float, float, float, float]


def beside(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    *,
    width: float,
    height: float,
    avoid: Sequence[Box] = (),
    size: float = theme.TEXT_SIZE,
) -> list[tuple[float, float, str]]:
    """Where to write each point's name: x, y (middle of the line) and alignment, in pixels.

    Right, left, above, below, then further out: the place is taken that costs least, where touching a dot, an
    earlier name or an edge weighs most, touching `avoid` less, and each pixel of distance a little.

    Parameters
    ----------
    points : sequence of (x, y)
        Pixels from the top left corner of the plot.
    names : sequence of str
        One a point.
    width, height : float
        Plot size in pixels.
    avoid : sequence of (left, top, right, bottom)
        Boxes to keep clear where that is cheap.
    size : float
        Of the text, pixels.
    """
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    placed: list[tuple[float, float, str]] = []
    for (x, y), name in zip(points, names, strict=True):
        choices: list[tuple[float, int, tuple[float, float, str], Box]] = []
        for place, spot in enumerate(_spots(x, y)):
            box = _box(*spot, text_width(name, size))
            cost = (
                TOUCH_COST * sum(_shared(box, other) for other in taken)
                + sum(_shared(box, other) for other in avoid)
                + EDGE_COST * _outside(box, width, height)
                + DISTANCE_COST * math.hypot(spot[0] - x, spot[1] - y)
            )
            choices.append((cost, place, spot, box))
        _, _, best, box = min(choices, key=lambda choice: choice[:2])
        taken.append(box)
        placed.append(best)
    return placed


def text_width(text: str, size: float = theme.TEXT_SIZE) -> float:
    """Estimated width of a label in pixels."""
    return sum(CAPITAL_WIDTH if letter.isupper() else LETTER_WIDTH for letter in text) * size / theme.TEXT_SIZE


def _spots(x: float, y: float) -> list[tuple[float, float, str]]:
    near = [(x + 9, y, "left"), (x - 9, y, "right"), (x, y - 15, "center"), (x, y + 15, "center")]
    for reach in (14, 24, 36, 50):
        near += [
            (x + 9 + shift, y + rise, align) if align == "left" else (x - 9 - shift, y + rise, align)
            for shift in (0, reach)
            for rise in (-reach, reach)
            for align in ("left", "right")
        ]
    return near


def _box(x: float, y: float, align: str, length: float) -> Box:
    left = {"left": x, "right": x - length, "center": x - length / 2}[align]
    return left, y - 8, left + length, y + 8


def _shared(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0


def _outside(box: Box, width: float, height: float) -> float:
    return max(0.0, -box[0]) + max(0.0, box[2] - width) + max(0.0, -box[1]) + max(0.0, box[3] - height)
