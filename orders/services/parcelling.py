"""Taking in parcels that a shop announces, and scans of many parcels at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from orders.finding import number_norm
from orders.models import Carrier, Order, Shipment, ShipmentItem, Shop, TrackingEvent
from orders.services.judging import lock
from orders.services.ordering import Refused
from orders.services.storing.parcels import RECYCLED_AFTER
from orders.services.tracking import follow, record_scans
from orders.timeline import FUTURE, Scan, fingerprint


@transaction.atomic
def announce_parcel(
    *, shop: Shop, carrier: Carrier, number: str, orders: Sequence[Order], columns: Mapping[str, Any], now: datetime
) -> tuple[Shipment, bool]:
    """Follow a parcel with these orders in it; the parcel, and whether it is new. `now` is the desk's clock.

    A number that is followed already takes in the orders it did not hold; one whose last use ended long ago begins
    another parcel. Raises Refused when another shop follows the number or an order is not this shop's.
    """
    norm = number_norm(number)
    if not norm:
        raise Refused(["number"], "This number has neither letters nor digits. Give the tracking number.")
    if any(order.shop_id != shop.pk for order in orders):
        raise Refused(["orders"], "An order belongs to another shop. Name orders of one shop.")
    present = shop.present(now)
    _check_times(columns, max(now, present))
    parcel, created = _claimed(shop, carrier, norm, {"number": number, **columns}, present)
    inside = set(parcel.items.values_list("order_id", flat=True))
    fresh = [order for order in orders if order.pk not in inside]
    ShipmentItem.objects.bulk_create([ShipmentItem(shipment=parcel, order=order) for order in fresh])
    if created or fresh or _change(parcel, columns):
        follow(order_ids=sorted(inside | {order.pk for order in fresh}), shop_id=shop.pk, now=present)
    return parcel, created


def _check_times(columns: Mapping[str, Any], now: datetime) -> None:
    announced_at = columns.get("announced_at")
    if announced_at is not None and announced_at > now + FUTURE:
        raise Refused(["announced_at"], "announced_at lies in the future. Send it once it has happened.")


def _claimed(
    shop: Shop, carrier: Carrier, norm: str, columns: Mapping[str, Any], present: datetime
) -> tuple[Shipment, bool]:
    uses = Shipment.objects.select_for_update(no_key=True).filter(carrier=carrier, number_norm=norm)
    last = uses.order_by("-generation").first()
    if last is None or _is_over(last, columns.get("announced_at") or present):
        parcel = Shipment(
            shop=shop, carrier=carrier, number_norm=norm, generation=last.generation + 1 if last else 1,
            **{"announced_at": present, **columns},
        )  # fmt: skip
        try:
            with transaction.atomic():
                parcel.save(force_insert=True)
                return parcel, True
        except IntegrityError:  # somebody else announced it at the same moment
            last = uses.order_by("-generation")[0]
    if last.shop_id != shop.pk:
        raise Refused(["number"], "Another shop follows this number. Check the carrier and the number.")
    return last, False


def _is_over(parcel: Shipment, announced_at: datetime) -> bool:
    ended_at = parcel.returned_at or parcel.delivered_at or parcel.last_scan_at
    return "T" in parcel.flags and ended_at is not None and announced_at >= ended_at + RECYCLED_AFTER


def _change(parcel: Shipment, columns: Mapping[str, Any]) -> list[str]:
    changed = [name for name, value in columns.items() if value is not None and getattr(parcel, name) != value]
    if changed:
        for name in changed:
            setattr(parcel, name, columns[name])
        parcel.version += 1
        parcel.save(update_fields=[*changed, "version"])
    return changed


@transaction.atomic
def take_in(*, told: Sequence[tuple[Shipment, Scan]], now: datetime) -> list[bool]:
    """Store scans of any parcels; which of them were new, in the order given. `now` is the desk's clock.

    All parcels are locked first, lowest id first, then their orders, so that two callers wait and never lock up.
    """
    ids = sorted({parcel.pk for parcel, _ in told})
    locked = Shipment.objects.select_related("shop").select_for_update(of=("self",), no_key=True).order_by("pk")
    parcels = {parcel.pk: parcel for parcel in locked.filter(pk__in=ids)}
    lock(
        ShipmentItem.objects.filter(shipment__in=ids).order_by("order_id").values_list("order_id", flat=True).distinct()
    )
    known = _known(told)
    new = []
    for parcel, scan in told:
        mark = (parcel.pk, fingerprint(scan))
        new.append(mark not in known)
        known.add(mark)
    for pk in ids:
        scans = [scan for (parcel, scan), is_new in zip(told, new, strict=True) if is_new and parcel.pk == pk]
        if scans:
            record_scans(shipment=parcels[pk], scans=scans, now=parcels[pk].shop.present(now))
    return new


def _known(told: Sequence[tuple[Shipment, Scan]]) -> set[tuple[int, bytes]]:
    rows = TrackingEvent.objects.filter(
        month__in={parcel.month for parcel, _ in told},
        shipment__in={parcel.pk for parcel, _ in told},
        fingerprint__in=[fingerprint(scan) for _, scan in told],
    )
    return {(parcel_id, bytes(mark)) for parcel_id, mark in rows.values_list("shipment_id", "fingerprint")}
