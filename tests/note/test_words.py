"""A guarded word prints where its condition holds and nowhere else; templates cannot go round it."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.core.errors import ParameterError
from helpers.core.findings import Finding
from helpers.note import lexicon, printed, sentences, words
from helpers.note.words import WordError


def found(value: Any, unit: str = "points", id: str = "x.y", **facts: Any) -> Finding:
    return Finding(id, "IJH", value, unit, "2026-04-17", **facts)


def volume(value: float) -> Finding:
    return found(value, "multiple", "breakout.rvol")


UP, DOWN, FLAT, UNKNOWN = (found(value) for value in (0.02, -0.02, 0.001, None))
AGAINST, MOVED = found(0.02, key={"against": "OEF"}), found(0.02, "fraction", "breakout.change")
PRICE, HIGHER = found(72.0, "price"), found(73.0, "price")
YES, NO, OPEN = (found(value, "bool", "strength.stand_ins_differ") for value in (True, False, None))
HIGH_YES, HIGH_NO, HIGH_OPEN = (found(value, "bool", "breakout.is_new_high") for value in (True, False, None))
CLOSE_YES, CLOSE_NO = (found(value, "bool", "breakout.is_closing_high") for value in (True, False))
EARLY, LATE, NEVER = (found(value, "date", "strength.first_high_date") for value in ("2026-04-15", "2026-04-17", None))
OTHER_DAY = found("2026-04-14", "date", "breakout.base_low_date")
SHOCK = found(25.0, "bp", "risks.trigger_bp_threshold")
SURE, UNSURE, SURELY_NOT = (
    found(value, id="history.drawdown_difference", low=value - width, high=value + width)
    for value, width in ((0.02, 0.01), (0.02, 0.03), (-0.02, 0.01))
)
OTHER_SURE = found(0.02, low=0.01, high=0.03)
SHARE, RATE = found(0.6, "fraction"), found(0.5, "fraction", n=40)
CHANCE = found(0.6, "fraction", "x.probability")
MET, NEAR = (found(value, "label", "risks.trigger_state", key={"trigger": "rates"}) for value in ("met", "near"))
BUSY, QUIET = ([found(value, "multiple", "breakout.rvol") for value in pair] for pair in ((1.5, 1.4), (1.5, 1.1)))
BETA = found(2.5, "multiple", "hedge.market_beta")
CROWDED, LONELY = (found(value, "fraction", "risks.crowding", n=3) for value in (0.9, 0.2))
PARTLY = found(0.9, "fraction", "risks.crowding", n=1)
DAY_SHARE = found(0.05, "fraction", "breakout.volume_share")
EXPLAINED = found(0.12, "fraction", "risks.explained")
LEADING, LAGGING = found("Leading", "label"), found("Lagging", "label")

#: of each guard: what bears its words out, and what does not
CASES: dict[str, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = {
    "Rises": ((MOVED,), [(DOWN,), (UNKNOWN,), (PRICE,), (SHARE,), (5,), (), (AGAINST,), (SHOCK,)]),
    "Falls": ((DOWN,), [(UP,), (UNKNOWN,), (), (found(-0.02, key={"ratio": "QUAL/SPY"}),)]),
    "Above": ((HIGHER, PRICE), [(PRICE, SHARE), (PRICE, HIGHER), (PRICE, PRICE), (UNKNOWN, PRICE)]),
    "Below": ((PRICE, HIGHER), [(HIGHER, PRICE), (PRICE, PRICE), (PRICE, UNKNOWN)]),
    "Not above": ((PRICE, PRICE), [(HIGHER, PRICE), (UNKNOWN, PRICE), (found(0.0, "count"),)]),
    "Equal": ((FLAT,), [(UP,), (found(0.001, "price"),), (HIGHER, PRICE), (found(0, "count"),)]),
    "Above by": ((found(0.08, "price", "breakout.margin"),), [(found(0.0, "price"),), (DOWN,), (PRICE,)]),
    "A move that would count": ((SHOCK,), [(UP,), (found(25.0, "bp"),)]),
    "Prices to beat": ((PRICE,), [(found(None, "price"),), (UP,), (None,)]),
    "A mean to fall under": ((UP,), [(DOWN,), (UNKNOWN,)]),
    "Under a level": ((MET,), [(NEAR,), (None,)]),
    "A new high": ((HIGH_YES,), [(HIGH_NO,), (HIGH_OPEN,), (None,), (UP,), (CLOSE_YES,)]),
    "A closing high": ((CLOSE_YES,), [(CLOSE_NO,), (HIGH_YES,)]),
    "A confirmed high": ((found(True, "bool", "breakout.close_confirmed"),), [(HIGH_YES,), (CLOSE_YES,)]),
    "No new high": ((HIGH_NO,), [(HIGH_YES,), (HIGH_OPEN,), (CLOSE_NO,)]),
    "No closing high": ((CLOSE_NO,), [(CLOSE_YES,), (HIGH_NO,)]),
    "An open high": ((HIGH_OPEN,), [(HIGH_YES,), (HIGH_NO,)]),
    "Dated highs": ((LATE,), [(NEVER,), (UP,)]),
    "Chances": ((CHANCE,), [(SHARE,), (UP,)]),
    "No high dated": ((NEVER, NEVER), [(EARLY, NEVER), (NEVER, LATE)]),
    "Who was first": ((EARLY, LATE), [(LATE, EARLY), (EARLY, EARLY), (NEVER, LATE), (OTHER_DAY, LATE)]),
    "Leads": ((UP, UP), [(UP, DOWN), (DOWN,), (PRICE,), (), (MOVED,)]),
    "Lags": ((DOWN, DOWN), [(UP, DOWN), (UP,), ()]),
    "Leads in time": ((found("fund first", "label"),), [(found("neither", "label"),), (UP,)]),
    "Leading quadrant": (([LEADING],), [([LEADING, LAGGING],), ([],)]),
    "No leading quadrant": (([LAGGING],), [([LEADING, LAGGING],)]),
    "Shares of cases": ((SHARE,), [(found(None, "fraction"),), (PRICE,)]),
    "Cases": ((RATE,), [(SHARE,), (found(None, "count"),)]),
    "Agree": ((NO, NO), [(YES,), (NO, OPEN), (UP, DOWN), (HIGH_NO,)]),
    "Disagree": ((DOWN, UP), [(UP, UP), (NO,), (UP, UNKNOWN), (HIGH_YES,)]),
    "Active trading": ((BUSY,), [(QUIET,), ([],), ([UNKNOWN],), ([PRICE],), ([BETA],)]),
    "Not active": ((QUIET,), [(BUSY,), ([],)]),
    "Not to be called active": ((DAY_SHARE,), [(SHARE,)]),
    "Heavy": ((volume(2.1),), [(volume(2.0),), (found("light", "label"),), (BETA,)]),
    "Elevated": ((volume(1.3),), [(volume(1.29),), (volume(2.1),)]),
    "Light": ((found("light", "label"),), [(volume(0.7),), (found("heavy", "label"),)]),
    "Broadening": ((found("broadening", "label"),), [(found("mixed", "label"),), (UNKNOWN,)]),
    "Not broadening": ((found("mixed", "label"),), [(found("broadening", "label"),), (found(None, "label"),)]),
    "Perhaps broadening": ((found("mixed", "label"),), [(found("broadening", "label"),), (found(None, "label"),)]),
    "Narrow": ((found("narrow", "label"),), [(found("mixed", "label"),)]),
    "Recovering": ((found("recovering", "label"),), [(found("mixed", "label"),)]),
    "Crowded": ((CROWDED,), [(LONELY,), (PARTLY,), (SHARE,)]),
    "Not crowded": ((LONELY,), [(CROWDED,), (PARTLY,)]),
    "Perhaps crowded": ((PARTLY,), [(CROWDED,), (LONELY,)]),
    "The most crowded": ((found("XLU", "label", "risks.most_crowded"),), [(found("XLU", "label"),), (UP,)]),
    "Superlatives": ((UP, [UP, DOWN]), [(DOWN, [UP, DOWN]), (UP, []), (UNKNOWN, [UP])]),
    "Superlatives of the small": ((DOWN, [UP, DOWN]), [(UP, [UP, DOWN]), (UP, []), (UNKNOWN, [UP])]),
    "Deeper than usual": ((SURELY_NOT,), [(UNSURE,), (SURE,), (DOWN,)]),
    "Milder than usual": ((SURE,), [(UNSURE,), (SURELY_NOT,), (UP,), (OTHER_SURE,)]),
    "Not told from zero": ((UNSURE,), [(SURE,), (SURELY_NOT,), (FLAT,)]),
    "Causes": ((EXPLAINED,), [(SHARE,), ()]),
    **{
        word.capitalize(): ((found(word, "label"),), [(found("small", "label"),), (UP,)])
        for word in ("supported", "leaning", "inconclusive", "faded", "contradicted")
    },
    "Persists": (
        (found("supported", "label", "history.verdict"),),
        [(found("leaning", "label", "history.verdict"),), (found("supported", "label", "risks.predictive_verdict"),)],
    ),
    "Other words for chances": ((), []),
    "A limit denied": ((), [(UP,)]),
    "Almost no chance": (
        (found(0.01, "fraction", "x.probability"),),
        [(found(0.05, "fraction", "x.probability"),), (found(0.0, "fraction", "x.probability"),)],
    ),
    "Very unlikely": ((found(0.05, "fraction", "x.probability"),), [(found(0.2, "fraction", "x.probability"),)]),
    "Unlikely": (
        (found(0.2, "fraction", "x.probability"),),
        [(found(0.45, "fraction", "x.probability"),), (found(0.19, "fraction", "x.probability"),)],
    ),
    "Roughly even": (
        (found(0.5, "fraction", "x.probability"),),
        [(found(0.55, "fraction", "x.probability"),), (found(0.449, "fraction", "x.probability"),)],
    ),
    "Likely": (
        (found(0.6, "fraction", "x.probability"),),
        [(found(0.8, "fraction", "x.probability"),), (found(0.5, "fraction", "x.probability"),)],
    ),
    "Very likely": ((found(0.8, "fraction", "x.probability"),), [(found(0.95, "fraction", "x.probability"),)]),
    "Almost certain": ((found(0.95, "fraction", "x.probability"),), [(found(0.99, "fraction", "x.probability"),)]),
    "Monday": ((found("2026-04-20", "date"),), [(LATE,), (NEVER,)]),
    "Tuesday": ((found("2026-04-21", "date"),), [(LATE,)]),
    "Wednesday": ((EARLY,), [(LATE,)]),
    "Thursday": ((found("2026-04-16", "date"),), [(LATE,)]),
    "Friday": ((LATE,), [(EARLY,), (NEVER,)]),
    "Saturday": ((found("2026-04-18", "date"),), [(LATE,)]),
    "Sunday": ((found("2026-04-19", "date"),), [(LATE,)]),
}


@pytest.mark.parametrize("entry", lexicon.GUARDS, ids=lambda entry: entry.title)
def test_a_guarded_word_prints_where_it_holds_and_nowhere_else(entry: lexicon.Guard) -> None:
    holds, fails = CASES[entry.title]
    for name, text in entry.said.items():
        assert words.calls()[name](*holds) == text
        for given in fails:
            with pytest.raises((WordError, TypeError), match="may be said where|argument"):
                words.calls()[name](*given)


def test_no_two_guards_share_a_name() -> None:
    names = [name for guard in lexicon.GUARDS for name in guard.said]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("It made 3 highs.", "`3` is typed"),
        ("{{ 3 }} highs.", "`3` is typed"),
        ("{{ '52' }}-week.", "`52` is typed"),
        ("It rose.", "`rose` is typed"),
        ("Mid caps LEAD.", "`LEAD` is typed"),
        ("A new high.", "`new` is typed"),
        ("{{ 'above' if f else 'below' }} it.", "`above` is typed"),
        ("{{ found|side_of('the crowded legs') }}", "`crowded` is typed"),
        ("{{ found|default('rose') }}", "`default` is no filter"),
        ("{{ f.high * 2 }}", "Mul is not allowed"),
        ("{{ f.high ~ f.low }}", "Concat is not allowed"),
        ("{% set x = 'fell' %}{{ x }}", "Assign is not allowed"),
        ("{% raw %}It fell{% endraw %}", "`fell` is typed"),
        ("{{ f.high ", "not readable as a template"),
        ("Due to flows.", "`Due to` is typed"),
        ("{{ 'far ahead'.strip() }}", "text in quotes"),
        ("{{ 'behind 9'['strip']() }}", "text in quotes"),
        ("{{ '{a}'.format(a='above') }}", "`format` may not be called"),
        ("{{ f.last and 'above' }}", "`above` is typed"),
        ("{{ f.get('x', 'behind') }}", "`get` may not be called"),
        ("abo{{ '' }}ve it", "`above` is typed"),
        ("abo{# #}ve it", "`above` is typed"),
        ("{{ say('above', 5, 3) }}", "a figure or text is typed into its brackets"),
        ("{{ say('nosuch', f.last) }}", "`nosuch` is no guarded word"),
        ("{{ above(f.last, 3) }}", "a figure or text is typed into its brackets"),
        ("{{ subject() }}", "`subject` is no guarded word"),
        ("{{ loop.index }}", "`loop.index` is not allowed"),
        ("{{ f.last if f is nosuch else '' }}", "`is nosuch` is no test"),
        ("{{ f._x }}", "`_x` is not a part of a finding"),
        ("It is likely.", "`likely` is typed"),
        ("On Friday.", "`Friday` is typed"),
    ],
)
def test_a_template_that_could_print_a_figure_or_a_claim_of_its_own_is_refused(text: str, fault: str) -> None:
    assert any(fault in item for item in sentences.faults(text)), sentences.faults(text)


def test_every_template_of_the_package_keeps_the_rules() -> None:
    assert len(sentences.templates()) > 200
    assert not [name for name, text in sentences.sources().items() if sentences.faults(text)]


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"volume.elevatd": "x"}, "no template; did you mean `volume.elevated`"),
        ({"volume.elevated": "It is {{ heavy(weight) }}."}, "`weight` is not given to this sentence; it has multiples"),
        ({"volume.elevated": "Volume rose."}, "`rose` is typed"),
        ({"volume.elevated": ["x"]}, "a sentence in quotes is needed"),
        ({"volume.elevated": " "}, "a sentence in quotes is needed"),
    ],
)
def test_a_persons_own_template_is_held_to_the_same_rules(own: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match="templates/x.toml: ") as raised:
        sentences.check_own(own, "templates/x.toml")
    assert message in str(raised.value)


def test_a_persons_own_template_comes_first() -> None:
    own = {"volume.unknown": "no volume that counts."}
    sentences.check_own(own, "templates/x.toml")
    with sentences.using(own) as refused:
        assert sentences.render("volume.unknown") == "no volume that counts."
    assert not refused
    assert sentences.render("volume.unknown") != "no volume that counts."


def test_a_persons_own_claim_that_does_not_hold_gives_way_and_is_noted() -> None:
    own = {"volume.ordinary": "{{ active(multiples)|capitalize }} trading: {{ word }}."}
    sentences.check_own(own, "templates/x.toml")
    slots = {"multiples": QUIET, "word": found("normal", "label")}
    multiples = [
        found(value, "multiple", "breakout.rvol", key={"window": window}) for value, window in ((1.5, 20), (1.1, 50))
    ]
    with sentences.using(own) as refused:
        text = sentences.render("volume.ordinary", **{**slots, "multiples": multiples})
    assert "not active trading" in text
    assert len(refused) == 1 and "volume.ordinary: `active` may be said where" in refused[0]


def test_no_template_reaches_past_its_slots() -> None:
    for text in ("{{ f.__class__.__mro__ }}", "{{ f.text.__globals__ }}"):
        assert sentences.faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ word|ahead }}",
        "{{ word|month }}",
        "{{ rose(word) }}",
        "{{ word.key.nosuch }}",
        "{{ heavy(multiples) }}",
        "{% if word.value < word.unit %}x{% endif %}",
        "{% if false %}x{% endif %}",
    ],
)
def test_whatever_a_persons_template_does_the_packages_sentence_stands_in_for_it(text: str) -> None:
    own = {"volume.ordinary": text}
    sentences.check_own(own, "templates/x.toml")
    multiples = [
        found(value, "multiple", "breakout.rvol", key={"window": window}) for value, window in ((1.5, 20), (1.1, 50))
    ]
    with sentences.using(own) as refused:
        said = sentences.render("volume.ordinary", multiples=multiples, word=found(1.2, "multiple"))
    assert "not active trading" in said
    assert len(refused) == 1 and "volume.ordinary" in refused[0]


@pytest.mark.parametrize(
    ("one", "other", "printed_one", "printed_other"),
    [(72.61, 72.56, "72.61", "72.56"), (15.091, 15.089, "15.091", "15.089"), (15.0, 15.0, "15.00", "15.00")],
)
def test_two_prices_that_differ_never_print_alike(
    one: float, other: float, printed_one: str, printed_other: str
) -> None:
    first, second = found(one, "price"), found(other, "price")
    assert (printed.apart(first, second), printed.apart(second, first)) == (printed_one, printed_other)


def test_a_margin_that_is_not_zero_never_prints_as_zero() -> None:
    assert [printed.exact(found(value, "price")) for value in (0.05, 0.003, 0.0)] == ["0.05", "0.003", "0.00"]
