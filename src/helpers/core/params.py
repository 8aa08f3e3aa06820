"""The parameter model: one typed place for every setting, checked before a kernel starts."""

from __future__ import annotations

import ast
import difflib
import json
import keyword
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from helpers.core.blocks import DISCLOSURE, IsoDate, Limits, Note, Sources, Tape, Ticker, is_path
from helpers.core.errors import ParameterError, SourceNotFoundError, UnknownParameterError
from helpers.core.faults import first_fault
from helpers.core.yaml_text import yaml_value

#: set by the runner alone
RUNNER_NAMES = ("run_dir",)
#: the lists of sources that hold bars
BARS = ("bars", "members_bars")


class Params(BaseModel):
    """Every setting of a note. Units and ranges are in docs/parameters.md, held to this model by a test."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # what is compared
    mid: Ticker = Field(default="IJH", description="mid-cap fund the note is about")
    mega: Ticker = Field(default="OEF", description="first mega-cap stand-in")
    mega_checks: list[Ticker] = Field(default=["XLG", "MGC"], description="further mega-cap stand-ins")
    market: Ticker = Field(default="SPY", description="the market")
    small: Ticker = Field(default="IJR", description="small-cap fund, for the cap tiers")
    sectors: list[Ticker] = Field(
        default=["XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"],
        description="sector funds, for the rotation picture and the grid",
    )
    # when
    as_of: IsoDate = Field(default="", description="ISO date; empty means the last finished trading day held")
    start: IsoDate = Field(default="", description="ISO date of the first bar read; empty means all")
    # the new high
    high_field: Literal["intraday", "close", "total_return"] = Field(
        default="intraday", description="what has to exceed its own window"
    )
    window: Annotated[int, Field(ge=20, le=504)] | Literal["364d", "365d"] = Field(
        default=252, description="trading days of the high window, or 364d/365d calendar days"
    )
    strict: bool = Field(default=True, description="true: above the old high; false: equal counts too")
    quiet_gap: int = Field(default=21, ge=0, le=126, description="trading days without a high before a breakout event")
    # volume
    volume_windows: list[Annotated[int, Field(ge=10, le=252)]] = Field(
        default=[20, 50], min_length=1, max_length=3, description="trading days of the volume medians"
    )
    z_window: int = Field(default=63, ge=10, le=252, description="trading days of the log-volume z-score")
    # relative strength
    rs_ma: int = Field(default=200, ge=20, le=252, description="trading days of the ratio's mean")
    mansfield_weeks: int = Field(default=52, ge=13, le=104, description="weeks of the Mansfield mean")
    rrg_window: int = Field(default=14, ge=5, le=52, description="weeks of the rotation z-scores")
    rrg_tail: int = Field(default=8, ge=1, le=26, description="weeks drawn behind each rotation dot")
    # levels
    atr_multiple: float = Field(
        default=1.0, gt=0, le=6, description="average true ranges below the breakout level: warning"
    )
    stop_atr: float = Field(default=2.5, ge=1, le=6, description="average true ranges below entry: stop")
    # the run
    sources: Sources = Field(default=Sources(), description="where bars are read from")
    required: list[Ticker] = Field(default=[], description="symbols without which the run ends 3")
    tape: Tape | None = Field(default=None, description="an intraday quote of `mid`")
    note: Note = Field(default=Note(), description="name, author and the author's own view")
    limits: Limits = Field(default=Limits(), description="seconds per cell and per run")
    disclosure: str = Field(default=DISCLOSURE, max_length=2000, description="text of the disclosure block")
    #: parameters that a user's own notebook declares, checked against its cell
    extra: dict[str, Any] = Field(default={}, description="parameters declared by the user's own sections")

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Params:
        if self.mid == self.mega:
            raise ValueError(f"mid and mega are both {self.mid}; a fund against itself is flat at 100")
        if self.mid in self.mega_checks or self.mid == self.market:
            raise ValueError(f"{self.mid} is both mid and mega_checks or market; a fund against itself is flat at 100")
        if self.market in self.stand_ins:
            raise ValueError(f"{self.market} is the market, so it cannot stand in for mega caps; take it out of one")
        for name in ("mega_checks", "sectors", "required", "volume_windows"):
            held = getattr(self, name)
            if len(set(held)) < len(held):
                raise ValueError(f"{name} names one of {held} twice; take it out once")
        if self.tape and self.as_of and self.as_of != self.tape.date:
            raise ValueError(
                f"as_of {self.as_of} is not tape.date {self.tape.date}; "
                "drop the tape (--no-tape) or set as_of to its date"
            )
        return self

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The mega-cap stand-ins, the first one leading."""
        return tuple(dict.fromkeys((self.mega, *self.mega_checks)))

    @property
    def tiers(self) -> tuple[str, ...]:
        """The cap tiers from mega to small."""
        return (self.mega, self.market, self.mid, self.small)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol the note reads, each once."""
        return tuple(dict.fromkeys((*self.tiers, *self.stand_ins, *self.sectors, *self.required)))

    def replace(self, **changes: Any) -> Params:
        """The same parameters with some changed, checked again."""
        return parse({**self.model_dump(), **changes}, origin="parameters")


def load(
    path: str | Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    declared: Mapping[str, Any] | None = None,
) -> Params:
    """Parameters from a YAML file, with overrides on top.

    Parameters
    ----------
    path : path
        A YAML mapping of parameter names to values. Relative source paths are taken from its folder.
    overrides : mapping, optional
        Values that replace those of the file; ``tape: None`` drops the tape, dotted names reach into a block.
    declared : mapping, optional
        Names and defaults that the user's own sections declare (see `declared_parameters`).

    Raises
    ------
    SourceNotFoundError
        No such file.
    ParameterError, UnknownParameterError
        What is wrong, where, and what to write instead.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceNotFoundError(f"{path}: {reason}; give the path of a parameter file", path=str(path)) from None
    try:
        values = yaml_value(text)
    except ValueError as error:
        raise ParameterError(f"{path.name}: {error}; mend that line") from None
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ParameterError(f"{path}: a list of `name: value` lines is needed, {type(values).__name__} found")
    values = _with_sources_from(values, path.parent)
    for name, value in (overrides or {}).items():
        _set_dotted(values, name, value)
    return parse(values, origin=path.name, declared=declared)


