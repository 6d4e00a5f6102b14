"""Parcels built anew from raw messages are the parcels that were there."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from orders.models import Shipment, TrackingEvent
from orders.services import door, inbound
from orders.services.tracking import record_scans
from orders.timeline import Scan
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tests.orders.pushes import aftership, checkpoint, endpoint, kuaidi100, push, row

pytestmark = pytest.mark.django_db
STEPS = [checkpoint(ago(9 - n), text=f"stop {n}") for n in range(6)]


@pytest.fixture(autouse=True)
def told():
    """Two parcels: one by three lists and by our own API, with a scan taken back, one by Kuaidi100."""
    door.forget_doors()
    shop = make.shop()
    to, cn = endpoint(shop), endpoint(shop, "kuaidi100")
    for number, part in enumerate((STEPS[:3], STEPS, STEPS[:5])):
        push(to, aftership(*part, ts=1787200000 + number, expected_delivery="2026-11-25"))
    push(cn, kuaidi100(row("2026-11-20 10:00:00", "1", "揽收"), row("2026-11-21 10:00:00", "301", "签收")))
    inbound.take_in_until_idle(now=NOW)
    own = Scan(ago(1), "exception", "damaged", "api", text="dented")
    record_scans(shipment=Shipment.objects.get(number="1Z999"), scans=[own], now=NOW)


def reproject(*words: str) -> str:
    out = io.StringIO()
    call_command("reproject", *words, stdout=out)
    return out.getvalue()


def test_nothing_differs() -> None:
    assert "2 parcels from 4 messages; differences: 0" in reproject("--all", "--check")
    assert "differences: 0" in reproject("--number", "1z 999")
    assert Shipment.objects.get(number="1Z999").sub_status == "damaged"


def test_what_was_spoilt_is_shown_and_only_mended_without_check() -> None:
    parcel = Shipment.objects.get(number="YT1")
    Shipment.objects.filter(pk=parcel.pk).update(status="not_found", delivered_at=None)
    TrackingEvent.objects.filter(shipment=parcel, status="delivered").delete()
    with pytest.raises(CommandError, match="differences"):
        reproject("--parcel", str(parcel.pk), "--check")
    parcel.refresh_from_db()
    assert parcel.status == "not_found"
    assert "status: 1" in reproject("--parcel", str(parcel.pk))
    parcel.refresh_from_db()
    assert (parcel.status, parcel.events_count) == ("delivered", 2)
    assert "differences: 0" in reproject("--all")


def test_scans_whose_messages_are_gone_stay(django_assert_max_num_queries) -> None:
    old = Scan(ago(20), "picked_up", "accepted", "aftership", text="old", received_at=NOW - timedelta(days=40))
    record_scans(shipment=Shipment.objects.get(number="1Z999"), scans=[old], now=NOW)
    assert "differences: 0" in reproject("--all")
    assert TrackingEvent.objects.filter(text="old").exists()


def test_a_number_that_nobody_knows_is_said_to_be_so() -> None:
    with pytest.raises(CommandError, match="no such parcel"):
        reproject("--number", "nothing")
