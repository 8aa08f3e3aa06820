"""Sentence templates: words from a file that a person can edit, numbers from findings alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from helpers.core.findings import UNKNOWN, Finding, Findings


def render(template: str, /, **words: Any) -> str:
    """The sentence of this template id, with its slots filled.

    Parameters
    ----------
    template : str
        Id in ``sentences.toml``, such as "volume.partial".
    **words
        Findings (printed by their own ``text()``), words chosen by a predicate, or lists of findings.

    Raises
    ------
    KeyError
        No such template.
    jinja2.UndefinedError
        A slot that was not filled.
    """
    return " ".join(_compiled(template).render(**words).split())


def templates() -> tuple[str, ...]:
    """The ids of all templates, in the order of the file."""
    return tuple(_sources())


def facts(findings: Findings, section: str) -> dict[str, Finding]:
    """The first finding of each name in a section, by name: ``facts["prior_high"]``."""
    out: dict[str, Finding] = {}
    for item in findings:
        owner, _, name = item.id.partition(".")
        if owner == section:
            out.setdefault(name, item)
    return out


def ahead(finding: Finding) -> str:
    """A difference with the word its sign allows: "1.2 points ahead of OEF", "behind OEF", "level with OEF"."""
    against = finding.key["against"]
    if finding.value is None:
        return f"not known against {against}"
    return side_of(finding, against)


def side_of_usual(finding: Finding) -> str:
    """A difference from all days with the word its sign allows: "0.4 points better than usual"."""
    return _signed(finding, "better than usual", "worse than usual", "as usual")


def better(finding: Finding) -> str:
    """A difference with the word its sign allows: "0.4 points better", "0.3 points worse", "the same"."""
    return _signed(finding, "better", "worse", "the same")


def bare(finding: Finding) -> str:
    """A signed difference without its unit: "+1.2"."""
    if finding.value is None:
        return UNKNOWN
    return finding.text(signed=True).split()[0]


def side(finding: Finding) -> str:
    """The same without the other fund: "1.2 points ahead", "0.4 points behind", "level"."""
    return _signed(finding, "ahead", "behind", "level")


def side_of(finding: Finding, other: str) -> str:
    """The same with another fund's name: "1.2 points ahead of the market", "level with the market"."""
    return _signed(finding, f"ahead of {other}", f"behind {other}", f"level with {other}")


def _signed(finding: Finding, above: str, below: str, none: str) -> str:
    """The size with the words for its sign; `none` alone where it prints as zero."""
    if finding.value is None:
        return UNKNOWN
    size = finding.text(absolute=True)
    if float(size.split()[0].replace(",", "")) == 0:
        return none
    return f"{size} {above if float(finding.value) > 0 else below}"


def above(finding: Finding) -> str:
    """A distance with the word its sign allows: "1.2% above", "0.4% below", "at"."""
    if finding.value is None:
        return "at a distance not known from"
    if float(finding.value) == 0:
        return "at"
    size = finding.text(absolute=True)
    if float(size.removesuffix("%").replace(",", "")) == 0:
        size = f"less than {finding.text(absolute=True, decimals=1).replace('0.0', '0.1')}"
    return f"{size} {'above' if float(finding.value) > 0 else 'below'}"


def short_date(finding: Finding) -> str:
    """A date without its year, for the year of the note."""
    full = finding.text()
    return full.rsplit(" ", 1)[0] if full[-4:] == finding.as_of[:4] else full


def year(finding: Finding | None) -> str:
    """Year of a date; "" where it is not known."""
    return str(finding.value)[:4] if finding is not None and finding.is_known else ""


def month(finding: Finding | None) -> str:
    """Month and year of a date: "August 2015"; "" where it is not known."""
    if finding is None or not finding.is_known:
        return ""
    return finding.text().split(" ", 1)[1]


def lower_first(text: str) -> str:
    """The text with a small first letter, to stand inside a sentence."""
    return text[:1].lower() + text[1:]


def listed(words: Iterable[str]) -> str:
    """Words joined as in a sentence: "A", "A and B", "A, B and C"."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def _printed(value: Any) -> Any:
    return value.text() if isinstance(value, Finding) else value


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=_printed, autoescape=False)
    environment.filters.update(
        ahead=ahead,
        bare=bare,
        better=better,
        side=side,
        side_of=side_of,
        side_of_usual=side_of_usual,
        above=above,
        listed=listed,
        lower_first=lower_first,
        month=month,
        short_date=short_date,
        year=year,
    )
    return environment


@cache
def _sources() -> dict[str, str]:
    text = resources.files("helpers.note").joinpath("sentences.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{name}": template
        for group, templates in tomllib.loads(text).items()
        for name, template in _flat(templates)
    }


def _flat(table: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@cache
def _compiled(template: str) -> Any:
    try:
        return _environment().from_string(_sources()[template])
    except KeyError:
        raise KeyError(f"sentences.toml has no template {template!r}; add it or mend the name") from None
