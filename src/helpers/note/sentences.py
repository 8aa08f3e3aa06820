"""Sentence templates: words from a file that a person can edit, numbers from findings alone."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Any

from helpers.core.errors import ParameterError
from helpers.core.findings import Finding, Findings
from helpers.note import printed, template_code, template_kept, template_own, words
from helpers.note.words import WordError

#: Jinja's own filters that a sentence may use beside those of `printed`
_FILTERS = ("capitalize", "join", "map")
#: a person's own templates by id, and where a refusal of one of them is noted, while a note is written
_own: ContextVar[tuple[Mapping[str, str], list[str] | None]] = ContextVar("own templates")


def render(template: str, /, **slots: Any) -> str:
    """The sentence of this template id, with its slots filled.

    A person's own template of this id comes first; where one of its guarded words does not hold, it is refused and
    the package's own is used. Where a word of that does not hold either, the sentence is withheld: "" inside `using`,
    which notes it, an error outside.

    Parameters
    ----------
    template : str
        Id in ``sentences.toml``, such as "volume.partial".
    **slots
        Findings (printed by their own ``text()``), words chosen by a predicate, or lists of findings.

    Raises
    ------
    KeyError
        No such template.
    WordError
        Outside `using`: a guarded word of the package's own template does not hold, so the wrong twin was picked.
    jinja2.UndefinedError
        A slot that was not filled.
    """
    own, refused = _own.get(({}, None))
    if template in own and refused is not None:
        try:
            if said := _spoken(template, own[template], slots):
                return said
            reason = "it says nothing"
        except WordError as error:
            reason = str(error)
        except Exception as error:  # whatever a person's template does, the package's stands in for it
            reason = f"a slot does not hold what the sentence does with it ({type(error).__name__}: {error})"
        refused.append(f"A sentence of your own gave way to the package's: {template}: {reason}")
    try:
        return _filled(_packaged(template), slots)
    except WordError as error:
        if refused is None:
            raise
        refused.append(f"A sentence is withheld, for its words do not hold: {template}: {error}")
        return ""


@cache
def sources() -> dict[str, str]:
    """The package's templates by id; ValueError where one breaks the rules of `faults`."""
    text = resources.files("helpers.note").joinpath("sentences.toml").read_text(encoding="utf-8")
    held = dict(flat(tomllib.loads(text)))
    wrong = [f"{name}: {fault}" for name, template in held.items() for fault in faults(template)]
    if wrong:
        raise ValueError("sentences.toml: " + "; ".join(wrong))
    return held


def templates() -> tuple[str, ...]:
    """The ids of all templates, in the order of the file."""
    return tuple(sources())


@contextmanager
def using(own: Mapping[str, str]) -> Iterator[list[str]]:
    """Within this block a person's own templates, by id, come before the package's; gives the list of refusals."""
    refused: list[str] = []
    token = _own.set((own, refused))
    try:
        yield refused
    finally:
        _own.reset(token)


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Ids and texts of the templates in a table as TOML gives it."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def check_own(own: Mapping[str, Any], origin: str) -> None:
    """Refuse a person's own templates that could print a figure or a guarded word which no finding bears out.

    Raises
    ------
    ParameterError
        No such template, or a fault of `own_faults`: a typed number or guarded word, a slot or part that this sentence
        is not given, a word outside the sentence that bears it out.
    """
    for name, text in own.items():
        if name not in sources():
            near = difflib.get_close_matches(name, templates(), n=1)
            hint = f"; did you mean `{near[0]}`?" if near else "; docs/words.md lists them"
            raise ParameterError(f"{origin}: `{name}` is no template{hint}")
        if not isinstance(text, str) or not text.strip():
            raise ParameterError(f"{origin}: {name}: a sentence in quotes is needed")
        for fault in own_faults(name, text):
            raise ParameterError(f"{origin}: {name}: {fault}")


@cache
def own_faults(template: str, text: str) -> tuple[str, ...]:
    """What is wrong with a person's own text of a template of the package, the plainest first."""
    environment, packaged = _environment(), _packaged(template)
    found = faults(text, packaged)
    if not found:
        found = list(template_own.faults(environment.parse(text), environment.parse(packaged)))
    return tuple(found or template_kept.faults(text, packaged, environment))


def faults(text: str, packaged: str | None = None) -> list[str]:
    """What is wrong with a template: typed digits, guarded words typed as text, code that is not allowed.

    Set phrases may stand in the package's own text, and in another where `packaged`, which it replaces, has them.
    """
    from jinja2 import TemplateSyntaxError

    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        return [f"not readable as a template ({error.message})"]
    found = list(template_code.faults(tree, _environment().filters))
    for typed in template_code.typed(tree):
        found += words.objections(typed, words.set_phrases(text if packaged is None else packaged))
    return list(dict.fromkeys(found))


def facts(findings: Findings, section: str) -> dict[str, Finding]:
    """The first finding of each name in a section, by name: ``facts["prior_high"]``."""
    out: dict[str, Finding] = {}
    for item in findings:
        owner, _, name = item.id.partition(".")
        if owner == section:
            out.setdefault(name, item)
    return out


def _filled(text: str, slots: Mapping[str, Any]) -> str:
    return " ".join(_compiled(text).render(slots).split())


def _spoken(template: str, text: str, slots: Mapping[str, Any]) -> str:
    """A person's own sentence; what of it was typed is read once more as it is printed.

    Raises
    ------
    WordError
        It breaks a rule: a word was put together from parts, or the template was never checked.
    """
    from helpers.note import template_mask

    for fault in own_faults(template, text):
        raise WordError.of(fault)
    said, typed = template_mask.parted(_compiled_own(text), slots)
    for fault in words.objections(typed, words.set_phrases(_packaged(template))):
        raise WordError.of(fault)
    if joined := re.search(r"\w*(?:\w\0|\0\w)\w*", typed):
        letters = joined.group().replace("\0", "")
        raise WordError.of(f"`{letters}` is joined to a value; leave a blank or a mark between them")
    return " ".join(said.split())


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=printed.printed, autoescape=False)
    kept = {name: environment.filters[name] for name in _FILTERS}
    environment.filters = {**kept, **printed.FILTERS}
    environment.globals = dict(words.calls())
    return environment


@cache
def _compiled_own(text: str) -> Any:
    from jinja2 import StrictUndefined

    from helpers.note import template_mask

    environment = template_mask.Environment(undefined=StrictUndefined, finalize=template_mask.marked, autoescape=False)
    followed = {
        name: template_mask.following(_environment().filters[name]) for name in ("capitalize", *printed.FILTERS)
    }
    environment.filters = {**followed, "map": environment.filters["map"], "join": template_mask.joined}
    environment.globals = dict(words.calls())
    return environment.from_string(text)


def _packaged(template: str) -> str:
    try:
        return sources()[template]
    except KeyError:
        raise KeyError(f"sentences.toml has no template {template!r}; add it or mend the name") from None


@cache
def _compiled(text: str) -> Any:
    return _environment().from_string(text)
