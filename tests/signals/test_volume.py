"""Volume words: thresholds as written, unusual days left out, missing never zero."""

import numpy as np
import pandas as pd
import pytest

from helpers.signals import volume

DAYS = pd.bdate_range("2024-01-01", periods=30)


def shares(values) -> pd.DataFrame:
    return pd.DataFrame({"IJH": np.asarray(values, dtype=float)}, index=DAYS[: len(values)])


ORDINARY = pd.Series(False, index=DAYS)


@pytest.mark.parametrize(
    ("multiple", "word"),
    [(0.69, "light"), (0.7, "normal"), (1.29, "normal"), (1.3, "elevated"), (2.0, "elevated"), (2.01, "heavy")],
)
def test_bands(multiple, word):
    assert volume.word(multiple) == word


def test_the_word_nearest_to_normal_wins():
    assert volume.wider_word([2.4, 1.5]) == "elevated"
    assert volume.wider_word([1.5, 1.1]) == "normal"
    assert volume.wider_word([0.5, 0.8]) == "normal"


def test_zero_volume_is_unknown_not_zero():
    assert np.isnan(volume.relative_volume(shares([100] * 20 + [0]), ORDINARY[:21], 10)["IJH"].iloc[-1])


def test_today_is_left_out_of_its_own_median():
    # rising, so that any other four days have another median: 70, 80, 90, 100 before, 500 today
    values = shares([*range(10, 101, 10), 500])
    assert volume.usual(values, ORDINARY[:11], 4)["IJH"].iloc[-1] == 85
    assert volume.relative_volume(values, ORDINARY[:11], 4)["IJH"].iloc[-1] == 500 / 85


def test_expiry_days_are_left_out_of_the_median():
    unusual = ORDINARY.copy()
    unusual.iloc[10:20] = True
    values = shares([100] * 10 + [900] * 10 + [200])
    assert volume.relative_volume(values, unusual[:21], 10)["IJH"].iloc[-1] == 2


def test_too_few_ordinary_days_is_unknown():
    assert np.isnan(volume.usual(shares([100] * 8), ORDINARY[:8], 10)["IJH"].iloc[-1])


def test_later_volume_changes_no_earlier_median():
    values = shares(np.random.default_rng(1).integers(50, 150, 30))
    whole = volume.usual(values, ORDINARY, 10)
    pd.testing.assert_frame_equal(volume.usual(values.iloc[:20], ORDINARY[:20], 10), whole.iloc[:20])


def test_log_z_score_of_an_ordinary_day_is_small():
    rng = np.random.default_rng(2)
    values = shares(np.exp(rng.normal(10, 0.2, 30)))
    z = volume.log_z_score(values, 20)["IJH"]
    assert z.iloc[:20].isna().all() and z.iloc[20:].abs().max() < 4


def test_log_z_score_is_against_the_mean_and_the_spread_of_the_days_before():
    # logs 0, 1, 5 before (mean 2, sample deviation sqrt 7) and 4 today; the median of 1 would give another score
    values = shares(np.exp([9.0, 0.0, 1.0, 5.0, 4.0]))
    assert volume.log_z_score(values, 3)["IJH"].iloc[-1] == pytest.approx(2 / np.sqrt(7), rel=1e-12)
