"""What notebooks call: open the run's desk, check its data, publish a section, publish the note."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.core import findings as core
from helpers.core import params as parameters
from helpers.core.errors import UnknownParameterError, UsageError
from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.note import claims as auditor
from helpers.note import narrative, sentences
from helpers.runs import context as contexts
from helpers.runs import files, own, plan
from helpers.runs.kernels import drawer

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from helpers.sections.section import Section

PARAMS_NAME = "params.json"
DRAFT_NAME = "draft.json"
#: what a notebook reads that is run by hand, until it says otherwise
DRAFT_SOURCES = {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}
#: settings that decide which bars a snapshot holds
_SNAPSHOT_SETTINGS = ("as_of", "start", "tape", "sources", "crowding_years")
_CHECKED_COLUMNS = ["symbol", "status", "since", "first", "last", "rows", "holes", "basis", "detail"]


@dataclass(frozen=True)
class Desk:
    """What a notebook works with: the run's snapshot, its parameters, its folder, the notebook's own name."""

    snapshot: Snapshot
    params: Params
    run_dir: Path
    notebook: str


@dataclass(frozen=True)
class Shown:
    """Markdown for the reader, with the findings it rests on beside it for `breadthbook verify`."""

    text: str
    evidence: Mapping[str, Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {core.MIME_TYPE: dict(self.evidence), "text/markdown": self.text, "text/plain": self.text}


def open_run(run_dir: str | Path, *, notebook: str, **settings: Any) -> Desk:
    """The desk of a notebook: snapshot and parameters of its run.

    In a run both stand in `run_dir` already. In a draft, a folder without a snapshot, they are made there from
    `settings`, with simulated bars unless `sources` says otherwise.

    Raises
    ------
    ParameterError, UnknownParameterError
        A setting is wrong.
    """
    from helpers.note import theme

    folder = Path(run_dir)
    recorded = files.read_json(folder / PARAMS_NAME)
    if recorded is None and (folder / "snapshot").exists():
        raise UsageError(
            f"{folder.name}/{PARAMS_NAME} is not readable though its snapshot is there; run the note again"
        )
    params = _settled(recorded or {}, settings)
    if recorded is None or _is_outdated(folder, recorded, params):
        _draft(folder, params)
    theme.enable()
    drawer.use()
    return Desk(Snapshot.read(folder / "snapshot"), params, folder, notebook)


def check(desk: Desk, *symbols: str) -> pd.DataFrame:
    """Coverage of the symbols a section reads, worst first; nothing named means all of the snapshot.

    It records and shows, it does not stop: a section states "no data" for what is missing.
    """
    held = desk.snapshot.coverage
    chosen = held[held["symbol"].isin(symbols)] if symbols else held
    shown = chosen[[name for name in _CHECKED_COLUMNS if name in chosen.columns]]
    order = (shown["status"] == "fresh").sort_values(kind="stable").index
    return shown.loc[order].set_index("symbol")


def table(findings: Findings, *ids: str) -> pd.DataFrame:
    """The findings of these ids as a reader sees them, one row each: what, of whom, value, sample, interval."""
    import pandas as pd

    chosen = [item for name in ids for item in findings.all(name)]
    rows = [
        (
            _what(item),
            _settings(item),
            item.subject,
            item.text(),
            "" if item.n is None else item.n,
            item.interval_text(),
        )
        for item in chosen
    ]
    return pd.DataFrame(rows, columns=["finding", "settings", "of", "value", "n", "interval"]).set_index("finding")


def filed(run_dir: str | Path) -> pd.DataFrame:
    """What each notebook has published in `run_dir`: section, number of findings, number of charts."""
    import pandas as pd

    records = [files.read_json(path) or {} for path in sorted((Path(run_dir) / "findings").glob("*.json"))]
    rows = [(item["notebook"], item["section"], len(item["findings"]), len(item["pictures"])) for item in records]
    return pd.DataFrame(rows, columns=["notebook", "section", "findings", "charts"]).set_index("notebook")


def publish(desk: Desk, section: Section, charts: Mapping[str, alt.Chart]) -> Shown:
    """Write a section's findings and charts into the run folder and show its text with the findings attached.

    The text is `section_text`, in the words of the run's own templates where it has some: nothing else is borne out by
    findings.

    Parameters
    ----------
    desk : Desk
        From `open_run`.
    section : Section
        Findings and frames.
    charts : mapping of str to Chart
        Chart name, as narrative titles it, to chart.
    """
    from helpers.note import theme

    pictures: dict[str, dict[str, str]] = {}
    for name, chart in charts.items():
        key = f"{desk.notebook}-{name}"
        spec = theme.themed(chart).to_dict(validate=False)
        pictures[key] = {"title": theme.title_text(spec), "alt": theme.alt_text(spec)}
        if theme.is_blank(spec):
            pictures[key]["blank"] = "yes"
        for form, drawn in (("", spec), (theme.NARROW, theme.narrow(spec))):
            path = desk.run_dir / "charts" / form / f"{key}.svg"
            if drawn is None:
                # one that an earlier draft left
                path.unlink(missing_ok=True)
                continue
            files.write_text(path, theme.svg(drawn))
            pictures[key][f"{form}_sha256" if form else "sha256"] = files.sha256(path)
    templates = own.of_run(desk.run_dir).templates
    evidence = {
        "schema": core.SCHEMA,
        "notebook": desk.notebook,
        "section": section.name,
        **({"templates": dict(templates)} if templates else {}),
        "findings": section.findings.to_json()["findings"],
        "pictures": pictures,
    }
    # what is shown must survive the file, or a lone notebook could not be verified
    evidence = json.loads(files.json_text(evidence))
    files.write_json(desk.run_dir / "findings" / f"{desk.notebook}.json", evidence)
    return Shown(section_text(section.name, section.findings, templates), evidence)


def section_text(name: str, findings: Findings, templates: Mapping[str, str]) -> str:
    """The section's reading; of a section that narrative has no words for, its findings as a list."""
    with sentences.using(templates):
        said = narrative.section_markdown(name, findings)
    return said or "\n".join(
        f"- {item.subject}: {_what(item)}{f' ({_settings(item)})' if item.key else ''}: {item.text()}"
        for item in findings
    )


