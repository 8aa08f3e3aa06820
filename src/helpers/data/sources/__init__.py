"""Where bars come from: one protocol, and the rule by which several sources answer for one symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from helpers.core.errors import SourceNotFoundError


@dataclass(frozen=True)
class RawHistory:
    """What a source holds of one symbol.

    Attributes
    ----------
    bars : DataFrame
        ``date`` (datetime64, no zone, rising) and any of open, high, low, close, adj_close, volume, dividend, split.
        A column that is absent, or NaN in every row so far, means none stated; NaN after a stated ``dividend`` means
        unknown.
    actions : DataFrame
        ``date``, ``dividend``, ``split``: the days on which one of the two happened.
    meta : dict
        ``source`` (a label for people), ``simulated`` (bool), and what else the source tells.
    """

    bars: pd.DataFrame
    actions: pd.DataFrame
    meta: dict[str, Any] = field(default_factory=dict)


class PriceSource(Protocol):
    """Anything that can tell the daily history of a symbol."""

    @property
    def name(self) -> str:
        """A label for people, without a path."""

    @property
    def simulated(self) -> bool:
        """Whether the prices are made up."""

    def symbols(self) -> Sequence[str]:
        """The symbols it holds."""

    def history(self, symbol: str, start: str, end: str) -> RawHistory | None:
        """Bars from `start` to `end`, ISO days, both included, "" for no bound; None for a symbol it does not hold."""


def open_source(name: str) -> PriceSource:
    """The source of that name: "sample", "yahoo" (what the store holds of it), or the path of a file or folder.

    Raises
    ------
    SourceNotFoundError
        No such path.
    """
    if name == "sample":
        from helpers.data.sources.sample import SampleSource

        return SampleSource()
    if name == "yahoo":
        from helpers.data.sources.stored import StoredSource

        return StoredSource()
    from helpers.data.sources.folder import FolderSource

    if not name.strip():
        raise SourceNotFoundError("an empty source name; give a file, a folder, or `sample`", path=name)
    return FolderSource(name)


def merged(sources: Sequence[PriceSource], symbol: str, start: str, end: str) -> RawHistory | None:
    """One symbol's history out of several sources, no field of which is spliced.

    Tape fields, dividends and splits come from the first source that holds a close. The adjusted close comes from the
    first source whose own reaches `end`, else from the first that has one. `end` is the last trading day that may be
    read, so a source's later rows decide nothing.

    Returns
    -------
    RawHistory or None
        None when no source holds the symbol. ``meta`` has also ``tape`` and ``adj_close``: the position in `sources`
        of the one that answered, or None.
    """
    held = [(place, source.history(symbol, start, end)) for place, source in enumerate(sources)]
    found = {place: history for place, history in held if history is not None and len(history.bars)}
    tape = next((place for place, history in found.items() if _has(history, "close")), None)
    adjusted = [
        place
        for place, history in found.items()
        if _has(history, "adj_close") and (place == tape or not history.meta.get("is_witness"))
    ]
    reaching = [place for place in adjusted if _last(found[place], "adj_close") >= pd.Timestamp(end)]
    chosen = next(iter([*reaching, *adjusted]), None)
    if tape is None and chosen is None:
        return None
    used = [place for place in dict.fromkeys((tape, chosen)) if place is not None]
    bars = _joined(found[tape] if tape is not None else None, found[chosen] if chosen is not None else None)
    labels = [str(found[place].meta["source"]) for place in used]
    meta = {
        **found[used[0]].meta,
        "source": labels[0] if len(labels) == 1 else f"{labels[0]}, adjusted close {labels[1]}",
        "simulated": any(bool(found[place].meta.get("simulated")) for place in used),
        "tape": tape,
        "adj_close": chosen,
    }
    return RawHistory(bars=bars, actions=found[used[0]].actions, meta=meta)


def _has(history: RawHistory, column: str) -> bool:
    return column in history.bars and bool(history.bars[column].notna().any())


def _last(history: RawHistory, column: str) -> pd.Timestamp:
    rows = history.bars
    return pd.Timestamp(rows.loc[rows[column].notna(), "date"].iloc[-1])


def _joined(tape: RawHistory | None, adjusted: RawHistory | None) -> pd.DataFrame:
    """Tape fields of the one beside the adjusted close of the other, on the days of both."""
    if tape is None or adjusted is None or tape is adjusted:
        whole = tape if tape is not None else adjusted
        assert whole is not None
        return whole.bars if tape is not None else whole.bars[["date", "adj_close"]]
    left = tape.bars.drop(columns="adj_close", errors="ignore")
    return left.merge(adjusted.bars[["date", "adj_close"]], on="date", how="outer", sort=True)
