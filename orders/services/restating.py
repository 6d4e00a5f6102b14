"""Open anomalies whose facts have changed without ending them say what is true now."""

from collections.abc import Collection, Sequence
from datetime import datetime

from orders.detectors.base import OrderDetector
from orders.models import Anomaly
from orders.selectors import facts_of
from orders.services.judging import bench


def restate(shop_id: int, order_ids: Sequence[int], codes: Collection[str], *, now: datetime) -> int:
    """Bring sentence and evidence of these orders' open anomalies up to date; how many changed.

    The caller holds the lock on the orders' due rows and has had them judged. Nobody is told: the trouble is the same.
    """
    still_open = list(Anomaly.objects.filter(order__in=order_ids, code__in=codes, closed_at__isnull=True))
    if not still_open:
        return 0
    detectors = {each.code: each for each in bench(shop_id) if isinstance(each, OrderDetector)}
    facts = {order.id: order.as_of(now) for order in facts_of([anomaly.order_id for anomaly in still_open])}
    changed = []
    for anomaly in still_open:
        if anomaly.code not in detectors:
            continue
        finding = detectors[anomaly.code].inspect(facts[anomaly.order_id], now)
        if finding is None:
            continue
        told = (finding.why, dict(finding.params), dict(finding.evidence))
        if told != (anomaly.why, anomaly.params, anomaly.evidence):
            anomaly.why, anomaly.params, anomaly.evidence = told
            changed.append(anomaly)
    Anomaly.objects.bulk_update(changed, ["why", "params", "evidence"])
    return len(changed)
