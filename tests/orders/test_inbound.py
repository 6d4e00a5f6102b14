"""From raw messages to parcels: whatever comes, in any order and any number of times."""

from datetime import timedelta

import pytest

from orders.models import (
    Carrier,
    CodeMap,
    Endpoint,
    FeedHour,
    InboundMessage,
    ParcelFeed,
    Shipment,
    TrackingEvent,
    UnknownCode,
)
from orders.services import door, inbound
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tests.orders.pushes import aftership, checkpoint, endpoint, kuaidi100, push, row

pytestmark = pytest.mark.django_db
FOUR = [
    checkpoint(ago(30), "InTransit", "InTransit_002", "picked up"),
    checkpoint(ago(20), "InTransit", "InTransit_003", "arrived"),
    checkpoint(ago(10), "OutForDelivery", "OutForDelivery_001", "out"),
    checkpoint(ago(1), "Delivered", "Delivered_003", "signed"),
]


@pytest.fixture(autouse=True)
def _nobody_is_known():
    door.forget_doors()


@pytest.fixture
def to() -> Endpoint:
    return endpoint(make.shop())


def sweep() -> int:
    return inbound.take_in_until_idle(now=NOW)


def test_a_number_that_nobody_knows_becomes_a_parcel_of_the_doors_shop(to) -> None:
    push(to, aftership(*FOUR))
    assert sweep() == 1
    parcel = Shipment.objects.get()
    assert (parcel.shop, parcel.carrier.code, parcel.number) == (to.shop, "ups", "1Z999")
    assert (parcel.status, parcel.sub_status, parcel.events_count) == ("delivered", "signed", 4)
    message = InboundMessage.objects.get()
    assert (message.state, message.parcels, message.events) == ("done", [parcel.pk], 4)


def test_fourteen_retries_are_one_set_of_scans(to) -> None:
    for number in range(14):
        push(to, aftership(*FOUR, ts=1787200000 + number))
    assert sweep() == 14
    assert (TrackingEvent.objects.count(), Shipment.objects.get().events_count) == (4, 4)


def test_a_message_that_cannot_be_used_is_dead_with_its_reason_and_stops_nobody(to) -> None:
    for body in (b"null", b'{"msg": ', b'{"msg": {}}', aftership(*FOUR)):
        assert push(to, body).status_code == 200
    sweep()
    dead = InboundMessage.objects.filter(state="dead").order_by("id").values_list("error", flat=True)
    assert list(dead) == ["not_an_object", "not_json", "number_missing"]
    assert (Shipment.objects.count(), FeedHour.objects.get().dead) == (1, 3)


def test_an_error_that_nobody_expected_is_tried_again_and_then_dead(to, monkeypatch) -> None:
    push(to, aftership(number="BAD"))
    push(to, aftership(*FOUR))
    from orders.carriers import catalogue

    parse = catalogue()["aftership"].parse

    def raises(message, setting):
        if b"BAD" in message.body:
            raise RuntimeError("13800138000")
        return parse(message, setting)

    broken = {**catalogue(), "aftership": type(catalogue()["aftership"])("aftership", "", {}, raises)}
    monkeypatch.setattr(inbound, "catalogue", lambda: broken)
    sweep()
    bad = InboundMessage.objects.get(state="waiting")
    assert (bad.attempts, bad.not_before, Shipment.objects.count()) == (1, NOW + inbound.RETRIES[0], 1)
    assert sweep() == 0
    for _ in inbound.RETRIES:
        InboundMessage.objects.update(not_before=None)
        sweep()
    bad.refresh_from_db()
    assert (bad.state, bad.error, bad.attempts) == ("dead", "error", 5)
    assert "13800138000" not in bad.detail


def test_a_batch_that_the_database_refuses_is_taken_one_by_one(to, monkeypatch) -> None:
    for number in range(4):
        push(to, aftership(*FOUR, number=f"N{number}"))
    record = inbound.record_words

    def picky(*, words, **rest):
        if any(word.told.number == "N2" for word in words):
            raise ValueError("no")
        return record(words=words, **rest)

    monkeypatch.setattr(inbound, "record_words", picky)
    sweep()
    assert Shipment.objects.count() == 3 and InboundMessage.objects.get(state="waiting").attempts == 1


def test_a_parcel_that_the_shop_announced_is_found_by_any_name_of_its_carrier() -> None:
    shop = make.shop()
    sf = make.carrier(code="sf-express", name="SF Express")
    parcel = make.shipment(make.order(shop, placed_at=ago(40)), by=sf, number="SF 1", number_norm="SF1")
    push(
        endpoint(shop, "kuaidi100"), kuaidi100(row("2026-11-20 10:00:00", "301", "签收"), number="SF1", com="shunfeng")
    )
    sweep()
    parcel.refresh_from_db()
    assert (Shipment.objects.count(), Carrier.objects.count(), parcel.status) == (1, 1, "delivered")
    assert parcel.orders.get().status == "delivered"


def test_a_number_under_another_carrier_of_the_same_shop_is_that_parcel(to) -> None:
    parcel = make.shipment(make.order(to.shop), number="1Z999", number_norm="1Z999")
    push(to, aftership(*FOUR))
    sweep()
    assert list(Shipment.objects.values_list("pk", "status")) == [(parcel.pk, "delivered")]


def test_a_number_that_another_shop_follows_is_dead(to) -> None:
    make.shipment(make.order(make.shop()), by=make.carrier(code="ups"), number="1Z999", number_norm="1Z999")
    push(to, aftership(*FOUR))
    sweep()
    assert InboundMessage.objects.get().error == "other_shop" and not TrackingEvent.objects.exists()


