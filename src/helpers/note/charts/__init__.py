"""Tidy frames into Altair charts, named for their form; they compute no statistic, display and save nothing."""

from helpers.note.charts.breakeven import breakeven_map
from helpers.note.charts.conditions import breadth_conditions
from helpers.note.charts.crowding import crowding_dots
from helpers.note.charts.event_fan import event_fan
from helpers.note.charts.forest import effect_forest
from helpers.note.charts.frontier import hedge_frontier
from helpers.note.charts.grid import performance_grid
from helpers.note.charts.hedge_path import hedge_path
from helpers.note.charts.lead_lag import lead_lag_bars
from helpers.note.charts.leaders import leadership_dots
from helpers.note.charts.levels import price_levels
from helpers.note.charts.measures import measure_strip
from helpers.note.charts.members import members_means
from helpers.note.charts.month_profile import month_profile
from helpers.note.charts.reliability import reliability
from helpers.note.charts.rotation import rotation
from helpers.note.charts.scenarios import scenario_panel
from helpers.note.charts.score import score_components
from helpers.note.charts.strength import excess_dots, mansfield_line, ratio_line
from helpers.note.charts.triggers import trigger_board
from helpers.note.charts.volume import volume_history

__all__ = [
    "breadth_conditions",
    "breakeven_map",
    "crowding_dots",
    "effect_forest",
    "event_fan",
    "excess_dots",
    "hedge_frontier",
    "hedge_path",
    "lead_lag_bars",
    "leadership_dots",
    "mansfield_line",
    "measure_strip",
    "members_means",
    "month_profile",
    "performance_grid",
    "price_levels",
    "ratio_line",
    "reliability",
    "rotation",
    "scenario_panel",
    "score_components",
    "trigger_board",
    "volume_history",
]
