"""Pieces of `oracle_risks`: total returns, factors in basis points, and statistics, in plain loops.

Nothing here comes from `helpers.signals`, `helpers.evidence` or `helpers.sections`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tests.sections.oracle import NAN, Book, Page

Line = npt.NDArray[np.float64]
H = 21


class Desk:
    """Total returns, levels of the factors, and what is put on the page."""

    def __init__(self, book: Book, quoted: pd.Series, background: Any, params: Any) -> None:
        self.book, self.background, self.params = book, background, params
        self.days = pd.DatetimeIndex(book.close.index)
        self.page = Page("risks", params.mid, book.suffix)
        self.mid, self.mega = self.total(params.mid), self.total(params.mega)
        self.factors = {
            "rates": self.rates(quoted),
            "credit": self.credit(),
            "spread": self.published("BAMLH0A0HYM2"),
            "claims": self.claims(),
        }

    def total(self, symbol: str) -> Line:
        line = self.book.total_return
        known = symbol in line and symbol not in self.book.unfit
        return line[symbol].to_numpy(dtype=float) if known else np.full(len(self.days), NAN)

    def rates(self, quoted: pd.Series) -> Line:
        """Basis points; the Fed's series only where no bars are held."""
        if quoted.notna().any():
            return in_unit(100 * quoted.to_numpy(dtype=float))
        return in_unit(self.published("DGS10"))

    def published(self, name: str) -> Line:
        series = 100 * self.background.series(name)
        return standing(series.to_dict(), self.days, 5)

    def claims(self) -> Line:
        """Mean of the last four weeks published against the four before, on every day on which it still stands."""
        series = self.background.series("ICSA")
        values, out = series.tolist(), {}
        for i in range(7, len(values)):
            # 945 over 900 is five percent, not a trifle more
            out[series.index[i]] = round(sum(values[i - 3 : i + 1]) / sum(values[i - 7 : i - 3]) - 1, 9)
        return standing(out, self.days, 7)

    def credit(self) -> Line:
        """Level in basis points, as the high-yield fund shows it after government bonds."""
        window = self.params.beta_window
        fund, bonds = daily(self.total(self.params.credit)), daily(self.total(self.params.duration))
        left = np.full(len(fund), NAN)
        for t in range(window, len(fund)):
            own, other = fund[t - window : t], bonds[t - window : t]
            beta = np.cov(own, other)[0, 1] / np.var(other, ddof=1)
            left[t] = 100 * (fund[t] - beta * bonds[t])
        slope, carry = self.mapping(left)
        level = np.nancumsum(slope * left + carry / H)
        return np.where(np.isnan(left), NAN, level)

    def mapping(self, percent: Line) -> tuple[float, float]:
        """Basis points of the published spread for 1 %, and those of 21 days; measured where the series is held.

        By the day observed: only so does docs/methods.md's own figure, R-squared 0.55 over 2007-2025, come out.
        """
        rows = self.background.macro
        rows = rows[rows["series"] == "BAMLH0A0HYM2"].sort_values("published", kind="stable").drop_duplicates("date")
        on_day = dict(zip(rows["date"], 100 * rows["value"], strict=True))
        spread = change(np.array([on_day.get(day, NAN) for day in self.days]), H)
        moved = np.full(len(percent), NAN)
        for t in range(H - 1, len(percent)):
            moved[t] = percent[t - H + 1 : t + 1].sum()
        both = ~np.isnan(spread) & ~np.isnan(moved)
        if both.sum() < 504:
            return -20.83, 11.3
        x, y = moved[both] - moved[both].mean(), spread[both]
        slope = float((x * y).sum() / (x * x).sum())
        return slope, float(y.mean() - slope * moved[both].mean())


def in_unit(points: Line) -> Line:
    return np.where((points >= -200) & (points <= 2000), points, NAN)


def standing(published: Mapping[pd.Timestamp, float], days: pd.DatetimeIndex, longest: int) -> Line:
    """The last value published by each day, for at most so many trading days after."""
    out = np.full(len(days), NAN)
    for day in sorted(published):
        first = int(days.searchsorted(day))
        after = int(days.searchsorted(day, side="right"))
        out[first : after + longest] = published[day]
    return out


def daily(line: Line) -> Line:
    return np.concatenate([line[:1] * NAN, line[1:] / line[:-1] - 1])


def change(line: Line, span: int) -> Line:
    """Since `span` days before; decimals of a quoted yield are meant exactly."""
    return np.concatenate([np.full(span, NAN), np.round(line[span:] - line[:-span], 8)])


def ahead(line: Line, span: int) -> Line:
    """The value `span` days later."""
    return np.concatenate([line[span:], np.full(span, NAN)])


# --- statistics -----------------------------------------------------------------------------------------------------


def newey_west(y: Line, columns: list[Line], lags: int) -> tuple[Line, Line, int]:
    """Coefficients (the constant first), their standard errors with Bartlett weights, and the rows used."""
    rows = ~np.isnan(y) & ~np.isnan(np.column_stack(columns)).any(axis=1)
    x = np.column_stack([np.ones(rows.sum()), *(column[rows] for column in columns)])
    bread = np.linalg.inv(x.T @ x)
    fit = bread @ x.T @ y[rows]
    score = x * (y[rows] - x @ fit)[:, None]
    meat = score.T @ score
    for lag in range(1, lags + 1):
        cross = score[lag:].T @ score[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
    return fit, np.sqrt(np.diag(bread @ meat @ bread)), int(rows.sum())


def wilson(k: int, n: int, z: float) -> tuple[float, float]:
    """Bounds of a share: those shares from which the one found is z standard errors away."""
    centre, square = k + z * z / 2, z * z * k * (n - k) / n + z**4 / 4
    return (centre - math.sqrt(square)) / (n + z * z), (centre + math.sqrt(square)) / (n + z * z)


def placebo(y: Line, met: npt.NDArray[np.bool_]) -> float:
    """Share of the rotations, the true one included, whose mean lies at least as far from that of all days."""
    n, doubled = len(y), np.concatenate([y, y])
    at = np.flatnonzero(met)
    true = abs(y[at].mean() - y.mean())
    far = [abs(doubled[at + shift].mean() - y.mean()) >= true - 1e-12 for shift in range(64, n - 63)]
    return (1 + sum(far)) / (1 + len(far))


def corrected(p: list[float], correction: str) -> list[float]:
    """Holm's or Benjamini and Hochberg's; what is unknown is not counted."""
    order = sorted((i for i, value in enumerate(p) if value == value), key=lambda i: p[i])
    out, m = [NAN] * len(p), len(order)
    for rank, i in enumerate(order):
        if correction == "holm":
            out[i] = min(1.0, max((m - k) * p[order[k]] for k in range(rank + 1)))
        elif correction == "bh":
            out[i] = min(1.0, min(m / (k + 1) * p[order[k]] for k in range(rank, m)))
        else:
            out[i] = p[i]
    return out


def drawn(y: Line, met: npt.NDArray[np.bool_], block: float, draws: int, seed: int) -> Line:
    """Differences of the means of resamples in blocks of geometric length around the end (Politis and Romano)."""
    rng, n, out = np.random.default_rng(seed), len(y), []
    for _ in range(draws):
        begins = rng.random(n) < 1 / block
        begins[0] = True
        starts = np.flatnonzero(begins)
        length = np.diff(np.append(starts, n))
        place = (np.repeat(rng.integers(0, n, len(starts)) - starts, length) + np.arange(n)) % n
        one, flag = y[place], met[place]
        if 0 < flag.sum() < n:
            out.append(one[flag].mean() - one[~flag].mean())
    return np.array(out)
