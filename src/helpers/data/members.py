"""Members of an index or fund: a plain CSV, or the holdings file of iShares as downloaded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.core.errors import MissingColumnError, UnfitDataError
from helpers.data.sources import ishares, lists
from helpers.data.sources.lists import Cells

COLUMNS = ("symbol", "name", "weight", "sector")
NAMES = {
    "symbol": ("symbol", "ticker"),
    "name": ("name", "company", "security", "company_name", "security_name"),
    "weight": ("weight", "weight_%", "weight_(%)", "weight_pct", "weight_percent", "weighting"),
    "date": ("date", "as_of", "asof", "as_of_date"),
}
SECTOR = "sector"
#: a day in the name of a file: sp400-2026-04-17.csv, sp400_20260417.csv
DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
#: weights that add up to more are percent; nothing weighs more than the whole, but for rounding
WHOLE = 1.05
WHOLE_PERCENT = 105.0


@dataclass(frozen=True)
class Members:
    """A list of members on a day.

    Attributes
    ----------
    rows : DataFrame
        ``symbol`` (as Yahoo writes it), ``name``, ``weight`` (fraction of the whole; they add up to the weight
        covered; NaN where not stated), ``sector`` (text; missing where not stated). In the order of the file.
    as_of : str
        ISO day of the list; empty when none is stated.
    source : str
        Name of the file.
    notes : tuple of str
        What a reader should know: the weight covered, equal weights, rows set aside.
    facts : dict
        Of a holdings file ``fund``, ``inception`` (ISO day), ``shares_outstanding`` (of the fund; NaN when not stated)
        and ``quantity`` (pieces held of each symbol); else empty.
    """

    rows: pd.DataFrame
    as_of: str
    source: str
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def frame(self, subject: str) -> pd.DataFrame:
        """The rows for `helpers.data.facts.Facts.record`: ``subject`` and ``date``, the list's own day, in front."""
        rows = self.rows.copy()
        rows.insert(0, "date", pd.Series(np.datetime64(self.as_of or "NaT", "s"), index=rows.index))
        rows.insert(0, "subject", subject)
        return rows


class Coverage(NamedTuple):
    """Members of which bars are held: how many `of` how many, and their `weight` of the `of_weight` listed."""

    held: int
    of: int
    weight: float
    of_weight: float
    missing: tuple[str, ...]


def coverage(members: Members, held: Iterable[str]) -> Coverage:
    """How much of a list is held; weights as fractions, ``missing`` heaviest first."""
    is_held = members.rows["symbol"].isin(list(held))
    weight = members.rows["weight"]
    missing = members.rows[~is_held].sort_values("weight", ascending=False, kind="stable")["symbol"]
    return Coverage(int(is_held.sum()), len(is_held), float(weight[is_held].sum()), float(weight.sum()), tuple(missing))


def read_members(path: str | Path, *, sector_column: str = SECTOR) -> Members:
    """The members that a file names.

    Parameters
    ----------
    path : path
        A CSV with ``symbol`` (or ticker) and, where known, weight, sector, name and date, or a holdings file of
        iShares. The day may stand in the name of the file; one in the file goes before it.
    sector_column : str
        Which column holds the sector, capitals and spaces aside.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read.
    MissingColumnError
        No column with symbols, or none of the name `sector_column`.
    UnfitDataError
        A spreadsheet, an empty file, a ticker named twice, or a cell that is no weight or day; with the line.
    """
    path = Path(path)
    lines, delimiter = lists.lines(path)
    if ishares.header_of(lines) is not None:
        found = ishares.holdings(path.name, lines)
        return _members(path, found.rows, found.as_of, found.notes, found.facts)
    if any(cells[0].startswith(ishares.DATED) for _, cells in lines[:10]):
        raise UnfitDataError(
            f"{path.name}: a holdings file without columns `Ticker` and `Asset Class`; download it in English",
            path=str(path),
        )
    return _plain(path, lines, sector_column, decimal_comma=delimiter == ";")


def _plain(path: Path, lines: list[Cells], sector_column: str, *, decimal_comma: bool) -> Members:
    header = [_name(cell) for cell in lines[0][1]]
    places = {
        what: next((header.index(name) for name in names if name in header), None) for what, names in NAMES.items()
    }
    sector = _name(sector_column)
    places["sector"] = header.index(sector) if sector in header else None
    if places["symbol"] is None or (sector != SECTOR and places["sector"] is None):
        column = "symbol" if places["symbol"] is None else sector_column
        raise MissingColumnError(
            f"{path.name}: no column `{column}`, found {', '.join(lines[0][1])}; add or rename it",
            column=column,
            path=str(path),
        )
    table = [(line, _whole(path, line, cells, len(header))) for line, cells in lines[1:]]
    columns = {
        what: [cells[place] if place is not None else "" for _, cells in table] for what, place in places.items()
    }
    at = [line for line, _ in table]
    symbols = _symbols(path, at, columns["symbol"])
    is_percent = places["weight"] is not None and any(
        mark in header[places["weight"]] for mark in ("%", "pct", "percent")
    )
    weights, notes = _weights(path, at, columns["weight"], decimal_comma, is_percent)
    alike = [cell for cell in lines[0][1] if SECTOR in cell.lower()]
    if places["sector"] is None and alike:
        notes.append(f"no sectors: columns {', '.join(alike)} found, none is named as the sector column")
    as_of = _as_of(path, at, columns["date"])
    rows = list(zip(at, symbols, columns["name"], weights, columns["sector"], strict=True))
    return _members(path, rows, as_of, notes, {})


