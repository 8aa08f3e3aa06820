"""How a finding stands in a sentence: with the word its sign allows, as a short date, as an interval, in a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from helpers.core.findings import DECIMALS, UNKNOWN, Finding

#: beyond its unit's, how many decimals tell a figure from another
MORE_DECIMALS = 4


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


def interval(finding: Finding) -> str:
    """The interval with its coverage: "95% interval 52.1 to 71.9%"; "no interval" where there is none."""
    text = finding.interval_text()
    return f"{finding.level:.0%} interval {text}" if text and finding.level else "no interval"


def printed(value: Any) -> Any:
    """A finding as its text; text and counts as they are.

    Raises
    ------
    TypeError
        Anything else: a bare figure would be printed past its finding.
    """
    from jinja2 import Undefined

    if isinstance(value, Finding):
        return value.text()
    if isinstance(value, Undefined):
        return value  # of a choice without another side nothing is printed, of a slot that is not given an error comes
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"{type(value).__name__} cannot be printed; write the finding itself, {{{{ finding }}}}")


def apart(finding: Finding, other: Finding | None) -> str:
    """A figure with as many decimals as tell it from another: "15.089" beside 15.091, "72.61" beside 72.56."""
    if other is None or not isinstance(other.value, (int, float)) or finding.value == other.value:
        return finding.text()
    places = DECIMALS.get(finding.unit, 0)
    for decimals in range(places, places + MORE_DECIMALS + 1):
        if finding.text(decimals=decimals) != other.text(decimals=decimals):
            return finding.text(decimals=decimals)
    return finding.text()


def exact(finding: Finding) -> str:
    """A figure with as many decimals as show that it is not zero."""
    places = DECIMALS.get(finding.unit, 0)
    for decimals in range(places, places + MORE_DECIMALS + 1):
        text = finding.text(decimals=decimals)
        if finding.value == 0 or any(digit in "123456789" for digit in text):
            return text
    return finding.text()


#: what templates may write after a bar, ``{{ found|side }}``
FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        above,
        ahead,
        apart,
        bare,
        better,
        exact,
        interval,
        listed,
        lower_first,
        month,
        short_date,
        side,
        side_of,
        side_of_usual,
        year,
    )
}
