"""Tidy frames into Altair charts, named for their form; they compute no statistic, display and save nothing."""

from helpers.note.charts.grid import performance_grid
from helpers.note.charts.levels import price_levels
from helpers.note.charts.rotation import rotation
from helpers.note.charts.strength import excess_dots, mansfield_line, ratio_line
from helpers.note.charts.volume import volume_history

__all__ = [
    "excess_dots",
    "mansfield_line",
    "performance_grid",
    "price_levels",
    "ratio_line",
    "rotation",
    "volume_history",
]
