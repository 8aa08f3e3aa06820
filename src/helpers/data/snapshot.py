"""The record a note rests on: bars cut at the last day that may be read, with their coverage, flags and calendar."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.core.blocks import Tape
from helpers.core.errors import SourceNotFoundError, UnfitDataError
from helpers.data import bars as tidy_bars
from helpers.data import calendar, checks, coverage, disk, past_calls
from helpers.data.background import Background
from helpers.data.coverage import Origin, Status

SCHEMA = 2
#: calendar days past `as_of` that the calendar shows: what falls due in six weeks, and the next quarter-end
CALENDAR_AHEAD = 130
FRAMES = ("bars", "coverage", "flags", "calendar")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything that sections may read of prices; made by `helpers.data.intake.take`, the same for the same content.

    Attributes
    ----------
    as_of : str
        ISO day the note is about.
    bars_to : str
        Last trading day whose bars are in it: the day before `as_of` when there is a tape, else `as_of`.
    requested_as_of : str
        The day asked for; empty when none was.
    bars : DataFrame
        Tidy bars (`helpers.data.bars.COLUMNS`) of the symbols the note reads.
    coverage : DataFrame
        A row of `helpers.data.coverage.Status` per symbol asked for, held or not.
    flags : DataFrame
        ``date``, ``symbol``, ``check``, ``detail`` of each doubtful row.
    calendar : DataFrame
        Trading days from the first bar to some 130 days past `as_of`, with their marks.
    tape : Tape or None
        The intraday quote, if the day is not over.
    simulated : bool
        Whether any price is made up.
    source : str
        The sources, for people.
    background : Background
        What is read beside the funds' bars: members, series, facts of the day, dated events.
    stale_since : str
        ISO day with which the bars of the fund end although `as_of` is later and over; then that day is `bars_to`.
        Empty where the bars reach the day they should.
    calls : DataFrame
        `past_calls.COLUMNS`: calls on the fund made before `as_of` whose windows were over by `bars_to`.
    """

    as_of: str
    bars_to: str
    requested_as_of: str
    bars: pd.DataFrame
    coverage: pd.DataFrame
    flags: pd.DataFrame
    calendar: pd.DataFrame
    tape: Tape | None
    simulated: bool
    source: str
    background: Background
    stale_since: str = ""
    calls: pd.DataFrame = field(default_factory=past_calls.frame)

    @property
    def day(self) -> str:
        """ISO day of the latest price: `as_of` when a tape tells it, else `bars_to`."""
        return self.as_of if self.tape else self.bars_to

    def label(self, symbol: str) -> str:
        """The symbol as a reader sees it: "IJH", or "IJH (simulated)"."""
        return f"{symbol} (simulated)" if self.simulated else symbol

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """Trading days from the first bar to `bars_to`."""
        return pd.DatetimeIndex(self.calendar.index[self.calendar.index <= pd.Timestamp(self.bars_to)])

    def wide(self, field: str, basis: tidy_bars.Basis, symbols: Sequence[str] | None = None) -> pd.DataFrame:
        """One field of trading days x `symbols` (all held when None), as `bars.wide`; NaN where not held."""
        key = (field, basis)
        if key not in self._frames:
            self._frames[key] = tidy_bars.wide(self.bars, field, basis).reindex(self.days)
        frame = self._frames[key]
        return frame.copy() if symbols is None else frame.reindex(columns=pd.Index(list(symbols), name="symbol"))

    def status(self, symbol: str) -> Status:
        """The symbol's coverage; "missing" for one that was never asked for."""
        unasked = Status(symbol, "missing", "", "not asked for", "", "", "", 0, 0, tidy_bars.FROM_NOTHING, "")
        return self._statuses.get(symbol, unasked)

    def flagged(self, symbol: str, *names: str) -> pd.DatetimeIndex:
        """Days on which one of the checks named (any check when none is) flagged the symbol."""
        found = self.flags["symbol"] == symbol
        if names:
            found &= self.flags["check"].isin(names)
        return pd.DatetimeIndex(self.flags.loc[found, "date"].drop_duplicates(), name="date")

    def cut(self, day: str | dt.date | pd.Timestamp) -> Snapshot:
        """The snapshot as if the data ended on `day` (the trading day on or before) and there were no tape.

        Coverage and flags are made anew; which source gives a symbol's adjusted close is not asked again.
        """
        last = calendar.trading_day_on_or_before(day).isoformat()
        return assembled(
            self.bars[self.bars["date"] <= pd.Timestamp(last)].reset_index(drop=True),
            coverage.origins(self.coverage),
            as_of=last,
            bars_to=last,
            simulated=self.simulated,
            source=self.source,
            background=self.background.cut(last),
            calls=past_calls.over_by(self.calls, last),
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: every value of every frame, and what is said about them."""
        total = hashlib.sha256(json.dumps(self._facts, sort_keys=True).encode())
        for name, frame in self._named:
            for column in frame.columns:
                total.update(f"{name}.{column}:{len(frame)}:".encode())
                total.update(disk.content_of(frame[column]))
        return total.hexdigest()

    def write(self, folder: str | Path) -> dict[str, str]:
        """Write the snapshot into `folder` and give each file's SHA-256; the same content gives the same bytes."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        names, written = [name for name, _ in self._named], {}
        for name, frame in self._named:
            written[f"{name}.parquet"] = disk.put(folder / f"{name}.parquet", disk.parquet_bytes(frame))
        facts = {"schema": SCHEMA, **self._facts, "frames": names, "digest": self.digest}
        text = f"{json.dumps(facts, indent=1, sort_keys=True)}\n"
        written["snapshot.json"] = disk.put(folder / "snapshot.json", text.encode())
        return written

    @classmethod
    def read(cls, folder: str | Path) -> Snapshot:
        """The snapshot that `write` put into `folder`.

        Raises
        ------
        SourceNotFoundError
            No snapshot there, or one of its files is gone.
        UnfitDataError
            A file was damaged, or changed after it was written.
        """
        folder = Path(folder)
        try:
            facts = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
            frames: dict[str, Any] = {}
            for name in facts["frames"]:
                frames[name] = disk.frame_of((folder / f"{name}.parquet").read_bytes(), f"{folder.name}/{name}.parquet")
            beside = {name: frames.pop(name) for name in facts["frames"] if name not in FRAMES}
            frames["calendar"] = frames["calendar"].set_index("date")
            frames["calls"] = beside.pop("calls", past_calls.frame())
            snapshot = cls(
                **frames,
                **{name: facts[name] for name in ("as_of", "bars_to", "requested_as_of", "simulated", "source")},
                tape=Tape(**facts["tape"]) if facts["tape"] else None,
                stale_since=facts.get("stale_since", ""),
                background=Background(**beside, **facts["background"]),
            )
        except OSError as error:
            raise SourceNotFoundError(
                f"{folder}: no snapshot ({error.strerror or 'unreadable'}); run the note again", path=str(folder)
            ) from None
        except (ValueError, KeyError) as error:
            raise UnfitDataError(f"{folder}: the snapshot is damaged ({error}); run the note again") from None
        if facts["schema"] != SCHEMA or snapshot.digest != facts["digest"]:
            raise UnfitDataError(f"{folder}: the snapshot was changed after it was taken; run the note again")
        return snapshot

    @cached_property
    def _frames(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    @cached_property
    def _statuses(self) -> dict[str, Status]:
        named = self.coverage[[name for name in Status._fields if name in self.coverage]]
        return {row[0]: Status(*row) for row in named.itertuples(index=False, name=None)}

    @property
    def _named(self) -> list[tuple[str, pd.DataFrame]]:
        """Name and rows of every frame that is written."""
        own = {**{name: getattr(self, name) for name in FRAMES}, "calendar": self.calendar.reset_index()}
        return [*own.items(), *([("calls", self.calls)] if len(self.calls) else []), *self.background.frames()]

    @property
    def _facts(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of,
            "bars_to": self.bars_to,
            "requested_as_of": self.requested_as_of,
            "tape": self.tape.model_dump() if self.tape else None,
            "simulated": self.simulated,
            "source": self.source,
            "background": self.background.stated,
            **({"stale_since": self.stale_since} if self.stale_since else {}),
        }


def assembled(
    bars: pd.DataFrame,
    origins: Sequence[Origin],
    *,
    as_of: str,
    bars_to: str,
    requested_as_of: str = "",
    tape: Tape | None = None,
    simulated: bool,
    source: str,
    background: Background | None = None,
    is_stale: bool = False,
    calls: pd.DataFrame | None = None,
) -> Snapshot:
    """A snapshot of tidy bars of the symbols in `origins`: checked, cut at `bars_to`, and with its calendar.

    With `is_stale` the bars should reach `as_of`, and the coverage says of each symbol whether its own do.
    """
    first = bars["date"].min() if len(bars) else pd.Timestamp(bars_to)
    ahead = pd.Timestamp(as_of) + pd.Timedelta(days=CALENDAR_AHEAD)
    marks = calendar.trading_days(first, ahead)
    needed = pd.DatetimeIndex(marks.index[marks.index <= pd.Timestamp(as_of if is_stale else bars_to)])
    flags = checks.flags(bars, needed)
    covered = coverage.table(bars, flags, needed, origins)
    if is_stale:
        bars = bars[bars["date"] <= pd.Timestamp(bars_to)].reset_index(drop=True)
        flags = checks.flags(bars, pd.DatetimeIndex(needed[needed <= pd.Timestamp(bars_to)]))
    return Snapshot(
        as_of=as_of,
        bars_to=bars_to,
        requested_as_of=requested_as_of,
        bars=bars,
        coverage=covered,
        flags=flags,
        calendar=marks,
        tape=tape,
        simulated=simulated,
        source=source,
        background=background or Background(bars_to),
        stale_since=bars_to if is_stale else "",
        calls=past_calls.frame() if calls is None else calls,
    )
