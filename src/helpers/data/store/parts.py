"""The Parquet files of a version: a year each, and a month each for what was added to the last year since.

``2026.parquet`` comes before ``2026_02.parquet`` by name and by date ("." sorts before "_"): a month part holds only
days after the last one of its year's file. A part has a row group about every month, each with the span of its dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from helpers.core.errors import UnfitDataError
from helpers.data.bars import FIELDS
from helpers.data.disk import parquet_source
from helpers.data.store import rows as plain
from helpers.data.store.rows import Days, Rows

#: rows that a row group has at least, before a month ends it
GROUP_ROWS = 10_000
#: columns of few distinct values
REPEATED = ["date", "symbol", "dividend", "split"]
#: what to do about a file that is not what was written
MEND = "the store is a cache: remove its bars/ and CURRENT, then breadthbook data update fetches them again"


@dataclass(frozen=True)
class Part:
    """What a manifest says of a file; size and dates are not known of a file written before they were kept."""

    sha256: str
    size: int | None = None
    first: str = ""
    last: str = ""


@dataclass(frozen=True, eq=False)
class Plan:
    """How a part of the next version is made: these parts of the present one, and rows added to them."""

    name: str
    sources: tuple[str, ...]
    added: Rows | None


def encoded(rows: Rows) -> bytes:
    """The rows as Parquet: dates as days, symbols by dictionary, NaN as null; the same rows give the same bytes."""
    import pyarrow.parquet as pq

    rows = rows.compact()
    symbols = pa.DictionaryArray.from_arrays(pa.array(rows.codes), pa.array(rows.symbols, pa.string()))
    columns = {"date": pa.array(rows.days.astype(np.int32)).cast(pa.date32()), "symbol": symbols}
    for name in FIELDS:
        held = rows.fields.get(name)
        columns[name] = pa.array(held, from_pandas=True) if held is not None else pa.nulls(len(rows), pa.float64())
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    # the schema of Arrow is left out: to other readers the symbol is text, not a dictionary
    with pq.ParquetWriter(
        sink, table.schema, compression="zstd", use_dictionary=REPEATED, store_schema=False
    ) as writer:
        edges = _edges(rows.days)
        for first, end in zip(edges[:-1], edges[1:], strict=True):
            writer.write_table(table.slice(first, end - first), row_group_size=max(end - first, 1))
    return bytes(sink.getvalue())


def decoded(
    content: bytes,
    name: str,
    *,
    fields: Sequence[str] = FIELDS,
    symbols: Sequence[str] | None = None,
    start: np.datetime64 | None = None,
) -> Rows:
    """The rows of a part from `start` on; `name` is what a message calls it.

    Raises
    ------
    UnfitDataError
        The bytes are not such a file.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(parquet_source(content), read_dictionary=["symbol"]) as file:
            stated = _filled(file.metadata, fields)
            groups = _groups(file.metadata, start)
            if symbols is None:
                return _since(_rows(file.read_row_groups(groups, columns=["date", "symbol", *stated])), start)
            found = [_wanted(file, group, stated, symbols) for group in groups]
            return _since(plain.joined([part for part in found if part is not None]), start)
    except (pa.ArrowException, OSError) as error:
        raise UnfitDataError(f"{name}: damaged ({str(error).splitlines()[0]}); {MEND}") from None


