"""How a symbol's total return is made: from dividends, a vendor's adjusted close, or the bare close."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.data.bars import FROM_ADJUSTED, FROM_CLOSE, FROM_DIVIDENDS, FROM_NOTHING, Bools, Grid, index_of, steps_of


def total_return_basis(bars: pd.DataFrame) -> dict[str, str]:
    """How each symbol's total return is made: the weakest step that any of its days needed.

    One of "close and dividends", "vendor's adjusted close", "close, no dividends stated" and "none"
    (the index ends before the symbol's last day).
    """
    rows = basis_rows(bars, np.arange(len(bars)))
    return {symbol: found.until(len(bars)) for symbol, found in rows.items()}


class BasisRows(NamedTuple):
    """From which rows on each weakness of a symbol's total return is there: the first row, the second, and of faults.

    Faults of the first day count only while there is no other: it has no step, but it may be all there is.
    """

    first: int
    second: int
    bare: tuple[bool, int]
    adjusted: tuple[bool, int]
    unknown: int

    def until(self, row: int) -> str:
        """What the total return is made from on the rows before `row`."""
        if self.first >= row or self.unknown < row:
            return FROM_NOTHING
        is_alone = self.second >= row
        is_bare, is_adjusted = (on_first if is_alone else since < row for on_first, since in (self.bare, self.adjusted))
        return FROM_CLOSE if is_bare else FROM_ADJUSTED if is_adjusted else FROM_DIVIDENDS


def basis_rows(bars: pd.DataFrame, place: npt.NDArray[np.intp]) -> dict[str, BasisRows]:
    """`BasisRows` of each symbol; `place` has the row of each day that has a bar, in their order."""
    grid = Grid(bars)
    steps = steps_of(grid)
    value = index_of(steps)
    found = {}
    for column, symbol in enumerate(grid.symbols):
        held = np.flatnonzero(steps.usable[:, column])
        never = len(bars) + len(grid.days)

        def since(bad: Bools, rows: npt.NDArray[np.intp], never: int = never) -> int:
            at = rows[bad[rows]]
            return int(place[at[0]]) if len(at) else never

        first, second = (int(place[held[at]]) if len(held) > at else never for at in (0, 1))
        bare, adjusted = steps.from_bare_close[:, column], steps.from_adjusted[:, column]
        found[str(symbol)] = BasisRows(
            first,
            second,
            (bool(len(held) and bare[held[0]]), since(bare, held[1:])),
            (bool(len(held) and adjusted[held[0]]), since(adjusted, held[1:])),
            since(np.isnan(value[:, column]), held),
        )
    return found
