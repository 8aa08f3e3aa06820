"""The two sizes a chart is drawn at: one for page and print, one for a phone, stowed in the first."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import altair as alt
from altair.utils import schemapi

from helpers.note import theme

Words = ParamSpec("Words")
Made = TypeVar("Made")
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Canvas:
    """Width and text sizes in pixels, and how many letters a line of the heading holds."""

    width: int
    text_size: int
    title_size: int
    title_letters: int
    subtitle_letters: int

    def pick(self, wide: Choice, narrow: Choice) -> Choice:
        """The value for this size."""
        return narrow if self is NARROW else wide

    @property
    def look(self) -> dict[str, Any]:
        """The theme at this canvas's text sizes: a chart that is made with it need not be copied under it."""
        return theme.config(self.text_size, self.title_size)


WIDE = Canvas(
    width=theme.WIDTH, text_size=theme.TEXT_SIZE, title_size=theme.TITLE_SIZE, title_letters=70, subtitle_letters=100
)
NARROW = Canvas(width=360, text_size=12, title_size=15, title_letters=44, subtitle_letters=60)


def at_both_sizes(build: Callable[Concatenate[Canvas, Words], Made]) -> Callable[Words, Made]:
    """A chart function out of a builder that takes a canvas: the wide chart, with the narrow one for `theme.narrow`."""

    @functools.wraps(build)
    def built(*args: Words.args, **kwargs: Words.kwargs) -> Made:
        # each part would be held to the schema whenever it is put into another: tests hold the whole to it
        with schemapi.debug_mode(False):
            chart: Any = build(WIDE, *args, **kwargs)
            narrow: Any = build(NARROW, *args, **kwargs)
            kept = chart.usermeta if isinstance(chart.usermeta, dict) else {}
            narrow.usermeta = alt.Undefined
            chart.usermeta = {**kept, theme.NARROW: narrow.to_dict(validate=False)}
        made: Made = chart
        return made

    # what help() shows: the canvas is not the caller's to give
    signature = inspect.signature(build)
    built.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    return built
