"""What shows that a cause is gone: which scan or fact, when, where. Pure; what it answers is stored as JSON."""

from datetime import datetime

from orders.facts import OrderFacts, ParcelFacts

BY_SCAN = frozenset({"new_scan", "moved_on", "first_scan", "resting", "new_place"})


def proof_of(reason: str, facts: OrderFacts, parcel: ParcelFacts | None) -> dict[str, str] | None:
    """The proof for an anomaly cleared for `reason`: `at`, and of a scan also `heard_at`, `place`, `status`, `number`.

    None where nothing but the reason can be said.
    """
    if parcel is not None and reason in BY_SCAN:
        return _scan(parcel, parcel.last_physical_at or parcel.last_scan_at, parcel.heard_at)
    if parcel is not None and reason == "returned":
        return _scan(parcel, parcel.returned_at, None)
    if reason == "delivered":
        arrived = parcel if parcel and parcel.delivered_at else _last_delivered(facts)
        return _scan(arrived, arrived.delivered_at, None) if arrived else _fact(facts.delivered_at)
    if reason == "shipped":
        handed = next((each for each in facts.parcels if each.first_scan_at or each.picked_up_at), None)
        if handed is not None:
            return _scan(handed, handed.first_scan_at or handed.picked_up_at, None)
        return _fact(facts.shipped_at)
    moments = {"paid": facts.paid_at, "cancelled": facts.cancelled_at, "released": facts.released_at}
    return _fact(moments.get(reason))


def _last_delivered(facts: OrderFacts) -> ParcelFacts | None:
    known = [(parcel.delivered_at, parcel.id, parcel) for parcel in facts.parcels if parcel.delivered_at is not None]
    return max(known, key=lambda each: each[:2])[2] if known else None


def _scan(parcel: ParcelFacts, at: datetime | None, heard_at: datetime | None) -> dict[str, str] | None:
    if at is None:
        return None
    told = {"at": at.isoformat(), "number": parcel.number, "carrier": parcel.carrier, "place": parcel.place}
    told["status"] = f"{parcel.status}.{parcel.sub_status}"
    if heard_at is not None:
        told["heard_at"] = heard_at.isoformat()
    return told


def _fact(at: datetime | None) -> dict[str, str] | None:
    return None if at is None else {"at": at.isoformat()}
