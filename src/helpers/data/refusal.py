"""What keeps a note from being written: prices that cannot be, a fund that is not held, a tape that does not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.core.blocks import Tape
from helpers.core.errors import UnavailableDataError, UnfitDataError
from helpers.data import sources
from helpers.data.bars import PRICES
from helpers.data.checks import YIELDS
from helpers.data.snapshot import Snapshot

#: share by which a tape's prior close may differ from the last close held; more is a split or another fund
PRIOR_CLOSE_TOLERANCE = 0.005


def of_prices(history: sources.RawHistory, symbol: str, opened: Sequence[sources.PriceSource]) -> None:
    """A price of zero or less is unfit, except in a yield."""
    if symbol in YIELDS:
        return
    for column in (*PRICES, "adj_close"):
        bad = history.bars[history.bars[column] <= 0] if column in history.bars else history.bars.iloc[:0]
        if bad.empty:
            continue
        day = pd.Timestamp(bad["date"].iloc[0])
        origin = opened[history.meta["adj_close" if column == "adj_close" else "tape"]]
        locate = getattr(origin, "locate", None)
        where = locate(symbol, day) if locate else origin.name
        found = float(bad[column].iloc[0])
        raise UnfitDataError(
            f"{where}: {symbol} {day.date()}: `{column}` is {found:g}, a price above zero needed; correct the row",
            symbol=symbol,
            date=str(day.date()),
            column=column,
        )


def of_mid(snapshot: Snapshot, mid: str, cause: str) -> None:
    """The fund must be held, clean, and up to the day that the snapshot reads."""
    row = snapshot.status(mid)
    if row.status == "missing":
        raise not_held(mid, snapshot.source, snapshot.bars_to, cause)
    if row.status == "quarantined":
        raise UnfitDataError(
            f"{mid}: in quarantine ({row.detail}); clean prices are needed for the fund the note is about; "
            f"correct {row.source}",
            symbol=mid,
        )
    if not row.tape_last:
        raise UnavailableDataError(
            f"{mid}: only an adjusted close found in {row.source}; levels need its close; add a source that has it",
            symbol=mid,
        )
    if row.tape_last < snapshot.bars_to:
        raise UnavailableDataError(
            f"{mid}: bars end {row.tape_last}, {snapshot.bars_to} needed; "
            + (cause or f"update {row.source} or set as_of to {row.tape_last}"),
            symbol=mid,
            found=row.tape_last,
            needed=snapshot.bars_to,
        )


def of_tape(snapshot: Snapshot, mid: str, tape: Tape) -> None:
    """The tape must start from the last close held."""
    if tape.prior_close is None:
        return
    held = float(snapshot.wide("close", "tape", [mid])[mid].iloc[-1])
    if abs(tape.prior_close / held - 1) > PRIOR_CLOSE_TOLERANCE:
        raise UnfitDataError(
            f"{mid}: tape.prior_close is {tape.prior_close:g}, the close held of {snapshot.bars_to} is {held:g}; "
            "the two must agree within 0.5 %: check for a split, another fund or a typing error",
            found=tape.prior_close,
            needed=held,
        )


def not_held(mid: str, source: str, day: str, cause: str = "") -> UnavailableDataError:
    """The fund is held by no source; `cause` is what a provider that was asked said."""
    return UnavailableDataError(
        cause
        or f"{mid}: no close up to {day} in {source}; name a source that holds it (--source PATH) or another `mid`",
        symbol=mid,
        needed=day,
    )
