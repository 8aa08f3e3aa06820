"""Which words are guarded, by which condition: the list that docs/words.md prints."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.note import bands, forms
from helpers.note import predicates as p
from helpers.note.forms import inflected
from helpers.note.predicates import Predicate


@dataclass(frozen=True)
class Guard:
    """Words that one condition guards.

    Attributes
    ----------
    title : str
        What they are about.
    rule : str
        The condition, after "may be said where".
    holds : callable
        The condition over what a template puts in the brackets.
    said : dict
        Name in a template to what it prints.
    forms : tuple of str
        Words that may not be typed as plain text; empty for phrases made of words that others guard.
    kept : str
        What a person's own template must keep of the package's where it uses the call, because the condition alone
        does not bear the word out: "sentence", "words before" (back to the value before it), or "" for nothing.
    """

    title: str
    rule: str
    holds: Predicate
    said: dict[str, str]
    forms: tuple[str, ...] = ()
    kept: str = ""


#: in what a person's own template must keep of the package's
SENTENCE, WORDS_BEFORE = "sentence", "words before"


def _words(title: str, rule: str, holds: Predicate, names: str, also: str = "") -> Guard:
    """Words that print themselves and may not be typed; `also` lists more forms that may not be typed."""
    said = {name: name.replace("_", " ") for name in names.split()}
    return Guard(title, rule, holds, said, tuple(dict.fromkeys((*said.values(), *_listed(also)))))


def _listed(forms_of: str) -> tuple[str, ...]:
    return tuple(form.replace("_", " ") for form in forms_of.split())


def _phrases(title: str, rule: str, holds: Predicate, **said: str) -> Guard:
    """Phrases of words that others guard, with a condition of their own."""
    return Guard(title, rule, holds, said)


def _framed(title: str, rule: str, holds: Predicate, **said: str) -> Guard:
    """Phrases that are true in the sentence they stand in, and in no other."""
    return Guard(title, rule, holds, said, kept=SENTENCE)


def _verdict(word: str, of: str = "the verdict") -> Guard:
    holds = p.is_labelled(word)
    return _words(word.capitalize(), f"{of} is {word}", holds, word.replace(" ", "_"))


_UP = "rose rise rises rising risen up gained gains higher wider widened widens"
_DOWN = "fell fall falls falling fallen down lower narrowed narrows"
_NO_CHANGE = "a difference against another fund, or a threshold, is no change"
_CROWDED = f"the score is {bands.CROWDED:.0%} of its history or more, on all {bands.CROWDING_PARTS} parts"

GUARDS: tuple[Guard, ...] = (
    _words("Rises", f"the change is above zero; {_NO_CHANGE}", p.is_risen, _UP,
           f"{inflected(forms.UP)} {forms.UP_WORDS}"),
    _words("Falls", f"the change is below zero; {_NO_CHANGE}", p.is_fallen, _DOWN,
           f"{inflected(forms.DOWN)} {forms.DOWN_WORDS}"),
    _words(
        "Above",
        "the first is larger than the second",
        p.is_larger,
        "above exceeds touches",
        inflected(forms.OVER),
    ),
    _words("Below", "the first is smaller", p.is_smaller, "below beneath under short_of"),
    _phrases(
        "Not above",
        "the first is not larger than the second; of one margin or change, it is not above zero",
        p.is_not_larger,
        not_above="not above",
        no_higher="no higher",
        without_exceeding="without exceeding",
        not_exceeded="not exceeded",
    ),
    _words(
        "Equal",
        "both are the same; of one margin or change, it is zero, or a difference of less than half a point",
        p.is_equal,
        "matches matched",
        forms.SAME,
    ),
    _phrases("Above by", "the margin or distance is above zero", p.is_over_zero, above_by="above"),
    _framed(
        "A move that would count",
        "it is the threshold of a scenario, and the sentence says in which windows it was passed",
        p.is_threshold,
        if_rose="rose",
        if_widened="widened",
        if_higher="higher",
        if_wider="wider",
    ),
    _framed(
        "Prices to beat",
        "the price is known, and the sentence is about a close that is still open",
        p.is_level,
        if_above="above",
        if_under="under",
        would_confirm="confirms",
        would_be_confirmed="confirmed",
        would_be_a_closing_high="a closing high",
        would_be_new="new",
    ),
    _framed(
        "A mean to fall under",
        "the distance from it is not below zero, and the sentence says what would follow",
        p.is_not_negative,
        if_falling="under",
    ),
    _framed("Under a level", "the trigger on that level is met", p.is_labelled("met"), met_under="under"),
    _words("A new high", "the flag of a new high is yes", p.is_flag("is_new_high", True), "new", forms.HIGHS),
    _words("A closing high", "the flag of a closing high is yes", p.is_flag("is_closing_high", True),
           "a_closing_high", "closing_high"),
    _words("A confirmed high", "the flag of a close over the intraday high is yes", p.is_flag("close_confirmed", True),
           "confirmed", inflected(forms.CONFIRM)),
    _phrases("No new high", "the flag of a new high is no", p.is_flag("is_new_high", False), no_new="no new",
             not_a_new="not a new"),
    _phrases("No closing high", "the flag of a closing high is no", p.is_flag("is_closing_high", False),
             not_a_closing_high="not a closing high"),
    _framed("An open high", "the flag of that high is not known", p.is_open, maybe_new="new"),
    _framed("Dated highs", "the date is known", p.is_date, new_high_on="new high", last_new_high="last new high"),
    Guard("Chances", "the finding is a probability", bands.is_chance, {"beats": "beats"},
          _listed(inflected("beat")), SENTENCE),
    _framed("No high dated", "none of the dates is known", p.are_undated, no_high_on="new high"),
    _words(
        "Who was first",
        "the first date of a high is before the second, or the second is not reached yet",
        p.is_earlier,
        "got_there_first got_there_before",
        "there_first",
    ),
    _words(
        "Leads",
        "every difference given is above zero",
        p.is_ahead,
        "ahead leads a_lead leading led better",
        f"{inflected(forms.WIN)} {forms.WIN_WORDS}",
    ),
    _words(
        "Lags",
        "every difference given is below zero",
        p.is_behind,
        "behind trails trailed trail trailing lags lagging lagged worse",
        f"{inflected(forms.FAIL)} {forms.FAIL_WORDS}",
    ),
    _framed(
        "Leads in time", "the test of leads and lags names a side", bands.is_one_side, leads_by_lag="leads"
    ),
    _framed("Leading quadrant", "every one in the list reads Leading", bands.are_leading, leading_sectors="leading"),
    _framed("No leading quadrant", "none in the list reads Leading", bands.are_not_leading, not_leading="leading"),
    Guard(
        "Shares of cases",
        "the share is known",
        p.is_share,
        {
            "trailed_in": "trailed in",
            "trailing_in": "trailing in",
            "trailed_for": "trailed",
            "ahead_for": "ahead",
            "above_their": "above",
            "ended_closing_high": "a closing high",
            "ended_confirmed": "confirmed it",
            "removes": "removes",
            "removed_share": "removed",
        },
        ("removes", "removed"),
        SENTENCE,
    ),
    Guard(
        "Cases",
        "the finding counts cases, or is of the trigger of one",
        p.is_counted,
        {"breakout": "breakout", "breakouts": "breakouts", "first_touches": "first touches"},
        ("breakout", "breakouts", "first touches", *_listed(inflected("break_out"))),
        WORDS_BEFORE,
    ),
    _words("Agree", "the flags that they differ are no; of numbers, no two signs are opposite", p.is_agreed,
           "agree agrees"),
    _words("Disagree", "the flag that they differ is yes; of numbers, two signs are opposite", p.is_disputed,
           "disagree disagrees"),
    _words("Active trading", f"every multiple of the usual volume is {bands.ELEVATED} or more, on a finished day",
           bands.is_active, "active", "actively"),
    _phrases("Not active", "the multiples are known and not all that large", bands.is_not_active,
             not_active="not active"),
    _phrases("Not to be called active", "the finding is a share of a usual day, on an unfinished one",
             bands.is_share_of_day, cannot_be_called_active="cannot be called active"),
    _words("Heavy", f"the volume is over {bands.HEAVY:g} times the usual", bands.is_heavy, "heavy",
           "heavily heavier heaviest"),
    _words("Elevated", f"the volume is {bands.ELEVATED} to {bands.HEAVY:g} times the usual", bands.is_elevated,
           "elevated"),
    _words("Light", f"the volume is under {bands.LIGHT} of the usual", bands.is_light, "light",
           "lightly lighter lightest"),
    _words("Broadening", "the verdict on breadth is broadening", p.is_labelled("broadening"), "broadening",
           inflected(forms.BROADEN)),
    _phrases("Not broadening", "the verdict on breadth is another one", p.is_labelled_otherwise("broadening"),
             not_broadening="not broadening"),
    _framed("Perhaps broadening", "the verdict on breadth is another one, and conditions that are not known decide",
            p.is_labelled_otherwise("broadening"), could_still_be_broadening="broadening"),
    _verdict("narrow", "the verdict on breadth"),
    _verdict("recovering", "the verdict on breadth"),
    _words("Crowded", _CROWDED, bands.is_crowded, "crowded"),
    _phrases("Not crowded", "the score cannot reach that", bands.is_not_crowded, not_crowded="not crowded"),
    _framed("Perhaps crowded", "parts that are missing decide", bands.is_crowding_open, maybe_crowded="crowded"),
    _phrases("The most crowded", "the finding names the leg with the largest score", bands.is_most_crowded,
             the_most_crowded="the most crowded"),
    _words("Superlatives", "the first is at least as large as every one of the list", p.is_largest,
           "most highest largest strongest best"),
    _words("Superlatives of the small", "the first is at most as large as every one of the list", p.is_smallest,
           "least lowest smallest deepest weakest worst"),
    _words("Deeper than usual", "the whole interval of a difference of drawdowns is below zero", bands.is_surely_deeper,
           "deeper"),
    _words("Milder than usual", "the whole interval of a difference of drawdowns is above zero", bands.is_surely_milder,
           "milder"),
    _phrases("Not told from zero", "the interval holds zero", p.is_unsure, not_told_from_zero="not told from zero"),
    _words("Causes", "the share of variance explained is given beside it", bands.is_explained,
           "explain explains driven_by because_of due_to", f"{inflected(forms.CAUSE)} {forms.CAUSES}"),
    *map(_verdict, ("supported", "leaning", "inconclusive", "faded", "contradicted")),
    _words("Persists", "the verdict on what follows is supported", bands.is_persistent,
           "persists persisted", inflected(forms.PERSIST)),
    _words("A limit denied", "it is denied; a limit itself has no word", p.is_said, "not_limited", "limited"),
    Guard("Other words for chances", "never: the words above have a band each", p.is_never, {},
          _listed(forms.CHANCES)),
    *(
        _words(word.capitalize(), f"the probability is {low:.0%} to {high:.0%} (ICD 203)",
               bands.is_probability(low, high), word.replace(" ", "_"))
        for word, low, high in bands.LIKELIHOODS
    ),
    *(
        _words(name, f"the date is a {name}", p.is_weekday(day), name)
        for day, name in enumerate(p.WEEKDAYS)
    ),
)  # fmt: skip
