"""Conditions over findings, under which a guarded word may be printed; unknown never meets one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from helpers.core.findings import Finding

Predicate = Callable[..., bool]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: a difference, as a fraction, within which a fund neither leads nor trails
MATCH_WITHIN = 0.005
#: units of a difference, whose sign means something, and ids of fractions that are changes, not shares
SIGNED = ("points", "bp", "score", "atr")
#: settings of a difference between two, ends of the ids of thresholds and of margins in any unit
AGAINST, THRESHOLD, MARGINS = {"against", "ratio", "basket"}, "_threshold", ("margin", "gap")
#: the end of the ids of flags that two readings differ
DIFFER = "_differ"
CHANGES = ("change", "distance", "performance", "drawdown", "loss", "from_ratio_high", "trigger_", "excess")


def number(item: Any) -> float | None:
    """A finding's value, or a plain number, as one; None where there is none."""
    value = item.value if isinstance(item, Finding) else item
    return None if value is None or isinstance(value, (str, bool)) else float(value)


def label(item: Any) -> str:
    """A finding's label; "" where it has none."""
    return str(item.value) if isinstance(item, Finding) and item.unit == "label" and item.is_known else ""


def is_positive(*items: Any) -> bool:
    """Every one is a change or difference above zero."""
    return bool(items) and all(_is_change(item) and (number(item) or 0) > 0 for item in items)


def is_negative(*items: Any) -> bool:
    """Every one is a change or difference below zero."""
    return bool(items) and all(_is_change(item) and (number(item) or 0) < 0 for item in items)


def is_risen(*items: Any) -> bool:
    """Every one is a change of its own above zero, not a difference against another or a threshold."""
    return is_positive(*items) and all(_is_own(item) for item in items)


def is_fallen(*items: Any) -> bool:
    """Every one is a change of its own below zero, not a difference against another or a threshold."""
    return is_negative(*items) and all(_is_own(item) for item in items)


def is_ahead(*items: Any) -> bool:
    """Every one is a difference in points above zero."""
    return is_positive(*items) and all(item.unit == "points" for item in items)


def is_behind(*items: Any) -> bool:
    """Every one is a difference in points below zero."""
    return is_negative(*items) and all(item.unit == "points" for item in items)


def is_threshold(item: Any) -> bool:
    """How far the factor of a scenario has to move, in the direction that counts."""
    return isinstance(item, Finding) and item.id.endswith(THRESHOLD) and (number(item) or 0) > 0


def is_over_zero(item: Any) -> bool:
    """A distance or margin above zero, whatever its unit."""
    return _is_distance(item) and (number(item) or 0) > 0


def is_not_negative(item: Any) -> bool:
    """Zero or above."""
    value = number(item)
    return value is not None and value >= 0


def is_larger(first: Any, second: Any) -> bool:
    """The first is larger."""
    return _ordered(first, second, lambda one, other: one > other)


def is_smaller(first: Any, second: Any) -> bool:
    """The first is smaller."""
    return _ordered(first, second, lambda one, other: one < other)


def is_not_larger(first: Any, second: Any = None) -> bool:
    """The first is smaller or the same; of one margin or change, it is not above zero."""
    if second is None:
        value = number(first)
        return _is_distance(first) and value is not None and value <= 0
    return _ordered(first, second, lambda one, other: one <= other)


def is_equal(first: Any, second: Any = None) -> bool:
    """Both are the same; of one margin or change, it is zero, or a difference of less than `MATCH_WITHIN`."""
    if second is None:
        value = number(first) if _is_distance(first) else None
        within = MATCH_WITHIN if isinstance(first, Finding) and first.unit == "points" else 0.0
        return value is not None and (value == 0 or abs(value) < within)
    return _ordered(first, second, lambda one, other: one == other)


def is_largest(first: Any, others: Iterable[Any]) -> bool:
    """The first is at least as large as every one that is known of the others, and there is one."""
    held = [item for item in others if number(item) is not None]
    return bool(held) and all(not is_smaller(first, item) for item in held) and number(first) is not None


def is_smallest(first: Any, others: Iterable[Any]) -> bool:
    """The first is at most as large as every one that is known of the others, and there is one."""
    held = [item for item in others if number(item) is not None]
    return bool(held) and all(not is_larger(first, item) for item in held) and number(first) is not None


