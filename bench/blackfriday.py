"""Black Friday 2017 of the Olist set, hour by hour: how many anomalies there were, and how many incidents they make.

    python -m bench.blackfriday [FOLDER]

The anomalies are those that `bench.olist_truth` proves the desk to find, computed from the same timestamps: an order
not paid 24 h after it was placed, not handed over when it should have been, not delivered when promised. They are
counted into the segments that the set knows (shop, region, city, lane, seller's warehouse, article) and judged as
`orders.services.surging` judges them: every hour once it is over, the smallest segment that explains the excess, its
members taken out of the counts, later ones of the same segment joining, closed after three quiet hours.
"""

import csv
import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bench.olist_truth import default_folder
from orders import surges
from orders.surges import Part, Verdict, Watched

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2017, 11, 20), datetime(2017, 12, 25)  # the set's own wall clock
HISTORY = timedelta(days=surges.DAYS, hours=surges.REMEMBERED)
KINDS = ("city", "sku", "warehouse", "lane", "region", "shop")
FEWEST = 20
Segment = tuple[str, str]


class Found(NamedTuple):
    """An anomaly: what, when it is found, when it is over, on which order, in which segments."""

    code: str
    at: datetime
    over: datetime
    order: str
    segments: tuple[Segment, ...]


@dataclass
class Case:
    """An incident in the replay."""

    code: str
    segment: Segment
    opened: datetime
    verdict: Verdict
    members: int = 0
    quiet: list[bool] = field(default_factory=list)
    closed: datetime | None = None


