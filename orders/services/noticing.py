"""Notices to buyers: written in the transaction of what happened, once per order, cause and channel.

What is written names only the cause. Words, address and whether it is still true are found when it is sent, by
orders.services.letters; the outbox does the sending, the retries and the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.signing import BadSignature, Signer
from django.db import connection

from orders.models import Customer, Shop
from orders.quiet import digest_at

AUDIENCE = "buyer"
# Steps of orders that take weeks: of an order with any of them every step is told, together once a day.
LONG = ["materials_ready", "production_started", "production_done", "qc_passed", "booked", "export_cleared"]
# Of all other orders these are told, at once.
TOLD = ["order_confirmed", "payment_confirmed", "handed_over", "delivered"]
# Ours alone, or told of each parcel.
UNTOLD = ["order_received", "risk_cleared", "out_for_delivery", "closed"]
# What was over for longer when it was first heard of is history that somebody imported.
FRESH = timedelta(hours=24)
# A promise that slips by less is none that a buyer would notice.
SLIP = timedelta(hours=12)
# From then on the rest of a day waits for its digest.
SINGLES_A_DAY = 4
# Agents get this long to mend what is wrong before the buyer hears of it.
GRACE = timedelta(minutes=30)
# What is told of anomalies; the words for each are in orders.telling.
TELLING_ANOMALIES = [
    "address_error", "customs_hold", "damaged", "delivery_failed", "lost", "no_first_scan", "no_update", "not_shipped",
    "out_of_area", "returned", "returning", "unclaimed", "unreachable",
]  # fmt: skip
STOP = Signer(salt="orders.notices.stop")

_IS_LONG = "EXISTS (SELECT 1 FROM orders_milestone l WHERE l.order_id = {order} AND l.code = ANY(%(long)s))"
_OPEN_PARCEL = """SELECT 1 FROM orders_shipmentitem i JOIN orders_shipment p ON p.id = i.shipment_id
    WHERE i.order_id = o.id AND p.delivered_at IS NULL AND p.status NOT IN ('returned', 'cancelled')"""

# What has happened to these orders since their shop began to tell, and not longer ago than `fresh`.
_MILESTONES = f"""
SELECT o.id AS order_id, o.customer_id, e.kind, e.cause, e.params, %(now)s::timestamptz AS due_at
FROM orders_order o CROSS JOIN LATERAL (
    SELECT m.code AS kind, m.code::text AS cause, jsonb_build_object('at', m.actual_at) AS params, m.actual_at AS at
    FROM orders_milestone m WHERE m.order_id = o.id AND m.actual_at > %(since)s
        AND (m.code = ANY(%(told)s) OR ({_IS_LONG.format(order="o.id")} AND m.code <> ALL(%(untold)s)))
        AND (m.code <> 'delivered' OR NOT EXISTS ({_OPEN_PARCEL}))
    UNION ALL
    SELECT DISTINCT 'out_for_delivery', 'out_for_delivery:' || p.id,
        jsonb_build_object('at', p.status_at, 'parcel', p.id), p.status_at
    FROM orders_shipmentitem i JOIN orders_shipment p ON p.id = i.shipment_id
    WHERE i.order_id = o.id AND p.status = 'out_for_delivery' AND p.leg = 'outbound' AND p.status_at > %(since)s
    UNION ALL
    SELECT 'delayed', 'delayed:' || to_char(x.expected AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
        jsonb_build_object('before', x.promised, 'expected', x.expected), %(now)s
    FROM (
        SELECT COALESCE(m.planned_at, m.promised_at) AS promised, GREATEST(m.promised_at, COALESCE(
            (SELECT MAX(p.eta_at) FROM orders_shipmentitem i JOIN orders_shipment p ON p.id = i.shipment_id
             WHERE i.order_id = o.id AND p.delivered_at IS NULL AND p.leg = 'outbound'), m.forecast_at)) AS expected
        FROM orders_milestone m WHERE m.order_id = o.id AND m.code = 'delivered' AND m.actual_at IS NULL
    ) x
    WHERE x.expected > x.promised + %(slip)s AND x.expected > %(now)s
        AND o.created_at > %(on)s AND o.placed_at > o.created_at - %(fresh)s
) e
WHERE o.id = ANY(%(ids)s) AND o.shop_id = %(shop)s AND o.cancelled_at IS NULL AND e.at > %(since)s
"""
_ANOMALIES = """
SELECT o.id AS order_id, o.customer_id, 'anomaly' AS kind, 'anomaly:' || a.id AS cause,
    jsonb_build_object('anomaly', a.id, 'code', a.code) AS params, %(now)s::timestamptz + %(grace)s AS due_at
FROM orders_anomaly a JOIN orders_order o ON o.id = a.order_id
WHERE a.id = ANY(%(ids)s) AND a.code = ANY(%(codes)s) AND o.shop_id = %(shop)s AND o.cancelled_at IS NULL
    AND a.opened_at > %(on)s AND o.placed_at > o.created_at - %(fresh)s
"""
# One row per cause and channel; those of long orders and busy days are collected for the row of the day's digest.
_WRITE = """
WITH heard AS MATERIALIZED ({heard}), today AS MATERIALIZED (
    SELECT d.about_id, d.channel, COUNT(*) AS singles FROM outbox_delivery d
    WHERE d.audience = 'buyer' AND d.about_id IN (SELECT order_id FROM heard) AND d.state <> 'collected'
        AND d.created_at > %(now)s::timestamptz - interval '24 hours'
    GROUP BY d.about_id, d.channel
), told AS MATERIALIZED (
    SELECT h.*, w.channel, 'buyer:' || h.order_id || ':' || h.cause || ':' || w.channel AS dedupe_key,
        {is_long}
        OR t.singles >= %(singles)s AS long
    FROM heard h LEFT JOIN orders_customer c ON c.id = h.customer_id
    JOIN (VALUES ('email'), ('webhook')) AS w (channel)
        ON CASE w.channel WHEN 'email' THEN c.email_key IS NOT NULL ELSE %(hook)s END
    LEFT JOIN today t ON t.about_id = h.order_id AND t.channel = w.channel
    WHERE c.no_notices_at IS NULL
), written AS (
    INSERT INTO outbox_delivery (dedupe_key, audience, about_id, channel, kind, text, params, path, state, attempts,
                                 next_try_at, error, created_at)
    SELECT dedupe_key, 'buyer', order_id, channel, kind, '', params, '',
        CASE WHEN long THEN 'collected' ELSE 'waiting' END, 0, CASE WHEN long THEN NULL ELSE due_at END, '', %(now)s
    FROM told ORDER BY dedupe_key
    ON CONFLICT (dedupe_key) DO NOTHING RETURNING about_id, channel, state
), digests AS (
    INSERT INTO outbox_delivery (dedupe_key, audience, about_id, channel, kind, text, params, path, state, attempts,
                                 next_try_at, error, created_at)
    SELECT DISTINCT 'buyer:' || about_id || ':digest:' || %(day)s || ':' || channel, 'buyer', about_id, channel,
        'digest', '', '{{}}'::jsonb, '', 'waiting', 0, %(digest)s::timestamptz, '', %(now)s::timestamptz
    FROM written WHERE state = 'collected'
    ON CONFLICT (dedupe_key) DO NOTHING
)
SELECT COUNT(*) FROM written
"""


@dataclass(frozen=True, slots=True)
class _Voice:
    """A shop that tells its buyers, and since when."""

    since: datetime
    zone: ZoneInfo
    hook: bool


def notice_milestones(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> int:
    """Write notices of what has newly happened to these orders; how many. Belongs in its transaction.

    Call it after the milestones are in line. One statement for a shop that tells nobody, two for any other, however
    many orders there are.
    """
    voice = _voice(shop_id)
    if voice is None or not order_ids:
        return 0
    since = max(voice.since, now - FRESH)
    facts = {"ids": list(order_ids), "since": since, "told": TOLD, "untold": UNTOLD, "slip": SLIP}
    return _write(_MILESTONES, voice, shop_id, facts, now)


def notice_anomalies(shop_id: int, anomaly_ids: Sequence[int], *, now: datetime) -> int:
    """The same of anomalies just opened; they go out after `GRACE`, unless they have cleared by then."""
    if not anomaly_ids:
        return 0
    voice = _voice(shop_id)
    if voice is None:
        return 0
    facts = {"ids": list(anomaly_ids), "codes": TELLING_ANOMALIES, "grace": GRACE}
    return _write(_ANOMALIES, voice, shop_id, facts, now)


def _voice(shop_id: int) -> _Voice | None:
    """None for a shop that was never switched on, or whose present is a replayed one."""
    columns = ("notices_since", "time_zone", "notice_hook_url")
    row = Shop.objects.filter(pk=shop_id, notices_since__isnull=False, present_at__isnull=True).values_list(*columns)
    for since, zone, hook in row:
        assert since is not None
        return _Voice(since, zone_named(zone), bool(hook))
    return None


def _write(heard: str, voice: _Voice, shop_id: int, facts: dict[str, Any], now: datetime) -> int:
    digest = digest_at(now, voice.zone)
    shared: dict[str, Any] = {
        "shop": shop_id,
        "now": now,
        "on": voice.since,
        "fresh": FRESH,
        "hook": voice.hook,
        "long": LONG,
        "singles": SINGLES_A_DAY,
        "digest": digest,
        "day": digest.astimezone(voice.zone).date().isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(heard=heard, is_long=_IS_LONG.format(order="h.order_id")), {**shared, **facts})
        [(count,)] = cursor.fetchall()
    return int(count)


def zone_named(name: str) -> ZoneInfo:
    """A shop's zone; UTC for one whose name was mistyped, so that an order never fails for it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def stop_token(customer_id: int) -> str:
    """What the way out of notices ends in: it cannot be made up, and works as long as SECRET_KEY."""
    return STOP.sign(str(customer_id))


def customer_of(token: str) -> Customer | None:
    """The buyer whose way out this is; None for one that we never gave out."""
    try:
        pk = int(STOP.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Customer.objects.select_related("shop").defer("name", "phone", "email").filter(pk=pk).first()


def stop_notices(customer: Customer, *, now: datetime) -> None:
    """No more notices to this buyer of this shop, those that wait included."""
    Customer.objects.filter(pk=customer.pk, no_notices_at__isnull=True).update(no_notices_at=now)


def resume_notices(customer: Customer) -> None:
    """The buyer wants notices again."""
    Customer.objects.filter(pk=customer.pk).update(no_notices_at=None)
