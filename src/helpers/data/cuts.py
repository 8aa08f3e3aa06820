"""Many cuts of one snapshot: each the same as `Snapshot.cut`, made from frames that all of them share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.data import bars as tidy_bars
from helpers.data import basis, calendar, checks, coverage, panel, past_calls
from helpers.data.bars import Bools, Floats, Grid
from helpers.data.snapshot import CALENDAR_AHEAD, Snapshot

#: checks whose flag on a day rests on that day and earlier ones only
_SETTLED = ("duplicate", "order", "ohlc_order", "non_positive", "step_without_split", "spike", "stale_repeat")
SETTLED = (*_SETTLED, "adjusted_close")
LONE = ("lone_high", "lone_low")
#: rows before the last ones that decide whether these are lone
_LOOK_BACK = 2 * panel.SCALE_DAYS
_NEVER = np.iinfo(np.int64).max


class Cuts:
    """Cuts of one snapshot.

    A day's frames are the first rows of the whole ones: no value of a frame rests on later bars. Flags that do rest on
    later days (holes, prints without neighbours, days without volume) are those of the cut's own bars.

    Parameters
    ----------
    snapshot : Snapshot
        What is cut. Where its bars repeat a day, or have one on which the exchange was closed, `at` does as
        `Snapshot.cut` does.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._whole = snapshot
        bars = snapshot.bars
        self._days = snapshot.days
        days = pd.DatetimeIndex(bars["date"])
        is_sorted = bars["symbol"].is_monotonic_increasing
        self.is_shared = bool(
            len(bars) and is_sorted and not bars.duplicated(["date", "symbol"]).any() and days.isin(self._days).all()
        )
        if not self.is_shared:
            return
        grid = Grid(bars)
        self._symbols = [str(symbol) for symbol in grid.symbols]
        place = self._days.get_indexer(pd.DatetimeIndex(grid.days))
        self._field = {name: self._spread(grid.values(name), place) for name in tidy_bars.FIELDS}
        self._row = place[grid.rows]
        self._tape = ~np.isnan(self._field["close"])
        self._usable = self._tape | ~np.isnan(self._field["adj_close"])
        self._first = np.array([rows[0] for rows in _rows_of(grid.codes, self._row, len(self._symbols))])
        self._starts = np.searchsorted(grid.codes, np.arange(len(self._symbols) + 1))
        self._wide = {(name, "tape"): self._frame(matrix) for name, matrix in self._field.items()}
        index = tidy_bars.wide(bars, "close", "total_return").reindex(self._days)
        self._wide["close", "total_return"] = index
        self._bases = basis.basis_rows(bars, place)
        flags = snapshot.flags
        self._settled = flags[flags["check"].isin(SETTLED)]
        self._late = self._late_flags()
        self._outage = self._usable_before()
        self._lone = {name: self._lone_rows(name, 0, len(self._days)) for name in LONE}
        self._held = [np.flatnonzero(column) for column in self._usable.T]
        self._closes = [np.flatnonzero(column) for column in self._tape.T]

    def at(self, day: str) -> Snapshot:
        """The snapshot as if the data ended on `day`, equal to `Snapshot.cut`."""
        last = calendar.trading_day_on_or_before(day)
        until = int(self._days.searchsorted(pd.Timestamp(last), side="right"))
        whole = self._whole
        if not self.is_shared or until == 0 or pd.Timestamp(last) > self._days[-1]:
            return whole.cut(day)
        iso, days = last.isoformat(), self._days[:until]
        flags = self._flags(until)
        stamps = days.to_numpy()
        held = {
            symbol: tuple(stamps[rows[: np.searchsorted(rows, until)]] for rows in pair)
            for symbol, *pair in zip(self._symbols, self._held, self._closes, strict=True)
        }
        made_from = {symbol: rows.until(until) for symbol, rows in self._bases.items()}
        ahead = pd.Timestamp(iso) + pd.Timedelta(days=CALENDAR_AHEAD)
        made = Snapshot(
            as_of=iso,
            bars_to=iso,
            requested_as_of="",
            bars=self._bars(until),
            coverage=coverage.rows(held, flags, days, coverage.origins(whole.coverage), made_from),  # type: ignore[arg-type]
            flags=flags,
            calendar=calendar.trading_days(self._days[0], ahead),
            tape=None,
            simulated=whole.simulated,
            source=whole.source,
            background=whole.background.cut(iso),
            calls=past_calls.over_by(whole.calls, iso),
        )
        there = self._first < until
        for key, frame in self._wide.items():
            # what `wide` would make of the cut's own bars
            made._frames[key] = frame.iloc[:until, there] if not there.all() else frame.iloc[:until]
        return made

    # --- frames --------------------------------------------------------------------------------

    def _spread(self, matrix: Floats, place: np.ndarray) -> Floats:
        """A matrix over the days that have a bar as one over all trading days."""
        out = np.full((len(self._days), matrix.shape[1]), np.nan)
        out[place] = matrix
        return out

    def _frame(self, matrix: Floats) -> pd.DataFrame:
        return pd.DataFrame(matrix, index=self._days, columns=pd.Index(self._symbols, name="symbol"))

    def _bars(self, until: int) -> pd.DataFrame:
        """The rows of the first days, symbol by symbol."""
        spans = zip(self._starts[:-1], self._starts[1:], strict=True)
        kept = [np.arange(a, a + np.searchsorted(self._row[a:b], until)) for a, b in spans]
        return self._whole.bars.take(np.concatenate(kept)).reset_index(drop=True)

    # --- flags ---------------------------------------------------------------------------------

    def _flags(self, until: int) -> pd.DataFrame:
        """What `checks.flags` finds in the first days."""
        settled = self._settled[self._settled["date"].to_numpy() <= self._days[until - 1].to_numpy()]
        found = [*self._late_by(until), *self._lone_by(until)]
        if not found:
            return settled.reset_index(drop=True)
        rows = [(self._days[row], self._symbols[column], check, detail) for row, column, check, detail in found]
        late = pd.DataFrame(rows, columns=list(checks.FLAG_COLUMNS)).astype(settled.dtypes.to_dict())
        joined = pd.concat([settled, late], ignore_index=True)
        return joined.sort_values(["symbol", "date", "check"], ignore_index=True)

    def _late_flags(self) -> list[tuple[int, int, int, str, str]]:
        """Holes and days without volume: row, column, the row that has to be held for it to be one, check, detail."""
        found = []
        for held in (self._usable, self._tape):
            found += [(*cell, "hole", checks.HOLE) for cell in _between(held)]
        once: dict[tuple[int, int], int] = {}
        for row, column, needed, *_ in found:
            once[row, column] = min(needed, once.get((row, column), _NEVER))
        holes = [(row, column, needed, "hole", checks.HOLE) for (row, column), needed in once.items()]
        volume = self._wide["volume", "tape"]
        may_be = ~panel.columns(volume, lambda symbol: symbol.startswith("^"))[0]
        quiet = [cell for cell in _between(volume.to_numpy() > 0) if may_be[cell[1]] and self._tape[cell[0], cell[1]]]
        return holes + [(*cell, "zero_volume", checks.ZERO_VOLUME) for cell in quiet]

    def _late_by(self, until: int) -> Iterator[tuple[int, int, str, str]]:
        """Those of the first days, and the outages that the holes make."""
        shared: dict[int, list[int]] = {}
        for row, column, needed, check, detail in self._late:
            if needed < until:
                yield row, column, check, detail
                if check == "hole":
                    shared.setdefault(row, []).append(column)
        first, before = self._outage
        for row, columns in shared.items():
            alive = int(((first <= row) & (before[until - 1] >= row)).sum())
            if len(columns) >= checks.OUTAGE_SYMBOLS and 2 * len(columns) >= alive:
                for column in columns:
                    yield row, column, "provider_outage", checks.outage_detail(len(columns))

    def _usable_before(self) -> tuple[np.ndarray, np.ndarray]:
        """First usable row of each symbol, and the last one up to each row."""
        rows = np.where(self._usable, np.arange(len(self._days))[:, None], -1)
        first = np.where(self._usable.any(axis=0), self._usable.argmax(axis=0), _NEVER)
        return first, np.maximum.accumulate(rows, axis=0)

    def _lone_rows(self, name: str, start: int, until: int) -> list[tuple[int, int, str]]:
        """Prints that nothing near supports in rows `start` to `until`, read with no row before or after."""
        parts = (self._wide[field, "tape"].iloc[start:until] for field in ("high", "low", "close"))
        high, low, close = parts
        bad = (checks.lone_high if name == "lone_high" else checks.lone_low)(high, low, close)
        prints, closes = (high if name == "lone_high" else low).to_numpy(), close.to_numpy()
        return [
            (start + row, column, checks.lone_detail(name, float(prints[row, column]), float(closes[row, column])))
            for row, column in np.argwhere(bad.to_numpy()).tolist()
        ]

    def _lone_by(self, until: int) -> Iterator[tuple[int, int, str, str]]:
        """Those of the first days: the last ones have fewer neighbours than they will have."""
        open_from = max(0, until - panel.NEIGHBOURS)
        for name in LONE:
            settled = [cell for cell in self._lone[name] if cell[0] < open_from]
            recent = self._lone_rows(name, max(0, open_from - _LOOK_BACK), until)
            for row, column, detail in (*settled, *(cell for cell in recent if cell[0] >= open_from)):
                yield row, column, name, detail


def _rows_of(codes: np.ndarray, rows: np.ndarray, count: int) -> list[np.ndarray]:
    return [rows[codes == code] for code in range(count)]


def _between(held: Bools) -> list[tuple[int, int, int]]:
    """Row, column and the next held row of every cell that is not held between two that are."""
    rows = np.arange(len(held))[:, None]
    after = np.minimum.accumulate(np.where(held, rows, _NEVER)[::-1], axis=0)[::-1]
    started = np.logical_or.accumulate(held, axis=0)
    cells = np.argwhere(started & ~held & (after < _NEVER))
    return [(int(row), int(column), int(after[row, column])) for row, column in cells]
