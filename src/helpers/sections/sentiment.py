"""The score: eight parts between -1 and 1, what they add up to, and what that has been worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.findings import Finding
from helpers.evidence import forecast, outcomes
from helpers.sections import parts
from helpers.sections.factors import Factors, joined
from helpers.sections.parts import STEP, Part
from helpers.sections.section import Ledger

#: trading days ahead that the probability is about, and the rows of the grid that they last
HORIZON = 21
ROWS_AHEAD = HORIZON // STEP
#: largest size of a score that rests on less than `coverage_min`
CAP = 0.5
NEUTRAL, SIZES = "neutral", ("mildly", "moderately", "strongly")
#: decimals of a score: 0.35 made of eighths is 0.35, and equal scores are equal however they were added up
_DECIMALS = 12


def state(ledger: Ledger, factors: Factors) -> dict[str, pd.DataFrame]:
    """State the parts, the score, its label, its probability and its skill; give back the picture's frame.

    Everything is of the last finished day. The past of the score, every `parts.STEP` trading days back from there, is
    made of what was known on each of its days.

    Returns
    -------
    dict of DataFrame
        ``score``, a row per part and the score itself last: part, label, value (NaN unknown), value_text, raw_text
        (what is behind a part, the score's own word; "" where unknown), weight (fraction, NaN unknown; of the score
        its coverage).
    """
    params = factors.params
    held = parts.parts_of(factors)
    weights = np.array([getattr(params.score_weights, part.name) for part in held])
    values = np.column_stack([part.values for part in held])
    score, coverage = combined(values, weights, params.coverage_min / 100)
    rows = _state_parts(ledger, held, weights)
    known = [part for part in held if not np.isnan(part.values[-1])]
    facts: dict[str, Any] = {"n": len(known), "basis": joined(*(part.basis for part in known)) or "no data"}
    said = ledger.state("score", score[-1], "score", **facts)
    ledger.state("score_coverage", coverage[-1], "fraction", **facts)
    word = label(score[-1], params.label_cuts)
    ledger.state("score_label", word, "label", **facts)
    _state_forecast(ledger, factors, score, coverage)
    rows.append(("score", "Score", score[-1], _printed(said, signed=True), word or "", coverage[-1]))
    return {"score": pd.DataFrame(rows, columns=["part", "label", "value", "value_text", "raw_text", "weight"])}


def combined(values: np.ndarray, weights: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of the known parts, and the share of the weight that they have.

    Parameters
    ----------
    values : ndarray of shape (rows, parts)
        In [-1, 1]; NaN is unknown.
    weights : ndarray of shape (parts,)
        Not negative, not all 0.
    least : float
        Share of the weight below which the mean is cut to [-`CAP`, `CAP`].

    Returns
    -------
    score, coverage : ndarrays of shape (rows,)
        The score is NaN where no part with a weight is known.
    """
    known = ~np.isnan(values)
    total = known @ weights
    mean = np.divide(np.where(known, values, 0.0) @ weights, total, out=np.full(len(values), np.nan), where=total > 0)
    score, coverage = mean.round(_DECIMALS), (total / weights.sum()).round(_DECIMALS)
    return np.where(coverage < least, np.clip(score, -CAP, CAP), score), coverage


def label(score: float, cuts: list[float]) -> str | None:
    """The word for a score: "neutral", "mildly positive" and so on; a size equal to a cut has the larger word."""
    if np.isnan(score):
        return None
    size = sum(abs(score) >= cut for cut in cuts)
    return f"{SIZES[size - 1]} {'positive' if score > 0 else 'negative'}" if size else NEUTRAL


def _state_parts(ledger: Ledger, held: list[Part], weights: np.ndarray) -> list[tuple[Any, ...]]:
    """State each part with its raw value, percentile and weight; give back a row of the picture for each."""
    is_known = np.array([not np.isnan(part.values[-1]) for part in held])
    total = float(weights[is_known].sum())
    rows = []
    for part, weight, known in zip(held, weights, is_known, strict=True):
        facts: dict[str, Any] = {"key": {"component": part.name}, "basis": part.basis}
        value = float(part.values[-1])
        said = ledger.state("score_component", value, "score", **facts)
        raw = ledger.state(f"score_raw_{part.unit}", part.raw, part.unit, **facts)
        ledger.state("score_percentile", part.percentile, "fraction", n=part.n, **facts)
        share = weight / total if known and total > 0 else np.nan
        ledger.state("score_weight", share, "fraction", **facts)
        behind = f"{part.measure} {_printed(raw, signed=part.signed)}" if known else ""
        name = part.name.replace("_", " ").capitalize()
        rows.append((part.name, name, value, _printed(said, signed=True), behind, share))
    return rows


def _printed(finding: Finding, *, signed: bool) -> str:
    return finding.text(signed=signed) if finding.is_known else ""


def _state_forecast(ledger: Ledger, factors: Factors, score: np.ndarray, coverage: np.ndarray) -> None:
    """State the probability that mid caps beat mega caps, the base rate, and what the score has been worth."""
    params = factors.params
    after = outcomes.excess_after(factors.mid, factors.mega, [HORIZON]).iloc[:, 0].to_numpy()
    outcome = after[parts.grid(len(after))]
    # the fit knows no score that rests on less
    fitted = np.where(coverage >= params.coverage_min / 100, score, np.nan)
    made = forecast.expanding(fitted, outcome, embargo=ROWS_AHEAD, least=params.min_events_mean)
    facts: dict[str, Any] = {
        "key": {"horizon": HORIZON, "against": factors.snapshot.label(params.mega)},
        "basis": factors.pair_basis,
    }
    n = int(made.windows[-1])
    probability = np.nan if np.isnan(score[-1]) else made.probability[-1]
    ledger.state("score_probability", probability, "fraction", n=n, **facts)
    ledger.state("score_base_rate", made.base[-1], "fraction", n=n, **facts)
    apart = np.arange(len(outcome))[::-1][ROWS_AHEAD::ROWS_AHEAD][::-1]
    level = 1 - params.alpha
    found = forecast.rank_correlation(fitted[apart], outcome[apart], level=level, least=params.min_events_interval)
    bounds = {"low": found.low, "high": found.high, "level": level}
    value = found.value if found.n >= params.min_events_mean else np.nan
    ledger.state("score_rank_ic", value, "score", n=found.n, **bounds, **facts)
    met = np.where(np.isnan(outcome) | np.isnan(fitted), np.nan, outcome > 0)[apart]
    skill, compared = forecast.brier_skill(made.probability[apart], made.base[apart], met)
    skill = skill if compared >= params.min_events_mean else np.nan
    ledger.state("score_brier_skill", skill, "score", n=compared, **facts)
    ledger.state("score_skill", forecast.skill_word(found), "label", n=found.n, **facts)
