"""Small-sample statistics against published implementations, and what holds for every sample."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import statistics

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside the packages, met while they are imported
    import statsmodels.api as sm
    from arch.bootstrap import StationaryBootstrap
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint


def dependent(n: int, columns: int = 1, seed: int = 3) -> np.ndarray:
    """Overlapping five-row sums of noise, a row depending on the four before it."""
    noise = np.random.default_rng(seed).normal(size=(n + 4, columns))
    return np.lib.stride_tricks.sliding_window_view(noise, 5, axis=0).sum(axis=-1)


def blocks_of(draws: list[np.ndarray], n: int) -> statistics.Blocks:
    """Row numbers drawn by another package, told as blocks."""
    starts, stops, first = [], [], []
    for rows in draws:
        begins = np.flatnonzero(np.append(True, rows[1:] != (rows[:-1] + 1) % n))
        first.append(sum(map(len, starts)))
        starts.append(rows[begins])
        stops.append((rows[np.append(begins[1:], n) - 1] + 1) % n)
    return statistics.Blocks(np.concatenate(starts), np.concatenate(stops), np.array(first))


@pytest.mark.parametrize("mean_block", [2, 20, 400])
def test_the_same_rows_give_archs_means(mean_block: int) -> None:
    values = dependent(300, columns=4) + 1.0
    peer = StationaryBootstrap(mean_block, values, seed=np.random.default_rng(5))
    taken, drawn = [], []
    for positional, _ in peer.bootstrap(50):
        taken.append(np.asarray(peer.index))
        drawn.append(positional[0].mean(axis=0))
    ours = statistics.block_means(values, blocks_of(taken, len(values)))
    np.testing.assert_allclose(ours, drawn, rtol=0, atol=1e-12)


@pytest.mark.parametrize("mean_block", [5, 63])
def test_the_interval_is_archs_within_monte_carlo_error(mean_block: int) -> None:
    values, draws = dependent(1000), 20_000
    ours = statistics.stationary_bootstrap(values, mean_block=mean_block, draws=draws, rng=np.random.default_rng(1))
    peer = StationaryBootstrap(mean_block, values, seed=np.random.default_rng(2))
    theirs = peer.conf_int(lambda sample: sample.mean(axis=0), reps=5_000, method="percentile")[:, 0]
    # four standard errors of the difference: 0.038 standard deviations with 5,000 draws, 0.019 with 20,000
    np.testing.assert_allclose(statistics.percentile_interval(ours[:, 0]), theirs, rtol=0, atol=0.17 * ours.std())


def test_blocks_follow_the_geometric_law_and_begin_anywhere() -> None:
    blocks = statistics.stationary_blocks(500, mean_block=20, draws=4_000, rng=np.random.default_rng(7))
    per_resample = np.diff(np.append(blocks.first, len(blocks.starts)))
    expected = 1 + 499 / 20  # a resample's first row begins a block, each other with chance 1 / 20
    assert per_resample.mean() == pytest.approx(expected, abs=4 * np.sqrt(499 / 20 * 0.95 / 4_000))
    assert np.bincount(blocks.starts // 100) / len(blocks.starts) == pytest.approx(0.2, abs=0.005)


def test_blocks_of_one_row_are_independent_draws() -> None:
    values = dependent(400)
    means = statistics.stationary_bootstrap(values, mean_block=1, draws=20_000, rng=np.random.default_rng(1))
    assert means.std() == pytest.approx(values.std() / 20, rel=0.03)


def test_longer_blocks_widen_the_interval_of_dependent_rows() -> None:
    values = dependent(2000)
    widths = []
    for mean_block in (1, 50):
        means = statistics.stationary_bootstrap(values, mean_block=mean_block, draws=2000, rng=np.random.default_rng(1))
        low, high = statistics.percentile_interval(means[:, 0])
        widths.append(high - low)
    assert widths[1] > 1.7 * widths[0]


@given(
    n=st.integers(1, 40),
    columns=st.integers(1, 3),
    mean_block=st.floats(1, 200),
    draws=st.integers(1, 20),
    constant=st.floats(-1e3, 1e3),
)
def test_resamples_of_a_constant_are_that_constant(
    n: int, columns: int, mean_block: float, draws: int, constant: float
) -> None:
    values = np.full((n, columns), constant)
    means = statistics.stationary_bootstrap(values, mean_block=mean_block, draws=draws, rng=np.random.default_rng(n))
    assert means.shape == (draws, columns)
    np.testing.assert_allclose(means, constant, rtol=1e-12, atol=1e-12)


@given(n=st.integers(1, 60), mean_block=st.floats(1, 300), seed=st.integers(0, 99))
def test_every_resample_is_as_long_as_the_sample(n: int, mean_block: float, seed: int) -> None:
    blocks = statistics.stationary_blocks(n, mean_block=mean_block, draws=7, rng=np.random.default_rng(seed))
    lengths = np.add.reduceat((blocks.stops - blocks.starts) % n, blocks.first)
    assert np.all(lengths % n == 0)
    assert np.all((blocks.starts >= 0) & (blocks.starts < n) & (blocks.stops >= 0) & (blocks.stops < n))


def test_chunks_of_draws_change_only_which_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    values = dependent(50)
    monkeypatch.setattr(statistics, "_BLOCKS_AT_ONCE", 30)
    means = statistics.stationary_bootstrap(values, mean_block=5, draws=1_001, rng=np.random.default_rng(1))
    assert means.shape == (1_001, 1)
    assert means.mean() == pytest.approx(values.mean(), abs=0.1)


def test_draws_without_a_value_do_not_count() -> None:
    draws = np.array([np.nan, 1.0, 2.0, 3.0, np.nan])
    assert statistics.percentile_interval(draws, level=1.0) == (1.0, 3.0)
    assert np.isnan(statistics.percentile_interval(np.full(3, np.nan))).all()
    low, high = statistics.percentile_interval(np.column_stack([draws, 2 * draws]), level=1.0)
    assert (list(low), list(high)) == ([1.0, 2.0], [3.0, 6.0])


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("k", "n"), [(0, 5), (8, 10), (41, 41), (130, 777)])
def test_wilson_is_that_of_statsmodels(k: int, n: int, level: float) -> None:
    peer = proportion_confint(k, n, alpha=1 - level, method="wilson")
    assert statistics.wilson(k, n, level) == pytest.approx(peer, abs=1e-12)


@pytest.mark.parametrize("lags", [0, 5, 21])
def test_hac_is_that_of_statsmodels(lags: int) -> None:
    x = dependent(400, columns=2, seed=1)
    y = 0.3 + x @ [0.5, -0.2] + dependent(400, seed=2)[:, 0]
    x[7, 1] = y[11] = np.nan
    ours = statistics.hac_ols(y, x, lags=lags)
    peer = sm.OLS(y, sm.add_constant(x), missing="drop").fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    np.testing.assert_allclose(ours.coef, peer.params, rtol=1e-10)
    np.testing.assert_allclose(ours.se, peer.bse, rtol=1e-10)
    np.testing.assert_allclose(ours.t, peer.tvalues, rtol=1e-10)
    assert (ours.r_squared, ours.n) == (pytest.approx(peer.rsquared, rel=1e-10), 398)


@pytest.mark.parametrize("x", [np.zeros(20), np.full(20, np.nan), np.arange(20.0)[:, None] * [1, 2]])
def test_hac_without_anything_to_tell_apart_is_unknown(x: np.ndarray) -> None:
    fit = statistics.hac_ols(np.arange(20.0), x, lags=3)
    assert np.isnan([*fit.coef, *fit.se, *fit.t, fit.r_squared]).all()


def test_hac_of_a_few_rows_is_unknown_and_of_more_lags_than_rows_is_not() -> None:
    y, x = dependent(12)[:, 0], dependent(12, seed=9)
    assert np.isnan(statistics.hac_ols(y[:3], x[:3], lags=1).t).all()
    assert np.isfinite(statistics.hac_ols(y, x, lags=50).coef).all()


P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=8)


@pytest.mark.parametrize(("name", "peer"), [("holm", "holm"), ("bh", "fdr_bh")])
@pytest.mark.parametrize("p", [[0.3], [0.04, 0.01, 0.03, 0.005], [0.2, 0.2, 0.9, 0.0, 0.001, 0.011]])
def test_corrections_are_those_of_statsmodels(name: str, peer: str, p: list[float]) -> None:
    ours = statistics.adjusted(np.array(p), name)
    np.testing.assert_allclose(ours, multipletests(p, method=peer)[1], rtol=1e-12)


@pytest.mark.parametrize("name", ["holm", "bh"])
@given(p=P_VALUES)
def test_a_correction_keeps_order_and_unknowns_and_lowers_nothing(name: str, p: list[float]) -> None:
    values = np.array(p, dtype=float)
    known = ~np.isnan(values)
    ours = statistics.adjusted(values, name)
    assert np.isnan(ours[~known]).all()
    assert np.all((ours[known] >= values[known] * (1 - 1e-12)) & (ours[known] <= 1))
    assert np.all(np.diff(ours[known][np.argsort(values[known])]) >= 0)
    assert np.array_equal(ours[known], statistics.adjusted(values[known], name))
    assert np.array_equal(values, np.array(p, dtype=float), equal_nan=True)


def test_no_correction_leaves_p_values_as_they_are() -> None:
    assert statistics.adjusted(np.array([0.04, 0.2]), "none").tolist() == [0.04, 0.2]


def rotations(outcome: np.ndarray, flags: np.ndarray, drop: int) -> float:
    """The placebo's definition, one rotation at a time."""
    base = outcome.mean()
    truth = abs(outcome[flags].mean() - base)
    shifts = range(drop + 1, len(outcome) - drop)
    far = [abs(outcome[np.roll(flags, shift)].mean() - base) >= truth - 1e-12 for shift in shifts]
    return (1 + sum(far)) / (1 + len(far))


