"""bottleneck: moving windows in C over symbols x days, one thread."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from benchmarks import panel as made
from benchmarks.panel import Events, Panel, Strength

Arrays = dict[str, np.ndarray]


def layout(panel: Panel) -> Arrays:
    frames = {"high": panel.high, "close": panel.close, "volume": panel.volume}
    arrays = {name: np.ascontiguousarray(frame.to_numpy().T) for name, frame in frames.items()}
    return {**arrays, "market": panel.market.to_numpy()}


def scan(held: Arrays) -> Events:
    high, volume = held["high"], held["volume"]
    prior = maximum(held)[:, :-1]
    symbols, days = np.nonzero(high[:, 1:] > prior)
    usual = bn.move_mean(volume, made.VOLUME_WINDOW, axis=1)[symbols, days]
    age = made.age_of(high.T, days + 1, symbols)
    distance = high[symbols, days + 1] / prior[symbols, days] - 1
    return made.by_day(days + 1, symbols, age, volume[symbols, days + 1] / usual, distance)


def maximum(held: Arrays) -> np.ndarray:
    return bn.move_max(held["high"], made.WINDOW, axis=1)


def strength(held: Arrays) -> Strength:
    close = held["close"]
    line = close / held["market"]
    level = 100 + _z_score(100 * line)
    change = np.full(level.shape, np.nan)
    change[:, 1:] = level[:, 1:] / level[:, :-1] - 1
    score = np.full(close.shape, np.nan)
    step = made.QUARTER
    quarter = close[:, step:] / close[:, :-step] - 1
    parts = [quarter[:, step * place : quarter.shape[1] - step * (3 - place)] for place in (3, 2, 1, 0)]
    score[:, 4 * step :] = 0.4 * parts[0] + 0.2 * parts[1] + 0.2 * parts[2] + 0.2 * parts[3]
    rank = bn.nanrankdata(score, axis=0)
    rank /= np.maximum((~np.isnan(score)).sum(axis=0), 1)
    mansfield = 100 * (line / bn.move_mean(line, made.MANSFIELD, axis=1) - 1)
    return Strength(mansfield.T, level.T, (100 + _z_score(change)).T, rank.T)


def _z_score(values: np.ndarray) -> np.ndarray:
    mean = bn.move_mean(values, made.ROTATION, axis=1)
    return (values - mean) / bn.move_std(values, made.ROTATION, axis=1, ddof=1)


def breadth(held: Arrays) -> Arrays:
    high, close = held["high"], held["close"]
    out = {f"above_{mean}": (close > bn.move_mean(close, mean, axis=1)).sum(axis=0) for mean in made.MEANS}
    for name, values, sign in (("new_highs", high, 1), ("new_lows", close, -1)):
        move = bn.move_max if sign > 0 else bn.move_min
        beaten = sign * values[:, 1:] > sign * move(values, made.WINDOW, axis=1)[:, :-1]
        out[name] = np.concatenate([[0], beaten.sum(axis=0)])
    return out
