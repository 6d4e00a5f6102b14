"""What the look promises, checked on its files: contrast, one dark theme, no missing icon, few bytes."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "ticketdesk/static"
TOKENS = (STATIC / "ticketdesk/tokens.css").read_text()
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover", "selected")
STATES = ("ok", "soon", "urgent", "breach", "paused", "info", "violet")
READ = [(text, ground) for text in ("text", "text-2", "text-3", "accent") for ground in GROUNDS]
READ += [(f"{state}-fg", ground) for state in STATES for ground in (f"{state}-bg", "surface", "hover", "selected")]
READ += [("on-accent", "accent-fill")]
SEEN = [(f"{state}-solid", ground) for state in STATES for ground in ("surface", "canvas")]
SEEN += [("line-strong", "surface"), ("line-strong", "canvas"), ("breach-solid", "selected")]
COLD_BYTES = 40_000  # of 60 kB for a first page: the rest is for the page itself and the font


def theme(selector: str) -> dict[str, str]:
    """Colour tokens of the first block of a selector."""
    block = TOKENS.split(selector, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", block))


LIGHT, DARK = theme(":root {"), theme('[data-theme="dark"] {')


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground(colours):
    assert [pair for pair in READ if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_can_be_told_from_their_ground(colours):
    assert [pair for pair in SEEN if contrast(colours[pair[0]], colours[pair[1]]) < 3] == []


def test_white_can_be_read_on_the_loudest_red():
    assert contrast("#FFFFFF", re.search(r"--hard: (#\w+)", TOKENS)[1]) >= 4.5


def test_the_dark_theme_is_the_same_by_choice_and_by_system():
    assert theme('[data-theme="system"] {') == DARK
    assert DARK.keys() == LIGHT.keys()


def test_every_colour_that_a_rule_names_exists():
    rules = "".join(path.read_text() for path in (STATIC / "ticketdesk").glob("*.css"))
    assert set(re.findall(r"var\(--([\w-]+)", rules)) - set(re.findall(r"--([\w-]+):", rules)) == set()


def icons_in(text: str) -> set[str]:
    return set(re.findall(r'(?:{% icon |icon_name=)"([\w-]+)"', text))


def test_every_icon_of_a_template_is_in_the_sprite():
    kept = set(re.findall(r'id="([\w-]+)"', (STATIC / "ticketdesk/icons.svg").read_text()))
    used = set().union(*(icons_in(path.read_text()) for path in (ROOT / "templates").rglob("*.html")))
    assert used
    assert used - kept == set()


def test_what_every_page_loads_stays_small():
    shared = ["tokens.css", "base.css", "parts.css", "work.css", "app.js", "list.js", "icons.svg"]
    files = [STATIC / "ticketdesk" / name for name in shared] + list((STATIC / "vendor").glob("htmx*.js"))
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) < COLD_BYTES


def test_what_others_wrote_is_as_it_was_packed():
    readme = (STATIC / "vendor/README.md").read_text()
    sums = dict(re.findall(r"^- `([^`]+)` `([0-9a-f]{96})`$", readme, re.MULTILINE))
    assert len(sums) == 3
    for name, wanted in sums.items():
        found = next(STATIC.rglob(name))
        assert hashlib.sha384(found.read_bytes()).hexdigest() == wanted, name
