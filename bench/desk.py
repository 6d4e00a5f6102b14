"""A desk after a year: as many tickets as orders, most of them closed, each with its record and its clocks.

Made by the database itself, relative to a given present; but for that moment the same on every run.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bench.history import CARRIERS, CUSTOMERS, MEMBERS, ORDERS_PER_CUSTOMER, PARCEL_ITEMS, SHOPS, VIPS, people
from orders.detectors import catalogue
from sla.versions import current
from ticketdesk.accounts.models import Department

# Orders come evenly through the year, `i` is the number; ticket `i` is about order `i`. Among the newest, four of five
# tickets are open.
BASE = "%(present)s - (%(count)s - i) * (interval '365 days' / %(count)s)"
OPEN = "(i > %(count)s - %(open)s * 5 / 4 AND i %% 5 <> 0)"
ORDERS = f"""
    INSERT INTO orders_order (id, shop_id, channel, external_no, order_type, customer_id, status, source_status,
        placed_at, paid_at, shipped_at, promised_delivery_at, delivered_at, currency, total, cross_border, dest_country,
        dest_region, dest_city, dest_postcode, ship_name, ship_phone, ship_address, version,
        name_key, phone_key)
    SELECT i, 1 + i / {{per_customer}} %% {{shops}}, 'web', 'SO' || lpad(i::text, 9, '0'), 'stock',
        1 + i / {{per_customer}}, CASE WHEN i %% 10 < 4 THEN 'paid' ELSE 'shipped' END, '',
        base - interval '3 days', base - interval '70 h', CASE WHEN i %% 10 >= 4 THEN base - interval '2 days' END,
        base + interval '4 days', CASE WHEN base < %(present)s - interval '9 days' THEN base + interval '5 days' END,
        'CNY', 20 + i * 7919 %% 6000, false, 'CN', 'Guangdong', 'Shenzhen', '518000', %(ship_name)s, %(ship_phone)s,
        %(ship_address)s, 1, decode(md5('n' || i / 4), 'hex'), decode(md5('p' || i / 4), 'hex')
    FROM generate_series(1, %(count)s::bigint) i, LATERAL (SELECT {BASE} AS base) b
"""
PARCELS = """
    INSERT INTO orders_shipment (id, shop_id, carrier_id, number, number_norm, generation, leg, status, sub_status,
        flags, status_at, announced_at, first_scan_at, last_scan_at, last_physical_at, delivered_at, attempts, place,
        origin_country, dest_country, events_count, version)
    SELECT o.id, o.shop_id, 1 + o.id %% {carriers}, 'TN' || o.id, 'TN' || o.id, 1, 'outbound',
        CASE WHEN delivered_at IS NULL THEN 'in_transit' ELSE 'delivered' END,
        CASE WHEN delivered_at IS NULL THEN 'moving' ELSE 'delivered' END, '', COALESCE(delivered_at, o.shipped_at),
        o.shipped_at, o.shipped_at, o.shipped_at, o.shipped_at, delivered_at, 0, 'Shenzhen', 'CN', 'CN', 2, 1
    FROM orders_order o WHERE o.shipped_at IS NOT NULL
"""
ANOMALIES = f"""
    INSERT INTO orders_anomaly (id, shop_id, order_id, shipment_id, code, leg, grade, department, state, since,
        opened_at, closed_at, close_reason, why, params, evidence)
    SELECT i, o.shop_id, i, CASE WHEN o.shipped_at IS NOT NULL THEN i END,
        (%(codes)s::text[])[1 + i %% array_length(%(codes)s::text[], 1)], 'outbound', 2 + i %% 3, 'logistics',
        CASE WHEN {OPEN} THEN 'open' ELSE 'cleared' END, base - interval '1 h', base,
        CASE WHEN NOT {OPEN} THEN base + interval '1 day' END, CASE WHEN {OPEN} THEN '' ELSE 'delivered' END,
        'No scan for {{{{hours}}}} h; the limit is {{{{limit}}}} h.', '{{{{"hours": 80, "limit": 72}}}}', '{{{{}}}}'
    FROM generate_series(1, %(count)s::bigint) i JOIN orders_order o ON o.id = i, LATERAL (SELECT {BASE} AS base) b
