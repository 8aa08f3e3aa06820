"""Vega-Lite into SVG: in this process, or by whoever draws for it.

Importing this module does not load the converter; drawing does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from helpers.note import lean


@lru_cache(maxsize=32)  # a notebook shows a chart and then publishes it
def drawn(text: str) -> str:
    """The lean SVG of a Vega-Lite dictionary in JSON; errors as `here`."""
    return _drawer[0](text)


def here(text: str) -> str:
    """The same, drawn in this process.

    Raises
    ------
    ValueError
        The chart names data by address, or is not Vega-Lite.
    """
    import vl_convert

    spec = json.loads(text)
    made: str = vl_convert.vegalite_to_svg(spec, vl_version=_version(spec), allowed_base_urls=[])
    return lean.own_ids(lean.trimmed(made))


def draw_by(drawer: Callable[[str], str]) -> None:
    """Let `drawer`, which gives what `here` would, draw for this process."""
    _drawer[:] = [drawer]


_drawer: list[Callable[[str], str]] = [here]


def _version(spec: dict[str, Any]) -> str:
    """Vega-Lite version the spec was written for, or the newest at hand of the same major number."""
    import vl_convert

    held: list[str] = vl_convert.get_vegalite_versions()
    found = re.search(r"/v(\d+)(?:\.(\d+))?", str(spec.get("$schema", "")))
    if found is None:
        return held[-1]
    if f"{found[1]}.{found[2]}" in held:
        return f"{found[1]}.{found[2]}"
    same = [version for version in held if version.split(".")[0] == found[1]]
    if not same:
        raise ValueError(f"Vega-Lite {found[1]} is what the chart needs; vl-convert holds {', '.join(held)}; update it")
    return same[-1]