def parse(values: Mapping[Any, Any], *, origin: str, declared: Mapping[str, Any] | None = None) -> Params:
    """Checked parameters from plain values; `origin` names the file in messages."""
    values = dict(values)
    extra = dict(values.pop("extra", {}) or {})
    for name in list(values):
        _check_name(name, origin, declared or {})
        if name not in Params.model_fields:
            extra[name] = values.pop(name)
    for name, value in extra.items():
        default = (declared or {}).get(name)
        if default is not None and type(value) is not type(default) and not _is_widening(value, default):
            raise ParameterError(
                f"{origin}: `{name}` is {value!r}, {type(default).__name__} needed "
                f"(as in its notebook, where it is {default!r})",
                parameter=name,
            )
    try:
        return Params(**values, extra=extra)
    except ValidationError as error:
        raise ParameterError(
            f"{origin}: {first_fault(error, Params)}", parameter=str(error.errors()[0]["loc"])
        ) from None


def _is_widening(value: Any, default: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and isinstance(default, float)


def _check_name(name: Any, origin: str, declared: Mapping[str, Any]) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise UnknownParameterError(
            f"{origin}: {name!r} is not a parameter name; letters, digits and underscores only, as in `window: 252`",
            parameter=name,
        )
    if name in RUNNER_NAMES:
        raise UnknownParameterError(f"{origin}: `{name}` is set by the runner; take it out", parameter=name)
    known = [*Params.model_fields, *declared]
    if name == "extra" or name not in known:
        near = difflib.get_close_matches(name, [item for item in known if item != "extra"], n=1, cutoff=0.6)
        hint = f"did you mean `{near[0]}`?" if near else "see docs/parameters.md for the list"
        raise UnknownParameterError(
            f"{origin}: `{name}` is not a parameter; {hint}", parameter=name, suggestion=near[0] if near else None
        )


def _set_dotted(values: dict[str, Any], name: str, value: Any) -> None:
    block, _, rest = name.partition(".")
    if not rest:
        values[name] = value
        return
    inner = values.get(block) or {}
    if not isinstance(inner, dict):
        raise ParameterError(f"`{block}` is not a block, so `{name}` cannot be set")
    values[block] = {**inner, rest: value}


def _with_sources_from(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Relative source paths taken from the parameter file's folder."""
    block = values.get("sources")
    if not isinstance(block, dict):
        return values

    def placed(item: Any) -> Any:
        return str(folder / item) if isinstance(item, str) and item and is_path(item) else item

    moved = {name: [placed(item) for item in block[name]] for name in BARS if isinstance(block.get(name), list)}
    if "members" in block:
        moved["members"] = placed(block["members"])
    return {**values, "sources": {**block, **moved}}


def declared_parameters(notebook: str | Path) -> dict[str, Any]:
    """Names and default values of a notebook's `parameters` cell, read without running it.

    Raises
    ------
    ParameterError
        No such cell, two of them, or a line that is not ``name: type = literal``.
    """
    path = Path(notebook)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise ParameterError(f"{path.name}: {len(tagged)} cells tagged `parameters` found, one needed")
    source = tagged[0]["source"]
    code = source if isinstance(source, str) else "".join(source)
    defaults: dict[str, Any] = {}
    for line in ast.parse(code).body:
        target = line.target if isinstance(line, ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or not isinstance(line, ast.AnnAssign) or line.value is None:
            raise ParameterError(
                f"{path.name}: parameters cell, line {line.lineno}: only `name: type = literal  # unit` is allowed"
            )
        try:
            defaults[target.id] = ast.literal_eval(line.value)
        except ValueError:
            raise ParameterError(
                f"{path.name}: parameters cell, line {line.lineno}: `{target.id}` needs a literal default"
            ) from None
    return defaults
