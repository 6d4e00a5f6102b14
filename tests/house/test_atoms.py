from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from orders.presents import Presents
from tests.clock import NOW
from ticketdesk.templatetags.desk import avatar, fill, grade, icon, moment

HOUR = timedelta(hours=1)


def ticket(**columns):
    given = {
        "shop_id": 1, "status": "new", "grade": 3, "paused": False, "opened_at": NOW - 8 * HOUR, "due_by": None,
        "respond_by": None, "resolve_by": None, "responded_at": None, "solved_at": None, "closed_at": None,
        "call_back_at": None,
    }  # fmt: skip
    return SimpleNamespace(**given | columns)


def shown(tag: str, **context) -> str:
    return Template("{% load desk %}" + tag).render(Context({"presents": Presents(NOW), "present": NOW} | context))


@pytest.mark.parametrize(
    ("columns", "css", "text"),
    [
        ({"due_by": NOW + 3 * HOUR}, "sla ok", "3h"),
        ({"due_by": NOW + HOUR}, "sla soon", "1h"),
        ({"due_by": NOW - HOUR}, "sla breach", "+1h"),
        ({"due_by": NOW - HOUR, "grade": 2}, "sla breach hard", "+1h"),
        ({"paused": True}, "sla paused", "Paused"),
        ({"status": "solved", "resolve_by": NOW, "solved_at": NOW - HOUR}, "sla met", "Met"),
        ({"status": "closed", "resolve_by": NOW, "closed_at": NOW}, "sla missed", "Missed"),
        ({}, "sla none", "–"),
    ],
)
def test_a_badge_says_how_a_deadline_stands(columns, css, text):
    html = shown("{% sla t %}", t=ticket(**columns))
    assert f'class="{css}"' in html
    assert f">{text}</span>" in html


def test_badges_of_a_replayed_shop_stand_still():
    frozen = Presents(NOW, {1: NOW - 9 * HOUR})
    assert "data-due" in shown("{% sla t %}", t=ticket(due_by=NOW))
    still = shown("{% sla t %}", t=ticket(due_by=NOW), presents=frozen)
    assert "data-due" not in still and ">9h<" in still


def test_a_missed_answer_stays_visible_after_the_reply():
    late = ticket(respond_by=NOW - HOUR, responded_at=NOW, resolve_by=NOW + 9 * HOUR)
    assert "missed" in shown('{% clock t "response" %}', t=late)
    assert "ok" in shown('{% clock t "resolution" %}', t=late)


def test_a_time_of_another_year_names_its_year():
    assert moment(NOW, NOW) == "11-23 02:00"
    assert moment(NOW - timedelta(days=400), NOW) == "2025-10-19 02:00"


def test_ages_count_from_the_present_of_the_shop():
    frozen = Presents(NOW, {1: NOW - 48 * HOUR})
    assert ">1d<" in shown("{% ago at %}", at=NOW - 30 * HOUR)
    assert ">1h<" in shown("{% ago at 1 %}", at=NOW - 49 * HOUR, presents=frozen)


def test_atoms_escape_what_people_wrote():
    assert "<script>" not in shown("{% status code label %}", code='"><script>', label="<script>")
    assert "<script>" not in avatar("<script>")
    assert "<script>" not in icon("x", css='"><script>')


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_grade_is_read_out_and_shown_by_shape(number):
    assert f">P{number} " in grade(number)
    assert grade(number).count('class="on"') == (1 if number == 1 else 5 - number)


def test_the_same_person_always_has_the_same_mark():
    assert avatar("林晓彤", 34) == avatar("林晓彤", 34)
    assert ">晓彤<" in avatar("林晓彤", 34) and ">彤<" in avatar("林晓彤") and ">AC<" in avatar("Amy Carter")


def test_a_gap_is_filled_whatever_it_is_called():
    assert (fill("{n} 张", 3), fill("no gap", 3)) == ("3 张", "no gap")


def test_units_of_time_follow_the_language():
    with translation.override("en"):
        assert shown("{{ span|length_of }}", span=5 * HOUR) == "5h"
