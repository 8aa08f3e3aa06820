"""Every finding of the section risks against a plain second computation (`oracle_risks`)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.findings import Finding
from helpers.core.params import Params
from helpers.data.facts import Facts
from helpers.data.snapshot import Snapshot
from helpers.sections.risks import risks
from tests.sections import inputs, oracle_risks, oracle_risks_desk, oracle_sentiment
from tests.sections import oracle_risks_more as oracle
from tests.sections.conftest import TAPE, take
from tests.sections.oracle import Address, Page
from tests.sections.test_oracle import book_of

#: found with random draws: `test_intervals_and_detectable_sizes_are_those_of_other_draws`
DRAWN = {"risks.scenario_detectable", "risks.predictive_detectable"}
#: each with a test of its own
ALONE = {"risks.explained", "risks.scenario_from", "risks.scenario_split"}
#: a change is read to a millionth of a basis point, which a slope on small daily changes multiplies
BP_ERROR = 2e-6
OTHER: dict[str, Any] = {
    "tape": TAPE,
    "window": 126,
    "quiet_gap": 10,
    "rs_ma": 100,
    "breadth_ma": [20],
    "volume_windows": [10, 30],
    "rate_shock": 15,
    "credit_shock": 30,
    "reversal_excess": -1.0,
    "reversal_drawdown": -3.0,
    "atr_multiple": 0.5,
    "beta_window": 63,
    "crowding_years": 3,
    "alpha": 0.1,
    "correction": "bh",
    "min_events_mean": 5,
    "min_events_interval": 12,
    "small_effect": 1.0,
    "score_weights": {"price": 3, "crowding": 0.5, "rates": 0},
    "label_cuts": [0.02, 0.05, 0.9],
    "coverage_min": 90,
    "winners": ["XLI", "XLF", "VNQ"],
    "hedge_legs": ["XLP", "XLF", "IEF", "OEF", "XLV", "VNQ"],
}
#: the note with every input, each with what it is there for
CASES: dict[str, dict[str, Any]] = {
    "a quiet day": {"as_of": inputs.AS_OF},
    "a company reports on the weekend": {"as_of": "2026-04-17"},
    "new facts, on the day of a dated event": {"as_of": "2026-04-29"},
    "six weeks before it, few share counts": {"as_of": "2026-03-18"},
    "before any fact": {"as_of": "2021-02-04"},
    "other parameters, on a tape": OTHER,
    "near the warning": {"as_of": "2025-08-15", "correction": "none", "block": 40},
    "below the warning, the Fed's yield": {"as_of": "2025-11-04", "rates": "^FVX", "rate_shock": 5},
}
#: apart: each has a rule of its own that a test below is about
APART: dict[str, dict[str, Any]] = {
    "too few windows": {"as_of": inputs.AS_OF, "min_events_mean": 25},
    "a state never met": {"as_of": inputs.AS_OF, "rates": "^FVX"},
}
FAST = "a quiet day"
#: both fiscal years, a quarter that does not count, and a company that nobody revised
ESTIMATES = pd.DataFrame(
    {
        "subject": ["AAA", "AAA", "AAA", "BBB"],
        "period": ["0y", "+1y", "+1q", "0y"],
        "up_30": [1.0, 4.0, 9.0, 0.0],
        "down_30": [2.0, 1.0, 0.0, 0.0],
    }
)


class Case:
    """A note's section, and the second computation of it."""

    def __init__(self, snapshot: Snapshot, params: Params) -> None:
        section = risks(snapshot, params)
        self.stated: dict[Address, Finding] = {
            (item.id, item.subject, tuple(sorted(item.key.items()))): item for item in section.findings
        }
        quoted = snapshot.wide("close", "tape", [params.rates])[params.rates]
        if not quoted.notna().any():
            quoted = snapshot.wide("adj_close", "tape", [params.rates])[params.rates]
        self.desk = oracle_risks_desk.Desk(book_of(snapshot, params), quoted, snapshot.background, params)
        self.intervals = {
            (what.removeprefix("risks.").removesuffix("_difference"), str(dict(key)["scenario"])): (item.low, item.high)
            for (what, _, key), item in self.stated.items()
            if what.endswith("_difference")
        }
        self.page: Page = oracle.risks(self.desk, self.intervals)
        oracle_sentiment.sentiment(self.desk)

    def differences(self, leave: set[str]) -> list[str]:
        """What is stated otherwise than expected; NaN for a bound stands for none."""
        wrong = []
        for address, said in self.page.items():
            for name, value in said._asdict().items():
                if address[0] in leave or (name != "value" and value is None):
                    continue
                found = getattr(self.stated[address], name)
                unit = self.stated[address].unit
                if not same(found, value, unit):
                    wrong.append(f"{address} {name}: {found!r} stated, {value!r} expected")
        return wrong


