"""Orders, customers and parcels by the million, made by the database itself and the same on every run.

Everything lies around `PRESENT`, at which the benchmark's shops are held, so that no result depends on today's date.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from orders.models import Carrier, Shop
from ticketdesk.accounts.models import Department, Membership, Team, User
from ticketdesk.accounts.sealed import seal

# A Monday, 10:00 in Shanghai.
PRESENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SHOPS = 3
CARRIERS = 5
MEMBERS = 6
ORDERS_PER_CUSTOMER = 4
# Every so many-th customer is a VIP.
VIPS = 50

# Of ten open orders four wait in the warehouse and six are under way, one parcel each. `i` is the order's number.
ORDERS = """
    INSERT INTO orders_order (id, shop_id, channel, external_no, order_type, customer_id, status, source_status,
        placed_at, paid_at, shipped_at, promised_delivery_at, currency, total, cross_border, dest_country, dest_region,
        dest_city, dest_postcode, ship_name, ship_phone, ship_address, version)
    SELECT i, 1 + i / {per_customer} %% {shops}, 'web', 'SO' || lpad(i::text, 9, '0'), 'stock', 1 + i / {per_customer},
        CASE WHEN i %% 10 < 4 THEN 'paid' ELSE 'shipped' END, '',
        %(present)s - make_interval(hours => 30 + (i %% 17)::int, secs => (i * 37 %% 3600)::int),
        %(present)s - make_interval(hours => 29 + (i %% 17)::int),
        CASE WHEN i %% 10 >= 4 THEN %(present)s - make_interval(hours => 28 + (i %% 17)::int) END,
        %(present)s + make_interval(hours => 30 + (i %% 200)::int), 'CNY', 20 + i * 7919 %% 6000, false, 'CN',
        'Guangdong', 'Shenzhen', '518000', %(ship_name)s, %(ship_phone)s, %(ship_address)s, 1
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) i
"""
CUSTOMERS = """
    INSERT INTO orders_customer (id, shop_id, external_id, tier, language, name, phone, email, country, region, city,
        postcode)
    SELECT i, 1 + (i - 1) %% {shops}, 'C' || i, CASE WHEN i %% {vips} = 0 THEN 'vip' ELSE 'normal' END, 'zh-hans',
        %(name)s, %(phone)s, %(email)s, 'CN', 'Guangdong', 'Shenzhen', '518000'
    FROM generate_series(%(first)s::bigint / {per_customer} + 1, %(last)s::bigint / {per_customer} + 1) i
    ON CONFLICT DO NOTHING
"""
PARCELS = """
    INSERT INTO orders_shipment (id, shop_id, carrier_id, number, number_norm, generation, leg, status, sub_status,
        flags, status_at, announced_at, picked_up_at, first_scan_at, last_scan_at, last_physical_at, attempts, place,
        origin_country, dest_country, events_count, version)
    SELECT o.id, o.shop_id, 1 + o.id %% {carriers}, 'TN' || o.id, 'TN' || o.id, 1, 'outbound', 'in_transit', 'moving',
        '', o.shipped_at + interval '6 h', o.shipped_at, o.shipped_at + interval '2 h', o.shipped_at + interval '2 h',
        o.shipped_at + interval '6 h', o.shipped_at + interval '6 h', 0, 'Shenzhen', 'CN', 'CN', 2, 1
    FROM orders_order o WHERE o.id BETWEEN %(first)s AND %(last)s AND o.shipped_at IS NOT NULL
"""
PARCEL_ITEMS = """
    INSERT INTO orders_shipmentitem (shipment_id, order_id)
    SELECT id, id FROM orders_shipment WHERE id BETWEEN %(first)s AND %(last)s
"""
# The next look of a healthy order: the limit of "not shipped", or of "no update" after the last scan.
DUE = """
    INSERT INTO orders_orderdue (order_id, shop_id, due_at)
    SELECT id, shop_id, CASE WHEN shipped_at IS NULL THEN paid_at + interval '48 h'
                             ELSE LEAST(shipped_at + interval '78 h', promised_delivery_at) END
    FROM orders_order WHERE id BETWEEN %(first)s AND %(last)s