"""
# Of a hundred tickets two are P1, 18 P2, 50 P3 and 30 P4. One in ten of those at work is late.
TICKETS = f"""
    INSERT INTO tickets_ticket (id, shop_id, order_id, customer_id, anomaly_id, anomaly_code, kind, channel, scope,
        subject, language, grade, grade_factors, expected_loss, muted, tier, status, carrier_id,
        team_id, assignee_id, holder, waiting_for, waiting_reason, call_back_at, respond_by, resolve_by,
        due_by, paused, cause, resolution, opened_at, touched_at,
        solved_at, closed_at, reopened, version, updated_at)
    SELECT i, a.shop_id, i, 1 + i / {{per_customer}}, i, a.code, 'logistics', 'detector', 'single', '', 'zh-hans',
        CASE WHEN i %% 100 < 2 THEN 1 WHEN i %% 100 < 20 THEN 2 WHEN i %% 100 < 70 THEN 3 ELSE 4 END,
        '[{{{{"code": "severity", "steps": 0, "params": {{{{"grade": 3}}}}}}}}]', 5 + i * 7919 %% 600000 / 100.0,
        false, 1, status,
        CASE WHEN a.shipment_id IS NOT NULL THEN 1 + i %% {{carriers}} END, team,
        CASE WHEN status <> 'new' OR i %% 2 = 1
             THEN {{first_person}} + (team - 1) * {{members}} + i / 7 %% {{members}} END,
        (%(departments)s::text[])[team], CASE WHEN status = 'waiting' THEN 'carrier' ELSE '' END,
        CASE WHEN status = 'waiting' THEN 'asked the carrier' ELSE '' END,
        CASE WHEN status = 'waiting' THEN %(present)s + interval '1 day' END, due, due,
        CASE WHEN {OPEN} AND status <> 'waiting' THEN due END, status = 'waiting', '', '', base,
        CASE WHEN status <> 'new' THEN base + interval '20 min' END,
        CASE WHEN status IN ('solved', 'closed') THEN LEAST(base + interval '1 day', %(present)s) END,
        CASE WHEN status = 'closed' THEN LEAST(base + interval '3 days', %(present)s) END, 0, 1, base
    FROM orders_anomaly a, LATERAL (SELECT a.id AS i) n, LATERAL (SELECT {BASE} AS base, 1 + i / 5 %% {{teams}} AS team,
        CASE WHEN NOT {OPEN} THEN CASE WHEN i %% 10 = 0 AND i > %(count)s * 0.98 THEN 'solved' ELSE 'closed' END
             WHEN i * 31 %% 100 < 30 THEN 'new' WHEN i * 31 %% 100 < 40 THEN 'accepted'
             WHEN i * 31 %% 100 < 80 THEN 'in_progress' ELSE 'waiting' END AS status,
        %(present)s + (i * 7919 %% 360000 - 36000) * interval '1 s' AS due) b
"""
EVENTS = """
    INSERT INTO tickets_ticketevent (ticket_id, kind, at, data)
    SELECT id, 'opened', opened_at, '{{}}' FROM tickets_ticket
"""
# Of judged clocks one in twenty was late.
CLOCKS = """
    INSERT INTO sla_clock (ticket_id, shop_id, team_id, grade, metric, cycle, holder, policy_version_id,
        calendar_version_id, rule, state, target_s, grace_s, consumed_s, started_at, changed_at, running_since, due_at,
        breached_at, stopped_at, stop_reason, first_verdict, first_due_at, next_fire_at, epoch)
    SELECT t.id, t.shop_id, t.team_id, t.grade, metric, 1, t.holder, %(policy)s, %(calendar)s, 'P3', state, 14400, 0,
        CASE WHEN state = 'running' THEN 0 ELSE 600 + t.id * 37 %% 12000 END, t.opened_at, t.opened_at,
        CASE WHEN state = 'running' THEN t.opened_at END, due,
        CASE WHEN state = 'late' OR state = 'running' AND due <= %(present)s THEN due END,
        CASE WHEN state IN ('met', 'late') THEN LEAST(t.opened_at + interval '1 day', %(present)s) END, '',
        CASE WHEN state IN ('met', 'late') THEN state ELSE '' END, CASE WHEN state IN ('met', 'late') THEN due END,
        CASE WHEN state = 'running' AND due > %(present)s THEN due END, 1
    FROM tickets_ticket t CROSS JOIN (VALUES ('first_response'), ('solution')) m(metric), LATERAL (SELECT
        CASE WHEN t.status IN ('solved', 'closed') OR metric = 'first_response' AND t.status <> 'new'
             THEN CASE WHEN t.id %% 20 = 0 THEN 'late' ELSE 'met' END
             WHEN t.status = 'waiting' THEN 'paused' ELSE 'running' END AS state) s, LATERAL (SELECT
        CASE WHEN state = 'running' THEN t.due_by
             WHEN state <> 'paused' THEN t.opened_at + interval '10 h' END AS due) d
"""
TABLES = ("orders_customer", "orders_order", "orders_shipment", "orders_shipmentitem", "orders_anomaly",
          "tickets_ticket", "tickets_ticketevent", "sla_clock")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Year:
    """So many orders with a ticket each, `open` of the tickets open, seen from `present`. The house must stand."""

    count: int
    open: int
    present: datetime

    def make(self) -> None:
        """Write all of it; the tables must be empty."""
        versions = current([1])
        departments = [department.value for department in Department]
        given: dict[str, Any] = {
            "count": self.count, "open": self.open, "present": self.present, "first": 1, "last": self.count,
            "codes": list(catalogue()), "departments": departments,
            **people(), "policy": versions.policy_version_id, "calendar": versions.always_id,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "SET session_replication_role = replica"
            )  # foreign keys hold by themselves, and take as long
            cursor.execute("SELECT MIN(id) FROM accounts_user")
            names = {
                "shops": SHOPS, "carriers": CARRIERS, "per_customer": ORDERS_PER_CUSTOMER, "vips": VIPS,
                "members": MEMBERS, "teams": len(departments), "first_person": cursor.fetchone()[0],
            }  # fmt: skip
            for statement in (CUSTOMERS, ORDERS, PARCELS, PARCEL_ITEMS, ANOMALIES, TICKETS, EVENTS, CLOCKS):
                cursor.execute(statement.format(**names), given)
            for table in TABLES:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("VACUUM (ANALYZE)")
