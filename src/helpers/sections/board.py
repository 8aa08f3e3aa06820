"""The five conditions of the verdict as a reader sees them: what each says, where it stands, what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.core.findings import Findings
from helpers.sections import broadening as rule
from helpers.sections.leadership import Pair

#: what stands where a condition's number is unknown
NO_DATA = "no data"


def frame(findings: Findings, pairs: Mapping[str, Pair]) -> pd.DataFrame:
    """A row a condition, in the order of the rule.

    Returns
    -------
    DataFrame
        Columns condition, text (what it says), is_met (bool; None = unknown), value_text (where it stands, printed by
        its findings), need_text (what would switch it on, or off where it is met).
    """
    label = {role: item.label for role, item in pairs.items()}
    texts = {
        "mid_mega_high": f"{label['mid_mega']} at a {rule.HIGH_WINDOW}-day high",
        "equal_weight": f"{label['equal_weight']} above its {rule.MEAN_WINDOW}-day mean",
        "members": f"{rule.SHARE_NEEDED:.0%} of members above their {rule.MEAN_WINDOW}-day mean",
        "net_new_highs": f"New highs less new lows, {rule.HIGHS_OVER}-day mean, positive and rising",
        "cyclical_defensive": f"Winners/losers above their {rule.MEAN_WINDOW}-day mean",
    }
    needs, values = _needs(), _values(findings, label)
    rows = []
    for name, text in texts.items():
        is_met = findings.value("breadth.condition", condition=name)
        rows.append((name, text, is_met, values[name], needs[name][1 if is_met else 0]))
    table = pd.DataFrame(rows, columns=["condition", "text", "is_met", "value_text", "need_text"])
    return table.astype({"is_met": object})


def _needs() -> dict[str, tuple[str, str]]:
    """What switches each condition on, and what off."""
    band, days = f"{rule.HALF_BAND:.0%}", f"{rule.HOLD} days"
    mean = (f"past +{band}, kept {days}", f"lost past -{band} for {days}")
    top, bottom = rule.SHARE_NEEDED + rule.HALF_BAND, rule.SHARE_NEEDED - rule.HALF_BAND
    return {
        "mid_mega_high": (f"a new high, kept {days}", f"lost {rule.HIGH_BAND:.0%} below it for {days}"),
        "equal_weight": mean,
        "members": (f"{top:.0%}, kept {days}", f"lost at {bottom:.0%} for {days}"),
        "net_new_highs": (f"both +{rule.HIGHS_BAND:.0%} of members, {days}", f"lost once one is at nil, {days}"),
        "cyclical_defensive": mean,
    }


def _values(findings: Findings, label: Mapping[str, str]) -> dict[str, str]:
    """Where each condition stands, as its findings print it."""
    mean = _printed(findings, "net_new_highs_mean", signed=True)
    change = _printed(findings, "net_new_highs_change", signed=True)
    return {
        "mid_mega_high": _printed(findings, "ratio_high_distance", signed=True, ratio=label["mid_mega"]),
        "equal_weight": _printed(findings, "ratio_mean_distance", signed=True, ratio=label["equal_weight"]),
        "members": _printed(findings, "above_mean", window=rule.MEAN_WINDOW),
        "net_new_highs": mean if change == NO_DATA else f"{mean} ({change} in {rule.HIGHS_OVER} days)",
        "cyclical_defensive": _printed(findings, "ratio_mean_distance", signed=True, ratio=label["cyclical_defensive"]),
    }


def _printed(findings: Findings, what: str, *, signed: bool = False, **key: Any) -> str:
    found = findings.get(f"breadth.{what}", **key)
    return found.text(signed=signed) if found is not None and found.is_known else NO_DATA
