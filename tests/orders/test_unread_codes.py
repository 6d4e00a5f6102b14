"""Codes that nobody has read: mapped by an administrator, and stored scans read again in the background."""

import pytest

from orders.models import CodeMap, Remap, Shipment, TrackingEvent, UnknownCode
from orders.services import codes, remapping
from orders.services.codes import BadMeaning, map_code
from orders.services.tracking import record_many
from orders.timeline import Scan
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make.user(role="administrator")


@pytest.fixture
def odd() -> list[Shipment]:
    """Five parcels whose last scan has a code that nobody has read."""
    shop = make.shop()
    parcels = [make.shipment(make.order(shop, placed_at=ago(40))) for _ in range(5)]
    scans = [
        Scan(ago(3), "in_transit", "moving", "aftership", raw_code="InTransit_001"),
        Scan(ago(1), "unknown", "unmapped_code", "aftership", raw_code="X9", text="Zugestellt"),
    ]
    record_many(shop_id=shop.pk, told={parcel.pk: scans for parcel in parcels}, now=NOW)
    codes.count_unknown([(parcel.pk, scans[1]) for parcel in parcels], NOW)
    return parcels


def mapped(canonical: str, by, raw_code: str = "X9") -> CodeMap:
    return map_code(source="aftership", raw_code=raw_code, canonical=canonical, by=by, now=NOW)


def test_a_mapped_code_moves_the_parcels_that_hold_it(odd, admin) -> None:
    assert UnknownCode.objects.get().count == 5
    mapped("delivered.signed", admin)
    assert remapping.remap_until_idle(now=NOW) == 5
    assert set(Shipment.objects.values_list("status", "sub_status")) == {("delivered", "signed")}
    remap = Remap.objects.get()
    assert (remap.done, remap.total, remap.ended_at) == (5, 5, NOW)
    assert odd[0].orders.get().status == "delivered" and UnknownCode.objects.get().mapped_at == NOW


def test_reading_again_goes_on_where_it_stopped(odd, admin, monkeypatch) -> None:
    monkeypatch.setattr(remapping, "CHUNK", 2)
    mapped("delivered", admin)
    assert remapping.remap_until_idle(now=NOW, turn_s=0) == 0
    read, calls = remapping._read_again, []

    def dies(*words):
        calls.append(words[0])
        if len(calls) == 2:
            raise RuntimeError
        read(*words)

    monkeypatch.setattr(remapping, "_read_again", dies)
    with pytest.raises(RuntimeError):
        remapping.remap_until_idle(now=NOW)
    assert Remap.objects.get().done == 2
    assert remapping.remap_until_idle(now=NOW) == 3 and Remap.objects.get().ended_at
    assert Shipment.objects.filter(status="delivered").count() == 5


def test_a_second_meaning_takes_the_place_of_the_first(odd, admin, monkeypatch) -> None:
    mapped("delivered", admin)
    remapping.remap_until_idle(now=NOW)
    assert mapped("exception.lost", admin).version == 2
    monkeypatch.setattr(remapping, "RANGE", 1 + odd[-1].pk // 3)
    assert remapping.remap_until_idle(now=NOW) == 5
    assert set(Shipment.objects.values_list("status", "sub_status")) == {("exception", "lost")}
    assert codes.meanings(["aftership"]) == {("aftership", "X9"): ("exception", "lost")}


def test_a_meaning_that_is_none_is_refused(admin) -> None:
    for source, code, canonical, field in (
        ("nobody", "X9", "delivered", "source"), ("aftership", "", "delivered", "raw_code"),
        ("aftership", "X9", "flying", "canonical"),
    ):  # fmt: skip
        with pytest.raises(BadMeaning) as refused:
            map_code(source=source, raw_code=code, canonical=canonical, by=admin, now=NOW)
        assert refused.value.field == field


def test_on_its_way_back_a_parcel_is_never_delivered_to_the_buyer() -> None:
    scan = Scan(ago(1), "unknown", "unmapped_code", "easypost", raw_code="X9", raw_status="gone return")
    told = codes.laid_over(scan, {("easypost", "X9"): codes.Canonical("delivered", "signed")})
    assert told.canonical == ("returned", "received")
    assert TrackingEvent.objects.count() == 0
