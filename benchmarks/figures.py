"""What a benchmark finds, how it is printed, and in what environment the measured processes run."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]

# without its byte code Python would compile the whole stack at every start
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


STATUS = Path("/proc/self/status")


def peak() -> float:
    """MiB that this process had at the most; not `ru_maxrss` where there is better, which counts the parent's too."""
    if STATUS.exists():
        return int(STATUS.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 2**10
    unit = 1 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


class WrongResultError(Exception):
    """What was measured gave wrong results, so that its figures would say nothing."""


class Figure(NamedTuple):
    """One measured figure, beside what a peer needs for the same.

    Attributes
    ----------
    measure, unit : str
        What was measured, and "s" or "MiB".
    ours, peer : float
        In that unit; `peer` is None where nothing does the same.
    ratio : float, optional
        Ours over the peer's; where both ran in pairs, the median of the pairs' ratios.
    budget : float, optional
        What `budget_on` may come to: the figure itself, the ratio, or the difference from the peer.
    """

    measure: str
    ours: float
    unit: str = "s"
    peer: float | None = None
    ratio: float | None = None
    budget: float | None = None
    budget_on: Literal["figure", "ratio", "difference"] = "figure"

    @property
    def is_met(self) -> bool:
        """Whether the figure keeps its budget; one without a budget does."""
        found = {"figure": self.ours, "ratio": self.ratio or 0.0, "difference": self.ours - (self.peer or 0.0)}
        return self.budget is None or found[self.budget_on] <= self.budget

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        limits = {"figure": self._text(self.budget), "ratio": f"{self.budget} x", "difference": f"+ {self.budget} s"}
        verdict = ("", "") if self.budget is None else (limits[self.budget_on], "ok" if self.is_met else "over budget")
        return (
            self.measure,
            self._text(self.ours),
            self._text(self.peer),
            "" if self.ratio is None else f"{self.ratio:.{2 if self.ratio >= 0.1 else 3}f}",
            *verdict,
        )

    def _text(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{value:,.0f} MiB" if self.unit == "MiB" else f"{value:.3f} s" if value < 1 else f"{value:.1f} s"


def show(figures: Sequence[Figure]) -> None:
    """Print one table of all figures."""
    table = Table("measure", title="Benchmarks")
    for name in ("figure", "peer", "ratio", "budget"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for figure in figures:
        table.add_row(*figure.cells)
    Console(width=110).print(table)
