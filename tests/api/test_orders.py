"""Orders by API: what is taken in, what follows at once, and what is refused."""

from datetime import timedelta

import pytest

from orders.models import Anomaly, Customer, Milestone, Order
from tests import factories as make
from tests.api.cast import fields_of, post, with_key
from tests.clock import NOW
from tests.factories import ago


def told(**changes):
    """A paid order placed three days ago, as a shop tells it."""
    body = {
        "shop": "demo",
        "external_no": "SO-77",
        "placed_at": ago(72).isoformat(),
        "paid_at": ago(71).isoformat(),
        "customer": {"external_id": "C-1", "name": "张小明", "phone": "13800001234"},
        "recipient": {"name": "张小明", "phone": "13800001234", "address": "浙江省杭州市西湖区文三路 1 号"},
        "lines": [{"line_no": 1, "sku": "TEA", "qty": 2, "unit_price": "99.50", "freight": 1}],
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


def stored() -> Order:
    return Order.objects.get(external_no="SO-77")


def test_an_order_is_created_and_then_changed(agent):
    first, second = post(agent, "orders/", told()), post(agent, "orders/", told(total=300, lines=...))
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["total"], second.json()["total"]) == ("200.00", "300.00")
    assert first.json()["version"] == 1 and second["ETag"] == '"2"'
    assert second.json()["lines"][0]["sku"] == "TEA"


def test_telling_the_same_again_changes_nothing(agent):
    body = told()
    assert post(agent, "orders/", body).json()["version"] == post(agent, "orders/", body).json()["version"] == 1


def test_personal_data_is_sealed_found_by_index_and_answered_masked(agent):
    answer = post(agent, "orders/", told()).json()
    assert answer["customer"] | {"id": 0} == {
        "id": 0, "external_id": "C-1", "tier": "normal", "language": "", "country": "",
        "name": "张**", "phone": "138****1234", "email": "",
    }  # fmt: skip
    assert answer["recipient"]["address"] == "浙江省杭州市西湖区****"
    assert stored().ship_phone == Customer.objects.get().phone == "13800001234"
    assert "13800001234" not in str(answer)


def test_an_order_that_is_late_from_the_start_has_its_anomaly_at_once(agent):
    answer = post(agent, "orders/", told()).json()
    assert [anomaly["code"] for anomaly in answer["open_anomalies"]] == ["not_shipped"]


def test_saying_that_it_was_shipped_clears_the_anomaly_at_once(agent):
    post(agent, "orders/", told())
    shipped_at = ago(1).isoformat()
    answer = agent.patch(f"/api/v1/orders/{stored().pk}/", {"shipped_at": shipped_at}, format="json").json()
    assert (answer["status"], answer["open_anomalies"]) == ("shipped", [])
    assert Anomaly.objects.get().close_reason == "shipped"
    assert Milestone.objects.get(code="handed_over").actual_at == stored().shipped_at


def test_what_was_said_in_error_is_taken_back_with_null(agent):
    post(agent, "orders/", told(delivered_at=ago(2).isoformat()))
    answer = agent.patch(f"/api/v1/orders/{stored().pk}/", {"delivered_at": None}, format="json").json()
    assert (answer["status"], answer["delivered_at"]) == ("paid", None)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("placed_at", "paid_at"), ("placed_at", "shipped_at"), ("placed_at", "delivered_at"),
        ("placed_at", "cancelled_at"), ("shipped_at", "delivered_at"), ("placed_at", "promised_ship_at"),
        ("placed_at", "promised_delivery_at"), ("promised_ship_at", "promised_delivery_at"),
    ],
)  # fmt: skip
def test_times_in_the_wrong_sequence_are_refused_naming_both(agent, earlier, later):
    times = {"placed_at": ago(80), "paid_at": None, earlier: ago(40), later: ago(41)}
    body = told(**{name: at and at.isoformat() for name, at in times.items()})
    response = post(agent, "orders/", body)
    assert (response.status_code, fields_of(response)) == (400, {earlier, later})
    assert not Order.objects.filter(external_no="SO-77").exists()


def test_a_patch_in_the_wrong_sequence_changes_nothing(agent):
    post(agent, "orders/", told())
    address = f"/api/v1/orders/{stored().pk}/"
    body = {"shipped_at": ago(1).isoformat(), "delivered_at": ago(2).isoformat()}
    response = agent.patch(address, body, format="json")
    assert (response.status_code, fields_of(response)) == (400, {"shipped_at", "delivered_at"})
    assert (stored().shipped_at, stored().version) == (None, 1)


@pytest.mark.parametrize("name", ["placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at"])
def test_what_has_not_happened_yet_is_no_fact(agent, name):
    body = told(**{"paid_at": ..., name: (NOW + timedelta(days=3)).isoformat()})
    response = post(agent, "orders/", body)
    assert (response.status_code, fields_of(response)) == (400, {name})


