"""Stock by API: absolute numbers, one or many, in pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Incoming, StockLevel, Warehouse
from tests import factories as make
from tests.api.cast import fields_of, with_key
from tests.factories import ahead


@pytest.fixture
def shop(cast):
    return make.shop(code="tea-house")


def entry(sku="TEA", **changes):
    return {"shop": "tea-house", "warehouse": "HZ", "sku": sku, "on_hand": 5} | changes


def put(client, body, method="put", **headers):
    return getattr(client, method)("/api/v1/stock/", body, format="json", **headers)


@pytest.mark.parametrize("method", ["put", "post"])
def test_stock_is_told_in_absolute_numbers(agent, shop, method):
    coming = [{"qty": 9, "expected_at": ahead(48).isoformat(), "reference": "PO-1"}]
    first = put(agent, entry(incoming=coming), method)
    assert (first.status_code, first.json()["result"]) == (201, "new")
    assert put(agent, entry(incoming=coming), method).json()["result"] == "same"
    assert put(agent, entry(on_hand=7), method).json()["result"] == "changed"
    listed = agent.get("/api/v1/stock/?sku=TEA").json()["results"]
    assert [(row["on_hand"], row["reserved"], row["free"]) for row in listed] == [(7, 0, 7)]
    assert listed[0]["incoming"][0]["reference"] == "PO-1"


def test_a_list_says_what_came_of_each_entry(agent, shop):
    response = put(agent, [entry(), entry("CUP", on_hand=-1), entry(), entry("POT", shop="nowhere")])
    assert response.status_code == 207
    assert [each["result"] for each in response.json()["results"]] == ["new", "refused", "refused", "refused"]
    assert response.json()["results"][3]["errors"][0]["field"] == "shop"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"on_hand": "many"}, {"on_hand"}),
        ({"on_hand": 3_000_000_000}, {"on_hand"}),
        ({"sku": ""}, {"sku"}),
        ({"reserved": 3}, {"reserved"}),
        ({"incoming": [{"qty": 0, "expected_at": "2026-12-01T00:00:00Z"}]}, {"incoming.0.qty"}),
        ({"incoming": [{"qty": 1, "expected_at": "2026-12-01"}]}, {"incoming.0.expected_at"}),
    ],
)
def test_what_is_wrong_is_named(agent, shop, changes, fields):
    response = put(agent, entry(**changes))
    assert (response.status_code, fields_of(response)) == (400, fields)


def test_more_than_500_at_once_are_refused(agent, shop):
    assert put(agent, [entry(f"S{number}") for number in range(501)]).status_code == 400


def test_the_same_call_under_one_key_is_done_once(agent, shop):
    assert put(agent, entry(), headers={"Idempotency-Key": "k"}).status_code == 201
    again = put(agent, entry(), headers={"Idempotency-Key": "k"})
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")


def test_a_department_contact_reads_and_does_not_write(cast, shop):
    contact = with_key(cast.contact)
    assert contact.get("/api/v1/stock/").status_code == 200
    assert put(contact, entry()).status_code == 403


def test_the_list_is_narrowed_and_paged_with_a_constant_number_of_queries(agent, shop):
    house = Warehouse.objects.create(shop=shop, code="HZ")
    other = Warehouse.objects.create(shop=shop, code="SZ")
    for number in range(7):
        columns = {"shop": shop, "sku": f"S{number}", "on_hand": number, "low_at": 2}
        StockLevel.objects.create(warehouse=house, **columns)
        StockLevel.objects.create(warehouse=other, **columns)
        Incoming.objects.create(shop=shop, warehouse=house, sku=f"S{number}", qty=1, expected_at=ahead(9))
    assert len(agent.get("/api/v1/stock/?short=1").json()["results"]) == 6
    assert len(agent.get("/api/v1/stock/?warehouse=SZ&shop=tea-house").json()["results"]) == 7
    first = agent.get("/api/v1/stock/?limit=5").json()
    second = agent.get(first["next"]).json()
    assert [row["sku"] for row in [*first["results"], *second["results"]]] == [f"S{n // 2}" for n in range(10)]

    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            agent.get(f"/api/v1/stock/?limit={limit}")
        return len(captured)

    assert queries(2) == queries(14)
