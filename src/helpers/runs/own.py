"""What a person adds to a project: sentences of their own, and views signed by the author."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.core.errors import ParameterError
from helpers.core.params import Params
from helpers.note import sentences
from helpers.runs import files

FILE_NAME = "own.json"
TEMPLATES, VIEWS = "templates", "views"
#: characters a view may have: more would crowd out the note itself
LONGEST_VIEW = 600


@dataclass(frozen=True)
class Own:
    """Templates by id, and the view of the day; both empty where there are none."""

    templates: Mapping[str, str] = field(default_factory=dict)
    view: str = ""

    def write(self, folder: Path) -> None:
        """Keep them with the run, so that the note can be written again without the project."""
        files.write_json(folder / FILE_NAME, self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"templates": dict(self.templates), "view": self.view}


def of_run(folder: Path) -> Own:
    """What the run in `folder` was given; nothing where it was given nothing."""
    held = files.read_json(folder / FILE_NAME) or {}
    return Own(held.get("templates", {}), held.get("view", ""))


def read(project: Path, params: Params, as_of: str) -> Own:
    """Templates and view of a project for the note of one day.

    Templates are all files ``templates/*.toml``, by name, the last one winning. The view is
    ``views/<note>/<as_of>.md``, or ``views/<as_of>.md``, or the parameter ``note.view``.

    Raises
    ------
    ParameterError
        A template that breaks the rules of `helpers.note.sentences.check_own`, a view without an author, or too long.
    """
    return Own(_templates(project / TEMPLATES), _view(project / VIEWS, params, as_of))


def _templates(folder: Path) -> dict[str, str]:
    held: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        origin = f"{TEMPLATES}/{path.name}"
        try:
            read = dict(sentences.flat(tomllib.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError) as error:
            raise ParameterError(f"{origin}: not readable as TOML ({error}); mend or remove it") from None
        sentences.check_own(read, origin)
        held |= read
    return held


def _view(folder: Path, params: Params, as_of: str) -> str:
    named = [folder / params.note.name / f"{as_of}.md", folder / f"{as_of}.md"]
    path = next((path for path in named if path.is_file()), None)
    if path is None:
        return params.note.view
    origin = path.relative_to(folder.parent).as_posix()
    try:
        view = " ".join(path.read_text(encoding="utf-8-sig").split())
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{origin}: not readable as text ({error}); save it as UTF-8") from None
    if view and not params.note.author:
        raise ParameterError(f"{origin}: a view is an opinion and must be signed; give note.author")
    if len(view) > LONGEST_VIEW:
        raise ParameterError(f"{origin}: {len(view)} characters found, {LONGEST_VIEW} at most; shorten it")
    return view
