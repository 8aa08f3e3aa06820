"""A dozen checks of daily bars. A flag says that a row is doubtful; what follows from it is the reader's business.

Every check takes frames of trading days x symbols and gives a frame of yes and no in the same shape, so that a day
without a bar is a row of NaN and "the day before" is the trading day before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.data import panel
from helpers.data.bars import DATE_TYPE, FIELDS, PRICES, Grid

#: quoted in percent: zero and below are real
YIELDS = ("^IRX", "^TNX", "^FVX", "^TYX")

ROUNDING = 1e-6
SPLIT_RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40)
SPLIT_TOLERANCE = 0.04
SPIKE = 50.0
USUAL_DAYS = 10
REPEATS = 5
ADJUSTED_TOLERANCE = 0.005
OUTAGE_SYMBOLS = 3

HOLE = "no bar on a trading day"
ZERO_VOLUME = "volume zero or missing: unknown"
FLAG_COLUMNS = ("date", "symbol", "check", "detail")
#: checks whose flag says that the prices around it cannot be used
QUARANTINE = ("spike", "step_without_split", "non_positive")


def flags(bars: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Every doubtful row: ``date``, ``symbol``, ``check``, ``detail``, sorted by symbol, date and check.

    Parameters
    ----------
    bars : DataFrame
        Tidy bars, in the order they came.
    days : DatetimeIndex
        Trading days of the exchange calendar over which the bars are read.
    """
    if bars.empty:
        return _flagged([], [], "", [])
    found = [_misplaced(bars, days)]
    bars = bars.drop_duplicates(["date", "symbol"], keep="last")
    grid = Grid(bars)
    field = {name: grid.frame(grid.values(name)).reindex(days) for name in FIELDS}
    high, low, close = field["high"], field["low"], field["close"]
    holes = hole(close, field["adj_close"])
    outage = provider_outage(holes, close, field["adj_close"])
    counts = outage.sum(axis=1)
    checks: list[tuple[str, pd.DataFrame, Callable[[pd.Timestamp, str], str]]] = [
        ("hole", holes, lambda day, symbol: HOLE),
        ("provider_outage", outage, lambda day, symbol: outage_detail(int(counts[day]))),
        ("ohlc_order", ohlc_order(field), lambda day, symbol: _bar(field, day, symbol, "high or low not the extreme")),
        ("non_positive", non_positive(field), lambda day, symbol: _bar(field, day, symbol, "a price of zero or less")),
        (
            "step_without_split",
            step_without_split(close),
            lambda day, symbol: f"the close steps to {_at(close, day, symbol)}, as if a split were missed",
        ),
        ("spike", spike(close), lambda day, symbol: f"close {_at(close, day, symbol)}, {SPIKE:g} times off or more"),
        (
            "lone_high",
            lone_high(high, low, close),
            lambda day, symbol: lone_detail("lone_high", high[symbol][day], close[symbol][day]),
        ),
        (
            "lone_low",
            lone_low(high, low, close),
            lambda day, symbol: lone_detail("lone_low", low[symbol][day], close[symbol][day]),
        ),
        ("stale_repeat", stale_repeat(field), lambda day, symbol: "the bar repeats the day before"),
        ("zero_volume", zero_volume(field["volume"], close), lambda day, symbol: ZERO_VOLUME),
        (
            "adjusted_close",
            adjusted_close(close, field["dividend"], field["adj_close"]),
            lambda day, symbol: "the adjusted close moves otherwise than close and dividend",
        ),
    ]
    found += [_rows(name, frame, detail) for name, frame, detail in checks]
    return pd.concat(found, ignore_index=True).sort_values(["symbol", "date", "check"], ignore_index=True)


def hole(close: pd.DataFrame, adj_close: pd.DataFrame) -> pd.DataFrame:
    """Trading days between a symbol's first and last bar without one, or without the close its tape should have."""
    tape = close.notna().to_numpy()
    usable = tape | adj_close.notna().to_numpy()
    return panel.like(close, (panel.alive(usable) & ~usable) | (panel.alive(tape) & ~tape))


