"""What a person's own sentence may not get past: at reading, and once more as it is printed."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.core.findings import Finding
from helpers.note import forms, lexicon, sentences, template_mask, words
from helpers.note.sentences import own_faults


def price(value: float, **facts: Any) -> Finding:
    return Finding("breakout.closing_high", "IJH", value, "price", "2026-04-17", **facts)


CLOSING, CONFIRM = price(72.56), price(72.88)
CLOSED = "Yesterday the fund closed {{ if_above(closing) }} {{ closing }}"


def refused(own: str, template: str = "pending.both", **slots: Any) -> tuple[str, list[str]]:
    """What is printed for an own template that was never checked, and what is said of it."""
    with sentences.using({template: own}) as told:
        return sentences.render(template, **(slots or {"closing": CLOSING, "confirm": CONFIRM})), told


@pytest.mark.parametrize(
    ("template", "own", "word"),
    [
        ("pending.both", CLOSED, "if_above"),
        ("pending.both", f"{CLOSED}: {{{{ would_be_a_closing_high(closing) }}}}.", "would_be_a_closing_high"),
        ("pending.both", "It is so: {{ would_be_confirmed(confirm) }}", "would_be_confirmed"),
        ("pending.both", "It {{ say('would confirm', confirm) }}.", "would_confirm"),
        ("mind.unknown_met", "It closed {{ if_under(warning) }} {{ warning }}.", "if_under"),
        ("happened.pending", "A {{ would_be_new(bar) }} {{ kind }}.", "would_be_new"),
        ("mind.above_mean_met", "The ratio is {{ if_falling(gap) }} its mean.", "if_falling"),
        ("so_what.neither", "The market {{ no_high_on(mid, market) }}", "no_high_on"),
        ("so_what.last", "A {{ new_high_on(market) }} today.", "new_high_on"),
        ("headline.pending", "{{ subject }}: a {{ maybe_new(f.is_new_high) }} {{ kind }}", "maybe_new"),
        ("hurt.since_level", "The close is {{ met_under(state) }} the mean.", "met_under"),
        ("tone.chance", "{{ chance.subject }} {{ beats(chance) }} the market.", "beats"),
        ("audit.etf_first.fund", "The members' day {{ leads_by_lag(who) }}.", "leads_by_lag"),
        ("relative.sectors_none", "Its sector is {{ not_leading(sectors) }}.", "not_leading"),
        ("audit.breadth_tell.open", "It is {{ could_still_be_broadening(verdict) }}.", "could_still_be_broadening"),
        ("audit.hedge.crowding_open", "{{ leg }} is {{ maybe_crowded(score) }}.", "maybe_crowded"),
        ("audit.risk_rates.what", "the yield {{ if_rose(shock) }} today", "if_rose"),
        ("hedging.best", "{{ leg }} {{ removed_share(removed) }} all.", "removed_share"),
        ("persist.few", "A {{ breakout(events) }} today.", "breakout"),
        ("persist.few", "{{ events }} earlier days and {{ breakouts(events) }}.", "breakouts"),
    ],
)
def test_a_word_that_is_true_in_its_sentence_alone_stands_in_no_other(template: str, own: str, word: str) -> None:
    assert any(f"`{word}` is true only" in fault for fault in own_faults(template, own)), own_faults(template, own)


@pytest.mark.parametrize(
    ("template", "own"),
    [
        (
            "pending.both",
            "Not yet. Any close {{if_above(closing)}} {{ closing }} would be {{ would_be_a_closing_high(closing) }}, "
            "{{ if_above(confirm) }} {{ confirm }} it {{ would_confirm(confirm) }}.",
        ),
        (
            "happened.pending",
            "Last {{ f.last }}. A close {{ if_above(bar) }} {{ bar }} would make a {{ would_be_new(bar) }} {{ kind }}.",
        ),
        ("so_what.neither", "Nobody has made a {{ no_high_on(mid, market) }} since the base turned."),
        ("persist.few", "Only {{ events }} earlier {{ breakouts(events) }} are held, so nothing is tested."),
        (
            "volume.elevated",
            "{{ word|capitalize }}: {% for x in multiples %}{{ x }}{{ ' and ' if not loop.last }}{% endfor %}.",
        ),
        ("gaps.holes", "{{ subject }}: {{ holes }} {{ 'day is' if holes.value == 1 else 'days are' }} missing."),
        ("relative.sectors", "In front: {{ sectors|map(attribute='subject')|join(' and ') }}."),
        ("watch.none", "Nothing is due within six weeks."),
    ],
)
def test_a_sensible_rewording_is_taken(template: str, own: str) -> None:
    assert own_faults(template, own) == ()


def test_every_sentence_of_the_package_could_be_a_persons_own() -> None:
    assert not {name: own_faults(name, text) for name, text in sentences.sources().items() if own_faults(name, text)}


@pytest.mark.parametrize(
    ("own", "turned"),
    [
        ("It did not {{ rise(closing) }}.", "`not` beside `rise`"),
        ("It never {{ fell(closing) }}.", "`never` beside `fell`"),
        ("It {{ rose(closing) }} without doubt.", "`without` beside `rose`"),
        ("It hasn't {{ fallen(closing) }}.", "`n't` beside `fallen`"),
        ("It is not {{ closing|side }}.", "`not` beside `side`"),
        ("It did n{% if confirm %}ot{% endif %} {{ rise(closing) }}.", "`not` beside `rise`"),
        ("It did {{ 'not' }} {{ rise(closing) }}.", "`not` beside `rise`"),
    ],
)
def test_no_denial_turns_a_guarded_word_round(own: str, turned: str) -> None:
    assert any(turned in fault for fault in own_faults("pending.both", own))


@pytest.mark.parametrize(
    "own",
    [
        "Ro{% if confirm %}se{% endif %}.",
        "ro{{ confirm if not closing }}se",
        "{% if closing %}r{% endif %}{% if closing %}ose{% endif %}",
        "{{ 'ro'|lower_first }}se",
        "{{ 'ro' if closing }}{{ 'se' if closing }}",
        "for{% if confirm %}ty percent{% endif %}",
        "{% if confirm.value > closing.value %}so{% else %}me{% endif %}ar",
        "T{% if confirm %}SLA{% endif %}",
        "{{ closing }}er",
        "high{{ closing }}",
    ],
)
def test_a_word_put_together_from_parts_is_read_as_it_is_printed(own: str) -> None:
    said, told = refused(own)
    assert said == refused(sentences.sources()["pending.both"])[0]
    assert len(told) == 1 and ("is typed" in told[0] or "is joined to a value" in told[0])


def test_what_findings_and_words_say_is_not_taken_for_typed() -> None:
    own = "{{ confirm.subject }} at {{ closing }}. " + sentences.sources()["pending.both"]
    said, told = refused(own)
    assert not told
    assert said.startswith("IJH at 72.56. A close above 72.56 is a closing high")


def test_no_letter_of_a_given_text_can_be_taken_by_itself() -> None:
    with pytest.raises(TypeError, match="a text is no list"):
        list(template_mask.given(["rose"])[0])


@pytest.mark.parametrize(
    "own",
    [
        *("ro\u200bse", "ro\u00adse", "r\u043ese", "\uff52ose", "ros\u00e9", "r\u0131se", "r\u1d0fse", "ro\u0332se"),
        *("r&shy;ose", "ro<b>se", "r\\ose", "ro**se**", "ro`se", "ro~~se"),
        *(
            "forty percent",
            "\u00bd of it",
            "\u2167 days",
            "a third of them",
            "one half",
            "two of three",
            "twice",
            "dozens",
        ),
        *("TSLA", "the QQQ fund", "halved", "twofold", "ninety-five", "one percent", "\u0663 days"),
        *("beat", "surges", "soaring", "rallies", "climb", "declining", "drops", "plunge", "tumbling", "slumps"),
        *("gain", "losing", "lag", "outperform", "underperforming", "a record high", "weak", "strong", "stronger"),
        *("unchanged", "doubled", "owing to flows", "thanks to flows", "probable", "Probably", "well-above it"),
        "{% for x in 'r-o-s-e' %}{{ x if x != '-' }}{% endfor %}",
    ],
)
def test_nothing_that_says_something_is_typed(own: str) -> None:
    assert own_faults("pending.both", own)
    assert refused(own)[1]


@pytest.mark.parametrize("verbs", [forms.UP, forms.DOWN, forms.WIN, forms.FAIL, forms.OVER, forms.CAUSE])
def test_every_verb_is_guarded_in_all_its_forms(verbs: str) -> None:
    for form in forms.inflected(verbs).split():
        assert words.typed(f"It {form} so.") == [form]


def test_forms_follow_the_rules_of_spelling() -> None:
    assert forms.inflected("rally drop surge cross rise") == (
        "rally rallies rallied rallying drop drops dropped dropping surge surges surged surging "
        "cross crosses crossed crossing rise rises rose risen rising"
    )


def test_a_set_phrase_is_the_packages_and_stands_where_it_has_it() -> None:
    every = " ".join(sentences.sources().values()).lower()
    assert [phrase for phrase in forms.SET_PHRASES if phrase.lower() not in every] == []
    assert own_faults("month.far", "None within six weeks.") == ()
    assert any("`six` is typed" in fault for fault in own_faults("pending.both", "None within six weeks."))


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("{{ closing.value }}", "`closing.value` can be asked for in {% if %}, not printed; write {{ closing }}"),
        ("{{ closing.unit }}", "not printed"),
        ("{{ closing.text }}", "`closing.text` lacks its brackets; write {{ closing }} or {{ closing.text() }}"),
        ("{{ closing.text(True) }}", "`text` needs names in its brackets, as in text(decimals=0)"),
        ("{{ closing.text(sign=true) }}", "`sign` is no setting of `text`; known: signed, absolute, decimals"),
        ("{{ closing.text(decimals='2') }}", "`decimals` needs a number from 0 to 4"),
        ("{{ closing.text(decimals=9) }}", "`decimals` needs a number from 0 to 4"),
        ("{{ closing.text(signed=1) }}", "`signed` needs true or false"),
        ("{{ closing.text(**closing) }}", "stars are not allowed"),
        ("{{ closing.interval_text(1) }}", "needs nothing in its brackets"),
        ("{{ closing.subject.split('J') }}", "`split` parts the name of a ratio"),
        (
            "{{ closing.id }}",
            "`closing.id` is no part of `closing` that a sentence may use; print closing, closing.subject",
        ),
        ("{{ closing.key }}", "`closing.key` is no part"),
        ("{{ closing.valu }}", "`closing.valu` is no part"),
        ("{{ closing['value'] }}", "a part of a finding is named after a dot"),
        ("{{ closing[0] }}", "a part of a finding is named after a dot"),
        ("{{ above }}", "`above` is a guarded word; write it with the findings that bear it out in brackets"),
        ("{{ above(closing) }}", "`above` needs 2 in its brackets, 1 found; it may be said where the first is larger"),
        ("{{ above(closing.value, confirm.value) }}", "`closing.value` is a bare figure; write the finding itself"),
        ("{{ above(closing|bare, confirm) }}", "`above` rests on findings as they are given"),
        ("{{ above(first=closing, second=confirm) }}", "`above` rests on findings as they are given"),
        ("{{ say('above' if closing else 'x', closing) }}", "`say` needs the name of a guarded word first"),
        ("{{ say(closing, confirm) }}", "`say` cannot take its word from `closing`"),
        ("{% for x in closing %}{{ x }}{% endfor %}", "`closing` is no list; the lists of this sentence are none"),
        ("{{ closing|join }}", "`closing` is no list"),
        ("{{ closing == confirm }}", "a comparison says yes or no and prints nothing"),
        ("{{ confrim }}", "`confrim` is not given to this sentence; it has closing, confirm"),
    ],
)
def test_what_would_give_way_in_the_run_is_told_at_reading(own: str, message: str) -> None:
    assert any(message in fault for fault in own_faults("pending.both", own)), own_faults("pending.both", own)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("{{ multiples }}", "`multiples` is a list; write {% for item in multiples %}{{ item }}{% endfor %}"),
        ("{% for word in multiples %}{{ word }}{% endfor %}", "`word` is given to this sentence"),
        ("{% for x in word %}{{ x }}{% endfor %}", "`word` is no list; the lists of this sentence are multiples"),
        ("{{ multiples|map(attribute='unit')|join }}", "`map` is not known but as map(attribute='subject')"),
    ],
)
def test_a_list_is_told_from_a_finding(own: str, message: str) -> None:
    assert any(message in fault for fault in own_faults("volume.elevated", own)), own_faults("volume.elevated", own)


def test_what_the_package_asks_for_is_not_printed_either() -> None:
    own = "It is {{ is_closing_high.value }} (old one {{ closing }})."
    assert any("not printed" in fault for fault in own_faults("closing.high", own))
    for text in ("{{ pair.low|bare }} to {{ pair.high }}", "{{ pair.low.text(decimals=0) }}"):
        own = f"{{% for pair in apart %}}{text}{{% endfor %}}."
        assert own_faults("relative.spread", own) == ()


def test_what_a_sentence_must_keep_is_one_of_two() -> None:
    assert {guard.kept for guard in lexicon.GUARDS} == {"", lexicon.SENTENCE, lexicon.WORDS_BEFORE}
