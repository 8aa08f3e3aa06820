"""Parameters from a file or the command line, checked before a kernel starts."""

from __future__ import annotations

import ast
import difflib
import json
import keyword
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from helpers.core.blocks import is_path
from helpers.core.errors import ParameterError, UnknownParameterError
from helpers.core.faults import first_fault
from helpers.core.model import Params as Params
from helpers.core.yaml_text import yaml_file

#: set by the runner alone
RUNNER_NAMES = ("run_dir",)
#: the lists of sources that may be paths
PATH_LISTS = ("bars", "members_bars", "macro")
#: the sources that are one path
PATHS = ("members", "calendar", "facts")


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
    values = yaml_file(path, "a parameter file")
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


def replaced(held: Params, **changes: Any) -> Params:
    """The same parameters with some changed, checked again; errors as `parse`."""
    return parse({**held.model_dump(), **changes}, origin="parameters")


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

    moved = {name: [placed(item) for item in block[name]] for name in PATH_LISTS if isinstance(block.get(name), list)}
    moved |= {name: placed(block[name]) for name in PATHS if name in block}
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
