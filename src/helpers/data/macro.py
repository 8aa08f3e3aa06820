"""Economic series as they were known on a day: when an observation was published, and what was held of it since.

FRED's free file tells today's values without the day on which each was published, and of some series only the last
three years. So the day comes from a rule, and own pulls are kept: what is no longer served stays, and a value that
changes becomes one more row, published when it was seen.

Rows have ``series``, ``date`` (the day or period observed), ``published``, ``value`` and ``publication``, which says
where the day of publication is from:

vintage
    FRED's own record of releases, asked for with an API key.
archive
    Older than that record; the day is by rule, and the value may have been revised before the record began.
stated
    By the publisher's schedule, see `RULES`.
assumed
    A lag for the frequency observed, see `LAGS`.
pulled
    Seen by an own pull: a revised value, an observation that came late, or one that came before its rule said.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.core.errors import ParameterError
from helpers.data import calendar
from helpers.data.bars import DATE_TYPE
from helpers.data.facts import Facts

Days = npt.NDArray[np.datetime64]

KIND = "macro"
COLUMNS = ("series", "date", "published", "value", "publication")
VINTAGE, ARCHIVE, STATED, ASSUMED, PULLED = "vintage", "archive", "stated", "assumed", "pulled"
KEY = ["series", "date"]


class Rule(NamedTuple):
    """How many days after the observed one a series comes out, moved to the next day on which offices are open."""

    pattern: str
    days: int
    source: str


RULES = (
    Rule(
        r"DGS\d+(MO)?|DTB(4WK|3|6|1YR)|DFII\d+|DFF|DPRIME",
        1,
        "Federal Reserve Board, H.15 Selected Interest Rates: each business day, with the rates of the one before",
    ),
    Rule(r"BAML\w+", 1, "ICE BofA Indices: computed after the close, in FRED on the next business day"),
    Rule(r"ICSA|ICNSA", 5, "US Department of Labor, weekly claims: Thursday, for the week that ended on Saturday"),
    Rule(r"CCSA|CCNSA", 12, "US Department of Labor, weekly claims: Thursday, insured unemployment a week behind"),
)


class Lag(NamedTuple):
    """What is assumed of a series that no rule names: days after the end of the period observed."""

    longest_gap: float
    period: str
    days: int


#: by the median of the days between observations; periods are dated by their first day, so the lag counts from the last
LAGS = (Lag(4, "D", 7), Lag(10, "D", 28), Lag(45, "M", 65), Lag(100, "Q", 120), Lag(np.inf, "Y", 365))


def publication_days(series: str, dates: Days) -> tuple[Days, str]:
    """The day on which each observation was published by rule, and whether that is "stated" or "assumed".

    The day is one on which both the exchange and the federal offices are open: the Fed publishes nothing on Columbus
    and Veterans Day, on which the exchange trades.

    Examples
    --------
    >>> days, publication = publication_days("DGS10", np.array(["2025-10-10"], dtype="datetime64[D]"))
    >>> str(days[0]), publication
    ('2025-10-14', 'stated')
    """
    dates = dates.astype("datetime64[D]")
    rule = next((rule for rule in RULES if re.fullmatch(rule.pattern, series)), None)
    if rule is not None:
        return _open_on_or_after(dates + np.timedelta64(rule.days, "D")), STATED
    gap = float(np.median(np.diff(np.unique(dates)).astype(float))) if len(np.unique(dates)) > 1 else np.inf
    lag = next(lag for lag in LAGS if gap <= lag.longest_gap)
    ends: Days = pd.PeriodIndex(pd.DatetimeIndex(dates), freq=lag.period).end_time.to_numpy().astype("datetime64[D]")
    late: Days = ends + np.timedelta64(lag.days, "D")
    return _open_on_or_after(late), ASSUMED


@lru_cache(maxsize=1)
def _open_days() -> Days:
    from pandas.tseries.holiday import USFederalHolidayCalendar

    trading = calendar.trading_days(calendar.FIRST_DAY, calendar.LAST_DAY).index
    holidays = USFederalHolidayCalendar().holidays(calendar.FIRST_DAY, calendar.LAST_DAY)
    return trading[~trading.isin(holidays)].to_numpy().astype("datetime64[D]")


def _open_on_or_after(dates: Days) -> Days:
    days = _open_days()
    found: Days = days[np.minimum(np.searchsorted(days, dates), len(days) - 1)]
    return found


def accumulate(held: pd.DataFrame | None, pulled: pd.DataFrame, day: calendar.Day) -> pd.DataFrame:
    """What is held after a pull: all that was held, and what the pull adds.

    Nothing held is dropped or changed, so what was known by the end of any day up to the last pull stays as it was:
    a revised value, and an observation that an earlier pull should have had by its rule, count as published on `day`.
    Two things may still extend the past, both because more is asked for: observations older than any held keep the day
    of their rule, and releases of FRED's own record ("vintage", "archive") the days it tells.

    Parameters
    ----------
    held : DataFrame or None
        What this function gave before; None at first.
    pulled : DataFrame
        `COLUMNS`, as `helpers.data.sources.fred.FredSource.series` gives them, of one or more series.
    day : day
        The day of the pull.

    Returns
    -------
    DataFrame
        `COLUMNS` and ``as_of``, the day of the pull that brought the row. A series of which the pull has nothing new
        gets its newest row again, so that the day of the pull is known.

    Raises
    ------
    ParameterError
        `day` is before an earlier pull.
    """
    return added(held, pulled, day) if held is None else pd.concat([held, added(held, pulled, day)], ignore_index=True)


def added(held: pd.DataFrame | None, pulled: pd.DataFrame, day: calendar.Day) -> pd.DataFrame:
    """The rows that a pull adds to those held; arguments and errors as `accumulate`."""
    now = pd.Timestamp(day).normalize()
    if held is None:
        held = pulled.iloc[:0].assign(as_of=pd.Series(dtype=DATE_TYPE))
    last_look = held.groupby("series")["as_of"].max()
    asked = pulled["series"].unique()
    late = last_look[last_look.index.isin(asked) & (last_look > now)]
    if len(late):
        raise ParameterError(
            f"{late.index[0]}: a pull of {now.date()} cannot follow the one of {late.iloc[0].date()}; correct the clock"
        )
    rows = pulled[list(COLUMNS)]
    own = rows["publication"].isin([VINTAGE, ARCHIVE])
    new = pd.concat([_releases(held, rows[own]), _seen(held, rows[~own], now)], ignore_index=True)
    again = _ordered(held[held["series"].isin(asked) & ~held["series"].isin(new["series"].unique())])
    new = pd.concat([new, again.drop_duplicates("series", keep="last")], ignore_index=True)
    stamped: pd.DataFrame = new.assign(as_of=now).astype({"as_of": DATE_TYPE})
    return stamped


def _releases(held: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Releases of FRED's record that are not held."""
    known = held.loc[held["publication"].isin([VINTAGE, ARCHIVE]), [*KEY, "published", "value"]].drop_duplicates()
    joined = rows.merge(known, how="left", indicator=True)
    return joined.loc[joined["_merge"] == "left_only", list(COLUMNS)]