def read_findings(run_dir: str | Path) -> Findings:
    """Findings of every notebook published in `run_dir`, in notebook order."""
    stated: list[core.Finding] = []
    for path in sorted((Path(run_dir) / "findings").glob("*.json")):
        record = files.read_json(path)
        if record is None:
            raise UsageError(f"findings/{path.name}: not readable as JSON; run its notebook again")
        stated += list(Findings.from_json(record))
    return Findings(stated)


def publish_note(desk: Desk) -> Shown:
    """Audit the findings of all sections and write findings.json, claims.json and note.md."""
    findings = read_findings(desk.run_dir)
    if not len(findings):
        raise UsageError("no findings in this run folder; run the sections' notebooks first, then this one")
    context = files.read_json(desk.run_dir / contexts.FILE_NAME)
    if context is None or (desk.run_dir / DRAFT_NAME).exists():
        context = contexts.note_context(desk.params, desk.snapshot, desk.run_dir)
    claims, text, context = narrative.written(findings, context)
    files.write_json(desk.run_dir / contexts.FILE_NAME, context)
    stated = auditor.to_json(claims)
    files.write_json(desk.run_dir / "findings.json", findings.to_json())
    files.write_json(desk.run_dir / "claims.json", stated)
    files.write_text(desk.run_dir / "note.md", text)
    evidence = {
        "schema": core.SCHEMA,
        "notebook": desk.notebook,
        "section": "note",
        "findings": findings.to_json()["findings"],
        "claims": stated["claims"],
        "context": context,
    }
    return Shown(text, json.loads(files.json_text(evidence)))


def _settled(recorded: Mapping[str, Any], settings: Mapping[str, Any]) -> Params:
    """Parameters of the run with the notebook's own settings on top, checked again."""
    declared = {**recorded.get("extra", {})}
    for name, value in settings.items():
        if name in Params.model_fields or name in declared:
            continue
        near = difflib.get_close_matches(name, list(Params.model_fields), n=1, cutoff=0.8)
        if near:
            raise UnknownParameterError(f"`{name}` is not a parameter; did you mean `{near[0]}`?", parameter=name)
        declared[name] = value
    sources = {} if recorded else {"sources": DRAFT_SOURCES}
    return parameters.parse({**sources, **recorded, **settings}, origin="parameters cell", declared=declared)


def _is_outdated(folder: Path, recorded: Mapping[str, Any], params: Params) -> bool:
    """Whether a draft's snapshot was taken for other settings; a run's never is."""
    if not (folder / DRAFT_NAME).exists():
        return False
    before = parameters.parse(recorded, origin=PARAMS_NAME, declared=recorded.get("extra", {}))
    moved = any(getattr(before, name) != getattr(params, name) for name in _SNAPSHOT_SETTINGS)
    return moved or not set(params.symbols) <= set(before.symbols)


def _draft(folder: Path, params: Params) -> None:
    snapshot = plan.take(params, is_patient=False)
    folder.mkdir(parents=True, exist_ok=True)
    snapshot.write(folder / "snapshot")
    files.write_json(folder / DRAFT_NAME, {"schema": core.SCHEMA})
    files.write_json(folder / PARAMS_NAME, plan.public(params))


def _what(item: core.Finding) -> str:
    return item.id.partition(".")[2].replace("_", " ")


def _settings(item: core.Finding) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in item.key.items())
