"""The rendered note in a real browser, with the network off: what a reader sees, and nothing else happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpers.note import narrative

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "docs" / "images"
WIDTHS = {"phone": 390, "laptop": 1280}


@pytest.fixture(params=["sample", "real"])
def page_file(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(f"{request.param}_page")


@pytest.fixture(params=WIDTHS)
def opened(request: pytest.FixtureRequest, browser, page_file):
    """The page at one width, with everything it asked for and said."""
    context = browser.new_context(viewport={"width": WIDTHS[request.param], "height": 900}, offline=True)
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda item: page.asked.append(item.url))
    page.on("console", lambda item: page.said.append(item.text))
    page.on("pageerror", lambda item: page.said.append(str(item)))
    page.goto(page_file.as_uri())
    page.wait_for_load_state("load")
    yield page
    context.close()


def test_every_chart_is_drawn(opened):
    sizes = opened.eval_on_selector_all(
        "figure img", "all => all.map(i => [i.naturalWidth, i.getBoundingClientRect().width])"
    )
    assert len(sizes) == 21
    assert all(natural > 300 and shown > 200 for natural, shown in sizes)


def test_a_phone_gets_charts_drawn_for_it_and_a_laptop_the_wide_ones(opened):
    shown = opened.eval_on_selector_all(
        "figure img",
        "all => all.map(i => [i.naturalWidth, i.currentSrc === i.parentElement.querySelector('source').srcset])",
    )
    is_phone = opened.viewport_size["width"] == WIDTHS["phone"]
    assert all(abs(natural - (360 if is_phone else 640)) <= 4 and narrow == is_phone for natural, narrow in shown)


def test_every_chart_has_a_text_alternative(opened):
    texts = opened.eval_on_selector_all("figure img", "all => all.map(i => i.alt)")
    assert all(len(text) > 20 for text in texts)


def test_nothing_is_asked_of_any_network(opened, page_file):
    assert [url for url in opened.asked if not url.startswith("data:")] == [page_file.as_uri()]


def test_the_console_stays_silent(opened):
    assert opened.said == []


def test_nothing_sticks_out_sideways(opened):
    width, inner = opened.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner


def test_the_front_page_keeps_to_its_words(opened):
    shown = opened.evaluate("document.querySelector('#front').innerText.trim().split(/\\s+/).length")
    assert 150 < shown <= narrative.WORD_BUDGET
    assert opened.evaluate("document.querySelectorAll('#front figure').length") == 3


def test_axe_finds_no_serious_fault(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(opened).response["violations"]
    assert [item["id"] for item in found if item["impact"] in ("serious", "critical")] == []


def test_the_file_is_small(page_file):
    assert page_file.stat().st_size <= 1_200_000


def test_the_front_page_prints_on_one_sheet(browser, page_file):
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    # A4 less the margins, at 96 dots an inch
    page.set_viewport_size({"width": 695, "height": 1024})
    height = page.evaluate("document.querySelector('#front').getBoundingClientRect().height")
    page.close()
    assert height <= 1024


def test_print_gets_the_wide_charts(browser, page_file):
    page = browser.new_page(viewport={"width": WIDTHS["phone"], "height": 900})
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    page.wait_for_function(
        "[...document.querySelectorAll('figure img')].every(i => i.naturalWidth > 600)", timeout=5000
    )
    page.close()


def test_the_picture_in_the_readme_is_of_this_page(browser, sample_page):
    """With BREADTHBOOK_PICTURES=1 it is taken anew; otherwise its shape must still be that of the page."""
    page = browser.new_page(viewport={"width": 800, "height": 1180})
    page.goto(sample_page.as_uri())
    if os.environ.get("BREADTHBOOK_PICTURES") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / "note.png")
    page.close()
    assert (PICTURES / "note.png").read_bytes()[:4] == b"\x89PNG"
