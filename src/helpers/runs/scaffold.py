"""A section of one's own: the template copied under the next free number, with a parameter file to run it."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from helpers.core.errors import UsageError
from helpers.runs import files, plan

TEMPLATE = "template.ipynb"
FIRST_OWN = 10
#: names of the kit's own sections, notebooks and parameter files, today's and those its clauses still wait for
RESERVED = (
    *("coverage", "breakout", "strength", "breadth", "history", "risks", "hedge"),
    *("data", "note", "audit", "explore", "template", "sample", "daily", "calendar", "watchlist", "draft"),
)
_PARAMS = """\
# The note with your section in it: breadthbook run params/{name}.yaml
note:
  name: {name}
sources:
  bars: [sample]  # or the path of your own bars
"""


def new(project: Path, name: str) -> tuple[Path, Path]:
    """Write notebooks/NN_name.ipynb and params/name.yaml; gives both paths.

    Raises
    ------
    UsageError
        The name cannot be used, or either file is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r}: a name of small letters, digits and underscores is needed, as in `my_section`")
    if name in RESERVED:
        raise UsageError(f"{name!r} belongs to the kit; choose another name, such as my_{name}")
    template = project / "notebooks" / TEMPLATE
    if not template.is_file():
        raise UsageError(f"notebooks/{TEMPLATE} not found; restore it")
    params = project / "params" / f"{name}.yaml"
    taken = {path.stem[3:]: path for path in (project / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    if name in taken:
        raise UsageError(f"notebooks/{taken[name].name} is there already; choose another name")
    if params.exists():
        raise UsageError(f"params/{params.name} is there already; choose another name")
    notebook = project / "notebooks" / f"{_free_number(taken):02d}_{name}.ipynb"
    text = template.read_text(encoding="utf-8")
    files.write_text(notebook, text.replace("00_template", notebook.stem).replace("my_section", name))
    files.write_text(params, _PARAMS.format(name=name))
    return notebook, params


def _free_number(taken: dict[str, Path]) -> int:
    """The lowest number from `FIRST_OWN` on that no notebook has; lower ones belong to the kit's own story."""
    used = {int(path.stem[:2]) for path in taken.values()}
    free = [number for number in range(FIRST_OWN, plan.FIRST_UNSCHEDULED) if number not in used]
    if not free:
        raise UsageError(f"all notebook numbers below {plan.FIRST_UNSCHEDULED} are taken; remove a section first")
    return free[0]
