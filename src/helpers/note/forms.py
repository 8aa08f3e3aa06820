"""Everyday words that say what a guarded word says, each verb in all its forms; and set phrases that may be typed."""

from __future__ import annotations

import re

_DOUBLED = ("drop", "slip", "dip", "lag", "top", "win", "spur", "sag", "outstrip")
#: verbs whose forms follow no rule: as base, -s, past, participle, -ing
_IRREGULAR = {
    "rise": "rise rises rose risen rising",
    "fall": "fall falls fell fallen falling",
    "grow": "grow grows grew grown growing",
    "leap": "leap leaps leaped leapt leaping",
    "win": "win wins won winning",
    "beat": "beat beats beaten beating",
    "outrun": "outrun outruns outran outrunning",
    "outdo": "outdo outdoes outdid outdone outdoing",
    "lead": "lead leads led leading",
    "lose": "lose loses lost losing",
    "slide": "slide slides slid sliding",
    "sink": "sink sinks sank sunk sinking",
    "shrink": "shrink shrinks shrank shrunk shrinking",
    "break out": "break_out breaks_out broke_out broken_out breaking_out",
    "dive": "dive dives dived dove diving",
    "fuel": "fuel fuels fueled fuelled fueling fuelling",
    "drive": "drive drives drove driven driving",
}

UP = (
    "rise surge soar jump rally climb advance gain widen strengthen rebound leap increase grow spike rocket "
    "appreciate accelerate"
)
DOWN = (
    "fall plunge drop decline slump tumble lose weaken slide sink plummet crash retreat shrink decrease deteriorate "
    "dip slip sag dive depreciate narrow"
)
#: of one side against another
WIN = "outperform outpace outrun outdo outstrip win lead"
FAIL = "trail lag underperform"
OVER = "exceed touch top surpass breach cross"
CONFIRM = "confirm"
PERSIST = "persist"
CAUSE = "explain cause drive fuel spur boost lift"
BROADEN = "broaden"

#: beside the verbs: adjectives and phrases of the same sense
UP_WORDS = "up higher wider stronger strong strongly upward upwards"
DOWN_WORDS = "down lower narrower weaker weak weakly downward downwards"
WIN_WORDS = "ahead a_lead better leader leaders outperformance"
FAIL_WORDS = "behind worse laggard laggards underperformance"
HIGHS = (
    "record_high record_highs record_close record_closes all-time_high all-time_highs fresh_high fresh_highs "
    "closing_highs new_highs record_low record_lows all-time_low all-time_lows"
)
CAUSES = (
    "driven_by because because_of due_to owing_to thanks_to attributable_to on_the_back_of on_account_of as_a_result "
    "result_of results_from resulted_from stems_from stemmed_from led_by caused_by in_response_to"
)
CHANCES = "probable probably improbable improbably certain certainly surely definitely undoubtedly"
SAME = "unchanged match matches matched matching"

#: what the package's sentences type although it holds a number or a guarded word: settings of the method and names.
#: A person's own template may repeat one where the sentence it replaces has it.
SET_PHRASES = (
    "two relative lines",
    "within six weeks",
    "mean of three percentiles",
    "ten basis points of yield",
    "one night in a hundred",
    "ten-year yield",
    "half a point",
    "five years' variance",
    "fewer than twenty",
    "fewer than five",
    "nought is perfect",
    "the close to beat",
    "then slipped back to",
    "close-confirmed",
    "PENDING THE CLOSE",
)


def inflected(verbs: str) -> str:
    """Every form of verbs, all as words parted by blanks; an underscore stands for a blank inside one."""
    return " ".join(form for verb in verbs.split() for form in _forms(verb.replace("_", " ")))


def _forms(verb: str) -> list[str]:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb].split()
    if re.search(r"[^aeiou]y$", verb):
        return [verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"]
    stem = verb + verb[-1] if verb in _DOUBLED else verb.removesuffix("e")
    plural = f"{verb}es" if re.search(r"(?:s|sh|ch|x)$", verb) else f"{verb}s"
    return [verb, plural, f"{stem}ed", f"{stem}ing"]
