"""Documents by API: as lines, as a file, compared at once, repeatable."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Document, Order, OrderLine
from tests import factories as make
from tests.api.cast import fields_of, with_key


@pytest.fixture
def order(cast, settings, tmp_path) -> Order:
    settings.MEDIA_ROOT = tmp_path
    made = make.order(make.shop(), total=100)
    OrderLine.objects.create(order=made, line_no=1, sku="TEA", qty=2, unit_price=50)
    return made


def told(**changes):
    return {"kind": "invoice", "number": "I-1", "lines": [{"sku": "TEA", "qty": 2, "unit_price": "50.00"}]} | changes


def send(client, order, body, **headers):
    return client.post(f"/api/v1/orders/{order.pk}/documents/", body, format="json", **headers)


def send_file(client, order, content=b"sku,qty\nTEA,1\n", name="i.csv", headers=None, **fields):
    body = {"kind": "invoice", "file": SimpleUploadedFile(name, content)} | fields
    return client.post(f"/api/v1/orders/{order.pk}/documents/", body, format="multipart", headers=headers)


def test_lines_are_compared_at_once_and_a_corrected_version_clears(agent, order):
    assert send(agent, order, told(lines=[{"sku": "TEA", "qty": 1}])).status_code == 201
    assert order.anomalies.get().code == "document_mismatch"
    second = send(agent, order, told())
    assert (second.status_code, second.json()["version"]) == (201, 2)
    assert order.anomalies.get().state == "cleared"
    assert send(agent, order, told()).status_code == 200


def test_a_file_is_read_and_listed_with_its_differences(agent, order):
    made = send_file(agent, order, number="I-9").json()
    assert (made["file_type"], made["lines"][0]["qty"]) == ("csv", 1)
    listed = agent.get(f"/api/v1/orders/{order.pk}/documents/").json()
    assert listed["compared"] == [
        {
            "kind": "invoice", "numbers": ["I-9"], "accepted": False,
            "differences": [{"what": "quantity", "item": "TEA", "ordered": "2", "stated": "1"}],
        }
    ]  # fmt: skip


def test_a_file_sent_twice_under_one_key_is_kept_once(agent, order):
    first = send_file(agent, order, headers={"Idempotency-Key": "k-1"})
    again = send_file(agent, order, headers={"Idempotency-Key": "k-1"})
    other = send_file(agent, order, b"sku,qty\nTEA,2\n", headers={"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again["Idempotent-Replayed"] == "true" and Document.objects.count() == 1


def test_a_signed_in_person_may_send_a_file_as_well(as_user, cast, order):
    assert send_file(as_user(cast.agent_a), order).status_code == 201


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"kind": "receipt"}, {"kind"}),
        ({"lines": []}, {"lines"}),
        ({"lines": [{"qty": 1}]}, {"lines.0.sku"}),
        ({"lines": [{"sku": "A", "qty": 0}]}, {"lines.0.qty"}),
        ({"number": ""}, {"number"}),
        ({"colour": "red"}, {"colour"}),
        ({"total_amount": -1}, {"total_amount"}),
    ],
)
def test_what_is_wrong_is_named(agent, order, changes, fields):
    response = send(agent, order, told(**changes))
    assert (response.status_code, fields_of(response)) == (400, fields)


@pytest.mark.parametrize("content", [b"", b"<html><b>", b"<svg onload=alert(1)>", b"PK\x03\x04", b"a,b\n1,2\n"])
def test_nonsense_is_refused_at_the_file(agent, order, content):
    response = send_file(agent, order, content)
    assert (response.status_code, fields_of(response)) == (400, {"file"})


def test_a_file_that_is_too_large_is_refused_before_it_is_read(agent, order, settings):
    settings.DOCUMENT_MAX_BYTES = 1000
    assert send_file(agent, order, b"%PDF-" + b"x" * 100_000).status_code == 413
    assert send_file(agent, order, b"%PDF-" + b"x" * 2000).status_code == 413


def test_an_order_that_one_may_not_see_is_not_there(cast, order):
    contact = with_key(cast.contact)
    assert contact.get(f"/api/v1/orders/{order.pk}/documents/").status_code == 404
    assert send(contact, order, told()).status_code == 403
    assert with_key(cast.agent_a).get("/api/v1/orders/99999999999999999999/documents/").status_code == 404


def test_the_list_takes_as_many_queries_for_many_documents_as_for_one(agent, order):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            agent.get(f"/api/v1/orders/{order.pk}/documents/")
        return len(captured)

    send(agent, order, told())
    before = queries()
    for number in range(6):
        send(agent, order, told(number=f"J-{number}"))
    assert queries() == before


def test_a_part_shipment_lacks_nothing_yet(agent, order):
    lines = [{"sku": "TEA", "qty": 1}]
    assert send(agent, order, told(lines=lines, more_follow=True)).json()["more_follow"] is True
    assert not order.anomalies.exists()
    assert send_file(agent, order, number="I-2", more_follow="false").status_code == 201
    assert fields_of(send_file(agent, order, more_follow="perhaps")) == {"more_follow"}
