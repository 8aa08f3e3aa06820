"""One file of daily bars, CSV or Parquet, read whole and refused with file, row and remedy when a cell is unfit."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.core.errors import MissingColumnError, SourceNotFoundError, UnfitDataError
from helpers.data.bars import COLUMNS, DATE_TYPE, FIELDS, Floats

CSV_SUFFIXES = (".csv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
SUFFIXES = (*CSV_SUFFIXES, *PARQUET_SUFFIXES)

ALIASES = {
    "ticker": "symbol",
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "dividends": "dividend",
    "stock_splits": "split",
    "splits": "split",
}
#: what an export writes for an empty cell
BLANKS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
#: what the exchange calendar spans
FIRST_DATE, LAST_DATE = pd.Timestamp("1926-01-01"), pd.Timestamp("2049-12-31 23:59:59")
ISO_DATE = r"^\d{4}-\d{2}-\d{2}([ T].*)?$"


@dataclass(frozen=True)
class Table:
    """Rows of one file in their order: symbols as codes into `symbols`, dates, and the fields it has."""

    path: Path
    symbols: list[str]
    codes: npt.NDArray[np.intp]
    dates: npt.NDArray[np.datetime64]
    fields: dict[str, Floats]

    def place(self, row: int) -> str:
        """Where a row is, as a person counts: the header is not a data row, the first data row is 1."""
        return _place(self.path, row)


def read(path: Path, *, symbol: str | None = None) -> Table:
    """The file's rows; `symbol` is what they belong to when there is no symbol column.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read, or its name ends in neither .csv nor .parquet.
    MissingColumnError
        No date, no symbol, or neither close nor adj_close.
    UnfitDataError
        An empty file, one that is not what its name says, or a cell that is no date, number or symbol.
    """
    is_csv = path.suffix.lower() in CSV_SUFFIXES
    try:
        if path.stat().st_size == 0:
            raise UnfitDataError(f"{path.name}: the file is empty (0 bytes); write bars into it or name another file")
        table = _named(_arrow_csv(path) if is_csv else _arrow_parquet(path), path, symbol)
        if table.num_rows == 0:
            raise UnfitDataError(f"{path.name}: no rows below the header; write bars into it or name another file")
        symbols, codes = _symbols(table, path, symbol)
        fields = {name: _numbers(table[name], name, path) for name in FIELDS if name in table.column_names}
        return Table(path=path, symbols=symbols, codes=codes, dates=_dates(table["date"], path), fields=fields)
    except OSError as error:
        if error.errno is None:  # pyarrow's own word for a damaged file, not the system's for an unreadable one
            raise _damaged(path, error) from None
        raise SourceNotFoundError(f"{path}: {error.strerror}; give a file that can be read", path=str(path)) from None
    except (pa.ArrowException, csv.Error, ValueError, TypeError, OverflowError, MemoryError) as error:
        # what a damaged file makes its reader say has no end; none of it is for the person who named the file
        raise _damaged(path, error) from None


def _arrow_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        kept = [name for name in file.schema_arrow.names if _plain(name) in COLUMNS]
        return file.read(columns=kept) if kept else file.schema_arrow.empty_table()


def _damaged(path: Path, error: BaseException) -> UnfitDataError:
    kind = "CSV" if path.suffix.lower() in CSV_SUFFIXES else "Parquet"
    remedy = "" if kind == "CSV" else ", or name it .csv if it is text"
    return UnfitDataError(
        f"{path.name}: not a readable {kind} file ({_first_line(error)}); write it again{remedy}", path=str(path)
    )


def _arrow_csv(path: Path) -> pa.Table:
    from pyarrow import csv as arrow_csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            header = next(csv.reader(text), [])
        kept = [name for name in header if _plain(name) in COLUMNS]
        return arrow_csv.read_csv(
            path,
            convert_options=arrow_csv.ConvertOptions(
                include_columns=kept or header[:1],
                column_types={name: pa.string() for name in header},
                strings_can_be_null=True,
                null_values=list(BLANKS),
            ),
        )
    except (UnicodeDecodeError, csv.Error):
        raise UnfitDataError(f"{path.name}: not UTF-8 text; save it as CSV UTF-8", path=str(path)) from None
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise UnfitDataError(f"{path.name}: {_ragged(path) or _first_line(error)}", path=str(path)) from None


def _ragged(path: Path) -> str:
    """Which line has another number of fields than the header."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        rows = csv.reader(text)
        width = len(next(rows, []))
        for cells in rows:
            if cells and len(cells) != width:
                return f"line {rows.line_num}: {len(cells)} fields found, {width} needed as in the header; correct it"
    return ""


