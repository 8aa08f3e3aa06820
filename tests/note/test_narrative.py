"""Sentences read right in every state, and stay within the page."""

import re

import pytest

from helpers.core.findings import Findings
from helpers.note import captions, claims, narrative, paragraphs, passages, readings, since
from tests.note.conftest import context, stated
from tests.sections.conftest import TAPE


def front(findings, **changes):
    return narrative.compose(findings, claims.audit(findings), context(**changes))


def test_the_front_page_keeps_within_its_budget(intraday):
    note = front(intraday)
    assert narrative.word_count(note, context()) <= 300
    assert len(note.bullets) == 2


def test_with_all_sections_the_front_page_keeps_within_its_budget(whole):
    note = front(whole)
    assert narrative.word_count(note, context()) <= 300
    assert 3 <= len(note.bullets) <= 6
    labels = [part.label for part in (*note.bullets, *note.closing)]
    assert {"Relative:", "Breadth:", "Does it persist?", passages.HURT, "If you act."} <= set(labels)


def test_a_long_view_pushes_out_the_least_needed_parts(intraday):
    long = {"author": "A. Desk", "view": "word " * 70, "note": "ijh"}
    note = front(intraday, **long)
    assert narrative.word_count(note, context(**long)) <= 300
    parts = [
        sum(len(part.sentences) for part in (*one.opening, *one.bullets, *one.closing))
        for one in (note, front(intraday))
    ]
    assert note.view is not None and parts[0] < parts[1]


def test_a_quiet_day_is_short(finished):
    note = front(finished)
    table = sum(len(cell.split()) for row in note.levels for cell in row)
    assert narrative.word_count(note, context()) - table <= 130
    assert "If you act." not in [part.label for part in note.closing]


@pytest.mark.parametrize(
    ("values", "headline", "happened"),
    [
        ({"tape": {**TAPE, "high": 72.53}}, "matches its 52-week high without exceeding it", "without exceeding it"),
        ({"tape": {**TAPE, "high": 72.53}, "strict": False}, "matches its 52-week high;", "reached 72.53"),
        ({"tape": {**TAPE, "high": 72.40}}, "no new 52-week high so far", "short of its"),
        ({"tape": TAPE, "high_field": "total_return"}, "waits for the close", "makes a new 52-week total-return high"),
    ],
)
def test_ties_and_open_days_are_told_as_such(values, headline, happened):
    note = front(stated(**values))
    assert headline in note.headline
    assert happened in note.opening[0].text


def test_a_day_after_a_high_is_not_called_a_first_touch(intraday, changed):
    assert "earlier first touches" in front(intraday).opening[0].text
    assert "first touches" not in front(changed(intraday, breakout__days_since_high=1)).opening[0].text


def test_what_has_happened_already_does_not_change_our_mind(intraday, changed):
    def mind(findings):
        return next(part.text for part in front(findings).closing if part.label == "Changes our mind.")

    below = changed(intraday, strength__near_mean_distance=-0.01)
    assert mind(below).startswith("A close above 72.53 with")
    assert mind(changed(below, breakout__last=73.0)).startswith("The ratio to")
    over = changed(intraday, strength__near_mean_distance=0.01)
    assert mind(over).startswith("A close under the warning")
    assert mind(changed(over, breakout__last=60.0)).startswith("The price is under the warning")


def test_far_below_is_a_share_of_the_high_not_of_the_price(finished, changed):
    assert "53.5% below" in front(changed(finished, breakout__nearness=0.465)).opening[0].text


def test_medians_that_disagree_claim_no_more_than_the_milder_word(finished, changed):
    note = front(changed(finished, breakout__volume_words_differ=True, breakout__volume_word="normal"))
    assert "no more than normal is claimed" in note.opening[1].text


def test_a_revision_is_compared_with_the_one_it_replaces(intraday, finished, changed):
    pending = next(item for item in intraday.all("breakout.close_confirmed")).to_json()
    before = {claim.id: claim.verdict for claim in claims.audit(finished)}
    previous = {"as_of": "2026-04-17", "revision": 1, "claims": before, "findings": [pending]}
    note = front(finished, previous=previous, revision=2)
    assert note.since.text == "Revision 2. Since revision 1: Close-confirmed: no (before: pending)."


