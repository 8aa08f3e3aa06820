"""A drawn SVG made lean: short coordinates, nothing that draws nothing, ids of its own."""

from __future__ import annotations

import hashlib
import re

#: marks for parts of what is read out as one image, and attributes at their default
_NOISE = re.compile(
    r' (?:aria-hidden="true"|pointer-events="none"|(?:role|aria-roledescription)="[a-z -]+"|class="(?!marks)[^"]*"'
    r'|opacity="1"|stroke-width="1"|stroke-miterlimit="10"|text-anchor="start")'
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_NOTHING = re.compile(r'<g></g>|<g/>|<path d="M0,0h0v0h0Z"/>')


def trimmed(drawn: str) -> str:
    """Coordinates to a tenth of a pixel, and nothing that draws nothing or that one image does not need."""
    drawn = _NOTHING.sub("", _NOISE.sub("", drawn))
    return re.sub(
        r'(?<= d=")[^"]{200,}(?=")|(?<= transform=")[^"]+(?=")',
        lambda path: _LONG_NUMBER.sub(lambda n: f"{float(n[0]):.1f}", path[0]),
        drawn,
    )


def own_ids(drawn: str) -> str:
    """Ids counted from 1 in this chart: the converter counts on from chart to chart, and two charts share a page."""
    names = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn)))
    if not names:
        return drawn
    mask = re.compile(r'(?<=\bid=")(?:{0})(?=")|(?<=url\(#)(?:{0})(?=\))'.format("|".join(map(re.escape, names))))
    bare = mask.sub("", drawn)
    stem = "c" + hashlib.sha256(bare.encode()).hexdigest()[:8]
    number = {name: f"{stem}-{place}" for place, name in enumerate(names, 1)}
    return mask.sub(lambda hit: number[hit[0]], drawn)
