"""The note as one self-contained page: no code, no script that runs, no request to any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from helpers.core.findings import Findings, date_text
from helpers.note import claims as audit
from helpers.note import endings, front, gaps, narrative, record, sentences, since
from helpers.note.claims import Claim
from helpers.runs import embedded

#: pictures of the front page, in their order; all others stand below the fold
FRONT = {
    "price_levels": "02_breakout-price_levels",
    "ratio_line": "03_relative_strength-ratio_line",
    "breadth_conditions": "04_breadth-breadth_conditions",
}
#: what may stand in the address of a picture as it is, a fifth smaller than base64; quotes would end the attribute
_UNTOUCHED = "!()*+-./:;=?@_~$[]{}|^` ,"
#: where the narrow pictures are shown; note.css changes its layout at the same width
PHONE = "screen and (max-width: 40rem)"
#: a sign beside each verdict, so that colour is never the only cue
MARKS = {
    "holds": "✓",
    "supported": "✓",
    "leaning": "↗",
    "leaning against": "↙",
    "small": "≈",
    "inconclusive": "~",
    "faded": "↘",
    "does not hold": "✗",
    "contradicted": "✗",
    "pending": "…",
    "cannot be tested": "?",
    "no data": "∅",
    "not yet computed": "–",
}


def note_html(
    findings: Findings,
    claims: Sequence[Claim],
    context: Mapping[str, Any],
    charts: Mapping[str, str],
    narrow: Mapping[str, str] | None = None,
) -> str:
    """The page of a note.

    Parameters
    ----------
    findings, claims, context
        As in `narrative.compose`. They are embedded as data, so that the lone page can be verified.
    charts : mapping
        SVG text by ``<notebook>-<picture>``. Titles and alternative texts come from ``context["pictures"]``.

    narrow : mapping, optional
        SVG text for a phone by the same names, of the charts that have one.

    Returns
    -------
    str
        HTML; the same input gives the same bytes.
    """
    pictures = {key: _picture(key, svg, (narrow or {}).get(key, ""), context) for key, svg in charts.items()}
    evidence = {"findings": findings.to_json(), "claims": audit.to_json(claims), "context": dict(context)}
    with sentences.using(context.get("templates", {})):
        page: str = _template().render(
            note=narrative.compose(findings, claims, context),
            context=context,
            bars_to=date_text(context["bars_to"]),
            banner=_banner(context),
            css=_resource("note.css"),
            front={name: pictures.get(key) for name, key in FRONT.items()},
            computed=[claim for claim in claims if claim.verdict != "not yet computed"],
            later=[claim for claim in claims if claim.verdict == "not yet computed"],
            marks=MARKS,
            level_rows=endings.LEVEL_ROWS,
            changes=since.changes(findings, claims, context),
            changes_title=since.title(context) if context.get("previous") else "",
            change_columns=since.COLUMNS,
            sections=_sections(pictures, findings),
            record={
                "title": record.TITLE,
                "said": [item.text for item in record.sentences(findings)],
                "columns": record.COLUMNS,
                "rows": record.rows(findings),
            },
            gaps=gaps.gaps(findings, context),
            method=narrative.method_line(context),
            evidence=embedded.packed(evidence),
        )
    return page


def _picture(key: str, svg: str, narrow: str, context: Mapping[str, Any]) -> dict[str, str]:
    words = context.get("pictures", {}).get(key, {})
    text = words.get("alt") or words.get("title") or key
    # a space or a comma would end a part of the srcset in which the front page's narrow pictures stand
    safe = _UNTOUCHED.rstrip(" ,") if key in FRONT.values() else _UNTOUCHED
    return {
        "src": _inside(svg, _UNTOUCHED),
        "narrow": _inside(narrow, safe) if narrow else "",
        "alt": text,
        "blank": words.get("blank", ""),
    }


def _inside(svg: str, safe: str) -> str:
    return f"data:image/svg+xml,{quote(svg, safe=safe)}"


def _sections(pictures: Mapping[str, dict[str, str]], findings: Findings) -> list[dict[str, Any]]:
    """Below the fold: each notebook's pictures that the front page does not show, and a user's own findings."""
    out: dict[str, dict[str, Any]] = {}
    for key in sorted(set(pictures) - set(FRONT.values())):
        if pictures[key]["blank"]:
            continue  # that nothing is to be drawn, the audit says
        title = key.partition("-")[0].partition("_")[2].replace("_", " ").capitalize()
        out.setdefault(title, {"title": title, "pictures": [], "rows": []})["pictures"].append(pictures[key])
    for title, rows in narrative.own_sections(findings):
        out.setdefault(title, {"title": title, "pictures": [], "rows": []})["rows"] = rows
    return list(out.values())


def _banner(context: Mapping[str, Any]) -> str:
    lines = front.simulated_banner(context)
    return lines[0].strip("*") if lines else ""


def _resource(name: str) -> str:
    return resources.files("helpers.runs").joinpath("templates", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup, escape

    def figure(picture: Mapping[str, str] | None) -> Markup:
        if picture is None:
            return Markup("")
        shown = Markup('<img src="{}" alt="{}">').format(picture["src"], escape(picture["alt"]))
        if picture["narrow"]:
            source = Markup('<source media="{}" srcset="{}">').format(PHONE, picture["narrow"])
            shown = Markup("<picture>{}{}</picture>").format(source, shown)
        return Markup("<figure>{}</figure>").format(shown)

    environment = Environment(undefined=StrictUndefined, autoescape=True)
    environment.globals["figure"] = figure
    return environment.from_string(_resource("note.html.j2"))
