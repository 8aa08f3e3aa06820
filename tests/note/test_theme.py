"""The theme: the same chart gives the same bytes, nothing is fetched, and a notebook may keep the bundle."""

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import altair as alt
import nbformat
import pytest

from helpers.note import theme


@pytest.fixture
def chart():
    rows = [{"x": 1, "y": 2.0, "name": "IJH"}, {"x": 2, "y": 3.0, "name": "<script>alert(1)</script>"}]
    base = alt.Chart(alt.InlineData(values=rows))
    layers = alt.layer(
        base.mark_line(clip=True).encode(x="x:Q", y="y:Q"), base.mark_text().encode(x="x:Q", y="y:Q", text="name:N")
    )
    return layers.properties(title="Mid caps <lead> & rise", description='Say "what" is <seen>')


def test_the_same_chart_gives_the_same_bytes(chart):
    assert theme.svg(chart) == theme.svg(chart)


def test_the_bytes_do_not_hang_on_what_was_drawn_before_or_on_the_time_zone(chart):
    code = (
        "import json, sys; from helpers.note import theme; "
        "sys.stdout.buffer.write(theme.svg(json.load(sys.stdin)).encode())"
    )
    spec = json.dumps(theme.themed(chart).to_dict())
    elsewhere = {**os.environ, "TZ": "Pacific/Auckland", "PYTHONPATH": os.pathsep.join(sys.path)}
    fresh = subprocess.run(
        [sys.executable, "-c", code], input=spec.encode(), capture_output=True, check=True, env=elsewhere
    )
    assert fresh.stdout.decode() == theme.svg(chart)


def test_ids_of_two_charts_never_meet(chart):
    other = chart.properties(title="Another")
    ids = [
        {node.get("id") for node in ElementTree.fromstring(theme.svg(one)).iter() if node.get("id")}
        for one in (chart, other)
    ]
    assert ids[0] and ids[1] and not ids[0] & ids[1]


def test_every_reference_in_the_picture_points_into_it(chart):
    drawn = theme.svg(chart)
    ids = {node.get("id") for node in ElementTree.fromstring(drawn).iter()}
    assert drawn.count("url(#") == 1 and drawn.split("url(#")[1].split(")")[0] in ids


def test_the_picture_is_one_named_image_and_asks_for_nothing(chart):
    drawn = theme.svg(chart)
    root = ElementTree.fromstring(drawn)
    addresses = [part for part in drawn.split('"') if part.startswith(("http:", "https:", "data:"))]
    assert (root.get("role"), root.get("aria-label")) == ("img", 'Say "what" is <seen>')
    assert set(addresses) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@import" not in drawn and "@font-face" not in drawn


def test_hostile_text_stays_text(chart):
    drawn = theme.svg(chart)
    assert "<script" not in drawn and "&lt;script" in drawn


def test_data_behind_an_address_is_refused():
    chart = alt.Chart("https://example.com/bars.csv").mark_line().encode(x="a:Q", y="b:Q")
    with pytest.raises(ValueError, match="not allowed"):
        theme.svg(chart)


def test_text_is_large_enough_to_read_and_in_a_font_that_is_everywhere(chart):
    config = theme.themed(chart).to_dict()["config"]
    sizes = [config["axis"]["labelFontSize"], config["title"]["fontSize"], config["text"]["fontSize"]]
    assert min(sizes) >= 11 and config["font"].endswith("sans-serif")


def test_a_charts_own_settings_win_and_theming_twice_changes_nothing(chart):
    once = theme.themed(chart.configure_axis(labelFontSize=20))
    assert once.to_dict()["config"]["axis"]["labelFontSize"] == 20
    assert theme.themed(once).to_dict() == once.to_dict()


def test_theming_leaves_the_chart_as_it_was(chart):
    before = chart.to_dict()
    theme.themed(chart)
    assert chart.to_dict() == before


def test_a_notebook_may_keep_the_bundle(chart):
    bundle = theme.mime_bundle(chart)
    notebook = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("chart", outputs=[nbformat.v4.new_output("display_data", data=bundle)])
    notebook.cells.append(cell)
    nbformat.validate(notebook)
    assert bundle["text/plain"] == "Mid caps <lead> & rise"
    assert bundle["application/vnd.vegalite.v6+json"]["$schema"].split("/v")[-1].startswith("6")


def test_the_form_for_a_phone_is_kept_out_of_notebooks_and_pictures(chart):
    narrow = theme.themed(chart.properties(width=100)).to_dict()
    both = theme.themed(chart)
    both.usermeta = {"narrow": narrow, "mine": 1}
    assert theme.narrow(both) == narrow and theme.narrow(chart) is None
    assert theme.mime_bundle(both)["application/vnd.vegalite.v6+json"]["usermeta"] == {"mine": 1}
    assert theme.svg(both) == theme.svg(chart) != theme.svg(narrow)


def test_enabling_lets_altair_show_charts_this_way(chart):
    before = alt.renderers.active
    try:
        theme.enable()
        shown = chart._repr_mimebundle_()
    finally:
        alt.renderers.enable(before)
    assert set(shown) == {"application/vnd.vegalite.v6+json", "image/svg+xml", "text/plain"}


def test_an_unknown_role_names_those_there_are():
    with pytest.raises(KeyError, match="first, second"):
        theme.colour("seventh")


@pytest.mark.parametrize("role", [*theme.ROLES, "mid", "level", "warning", "stop", "mean", "muted"])
def test_text_in_any_role_colour_keeps_its_contrast_on_white(role):
    def linear(part):
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(theme.colour(role)[place : place + 2], 16) / 255) for place in (1, 3, 5))
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_importing_the_theme_loads_no_charts():
    code = "import sys, helpers.note.theme; sys.exit('altair' in sys.modules or 'vl_convert' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=env).returncode == 0
