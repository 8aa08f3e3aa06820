"""A surface over a regular grid as shades and as the line where it passes zero: geometry, no statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from helpers.note import theme

#: steps of colour on either side of zero
SHADES = 4
#: rows and columns that the shades are drawn with, about
FINE = 45
Point = tuple[float, float]


def span(places: np.ndarray) -> tuple[float, float]:
    """Ends of an axis; a single place gets room on either side."""
    low, high = float(places[0]), float(places[-1])
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def edges(places: np.ndarray) -> list[float]:
    """Borders of the cells around the places; the outer ones lie at the ends of the axis."""
    low, high = span(places)
    return [low, *((places[1:] + places[:-1]) / 2).tolist(), high]


def finer(rates: np.ndarray, credits: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A coarse grid with places between its own, so that the shades follow the line; NaN stays around NaN."""
    columns, lines = (_between(places) for places in (rates, credits))
    across = np.array([np.interp(columns, rates, line) for line in values])
    return columns, lines, np.array([np.interp(lines, credits, line) for line in across.T]).T


def _between(places: np.ndarray) -> np.ndarray:
    parts = max(1, FINE // len(places)) if len(places) > 1 else 1
    between: np.ndarray = np.interp(np.arange((len(places) - 1) * parts + 1) / parts, np.arange(len(places)), places)
    return between


def shade(share: float) -> str:
    """Colour of a value as a share of the largest: grey at zero, blue above, orange below; "" where unknown."""
    if not math.isfinite(share):
        return ""
    depth = math.ceil(abs(share) * SHADES - 1e-9) / SHADES
    flat, full = theme.colour("flat"), theme.colour("up" if share > 0 else "down")
    parts = [
        round(int(flat[at : at + 2], 16) + (int(full[at : at + 2], 16) - int(flat[at : at + 2], 16)) * depth)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def zero_line(rates: np.ndarray, credits: np.ndarray, values: np.ndarray) -> Iterator[tuple[Point, Point]]:
    """Where the values pass zero: a straight piece for each square of the grid that it crosses."""
    for row in range(len(credits) - 1):
        for column in range(len(rates) - 1):
            corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            level = [float(values[corner]) for corner in corners]
            if not all(map(math.isfinite, level)):
                continue
            crossed: list[Point] = []
            for here in range(4):
                there = (here + 1) % 4
                if (level[here] >= 0) != (level[there] >= 0):
                    share = level[here] / (level[here] - level[there])
                    (row_a, column_a), (row_b, column_b) = corners[here], corners[there]
                    x = rates[column_a] + share * (rates[column_b] - rates[column_a])
                    crossed.append((float(x), float(credits[row_a] + share * (credits[row_b] - credits[row_a]))))
            yield from zip(crossed[::2], crossed[1::2], strict=True)
