"""Frames on disk: Parquet whose bytes depend on the content alone, written so that nobody sees half a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.core.errors import UnfitDataError
from helpers.data.bars import DATE_TYPE


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet, dates as days, compressed with zstd; the same frame gives the same bytes."""
    import pyarrow.parquet as pq

    columns = {}
    for name in frame.columns:
        column = pa.Array.from_pandas(frame[name])
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.date32())
        columns[name] = column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return bytes(sink.getvalue())


def parquet_source(content: bytes) -> pa.BufferReader:
    """The bytes of a Parquet file, copied to where its reader finds them without Python.

    A reading thread may let go of its source a moment after the answer is there; were that an object of Python's, a
    process that ends in this moment would be aborted (apache/arrow issue 34314).
    """
    memory = pa.allocate_buffer(len(content))
    memoryview(memory).cast("B")[:] = content
    return pa.BufferReader(memory)


def frame_of(content: bytes, name: str) -> pd.DataFrame:
    """The frame that `parquet_bytes` wrote; `name` is what a message calls it.

    Raises
    ------
    UnfitDataError
        The bytes are not such a file.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(parquet_source(content)) as file:
            frame = file.read().to_pandas(date_as_object=False)
    except (pa.ArrowException, OSError) as error:
        raise UnfitDataError(f"{name}: damaged ({str(error).splitlines()[0]}); make it again") from None
    types = {
        column: DATE_TYPE if kind.kind == "M" else "str"
        for column, kind in frame.dtypes.items()
        if kind.kind not in "fib"
    }
    typed: pd.DataFrame = frame.astype(types)
    return typed


def content_of(column: pd.Series) -> bytes:
    """Bytes that two columns share only when their values are the same; every NaN is alike."""
    if column.dtype.kind == "f":
        values = column.to_numpy(dtype=np.float64)
        return np.where(np.isnan(values), np.nan, values).tobytes()
    if column.dtype.kind in "Mib":
        return column.to_numpy().astype(np.int64).tobytes()
    codes, names = pd.factorize(column)
    return "\x1f".join(map(str, names)).encode() + codes.astype(np.int64).tobytes()


def put(path: Path, content: bytes) -> str:
    """Write beside, then rename, and give the SHA-256; after a crash there is the old file or the new one.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written to; the old file is as it was, and nothing is left beside it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return sha256(content)


def sha256(content: bytes) -> str:
    """Hex digest of some bytes."""
    return hashlib.sha256(content).hexdigest()