"""


def make_house(present: datetime | None = PRESENT) -> None:
    """Shops held at `present` (None: shops that live in the real present), carriers, and a team of each department
    with members who can take any number of tickets."""
    for number in range(1, SHOPS + 1):
        Shop.objects.create(id=number, code=f"shop-{number}", name=f"Shop {number}", present_at=present)
    for number in range(1, CARRIERS + 1):
        Carrier.objects.create(id=number, code=f"carrier-{number}", name=f"Carrier {number}")
    for department in Department:
        team = Team.objects.create(code=department.value, name=department.label, department=department)
        for number in range(MEMBERS):
            email = f"{department.value}{number}@bench.test"
            person = User.objects.create(email=email, name=f"{department.label} {number}", capacity=32000)
            Membership.objects.create(user=person, team=team)


def people() -> dict[str, bytes]:
    """Sealed personal data; everybody has the same, which nobody can see from outside."""
    return {
        column: seal(text, table, column)
        for table, column, text in (
            ("orders_customer", "name", "Li Lei"),
            ("orders_customer", "phone", "13800138000"),
            ("orders_customer", "email", "li.lei@example.test"),
            ("orders_order", "ship_name", "Li Lei"),
            ("orders_order", "ship_phone", "13800138000"),
            ("orders_order", "ship_address", "Keyuan Road 1, Nanshan"),
        )
    }


def make_orders(first: int, last: int) -> None:
    """Open orders numbered `first` to `last`, nothing due on any of them at `PRESENT`."""
    given = {"first": first, "last": last, "present": PRESENT, **people()}
    names = {"shops": SHOPS, "carriers": CARRIERS, "per_customer": ORDERS_PER_CUSTOMER, "vips": VIPS}
    with connection.cursor() as cursor:
        for statement in (CUSTOMERS, ORDERS, PARCELS, PARCEL_ITEMS, DUE):
            cursor.execute(statement.format(**names), given)
        for table in ("customer", "order", "shipment", "shipmentitem"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('orders_{table}', 'id'), (SELECT MAX(id) FROM orders_{table}))"
            )
        cursor.execute("VACUUM (ANALYZE)")


# One order in so many is made due: of ten, four were not shipped in time, three not delivered, three lie still.
DUE_ORDERS = """
    UPDATE orders_order o SET placed_at = moment - interval '49 h', paid_at = moment - interval '48 h'
    FROM {chosen} WHERE o.id = c.id AND o.shipped_at IS NULL;
    UPDATE orders_order o SET promised_delivery_at = moment FROM {chosen} WHERE o.id = c.id AND o.id %% 10 IN (4, 5, 6);
    UPDATE orders_order o SET shipped_at = moment - interval '80 h', paid_at = moment - interval '90 h',
        placed_at = moment - interval '91 h' FROM {chosen} WHERE o.id = c.id AND o.id %% 10 IN (7, 8, 9);
    UPDATE orders_shipment s SET announced_at = moment - interval '80 h', picked_up_at = moment - interval '79 h',
        first_scan_at = moment - interval '79 h', status_at = moment - interval '72 h',
        last_scan_at = moment - interval '72 h', last_physical_at = moment - interval '72 h'
    FROM {chosen} WHERE s.id = c.id AND s.id %% 10 IN (7, 8, 9);
"""
CHOSEN = """(SELECT (k - 1) * %(step)s + k %% 10 + 1 AS id, %(present)s - make_interval(mins => k %% 60) AS moment
             FROM generate_series(1, %(count)s) k) c"""


@dataclass(frozen=True, slots=True)
class Fall:
    """`count` orders of `among` that fall due at the same present; `among` must be at least ten times as many."""

    count: int
    among: int

    def prepare(self) -> None:
        """Change the facts of these orders so that each has one thing wrong."""
        self._execute(DUE_ORDERS.format(chosen=CHOSEN))

    def arm(self) -> None:
        """Make them due."""
        self._execute(f"UPDATE orders_orderdue d SET due_at = moment FROM {CHOSEN} WHERE d.order_id = c.id")

    def disarm(self) -> None:
        """Nothing is due again."""
        self._execute(
            f"""INSERT INTO orders_orderdue (order_id, shop_id, due_at)
                SELECT o.id, o.shop_id, %(present)s + interval '1 day' FROM {CHOSEN} JOIN orders_order o USING (id)
                ON CONFLICT (order_id) DO UPDATE SET due_at = EXCLUDED.due_at"""
        )

    def _execute(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"count": self.count, "step": self.among // self.count, "present": PRESENT})
