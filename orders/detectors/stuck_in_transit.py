"""Stuck in transit: scans still come, and the parcel gets no nearer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from orders.detectors.base import (
    DAY,
    HOUR,
    Finding,
    ParcelDetector,
    counted_from,
    evidence_of,
    gettext_noop,
    is_travelling,
    limits,
    whole_hours,
)
from orders.facts import OrderFacts, ParcelFacts

# Two scans in one building on one day are a parcel being sorted.
STILL_SCANNED = 24 * HOUR


class _Sign(NamedTuple):
    """One way in which a parcel is stuck: from when on, and how that is said."""

    since: datetime
    why: str
    params: dict[str, str | int]


class StuckInTransit(ParcelDetector):
    """To and fro between two places (A, B, A, B), still scanned in one place after `place` hours, or under way for
    longer than `domestic` days, `cross_border` days when it leaves the country. Silence alone is `no_update`.
    """

    code = "stuck_in_transit"
    title = gettext_noop("Stuck in transit")
    department = "logistics"
    grade = 3
    thresholds = limits(place=72 * HOUR, domestic=7 * DAY, cross_border=20 * DAY)
    weaker_than = frozenset(
        {"lost", "damaged", "returning", "refused", "unreachable", "address_error"}
        | {"out_of_area", "unclaimed", "delivery_failed"}
    )

    def _age_limit(self, facts: OrderFacts, parcel: ParcelFacts) -> timedelta:
        return self.limit["cross_border" if parcel.cross_border or facts.cross_border else "domestic"]

    def _signs(self, facts: OrderFacts, parcel: ParcelFacts) -> list[_Sign]:
        """The gravest first."""
        if parcel.status not in {"picked_up", "in_transit"} or parcel.leg == "return":
            return []
        if not is_travelling(facts, parcel):
            return []
        signs = []
        if (circle := parcel.proof("circled")) is not None:
            why = gettext_noop("Parcel {number} goes to and fro: {places}.")
            signs.append(_Sign(circle.at, why, {"places": circle.text}))
        since, last = parcel.place_since, parcel.last_scan_at
        if since is not None and last is not None and last - since >= STILL_SCANNED:
            start = max(since + self.limit["place"], counted_from(last, parcel.heard_at))
            why = gettext_noop("Parcel {number} has been in {place} for {hours} h and is still scanned there.")
            signs.append(_Sign(start, why, {"place": parcel.place}))
        began = parcel.picked_up_at or parcel.first_scan_at
        if began is not None:
            why = gettext_noop("Parcel {number} has been under way for {days} days; the limit is {limit} days.")
            limit = self._age_limit(facts, parcel)
            signs.append(_Sign(counted_from(began + limit, parcel.heard_at), why, {"limit": limit // DAY}))
        return signs

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        return [sign.since for sign in self._signs(facts, parcel)]

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        sign = next((sign for sign in self._signs(facts, parcel) if sign.since <= now), None)
        if sign is None:
            return None
        params: dict[str, str | int] = {"number": parcel.number, **sign.params}
        if parcel.place_since is not None:
            params["hours"] = whole_hours(now - parcel.place_since)
        if (began := parcel.picked_up_at or parcel.first_scan_at) is not None:
            params["days"] = (now - began) // DAY
        return Finding(self.code, self.grade, sign.why, sign.since, params, parcel.id, evidence_of(parcel))

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "new_place" if parcel.status in {"picked_up", "in_transit"} else "moved_on"
