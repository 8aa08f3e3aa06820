from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The shared fixtures on a public runner: CI is set and the real bars are not there."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("BREADTHBOOK_SHARED", str(tmp_path))
    monkeypatch.delenv("BREADTHBOOK_REQUIRE_SHARED", raising=False)
    spec = importlib.util.spec_from_file_location("shared_fixtures", CONFTEST)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_public_runner_skips_the_tests_on_real_bars(elsewhere: ModuleType) -> None:
    with pytest.raises(pytest.skip.Exception, match="real bars"):
        elsewhere.shared_folder()


def test_where_the_real_bars_are_required_their_absence_fails(
    elsewhere: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREADTHBOOK_REQUIRE_SHARED", "1")
    with pytest.raises(pytest.fail.Exception, match="real bars"):
        elsewhere.shared_folder()
