"""What a run will do, settled and checked before any kernel starts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import helpers
from helpers.core import params as parameters
from helpers.core.errors import ParameterError, UsageError
from helpers.core.params import Params
from helpers.data import calendar, intake
from helpers.data.snapshot import Snapshot
from helpers.runs import own as persons
from helpers.runs import rewrite, tally
from helpers.runs.own import Own

DATA_NOTEBOOK = "01_data"
NOTE_NOTEBOOK = "08_note"
#: sections have a two-digit number below this one
FIRST_UNSCHEDULED = 80
#: package files that decide what a note says, beside the notebooks
CODE_SUFFIXES = (".py", ".j2", ".html", ".css", ".js", ".toml")
RUN_ID_LENGTH = 12
#: settings that change no number of a note
_NOT_IN_RUN_ID = ("limits",)


@dataclass(frozen=True)
class Plan:
    """One run: its inputs, its notebooks, and where it goes.

    Attributes
    ----------
    params : Params
        Checked parameters.
    snapshot : Snapshot
        Everything the notebooks may read.
    project : Path
        Folder that holds `notebooks/`.
    notebooks : tuple of Path
        In order: data, sections, note.
    declared : dict
        Notebook name to the names and defaults of its parameters cell.
    parts : dict
        Hashes that make the run id: params, snapshot, code, method, and own where there is something of the person's.
    out : Path
        The outputs folder, absolute.
    own : Own
        The person's own sentences and the view of the day.
    notices : tuple of str
        What a person should know of the journal.
    journal : dict
        How far each journal went (`tally.Recorded.seen`), and as ``without`` the data's hash without the calls in it.
    """

    params: Params
    snapshot: Snapshot
    project: Path
    notebooks: tuple[Path, ...]
    declared: Mapping[str, Mapping[str, Any]]
    parts: Mapping[str, str]
    out: Path
    own: Own = Own()
    notices: tuple[str, ...] = ()
    journal: Mapping[str, Any] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Short hash of everything that decides what the note says."""
        return run_id_of(self.parts)

    @property
    def note_dir(self) -> Path:
        """Folder of all notes of this name."""
        return self.out / self.params.note.name

    @property
    def folder(self) -> Path:
        """Where the finished run stands."""
        return self.note_dir / self.snapshot.as_of

    @property
    def building(self) -> Path:
        """Where the run is built before it is renamed into `folder`."""
        return self.note_dir / ".building" / self.run_id

    def arguments(self, notebook: str) -> dict[str, Any]:
        """The parameters handed to a notebook: those its own cell declares, and no other."""
        held = {**self.params.extra, **self.params.model_dump(mode="json", exclude={"extra"})}
        wanted = self.declared[notebook]
        return {name: held.get(name, default) for name, default in wanted.items() if name != "run_dir"}


def run_id_of(parts: Mapping[str, str]) -> str:
    """The run id that these hashes make."""
    return _hash(dict(parts))[:RUN_ID_LENGTH]


def project_root(start: Path | None = None) -> Path:
    """The folder that holds `notebooks/`: `start` (the working folder) or the nearest one above it."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / f"{NOTE_NOTEBOOK}.ipynb").is_file():
            return folder
    raise UsageError(
        f"no notebooks/{NOTE_NOTEBOOK}.ipynb found in {here} or above it; run this inside the project folder",
        folder=str(here),
    )


def notebooks(project: Path) -> tuple[Path, ...]:
    """The notebooks of a run, in order: data, sections by number, note."""
    folder = project / "notebooks"
    found = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    missing = [name for name in (DATA_NOTEBOOK, NOTE_NOTEBOOK) if name not in found]
    if missing:
        raise UsageError(f"{folder}: {' and '.join(missing)} not found; a run needs both, restore them")
    sections = [
        path
        for name, path in found.items()
        if int(name[:2]) < FIRST_UNSCHEDULED and name not in (DATA_NOTEBOOK, NOTE_NOTEBOOK)
    ]
    return (found[DATA_NOTEBOOK], *sections, found[NOTE_NOTEBOOK])


def declarations(project: Path) -> dict[str, dict[str, Any]]:
    """Names and defaults that each notebook's parameters cell declares, by notebook name."""
    declared = {}
    for path in notebooks(project):
        try:
            declared[path.stem] = parameters.declared_parameters(path)
        except (SyntaxError, ValueError, KeyError, TypeError, OSError) as error:
            raise ParameterError(f"{path.name}: not a readable notebook ({error}); mend or remove it") from None
        if "run_dir" not in declared[path.stem]:
            raise ParameterError(
                f'{path.name}: its parameters cell lacks `run_dir`; add the line run_dir: str = "../outputs/draft"'
            )
    return declared


