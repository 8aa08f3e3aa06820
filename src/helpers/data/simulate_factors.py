"""What drives the simulated sample: factors under volatility regimes, and what each symbol is exposed to."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRADING_DAYS_PER_YEAR = 252
MID = "IJH"
YIELD = "^TNX"
# the lead-up to the intraday quote is an ordinary market (stress becomes calm): stress would make it jump about
QUIET_FROM = "2024-09-01"

# weights of the sectors in the market; sector factors are made relative to their mean, so the market holds none
SECTORS = {
    "Communication Services": 0.09,
    "Consumer Discretionary": 0.11,
    "Consumer Staples": 0.07,
    "Energy": 0.05,
    "Financials": 0.13,
    "Health Care": 0.13,
    "Industrials": 0.09,
    "Information Technology": 0.25,
    "Materials": 0.03,
    "Real Estate": 0.02,
    "Utilities": 0.03,
}
# calm, normal and stressed: daily market volatility and mean return, and the chance of moving from row to column
REGIME_VOLATILITY = np.array([0.0062, 0.0098, 0.0205])
REGIME_MEAN = np.array([0.0006, 0.0003, -0.0016])
REGIME_MOVES = np.array([[0.992, 0.008, 0.0], [0.008, 0.987, 0.005], [0.0, 0.022, 0.978]])


class Factors(NamedTuple):
    """Daily factor returns; `scale` is the day's market volatility over its normal state."""

    market: Floats
    size: Floats
    rate: Floats
    credit: Floats
    sectors: Floats
    scale: Floats
    tnx: Floats


def added(symbol: str) -> pd.DataFrame:
    """The row of a fund that joined later."""
    return table_of("added.csv").loc[[symbol]].assign(weight=0.0)


def universe(rng: np.random.Generator) -> pd.DataFrame:
    """One row a symbol: level, growth, exposures, noise, volume and, where it is a basket, of what."""
    funds = table_of("funds.csv")
    listed = table_of("members.csv")
    count = len(listed)
    draw = rng.standard_normal((count, 6))
    weight = listed["weight"].to_numpy(float)
    market = np.clip(1.06 + 0.2 * draw[:, 0], 0.6, 1.6)
    members = pd.DataFrame(
        {
            "level": np.exp(4.5 + 0.5 * draw[:, 1]),
            "growth": np.clip(0.07 + 0.03 * draw[:, 2], 0.0, 0.13),
            "payout": np.where(draw[:, 3] > -0.5, np.clip(0.016 + 0.008 * draw[:, 3], 0.004, 0.04), 0.0),
            "market": market + (1.06 - weight @ market),
            "size": -0.55 + 0.15 * draw[:, 4],
            "duration": -0.2 + listed["sector"].isin(["Utilities", "Real Estate"]) * 3.0,
            "credit": 0.3,
            "noise": 0.0135,
            "volume": np.exp(14.0 + 0.5 * draw[:, 5]),
            "basket": "",
            "sectors": listed["sector"] + " 1",
            "weight": weight,
        },
        index=listed.index,
    )
    baskets = funds["basket"] == "members"
    for name in ("market", "size", "duration", "credit"):
        funds.loc[baskets, name] = weight @ members[name].to_numpy(float)
    yields = pd.DataFrame({"level": 1.0, "volume": np.nan, "basket": "", "sectors": ""}, index=[YIELD])
    table = pd.concat([funds.assign(weight=0.0), members, yields])
    numbers = table.columns.difference(["basket", "sectors", "volume"])
    return table.fillna(dict.fromkeys(numbers, 0.0))


def table_of(name: str) -> pd.DataFrame:
    """A packaged table of assumptions, indexed by symbol."""
    with (resources.files("helpers.data") / "sample" / name).open(encoding="utf-8") as file:
        return pd.read_csv(file, index_col="symbol", keep_default_na=False)


