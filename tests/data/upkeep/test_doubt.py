"""Answers that look like bars and must not be believed, and what a person's word changes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers.core import params as parameters
from helpers.core.errors import UnavailableDataError
from helpers.data import intake
from helpers.data.store import Store
from tests.data.desk import Desk, at

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

EVE, DAY, NEXT = "2026-04-10", "2026-04-13", "2026-04-14"


def served_only(desk: Desk, symbol: str, since: str) -> None:
    """The provider forgets what was before a day."""
    days = desk.world.bars(symbol).index
    desk.world.drop(symbol, *(str(day.date()) for day in days[days < since]))


def test_a_history_fetched_anew_may_not_lose_its_past(desk: Desk) -> None:
    desk.update()
    served_only(desk, "IJH", "2026-03-20")
    report = desk.update(refetch=["IJH"])
    assert (report.outcomes[0].done, len(desk.bars())) == ("failed", 318)
    assert "of the 318 days held" in report.outcomes[0].detail


def test_a_history_that_begins_too_late_is_asked_for_whole_again(desk: Desk) -> None:
    first = pd.Timestamp("2025-01-02 14:30", tz="UTC")
    desk.world.meta("IJH", firstTradeDate=int(first.timestamp()))
    served_only(desk, "IJH", "2026-01-20")
    desk.update()
    assert len(desk.bars()) < 100
    desk.world.restore("IJH")
    desk.world.last = DAY
    desk.update()
    assert desk.is_complete()


def test_other_prices_on_most_days_are_another_fund(desk: Desk) -> None:
    desk.update()
    before = desk.bars()
    desk.world.last = DAY
    rng = np.random.default_rng(5)
    for day in desk.bars().index:
        noise = rng.normal(1, 0.05)
        for field in ("open", "high", "low", "close"):
            desk.world.revise("IJH", str(day.date()), field, float(before.loc[day, field]) * noise)
    desk.update()
    assert (desk.holding().fault, desk.status()) == ("BadData", "quarantined"), desk.holding().cause
    assert "other prices on" in desk.holding().cause
    pd.testing.assert_frame_equal(desk.bars(), before)


def test_a_time_out_does_not_end_a_quarantine(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.world.meta("IJH", exchangeName="LSE")
    desk.update()
    desk.server.fault("IJH", "500")
    desk.update()
    assert (desk.holding().fault, desk.status()) == ("BadData", "quarantined")
    assert "exchange LSE found" in desk.holding().cause


def test_a_restatement_seen_on_the_way_out_of_quarantine_is_kept(desk: Desk) -> None:
    desk.update()
    old = desk.bars()["close"]["2025-06-02"]
    desk.server.fault("IJH", "pence")
    desk.world.last = DAY
    desk.update()
    desk.server.heal()
    desk.world.revise("IJH", "2025-06-02", "close", old * 0.99)
    desk.update()
    kept = desk.store.superseded()
    assert [str(kept["date"].iloc[0].date()), kept["close"].iloc[0]] == ["2025-06-02", old]
    assert desk.holding().revisions[-1]["days"] == ["2025-06-02"]


def test_a_true_fall_by_half_is_fresh_once_a_person_has_said_so(desk: Desk) -> None:
    desk.update()
    desk.world.last = DAY
    desk.world.split("IJH", DAY, 2, event=False)
    desk.update()
    assert desk.status() == "quarantined"
    desk.update(accept=["IJH"])
    assert (desk.holding().accepted, desk.status()) == ((DAY,), "fresh")
    desk.world.last = NEXT
    desk.update()
    assert (desk.holding().fault, desk.status()) == ("", "fresh"), "it is asked about no more"


def test_to_accept_what_is_held_already_restates_nothing(desk: Desk) -> None:
    desk.update()
    desk.update(accept=["IJH"])
    assert desk.store.superseded().empty and desk.holding().revisions == ()


def test_a_pointer_that_leads_nowhere_is_not_an_empty_store(desk: Desk) -> None:
    desk.update()
    (desk.store.home / "CURRENT").write_text("000009-000000000000\n")
    with pytest.raises(UnavailableDataError, match="no version 000009"):
        intake.look(desk.params, now=at(desk.world.last))


def test_days_that_the_provider_lost_take_the_scale_of_their_neighbours(desk: Desk) -> None:
    desk.world.split("IJH", EVE, 1.5, event=False)
    desk.update()
    lost = ["2026-01-20", "2026-01-21"]
    before = desk.bars().loc[lost, "close"].to_numpy()
    desk.world.restore("IJH")
    desk.world.split("IJH", EVE, 1.5)  # stated a day late
    desk.world.drop("IJH", *lost)
    desk.world.last = DAY
    desk.update()
    assert desk.holding().fault == "", desk.holding().cause
    assert desk.bars().loc[lost, "close"].to_numpy() == pytest.approx(before / 1.5, rel=1e-6)


def test_an_answer_without_adjusted_closes_takes_no_dividend_away(desk: Desk) -> None:
    desk.world.dividend("IJH", "2026-04-08", 0.8)
    desk.update()
    desk.world.last = DAY
    desk.server.fault("IJH", "adjclose missing")
    desk.update()
    assert desk.bars()["dividend"]["2026-04-08"] == 0.8


@pytest.mark.parametrize("symbol", ["SPY", "IJR"])
def test_an_old_price_of_zero_keeps_no_note_from_being_written(desk: Desk, symbol: str) -> None:
    desk.world.revise(symbol, "2025-02-03", "open", 0.0)
    desk.update()
    snapshot = intake.look(desk.params, now=at(desk.world.last))
    assert snapshot.status(symbol).status == "holes" and "2025-02-03" in snapshot.status(symbol).since


def test_a_day_that_is_a_hole_is_not_called_stale(desk: Desk) -> None:
    desk.world.drop("IJR", "2026-03-10")
    desk.update()
    asked = parameters.replaced(desk.params, as_of="2026-03-10")
    snapshot = intake.look(asked, now=at(desk.world.last))
    assert snapshot.stale_since == ""


def test_old_holes_are_asked_for_again_once_a_settled_day_for_a_week(desk: Desk) -> None:
    desk.symbols = ("IJH",)
    desk.world.drop("IJH", "2025-03-03")
    desk.update()
    desk.update()
    assert not desk.server.log, "not on the same day"
    begun = []
    for desk.world.last in (DAY, "2026-06-01"):
        desk.update()
        seconds = int(desk.server.charts()[0].query["period1"])
        begun.append(dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat())
    assert begun[0] < "2025-03-03" and begun[1] > "2026-03-01"


def test_damaged_facts_hold_no_note_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.take(desk.params, today=dt.date.fromisoformat(EVE))
    for path in Store().home.glob("facts/*/*.parquet"):
        path.write_bytes(b"not a table")
    desk.world.last = DAY
    assert intake.take(desk.params, today=dt.date.fromisoformat(DAY)).bars_to == DAY
