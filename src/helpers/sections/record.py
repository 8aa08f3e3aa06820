"""What became of earlier calls on the fund: the record that a note prints of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import calibration, statistics
from helpers.sections.section import Ledger

#: kinds of the note's own calls, in the order of the record; a person's come after
KINDS = ("sentiment", "persistence", "excess", "drawdown", "level", "hedge")
ALL, OWN = "all", "own"
#: where calls were made: on the day, by a replay of the past, on made-up prices
LIVE, REPLAYED, SIMULATED = "live", "replayed", "simulated"
ANY = "any"
_PARTS = ("reliability", "resolution", "uncertainty")
RELIABILITY = ["origin", *calibration.BINS]
BASIS = "calls resolved by the day"


def state(ledger: Ledger, snapshot: Snapshot, params: Params) -> dict[str, pd.DataFrame]:
    """State, for each origin and kind, how calls resolved by the snapshot's last day scored; give the picture's frame.

    Calls on simulated prices are apart from others, replayed ones from those made on their day, a person's from the
    note's. Under 20 resolved calls nothing but their number is stated.

    Returns
    -------
    dict of DataFrame
        ``reliability``: origin, mean_p, share (fractions), n, low, high, of all calls of the note, a row per bin;
        those of an origin with too few are left out.
    """
    held = snapshot.calls
    shown = []
    for origin in (SIMULATED,) if snapshot.simulated else (LIVE, REPLAYED):
        rows = held[held["origin"] == origin]
        own = rows["kind"] == OWN
        for kind in (ALL, *KINDS, OWN):
            chosen = rows[own if kind == OWN else ~own if kind == ALL else rows["kind"] == kind]
            state_kind(ledger, chosen, {"origin": origin, "kind": kind}, level=1 - params.alpha)
        _state_labels(ledger, rows[rows["kind"] == "sentiment"], origin, level=1 - params.alpha)
        made = rows[~own]
        if len(made) >= calibration.FEWEST:
            table = calibration.reliability(made["p"].to_numpy(), made["happened"].to_numpy(), 1 - params.alpha)
            shown.append(table.assign(origin=origin)[RELIABILITY])
    table = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=RELIABILITY, dtype="float64")
    return {"reliability": table}


def state_kind(ledger: Ledger, rows: pd.DataFrame, key: dict[str, str], *, level: float) -> None:
    """State the score of these calls, its parts, its skill against the base, and how many came true."""
    n = len(rows)
    is_enough = n >= calibration.FEWEST
    p, happened = rows["p"].to_numpy(dtype=float), rows["happened"].to_numpy(dtype=float)
    facts: dict[str, Any] = {"key": key, "n": n, "basis": BASIS}
    ledger.state("record_n", n, "count", key=key, basis=BASIS)
    found = calibration.parts(p, happened)
    ledger.state("record_brier", found.brier if is_enough else None, "score", **facts)
    for part in _PARTS:
        # that falls and hedges are not equally likely is no knowledge: of all kinds together only reliability is said
        is_said = is_enough and (key["kind"] != ALL or part == "reliability")
        ledger.state(f"record_{part}", getattr(found, part) if is_said else None, "score", **facts)
    against = rows[rows["base"].notna()] if key["kind"] != ALL else rows.iloc[:0]
    skill = skill_of(against, level=level)
    compared = {**facts, "n": len(against) if key["kind"] != ALL else None}
    has_skill = len(against) >= calibration.FEWEST
    scored = calibration.brier(*(against[name].to_numpy(dtype=float) for name in ("base", "happened")))
    ledger.state("record_base_brier", scored if has_skill else None, "score", **compared)
    bounds = {"low": skill.low, "high": skill.high, "level": level} if has_skill else {}
    ledger.state("record_skill", skill.value if has_skill else None, "score", **compared, **bounds)
    ledger.state("record_skill_word", skill.word if key["kind"] != ALL else None, "label", **compared)
    ledger.state("record_mean_p", p.mean() if is_enough else None, "fraction", **facts)
    _state_share(ledger, happened, {**key, "label": ANY}, level=level)


def skill_of(rows: pd.DataFrame, *, level: float) -> calibration.Skill:
    """Skill of calls against the bases stated with them; windows that overlap widen its interval."""
    ordered = rows.sort_values(["as_of", "kind"], kind="stable")
    lags = calibration.overlap(ordered["as_of"].to_numpy(dtype=str), ordered["resolve_on"].to_numpy(dtype=str))
    p, base, happened = (ordered[name].to_numpy(dtype=float) for name in ("p", "base", "happened"))
    return calibration.skill(p, base, happened, lags=lags, level=level)


def _state_labels(ledger: Ledger, rows: pd.DataFrame, origin: str, *, level: float) -> None:
    """State how often the fund beat mega caps after each word of the score, and after how many."""
    labelled = int((rows["label"] != "").sum())
    ledger.state("record_label_n", labelled, "count", key={"origin": origin, "label": ANY}, basis=BASIS)
    for label in sorted({*rows["label"]} - {""}):
        found = int((rows["label"] == label).sum())
        ledger.state("record_label_n", found, "count", key={"origin": origin, "label": label}, basis=BASIS)
        happened = rows.loc[rows["label"] == label, "happened"].to_numpy(dtype=float)
        _state_share(ledger, happened, {"origin": origin, "kind": "sentiment", "label": label}, level=level)


def _state_share(ledger: Ledger, happened: np.ndarray, key: dict[str, str], *, level: float) -> None:
    """State the share of calls whose statement came true, with its Wilson interval."""
    n = len(happened)
    low, high = statistics.wilson(int(happened.sum()), n, level)
    is_enough = n >= calibration.FEWEST
    bounds = {"low": low, "high": high, "level": level} if is_enough else {}
    value = happened.mean() if is_enough else None
    ledger.state("record_share", value, "fraction", key=key, n=n, basis=BASIS, **bounds)
