"""Every finding of the section hedge against a plain second computation (`oracle_hedge`)."""

from __future__ import annotations

import pytest

from helpers.sections import macro
from helpers.sections.hedge import hedge
from tests.sections import oracle_hedge
from tests.sections.conftest import TAPE, take
from tests.sections.test_oracle import book_of, same

#: on the simulated bars, each with what it is there for
SAMPLE = {
    "the tape day": {"tape": TAPE, "start": "2019-06-03"},
    "weights that fade": {"as_of": "2026-03-20", "start": "2022-06-01", "hedge_method": "ewma", "hedge_legs": ["XLU"]},
    "one for one, capped": {
        "as_of": "2025-09-12",
        "start": "2023-06-01",
        "hedge_method": "dollar",
        "max_leverage": 0.3,
    },
    "another window, the fund among the legs": {
        "as_of": "2024-06-11",
        "start": "2021-06-01",
        "beta_window": 42,
        "hedge_legs": ["VNQ", "IJH"],
        "stop_atr": 3.0,
        "vol_target": 14.0,
        "borrow_fee": 120.0,
        "trading_cost": 5.0,
    },
    "a young history": {"as_of": "2026-04-16", "start": "2025-10-01", "hedge_legs": ["SPY", "XLP"]},
}
REAL = {
    "the tape day": {"tape": TAPE, "start": "2019-06-03", "hedge_legs": ["SPY", "XLU", "SPLV"]},
    "a leg without dividends": {"as_of": "2024-03-15", "start": "2021-06-01", "hedge_legs": ["OEF", "XLP"]},
}


def compared(snapshot, params) -> None:
    """Compare every finding: value, sample size and band."""
    levels = oracle_hedge.Macro(
        rates=(100 * snapshot.wide("close", "tape", [params.rates])[params.rates]).tolist()
        if snapshot.simulated
        else macro.rate_bp(snapshot, params).series.tolist(),
        credit=macro.credit_bp(snapshot, params).series.tolist(),
    )
    dividend = snapshot.wide("dividend", "tape", list(params.symbols))
    expected = oracle_hedge.hedge(book_of(snapshot, params), levels, dividend, params)
    stated = {
        (item.id, item.subject, tuple(sorted(item.key.items()))): item for item in hedge(snapshot, params).findings
    }
    assert stated.keys() == expected.keys()
    wrong = []
    for address, said in expected.items():
        for name, value in said._asdict().items():
            found = getattr(stated[address], name)
            if (name == "value" or value is not None) and not same(found, value):
                wrong.append(f"{address} {name}: {found!r} stated, {value!r} expected")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", SAMPLE)
def test_every_finding_of_the_sample(name):
    compared(*take(**SAMPLE[name]))


@pytest.mark.parametrize("name", REAL)
def test_every_finding_of_real_bars(real, name):
    compared(*real(**REAL[name]))