def _plain(name: str) -> str:
    """A header as this package names it: "Adj Close" is adj_close."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return ALIASES.get(plain, plain)


def _named(table: pa.Table, path: Path, symbol: str | None) -> pa.Table:
    names = [_plain(name) for name in table.column_names]
    twice = next((name for name in names if name in COLUMNS and names.count(name) > 1), None)
    if twice:
        raise UnfitDataError(f"{path.name}: two columns mean `{twice}`; keep one of them", column=twice)
    needed = ["date"] + ([] if symbol else ["symbol"])
    needed += ["close"] if {"open", "high", "low"} & set(names) or "adj_close" not in names else []
    for column in needed:
        if column not in names:
            found = ", ".join(name for name in names if name in COLUMNS) or "none of them"
            raise MissingColumnError(
                f"{path.name}: no column `{column}`; bars need date, symbol and close (or adj_close alone), "
                f"found {found}; add or rename the column",
                column=column,
                path=str(path),
            )
    return table.rename_columns(names)


def _symbols(table: pa.Table, path: Path, symbol: str | None) -> tuple[list[str], npt.NDArray[np.intp]]:
    if "symbol" not in table.column_names:
        assert symbol is not None
        return [symbol], np.zeros(table.num_rows, dtype=np.intp)
    column = pc.cast(table["symbol"], pa.large_string()).combine_chunks().dictionary_encode()
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise UnfitDataError(f"{path.name}: {_place(path, row)}: no symbol; name the fund of the row", row=row + 1)
    names = [str(name).strip().upper() for name in column.dictionary.to_pylist()]
    symbols = list(dict.fromkeys(names))
    into = np.array([symbols.index(name) for name in names], dtype=np.intp)
    return symbols, into[column.indices.to_numpy()]


def _dates(column: pa.ChunkedArray, path: Path) -> npt.NDArray[np.datetime64]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if _is_text(column.type):
        text = column.to_pandas().astype("str")
        iso = text.str.match(ISO_DATE, na=False)
        days = pd.to_datetime(text.str.slice(0, 10).where(iso), format="%Y-%m-%d", errors="coerce")
    elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days = column.to_pandas(date_as_object=False)
        days = days.dt.tz_localize(None) if getattr(days.dt, "tz", None) is not None else days
    else:
        days = pd.Series(pd.NaT, index=range(len(column)))
    unknown = ~days.between(FIRST_DATE, LAST_DATE).to_numpy(dtype=np.bool_)
    _refuse(unknown, column, path, "date", "is not a date of 1926 to 2049", "write dates as 2026-04-17")
    dates: npt.NDArray[np.datetime64] = days.to_numpy().astype("datetime64[D]").astype(DATE_TYPE)
    return dates


def _numbers(column: pa.ChunkedArray, name: str, path: Path) -> Floats:
    try:
        numbers: Floats = pc.cast(column, pa.float64(), safe=False).to_numpy()
    except pa.ArrowInvalid:
        cells = column.to_pandas()
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        _refuse(
            np.isnan(numbers) & cells.notna().to_numpy(), column, path, name, "is not a number", "correct that cell"
        )
    except pa.ArrowNotImplementedError:
        raise UnfitDataError(f"{path.name}: column `{name}` holds {column.type}, numbers needed; convert it") from None
    _refuse(np.isinf(numbers), column, path, name, "is not a finite number", "correct that cell")
    return numbers.copy()


def _refuse(bad: npt.NDArray[np.bool_], column: pa.ChunkedArray, path: Path, name: str, what: str, remedy: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        found = column[row].as_py()
        raise UnfitDataError(
            f"{path.name}: {_place(path, row)}: `{name}` {what}: {'empty' if found is None else repr(found)}; {remedy}",
            row=row + 1,
            column=name,
            path=str(path),
        )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _place(path: Path, row: int) -> str:
    if path.suffix.lower() not in CSV_SUFFIXES:
        return f"data row {row + 1}"
    with path.open(encoding="utf-8-sig", errors="replace") as text:
        # blank lines are skipped by the reader, not by an editor
        filled = (number for number, line in enumerate(text, start=1) if line.strip())
        line = next(itertools.islice(filled, row + 1, None), row + 2)
    return f"data row {row + 1} (line {line})"


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