@pytest.mark.parametrize(
    ("values", "phrase"),
    [
        ({"tape": TAPE}, "then slipped back to"),
        ({"tape": {**TAPE, "last": 72.60}}, "and last at 72.60"),
        ({"tape": {**TAPE, "high": 72.40}}, "short of its 252-day high"),
        ({"tape": TAPE, "high_field": "close"}, "makes a new 52-week closing high"),
        ({"as_of": "2026-04-17"}, "and closed at 72.03, not above it"),
        ({"as_of": "2026-04-16"}, "below its 252-day intraday high"),
        ({"as_of": "2006-05-01"}, "too few for a 252-day high"),
    ],
)
def test_what_happened_has_a_sentence_for_each_state(values, phrase):
    note = front(stated(**values))
    assert phrase in note.opening[0].text


@pytest.mark.parametrize(
    "standing", [(False, False, "do neither"), (True, False, "do the first only"), (True, True, "do both")]
)
def test_what_the_last_price_would_do(intraday, changed, standing):
    closing, confirmed, phrase = standing
    last = 72.60 if confirmed else intraday.value("breakout.last")
    flags = {"breakout__closing_high_at_last": closing, "breakout__close_confirmed_at_last": confirmed}
    findings = changed(intraday, breakout__last=last, **flags)
    assert phrase in front(findings).opening[0].text


@pytest.mark.parametrize(
    ("month", "quarter", "phrase"),
    [
        (0.02, 0.03, "it leads mega caps over a month and a quarter"),
        (-0.02, -0.03, "it trails mega caps over a month and a quarter"),
        (-0.02, 0.03, "it trails mega caps over a month, leads over a quarter"),
        (0.004, 0.03, "it matches mega caps over a month, leads over a quarter"),
    ],
)
def test_the_headline_follows_the_signs(finished, month, quarter, phrase):
    by_window = {21: month, 63: quarter}
    findings = Findings(
        item.from_json({**item.to_json(), "value": by_window[item.key["window"]]})
        if item.id == "strength.excess" and item.key["window"] in by_window
        else item
        for item in finished
    )
    assert front(findings).headline.endswith(phrase)


def test_stand_ins_on_both_sides_disagree(finished):
    first = readings.stand_ins(finished)[0]
    findings = Findings(
        item.from_json({**item.to_json(), "value": 0.02 if item.key["against"] == first else -0.02})
        if item.id == "strength.excess"
        else item
        for item in finished
    )
    assert "the mega-cap stand-ins disagree" in front(findings).headline


def test_a_missing_stand_in_is_named(finished):
    last = readings.stand_ins(finished)[-1]
    findings = Findings(
        item.from_json({**item.to_json(), "value": None})
        if item.id == "strength.excess" and item.key["against"] == last
        else item
        for item in finished
    )
    assert f"No current data: {last}." in front(findings).bullets[0].text


def test_mega_growth_never_stands_alone(finished):
    def only(name):
        return Findings(
            item.from_json({**item.to_json(), "value": None})
            if item.id == "strength.excess" and item.key["against"] != name
            else item
            for item in renamed
        )

    last = readings.stand_ins(finished)[-1]
    renamed = Findings(
        item.from_json({**item.to_json(), "key": {**item.key, "against": "MGK"}})
        if item.key.get("against") == last
        else item
        for item in finished
    )
    note = front(only("MGK"))
    assert "mega-cap growth alone does not stand for mega caps" in note.bullets[0].text
    assert note.headline.endswith("relative strength is not known")


def test_a_failed_section_says_so_and_the_rest_stands(intraday):
    alone = Findings(item for item in intraday if item.id.startswith("strength."))
    note = front(alone, failed=[{"notebook": "02_breakout", "reason": "its kernel died"}])
    assert "did not finish" in note.opening[0].text
    text = narrative.note_markdown(
        alone, claims.audit(alone), context(failed=[{"notebook": "02_breakout", "reason": "x"}])
    )
    assert "02_breakout did not finish: x." in text


def test_a_moved_as_of_is_said(finished):
    note = front(finished, as_of="2026-04-17", requested_as_of="2026-04-18")
    assert "Asked for 18 April 2026, not a trading day" in note.dateline.text


def test_a_persons_words_stay_words_in_markdown(intraday):
    hostile = context(author="A", view="# Audit\n| a | <script>", disclosure="# Not a heading")
    text = narrative.note_markdown(intraday, claims.audit(intraday), hostile)
    assert "<script>" not in text and "\n# Not a heading" not in text
    assert "\\# Audit \\| a \\| &lt;script>" in text


def test_without_the_section_nothing_is_said_to_be_due(intraday):
    alone = Findings(item for item in intraday if item.id.startswith("strength."))
    watch = next(part.text for part in front(alone).closing if part.label == "Watch.")
    assert watch == "What is due was not computed."


