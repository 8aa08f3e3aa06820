"""Scores of probabilities: against sums by hand, the published identity, and forecasts whose quality is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import calibration


def drawn(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and outcomes that happen as often as these say."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.1, 0.9, n)
    return p, (rng.uniform(size=n) < p).astype(float)


def test_the_score_is_the_mean_squared_distance():
    assert calibration.brier(np.array([1.0, 0.5, 0.0]), np.array([1.0, 0.0, 1.0])) == pytest.approx(1.25 / 3)
    assert math.isnan(calibration.brier(np.array([]), np.array([])))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.35, 0.5, 0.52, 0.9]), st.booleans()), min_size=1, max_size=120))
def test_the_parts_add_up_to_the_score_and_none_but_resolution_is_negative(calls):
    p, outcome = np.array([item[0] for item in calls]), np.array([float(item[1]) for item in calls])
    found = calibration.parts(p, outcome)
    assert found.brier == pytest.approx(calibration.brier(p, outcome))
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.brier, abs=1e-12)
    assert found.reliability >= 0 and 0 <= found.uncertainty <= 0.25


def test_one_probability_for_all_is_uncertainty_and_its_distance_from_the_share():
    found = calibration.parts(np.full(40, 0.7), np.repeat([1.0, 0.0], 20))
    assert found.uncertainty == pytest.approx(0.25)
    assert found.reliability == pytest.approx(0.04)
    assert found.resolution == pytest.approx(0.0)


def test_murphys_parts_of_two_probabilities_by_hand():
    """Ten calls of 20 % of which one came true, ten of 80 % of which nine did."""
    p = np.repeat([0.2, 0.8], 10)
    outcome = np.array([1.0] + [0.0] * 9 + [1.0] * 9 + [0.0])
    found = calibration.parts(p, outcome)
    assert found.reliability == pytest.approx(0.01)
    assert found.resolution == pytest.approx(0.16)
    assert found.uncertainty == pytest.approx(0.25)


def beside(n: int, step: int = 21, horizon: int = 21) -> tuple[np.ndarray, np.ndarray]:
    """Days on which calls are made every `step` days, and on which their windows end."""
    made = np.arange(n) * step
    return made, made + horizon


def test_there_are_at_most_five_bins_and_every_call_is_in_one():
    p, outcome = drawn(503)
    table = calibration.reliability(p, outcome, *beside(503))
    assert len(table) == 5
    assert table["n"].sum() == 503
    assert table["n"].between(100, 101).all()
    assert table["mean_p"].is_monotonic_increasing


@pytest.mark.parametrize(("n", "bins"), [(1, 1), (9, 1), (20, 2), (49, 4), (50, 5), (1000, 5)])
def test_few_calls_make_few_bins(n, bins):
    p, outcome = drawn(n)
    assert len(calibration.reliability(p, outcome, *beside(n))) == bins


def test_equal_probabilities_share_a_bin():
    p = np.array([0.5] * 60 + [0.6] * 40)
    table = calibration.reliability(p, np.zeros(100), *beside(100))
    assert table["mean_p"].tolist() == [0.5, 0.6]
    assert table["n"].tolist() == [60, 40]


@pytest.mark.parametrize(
    ("counts", "joined"),
    [
        ([60, 5], [65]),
        ([5, 60], [65]),
        ([9, 30, 9], [48]),
        ([30, 4, 30], [30, 34]),
        ([3, 3], [6]),
        ([40, 10], [40, 10]),
    ],
)
def test_no_bin_has_fewer_than_ten_calls_however_many_are_equal(counts, joined):
    p = np.repeat(np.linspace(0.2, 0.8, len(counts)), counts)
    assert np.bincount(calibration.bins(p)).tolist() == joined


@given(st.lists(st.integers(1, 40), min_size=1, max_size=9))
def test_bins_keep_the_order_of_probabilities_and_their_least_count(counts):
    p = np.repeat(np.arange(len(counts)) / 10, counts)
    found = calibration.bins(p)
    assert (np.diff(found) >= 0).all() and found[0] == 0
    held = np.bincount(found)
    assert len(held) <= 5 and (held > 0).all()
    assert len(held) == 1 or held.min() >= 10


def test_an_interval_counts_windows_that_do_not_overlap_and_the_share_all_calls():
    """Four calls a window, all alike, are one window: the interval is that of the windows."""
    _, outcome = drawn(40, seed=4)
    once = calibration.reliability(np.full(40, 0.5), outcome, *beside(40))
    made, resolved = beside(40)
    again = calibration.reliability(np.full(160, 0.5), *(np.repeat(held, 4) for held in (outcome, made, resolved)))
    assert (again["n"].item(), again["windows"].item()) == (160, 40)
    for name in ("share", "low", "high"):
        assert again[name].item() == pytest.approx(once[name].item())


def test_without_calls_there_is_no_bin_and_no_score():
    nothing = np.array([])
    assert calibration.reliability(nothing, nothing, nothing, nothing).empty
    assert calibration.parts(nothing, nothing).n == 0
    assert calibration.skill(nothing, nothing, nothing).word == "too few"
    assert not calibration.apart(nothing, nothing).size
    assert not calibration.climatology(nothing, nothing, nothing, nothing).size


def test_probabilities_that_are_true_lie_within_their_intervals():
    table = calibration.reliability(*drawn(2000), *beside(2000), level=0.99)
    assert ((table["low"] <= table["mean_p"]) & (table["mean_p"] <= table["high"])).all()


def test_knowing_more_than_the_base_is_skill_and_knowing_less_is_negative():
    p, outcome = drawn(400)
    base = np.full(400, 0.5)
    good, bad = calibration.skill(p, base, outcome), calibration.skill(1 - p, base, outcome)
    assert good.word == "positive" and good.low > 0
    assert good.value == pytest.approx(1 - calibration.brier(p, outcome) / calibration.brier(base, outcome))
    assert bad.word == "negative" and bad.high < 0


def test_repeating_the_base_has_no_skill():
    _, outcome = drawn(100)
    found = calibration.skill(np.full(100, 0.6), np.full(100, 0.6), outcome)
    assert (found.value, found.low, found.high, found.word) == (0.0, 0.0, 0.0, "none")


@pytest.mark.parametrize(("n", "word"), [(19, "too few"), (20, "positive")])
def test_under_twenty_calls_there_is_no_verdict(n, word):
    outcome = np.tile([1.0, 0.0], 10)[:n]
    p = np.clip(outcome, 0.1, 0.9)
    assert calibration.skill(p, np.full(n, 0.5), outcome).word == word


def test_a_base_that_was_never_wrong_leaves_skill_unknown():
    found = calibration.skill(np.full(30, 0.5), np.ones(30), np.ones(30))
    assert math.isnan(found.value) and found.word == "one-sided"


@pytest.mark.parametrize(("n", "quantile"), [(20, 2.09302), (21, 2.08596), (60, 2.00100), (124, 1.97944)])
def test_the_interval_is_students_who_knows_that_few_windows_tell_little_of_their_spread(n, quantile):
    """Published quantiles of 97.5 %; the normal one would call 7 % of 20 windows that know nothing."""
    rng = np.random.default_rng(5)
    p, base, outcome = rng.uniform(0.3, 0.7, n), np.full(n, 0.5), np.tile([1.0, 0.0], n)[:n]
    found = calibration.skill(p, base, outcome)
    gained = ((base - outcome) ** 2 - (p - outcome) ** 2) / 0.25
    assert (found.high - found.value) * math.sqrt(n) / gained.std(ddof=1) == pytest.approx(quantile, abs=1e-5)


@pytest.mark.parametrize(("rare", "word"), [(4, "one-sided"), (5, "positive")])
def test_what_hardly_ever_fails_to_happen_tells_nothing_of_skill(rare, word):
    """Under five windows of either outcome the spread of the scores is not known."""
    for flipped in (False, True):
        outcome = np.array([1.0] * (60 - rare) + [0.0] * rare)
        outcome = 1 - outcome if flipped else outcome
        assert calibration.skill(np.clip(outcome, 0.05, 0.95), np.full(60, 0.5), outcome).word == word


@pytest.mark.parametrize(
    ("step", "horizon", "taken"), [(1, 21, 20), (5, 21, 80), (5, 30, 67), (21, 21, 400), (21, 30, 200)]
)
def test_windows_apart_are_as_many_as_fit_and_none_overlaps(step, horizon, taken):
    made, resolved = beside(400, step, horizon)
    chosen = calibration.apart(made, resolved)
    assert chosen.sum() == taken
    assert (made[chosen][1:] >= resolved[chosen][:-1]).all()


def test_calls_of_one_day_are_one_window_and_the_order_of_rows_does_not_matter():
    made, resolved = (
        np.array(days) for days in (["2026-03-02", "2026-03-02", "2026-04-01"], ["2026-03-31"] * 2 + ["2026-05-01"])
    )
    assert calibration.apart(made, resolved).sum() == 2
    assert calibration.apart(made[::-1], resolved[::-1]).sum() == 2


def test_windows_that_end_later_change_no_earlier_choice():
    rng = np.random.default_rng(2)
    made = np.sort(rng.integers(0, 900, 300))
    resolved = made + rng.choice([21, 30], 300)
    whole = calibration.apart(made, resolved)
    for day in (200, 500, 800):
        over = resolved <= day
        assert (calibration.apart(made[over], resolved[over]) == whole[over]).all()


def test_climatology_is_what_had_happened_by_the_day_drawn_to_the_base():
    made, resolved = beside(4)
    found = calibration.climatology(made, resolved, np.array([1.0, 1.0, 0.0, 1.0]), np.full(4, 0.5))
    assert found.tolist() == pytest.approx([0.5, (1 + 15) / 31, (2 + 15) / 32, (2 + 15) / 33])


def test_climatology_knows_no_window_that_was_still_open():
    made, resolved = beside(50, 5)
    outcome = np.ones(50)
    before = calibration.climatology(made, resolved, outcome, np.full(50, 0.4))
    outcome[resolved > made[30]] = 0.0
    after = calibration.climatology(made, resolved, outcome, np.full(50, 0.4))
    assert (after[:31] == before[:31]).all() and (after[31:] <= before[31:]).all()
    # calls of the same window count once: 26 calls were over, five windows of them apart
    assert before[30] == pytest.approx((6 + 30 * 0.4) / 36)


def test_a_call_made_before_the_close_does_not_know_the_window_that_ends_with_it():
    made, resolved = beside(4)
    outcome, base = np.array([1.0, 1.0, 0.0, 1.0]), np.full(4, 0.5)
    found = calibration.climatology(made, resolved, outcome, base, is_before_close=True)
    assert found.tolist() == pytest.approx([0.5, 0.5, (1 + 15) / 31, (2 + 15) / 32])


def persistent(n: int, share: float, spread: float, kept: float, rng: np.random.Generator) -> np.ndarray:
    """Probabilities around a share that stay where they are for long, and know nothing."""
    steps, place = rng.normal(0, spread, n), rng.normal(0, spread)
    walk = []
    for step in steps:
        place = kept * place + np.sqrt(1 - kept * kept) * step
        walk.append(place)
    return np.clip(share + np.array(walk), 0.05, 0.95)


def words_of(worlds: int, n: int, step: int, *, kept: float = 0.98, seed: int = 11) -> list[tuple[str, str]]:
    """The verdicts against climatology and base of calls over 21 days on walks that nobody can foresee."""
    rng, found = np.random.default_rng(seed), []
    made, resolved = beside(n, step)
    for _ in range(worlds):
        walk = np.cumsum(rng.normal(size=resolved[-1] + 1))
        outcome = (walk[resolved] > walk[made]).astype(float)
        p, base = persistent(n, 0.5, 0.06, kept, rng), np.full(n, 0.5)
        chosen = calibration.apart(made, resolved)
        so_far = calibration.climatology(made, resolved, outcome, base)
        said = [calibration.skill(p[chosen], held[chosen], outcome[chosen]).word for held in (so_far, base)]
        found.append((said[0], said[1]))
    return found


@pytest.mark.parametrize(("step", "n"), [(step, n) for step in (1, 5) for n in (20, 60, 120, 250)])
def test_calls_that_know_nothing_rarely_get_a_verdict_however_much_they_overlap(step, n):
    """Of 300 worlds with an error of 5 % at most 8 % may, by either reference."""
    found = words_of(300, n, step)
    for said in zip(*found, strict=True):
        assert sum(word in ("positive", "negative") for word in said) <= 24
    if n * step < 20 * 21:
        assert {word for said in found for word in said} == {"too few"}


@pytest.mark.parametrize("step", [1, 5])
def test_a_hundred_windows_of_calls_that_know_nothing_have_no_positive_skill(step):
    """More noise than the base is worse than the base, and with many windows is rightly called so; never better."""
    found = words_of(200, 100 * 21 // step, step)
    for said in zip(*found, strict=True):
        assert sum(word == "positive" for word in said) <= 10


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (30, 0.6), (270, 0.68)])
def test_few_cases_are_drawn_to_the_base(n, p):
    assert calibration.shrunk(0.7, n, 0.5, 30) == pytest.approx(p)
    assert calibration.shrunk(math.nan, n, 0.5, 30) == 0.5