def section_parameters(project: Path) -> dict[str, Any]:
    """Parameters that only the user's own sections declare, with their defaults."""
    own: dict[str, Any] = {}
    for name, values in declarations(project).items():
        for parameter, default in values.items():
            if parameter in Params.model_fields or parameter in parameters.RUNNER_NAMES:
                continue
            if parameter in own and type(own[parameter]) is not type(default):
                raise ParameterError(f"{name}: `{parameter}` has another type in another notebook; rename one of them")
            own[parameter] = default
    return own


def make(params: Params, *, out: Path | None = None, project: Path | None = None, today: dt.date | None = None) -> Plan:
    """The plan of a run; every check that can be made without a kernel has passed when it returns.

    Parameters
    ----------
    params : Params
        Checked parameters, see `helpers.core.params.load`.
    out : Path, optional
        Outputs folder; None means `outputs` in the project.
    project : Path, optional
        None means the working folder or the nearest one above it that holds `notebooks/`.
    today : date, optional
        None means today in New York.

    Raises
    ------
    UsageError, ParameterError, DataError
        What is wrong with the project, the parameters or the data.
    """
    rewrite.check(params.narrative_llm)
    project = (project or project_root()).resolve()
    paths = notebooks(project)
    declared = declarations(project)
    out = (out or project / "outputs").absolute()
    held = out / params.note.name
    if (out.exists() and not out.is_dir()) or (held.exists() and not held.is_dir()):
        raise UsageError(f"{out.name}/{params.note.name}: a file stands where the note's folder goes; rename either")
    bare = take(params, today=today)
    recorded = tally.with_record(bare, params, out)
    taken = recorded.snapshot
    parts = {
        "params": _hash({name: value for name, value in public(params).items() if name not in _NOT_IN_RUN_ID}),
        "snapshot": taken.digest,
        "code": code_hash(paths),
        "method": helpers.METHOD_VERSION,
    }
    own = persons.read(project, params, taken.as_of)
    if own != Own(view=params.note.view):
        parts["own"] = _hash(own.to_json())
    seen = {**recorded.seen, "without": bare.digest if len(taken.calls) else taken.digest}
    return Plan(params, taken, project, paths, declared, parts, out, own, tuple(recorded.notices), seen)


def take(params: Params, *, today: dt.date | None = None, is_patient: bool = True, since: str = "") -> Snapshot:
    """The snapshot as of `today`, a day taken as over; None means this moment in New York, when it may not be."""
    if today is not None:
        return intake.take(params, today=today, is_patient=is_patient, since=since)
    now = calendar.now()
    return intake.take(params, today=now.date(), now=now, is_patient=is_patient, since=since)


def public(params: Params) -> dict[str, Any]:
    """Parameters as they are recorded: plain JSON values, source paths reduced to file names."""
    values = params.model_dump(mode="json")
    for name in parameters.PATH_LISTS:
        values["sources"][name] = [Path(item).name or item for item in values["sources"][name]]
    for name in parameters.PATHS:
        values["sources"][name] = Path(values["sources"][name]).name
    return values


def code_hash(paths: tuple[Path, ...]) -> str:
    """Hash of the package's sources and templates and of the notebooks to be run."""
    package = Path(helpers.__file__).parent
    sources = sorted(path for path in package.rglob("*") if path.suffix in CODE_SUFFIXES and path.is_file())
    digest = hashlib.sha256()
    for path in (*sources, *paths):
        name = path.relative_to(package).as_posix() if path.is_relative_to(package) else path.name
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
