"""A shop's thresholds for a detector: a new version, and a walk that arms the shop's orders by it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orders import detectors
from orders.detectors.base import Detector
from orders.models import Carrier, DetectorSetting, Shop, Walk
from orders.services.seating import newest_settings
from orders.services.walking import begin
from ticketdesk.accounts.models import User

LONGEST = timedelta(days=365)


class Refused(ValueError):
    """The setting makes no sense; `field` names what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def publish(
    *, shop: Shop, code: str, limits: Mapping[str, timedelta], by: User | None, now: datetime, enabled: bool = True,
    shadow: bool = False, carrier: Carrier | None = None, lane: str = "", version: int | None = None,
) -> DetectorSetting:  # fmt: skip
    """Write the next version for this place; the shop's orders are armed anew in the background.

    `version` is the one that the author saw; Refused when another was published since. `enabled` and `shadow` count
    for the whole shop only.
    """
    detector = detectors.catalogue()[code]
    _check(detector, limits, carrier, lane)
    place = {"shop": shop, "detector": code, "carrier": carrier, "lane": lane}
    newest = DetectorSetting.objects.filter(**place).order_by("-version").first()
    if version is not None and version != (newest.version if newest else 0):
        raise Refused("version", _("Somebody has published another version. Look at it, then repeat your change."))
    given = {name: int(limit.total_seconds()) for name, limit in limits.items()}
    try:
        with transaction.atomic():
            made = DetectorSetting.objects.create(
                **place, version=(newest.version if newest else 0) + 1, enabled=enabled, seconds=given, author=by,
                shadow=shadow and carrier is None and not lane, created_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("version", _("Somebody has published another version at this moment. Repeat it.")) from error
    begin(shop=shop, kind=Walk.Kind.REARM, detector=code, by=by)
    return made


def _check(detector: type[Detector], limits: Mapping[str, timedelta], carrier: Carrier | None, lane: str) -> None:
    if (carrier or lane) and detector.about == "order":
        raise Refused("carrier", _("This looks at the order as a whole. Set its limits for the whole shop."))
    if (carrier or lane) and not limits:
        raise Refused("limits", _("Give at least one limit that differs here."))
    if lane and not (len(lane) == 5 and lane[2] == "-" and (lane[:2] + lane[3:]).isalpha() and lane.isupper()):
        raise Refused("lane", _("Write a lane as two countries, such as CN-US."))
    for name, limit in limits.items():
        if name not in detector.thresholds:
            known = ", ".join(detector.thresholds) or "–"
            raise Refused("limits", _("There is no limit “{name}”; there are: {known}.").format(name=name, known=known))
        if not timedelta(0) <= limit <= LONGEST:
            raise Refused(name, _("Give a time between 0 and 365 days."))


def newest_for(shop_id: int, code: str) -> list[DetectorSetting]:
    """What counts now in each place of a shop, the whole shop first; one query."""
    return newest_settings(shop_id, detector=code)
