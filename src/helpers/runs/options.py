"""Options that several commands share, and the parameters they make."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpers.core.errors import UsageError

if TYPE_CHECKING:
    from helpers.core.params import Params

ParamsFile = Annotated[Path, typer.Argument(metavar="PARAMS.yaml", help="Parameter file of the note.")]
MaybeParamsFile = Annotated[
    Path | None, typer.Argument(metavar="[PARAMS.yaml]", help="Parameter file; none means the defaults, from Yahoo.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PATH", help="File, folder, sample or yahoo; replaces sources.bars. Repeatable."),
]
Settings = Annotated[
    list[str] | None, typer.Option("-p", "--param", metavar="NAME=VALUE", help="Replace a parameter. Repeatable.")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Day the note is about, as 2026-04-17.")]
NoTape = Annotated[bool, typer.Option("--no-tape", help="Leave the intraday quote out: the finished day.")]


class KernelKind(enum.StrEnum):
    """How kernels are started."""

    forked = "forked"
    plain = "plain"


Kernels = Annotated[
    KernelKind,
    typer.Option(
        envvar="BREADTHBOOK_KERNELS", help="Forked from one process that has imported all, or each by itself."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line on stdout.")]


def params(
    file: Path | None,
    setting: list[str] | None,
    source: list[str] | None,
    as_of: str = "",
    no_tape: bool = False,
    *,
    declared: dict[str, Any] | None = None,
    default_sources: list[str] | None = None,
) -> Params:
    """Parameters of the file with the command's own settings on top.

    `default_sources` are read where there is neither a file nor a ``--source``.
    """
    from helpers.core import params as parameters
    from helpers.core.yaml_text import yaml_value
    from helpers.runs import plan

    overrides: dict[str, Any] = {}
    for item in setting or []:
        name, equals, value = item.partition("=")
        if not equals:
            raise UsageError(f"-p {item}: name=value is needed, as in -p window=126")
        try:
            overrides[name.strip()] = yaml_value(value)
        except ValueError as error:
            raise UsageError(f"-p {item}: {error}; write it as in a parameter file") from None
    if source:
        overrides["sources.bars"] = source
    if as_of:
        overrides["as_of"] = as_of
    if declared is None:
        try:
            declared = plan.section_parameters(plan.project_root())
        except UsageError:
            declared = None  # outside a project there are no sections to declare anything
    if file is None:
        if default_sources and "sources.bars" not in overrides:
            overrides["sources.bars"] = default_sources
        return parameters.parse(_nested(overrides), origin="command line", declared=declared)
    if no_tape:
        held = parameters.load(file, declared=declared).tape
        overrides["tape"] = None
        if held is not None and not as_of:
            overrides.setdefault("as_of", held.date)
    return parameters.load(file, overrides, declared=declared)


def _nested(overrides: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in overrides.items():
        block, dot, rest = name.partition(".")
        values[block] = {**values.get(block, {}), rest: value} if dot else value
    return values
