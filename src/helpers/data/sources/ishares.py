"""The holdings file that iShares offers for download."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np

from helpers.core.errors import UnfitDataError
from helpers.data.sources.lists import DASHES, Cells, number, ticker

#: share classes that iShares writes without a mark between; FOXA, GOOGL and the like have none
JOINED = frozenset(
    ("AGMA", "AKOA", "AKOB", "BFA", "BFB", "BIOB", "BRKA", "BRKB", "CRDA", "CRDB", "CWENA", "GEFB", "GTNA", "HEIA")
    + ("HVTA", "LENB", "MKCV", "MOGA", "MOGB", "UHALB", "WSOB")
)
HEADER = "Ticker"
EQUITY = "equity"
DATED = "Fund Holdings as of"
DATE_FORMS = ("%b %d, %Y", "%d/%b/%Y", "%d.%b.%Y", "%d-%b-%Y", "%Y-%m-%d")
#: what stands in the column Exchange of a share that is not traded
UNLISTED = "NO MARKET"


class Holdings(NamedTuple):
    """Shares that a fund holds: line, ticker, name, weight and sector of each; its day; what to say; other facts."""

    rows: list[tuple[int, str, str, float, str]]
    as_of: str
    notes: list[str]
    facts: dict[str, Any]


def header_of(lines: list[Cells]) -> int | None:
    """Place of the row that names the columns of a holdings file; None when it is not such a file."""
    for place, (_, cells) in enumerate(lines):
        if cells[0] == HEADER and "Asset Class" in cells:
            return place
    return None


def holdings(file: str, lines: list[Cells]) -> Holdings:
    """The shares of a holdings file; cash, derivatives and what is not traded are set aside and told.

    Parameters
    ----------
    file : str
        Its name, for messages.
    lines : list of (line number, cells)
        Of the whole file, blank lines left out, cells stripped.

    Raises
    ------
    UnfitDataError
        No day, no shares, or a cell that is no number.
    """
    start = header_of(lines)
    assert start is not None
    facts = _facts(lines[:start])
    header, below = lines[start][1], lines[start + 1 :]
    # the legal text below the table has fewer cells, and nothing comes after it
    end = next((place for place, (_, cells) in enumerate(below) if len(cells) != len(header)), len(below))
    if any(len(cells) == len(header) for _, cells in below[end:]):
        line, cells = below[end]
        raise UnfitDataError(
            f"{file}: line {line}: {len(cells)} fields found, {len(header)} needed as in the header; download it again",
            file=file,
            line=line,
        )
    table = [(line, dict(zip(header, cells, strict=True))) for line, cells in below[:end]]
    if not facts["as_of"]:
        raise UnfitDataError(
            f"{file}: `{DATED}` has no day, as in a file downloaded for a day without trading; download it again",
            file=file,
        )
    aside = [cells for _, cells in table if not _is_share(cells)]
    shares = [(line, cells) for line, cells in table if _is_share(cells)]
    if not shares:
        raise UnfitDataError(f"{file}: no shares below the header; download the file again", file=file)
    rows, quantity, merged = _rows(file, shares)
    notes = []
    if aside:
        weight = sum(_number(file, 0, cells, "Weight (%)") for cells in aside) / 100
        what = "row" if len(aside) == 1 else "rows"
        notes.append(f"{len(aside)} {what} of cash, derivatives and unlisted shares set aside, {weight:.2%} of weight")
    if merged:
        notes.append(f"{', '.join(merged)}: several rows for one ticker, added up")
    return Holdings(rows, facts.pop("as_of"), notes, facts | {"quantity": quantity})


def _rows(
    file: str, shares: list[tuple[int, dict[str, str]]]
) -> tuple[list[tuple[int, str, str, float, str]], dict[str, float], list[str]]:
    """Rows, pieces held of each ticker, and the tickers that stood in several rows."""
    rows: dict[str, tuple[int, str, str, float, str]] = {}
    quantity: dict[str, float] = {}
    merged: list[str] = []
    pieces = "Quantity" if "Quantity" in shares[0][1] else "Shares"
    for line, cells in shares:
        symbol = ticker(cells[HEADER])
        symbol = f"{symbol[:-1]}-{symbol[-1]}" if symbol in JOINED else symbol
        weight, held = _number(file, line, cells, "Weight (%)") / 100, _number(file, line, cells, pieces)
        if symbol in rows:
            merged.append(symbol)
            first = rows[symbol]
            rows[symbol] = (*first[:3], first[3] + weight, first[4])
            quantity[symbol] += held
            continue
        sector = cells.get("Sector", "")
        rows[symbol] = (line, symbol, cells.get("Name", ""), weight, "" if sector.lower() in DASHES else sector)
        quantity[symbol] = held
    return list(rows.values()), quantity, list(dict.fromkeys(merged))


def _is_share(cells: dict[str, str]) -> bool:
    return (
        cells["Asset Class"].lower() == EQUITY
        and cells[HEADER].lower() not in ("", "-", "--")
        and not cells.get("Exchange", "").upper().startswith(UNLISTED)
    )


def _facts(preamble: list[Cells]) -> dict[str, Any]:
    """Fund, day, inception and shares outstanding from the lines above the table."""
    told = {cells[0]: cells[1] for _, cells in preamble if len(cells) > 1}
    first = preamble[0][1] if preamble else [""]
    try:
        outstanding = number(told.get("Shares Outstanding", ""))
    except ValueError:
        outstanding = float("nan")
    return {
        "fund": first[0] if first[0] != DATED else "",
        "as_of": _day(told.get(DATED, "")),
        "inception": _day(told.get("Inception Date", "")),
        "shares_outstanding": outstanding,
    }


def _day(text: str) -> str:
    """An ISO day, empty when there is none."""
    for form in DATE_FORMS:
        try:
            return dt.datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    return ""


def _number(file: str, line: int, cells: dict[str, str], column: str) -> float:
    try:
        found = number(cells.get(column, ""))
    except ValueError:
        raise UnfitDataError(
            f"{file}: line {line}: `{column}` is not a number: {cells[column]!r}; download the file again",
            file=file,
            line=line,
            column=column,
        ) from None
    return 0.0 if np.isnan(found) else found
