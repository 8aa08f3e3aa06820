from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers.core.errors import UnfitDataError
from helpers.data import disk

FRAME = pd.DataFrame({"symbol": ["A", "B"], "close": [1.0, float("nan")]}).astype({"symbol": "str"})


def test_a_frame_comes_back_from_its_bytes() -> None:
    pd.testing.assert_frame_equal(disk.frame_of(disk.parquet_bytes(FRAME), "here"), FRAME)
    with pytest.raises(UnfitDataError, match="here: damaged"):
        disk.frame_of(b"PAR1", "here")


@pytest.mark.parametrize("content", [b"", b"abc" * 1_000])
def test_a_reader_of_parquet_holds_no_object_of_python_when_a_process_ends(content: bytes) -> None:
    before = sys.getrefcount(content)
    source = disk.parquet_source(content)
    assert sys.getrefcount(content) == before and source.read() == content


def test_every_reader_of_bytes_copies_them_first() -> None:
    files = (Path(disk.__file__).parents[1]).rglob("*.py")
    assert [file.name for file in files if "pa.BufferReader(" in file.read_text("utf-8")] == ["disk.py"]
