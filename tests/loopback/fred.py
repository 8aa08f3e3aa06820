"""FRED's two endpoints: the free CSV of the newest values, and the keyed JSON with days of publication."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.loopback.answers import Answer, Query, as_json, as_page
from tests.loopback.world import World

FOREVER = "9999-12-31"
DAWN = "1776-07-04"


def csv(world: World, query: Query) -> Answer:
    """Newest values known on the world's last day; a missing value is an empty field."""
    names = [name for name in query.get("id", "").split(",") if name]
    if not names or any(name not in world.series for name in names):
        return as_page("Error - 404", 404)
    first, last = query.get("cosd", DAWN), query.get("coed", FOREVER)
    known = {name: {day: value for day, value, _, _ in _versions(world, name, world.last)} for name in names}
    days = sorted({day for values in known.values() for day in values if first <= day <= last})
    rows = [",".join([day, *(_text(known[name].get(day), "") for name in names)]) for day in days]
    return Answer(200, "\n".join([",".join(["observation_date", *names]), *rows, ""]).encode(), "text/csv")


def observations(world: World, query: Query) -> Answer:
    """Values with the span over which each was the newest, clipped to the span asked for."""
    if query.get("api_key") != world.fred_key:
        return _refused("The value for variable api_key is not registered.")
    name = query.get("series_id", "")
    if name not in world.series:
        return _refused("The series does not exist.")
    start, end = query.get("realtime_start", world.last), query.get("realtime_end", world.last)
    first, last = query.get("observation_start", DAWN), query.get("observation_end", FOREVER)
    found = [
        {"realtime_start": max(known, start), "realtime_end": min(until, end), "date": day, "value": _text(value, ".")}
        for day, value, known, until in _versions(world, name)
        if known <= end and until >= start and first <= day <= last
    ]
    if query.get("sort_order") == "desc":
        found.reverse()
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 100_000))
    head: dict[str, Any] = {
        "realtime_start": start,
        "realtime_end": end,
        "observation_start": first,
        "observation_end": last,
    }
    head |= {"units": "lin", "output_type": 1, "file_type": "json", "order_by": "observation_date"}
    head |= {"sort_order": query.get("sort_order", "asc"), "count": len(found), "offset": offset, "limit": limit}
    return as_json({**head, "observations": found[offset : offset + limit]})


def _versions(world: World, name: str, on: str | None = None) -> list[tuple[str, float | None, str, str]]:
    """Day, value, first and last day on which it was the newest; only those newest on a day, when it is given.

    Nothing published after the world's last day is known.
    """
    by_day: dict[str, list[tuple[str, float | None]]] = {}
    for day, value, published in world.series[name]:
        if published <= world.last:
            by_day.setdefault(day, []).append((published, value))
    found = []
    for day, versions in sorted(by_day.items()):
        versions.sort(key=lambda version: version[0])
        ends = [_day_before(published) for published, _ in versions[1:]] + [FOREVER]
        for (published, value), until in zip(versions, ends, strict=True):
            if on is None or published <= on <= until:
                found.append((day, value, published, until))
    return found


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def _text(value: float | None, missing: str) -> str:
    return missing if value is None else f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _refused(reason: str) -> Answer:
    content: dict[str, Any] = {"error_code": 400, "error_message": f"Bad Request.  {reason}"}
    return as_json(content, 400)
