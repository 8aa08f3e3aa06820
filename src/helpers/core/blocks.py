"""The named blocks of the parameter model: sources, tape, note and limits."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from helpers.core.errors import SourceNotFoundError


def _none_is_empty(text: object) -> object:
    return "" if text is None or text == "none" else text


TICKER_PATTERN = r"^\^?[A-Z0-9][A-Z0-9.\-=]{0,14}$"
Ticker = Annotated[str, Field(pattern=TICKER_PATTERN)]
OptionalTicker = Annotated[str, BeforeValidator(_none_is_empty), Field(pattern=f"^$|{TICKER_PATTERN}")]
#: the usual series of FRED, or those named after the colon
FRED_NAME = re.compile(r"fred(:[A-Z0-9]+(,[A-Z0-9]+)*)?")
SERIES_FILES = (".csv", ".parquet")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")


#: what a note reads beside bars; any may be absent, and then the clauses that need it read "no data"
Input = Literal["members", "members_bars", "macro", "shares", "holdings", "estimates", "events", "calendar"]


def _iso_date(text: str) -> str:
    if text == "":
        return text
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("an ISO date such as 2026-04-17 is needed")
    dt.date.fromisoformat(text)
    return text


IsoDate = Annotated[str, AfterValidator(_iso_date)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sources(_Block):
    """Where data are read from.

    `bars` and `members_bars`: "sample", "yahoo", a file, a folder, or ``$VARIABLE`` holding paths. `macro`: "fred" for
    the usual series, "fred:DGS10,ICSA", or a file of series. `members`: a member list, a CSV or the holdings file of
    iShares, or "sample". `sector_column`: its column of sectors. `calendar`: a YAML file of dated events.
    """

    bars: list[str] = Field(default=["sample"], min_length=1)
    members_bars: list[str] = []
    macro: list[str] = []
    members: str = ""
    sector_column: str = "sector"
    calendar: str = ""

    @field_validator("macro")
    @classmethod
    def _names_series_or_files(cls, names: list[str]) -> list[str]:
        for name in names:
            is_file = name.startswith("$") or name.lower().endswith(SERIES_FILES)
            if not is_file and not FRED_NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} found; `fred`, `fred:DGS10,ICSA` or a file ending in "
                    f"{' or '.join(SERIES_FILES)} is needed"
                )
        return names


class Tape(_Block):
    """An intraday quote: what was known at one moment of a trading day that had not ended."""

    date: IsoDate
    high: float = Field(gt=0)
    last: float = Field(gt=0)
    prior_close: float | None = Field(default=None, gt=0)
    volume: int | None = Field(default=None, gt=0)
    time: str = Field(default="", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")

    @model_validator(mode="after")
    def _high_covers_last(self) -> Tape:
        if self.date == "":
            raise ValueError("tape.date is needed: the trading day the quote belongs to")
        if self.last > self.high:
            raise ValueError(f"tape.last {self.last} is above tape.high {self.high}; the high includes the last price")
        return self


class Note(_Block):
    """What the note is called, and the author's own words in it."""

    name: str = "note"
    author: str = Field(default="", max_length=80)
    view: str = Field(default="", max_length=400)

    @field_validator("name")
    @classmethod
    def _stays_in_outputs(cls, name: str) -> str:
        if not _NAME.fullmatch(name) or ".." in name or name in ("index.html", "draft"):
            raise ValueError(
                "a plain folder name is needed: letters, digits, dot, dash, underscore; no path, not a name in use"
            )
        return name

    @model_validator(mode="after")
    def _view_is_signed(self) -> Note:
        if self.view and not self.author:
            raise ValueError("note.view is an opinion and must be signed: give note.author")
        return self


class Limits(_Block):
    """Seconds that a cell, a whole run, and the asking for data before it may take."""

    data_seconds: int = Field(default=240, ge=5, le=3600)
    cell_seconds: int = Field(default=120, ge=1, le=3600)
    run_seconds: int = Field(default=600, ge=5, le=24 * 3600)


DISCLOSURE = (
    "For information only; not investment advice. Past behaviour of prices does not bind the future. "
    "Check every figure before you act on it."
)


def source_names(sources: Sequence[str]) -> list[str]:
    """Source names with each ``$VARIABLE`` replaced by the paths it holds (separated as in PATH).

    Raises
    ------
    SourceNotFoundError
        The variable is not set.
    """
    names: list[str] = []
    for item in sources:
        if not item.startswith("$"):
            names.append(item)
            continue
        held = [part for part in os.environ.get(item[1:], "").split(os.pathsep) if part]
        if not held:
            raise SourceNotFoundError(
                f"{item[1:]} is not set: this parameter file takes its bars from it; "
                f"set it to one or more files separated by `{os.pathsep}`, or give --source PATH",
                variable=item[1:],
            )
        names += held
    return names


def is_path(source: str) -> bool:
    """Whether a source name is a path, not the name of a source and not a variable."""
    named = source in ("sample", "yahoo") or source.startswith("$") or FRED_NAME.fullmatch(source) is not None
    return not named


def optional_names(sources: Sequence[str]) -> list[str]:
    """As `source_names`, but a ``$VARIABLE`` that is not set names nothing: what it would hold may be absent."""
    return [
        name
        for item in sources
        if not item.startswith("$") or os.environ.get(item[1:])
        for name in source_names([item])
    ]
