"""The page is self-contained, escaped, and the same for the same input."""

import re
from urllib.parse import unquote

import pytest

from helpers.core.findings import Findings
from helpers.note import claims
from helpers.runs import embedded, render
from tests.note.conftest import context, stated
from tests.sections.conftest import TAPE

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def findings():
    return stated(tape=TAPE)


def page(findings, charts=None, **changes):
    return render.note_html(findings, claims.audit(findings), context(**changes), charts or {})


def page_of(findings, charts, narrow):
    return render.note_html(findings, claims.audit(findings), context(), charts, narrow)


def test_the_same_input_gives_the_same_bytes(findings):
    assert page(findings) == page(findings)


def test_nothing_points_outside(findings):
    html = page(findings, {"02_breakout-price_levels": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    assert not re.search(r"""(?:src|srcset|href)=["'](?!data:)""", html)
    assert "Content-Security-Policy" in html and "default-src 'none'" in html


def test_hostile_words_stay_words(findings):
    html = page(findings, author=HOSTILE, view=HOSTILE, disclosure=HOSTILE, source=HOSTILE)
    assert html.count("<script") == 1
    assert "<img src=x" not in html


def test_the_evidence_is_embedded(findings):
    html = page(findings)
    found = re.search(r'<script type="application/json" id="breadthbook">(.*?)</script>', html, re.S)
    record = embedded.unpacked(found.group(1))
    assert Findings.from_json(record["findings"]).to_json() == findings.to_json()
    assert len(record["claims"]["claims"]) == 26


def test_pictures_carry_their_title_as_alternative_text(findings):
    key = "02_breakout-price_levels"
    html = page(findings, {key: "<svg/>"}, pictures={key: {"title": "A title", "alt": 'A "quoted" text'}})
    assert 'alt="A &#34;quoted&#34; text"' in html


def test_a_narrow_picture_is_for_narrow_screens_and_not_for_print(findings):
    key = "02_breakout-price_levels"
    html = page_of(findings, {key: "<svg>wide</svg>"}, {key: "<svg>narrow</svg>"})
    media, narrow, wide = re.search(
        r'<figure><picture><source media="(.*?)" srcset="(.*?)"><img src="(.*?)" alt=".*?"></picture></figure>', html
    ).groups()
    assert media == "screen and (max-width: 40rem)"
    assert [unquote(data.partition(",")[2]) for data in (narrow, wide)] == ["<svg>narrow</svg>", "<svg>wide</svg>"]


def test_no_sign_of_a_picture_ends_the_attribute_it_stands_in(findings):
    key, svg = "02_breakout-price_levels", """<svg a="b, c" d='e'>5 % & #1 \u2014 <text>x, y</text></svg>"""
    html = page_of(findings, {key: svg}, {key: svg})
    narrow, wide = re.search(r'srcset="([^"]*)"><img src="([^"]*)" alt=', html).groups()
    assert not re.search(r"[\s,]", narrow.partition(",")[2])
    assert [unquote(data.partition(",")[2]) for data in (narrow, wide)] == [svg, svg]


def test_a_picture_without_a_narrow_one_stands_alone(findings):
    html = page_of(findings, {"02_breakout-price_levels": "<svg>wide</svg>"}, {})
    assert '<figure><img src="data:' in html and "<picture" not in html


def test_front_pictures_stand_on_the_front_and_others_below(findings):
    html = page(findings, {"02_breakout-price_levels": "<svg>1</svg>", "02_breakout-volume_history": "<svg>2</svg>"})
    front, below = html.split('<section id="audit"')
    assert front.count("<figure>") == 1 and below.count("<figure>") == 1
