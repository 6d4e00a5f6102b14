"""What a parcel becomes depends on what was said of it, not on when or how often: threads, permutations, retries."""

import itertools
import random
import threading

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from orders.generations import by_use
from orders.models import InboundMessage, ParcelFeed, Shipment, ShipmentItem, TrackingEvent
from orders.services import door, inbound
from orders.services.feeds import COLUMNS
from orders.snapshots import Known, Snapshot, changes, newest, snapshot_of
from orders.timeline import Scan, fingerprint
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tests.orders.pushes import aftership, checkpoint, endpoint, kuaidi100, push, row

STEPS = [
    checkpoint(ago(50), "InTransit", "InTransit_002", "picked up"),
    checkpoint(ago(40), "InTransit", "InTransit_003", "arrived"),
    checkpoint(ago(30), "Exception", "Exception_007", "bad address"),
    checkpoint(ago(20), "OutForDelivery", "OutForDelivery_001", "out"),
    checkpoint(ago(10), "Delivered", "Delivered_003", "signed"),
]
ROW = ("status", "sub_status", "leg", "flags", "attempts", "picked_up_at", "first_scan_at", "last_scan_at",
       "delivered_at", "status_at", "place", "events_count", "eta_at", "eta_day")  # fmt: skip
# Lists that grow, one that takes a scan back, one that was trimmed, and another source.
MESSAGES = [
    *(aftership(*STEPS[:upto], ts=1787200000 + upto, expected_delivery=f"2026-11-2{upto}") for upto in range(1, 6)),
    aftership(*STEPS[:2], *STEPS[3:], ts=1787200010),
    aftership(*STEPS[1:2], *STEPS[3:], ts=1787200020),
]
OTHER = kuaidi100(row("2026-11-20 09:00:00", "1", "揽收"), row("2026-11-21 10:00:00", "0", "运输中"), number="1Z999")


def outcome() -> list:
    """Everything that is known of the parcels, without ids and times of arrival."""
    events = TrackingEvent.objects.order_by("occurred_at", "fingerprint")
    told = [(bytes(name), gone is None) for name, gone in events.values_list("fingerprint", "withdrawn_at")]
    feeds = ParcelFeed.objects.order_by("source", "feed").values_list("source", "feed", *COLUMNS)
    plain = [[bytes(each) if isinstance(each, memoryview) else each for each in row] for row in feeds]
    return [list(Shipment.objects.values_list(*ROW)), told, plain]


def forget() -> None:
    TrackingEvent.objects.all().delete()
    InboundMessage.objects.all().delete()
    Shipment.objects.all().delete()


@pytest.mark.django_db
def test_a_hundred_orders_of_arrival_give_one_identical_row() -> None:
    door.forget_doors()
    shop = make.shop()
    to, cn = endpoint(shop), endpoint(shop, "kuaidi100")
    chance, seen = random.Random(7), set()
    for _ in range(100):
        told = [(to, body) for body in MESSAGES] + [(cn, OTHER)]
        told += chance.sample(told, 3)
        chance.shuffle(told)
        for number, (where, body) in enumerate(told):
            push(where, body)
            if chance.random() < 0.5 or number == len(told) - 1:
                inbound.take_in_until_idle(now=NOW)
        seen.add(repr(outcome()))
        forget()
    assert len(seen) == 1
    assert "delivered" in seen.pop()


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_neither_lose_nor_double_nor_lock_up() -> None:
    door.forget_doors()
    shop = make.shop()
    orders = [make.order(shop, placed_at=ago(60), paid_at=ago(59)) for _ in range(4)]
    to, by = endpoint(shop), make.carrier(code="ups")
    for number in range(12):
        parcel = make.shipment(orders[number % 4], by=by, number=f"N{number}", number_norm=f"N{number}")
        ShipmentItem.objects.get_or_create(shipment=parcel, order=orders[(number + 1) % 4])
    told = [aftership(*STEPS[:upto], number=f"N{n}", ts=1787200000 + upto) for n in range(20) for upto in range(1, 6)]
    random.Random(3).shuffle(told)
    for body in told:
        push(to, body)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while inbound.take_in_until_idle(now=NOW, batch=7):
                pass
        except BaseException as error:  # told below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    inbound.take_in_until_idle(now=NOW)
    assert not errors
    assert set(InboundMessage.objects.values_list("state", "attempts")) == {("done", 0)}
    assert (Shipment.objects.count(), TrackingEvent.objects.count()) == (20, 100)
    assert set(Shipment.objects.values_list("status", "events_count")) == {("delivered", 5)}
    connection.close()


scans = st.builds(
    lambda hours, text: Scan(ago(hours), "in_transit", "moving", "x", text=text),
    st.integers(0, 40), st.sampled_from("abc"),
)  # fmt: skip
lists = st.lists(st.tuples(st.lists(scans, max_size=5), st.integers(0, 9)), max_size=6)


def marks(told, order) -> dict[bytes, bool]:
    """Which scans are withdrawn after lists came in this order, each new list judged with what was stored before."""
    stored: dict[bytes, Known] = {}
    best: Snapshot | None = None
    for number in order:
        listed, clock = told[number]
        fresh = {fingerprint(scan): scan for scan in listed if fingerprint(scan) not in stored}
        stored |= {name: Known(name, scan.occurred_at, False) for name, scan in fresh.items()}
        before = None if best is None else Snapshot(best.as_of, best.size, best.digest, best.oldest_at)
        best = newest((before, snapshot_of(listed, ago(50 - clock))))
        if best:
            found = changes(stored.values(), by=best, fresh=frozenset(fresh))
            stored |= {name: stored[name]._replace(is_withdrawn=gone) for name, gone in found.items()}
    return {name: known.is_withdrawn for name, known in stored.items()}


@given(lists, st.randoms(use_true_random=False))
def test_what_is_withdrawn_does_not_depend_on_which_list_came_first(told, chance) -> None:
    order = [*range(len(told)), *range(len(told))]
    chance.shuffle(order)
    assert marks(told, order) == marks(told, range(len(told)))


@given(lists)
def test_the_newest_list_is_never_withdrawn(told) -> None:
    best = newest(snapshot_of(listed, ago(50 - clock)) for listed, clock in told)
    found = marks(told, range(len(told)))
    assert best is None or not any(found[name] for name in best.names or ())


journeys = st.lists(
    st.builds(
        lambda days, status: Scan(ago(24 * days), *status, "x"),
        st.integers(0, 300),
        st.sampled_from([("picked_up", "accepted"), ("in_transit", "moving"), ("delivered", "signed")]),
    ),
    max_size=12,
)


@given(journeys, st.sampled_from([{1: None}, {1: ago(24 * 200)}, {1: ago(24 * 250), 2: ago(24 * 100)}]))
def test_every_scan_belongs_to_one_use_of_the_number(told, ended) -> None:
    found = by_use(told, ended)
    assert sorted(map(repr, told)) == sorted(repr(scan) for part in found.values() for scan in part)
    bounds = [(min(s.occurred_at for s in part), max(s.occurred_at for s in part)) for _, part in sorted(found.items())]
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(bounds))
