"""What became of earlier calls on the fund: the record that a note prints of itself."""

from __future__ import annotations

import hashlib
import json
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
#: what tells the calls of one rule apart, whose windows make one climatology
_ALIKE = ["subject", "against", "horizon", "rule"]
#: settings that change no call: which day and bars, what is printed, and how intervals are drawn
_NO_CALL_ON = {
    "as_of",
    "tape",
    "sources",
    "required",
    "note",
    "narrative_llm",
    "limits",
    "disclosure",
    "extra",
    "bootstrap_draws",
    "block",
    "seed",
    "correction",
}


def settings_of(params: Params) -> str:
    """Hash of the settings that a call depends on: calls of notes with the same hash are of one rule."""
    held = params.model_dump(mode="json", exclude=_NO_CALL_ON)
    return hashlib.sha256(json.dumps(held, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def is_of(rows: pd.DataFrame, settings: str) -> pd.Series:
    """Which calls were made with these settings, as far as it matters.

    What was said on its day, or by a person, was said, whatever the settings are now; a replay may be made with any.
    """
    return (rows["origin"] == LIVE) | (rows["kind"] == OWN) | (rows["settings"] == settings)


def state(ledger: Ledger, snapshot: Snapshot, params: Params) -> dict[str, pd.DataFrame]:
    """State, for each origin and kind, how calls resolved by the snapshot's last day scored; give the picture's frame.

    Calls on simulated prices are apart from others, replayed ones from those made on their day, each person's from the
    note's and from another's (``by`` in the key; of all people together only the number). Of replayed and simulated
    ones those count that were made with this note's settings; how many others there are is stated. Under 20 resolved
    calls nothing but their number is stated.

    Returns
    -------
    dict of DataFrame
        ``reliability``: origin, mean_p, share (fractions), n, windows, low, high, of all calls of the note, a row per
        bin; those of an origin with too few are left out.
    """
    level, shown = 1 - params.alpha, []
    for origin in (SIMULATED,) if snapshot.simulated else (LIVE, REPLAYED):
        held = snapshot.calls[snapshot.calls["origin"] == origin]
        is_ours = is_of(held, settings_of(params))
        rows = held[is_ours]
        ledger.state("record_others_n", int((~is_ours).sum()), "count", key={"origin": origin}, basis=BASIS)
        own = rows["kind"] == OWN
        for kind in (ALL, *KINDS):
            chosen = rows[~own if kind == ALL else rows["kind"] == kind]
            state_kind(ledger, chosen, {"origin": origin, "kind": kind}, level=level)
        ledger.state("record_n", int(own.sum()), "count", key={"origin": origin, "kind": OWN}, basis=BASIS)
        for name, said in by_person(rows[own]):
            state_kind(ledger, said, {"origin": origin, "kind": OWN, "by": name}, level=level)
        _state_labels(ledger, rows[rows["kind"] == "sentiment"], origin, level=level)
        made = rows[~own]
        if len(made) >= calibration.FEWEST:
            p, happened = made["p"].to_numpy(), made["happened"].to_numpy()
            table = calibration.reliability(p, happened, *_windows(made), level)
            shown.append(table.assign(origin=origin)[RELIABILITY])
    table = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=RELIABILITY, dtype="float64")
    return {"reliability": table}


def by_person(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Each person's calls by the name as first written; a name is the same however its letters are written."""
    same = rows["by"].str.casefold()
    return [(str(said["by"].iloc[0]), said) for _, said in rows.groupby(same, sort=True)]


def one_sided(rows: pd.DataFrame) -> pd.DataFrame:
    """The calls, those that people made on a pair turned to the side of the symbol that is first in the alphabet.

    "B beats A: 30 %" becomes "B does not beat A: 70 %": ``p``, ``base`` and ``happened`` are taken from one, and both
    are statements on A. Otherwise what happened would be a mixture of a thing and its opposite, which comes out near a
    half whatever the pair does, and which any base beats.

    An exact tie is better for neither, so whoever named a winner was wrong. That stays so: turned, a tie is "B did not
    beat A", which happened, held against what is left of ``p``. A call thus scores the same on either side. In the
    share of what happened a tie counts as each said it; total returns to twelve decimals hardly ever tie.
    """
    turned = (rows["kind"] == OWN) & (rows["subject"] > rows["against"])
    left = {name: rows[name].mask(turned, 1 - rows[name]) for name in ("p", "base", "happened")}
    names = {"subject": rows["against"], "against": rows["subject"]}
    return rows.assign(**left, **{name: rows[name].mask(turned, other) for name, other in names.items()})


def state_kind(ledger: Ledger, rows: pd.DataFrame, key: dict[str, str], *, level: float) -> None:
    """State the score of these calls, its parts, its skill, and how many came true.

    What came true, and the mean of what was said, are of calls as they were made; all else of calls turned to one side
    (`one_sided`).

    Parameters
    ----------
    rows : DataFrame
        As `helpers.data.past_calls.frame` makes it, all with an outcome.
    """
    n, said, rows = len(rows), rows, one_sided(rows)
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
    ledger.state("record_mean_p", said["p"].mean() if is_enough else None, "fraction", **facts)
    _state_skill(ledger, rows[rows["base"].notna()], key, level=level)
    _state_share(ledger, said, {**key, "label": ANY}, level=level)


def _state_skill(ledger: Ledger, rows: pd.DataFrame, key: dict[str, str], *, level: float) -> None:
    """State the score of the bases, and the skill of calls with one: against what had happened so far, and the bases.

    Of windows that do not overlap alone; the word is of the former.
    """
    is_all = key["kind"] == ALL
    rows = rows.iloc[:0] if is_all else rows
    made, resolved = _windows(rows)
    p, base, happened = (rows[name].to_numpy(dtype=float) for name in ("p", "base", "happened"))
    scored = calibration.brier(base, happened) if len(rows) >= calibration.FEWEST else None
    n = None if is_all else len(rows)
    ledger.state("record_base_brier", scored, "score", key=key, n=n, basis=BASIS)
    taken = calibration.apart(made, resolved)
    so_far = _climatology(rows)
    facts: dict[str, Any] = {"key": key, "n": None if is_all else int(taken.sum()), "basis": BASIS}
    for name, reference in (("skill", so_far), ("base_skill", base)):
        found = calibration.skill(p[taken], reference[taken], happened[taken], level=level)
        has_interval = found.low == found.low
        bounds = {"low": found.low, "high": found.high, "level": level} if has_interval else {}
        ledger.state(f"record_{name}", found.value if has_interval else None, "score", **facts, **bounds)
        if name == "skill":
            ledger.state("record_skill_word", None if is_all else found.word, "label", **facts)


def _climatology(rows: pd.DataFrame) -> np.ndarray:
    """What had happened by each call, of calls of the same rule only (`calibration.climatology`).

    Of one pair and length of window; where a rule has a threshold, of the settings that it came from. A fall of two
    percent is likelier than one of five, and to tell them apart is no skill.
    """
    has_limit = rows["limit"].notna() | rows["ratio"].notna()
    group = rows.assign(rule=rows["settings"].where(has_limit, "")).groupby(_ALIKE, dropna=False).ngroup().to_numpy()
    found = np.full(len(rows), np.nan)
    made, resolved = _windows(rows)
    base, happened = (rows[name].to_numpy(dtype=float) for name in ("base", "happened"))
    # a person does not know the close that the window begins with, a note does
    is_own = bool((rows["kind"] == OWN).any())
    for number in np.unique(group):
        same = group == number
        held = (values[same] for values in (made, resolved, happened, base))
        found[same] = calibration.climatology(*held, is_before_close=is_own)
    return found


def _state_labels(ledger: Ledger, rows: pd.DataFrame, origin: str, *, level: float) -> None:
    """State how often the fund beat mega caps after each word of the score, and after how many."""
    labelled = int((rows["label"] != "").sum())
    ledger.state("record_label_n", labelled, "count", key={"origin": origin, "label": ANY}, basis=BASIS)
    for label in sorted({*rows["label"]} - {""}):
        said = rows[rows["label"] == label]
        ledger.state("record_label_n", len(said), "count", key={"origin": origin, "label": label}, basis=BASIS)
        _state_share(ledger, said, {"origin": origin, "kind": "sentiment", "label": label}, level=level)


def _state_share(ledger: Ledger, rows: pd.DataFrame, key: dict[str, str], *, level: float) -> None:
    """State the share of calls that came true, with the Wilson interval of as many windows as do not overlap."""
    happened = rows["happened"].to_numpy(dtype=float)
    windows = int(calibration.apart(*_windows(rows)).sum())
    ledger.state("record_windows", windows, "count", key=key, basis=BASIS)
    is_enough = len(rows) >= calibration.FEWEST
    value = float(happened.mean()) if is_enough else None
    bounds = {}
    if value is not None:
        low, high = statistics.wilson(value * windows, windows, level)
        bounds = {"low": low, "high": high, "level": level}
    ledger.state("record_share", value, "fraction", key=key, n=windows, basis=BASIS, **bounds)


def _windows(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The days that windows begin and end with."""
    return rows["as_of"].to_numpy(dtype=str), rows["resolve_on"].to_numpy(dtype=str)