def provider_outage(holes: pd.DataFrame, close: pd.DataFrame, adj_close: pd.DataFrame) -> pd.DataFrame:
    """Holes that at least three symbols, and half of those alive, share: the provider's fault, not the fund's."""
    alive = panel.alive((close.notna() | adj_close.notna()).to_numpy()).sum(axis=1)
    count = holes.to_numpy().sum(axis=1)
    shared = (count >= OUTAGE_SYMBOLS) & (2 * count >= alive)
    return panel.like(close, holes.to_numpy() & shared[:, None])


def ohlc_order(field: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The high is below, or the low above, another price of its own bar."""
    o, h, low, c = (field[name].to_numpy() for name in PRICES)
    top, bottom = np.fmax(np.fmax(o, c), low), np.fmin(np.fmin(o, c), h)
    return panel.like(field["close"], (h < top - ROUNDING * np.abs(top)) | (low > bottom + ROUNDING * np.abs(bottom)))


def non_positive(field: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A price of zero or less, yields excepted."""
    bad = np.any([field[name].to_numpy() <= 0 for name in (*PRICES, "adj_close")], axis=0)
    return panel.like(field["close"], bad & ~panel.columns(field["close"], lambda symbol: symbol in YIELDS))


def step_without_split(close: pd.DataFrame) -> pd.DataFrame:
    """A close near n times, or an n-th of, the one before.

    Bars are split-adjusted, so such a step is a split that was missed; it is one even where a split is stated
    on the day, for then the prices are as traded.
    """
    growth = panel.growth(close)
    bad = np.zeros(close.shape, dtype=np.bool_)
    for ratio in SPLIT_RATIOS:
        for factor in (float(ratio), 1.0 / ratio):
            bad |= np.abs(growth / factor - 1.0) <= SPLIT_TOLERANCE
    return panel.like(close, bad & ~panel.columns(close, lambda symbol: symbol in YIELDS))


def spike(close: pd.DataFrame) -> pd.DataFrame:
    """A close some hundred times off the one before, as pence taken for pounds; the way back is not flagged."""
    values, growth = close.to_numpy(), panel.growth(close)
    bad = np.zeros(close.shape, dtype=np.bool_)
    yields = panel.columns(close, lambda symbol: symbol in YIELDS)
    for row, column in np.argwhere(((growth >= SPIKE) | (growth <= 1 / SPIKE)) & ~yields & (values > 0)):
        prior = values[:row, column]
        usual = float(np.median(prior[~np.isnan(prior)][-USUAL_DAYS:]))
        bad[row, column] = not usual / SPIKE < values[row, column] < usual * SPIKE
    return panel.like(close, bad)


def lone_high(high: pd.DataFrame, low: pd.DataFrame, close: pd.DataFrame) -> pd.DataFrame:
    """A high that neither its own close nor any neighbouring day supports: most likely a bad print.

    The scale is the median true range of the 20 trading days before, so that the day itself does not widen it. Flagged
    when the high is more than 3 scales and more than 2 % above the greater of close and previous close, above every
    high of the 5 days before, and no high of the 5 days after (those that exist) comes within one scale of it.
    """
    return panel.like(close, panel.lone(high.to_numpy(), low.to_numpy(), close.to_numpy(), upward=True))


def lone_low(high: pd.DataFrame, low: pd.DataFrame, close: pd.DataFrame) -> pd.DataFrame:
    """A low that neither its own close nor any neighbouring day supports; `lone_high` turned over."""
    return panel.like(close, panel.lone(high.to_numpy(), low.to_numpy(), close.to_numpy(), upward=False))


def stale_repeat(field: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The same open, high, low, close and volume as the day before, or, without those, a value unchanged for 5 days."""
    same = np.all([panel.unchanged(field[name].to_numpy()) for name in PRICES], axis=0)
    volume = field["volume"].to_numpy()
    same &= panel.unchanged(volume) | ~(volume > 0)
    bare = field["high"].isna().to_numpy()
    value = np.where(np.isnan(field["close"].to_numpy()), field["adj_close"].to_numpy(), field["close"].to_numpy())
    run = np.lib.stride_tricks.sliding_window_view(
        np.vstack([np.zeros((REPEATS - 1, value.shape[1]), dtype=np.bool_), panel.unchanged(value)]), REPEATS, axis=0
    ).all(axis=-1)
    return panel.like(
        field["close"], (same | (bare & run)) & ~panel.columns(field["close"], lambda symbol: symbol in YIELDS)
    )


def zero_volume(volume: pd.DataFrame, close: pd.DataFrame) -> pd.DataFrame:
    """Zero or missing volume beside a close, in a symbol that has volume on other days; an index (^) never counts."""
    values = volume.to_numpy()
    traded = values > 0
    bad = panel.alive(traded) & ~traded & close.notna().to_numpy()
    return panel.like(volume, bad & ~panel.columns(volume, lambda symbol: symbol.startswith("^")))


def adjusted_close(close: pd.DataFrame, dividend: pd.DataFrame, adj_close: pd.DataFrame) -> pd.DataFrame:
    """The given adjusted close moves by half a percent other than close and dividend say, in either convention."""
    c, d = close.to_numpy(), dividend.to_numpy()
    given = panel.growth(adj_close)
    before = panel.before(close)
    with np.errstate(divide="ignore", invalid="ignore"):
        reinvested, vendor = (c + d) / before, c / (before - d)
        bad = np.fmin(np.abs(given / reinvested - 1), np.abs(given / vendor - 1)) > ADJUSTED_TOLERANCE
    return panel.like(close, bad & (c > 0) & (before > 0))


def outage_detail(count: int) -> str:
    """What an outage's flag says."""
    return f"no bar for {count} symbols on this day"


def lone_detail(check: str, extreme: float, close: float) -> str:
    """What the flag of a print without support says."""
    side = "high {:g} over" if check == "lone_high" else "low {:g} under"
    return f"{side.format(extreme)} close {close:g}, no neighbour near"


def _at(frame: pd.DataFrame, day: pd.Timestamp, symbol: str) -> str:
    return f"{float(frame[symbol][day]):g}"


def _bar(field: dict[str, pd.DataFrame], day: pd.Timestamp, symbol: str, fault: str) -> str:
    return fault + ": " + ", ".join(f"{name} {_at(field[name], day, symbol)}" for name in PRICES)


def _rows(check: str, bad: pd.DataFrame, detail: Callable[[pd.Timestamp, str], str]) -> pd.DataFrame:
    places = np.argwhere(bad.to_numpy())
    days = [bad.index[row] for row, _ in places]
    symbols = [str(bad.columns[column]) for _, column in places]
    details = [detail(day, symbol) for day, symbol in zip(days, symbols, strict=True)]
    return _flagged(days, symbols, check, details)


def _misplaced(bars: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows that repeat a date, come before an earlier one, or lie on a day the exchange was closed."""
    grouped = bars.groupby("symbol", sort=False)["date"]
    again = bars.duplicated(["date", "symbol"]).to_numpy()
    late = (grouped.diff() < pd.Timedelta(0)).to_numpy() & ~again
    closed = ~bars["date"].isin(days).to_numpy()
    kinds = (
        (again, "duplicate", "a second bar for the day"),
        (late, "order", "comes after a later day"),
        (closed & ~again & ~late, "order", "not a trading day of the exchange"),
    )
    return pd.concat(
        [
            _flagged(list(bars["date"][bad]), list(bars["symbol"][bad]), check, [detail] * int(bad.sum()))
            for bad, check, detail in kinds
        ],
        ignore_index=True,
    )


def _flagged(days: list[pd.Timestamp], symbols: list[str], check: str, details: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.Series(days, dtype=DATE_TYPE),
            "symbol": pd.Series(symbols, dtype="str"),
            "check": pd.Series([check] * len(days), dtype="str"),
            "detail": pd.Series(details, dtype="str"),
        }
    )
