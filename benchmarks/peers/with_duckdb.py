"""duckdb: window functions in SQL over tidy rows."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np

from benchmarks import panel as made
from benchmarks.panel import Events, Panel, Strength
from benchmarks.peers import with_polars


class Held(NamedTuple):
    """A connection with the table `bars`, and the highs for the ages."""

    base: duckdb.DuckDBPyConnection
    high: np.ndarray


def layout(panel: Panel) -> Held:
    base = duckdb.connect()
    rows = with_polars.tidy(panel).to_arrow()
    base.register("given", rows)
    base.execute("create table bars as select * from given")
    base.unregister("given")
    return Held(base, panel.high.to_numpy())


def _over(days: int, *, until: int = 0) -> str:
    """A window of so many days that ends `until` days before the row's own."""
    end = f"{until} preceding" if until else "current row"
    return f"over (partition by symbol order by day rows between {days + until - 1} preceding and {end})"


def _full(what: str, column: str, days: int, *, until: int = 0) -> str:
    """A statistic of a window, unknown unless all of its days are."""
    over = _over(days, until=until)
    return f"case when count({column}) {over} = {days} then {what}({column}) {over} end"


def _before(column: str, days: int) -> str:
    return f"lag({column}, {days}) over (partition by symbol order by day)"


def scan(held: Held) -> Events:
    found = held.base.execute(f"""
        select day, symbol, volume / usual as volume, high / prior - 1 as distance
        from (select *, {_full("max", "high", made.WINDOW, until=1)} as prior,
                        {_full("avg", "volume", made.VOLUME_WINDOW, until=1)} as usual from bars)
        where high > prior order by day, symbol""").fetchnumpy()
    days, symbols = np.asarray(found["day"]), np.asarray(found["symbol"])
    age = made.age_of(held.high, days, symbols)
    return Events(days, symbols, age, np.asarray(found["volume"]), np.asarray(found["distance"]))


def strength(held: Held) -> Strength:
    def z_score(column: str) -> str:
        mean, deviation = (_full(what, column, made.ROTATION) for what in ("avg", "stddev_samp"))
        return f"100 + ({column} - {mean}) / {deviation}"

    step = made.QUARTER
    found = held.base.execute(f"""
        with lines as (select day, symbol, close / market as line, 100 * close / market as scaled,
                              close / {_before("close", step)} - 1 as quarter from bars),
        levels as (select *, {z_score("scaled")} as ratio,
                          100 * (line / {_full("avg", "line", made.MANSFIELD)} - 1) as mansfield,
                          0.4 * quarter + 0.2 * {_before("quarter", step)} + 0.2 * {_before("quarter", 2 * step)}
                          + 0.2 * {_before("quarter", 3 * step)} as score from lines),
        changes as (select *, ratio / {_before("ratio", 1)} - 1 as change from levels)
        select mansfield, ratio, {z_score("change")} as momentum,
               case when score is not null then rank() over (partition by day order by score nulls last) end
               / count(score) over (partition by day) as rank
        from changes order by symbol, day""").fetchnumpy()
    shape = held.high.shape[::-1]
    return Strength(*(np.ma.filled(found[name], np.nan).reshape(shape).T for name in Strength._fields))


def breadth(held: Held) -> dict[str, np.ndarray]:
    flags = {f"above_{mean}": f"close > {_full('avg', 'close', mean)}" for mean in made.MEANS}
    flags["new_highs"] = f"high > {_full('max', 'high', made.WINDOW, until=1)}"
    flags["new_lows"] = f"close < {_full('min', 'close', made.WINDOW, until=1)}"
    cells = ", ".join(f"{rule} as {name}" for name, rule in flags.items())
    counts = ", ".join(f"count(*) filter ({name}) as {name}" for name in flags)
    sql = f"select {counts} from (select day, {cells} from bars) group by day order by day"
    return {name: np.asarray(values) for name, values in held.base.execute(sql).fetchnumpy().items()}
