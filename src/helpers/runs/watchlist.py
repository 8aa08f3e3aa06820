"""The watchlist file: which symbols are scanned, against which market, out of which sources."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from helpers.core.blocks import IsoDate, Note, Ticker, is_path
from helpers.core.errors import ParameterError, UnknownParameterError
from helpers.core.faults import first_fault
from helpers.core.yaml_text import yaml_file

LONGEST = 20_000


class Watchlist(BaseModel):
    """Every setting of a scan."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(default="watchlist", description="folder of the scans below the outputs folder")
    market: Ticker = Field(default="SPY", description="what relative strength is measured against")
    sources: list[str] = Field(default=["sample"], min_length=1, description="where bars are read from")
    symbols: list[Ticker] = Field(min_length=1, max_length=LONGEST, description="the symbols scanned, each once")
    as_of: IsoDate = Field(default="", description="ISO date; empty means the last finished trading day held")

    @field_validator("name")
    @classmethod
    def _stays_in_outputs(cls, name: str) -> str:
        return Note(name=name).name

    @field_validator("symbols")
    @classmethod
    def _names_each_once(cls, symbols: list[str]) -> list[str]:
        seen: set[str] = set()
        for symbol in symbols:
            if symbol in seen:
                raise ValueError(f"a symbol is named twice, {symbol}; take it out once")
            seen.add(symbol)
        return symbols


def load(path: str | Path, *, sources: list[str] | None = None, as_of: str = "") -> Watchlist:
    """The watchlist in a YAML file, with the command's own sources and day on top.

    Parameters
    ----------
    path : path
        A YAML mapping. Relative source paths are taken from its folder.
    sources : list of str, optional
        Replace those of the file.
    as_of : str
        Replaces that of the file unless empty.

    Raises
    ------
    SourceNotFoundError
        No such file.
    ParameterError, UnknownParameterError
        What is wrong, where, and what to write instead.
    """
    path = Path(path)
    values = yaml_file(path, "a watchlist")
    if not isinstance(values, dict):
        raise ParameterError(f"{path.name}: a list of `name: value` lines is needed, as in `symbols: [IJH, SPY]`")
    held = values.get("sources")
    if isinstance(held, list):
        values["sources"] = [_placed(item, path.parent) for item in held]
    changes = {"sources": sources, "as_of": as_of}
    return parse(values | {name: value for name, value in changes.items() if value}, origin=path.name)


def parse(values: dict[Any, Any], *, origin: str) -> Watchlist:
    """A checked watchlist from plain values; `origin` names the file in messages."""
    known = list(Watchlist.model_fields)
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"a watchlist has {', '.join(known)}"
            raise UnknownParameterError(
                f"{origin}: `{name}` is not a setting of a watchlist; {hint}",
                parameter=name,
                suggestion=near[0] if near else None,
            )
    try:
        return Watchlist(**values)
    except ValidationError as error:
        raise ParameterError(
            f"{origin}: {first_fault(error, Watchlist)}", parameter=str(error.errors()[0]["loc"])
        ) from None


def _placed(source: Any, folder: Path) -> Any:
    return str(folder / source) if isinstance(source, str) and source and is_path(source) else source