def main() -> None:
    """Replay and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder()
    replay(folder)


def replay(folder: Path) -> None:
    """Print anomalies and incidents per week and per code, then each incident."""
    orders, found = _read(folder)
    desk = _Desk(found, orders)
    cases = desk.play()
    inside = [each for each in found if FIRST <= each.at < LAST]
    print(f"\nBlack Friday 2017, {FIRST:%Y-%m-%d} to {LAST:%Y-%m-%d}, {folder}")
    by_code, held = Counter(each.code for each in inside), Counter()
    for case in cases:
        held[case.code] += case.members
    print(f"{'anomaly':<16}{'tickets alone':>14}{'incidents':>11}{'of them inside':>16}{'left alone':>12}")
    for code, number in sorted(by_code.items()):
        made = sum(case.code == code for case in cases)
        print(f"{code:<16}{number:>14,}{made:>11}{held[code]:>16,}{number - held[code]:>12,}")
    print(f"{'all':<16}{len(inside):>14,}{len(cases):>11}{held.total():>16,}{len(inside) - held.total():>12,}")
    for case in cases:
        until = f"{case.closed:%m-%d %H:00}" if case.closed else "open"
        where = " ".join(case.segment)[:34]
        print(
            f"  {case.opened:%m-%d %H:00} to {until:<12}{case.code:<13}{where:<36}{case.members:>6} members; "
            f"{case.verdict.cause}: {case.verdict.x} where {case.verdict.expected:.1f} are usual"
        )


@dataclass
class _Desk:
    found: list[Found]
    orders: list[tuple[datetime, datetime, tuple[Segment, ...]]]

    def play(self) -> list[Case]:
        """Judge every hour from FIRST to LAST."""
        self.start = FIRST - HISTORY - 7 * DAY
        size = (LAST - self.start) // HOUR
        self.by_hour: dict[int, list[Found]] = defaultdict(list)
        self.counts: dict[tuple[str, Segment], list[int]] = defaultdict(lambda: [0] * size)
        for each in self.found:
            place = (each.at - self.start) // HOUR
            if 0 <= place < size:
                self.by_hour[place].append(each)
                for segment in each.segments:
                    self.counts[each.code, segment][place] += 1
        cases: list[Case] = []
        for place in range((FIRST - self.start) // HOUR, size):
            if place % 24 == 0 or place == (FIRST - self.start) // HOUR:
                exposed = self._exposed(self.start + HOUR * place)
            self._join(place, cases)
            while (made := self._surge(place, exposed)) is not None:
                cases.append(made)
                self._take(place, made)
            self._follow(place, cases, exposed)
        return cases

    def _exposed(self, at: datetime) -> Counter[Segment]:
        """Orders under way at a moment, per segment."""
        return Counter(segment for began, ended, segments in self.orders if began <= at < ended for segment in segments)

    def _watched(self, code: str, segment: Segment, exposed: Counter[Segment]) -> Watched:
        shop = ("shop", "")
        return Watched(
            self.counts[code, segment], max(exposed[segment], FEWEST), self.counts[code, shop],
            max(exposed[shop], FEWEST),
        )  # fmt: skip

    def _surge(self, place: int, exposed: Counter[Segment]) -> Case | None:
        orders: dict[tuple[str, Segment], set[str]] = defaultdict(set)
        for each in self.by_hour[place]:
            for segment in each.segments:
                orders[each.code, segment].add(each.order)
        heard: dict[str, dict[Segment, tuple[Verdict, Part]]] = defaultdict(dict)
        for (code, segment), numbers in orders.items():
            if len(numbers) < surges.LEAST_ORDERS:
                continue
            watched = self._watched(code, segment, exposed)
            verdict = watched.verdict(place, len(numbers))
            if verdict.cause:
                heard[code][segment] = (verdict, Part(watched.exposed, verdict.excess))
        if not heard:
            return None
        code = max(heard, key=lambda each: max(part.excess for _, part in heard[each].values()))
        narrow = sorted(heard[code], key=lambda each: KINDS.index(each[0]))
        best = surges.smallest({segment: heard[code][segment][1] for segment in narrow})
        assert best is not None
        return Case(code, best, self.start + HOUR * place, heard[code][best][0])

    def _take(self, place: int, case: Case) -> None:
        """Let what was found since the incident began join it; a shift began some hours before."""
        began = place - (5 if case.verdict.cause == "shift" else 0)
        for hour in range(max(0, began), place + 1):
            kept = []
            for each in self.by_hour[hour]:
                if each.code == case.code and case.segment in each.segments:
                    case.members += 1
                    for segment in each.segments:
                        self.counts[each.code, segment][hour] -= 1
                else:
                    kept.append(each)
            self.by_hour[hour] = kept

    def _join(self, place: int, cases: list[Case]) -> None:
        for case in cases:
            if case.closed is None:
                before = case.members
                self._take(place, Case(case.code, case.segment, case.opened, case.verdict))
                joined = sum(
                    (each.at - self.start) // HOUR == place and each.code == case.code and case.segment in each.segments
                    for each in self.at_place(place)
                )
                case.members = before + joined

    def at_place(self, place: int) -> Iterator[Found]:
        """Everything found in an hour, whoever holds it."""
        begin, end = self.start + HOUR * place, self.start + HOUR * (place + 1)
        return (each for each in self.found if begin <= each.at < end)

    def _follow(self, place: int, cases: list[Case], exposed: Counter[Segment]) -> None:
        for case in cases:
            if case.closed is not None or case.opened == self.start + HOUR * place:
                continue
            x = sum(each.code == case.code and case.segment in each.segments for each in self.at_place(place))
            watched = self._watched(case.code, case.segment, exposed)
            phi = surges.Habit.of(watched.counts[max(0, place - 24 * surges.DAYS) : place]).phi
            case.quiet.append(surges.quiet(x, watched.mean(place), phi))
            if surges.is_over(case.quiet):
                case.closed = self.start + HOUR * (place + 1)


def _read(folder: Path) -> tuple[list[tuple[datetime, datetime, tuple[Segment, ...]]], list[Found]]:
    lines = {row["order_id"]: row for row in reversed(list(_rows(folder, "order_items")))}
    buyers = {row["customer_id"]: row for row in _rows(folder, "customers")}
    sellers = {row["seller_id"]: row["seller_state"] for row in _rows(folder, "sellers")}
    orders, found = [], []
    for row in _rows(folder, "orders"):
        placed = _time(row["order_purchase_timestamp"])
        if placed is None or not FIRST - HISTORY - 90 * DAY <= placed < LAST:
            continue
        segments = _segments(lines.get(row["order_id"]), buyers.get(row["customer_id"]), sellers)
        paid, shipped = _time(row["order_approved_at"]), _time(row["order_delivered_carrier_date"])
        delivered, promised = _time(row["order_delivered_customer_date"]), _time(row["order_estimated_delivery_date"])
        far = placed + 120 * DAY
        orders.append((placed, delivered or far, segments))
        for code, at, over in (
            ("unapproved", placed + DAY, paid),
            ("not_shipped", paid + 2 * DAY if paid else None, shipped or delivered),
            ("overdue", promised + DAY if promised else None, delivered),
        ):
            if at is not None and (over is None or over > at):
                found.append(Found(code, at, over or far, row["order_id"], segments))
    return orders, sorted(found, key=lambda each: each.at)


def _segments(
    line: dict[str, str] | None, buyer: dict[str, str] | None, sellers: dict[str, str]
) -> tuple[Segment, ...]:
    segments: list[Segment] = [("shop", "")]
    if buyer:
        segments += [
            ("region", buyer["customer_state"]),
            ("city", f"{buyer['customer_state']}/{buyer['customer_city']}"),
        ]
    if line:
        segments += [("sku", line["product_id"]), ("warehouse", line["seller_id"])]
        if buyer:
            segments.append(("lane", f"{sellers.get(line['seller_id'], '?')}>{buyer['customer_state']}"))
    return tuple(segments)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


if __name__ == "__main__":
    main()