def _name(header: str) -> str:
    return "_".join(header.strip().lower().replace("-", " ").split())


def _whole(path: Path, line: int, cells: list[str], width: int) -> list[str]:
    """The cells of a line, as many as the header has."""
    if len(cells) > width and any(cells[width:]) or len(cells) < width:
        raise UnfitDataError(
            f"{path.name}: line {line}: {len(cells)} fields found, {width} needed as in the header; correct it",
            line=line,
        )
    return cells[:width]


def _symbols(path: Path, at: list[int], cells: list[str]) -> list[str]:
    first: dict[str, int] = {}
    for line, cell in zip(at, cells, strict=True):
        symbol = lists.ticker(cell)
        if not symbol:
            raise UnfitDataError(f"{path.name}: line {line}: no symbol; name the member of the row", line=line)
        if symbol in first:
            raise UnfitDataError(
                f"{path.name}: line {line}: {symbol} stands on line {first[symbol]} already; keep one of them",
                line=line,
            )
        first[symbol] = line
    if not first:
        raise UnfitDataError(f"{path.name}: no rows below the header; write members into it", path=str(path))
    return list(first)


def _weights(
    path: Path, at: list[int], cells: list[str], decimal_comma: bool, is_percent: bool
) -> tuple[list[float], list[str]]:
    """Weights as fractions, and what to say of them."""
    numbers = []
    for line, cell in zip(at, cells, strict=True):
        try:
            weight = lists.number(cell, decimal_comma=decimal_comma)
        except ValueError:
            weight = -1.0
        if weight < 0:
            raise UnfitDataError(
                f"{path.name}: line {line}: `weight` is not a number from 0: {cell!r}; correct that cell", line=line
            )
        numbers.append(weight)
    weights = np.array(numbers)
    if np.isnan(weights).all():
        return [1 / len(weights)] * len(weights), ["no weights: every member counts the same"]
    total = float(np.nansum(weights))
    notes = [f"{int(np.isnan(weights).sum())} members without a weight"] if np.isnan(weights).any() else []
    if is_percent or any("%" in cell for cell in cells) or total > WHOLE:
        weights, total = weights / 100, total / 100
        notes.append("weights read as percent")
    if not 0 < total <= WHOLE_PERCENT / 100:
        raise UnfitDataError(
            f"{path.name}: the weights add up to {total:.4g} of the whole; correct the column `weight`"
        )
    return weights.tolist(), notes


def _as_of(path: Path, at: list[int], cells: list[str]) -> str:
    """The one day that the rows state, else that in the name of the file, else nothing."""
    days: dict[str, int] = {}
    for line, cell in zip(at, cells, strict=True):
        try:
            days.setdefault(dt.date.fromisoformat(cell[:10]).isoformat() if cell else "", line)
        except ValueError:
            raise UnfitDataError(
                f"{path.name}: line {line}: `date` is not a day: {cell!r}; write days as 2026-04-17", line=line
            ) from None
    days.pop("", None)
    if len(days) > 1:
        one, two = list(days)[:2]
        raise UnfitDataError(
            f"{path.name}: line {days[two]}: a list of {two} in a list of {one}; keep the members of one day in a file"
        )
    if days:
        return next(iter(days))
    for year, _, month, day in DAY.findall(path.stem):
        try:
            return dt.date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return ""


def _members(
    path: Path, rows: list[tuple[int, str, str, float, str]], as_of: str, notes: list[str], facts: dict[str, Any]
) -> Members:
    frame = pd.DataFrame([row[1:] for row in rows], columns=list(COLUMNS))
    for name in ("symbol", "name", "sector"):
        text = frame[name].astype("str")
        frame[name] = text if name == "symbol" else text.where(~text.str.lower().isin(["", "-", "--"]))
    said = [f"{len(frame)} members, {frame['weight'].sum():.2%} of weight covered", *notes]
    said += [] if as_of else ["no day is stated, neither in the file nor in its name"]
    return Members(frame.astype({"weight": "float64"}), as_of, path.name, tuple(said), facts)