def test_a_pick_up_sixty_days_after_the_end_is_another_parcel(to) -> None:
    push(
        to, aftership(*[{**each, "checkpoint_time": ago(24 * 70 + n).isoformat()} for n, each in enumerate(FOUR[::-1])])
    )
    sweep()
    push(to, aftership(*FOUR))
    push(to, aftership(checkpoint(ago(24 * 69), text="late news"), ts=1787200001))
    sweep()
    counts = Shipment.objects.order_by("generation").values_list("generation", "status", "events_count")
    assert list(counts) == [(1, "delivered", 5), (2, "delivered", 4)]


def test_an_administrators_meaning_counts_over_ours(to) -> None:
    CodeMap.objects.create(source="aftership", raw_code="Exception_099", status="exception", sub_status="lost")
    push(to, aftership(checkpoint(ago(3)), checkpoint(ago(2), "Exception", "Exception_099")))
    sweep()
    assert Shipment.objects.get().sub_status == "lost" and not UnknownCode.objects.exists()


def test_an_unread_code_is_counted_once_and_leaves_the_status(to) -> None:
    scans = checkpoint(ago(3), "InTransit", "InTransit_003"), checkpoint(ago(2), "Exception", "Exception_099", "odd")
    for number in range(3):
        push(to, aftership(*scans, ts=1787200000 + number))
        sweep()
    code = UnknownCode.objects.get()
    assert (code.raw_code, code.count, code.sample_text) == ("Exception_099", 1, "odd")
    parcel = Shipment.objects.get()
    assert (parcel.sub_status, parcel.events_count) == ("arrived_facility", 2)


def test_a_scan_that_the_newest_list_leaves_out_is_withdrawn_and_may_come_back(to) -> None:
    push(to, aftership(*FOUR, ts=1787200000))
    push(to, aftership(*FOUR[:3], ts=1787200100))
    sweep()
    parcel = Shipment.objects.get()
    assert (parcel.status, parcel.events_count) == ("out_for_delivery", 3)
    push(to, aftership(*FOUR, ts=1787200050))
    sweep()
    parcel.refresh_from_db()
    assert parcel.status == "out_for_delivery"
    push(to, aftership(*FOUR, ts=1787200200))
    sweep()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.events_count) == ("delivered", 4)


def test_a_source_that_stops_changes_no_status() -> None:
    stopped = b'{"event":"TRACKING_STOPPED","data":{"number":"1Z999","carrier":100002,"param":null,"tag":""}}'
    shop = make.shop()
    push(endpoint(shop), aftership(*FOUR[:2]))
    push(endpoint(shop, "17track"), stopped)
    sweep()
    assert Shipment.objects.get().status == "in_transit"
    feed = ParcelFeed.objects.get(source="17track")
    assert feed.stopped_at and feed.note == "TRACKING_STOPPED"


def test_the_newest_word_on_delivery_is_the_parcels(to) -> None:
    for ts, day in ((1787200100, "2026-11-25"), (1787200000, "2026-11-24")):
        push(to, aftership(*FOUR[:1], ts=ts, expected_delivery=day))
        sweep()
    assert str(Shipment.objects.get().eta_day) == "2026-11-25"


def test_a_corrected_carrier_is_taken_unless_the_number_is_taken() -> None:
    to = endpoint(make.shop(), "kuaidi100")
    push(to, kuaidi100(row("2026-11-20 10:00:00", "1", "揽收"), com="yuantong"))
    sweep()
    push(to, kuaidi100(row("2026-11-20 10:00:00", "1", "揽收"), com="yunda", comOld="yuantong", comNew="yunda"))
    sweep()
    assert Shipment.objects.get().carrier.code == "yunda"


def test_hours_of_a_feed_say_how_late_news_come(to) -> None:
    push(to, aftership(*FOUR))
    sweep()
    hour = FeedHour.objects.get()
    assert (hour.messages, hour.events, sum(hour.delays), len(hour.delays)) == (1, 4, 4, 11)
    to.refresh_from_db()
    assert to.last_message_at and to.silent_since is None


def test_thirty_messages_cost_as_many_statements_as_three(to, django_assert_max_num_queries) -> None:
    def told(first: int, count: int) -> None:
        for number in range(first, first + count):
            push(to, aftership(*FOUR, number=f"N{number}"))

    told(0, 3)
    with django_assert_max_num_queries(60) as few:
        sweep()
    cost = len(few)  # the next request forgets what was asked before
    told(3, 30)
    with django_assert_max_num_queries(cost):
        sweep()


def test_a_generic_sender_has_codes_of_his_own() -> None:
    fields = {"number": "no", "events": "ev[]", "time": "ev[].t", "code": "ev[].c", "signature": "none"}
    to = endpoint(make.shop(), "generic", secret="", fields=fields)
    push(to, b'{"no": "G1", "ev": [{"t": "2026-11-20T10:00:00Z", "c": "99"}]}')
    sweep()
    assert TrackingEvent.objects.get().source == f"generic:{to.pk}" == UnknownCode.objects.get().source


def test_old_scans_are_in_the_right_hour() -> None:
    from orders.services.feedhours import Hour

    hour = Hour()
    hour.hear(NOW - timedelta(seconds=60), NOW)
    hour.hear(NOW - timedelta(days=30), NOW)
    assert (hour.delays[0], hour.delays[-1]) == (1, 1)
