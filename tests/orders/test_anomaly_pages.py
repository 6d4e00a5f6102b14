"""The pages about anomalies: the list with its views and files, one anomaly with its buttons, the order's report."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from orders.models import Anomaly, DetectorSetting, Order, SavedView
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


def signed_in(role=Role.AGENT) -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=role))
    return client


def unshipped(shop, count=1) -> list[Anomaly]:
    for _ in range(count):
        make.order(shop, placed_at=ago(51), paid_at=ago(50))
    sweep_until_idle(now=NOW)
    return list(Anomaly.objects.order_by("id"))


def listed(client, **query) -> list[Anomaly]:
    return client.get(reverse("anomalies"), query).context["page"].rows


def test_an_empty_list_says_that_nothing_is_wrong(shop):
    assert "Nothing is wrong" in signed_in().get(reverse("anomalies")).content.decode()


def test_the_list_costs_the_same_for_one_and_for_forty(shop):
    client, costs = signed_in(), []
    for count in (1, 40):
        unshipped(shop, count)
        client.get(reverse("anomalies"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("anomalies"))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_next_page_goes_on_where_the_last_one_ended(shop):
    unshipped(shop, 60)
    client = signed_in()
    first = client.get(reverse("anomalies")).context["page"]
    rest = listed(client, after=first.next)
    assert (len(first.rows), len(rest)) == (50, 10)
    assert not {row.pk for row in first.rows} & {row.pk for row in rest}


@pytest.mark.parametrize("cursor", ["x", "_", "2026-01-01_x", "x_1"])
def test_a_damaged_cursor_is_not_found(shop, cursor):
    assert signed_in().get(reverse("anomalies"), {"after": cursor}).status_code == 404


def test_filters_narrow_the_list_and_what_is_over_or_in_shadow_is_asked_for(shop):
    one, two, three = unshipped(shop, 3)
    Anomaly.objects.filter(pk=one.pk).update(state="cleared", closed_at=NOW)
    Anomaly.objects.filter(pk=two.pk).update(state="suspected")
    client = signed_in()
    found = {state: [row.pk for row in listed(client, state=state)] for state in ("", "over", "suspected")}
    assert found == {"": [three.pk], "over": [one.pk], "suspected": [two.pk]}
    assert listed(client, code="no_update") == [] and len(listed(client, q=three.order.external_no)) == 1
    assert listed(client, verdict="real") == [] and len(listed(client, verdict="none", age="day", grade="2")) == 1


def test_a_view_is_saved_shown_and_deleted_by_its_owner_only(shop):
    client, other = signed_in(), signed_in()
    client.post(reverse("anomaly_view_save"), {"name": "Mine", "query": "code=lost&after=x&state=any"})
    view = SavedView.objects.get()
    assert view.query == "code=lost&state=any"
    assert "Mine" in client.get(reverse("anomalies")).content.decode()
    assert other.post(reverse("anomaly_view_delete", args=[view.pk])).status_code == 404
    client.post(reverse("anomaly_view_delete", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_only_supervisors_take_the_list_away_and_no_cell_is_a_formula(shop):
    Order.objects.filter(pk=unshipped(shop)[0].order_id).update(external_no="=HYPERLINK(1)")
    assert signed_in().get(reverse("anomalies_export", args=["csv"])).status_code == 403
    client = signed_in(Role.SUPERVISOR)
    text = b"".join(client.get(reverse("anomalies_export", args=["csv"])).streaming_content).decode("utf-8-sig")
    assert ",'=HYPERLINK(1)," in text
    book = b"".join(client.get(reverse("anomalies_export", args=["xlsx"])).streaming_content)
    cells = list(load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True))[1]
    assert "'=HYPERLINK(1)" in cells


def test_the_page_says_why_by_which_limits_and_when_it_ends(shop):
    DetectorSetting.objects.create(shop=shop, detector="not_shipped", version=7, seconds={"after": 3600})
    page = signed_in().get(reverse("anomaly", args=[unshipped(shop)[0].pk])).content.decode()
    for words in ("not handed to a carrier", "version 7", "When does it end by itself?", "Was it real?", "Resolve"):
        assert words in page


def test_resolving_needs_a_reason(shop):
    (found,) = unshipped(shop)
    client, address = signed_in(), reverse("anomaly_resolve", args=[found.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Agreed"}).status_code == 302
    assert Anomaly.objects.get().state == "resolved"
    assert client.post(address, {"reason": "Agreed"}).status_code == 422


def test_a_verdict_is_kept_and_who_only_reads_gives_none(shop):
    (found,) = unshipped(shop)
    address = reverse("anomaly_verdict", args=[found.pk])
    assert signed_in(Role.READONLY).post(address, {"verdict": "real"}).status_code == 403
    signed_in().post(address, {"verdict": "false", "note": "Pre-sale"})
    assert Anomaly.objects.get().verdict == "false"


def test_a_report_from_the_orders_page_opens_an_anomaly(shop):
    order = make.order(shop, armed=False)
    client = signed_in()
    assert "The buyer reports a problem" in client.get(reverse("order", args=[order.pk])).content.decode()
    reply = client.post(reverse("order_report", args=[order.pk]), {"code": "wrong_item", "note": "Red, not blue"})
    assert reply.url == reverse("anomaly", args=[Anomaly.objects.get().pk])
    again = client.post(
        reverse("order_report", args=[order.pk]), {"code": "signed_not_received", "note": "?"}, follow=True
    )
    assert "No carrier has reported this as delivered" in again.content.decode()


def test_a_contact_sees_no_anomaly_of_an_order_without_his_ticket(shop):
    (found,) = unshipped(shop)
    client = signed_in(Role.CONTACT)
    assert listed(client) == []
    assert client.get(reverse("anomaly", args=[found.pk])).status_code == 404


def test_what_is_in_shadow_is_not_on_the_orders_page(shop):
    (found,) = unshipped(shop)
    Anomaly.objects.update(state="suspected")
    page = signed_in().get(reverse("order", args=[found.order_id]))
    assert page.context["shown"].anomalies == []
