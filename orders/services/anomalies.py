"""What people and programs do to anomalies: report one, take notice of it, resolve it, say whether it was real."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from orders import detectors
from orders.detectors.base import gettext_noop
from orders.models import Anomaly, AnomalyChange, Order, Shipment
from orders.services.chronicle import chronicle
from orders.services.judging import lock
from orders.services.noticing import notice_anomalies
from orders.services.seating import bench
from ticketdesk.accounts.models import User

# The sentence of a report, with the reporter's note behind it.
TOLD_OF_ORDER = gettext_noop("Reported for this order: {note}")
TOLD_OF_PARCEL = gettext_noop("Reported for parcel {number}: {note}")
NOTE_MOST = 200


class Refused(ValueError):
    """The input makes no sense here; `field` names what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def reportable() -> list[str]:
    """The codes that people and programs report."""
    return [code for code, detector in detectors.catalogue().items() if detector.reportable]


@transaction.atomic
def report_anomaly(
    *, order: Order, code: str, parcel: Shipment | None = None, by: User | None, note: str, now: datetime
) -> tuple[Anomaly, bool]:
    """Open an anomaly that somebody reports of an order or one parcel of it; (it, whether it is new).

    `now` is the desk's clock. The same reported again adds its note to the record of the open one. Refused for what
    cannot be reported, or not any more.
    """
    if code not in reportable():
        raise Refused(
            "code", _("This cannot be reported. Choose one of: {codes}.").format(codes=", ".join(reportable()))
        )
    if not note.strip():
        raise Refused("note", _("Say what the buyer told you."))
    if parcel is not None and not parcel.items.filter(order=order).exists():
        raise Refused("parcel", _("This parcel does not belong to the order. Choose one of the order's parcels."))
    present = order.shop.present(now)
    lock([order.pk])
    seat = next((each for each in bench(order.shop_id) if each.code == code), detectors.catalogue()[code]())
    evidence: dict[str, Any] = {"reported_at": present.isoformat(), "note": note.strip()[:NOTE_MOST]}
    if code == "signed_not_received":
        parcel = parcel or order.shipments.exclude(delivered_at=None).order_by("-delivered_at").first()
        evidence |= _delivery(parcel, seat.limit["within"], present)
    why, params, leg = TOLD_OF_ORDER, {"note": evidence["note"]}, "outbound"
    if parcel is not None:
        why, params, leg = TOLD_OF_PARCEL, params | {"number": parcel.number}, parcel.leg
    known = Anomaly.objects.filter(order=order, shipment=parcel, code=code, closed_at=None).first()
    if known is not None:
        chronicle([known.pk], "reported", now=present, data=[{"note": evidence["note"]}], actor=by.pk if by else None)
        return known, False
    try:
        with transaction.atomic():
            made = Anomaly.objects.create(
                shop_id=order.shop_id, order=order, shipment=parcel, code=code, leg=leg,
                grade=seat.grade, department=seat.department, since=present, opened_at=present, why=why, params=params,
                evidence=evidence, limits=seat.told_limits(),
            )  # fmt: skip
    except IntegrityError:
        return Anomaly.objects.get(order=order, shipment=parcel, code=code, closed_at=None), False
    kind = AnomalyChange.Kind.OPENED
    data = [{"reported": True}]
    chronicle([made.pk], "opened", now=present, change=kind, data=data, actor=by.pk if by else None)
    notice_anomalies(order.shop_id, [made.pk], now=present)
    return made, True


def _delivery(parcel: Shipment | None, within: Any, present: datetime) -> Mapping[str, Any]:
    if parcel is None or parcel.delivered_at is None or parcel.delivered_at > present:
        raise Refused(
            "parcel", _("No carrier has reported this as delivered. If it is late, its own anomaly tells of it.")
        )
    if present - parcel.delivered_at > within:
        days = within.days
        raise Refused(
            "parcel", _("It was delivered more than {days} days ago. Open a complaint instead.").format(days=days)
        )
    return {
        "delivered_at": parcel.delivered_at.isoformat(),
        "status": f"{parcel.status}.{parcel.sub_status}",
        "place": parcel.place,
    }


def acknowledge(*, order_id: int, code: str, by: User, now: datetime) -> int:
    """Somebody has accepted the ticket about it: the order's open anomalies of this code are his now. `now` is the
    shop's present; called in the ticket's transaction."""
    waiting = Q(state=Anomaly.State.OPEN) | Q(state=Anomaly.State.REOPENED)
    found = Anomaly.objects.select_for_update().filter(waiting, order=order_id, code=code).order_by("pk")
    ids = list(found.values_list("pk", flat=True))
    Anomaly.objects.filter(pk__in=ids).update(state=Anomaly.State.ACKNOWLEDGED)
    chronicle(ids, "acknowledged", now=now, actor=by.pk)
    return len(ids)


@transaction.atomic
def resolve(*, anomaly: Anomaly, by: User, reason: str, now: datetime) -> Anomaly:
    """Close by hand, with a reason: the same trouble is not found again, a later one is. `now` is the desk's clock."""
    if not reason.strip():
        raise Refused("reason", _("Say why this is over."))
    lock([anomaly.order_id])
    locked = Anomaly.objects.select_for_update(of=("self",)).select_related("shop").get(pk=anomaly.pk)
    if locked.is_over:
        raise Refused("reason", _("It is over already."))
    present = locked.shop.present(now)
    quiet = {locked.pk} if locked.state == Anomaly.State.SUSPECTED else set()
    locked.state, locked.closed_at, locked.close_reason = Anomaly.State.RESOLVED, present, "by_hand"
    locked.save(update_fields=["state", "closed_at", "close_reason"])
    data = [{"reason": reason.strip()[:300]}]
    kind = AnomalyChange.Kind.CLEARED
    chronicle([locked.pk], "resolved", now=present, change=kind, quiet=quiet, data=data, actor=by.pk)
    return locked


@transaction.atomic
def give_verdict(*, anomaly: Anomaly, verdict: str, by: User, note: str = "", now: datetime) -> Anomaly:
    """Say whether it was real or a false alarm; may be changed, and every word stays on record. `now`: the desk's."""
    if verdict not in Anomaly.Verdict.values:
        raise Refused("verdict", _("A verdict is “real” or “false”."))
    locked = Anomaly.objects.select_for_update(of=("self",)).select_related("shop").get(pk=anomaly.pk)
    present = locked.shop.present(now)
    data: dict[str, Any] = {"verdict": verdict}
    if locked.verdict and locked.verdict != verdict:
        data["before"] = locked.verdict
    if note.strip():
        data["note"] = note.strip()[:NOTE_MOST]
    locked.verdict, locked.verdict_by, locked.verdict_at = verdict, by, present
    locked.save(update_fields=["verdict", "verdict_by", "verdict_at"])
    chronicle([locked.pk], "verdict", now=present, data=[data], actor=by.pk)
    return locked
