"""A real Chromium, and real notes to open in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")  # its event loop must be gone before a test drives kernels in this process
def browser() -> Iterator[Any]:
    """Headless Chromium; without one a test is skipped, or fails where BREADTHBOOK_REQUIRE_BROWSER is set."""
    path = os.environ.get("BREADTHBOOK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "no Chromium on the PATH"
        if os.environ.get("BREADTHBOOK_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


def written(out: Path, *arguments: str) -> Path:
    """The page that one command wrote."""
    command = [sys.executable, "-m", "helpers.runs.cli", "run", *arguments, "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*/*/note.html"))


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's note."""
    return written(tmp_path_factory.mktemp("sample"), "params/sample.yaml")


@pytest.fixture(scope="session")
def real_page(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """The note of 17 April 2026 on real bars."""
    sources = []
    for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet"):
        sources += ["--source", str(shared_data / name)]
    return written(tmp_path_factory.mktemp("real"), "params/ijh_2026-04-17.yaml", *sources)