def days(content: bytes, name: str) -> Days:
    """The distinct dates of a part, oldest first."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(parquet_source(content)) as file:
            return _distinct(_days(file.read(columns=["date"])))
    except (pa.ArrowException, OSError) as error:
        raise UnfitDataError(f"{name}: damaged ({str(error).splitlines()[0]}); {MEND}") from None


def plans(held: dict[str, Part], added: Rows) -> list[Plan]:
    """The parts of the next version, oldest first.

    The last year's rows go to its file up to the last day that this holds, and then to month parts; every earlier
    year is one file, into which its month parts go when a later year begins.
    """
    distinct = _distinct(added.days)
    newest = max([*(name[:4] for name in held), *(str(day)[:4] for day in distinct[-1:])], default="")
    sources: dict[str, list[str]] = {}
    for name in sorted(held):
        sources.setdefault(name if name[:4] == newest else f"{name[:4]}.parquet", []).append(name)
    whither = [_target(str(day), newest, held) for day in distinct]
    of_row = np.searchsorted(distinct, added.days)
    made = []
    for name in sorted({*sources, *whither}):
        into = np.array([target == name for target in whither], dtype=np.bool_)
        rows = added.taken(into[of_row]) if into.any() else None
        made.append(Plan(name, tuple(sources.get(name, ())), rows))
    return made


def years(bars: pd.DataFrame) -> Iterable[tuple[str, Rows]]:
    """File name and rows of each year, one at a time, so that a large frame is not copied whole."""
    of_row = pd.to_datetime(bars["date"]).dt.year.to_numpy()
    if np.isnan(of_row).any():
        raise UnfitDataError("a bar without a date found; name the day of every row")
    for year in np.unique(of_row):
        yield f"{int(year)}.parquet", plain.of_frame(bars[of_row == year])


def _target(day: str, newest: str, held: dict[str, Part]) -> str:
    year = f"{day[:4]}.parquet"
    is_in_file = day[:4] != newest or (year in held and day <= held[year].last)
    return year if is_in_file else f"{day[:4]}_{day[5:7]}.parquet"


def _edges(dates: Days) -> list[int]:
    """Where row groups begin, and the end: at the first month after every `GROUP_ROWS` rows."""
    months = dates.astype("datetime64[M]")
    edges = [0]
    for start in np.flatnonzero(months[1:] != months[:-1]) + 1:
        if start - edges[-1] >= GROUP_ROWS:
            edges.append(int(start))
    return [*edges, len(dates)]


def _groups(metadata: Any, start: np.datetime64 | None) -> list[int]:
    """The row groups that have dates from `start` on."""
    groups = range(metadata.num_row_groups)
    if start is None:
        return list(groups)
    ends = [_statistics(metadata, group, "date") for group in groups]
    known = [end.max if end is not None and end.has_min_max else None for end in ends]
    return [group for group in groups if known[group] is None or np.datetime64(known[group]) >= start]


def _filled(metadata: Any, fields: Sequence[str]) -> list[str]:
    """The fields that have a number somewhere."""
    filled = []
    for name in fields:
        for group in range(metadata.num_row_groups):
            statistics = _statistics(metadata, group, name)
            if statistics is None or not statistics.has_null_count or statistics.num_values > 0:
                filled.append(name)
                break
    return filled


def _statistics(metadata: Any, group: int, column: str) -> Any:
    return metadata.row_group(group).column(metadata.schema.names.index(column)).statistics


def _wanted(file: Any, group: int, fields: list[str], symbols: Sequence[str]) -> Rows | None:
    """The rows of some symbols in a row group; the numbers are not read where there are none."""
    keys = _rows(file.read_row_group(group, columns=["date", "symbol"]))
    mask = keys.are_of(symbols)
    if not mask.any():
        return None
    table = file.read_row_group(group, columns=fields)
    places = pa.array(np.flatnonzero(mask))
    numbers = {name: table[name].take(places).to_numpy() for name in fields}
    kept = keys.taken(mask)
    return Rows(kept.days, kept.codes, kept.symbols, numbers)


def _rows(table: pa.Table) -> Rows:
    symbols = table["symbol"].unify_dictionaries()
    names = symbols.chunk(0).dictionary.to_pylist() if symbols.num_chunks else []
    ranked = sorted(range(len(names)), key=names.__getitem__)
    ranks = np.empty(len(names), dtype=np.int32)
    ranks[ranked] = np.arange(len(names), dtype=np.int32)
    places: list[npt.NDArray[Any]] = [chunk.indices.to_numpy() for chunk in symbols.chunks]
    codes = ranks[np.concatenate(places)] if places else np.array([], dtype=np.int32)
    fields = {name: table[name].to_numpy() for name in table.column_names if name in FIELDS}
    return Rows(_days(table), codes, tuple(names[place] for place in ranked), fields)


def _days(table: pa.Table) -> Days:
    dates: Days = table["date"].cast(pa.int32()).to_numpy().astype("datetime64[D]")
    return dates


def _distinct(dates: Days) -> Days:
    """Dates that are in order, each once."""
    return dates[np.r_[True, dates[1:] != dates[:-1]]] if len(dates) else dates


def _since(rows: Rows, start: np.datetime64 | None) -> Rows:
    return rows if start is None else rows.taken(slice(int(rows.days.searchsorted(start)), None))
