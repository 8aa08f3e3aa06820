"""YAML in which text stays text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from helpers.core.errors import BreadthbookError, ParameterError, SourceNotFoundError


class _StringSafeLoader(yaml.SafeLoader):
    """YAML in which tickers stay text: ON, NO, 12:30 and 2026-04-17 are strings; only true and false are booleans."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"`{name}` is set twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


_StringSafeLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _StringSafeLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def yaml_value(text: str) -> Any:
    """The value of a YAML text, read string-safe: ``ON`` stays "ON", ``2026-04-17`` stays text; ValueError if none."""
    try:
        return yaml.load(text, Loader=_StringSafeLoader)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise ValueError("not readable as YAML: nested too deeply") from None
    except yaml.YAMLError as error:
        raise ValueError(f"not readable as YAML: {' '.join(str(error).split())}") from None


def yaml_file(path: Path, what: str, *, unfit: type[BreadthbookError] = ParameterError) -> Any:
    """The value of a YAML file, read as `yaml_value` does; `what` says in messages which kind of file it should be.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read.
    `unfit`
        It is no YAML.
    """
    try:
        return yaml_value(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceNotFoundError(f"{path}: {reason}; give the path of {what}", path=str(path)) from None
    except ValueError as error:
        raise unfit(f"{path.name}: {error}; mend that line", path=str(path)) from None
