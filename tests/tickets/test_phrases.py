"""Reply templates filled with a ticket's facts."""

import re
from datetime import UTC, datetime

import pytest

from orders.detectors import catalogue
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import User
from tickets import phrases
from tickets.defaults import languages, setup_templates, wordings
from tickets.models import Template, Ticket

GAP = re.compile(r"\{(\w+)\}")


def test_every_language_has_the_same_templates_for_the_same_things() -> None:
    told = {language: [(row["code"], row.get("anomaly_code"), row.get("kind")) for row in wordings(language)]
            for language in languages()}  # fmt: skip
    assert set(told) == {"en", "zh-hans", "zh-hant"}
    assert told["en"] == told["zh-hans"] == told["zh-hant"]


@pytest.mark.parametrize("language", languages())
def test_every_anomaly_has_a_template_and_every_gap_exists(language: str) -> None:
    rows = wordings(language)
    assert {row["anomaly_code"] for row in rows if "anomaly_code" in row} >= set(catalogue())
    assert {gap for row in rows for gap in GAP.findall(row["body"])} <= set(phrases.MISSING)


@pytest.mark.django_db
def test_setting_up_twice_makes_nothing_and_keeps_what_was_edited() -> None:
    assert len(setup_templates()) == len(languages())
    Template.objects.filter(code="lost", language="en").update(body="Gone.")
    assert setup_templates() == []
    assert Template.objects.get(code="lost", language="en").body == "Gone."


@pytest.fixture
def agent() -> User:
    return make.user(name="王小雨")


@pytest.fixture
def ticket() -> Ticket:
    shop = make.shop(name="青禾家居", time_zone="Asia/Shanghai")
    buyer = make.customer(shop, name="张伟", phone="13800138000")
    order = make.order(shop, external_no="QH1", customer=buyer, promised_delivery_at=ahead(24))
    by = make.carrier(name="SF Express", name_zh="顺丰速运")
    make.shipment(order, by=by, number="SF1", place="杭州, CN", last_scan_at=ago(80))
    return make.ticket(shop, order=order, customer=buyer)


def text(body: str, language: str = "zh-hans") -> Template:
    return Template(body=body, language=language)


@pytest.mark.django_db
def test_gaps_are_filled_with_the_orders_facts(ticket: Ticket, agent: User) -> None:
    body = "{customer} {order} {number} {carrier} {place} {hours} {promised} {agent} {shop} {ticket}"
    assert phrases.fill(text(body), ticket, agent, NOW) == (
        f"张先生/女士 QH1 SF1 顺丰速运 杭州, CN 1 11月24日 王小雨 青禾家居 #{ticket.pk}"
    )
    assert "SF Express" in phrases.fill(text(body, "en"), ticket, agent, NOW)


@pytest.mark.django_db
def test_a_missing_fact_is_a_visible_gap_in_the_templates_language(agent: User) -> None:
    bare = make.ticket(make.shop())
    assert phrases.fill(text("{carrier} {promised}"), bare, agent, NOW) == "[承运商] [承诺日期]"
    assert phrases.fill(text("{carrier}", "zh-hant"), bare, agent, NOW) == "[物流商]"
    assert (
        phrases.fill(text("{carrier} {nonsense} {0} { } %s", "en"), bare, agent, NOW)
        == "[carrier] [nonsense] [0] { } %s"
    )


@pytest.mark.django_db
def test_a_place_that_a_replayed_parcel_has_not_reached_stays_a_gap(ticket: Ticket, agent: User) -> None:
    assert phrases.fill(text("{place}"), ticket, agent, ago(81)) == "[地点]"


@pytest.mark.django_db
def test_the_buyers_sealed_given_name_never_gets_into_a_text(ticket: Ticket, agent: User) -> None:
    for language in languages():
        assert "伟" not in phrases.fill(text("{customer}", language), ticket, agent, NOW)


@pytest.mark.django_db
def test_many_templates_cost_one_query_for_their_facts(
    ticket: Ticket, agent: User, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(1):
        phrases.fill_all([text("{number}"), text("{carrier}"), text("{number}", "en")], ticket, agent, NOW)


@pytest.mark.django_db
def test_a_date_that_has_passed_is_promised_to_nobody_again(ticket: Ticket, agent: User) -> None:
    assert phrases.fill(text("{expected}", "en"), ticket, agent, NOW) == "24 November"
    assert phrases.fill(text("{promised} {expected}", "en"), ticket, agent, ahead(25)) == "24 November [expected date]"


@pytest.mark.django_db
def test_a_promise_until_midnight_is_a_promise_for_the_day_that_ends(ticket: Ticket, agent: User) -> None:
    assert ticket.order is not None
    ticket.order.promised_delivery_at = datetime(2026, 11, 24, 16, tzinfo=UTC)  # midnight in Shanghai
    assert phrases.fill(text("{promised}"), ticket, agent, NOW) == "11月24日"