def same(found: object, value: object, unit: str) -> bool:
    if isinstance(value, float) and math.isnan(value):
        value = None
    if isinstance(value, bool | str) or value is None or found is None:
        return type(found) is type(value) and found == value
    return found == pytest.approx(value, rel=1e-5, abs=BP_ERROR if unit == "bp" else 1e-9)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Makes one of `CASES`, each once."""
    folder = tmp_path_factory.mktemp("risks")
    sources = inputs.written(folder / "files")
    inputs.facts(folder / "home")
    Facts(folder / "home").record("estimates", ESTIMATES, "2026-04-23")

    @cache
    def made(name: str) -> Case:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BREADTHBOOK_HOME", str(folder / "home"))
            return Case(*take(sources=sources, **{**CASES, **APART}[name]))

    return made


@pytest.fixture(scope="module")
def real_case(shared_data: Path) -> Callable[..., Case]:
    """Makes a case of the real files."""
    return cache(lambda as_of: Case(*take(sources=real_sources(shared_data), as_of=as_of)))


def real_sources(folder: Path) -> dict[str, Any]:
    return {
        "bars": [str(folder / name) for name in ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")],
        "members": str(folder / "constituents" / "sp400_2026-04-17.csv"),
        "sector_column": "gics_like_sector",
        "members_bars": [str(folder / "stocks_adjclose_sp400_sp500.parquet")],
        "macro": [str(folder / "fred_series.parquet")],
    }


def assert_the_same(one: Case) -> None:
    drawn = {address for address in one.stated if address[0] in DRAWN}
    assert one.stated.keys() - drawn == one.page.keys()
    wrong = one.differences(ALONE)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n == FAST else pytest.mark.slow) for n in CASES])
def test_every_finding_with_every_input(case: Callable[[str], Case], name: str) -> None:
    assert_the_same(case(name))


@pytest.mark.slow
@pytest.mark.parametrize("as_of", ["2026-04-17", "2025-12-30", "2021-02-04"])
def test_every_finding_of_real_files(real_case: Callable[..., Case], as_of: str) -> None:
    assert_the_same(real_case(as_of))


def test_the_share_explained_is_that_of_the_moves_themselves(case: Callable[[str], Case]) -> None:
    assert_alone(case(FAST), "risks.explained")


@pytest.mark.parametrize("what", ["risks.scenario_from", "risks.scenario_split"])
def test_a_comparison_begins_on_the_first_day_of_its_first_window(case: Callable[[str], Case], what: str) -> None:
    assert_alone(case(FAST), what)


def assert_alone(one: Case, what: str) -> None:
    wrong = [text for text in one.differences(set()) if f"'{what}'" in text]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_a_scenario_of_which_nothing_is_said_is_not_counted_in_the_correction(case: Callable[[str], Case]) -> None:
    assert_the_same(case("too few windows"))


@pytest.mark.slow
def test_a_state_never_met_has_no_windows_rather_than_an_unknown_number(case: Callable[[str], Case]) -> None:
    assert_the_same(case("a state never met"))


@pytest.mark.slow
def test_with_holes_too_the_difference_is_that_of_the_two_means(tmp_path: Path) -> None:
    funds = inputs.funds()
    gone = funds["date"].isin(pd.to_datetime(["2016-03-02", "2019-06-12", "2022-08-10"])) & (funds["symbol"] == "IJH")
    snapshot, params = take(sources=inputs.written(tmp_path, funds=funds[~gone]), as_of=inputs.AS_OF)
    found = risks(snapshot, params).findings
    for scenario in oracle_risks.SCENARIOS:
        key = {"scenario": scenario, "horizon": 21}
        met, other = (found.get("risks.scenario_mean", **key, state=state) for state in ("met", "not"))
        whole = found.get("risks.scenario_difference", **key)
        assert met and other and whole
        assert met.n == whole.n
        values = [item.value for item in (met, other, whole)]
        assert np.dot([1, -1, -1], np.array(values, dtype=float)) == pytest.approx(0, abs=1e-12)


def test_every_finding_listed_is_compared_or_drawn(case: Callable[[str], Case]) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(risks\.\w+)`", page, flags=re.MULTILINE))
    assert len(listed) > 40
    compared = {address[0] for address in case(FAST).page}
    assert listed == compared | DRAWN
    assert not compared & DRAWN


@pytest.mark.slow
def test_every_finding_compared_is_known_in_some_case(
    case: Callable[[str], Case], real_case: Callable[..., Case]
) -> None:
    pages = [case(name).page for name in CASES] + [real_case("2026-04-17").page]
    known = {address[0] for page in pages for address, said in page.items() if said.value is not None}
    assert known == {address[0] for page in pages for address in page}


@pytest.mark.slow
@pytest.mark.parametrize("name", [FAST, "other parameters, on a tape"])
def test_intervals_and_detectable_sizes_are_those_of_other_draws(case: Callable[[str], Case], name: str) -> None:
    one = case(name)
    params, held = one.desk.params, 0
    for timing, scenario in one.intervals:
        study = oracle_risks.study(one.desk, scenario, timing)
        if study.effective() < params.min_events_mean:
            continue
        made = oracle_risks_desk.drawn(study.y, study.met, oracle_risks.mean_block(params), 2000, 7)
        error = made.std(ddof=1)
        low, high = one.intervals[timing, scenario]
        if low is not None and high is not None:
            bounds = np.quantile(made, [params.alpha / 2, 1 - params.alpha / 2])
            # a bound of 2,000 draws is known within 0.06 of their standard error, the difference of two within 0.085
            assert [low, high] == pytest.approx(list(bounds), abs=0.3 * error)
            held += 1
        key = tuple(sorted({"scenario": scenario, "horizon": 21}.items()))
        subject = one.desk.page.subject + one.desk.book.suffix
        assert one.stated[f"risks.{timing}_detectable", subject, key].value == pytest.approx(2.8 * error, rel=0.1)
    assert held >= 2
