"""The look for surges: count what was found lately, judge the loud segments, open one incident per cause, close quiet
ones. Its cost follows what was found, not what is open; looking again, or at once from two workers, changes nothing.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from orders import surges
from orders.models import Incident, Segment, SurgeLook
from orders.services import feed_incidents, incidents, segments
from orders.services.segments import HOUR, Loud, hour_of
from orders.surges import Part, Verdict, Watched
from ticketdesk.outbox.errors import Raised
from ticketdesk.outbox.heartbeat import beat

TURN_S = 20.0
REMEMBERED = timedelta(days=surges.DAYS, hours=surges.REMEMBERED)
# With less history nobody knows what is usual: counted, not judged.
WARM_UP = timedelta(days=7)
KEPT = REMEMBERED + timedelta(days=7)
# A shop whose present leaps (a replay) is judged on its last hours only.
MOST_HOURS = 48
# A sustained shift began before it was found: its incident takes what was found since.
BEGAN_BEFORE = timedelta(hours=5)
NARROW = {kind: number for number, kind in enumerate(Segment.values)}

# Shops where something was found lately or an incident is open, and those whose replayed present has moved on. What was
# found while nobody looked is counted with the next look, however late.
_SHOPS = """
    SELECT s.id, p.present FROM orders_shop s
    CROSS JOIN LATERAL (SELECT COALESCE(s.present_at, %(now)s, clock_timestamp()) AS present) p
    LEFT JOIN orders_surgelook l ON l.shop_id = s.id
    WHERE CASE WHEN s.present_at IS NOT NULL THEN l.seen_at IS NULL OR l.seen_at < s.present_at
        ELSE EXISTS (SELECT 1 FROM orders_incident i WHERE i.shop_id = s.id AND i.closed_at IS NULL)
          OR s.id IN (SELECT a.shop_id FROM orders_anomaly a WHERE a.opened_at >= p.present - interval '2 hours') END
    ORDER BY s.id
"""
log = structlog.get_logger("orders.surging")


@dataclass(slots=True)
class _Sight:
    """What one look knows of a shop: hours from `start` to the running one, counts and exposure per segment."""

    shop_id: int
    present: datetime
    start: datetime
    exposed: dict[tuple[str, str], int]
    counts: dict[tuple[str, str, str], dict[datetime, tuple[int, int]]] = field(default_factory=dict)
    watched: dict[tuple[str, str, str], Watched] = field(default_factory=dict)

    def place(self, hour: datetime) -> int:
        """The hour's place in the counts."""
        return (hour - self.start) // HOUR

    def of(self, code: str, kind: str, key: str) -> Watched:
        """A segment's counts outside of incidents, beside those of the whole shop."""
        wanted = (code, kind, key)
        if wanted not in self.watched:
            least = segments.FEWEST
            self.watched[wanted] = Watched(
                self._row(wanted), self.exposed.get((kind, key), least), self._row((code, "shop", "")),
                self.exposed.get(("shop", ""), least),
            )  # fmt: skip
        return self.watched[wanted]

    def _row(self, wanted: tuple[str, str, str]) -> list[int]:
        known = self.counts.get(wanted, {})
        hours = self.place(hour_of(self.present)) + 1
        return [known[at][1] if (at := self.start + HOUR * n) in known else 0 for n in range(hours)]


def sweep_until_idle(*, now: datetime | None = None, turn_s: float = TURN_S) -> int:
    """Look at every shop where something was found; returns how many incidents were opened. May run anywhere."""
    beat("surges")
    opened, ends = 0, time.monotonic() + turn_s
    for shop_id, present in _shops(now):
        if time.monotonic() > ends:
            break
        try:
            opened += look(shop_id, present=present)
        except Exception as error:  # one shop that cannot be counted must not stop the others
            log.error("surges not looked for", shop=shop_id, **Raised.by(error)._asdict())
    return opened + feed_incidents.follow(now=now)


