"""The detectors of a shop: which are on, in the open or in shadow, with which limits for which carrier and lane."""

from collections import defaultdict
from datetime import timedelta

import structlog

from orders import detectors
from orders.detectors.base import Detector, Limits, Place
from orders.models import DetectorSetting

log = structlog.get_logger("orders.judging")

EVERYWHERE: Place = (None, "")


def bench(shop_id: int) -> list[Detector]:
    """The detectors switched on for a shop, with its newest thresholds; one query."""
    by_code: dict[str, dict[Place, DetectorSetting]] = defaultdict(dict)
    for setting in newest_settings(shop_id):
        by_code[setting.detector][setting.carrier_id, setting.lane] = setting
    return [
        _seated(detector, by_code.get(code, {}))
        for code, detector in detectors.catalogue().items()
        if EVERYWHERE not in by_code.get(code, {}) or by_code[code][EVERYWHERE].enabled
    ]


def newest_settings(shop_id: int, **narrowed: str) -> list[DetectorSetting]:
    """The setting that counts for each detector and place of a shop; one query."""
    settings = DetectorSetting.objects.filter(shop_id=shop_id, **narrowed)
    places = ("detector", "carrier_id", "lane")
    return list(settings.order_by(*places, "-version").distinct(*places))


def _seated(detector: type[Detector], settings: dict[Place, DetectorSetting]) -> Detector:
    shop_wide = settings.get(EVERYWHERE)
    seat = detector(_limits(detector, shop_wide) if shop_wide else {})
    if shop_wide is not None:
        seat.shadow = shop_wide.shadow
        seat.origin = dict.fromkeys(shop_wide.limits if seat.limit != seat.thresholds else (), shop_wide.pk)
    seat.special = {
        place: Limits(_limits(detector, setting), setting.pk)
        for place, setting in settings.items()
        if place != EVERYWHERE and setting.enabled
    }
    return seat


def _limits(detector: type[Detector], setting: DetectorSetting) -> dict[str, timedelta]:
    try:
        detector(setting.limits)
    except (TypeError, ValueError) as error:  # such as a limit that an older release knew
        log.error("limits not understood, defaults taken", setting=setting.pk, error=type(error).__name__)
        return {}
    return setting.limits
