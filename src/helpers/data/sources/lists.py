"""Lists of members as text: the lines of a file, and numbers and tickers as people write them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from helpers.core.errors import SourceNotFoundError, UnfitDataError

#: what stands for nothing in a cell that should hold a number or a sector
DASHES = ("", "-", "--", "–", "—", "n/a", "na", "nan", "null", "none")
#: letters behind a dot that name an exchange to Yahoo (Frankfurt, London, Tokyo, Toronto Venture), not a class of share
EXCHANGES = "FLTV"
#: how spreadsheets, old and new, and pages begin
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"<")

#: number of a line and its cells
Cells = tuple[int, list[str]]


def lines(path: Path) -> tuple[list[Cells], str]:
    """Each line of a CSV that is not blank, and what stands between the cells: a comma, a semicolon or a tab.

    Raises
    ------
    SourceNotFoundError
        The file cannot be read.
    UnfitDataError
        A spreadsheet, a file that is not UTF-8 text, or an empty one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceNotFoundError(f"{path}: {error.strerror}; give a file that can be read", path=str(path)) from None
    if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(SPREADSHEETS):
        raise UnfitDataError(
            f"{path.name}: a spreadsheet or page, not a CSV; save or download it as CSV", path=str(path)
        )
    try:
        text = content.decode("utf-8-sig").replace("\xa0", " ")
    except UnicodeDecodeError:
        raise UnfitDataError(f"{path.name}: not UTF-8 text; save it as CSV UTF-8", path=str(path)) from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        read = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise UnfitDataError(f"{path.name}: line {reader.line_num}: {error}; correct it", path=str(path)) from None
    filled = [(place, cells) for place, cells in read if any(cells)]
    if not filled:
        raise UnfitDataError(f"{path.name}: the file is empty; write rows into it", path=str(path))
    return filled, delimiter


def number(text: str, *, decimal_comma: bool = False) -> float:
    """A cell's number, NaN for an empty one; thousands separators, currency and percent signs are read over.

    Raises
    ------
    ValueError
        It is not a number.

    Examples
    --------
    >>> number("1,234.50"), number("0,45%", decimal_comma=True), number("(0.02)")
    (1234.5, 0.45, -0.02)
    """
    plain = text.strip().rstrip("%").lstrip("$€£").replace(" ", "")
    if plain.lower() in DASHES:
        return float("nan")
    plain = re.sub(r"^\((.*)\)$", r"-\1", plain)
    plain = plain.replace(".", "").replace(",", ".") if decimal_comma and "," in plain else plain.replace(",", "")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", plain, re.IGNORECASE):
        raise ValueError(text)
    return float(plain)


def ticker(text: str) -> str:
    """A ticker as Yahoo writes it: upper case, a dash before the class of share.

    Examples
    --------
    >>> [ticker(text) for text in ("brk.b", "BF/B", "BRK B", "7203.T", "NA")]
    ['BRK-B', 'BF-B', 'BRK-B', '7203.T', 'NA']
    """
    plain = " ".join(text.split()).upper()
    plain = re.sub(r"^([A-Z0-9]+)[/ ]([A-Z]{1,2})$", r"\1-\2", plain)
    return re.sub(rf"^([A-Z0-9]+)\.(?![{EXCHANGES}]$)([A-Z])$", r"\1-\2", plain)
