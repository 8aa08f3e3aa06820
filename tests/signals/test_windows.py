"""The rolling maximum is exact, spreads NaN and has no memory of what comes later."""

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.core.errors import ParameterError
from helpers.signals import windows

PANELS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 20), st.integers(1, 60)),
    elements=st.one_of(st.floats(0.01, 1e6), st.just(np.nan)),
)


@given(PANELS, st.integers(1, 40))
def test_equals_pandas_with_all_values_required(panel, window):
    expected = pd.DataFrame(panel.T).rolling(window, min_periods=window).max().to_numpy().T
    np.testing.assert_array_equal(windows.rolling_max(panel, window), expected)


@given(PANELS, st.integers(1, 40), st.integers(0, 59))
def test_later_days_change_nothing(panel, window, kept):
    cut = panel[:, : kept + 1]
    np.testing.assert_array_equal(windows.rolling_max(panel, window)[:, : kept + 1], windows.rolling_max(cut, window))


def test_a_hole_voids_every_window_that_holds_it():
    row = np.array([[5.0, 1.0, np.nan, 2.0, 3.0, 4.0]])
    np.testing.assert_array_equal(windows.rolling_max(row, 2), [[np.nan, 5.0, np.nan, np.nan, 3.0, 4.0]])


def test_one_dimension_is_refused():
    with pytest.raises(ParameterError, match="1 dimensions found"):
        windows.rolling_max(np.arange(5.0), 2)


def test_window_of_nothing_is_refused():
    with pytest.raises(ParameterError, match="window is 0"):
        windows.rolling_max(np.ones((1, 5)), 0)


def bars(days: int = 400, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, days)))
    high = close * (1 + rng.uniform(0, 0.01, days))
    low = close * (1 - rng.uniform(0, 0.01, days))
    return tuple(pd.DataFrame({"A": values}) for values in (high, low, close))  # type: ignore[return-value]


def test_average_true_range_equals_wilders_by_talib():
    high, low, close = bars()
    ours = windows.average_true_range(high, low, close, 20)["A"].to_numpy()
    theirs = talib.ATR(*(frame["A"].to_numpy() for frame in (high, low, close)), timeperiod=20)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_average_true_range_passes_over_a_hole():
    high, low, close = bars()
    for frame in (high, low, close):
        frame.loc[100] = np.nan
    atr = windows.average_true_range(high, low, close, 20)["A"]
    assert np.isnan(atr[100]) and atr[102:].notna().all()


@settings(max_examples=50)
@given(hnp.arrays(np.float64, st.integers(5, 40), elements=st.floats(1, 100)), st.integers(3, 10))
def test_z_score_of_a_prefix_is_the_prefix_of_the_z_score(values, window):
    frame = pd.DataFrame({"A": values})
    whole = windows.z_score(frame, window)
    pd.testing.assert_frame_equal(windows.z_score(frame.iloc[:-1], window), whole.iloc[:-1])


def test_z_score_of_equal_values_is_zero():
    assert windows.z_score(pd.DataFrame({"A": [0.1] * 20}), 14)["A"].iloc[-1] == 0


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(2, 70)), elements=st.floats(-1e3, 1e6)), st.data()
)
def test_moments_are_those_of_each_window_on_its_own(panel, data):
    window = data.draw(st.integers(1, panel.shape[1]))
    mean, squares = windows.moments(panel, window)
    views = np.lib.stride_tricks.sliding_window_view(panel, window, axis=1)
    scale = np.abs(panel).max() + 1
    np.testing.assert_allclose(mean, views.mean(axis=-1), rtol=1e-13, atol=1e-13 * scale)
    expected = ((views - views.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    np.testing.assert_allclose(squares, expected, rtol=1e-9, atol=1e-12 * scale**2)


def test_a_large_mean_costs_the_z_score_no_accuracy():
    steps = pd.DataFrame({"A": np.tile([0.0, 1.0, 3.0], 20)})
    far = windows.z_score(steps + 2.0**30, 7)
    pd.testing.assert_frame_equal(far, windows.z_score(steps, 7), rtol=1e-6)


@settings(max_examples=50)
@given(hnp.arrays(np.float64, st.integers(12, 60), elements=st.floats(1, 100)), st.integers(2, 10))
def test_z_score_knows_nothing_outside_its_window(values, window):
    whole = windows.z_score(pd.DataFrame({"A": values}), window)
    alone = windows.z_score(pd.DataFrame({"A": values[-window:]}), window)
    assert alone["A"].iloc[-1] == whole["A"].iloc[-1]
