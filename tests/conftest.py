"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MAIN_FILE = "etf_ohlcv_yahoo.parquet"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real bars, ``../shared/data`` beside the project (or below BREADTHBOOK_SHARED).

    It is not part of the project, so without it a test is skipped; with BREADTHBOOK_REQUIRE_SHARED=1, which .ci/run
    sets where the folder exists, its absence is a failure. CI alone means nothing: a public runner has no such folder.
    """
    return shared_folder()


def shared_folder() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("BREADTHBOOK_SHARED") or beside) / "data"
    if not (folder / MAIN_FILE).is_file():
        reason = "the real bars of ../shared/data are not here"
        if os.environ.get("BREADTHBOOK_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
