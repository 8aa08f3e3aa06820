"""A sentence as it is printed, and what of it was typed: the rest gives way to a sign that no word goes through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpers.core.findings import Finding
from helpers.note import printed

_OPEN, _CLOSE = "\x01", "\x02"
_GIVEN = re.compile(rf"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


class Given(str):
    """Text of a finding, a slot or a guarded word: not typed."""

    __slots__ = ()

    def __iter__(self) -> Any:
        """Refused: words could be put together from its letters."""
        raise TypeError("a text is no list; print it whole")


class Environment(ImmutableSandboxedEnvironment):
    """An environment that remembers which text was given."""

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """What a finding or a guarded word says is given."""
        return given(super().call(context, obj, *args, **kwargs))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """So is a part of a finding."""
        return given(super().getattr(obj, attribute))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """So is an item."""
        return given(super().getitem(obj, argument))


def given(value: Any) -> Any:
    """Text marked as given, also inside a list; anything else as it is."""
    if isinstance(value, str):
        return Given(value)
    return [given(item) for item in value] if isinstance(value, (list, tuple)) else value


def marked(value: Any) -> Any:
    """What a slot prints, between signs if it was given."""
    text = printed.printed(value)
    is_typed = isinstance(value, str) and not isinstance(value, Given)
    return text if is_typed or not isinstance(value, (str, int, Finding)) else f"{_OPEN}{text}{_CLOSE}"


def following(function: Callable[..., Any]) -> Callable[..., Any]:
    """A form whose text is given if what it forms was."""

    def formed(value: Any, *args: Any, **kwargs: Any) -> Any:
        is_typed = isinstance(value, str) and not isinstance(value, Given)
        text = function(value, *args, **kwargs)
        return text if is_typed else given(text)

    return formed


def joined(items: Iterable[Any], between: str = "") -> str:
    """Items of a given list with a typed text between them."""
    return Given(between.join(str(printed.printed(item)) for item in items))


def parted(template: Any, slots: Mapping[str, Any]) -> tuple[str, str]:
    """The text that a template prints, and what of it was typed."""
    text = template.render({name: given(value) for name, value in slots.items()})
    typed = _GIVEN.sub(lambda found: "\0" if found[1] else "", text)
    return text.replace(_OPEN, "").replace(_CLOSE, ""), typed