def test_the_placebo_is_the_share_of_rotations_at_least_as_far() -> None:
    outcome = dependent(300)[:, 0]
    flags = np.zeros(300, dtype=bool)
    flags[[3, 40, 41, 120, 299]] = True
    for drop in (0, 20, 63):
        assert statistics.placebo_p(outcome, flags, drop=drop) == pytest.approx(rotations(outcome, flags, drop))


def test_the_placebo_of_a_constant_is_one_and_of_a_plant_is_small() -> None:
    flags = np.zeros(1000, dtype=bool)
    flags[np.random.default_rng(1).choice(1000, 30, replace=False)] = True
    assert statistics.placebo_p(np.full(1000, 0.1), flags) == 1.0
    noise = np.random.default_rng(2).normal(size=1000)
    assert statistics.placebo_p(noise + 3 * flags, flags) < 0.01


def test_the_placebo_of_nothing_is_unknown() -> None:
    assert np.isnan(statistics.placebo_p(np.ones(500), np.zeros(500, dtype=bool)))
    assert np.isnan(statistics.placebo_p(np.ones(127), np.ones(127, dtype=bool)))


def test_an_effect_of_the_detectable_size_is_found_in_four_samples_of_five() -> None:
    estimates = statistics.detectable(1.0) + np.random.default_rng(3).normal(size=100_000)
    assert np.mean(np.abs(estimates) > 1.96) == pytest.approx(0.8, abs=0.005)


@pytest.mark.slow
def test_the_bootstrap_of_many_horizons_costs_a_fraction_of_archs() -> None:
    values = np.random.default_rng(0).normal(size=(5_000, 60))
    began = time.perf_counter()
    statistics.stationary_bootstrap(values, mean_block=20, draws=2_000, rng=np.random.default_rng(1))
    ours = time.perf_counter() - began
    peer = StationaryBootstrap(20, values, seed=np.random.default_rng(2))
    began = time.perf_counter()
    peer.apply(lambda sample: sample.mean(axis=0), reps=400)
    assert ours < 0.4 * 5 * (time.perf_counter() - began)
