"""The life of an anomaly: shadow, acknowledged, resolved, reopened, with its history and its verdicts."""

from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction

from orders.models import Anomaly, AnomalyChange, AnomalyEvent, DetectorSetting, Order, OrderDue
from orders.services import anomalies
from orders.services.sweep import sweep_until_idle
from orders.services.tracking import record_scans
from orders.timeline import Scan
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def order() -> Order:
    """Paid fifty hours ago and not shipped."""
    return make.order(make.shop(), placed_at=ago(51), paid_at=ago(50))


def judged(order: Order, hours: float = 0, **changes: object) -> Anomaly:
    Order.objects.filter(pk=order.pk).update(**changes) if changes else None
    OrderDue.objects.update_or_create(order=order, defaults={"shop": order.shop, "due_at": ago(999)})
    sweep_until_idle(now=NOW + hours * HOUR)
    return Anomaly.objects.get()


def kinds(anomaly: Anomaly) -> list[str]:
    return list(anomaly.events.order_by("id").values_list("kind", flat=True))


def test_in_shadow_it_finds_and_nobody_is_told(order) -> None:
    DetectorSetting.objects.create(shop=order.shop, detector="not_shipped", shadow=True)
    anomaly = judged(order)
    assert (anomaly.state, kinds(anomaly)) == ("suspected", ["opened"])
    assert not AnomalyChange.objects.exists()


def test_what_was_resolved_by_hand_is_not_found_again(order) -> None:
    anomaly, by = judged(order), make.user()
    anomalies.resolve(anomaly=anomaly, by=by, reason="Agreed with the buyer by phone", now=NOW)
    assert judged(order, 1).state == "resolved"
    assert kinds(anomaly) == ["opened", "resolved"]
    assert AnomalyEvent.objects.latest("id").data == {"reason": "Agreed with the buyer by phone"}


def test_resolving_needs_a_reason_and_an_open_anomaly(order) -> None:
    anomaly, by = judged(order), make.user()
    with pytest.raises(anomalies.Refused, match="Say why"):
        anomalies.resolve(anomaly=anomaly, by=by, reason=" ", now=NOW)
    anomalies.resolve(anomaly=anomaly, by=by, reason="Over", now=NOW)
    with pytest.raises(anomalies.Refused, match="over already"):
        anomalies.resolve(anomaly=anomaly, by=by, reason="Over", now=NOW)


def test_the_same_within_two_days_is_the_same_anomaly(order) -> None:
    first = judged(order)
    assert judged(order, 1, shipped_at=NOW).state == "cleared"
    again = judged(order, 30, shipped_at=None)
    assert (again.pk, again.state, again.reopened, again.closed_at) == (first.pk, "reopened", 1, None)
    assert kinds(again) == ["opened", "cleared", "reopened"]


def test_history_is_never_edited(order) -> None:
    judged(order)
    with pytest.raises(InternalError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_anomalyevent SET kind = 'cleared'")


def test_a_verdict_can_be_changed_and_both_stay_on_record(order) -> None:
    anomaly, by = judged(order), make.user()
    anomalies.give_verdict(anomaly=anomaly, verdict="false", by=by, note="Pre-sale", now=NOW)
    anomaly = anomalies.give_verdict(anomaly=anomaly, verdict="real", by=by, now=NOW)
    assert (anomaly.verdict, anomaly.verdict_by, anomaly.verdict_at) == ("real", by, NOW)
    told = [event.data for event in anomaly.events.filter(kind="verdict").order_by("id")]
    assert told == [{"verdict": "false", "note": "Pre-sale"}, {"verdict": "real", "before": "false"}]


def test_the_limits_used_and_where_they_came_from_are_kept(order) -> None:
    setting = DetectorSetting.objects.create(shop=order.shop, detector="not_shipped", seconds={"after": 3600})
    assert judged(order).limits["after"] == [3600, setting.pk]
    assert Anomaly.objects.get().limits["urgent"] == [72 * 3600, None]


def test_a_carriers_limit_on_a_lane_goes_before_the_shops() -> None:
    shop = make.shop()
    order = make.order(shop, placed_at=ago(60), paid_at=ago(60), shipped_at=ago(59))
    parcel = make.shipment(order, announced_at=ago(59), origin_country="CN", dest_country="US")
    for place, hours in (({}, 1), ({"lane": "CN-US"}, 40), ({"carrier": parcel.carrier, "lane": "CN-US"}, 50)):
        DetectorSetting.objects.create(shop=shop, detector="no_update", seconds={"after": hours * 3600}, **place)
    record_scans(shipment=parcel, scans=[Scan(ago(45), "in_transit", "moving", "api")], now=ago(45))
    sweep_until_idle(now=NOW)
    assert not Anomaly.objects.filter(code="no_update").exists()
    sweep_until_idle(now=NOW + 6 * HOUR)
    assert Anomaly.objects.get(code="no_update").limits["after"][0] == 50 * 3600


def test_a_report_opens_an_anomaly_that_no_judgement_ends(order) -> None:
    parcel = make.shipment(order, delivered_at=ago(5), status="delivered", sub_status="signed")
    by = make.user()
    made, new = anomalies.report_anomaly(
        order=order, code="signed_not_received", parcel=parcel, by=by, note="Nothing at the door", now=NOW
    )
    sweep_until_idle(now=NOW + HOUR)
    made.refresh_from_db()
    assert (new, made.state, made.grade, made.evidence["delivered_at"]) == (True, "open", 1, ago(5).isoformat())
    assert AnomalyChange.objects.filter(anomaly=made, kind="opened").exists()


def test_reporting_the_same_twice_keeps_both_notes_on_one_anomaly(order) -> None:
    for note in ("Red instead of blue", "Photo follows"):
        made, _ = anomalies.report_anomaly(order=order, code="wrong_item", by=None, note=note, now=NOW)
    assert kinds(made) == ["opened", "reported"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "no_update"}, "code"),
        ({"note": " "}, "note"),
        ({"code": "signed_not_received"}, "parcel"),
    ],
)
def test_a_report_that_makes_no_sense_names_the_field(order, given, field) -> None:
    told = {"code": "wrong_item", "note": "Red", "by": None} | given
    with pytest.raises(anomalies.Refused) as refused:
        anomalies.report_anomaly(order=order, now=NOW, **told)
    assert refused.value.field == field


def test_the_same_buyer_paying_two_orders_within_minutes_is_found_on_the_later_one() -> None:
    shop = make.shop()
    buyer = make.customer(shop)
    first, second = (make.order(shop, customer=buyer, paid_at=ago(1) + m * HOUR / 60, total=80) for m in (0, 5))
    sweep_until_idle(now=NOW)
    found = Anomaly.objects.get(code="duplicate_payment")
    assert (found.order, found.params["other"]) == (second, first.external_no)


def test_an_order_without_a_phone_number_is_found_where_the_shop_keeps_them() -> None:
    shop = make.shop(keeps_buyer_data=True)
    make.order(shop, ship_name="Li Lei", ship_address="1 Road")
    sweep_until_idle(now=NOW)
    assert Anomaly.objects.get(code="buyer_data").params["lacks"] == "name,phone"