def is_level(level: Any) -> bool:
    """A price that is known."""
    return isinstance(level, Finding) and level.unit == "price" and level.is_known


def is_yes(flag: Any) -> bool:
    """A flag that is yes."""
    return isinstance(flag, Finding) and flag.value is True


def is_no(flag: Any) -> bool:
    """A flag that is no."""
    return isinstance(flag, Finding) and flag.value is False


def is_flag(name: str, value: bool) -> Predicate:
    """The flag of that name has that value."""
    return lambda flag: isinstance(flag, Finding) and flag.id.rpartition(".")[2] == name and flag.value is value


def is_open(flag: Any) -> bool:
    """A flag that is not known, or one that no section stated."""
    return flag is None or (isinstance(flag, Finding) and flag.value is None)


def is_date(day: Any) -> bool:
    """A date that is known."""
    return isinstance(day, Finding) and day.unit == "date" and day.is_known


def are_undated(*days: Any) -> bool:
    """None of the dates is known."""
    return not any(is_date(day) for day in days)


def is_earlier(day: Any, other: Any = None) -> bool:
    """The first date of a high is before the second, or the second is not known."""
    return is_date(day) and "high_date" in day.id and (not is_date(other) or str(day.value) < str(other.value))


def is_weekday(which: int) -> Predicate:
    """The date falls on that day of the week, Monday 0."""
    return lambda day: is_date(day) and dt.date.fromisoformat(str(day.value)[:10]).weekday() == which


def is_labelled(word: str) -> Predicate:
    """The finding's label is the word."""
    return lambda item: label(item) == word


def is_labelled_otherwise(word: str) -> Predicate:
    """The finding has a label, and it is not the word."""
    return lambda item: label(item) not in ("", word)


def is_share(item: Any) -> bool:
    """A share that is known."""
    return isinstance(item, Finding) and item.unit == "fraction" and item.is_known


def is_counted(item: Any) -> bool:
    """A count of cases, a finding with a sample size, or the day of a case."""
    if not isinstance(item, Finding):
        return False
    return item.n is not None or (item.is_known and (item.unit == "count" or item.key.get("trigger") is not None))


def is_surely_negative(item: Any) -> bool:
    """The interval lies below zero."""
    return isinstance(item, Finding) and item.high is not None and item.high < 0


def is_surely_positive(item: Any) -> bool:
    """The interval lies above zero."""
    return isinstance(item, Finding) and item.low is not None and item.low > 0


def is_unsure(item: Any) -> bool:
    """There is an interval, and zero is in it."""
    known = isinstance(item, Finding) and item.low is not None and item.high is not None
    return known and not is_surely_negative(item) and not is_surely_positive(item)


def is_agreed(*items: Any) -> bool:
    """Flags of difference that are all no; of two numbers, no opposite signs."""
    if all(isinstance(item, Finding) and item.unit == "bool" for item in items):
        return bool(items) and all(is_no(item) and item.id.endswith(DIFFER) for item in items)
    return None not in [number(item) for item in items] and not is_disputed(*items)


def is_disputed(*items: Any) -> bool:
    """A flag of difference that is yes; of two numbers, opposite signs."""
    if len(items) == 1:
        return is_yes(items[0]) and items[0].id.endswith(DIFFER)
    held = [value for value in map(number, items) if value is not None]
    return len(held) == len(items) and min(held) < 0 < max(held)


def is_never(*items: Any) -> bool:
    """Nothing bears the word out: another one has to be chosen."""
    return False


def is_said() -> bool:
    """Nothing is needed: a denial."""
    return True


def _is_change(item: Any) -> bool:
    if not isinstance(item, Finding):
        return False
    return item.unit in SIGNED or (item.unit == "fraction" and any(name in item.id for name in CHANGES))


def _is_own(item: Finding) -> bool:
    return not item.id.endswith(THRESHOLD) and not AGAINST & item.key.keys()


def _is_distance(item: Any) -> bool:
    """A change, a difference, or a margin in whatever unit."""
    return _is_change(item) or (isinstance(item, Finding) and item.id.rpartition(".")[2].endswith(MARGINS))


def _ordered(first: Any, second: Any, compare: Callable[[float, float], bool]) -> bool:
    units = {item.unit for item in (first, second) if isinstance(item, Finding)}
    one, other = number(first), number(second)
    return len(units) <= 1 and one is not None and other is not None and compare(one, other)
