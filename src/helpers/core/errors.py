"""Errors that carry facts and the exit code a scheduler acts on."""

from __future__ import annotations

from typing import Any

COMPLETE = 0
FAILED = 1
USAGE = 2
DEGRADED = 3
DATA_UNFIT = 4
TIMED_OUT = 5
ALREADY_RUNNING = 6


class BreadthbookError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    message : str
        What was found, what was needed, what to do.
    **facts
        The same facts as values, kept on the exception as attributes and in ``facts``.
    """

    exit_code = FAILED

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)


class UsageError(BreadthbookError):
    """The command cannot be carried out as typed: a path, an option or a name is wrong."""

    exit_code = USAGE


class ParameterError(UsageError):
    """A parameter has a wrong type, an impossible value, or contradicts another one."""


class UnknownParameterError(ParameterError):
    """A parameter name that the model does not have; ``suggestion`` holds the nearest one."""


class SourceNotFoundError(UsageError):
    """A path given as a source does not exist or cannot be read."""


class MissingColumnError(UsageError):
    """A source lacks a column that tidy bars require."""


class DataError(BreadthbookError):
    """The data are unfit or unavailable: no note is written."""

    exit_code = DATA_UNFIT


class UnfitDataError(DataError):
    """Rows that contradict themselves: duplicates, disorder, text in a number, negative prices."""


class UnavailableDataError(DataError):
    """A source that cannot answer, or that does not hold what the note needs."""


class AlreadyRunningError(BreadthbookError):
    """Another process is writing this note."""

    exit_code = ALREADY_RUNNING