def _shops(now: datetime | None) -> list[tuple[int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHOPS, {"now": now})
        return list(cursor.fetchall())


@transaction.atomic
def look(shop_id: int, *, present: datetime, only_known: bool = False) -> int:
    """Look at one shop at its present; returns how many incidents were opened. Nothing happens while somebody else
    looks. `only_known`: not at a shop whose history is too short to judge by."""
    seen = _hold(shop_id, present, only_known)
    if seen is None:
        return 0
    since = min(seen.seen_at, present) - HOUR
    segments.count_hours(shop_id, since=since, until=present)
    if seen.exposed_at is None or seen.exposed_at < hour_of(present):
        segments.count_exposed(shop_id, at=present)
        seen.exposed_at = present
        _forget(shop_id, present)
    incidents.take_new(shop_id, present=present)
    opened = _judge(seen, present) if present - seen.watched_since >= WARM_UP else 0
    _follow(seen, present)
    seen.judged_to = max(seen.judged_to, hour_of(present) - HOUR)
    seen.seen_at = max(seen.seen_at, present)
    seen.save(update_fields=["seen_at", "judged_to", "exposed_at"])
    return opened


def _hold(shop_id: int, present: datetime, only_known: bool) -> SurgeLook | None:
    """The shop's row, locked; made at the first look, which counts what was found in the weeks before."""
    seen = SurgeLook.objects.select_for_update(skip_locked=True).filter(pk=shop_id).first()
    if seen is not None or only_known:
        known = seen is not None and present - seen.watched_since >= WARM_UP
        return seen if known or not only_known else None
    if SurgeLook.objects.filter(pk=shop_id).exists():
        return None
    start = hour_of(present - REMEMBERED)
    segments.count_hours(shop_id, since=start, until=present)
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(hour) FROM orders_segmenthour WHERE shop_id = %s", [shop_id])
        first = cursor.fetchone()[0] or hour_of(present)
        cursor.execute(
            """INSERT INTO orders_surgelook (shop_id, watched_since, seen_at, judged_to)
               VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [shop_id, first, present, hour_of(present) - HOUR],
        )
    return SurgeLook.objects.select_for_update(skip_locked=True).filter(pk=shop_id).first()


def _forget(shop_id: int, present: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_segmenthour WHERE shop_id = %s AND hour < %s", [shop_id, present - KEPT])


def _sight(seen: SurgeLook, present: datetime, wanted: Iterable[tuple[str, str, str]]) -> _Sight:
    start = max(hour_of(seen.watched_since), hour_of(present - REMEMBERED))
    sight = _Sight(seen.shop_id, present, start, segments.exposed_of(seen.shop_id))
    asked = {*wanted, *((code, "shop", "") for code, _, _ in wanted)}
    sight.counts = segments.counts_of(seen.shop_id, asked, since=start)
    return sight


def _judge(seen: SurgeLook, present: datetime) -> int:
    """Judge the hours since the last look, oldest first; an incident takes its anomalies out of the counts, so that
    the next one is found in what is left."""
    running = hour_of(present)
    hour = max(seen.judged_to + HOUR, running - MOST_HOURS * HOUR)
    opened, rounds = 0, 0
    while rounds < MOST_HOURS:
        rounds += 1
        loud = segments.loud_segments(seen.shop_id, since=hour, least=surges.LEAST, least_orders=surges.LEAST_ORDERS)
        found = _first_surge(_sight(seen, present, {each[:3] for each in loud}), loud, running) if loud else None
        if found is None:
            break
        if not _open(seen, present, *found):
            break
        opened += 1
        hour = found[0].hour
    return opened


def _first_surge(
    sight: _Sight, loud: Sequence[Loud], running: datetime
) -> tuple[Loud, Verdict, list[dict[str, object]]] | None:
    """The smallest segment that explains the oldest hour with alarms, of the code with the largest excess."""
    alarms: dict[tuple[datetime, str], dict[Loud, tuple[Verdict, Part]]] = defaultdict(dict)
    for each in loud:
        watched = sight.of(each.code, each.kind, each.key)
        verdict = watched.verdict(sight.place(each.hour), each.orders, running=each.hour == running)
        if verdict.cause:
            alarms[each.hour, each.code][each] = (verdict, Part(watched.exposed, verdict.excess))
    if not alarms:
        return None
    hour = min(at for at, _ in alarms)
    most = max((max(part.excess for _, part in heard.values()), code)
               for (at, code), heard in alarms.items() if at == hour)  # fmt: skip
    heard = alarms[hour, most[1]]
    parts = {each: heard[each][1] for each in sorted(heard, key=lambda each: NARROW[each.kind])}
    best = surges.smallest(parts)
    assert best is not None
    others = [{"kind": each.kind, "key": each.key, "excess": round(part.excess, 1), "size": part.size}
              for each, part in sorted(parts.items(), key=lambda pair: -pair[1].excess)[:8]]  # fmt: skip
    return best, heard[best][0], others


def _open(seen: SurgeLook, present: datetime, loud: Loud, verdict: Verdict, others: list[dict[str, object]]) -> int:
    started = loud.hour - (BEGAN_BEFORE if verdict.cause == "shift" else timedelta(0))
    evidence = {
        "x": verdict.x, "orders": loud.orders, "expected": round(verdict.expected, 2), "hour": loud.hour.isoformat(),
        "dispersion": round(verdict.dispersion, 2), "tail": verdict.tail, "drift": round(verdict.drift, 1),
        "segments": others,
    }  # fmt: skip
    made = incidents.open_incident(
        shop_id=seen.shop_id, kind=loud.kind, key=loud.key, code=loud.code, cause=verdict.cause, started_at=started,
        present=present, evidence=evidence,
    )  # fmt: skip
    incidents.take_new(seen.shop_id, present=present)
    segments.count_hours(seen.shop_id, since=started, until=present)
    return int(made is not None)


def _follow(seen: SurgeLook, present: datetime) -> None:
    """Draw the chart of each open surge on, judge its whole hours, close it after three quiet ones."""
    found = Incident.objects.select_for_update().filter(
        shop=seen.shop_id, closed_at=None, cause__in=("spike", "shift")
    ).order_by("pk")  # fmt: skip
    rows = list(found)
    if not rows:
        return
    sight = _sight(seen, present, {(row.code, row.kind, row.key) for row in rows})
    for row in rows:
        watched, known = sight.of(row.code, row.kind, row.key), sight.counts[row.code, row.kind, row.key]
        _draw(row, sight, watched, known)
        row.state = incidents.state_of([window["quiet"] for window in row.windows])
        row.save(update_fields=["series", "windows", "state"])
        if surges.is_over([window["quiet"] for window in row.windows]):
            incidents.close_incident(row, present=present, reason="quiet")


def _draw(row: Incident, sight: _Sight, watched: Watched, known: dict[datetime, tuple[int, int]]) -> None:
    """The hours from a day before it began; whole hours after it was opened are windows, judged once."""
    running = hour_of(sight.present)
    first = max(sight.start, hour_of(row.started_at) - 24 * HOUR, running - 96 * HOUR)
    hours = [first + HOUR * n for n in range((running - first) // HOUR + 1)]
    row.series = [
        [hour.isoformat(), known.get(hour, (0, 0))[0], round(watched.mean(sight.place(hour)), 2)] for hour in hours
    ]
    judged_to = row.windows[-1]["hour"] if row.windows else ""
    for hour in hours:
        if hour.isoformat() <= judged_to or hour < hour_of(row.opened_at) or hour >= running:
            continue
        place = sight.place(hour)
        x, mu = known.get(hour, (0, 0))[0], watched.mean(place)
        phi = surges.Habit.of(watched.counts[max(0, place - 24 * surges.DAYS) : place]).phi
        quiet = hour > hour_of(row.opened_at) and surges.quiet(x, mu, phi)
        row.windows.append({"hour": hour.isoformat(), "x": x, "expected": round(mu, 2), "quiet": quiet})