def _seen(held: pd.DataFrame, rows: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Observations that are not held, or held with another value."""
    newest = _ordered(held).drop_duplicates(KEY, keep="last")[[*KEY, "value"]].rename(columns={"value": "before"})
    looks = held.groupby("series", as_index=False).agg(looked=("as_of", "max"), oldest=("date", "min"))
    rows = rows.merge(newest, on=KEY, how="left").merge(looks, on="series", how="left")
    rows = rows[rows["before"].isna() | (rows["before"] != rows["value"])]
    is_late = (rows["published"] <= rows["looked"]) & (rows["date"] > rows["oldest"])
    by_pull = (rows["before"].notna() | is_late | (rows["published"] > now)).to_numpy()
    days = np.where(by_pull, np.datetime64(now, "s"), rows["published"].to_numpy())
    rows["published"] = pd.Series(days.astype(DATE_TYPE), index=rows.index)
    rows["publication"] = np.where(by_pull, PULLED, rows["publication"])
    return rows.astype({"publication": "str"})[list(COLUMNS)]


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values([*KEY, "published"], kind="stable")


def known(
    rows: pd.DataFrame, until: calendar.Day | None = None, *, keep: Literal["first", "last"] = "last"
) -> pd.DataFrame:
    """The values as they were known by the end of a day: of each observation the last that was published by then.

    Where FRED's own record tells of an observation, it goes before rules and own pulls.

    Parameters
    ----------
    rows : DataFrame
        `COLUMNS`, in the order in which they came.
    until : day, optional
        All there is when None.
    keep : {"last", "first"}
        "first": the value as it was first published, whatever came of it.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row an observation, sorted by series and date.
    """
    rows = rows[list(COLUMNS)]
    own = rows["publication"].isin([VINTAGE, ARCHIVE])
    if own.any() and not own.all():
        told = pd.MultiIndex.from_frame(rows.loc[own, KEY].drop_duplicates())
        rows = rows[own | ~pd.MultiIndex.from_frame(rows[KEY]).isin(told)]
    if until is not None:
        rows = rows[rows["published"] <= pd.Timestamp(until)]
    chosen: pd.DataFrame = _ordered(rows).drop_duplicates(KEY, keep=keep).reset_index(drop=True)
    return chosen


def held(facts: Facts, series: str | None = None) -> pd.DataFrame:
    """What own pulls of a series, or of all, have brought: `COLUMNS` and ``as_of``; no rows where nothing is held."""
    rows = facts.read(KIND, subject=series).rename(columns={"subject": "series"})
    kept: pd.DataFrame = rows.reindex(columns=[*COLUMNS, "as_of"])
    types = {"date": DATE_TYPE, "published": DATE_TYPE, "value": "float64", "publication": "str"}
    return kept.astype(types)


def record(facts: Facts, pulled: pd.DataFrame, day: calendar.Day) -> bool:
    """Keep what a pull adds; whether it was the day's first of one of its series. Errors as `accumulate` and `Facts`.

    A second pull on the same day keeps nothing; what it saw is kept by the next day's.
    """
    new = added(held(facts), pulled, day)
    return facts.record(KIND, new.drop(columns="as_of").rename(columns={"series": "subject"}), day)
