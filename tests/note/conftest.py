"""Findings of both sections in the states a note can be in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.core.findings import Finding, Findings
from helpers.sections.breakout import breakout
from helpers.sections.strength import strength
from tests.sections.conftest import SECTIONS, SOURCES, TAPE, take


def context(**changes: Any) -> dict[str, Any]:
    """The run's context with nothing unusual in it."""
    plain = {
        "note": "ijh",
        "as_of": "2026-04-17",
        "bars_to": "2026-04-16",
        "requested_as_of": "",
        "simulated": True,
        "source": "simulated sample",
        "method_version": "1",
        "author": "",
        "view": "",
        "disclosure": "Not investment advice.",
        "failed": [],
        "pictures": {},
        "previous": None,
        "revision": 1,
        "reason": "",
        "time": "",
    }
    return {**plain, **changes}


def stated(**values: Any) -> Findings:
    taken = take(**values)
    return Findings([*breakout(*taken).findings, *strength(*taken).findings])


@pytest.fixture(scope="session")
def intraday() -> Findings:
    """The sample on the tape's unfinished day."""
    return stated(tape=TAPE)


@pytest.fixture(scope="session")
def whole() -> Findings:
    """The sample on the tape's unfinished day, every section."""
    taken = take(tape=TAPE, sources=SOURCES)
    return Findings(item for section in SECTIONS for item in section(*taken).findings)


@pytest.fixture(scope="session")
def finished() -> Findings:
    """The sample on a finished day without a new high."""
    return stated(as_of="2026-04-16")


@pytest.fixture
def changed() -> Callable[..., Findings]:
    """Findings with some values replaced, by id."""

    def replaced(findings: Findings, **values: Any) -> Findings:
        new = {name.replace("__", "."): value for name, value in values.items()}
        return Findings(
            Finding.from_json({**item.to_json(), "value": new[item.id]}) if item.id in new else item
            for item in findings
        )

    return replaced
