"""Placeholders for the figures of a printed text: which finding each of them comes from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from helpers.core.findings import Finding
from helpers.runs.rewrite.printed import Figure, Form, forms, tokens

#: parts of a finding, those that say most of it first
_PARTS = ("value", "interval", "n", "low", "high", "level", "key", "weeks", "gap")


@dataclass(frozen=True)
class Template:
    """A text whose figures are placeholders, and what each of them stands for."""

    text: str
    figures: Mapping[str, Figure]


class Unexplained(ValueError):  # noqa: N818 - it is what the figure is
    """A figure that no finding prints."""


def template(
    text: str, findings: Iterable[Finding], names: Iterable[str] = (), sources: Collection[str] = ()
) -> Template:
    """The text with a placeholder for each figure.

    A figure that several findings print alike is given to the one that fits its sentence best: of `sources`, if any
    is, then named there, of the section that explains most of the text, with the settings that stand beside it.

    Parameters
    ----------
    text : str
        One paragraph, as printed.
    findings : iterable of Finding
        Of the run.
    names : iterable of str
        Tickers, whose digits are no figures.
    sources : collection of str
        Ids of the findings that the paragraph is made of, as patterns such as ``risks.score*``; of no effect on a
        figure that none of them prints.

    Raises
    ------
    Unexplained
        A figure that no finding prints.
    """
    hits = tokens(text, names)
    wanted = {hit.group() for hit in hits}
    held: dict[str, list[tuple[Finding, Form]]] = {token: [] for token in wanted}
    for finding in findings:
        seen: set[tuple[str, str]] = set()
        for form in forms(finding):
            if (shown := form.text(finding)) in wanted and (form.part, shown) not in seen:
                seen.add((form.part, shown))
                held[shown].append((finding, form))
    bare = next((hit.group() for hit in hits if not held[hit.group()]), None)
    if bare is not None:
        raise Unexplained(f"no finding prints {bare}")
    for token, found in held.items():
        held[token] = [item for item in found if any(fnmatchcase(item[0].id, ids) for ids in sources)] or found
    chosen = _choose(text, hits, held)
    figures: dict[str, Figure] = {}
    pieces: list[str] = []
    last = 0
    for hit, (finding, form) in zip(hits, chosen, strict=True):
        alias = _alias(finding, form, figures)
        figures[alias] = Figure(finding.address, form)
        pieces += [text[last : hit.start()], f"{{{{{alias}}}}}"]
        last = hit.end()
    return Template("".join(pieces) + text[last:], figures)


def _choose(
    text: str, hits: Sequence[re.Match[str]], held: Mapping[str, Sequence[tuple[Finding, Form]]]
) -> list[tuple[Finding, Form]]:
    sections: Counter[str] = Counter()
    for hit in hits:
        owners = {finding.id.partition(".")[0] for finding, form in held[hit.group()] if form.part in _TELLING}
        sections.update({owner: 1 / len(owners) for owner in owners})
    most = max(sections.values(), default=1.0)
    chosen: dict[int, tuple[Finding, Form]] = {}
    # what settles itself first: figures with a unit or decimals that few findings print; then counts and settings
    order = sorted(range(len(hits)), key=lambda at: (hits[at].group().isdigit(), len(held[hits[at].group()])))
    for at in order:
        hit = hits[at]
        near = [chosen[other][0] for other in chosen if abs(hits[other].start() - hit.start()) < 2 * _BESIDE]
        about = text[max(0, hit.start() - _BESIDE) : hit.end() + _BESIDE]
        behind = text[hit.end() : hit.end() + _BESIDE // 2]
        is_setting = hit.group().isdigit() and _AFTER_A_SETTING.match(text, hit.end()) is not None

        def fit(
            item: tuple[Finding, Form],
            near: list[Finding] = near,
            about: str = about,
            behind: str = behind,
            is_setting: bool = is_setting,
        ) -> tuple[float, ...]:
            finding, form = item
            part, section = form.part.partition(":")[0], finding.id.partition(".")[0]
            return (
                (part in _SETTINGS) == is_setting,
                2 * _words_shared(finding, about)
                + 2 * sections[section] / most
                + _named(finding, text)
                + _named(finding, behind[: len(" (XLG (simulated))")])
                + _settings_printed(finding, about)
                + _settings_printed(finding, behind)
                + any(section == other.id.partition(".")[0] for other in near)
                + any(finding.id == other.id for other in near)
                + any(finding is other for other in near)
                + any(_agree(finding, other) for other in near),
                -_PARTS.index(part),
                form.decimals is None and not form.cut,
            )

        chosen[at] = max(held[hit.group()], key=fit)
    return [chosen[at] for at in range(len(hits))]


_TELLING = ("value", "interval", "gap")
_SETTINGS = ("key", "weeks")
_AFTER_A_SETTING = re.compile(r"-day|-week| days| months|[.,;:]|$")
#: characters within which one figure stands beside another
_BESIDE = 60


def _words_shared(finding: Finding, text: str) -> int:
    """How many words of its id and settings stand in a text."""
    said = {word[:5] for word in re.findall(r"[a-z]{3,}", text.lower())}
    own = {word[:5] for word in re.findall(r"[a-z]{3,}", finding.id.partition(".")[2])}
    settings = " ".join(str(value) for value in finding.key.values()).lower().replace("(simulated)", "")
    own |= {word[:5] for word in re.findall(r"[a-z]{3,}", settings)}
    return len(own & said)


def _agree(finding: Finding, other: Finding) -> bool:
    """Whether two findings share their settings, as a rate and its base rate do."""
    shared = finding.key.keys() & other.key.keys()
    return bool(shared) and all(finding.key[name] == other.key[name] for name in shared)


def _named(finding: Finding, text: str) -> int:
    """How many of its fund and the funds it is held against a text names."""
    names = {finding.subject, *(str(finding.key[name]) for name in ("against", "leg") if name in finding.key)}
    return sum(bool(name) and name in text for name in names)


def _settings_printed(finding: Finding, text: str) -> bool:
    """Whether its window or horizon stands in a text."""
    printed = set(re.findall(r"\d+", text))
    return any(str(finding.key.get(name)) in printed for name in ("window", "horizon"))


def _alias(finding: Finding, form: Form, taken: Mapping[str, Figure]) -> str:
    """A name of letters: what the finding says, and of which part; numbered by letters where it is taken."""
    part = form.part.partition(":")[2] or form.part
    name = finding.id.partition(".")[2] if part == "value" else f"{finding.id.partition('.')[2]}_{part}"
    name = re.sub(r"[^a-z_]", "", name.lower()).strip("_") or "figure"
    return next(full for letters in _letters() if (full := f"{name}{letters}") not in taken)


def _letters() -> Iterable[str]:
    yield ""
    yield from (f"_{chr(first)}{chr(second)}" for first in range(97, 123) for second in range(97, 123))


def meaning(finding: Finding, form: Form) -> str:
    """What a figure is, in words: id, fund and settings."""
    settings = ", ".join(f"{name} {value}" for name, value in sorted(finding.key.items()))
    what = finding.id.replace(".", ": ").replace("_", " ")
    part = {"value": "", "n": "sample size of ", "interval": "interval of ", "level": "coverage of the interval of "}
    name = form.part.partition(":")[2]
    return f"{part.get(form.part, f'{name or form.part} of '.replace('_', ' '))}{what}, {finding.subject}" + (
        f" ({settings})" if settings else ""
    )