def test_the_authors_view_is_signed_and_apart(intraday):
    note = front(intraday, author="A. Desk", view="I would wait.")
    assert note.view is not None and note.view.text == "I would wait. — A. Desk"


def test_changes_since_the_last_note_are_listed(intraday):
    before = {claim.id: claim.verdict for claim in claims.audit(intraday)} | {"new_high": "does not hold"}
    note = front(intraday, previous={"as_of": "2026-04-16", "claims": before})
    assert note.since.text == "Since 16 April 2026: A new high: holds (before: does not hold)."


def test_simulated_bars_are_called_so(intraday):
    text = narrative.note_markdown(intraday, claims.audit(intraday), context())
    assert "SIMULATED" in text and "IJH (simulated)" in text


@pytest.mark.parametrize("picture", captions.MEASURES)
def test_every_picture_has_a_title_from_findings(intraday, picture):
    section = "breakout" if picture in ("price_levels", "volume_history") else "strength"
    findings = Findings(item for item in intraday if item.id.startswith(section))
    assert captions.title(findings, picture)
    assert captions.subtitle(findings, picture).startswith("SIMULATED")


def test_a_title_without_findings_says_what_is_not_known():
    for picture in captions.MEASURES:
        assert captions.title(Findings(), picture)


def test_direction_words_follow_the_printed_size(intraday):
    tiny = next(item for item in intraday.all("strength.excess")).to_json()
    level = Findings([]).from_json({"schema": 1, "findings": [{**tiny, "value": 0.0001}]})
    assert paragraphs.printed.side(next(iter(level))) == "level"


def test_a_view_whose_numbers_findings_state_is_printed(intraday):
    last = next(item for item in intraday if item.id == "breakout.last").text()
    note = front(intraday, view=f"I would wait for a close; {last} is not one.", author="A. Desk")
    assert note.view is not None and last in note.view.text


def test_a_view_with_a_number_of_its_own_is_held_back_and_the_number_named(intraday):
    said = context(view="My target is 81.50 by 3 June.", author="A. Desk")
    note = narrative.compose(intraday, claims.audit(intraday), said)
    text = narrative.note_markdown(intraday, claims.audit(intraday), said)
    assert note.view is None
    assert "held back: no finding and no given fact states 81.50, 3 June." in text


def test_changes_since_the_last_note_name_verdicts_triggers_levels_and_tone(whole, changed):
    held = [item.to_json() for item in whole if item.id in ("breakout.level", "risks.trigger_state")]
    for item in held:
        if item["key"] in ({"level": "confirm"}, {"level": "stop"}):
            item["value"] = 70.0
        if item["key"] == {"trigger": "credit"}:
            item["value"] = "near"
    before = {claim.id: claim.verdict for claim in claims.audit(whole)} | {"tape_move": "does not hold"}
    said = context(previous={"as_of": "2026-04-10", "claims": before, "findings": held, "revision": 1})
    rows = since.changes(whole, claims.audit(whole), said)
    assert [row[0] for row in rows] == ["Up on the day", "The credit trigger", "The level confirm"]
    assert rows[2][1] == "70.00"
    text = narrative.note_markdown(whole, claims.audit(whole), said)
    assert "## Since 10 April 2026" in text and "| The credit trigger | near | " in text


def test_a_message_has_three_sentences_and_says_when_it_is_simulated(whole, finished):
    for findings in (whole, finished):
        text = narrative.message(findings, context())
        assert text.startswith("SIMULATED: ")
        assert len(re.findall(r"\.(?= [A-Z(]|$)", text)) == 3
        assert len(text.split()) <= 90


def test_a_persons_own_sentence_that_does_not_hold_is_named_in_the_note(whole):
    own = {"breadth.verdict_other": "{{ broadening(verdict)|capitalize }} on {{ met }} of {{ met.n }}."}
    written, text, told = narrative.written(whole, context(templates=own))
    assert len(told["refused"]) == 1
    assert told["refused"][0].startswith("A sentence of your own gave way to the package's: breadth.verdict_other: ")
    assert "gave way to the package's: breadth.verdict_other: " in text
    assert narrative.written(whole, told) == (written, text, told)


def test_a_sentence_whose_words_do_not_hold_is_withheld_and_named(whole, changed):
    wrong = changed(whole, breakout__high=72.0)
    claims_, text, told = narrative.written(wrong, context())
    assert any("happened.touch_back: `above` may be said where" in item for item in told["refused"])
    assert "IJH (simulated) traded at 72.00" not in text
    assert "A sentence is withheld, for its words do not hold: happened.touch_back" in text
