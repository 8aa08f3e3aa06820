"""The rendered note in a real browser, with the network off: what a reader sees, and nothing else happens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.note import front

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "images"
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


#: of each figure the one picture that is seen: its own width, the width it is shown at, and whether it stands up front
SEEN = """all => all.map(figure => {
    const seen = [...figure.querySelectorAll('img')].filter(i => i.getBoundingClientRect().width > 1);
    const [one] = seen;
    return [seen.length, one.naturalWidth, one.getBoundingClientRect().width, Boolean(one.closest('#front'))];
})"""


def drawn(page_file):
    """How many pictures the run drew; of those that say there is nothing to draw, none is on the page."""
    pictures = json.loads((page_file.parent / "context.json").read_text(encoding="utf-8"))["pictures"]
    assert len(pictures) == 23
    return sum("blank" not in item for item in pictures.values())


def test_every_chart_is_drawn_once(opened, page_file):
    sizes = opened.eval_on_selector_all("figure", SEEN)
    assert len(sizes) == drawn(page_file) >= 20
    assert all(count == 1 and natural > 300 and shown > 200 for count, natural, shown, _ in sizes)


def test_a_phone_gets_charts_drawn_for_it_and_a_laptop_the_wide_ones(opened):
    shown = opened.eval_on_selector_all("figure", SEEN)
    expected = 360 if opened.viewport_size["width"] == WIDTHS["phone"] else 640
    assert all(abs(natural - expected) <= 4 for _, natural, _, _ in shown)


def test_every_chart_has_one_text_alternative_and_a_listener_meets_it(opened):
    texts = opened.eval_on_selector_all(
        "figure",
        """all => all.map(figure => [...figure.querySelectorAll('img')]
            .filter(i => i.alt && i.checkVisibility({ visibilityProperty: true })).map(i => i.alt))""",
    )
    assert all(len(found) == 1 and len(found[0]) > 20 for found in texts)


def test_nothing_is_asked_of_any_network(opened, page_file):
    assert [url for url in opened.asked if not url.startswith("data:")] == [page_file.as_uri()]


def test_the_console_stays_silent(opened):
    assert opened.said == []


def test_nothing_sticks_out_sideways(opened):
    width, inner = opened.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner


def test_the_front_page_keeps_to_its_words(opened):
    shown = opened.evaluate("document.querySelector('#front').innerText.trim().split(/\\s+/).length")
    assert 150 < shown <= front.WORD_BUDGET
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


@pytest.fixture(params=WIDTHS)
def printed(request, browser, page_file):
    """The page as print media lay it out on A4, right after it was read at a width."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900})
    page.goto(page_file.as_uri())
    page.wait_for_load_state("load")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1024})
    yield page
    page.close()


def test_below_the_fold_print_gets_letters_that_can_be_read_at_once(printed, page_file):
    """Letters are 12 pixels of a narrow chart; 7 points are 9.3. A browser that prints does not wait for a picture."""
    shown = [row for row in printed.eval_on_selector_all("figure", SEEN) if not row[3]]
    assert len(shown) == drawn(page_file) - 3
    assert all(count == 1 and 12 * width / natural >= 9.3 for count, natural, width, _ in shown)


def test_on_the_front_print_gets_the_wide_charts(printed):
    printed.wait_for_function(
        "[...document.querySelectorAll('#front figure img')].every(i => i.naturalWidth > 600)", timeout=5000
    )


def test_the_audit_gives_what_the_data_say_the_most_room_in_print(printed):
    widths = printed.eval_on_selector_all(
        ".audit thead th", "all => all.map(cell => cell.getBoundingClientRect().width)"
    )
    assert widths[2] > 0.4 * sum(widths) and max(widths[3:]) < 0.15 * sum(widths)
    inside = printed.evaluate("[...document.querySelectorAll('.audit td')].every(c => c.scrollWidth <= c.clientWidth)")
    assert inside


def test_the_note_prints_on_ten_sheets_or_fewer(browser, page_file):
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_load_state("load")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    page.close()
    assert sheets <= 10


# --- a scan -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scan_page(tmp_path_factory):
    """The page that a scan of the sample wrote."""
    out = tmp_path_factory.mktemp("scan")
    command = [sys.executable, "-m", "helpers.runs.cli", "scan", "params/watchlist.yaml", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=True)
    return next(out.glob("*/*/scan.html"))


@pytest.fixture
def scanned(browser, scan_page):
    page = browser.new_page(viewport={"width": WIDTHS["phone"], "height": 900})
    page.goto(scan_page.as_uri())
    yield page
    page.close()


def test_a_scan_on_a_phone_scrolls_its_tables_and_not_the_page(scanned):
    assert scanned.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]
    boxes = scanned.eval_on_selector_all(".scroll", "all => all.map(box => [box.clientWidth, box.scrollWidth])")
    assert boxes and all(whole > shown for shown, whole in boxes)


def test_a_table_that_hides_columns_says_so_and_keeps_its_symbols(scanned):
    assert all(hint.is_visible() for hint in scanned.query_selector_all(".hint"))
    assert len(scanned.query_selector_all(".hint")) == len(scanned.query_selector_all(".scroll"))
    scanned.evaluate("document.querySelectorAll('.scroll').forEach(box => { box.scrollLeft = 200; })")
    left = scanned.eval_on_selector_all(
        ".scan tbody th",
        "all => all.map(cell => cell.getBoundingClientRect().x - cell.closest('.scroll').getBoundingClientRect().x)",
    )
    assert left and all(0 <= place <= 2 for place in left)


def test_a_scan_on_a_laptop_shows_every_column_and_no_hint(scanned):
    scanned.set_viewport_size({"width": WIDTHS["laptop"], "height": 900})
    boxes = scanned.eval_on_selector_all(".scroll", "all => all.map(box => [box.clientWidth, box.scrollWidth])")
    assert boxes and all(whole <= shown for shown, whole in boxes)
    assert not any(hint.is_visible() for hint in scanned.query_selector_all(".hint"))


def test_the_picture_in_the_readme_is_of_this_page(browser, sample_page):
    """With BREADTHBOOK_PICTURES=1 it is taken anew; otherwise its shape must still be that of the page."""
    page = browser.new_page(viewport={"width": 800, "height": 1180})
    page.goto(sample_page.as_uri())
    if os.environ.get("BREADTHBOOK_PICTURES") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / "note.png")
    page.close()
    assert (PICTURES / "note.png").read_bytes()[:4] == b"\x89PNG"
