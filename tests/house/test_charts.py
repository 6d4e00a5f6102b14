from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketdesk import charts
from ticketdesk.charts import Bar, Series

NASTY = '<b>"&|='
numbers = st.integers(0, 10**7)


def drawn(svg: str) -> ElementTree.Element:
    """The picture as a tree; fails on anything that is not well-formed."""
    assert "style=" not in svg
    return ElementTree.fromstring(svg)


def count(svg: str, css: str) -> int:
    return sum(css in node.get("class", "").split() for node in drawn(svg).iter())


@given(numbers)
def test_an_axis_ends_at_or_above_its_highest_value(value):
    top = charts.round_up(value)
    assert value <= top <= max(4, 10 * value)


@given(st.lists(numbers, min_size=1, max_size=40))
def test_every_day_of_a_line_can_be_pointed_at(values):
    svg = charts.lines(NASTY, [NASTY] * len(values), [Series(NASTY, values, "c-info", area=True)])
    assert count(svg, "hit") == len(values)


def test_a_chart_without_days_is_nothing():
    assert charts.lines("x", [], []) == ""
    assert charts.attainment("x", [], [], [], ("Met", "Missed"), 95) == ""
    assert charts.bars("x", []) == ""
    assert charts.spark([1], "c-ok") == ""


def words_of(svg: str) -> list[tuple[float, str, str]]:
    nodes = [node for node in drawn(svg).iter() if node.tag == "text"]
    return [(float(node.get("x")), node.get("text-anchor"), node.text or "") for node in nodes]


@pytest.mark.parametrize("width", [charts.WIDTH, charts.NARROW])
def test_days_are_named_as_far_apart_as_their_words_are_wide(width):
    days = [f"11-{day:02}" for day in range(1, 15)]
    pictures = [
        charts.lines("x", days, [Series("a", list(range(14)), "c-info")], width),
        charts.attainment("x", days, [9] * 14, [1] * 14, ("Met", "Missed"), 95, width),
    ]
    for svg in pictures:
        places = sorted(x for x, _anchor, word in words_of(svg) if word in days)
        assert len(places) >= 4 and all(b - a >= 40 for a, b in pairwise(places))
        assert drawn(svg).get("viewBox") == f"0 0 {width} 220"


@pytest.mark.parametrize("width", [charts.WIDTH, charts.NARROW])
def test_a_bars_name_and_note_stay_inside_the_picture(width):
    row = Bar("Milestone over its deadline", [("late", 300, "c-breach")], "1,300 · 300")
    for x, anchor, word in words_of(charts.bars("x", [row], width)):
        begin, end = (x - 6.6 * len(word), x) if anchor == "end" else (x, x + 6 * len(word))
        assert begin >= 0 and end <= width + 3


def test_days_below_the_target_are_squares_and_idle_days_are_gaps():
    svg = charts.attainment("x", ["1", "2", "3"], [19, 10, 0], [1, 10, 0], ("Met", "Missed"), 95)
    assert (count(svg, "pt"), count(svg, "c-breach")) == (2, 1)
    assert [node.tag for node in drawn(svg).iter() if "c-breach" in node.get("class", "")] == ["rect"]


@given(st.lists(st.lists(st.integers(0, 99), min_size=24, max_size=24), min_size=7, max_size=7))
def test_the_fullest_hour_has_the_strongest_colour(grid):
    svg = charts.heat("x", [str(day) for day in range(7)], [str(hour) for hour in range(24)], grid)
    assert count(svg, "h6") >= 1 or not any(any(row) for row in grid)


def test_a_bar_that_leads_somewhere_is_a_link_with_a_name():
    rows = [Bar(NASTY, [("late", 3, "c-breach"), ("rest", 7, "c-paused")], "10 · 3", "/tickets/?a=1&b=2")]
    link = drawn(charts.bars("x", rows)).find("a")
    assert (link.get("href"), link.get("aria-label")) == ("/tickets/?a=1&b=2", NASTY + ": 10 · 3")
