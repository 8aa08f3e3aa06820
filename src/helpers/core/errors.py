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


class SourceError(UnavailableDataError):
    """A provider did not answer as needed; base of the seven ways in which that happens."""


class RateLimited(SourceError):
    """The provider answers that there were too many requests (HTTP 429)."""


class Transient(SourceError):
    """A fault that may pass by itself: a time-out, a broken connection, a page instead of data, an empty answer."""


class UnknownSymbol(SourceError):
    """The provider says that it has no such symbol, or has had no exchange for it on two runs."""


class NoTradingDay(SourceError):
    """The span asked for has no trading day that is over: there is nothing to answer."""


class SchemaChanged(SourceError):
    """The answer has another form than the client expects; a newer client is needed."""


class TlsProblem(SourceError):
    """The provider's certificate cannot be verified, as behind a company's proxy."""


class BadData(SourceError):
    """Bars that contradict themselves or what is held: an unexplained step, a spike, another currency or exchange."""


class AlreadyRunningError(BreadthbookError):
    """Another process is writing this note, or the store."""

    exit_code = ALREADY_RUNNING