def test_a_shop_whose_history_is_replayed_may_tell_what_its_present_does_not_know_yet(agent, cast):
    make.shop(code="olist", present_at=ago(24 * 900))
    body = told(shop="olist", placed_at=ago(24 * 901).isoformat(), paid_at=ago(24 * 899).isoformat())
    assert post(agent, "orders/", body).json()["status"] == "placed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shop": "nowhere"}, "shop"),
        ({"shop": 7}, "shop"),
        ({"external_no": 7}, "external_no"),
        ({"external_no": "x" * 65}, "external_no"),
        ({"placed_at": "0000-01-01T00:00:00Z"}, "placed_at"),
        ({"placed_at": "2026-11-20T10:00:00"}, "placed_at"),
        ({"paid_at": "2026-11-20T10:00:00+25:00"}, "paid_at"),
        ({"promised_delivery_at": "9999-12-31T23:59:59Z"}, "promised_delivery_at"),
        ({"total": 1e30}, "total"),
        ({"total": -1}, "total"),
        ({"total": "１００"}, "total"),
        ({"currency": "yuan"}, "currency"),
        ({"cross_border": "yes"}, "cross_border"),
        ({"lines": []}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [{"line_no": 2**63, "sku": "a"}]}, "lines.0.line_no"),
        ({"lines": [{"line_no": 1, "sku": "a", "qty": 0}]}, "lines.0.qty"),
        ({"lines": [{"line_no": 1, "sku": "a", "qty": 1, "shipped_qty": 2}]}, "lines.0.shipped_qty"),
        ({"lines": [{"line_no": 1, "sku": "a"}, {"line_no": 1, "sku": "b"}]}, "lines"),
        ({"lines": [{"line_no": 1, "sku": "a", "qty": 2147483647, "unit_price": "999999999999.99"}]}, "lines"),
        ({"customer": {"name": "Nobody"}}, "customer.external_id"),
        ({"customer": {"phone": "none"}}, "customer.phone"),
        ({"customer": {"external_id": "1", "tier": "gold"}}, "customer.tier"),
        ({"customer": {"external_id": "1", "email": "nope"}}, "customer.email"),
        ({"recipient": "here"}, "recipient"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(agent, changes, field):
    response = post(agent, "orders/", told(**changes))
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert not Order.objects.filter(external_no="SO-77").exists()


def test_an_unknown_shop_is_answered_with_those_there_are(agent):
    assert post(agent, "orders/", told(shop="nowhere")).json()["errors"][0]["remedy"] == "Known: demo."


def test_a_version_that_is_not_the_present_one_is_refused(agent):
    post(agent, "orders/", told())
    address, body = f"/api/v1/orders/{stored().pk}/", {"shipped_at": ago(1).isoformat()}
    assert agent.patch(address, {**body, "version": 7}, format="json").status_code == 409
    assert agent.patch(address, body, format="json", headers={"If-Match": '"7"'}).status_code == 412
    assert agent.patch(address, body, format="json", headers={"If-Match": "seven"}).status_code == 400
    assert agent.patch(address, body, format="json", headers={"If-Match": 'W/"1"'}).status_code == 200


def test_lines_that_are_not_named_any_more_go_unless_they_lie_in_a_parcel(agent):
    post(agent, "orders/", told())
    parcel = make.shipment(stored())
    parcel.items.update(line=stored().lines.get())
    other = [{"line_no": 2, "sku": "CUP"}]
    assert fields_of(post(agent, "orders/", told(lines=other))) == {"lines"}
    parcel.items.update(line=None)
    assert [line["line_no"] for line in post(agent, "orders/", told(lines=other)).json()["lines"]] == [2]


def test_fewer_may_not_be_ordered_than_were_shipped(agent):
    line = {"line_no": 1, "sku": "TEA", "qty": 5, "shipped_qty": 4}
    post(agent, "orders/", told(lines=[line]))
    response = post(agent, "orders/", told(lines=[{"line_no": 1, "sku": "TEA", "qty": 3}]))
    assert (response.status_code, fields_of(response)) == (400, {"lines"})


def test_orders_are_found_by_what_is_known_of_them(agent, cast):
    made = post(agent, "orders/", told()).json()["id"]
    make.shipment(stored(), number="SF 100-1", number_norm="SF1001")
    day = {"placed_from": ago(73).isoformat(), "placed_before": ago(71).isoformat()}
    for wanted in (
        {"external_no": "SO-77"}, {"shop": "demo", "status": "paid"}, day, {"phone": "1234"},
        {"phone": "+86 138 0000 1234"}, {"tracking_number": "sf-1001"},
    ):  # fmt: skip
        found = agent.get("/api/v1/orders/", wanted).json()["results"]
        assert [order["id"] for order in found] == [made], wanted
    for other in ({"phone": "4321"}, {"phone": "13900000000"}, {"tracking_number": "SF100"}, {"shop": "other"}):
        assert agent.get("/api/v1/orders/", other).json()["results"] == []


def test_an_order_is_found_by_its_buyers_phone_too(agent, cast):
    post(agent, "orders/", told(recipient=...))
    assert len(agent.get("/api/v1/orders/", {"phone": "1234"}).json()["results"]) == 1


def test_shops_are_listed(agent):
    assert [shop["code"] for shop in agent.get("/api/v1/shops/").json()["results"]] == ["demo"]


def test_a_contact_may_not_write_orders(cast):
    assert post(with_key(cast.contact), "orders/", told()).status_code == 403