def factor_returns(rng: np.random.Generator, dates: pd.DatetimeIndex) -> Factors:
    """Daily returns of every factor (``tnx`` is a level in percent); no stress from `QUIET_FROM` on."""
    count = len(dates)
    state = np.empty(count, dtype=int)
    now, limits, chance = 1, REGIME_MOVES.cumsum(axis=1), rng.random(count)
    for day in range(count):
        now = int(np.searchsorted(limits[now], chance[day], side="right"))
        state[day] = now
    state[np.asarray(dates >= pd.Timestamp(QUIET_FROM))] %= 2
    z = rng.standard_normal((count, 6))
    scale = REGIME_VOLATILITY[state] * np.exp(0.33 * np.clip(z[:, 0], -2.2, 2.2)) / REGIME_VOLATILITY[1]
    market = REGIME_MEAN[state] + REGIME_VOLATILITY[1] * scale * z[:, 1]
    mild = np.sqrt(scale)[:, None]
    own = rng.standard_normal((count, len(SECTORS))) * 0.0055 * mild
    own -= (own @ np.array(list(SECTORS.values())))[:, None]
    tnx = np.empty(count)
    log_yield, mean_yield = np.log(4.4), np.log(3.2)
    for day in range(count):
        log_yield += (mean_yield - log_yield) / 600 + 0.017 * (0.97 * z[day, 2] + 0.24 * z[day, 1])
        tnx[day] = np.exp(log_yield)
    credit = 0.0026 * mild[:, 0] * (0.75 * z[:, 3] + 0.66 * z[:, 1])
    size = 0.0064 * mild[:, 0] * z[:, 4]
    return Factors(market, size, np.diff(tnx, prepend=tnx[0]) / 100, credit, own, scale, tnx)


def log_returns(
    rng: np.random.Generator, table: pd.DataFrame, factors: Factors, dates: pd.DatetimeIndex
) -> tuple[Floats, Floats]:
    """Log price returns, and dividends as a fraction of the close before (0 on other days)."""
    count = len(dates)
    loads = np.array([[_mix(text).get(name, 0.0) for name in SECTORS] for text in table["sectors"]])
    columns = {
        name: table[name].to_numpy(float)
        for name in ("market", "size", "duration", "credit", "noise", "growth", "payout")
    }
    common = np.outer(factors.market, columns["market"]) + np.outer(factors.size, columns["size"])
    common += np.outer(factors.credit, columns["credit"]) - np.outer(factors.rate, columns["duration"])
    # results days: four a year on average, a move four times as large
    jumps = np.where(rng.random((count, len(table))) < 4 / TRADING_DAYS_PER_YEAR, 3.0, 0.9)
    jumps = np.where(columns["noise"] > 0.01, jumps, 1.0)
    own = rng.standard_normal((count, len(table))) * columns["noise"] * np.sqrt(factors.scale)[:, None] * jumps
    total = common + factors.sectors @ loads.T + own
    weight = table["weight"].to_numpy(float)
    for position in np.flatnonzero(table["basket"] == "members"):
        total[:, position] = np.log1p(np.expm1(total) @ weight) + own[:, position]
    pays = np.outer(_ex_days(dates), columns["payout"] / 4)
    price = total + np.log1p(-pays)
    drift = columns["growth"] / TRADING_DAYS_PER_YEAR - price.mean(axis=0)
    members = weight > 0
    # one drift for every member beyond its own growth would make the basket outrun its names: keep them in step
    if members.any():
        drift[members] -= weight @ drift - drift[table.index.get_loc(MID)]
    return price + drift, pays


def _mix(text: str) -> dict[str, float]:
    parts = [part.strip().rpartition(" ") for part in text.split(";") if part.strip()]
    return {name: float(load) for name, _, load in parts}


def _ex_days(dates: pd.DatetimeIndex) -> Floats:
    """1 on the first trading day from the 17th of the last month of each quarter."""
    late = (dates.month % 3 == 0) & (dates.day >= 17)
    return np.asarray(late & ~np.concatenate([[False], late[:-1]]), dtype=float)
