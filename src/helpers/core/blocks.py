"""The named blocks of the parameter model: sources, tape, note and limits."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

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
    `facts`: a CSV of facts given by hand.
    """

    bars: list[str] = Field(default=["sample"], min_length=1)
    members_bars: list[str] = []
    macro: list[str] = []
    members: str = ""
    sector_column: str = "sector"
    calendar: str = ""
    facts: str = ""

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


class ScoreWeights(_Block):
    """Weight of each part of the score; only their proportions count, and 0 leaves a part out."""

    price: float = Field(default=1.0, ge=0, le=1000)
    relative_strength: float = Field(default=1.0, ge=0, le=1000)
    breadth: float = Field(default=1.0, ge=0, le=1000)
    volume: float = Field(default=1.0, ge=0, le=1000)
    credit: float = Field(default=1.0, ge=0, le=1000)
    rates: float = Field(default=1.0, ge=0, le=1000)
    crowding: float = Field(default=1.0, ge=0, le=1000)
    revisions: float = Field(default=1.0, ge=0, le=1000)

    @model_validator(mode="after")
    def _some_part_counts(self) -> ScoreWeights:
        if not any(self.model_dump().values()):
            raise ValueError("every weight is 0; at least one part has to count")
        return self


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class NarrativeModel(_Block):
    """A language model that may reword the note: where it answers, its name, and the *name* of the key's variable.

    The key itself stands in no file: `key_env` is the environment variable that holds it, empty where none is needed.
    `seconds` covers everything that is asked for one note.
    """

    base_url: str = Field(max_length=300)
    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}$")
    key_env: str = ""
    seconds: int = Field(default=60, ge=1, le=600)

    @field_validator("key_env")
    @classmethod
    def _names_a_variable(cls, name: str) -> str:
        if not re.fullmatch(r"([A-Z][A-Z0-9_]{0,63})?", name):
            raise ValueError("the name of an environment variable such as LLM_KEY is needed, not the key itself")
        return name

    @model_validator(mode="after")
    def _is_an_address_without_secrets(self) -> NarrativeModel:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\\]", self.base_url):
            raise ValueError("narrative_llm.base_url: an address such as https://host/v1 is needed")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError(
                "narrative_llm.base_url: no name, password, query or fragment may stand in it; it is recorded"
            )
        if parts.scheme == "http" and self.key_env and not _is_this_machine(parts.hostname):
            raise ValueError("narrative_llm.base_url: a key is sent by https only, or to this machine; use https")
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
