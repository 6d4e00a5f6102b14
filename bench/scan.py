"""How fast orders that fall due become tickets with clocks, and that it follows what is due, not what is open.

    python -m bench.scan [--orders 1000000] [--due 10000] [--workers 2] [--rounds 3]

Workers are processes that run the same two sweeps as a Celery worker. Beside them, in the same run, one plain SQL
statement writes the very same rows, already worked out, into the same tables: what no program could be faster than.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any

from django.db import connection

from bench.ground import ground, set_up
from ticketdesk.staying import keep_what_is_loaded

IDLE_MS, PER_SECOND, RATIO, FLAT = 20.0, 2000.0, 6.0, 1.5
IDLE_RUNS = 50
# In the order in which rows may be deleted.
WRITTEN = (
    "sla_clockevent",
    "sla_clock",
    "tickets_ticketevent",
    "tickets_ticket",
    "orders_anomalyevent",
    "orders_anomaly",
)


@dataclass
class Figures:
    """What was measured among so many open orders; seconds."""

    orders: int
    idle: list[float] = field(default_factory=list)
    idle_intake: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


def main() -> None:
    """Measure among a tenth of the orders and among all of them; print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the embedded server keeps its data; default: thrown away")
    options = parser.parse_args()
    if options.orders < 100 * options.due:
        parser.error("--orders must be at least a hundred times --due: a tenth of them is measured first.")
    with ground(folder=options.folder):
        from bench import history

        history.make_house()
        measured, made = [], 0
        for orders in (options.orders // 10, options.orders):
            began = time.perf_counter()
            history.make_orders(made + 1, orders)
            made = orders
            print(f"{orders:,} open orders made ({time.perf_counter() - began:.0f} s)", flush=True)
            fall = history.Fall(options.due, among=orders)
            measured.append(measure(Figures(orders), fall, options.workers, options.rounds))
    report(measured, options.due, options.workers)


def measure(figures: Figures, fall: Any, workers: int, rounds: int) -> Figures:
    """All figures for the orders there are now."""
    from orders.services import sweep
    from tickets import intake

    figures.idle = timed(sweep.sweep_until_idle, IDLE_RUNS)
    figures.idle_intake = timed(intake.sweep_until_idle, IDLE_RUNS)
    fall.prepare()
    execute("VACUUM (ANALYZE) orders_order, orders_shipment")
    marks = {table: one(f"SELECT COALESCE(MAX(id), 0) FROM {table}") for table in WRITTEN}
    with Crew(workers) as crew:
        for number in range(rounds + 1):
            fall.arm()
            settle()
            took = crew.work()
            if number > 0:  # the first round warms caches, as a worker's first minute does
                figures.ours.append(took)
            figures.rows = {table: one(f"SELECT COUNT(*) FROM {table} WHERE id > {marks[table]}") for table in WRITTEN}
            check(figures.rows, fall)
            save(marks)
            undo(marks, fall)
            fall.arm()
            settle()
            if number > 0:
                figures.plain.append(write_plainly())
            undo(marks, fall)
    return figures


def timed(work: Callable[[], object], runs: int) -> list[float]:
    """How long each of so many runs takes."""
    work()
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took


class Crew:
    """Worker processes that run the sweeps until nothing is left, each time `work` is called."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.gate, self.ended = context.Barrier(size + 1), context.Queue()
        self.members = [context.Process(target=worker, args=(self.gate, self.ended), daemon=True) for _ in range(size)]

    def __enter__(self) -> "Crew":
        for member in self.members:
            member.start()
        self.gate.wait(60)  # all of them are set up
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.abort()
        for member in self.members:
            member.join(10)

    def work(self) -> float:
        """Seconds from the start until the last worker finds nothing left."""
        began = time.monotonic()
        self.gate.wait(60)
        return max(self.ended.get(timeout=600) for _ in self.members) - began


def worker(gate: Barrier, ended: Any) -> None:
    """One worker process."""
    set_up()
    from orders.services import sweep
    from tickets import intake

    sweep.sweep_until_idle()
    keep_what_is_loaded()
    gate.wait(60)
    while True:
        try:
            gate.wait()
        except BrokenBarrierError:
            return
        while True:
            judged, taken = sweep.sweep_until_idle().orders, intake.sweep_until_idle()
            if judged == taken == 0:
                if not something_left():
                    break
                time.sleep(0.002)  # the others hold it
        ended.put(time.monotonic())


def something_left() -> bool:
    """Whether a due order or a change of an anomaly waits, also one that another worker holds."""
    return bool(
        one(
            """SELECT EXISTS (SELECT 1 FROM orders_anomalychange) OR EXISTS (SELECT 1 FROM orders_shop s
               JOIN orders_orderdue d ON d.shop_id = s.id AND d.due_at <= s.present_at)"""
        )
    )


def check(rows: dict[str, int], fall: Any) -> None:
    """Each due order has one anomaly and one ticket with its record and its clocks; some buyers, a care ticket too."""
    assert rows["orders_anomaly"] == rows["orders_anomalyevent"] == fall.count, rows
    assert rows["tickets_ticketevent"] == rows["tickets_ticket"] >= fall.count, rows
    assert rows["sla_clock"] == rows["sla_clockevent"] == 2 * rows["tickets_ticket"], rows


def save(marks: dict[str, int]) -> None:
    """Keep the rows that the workers wrote."""
    for table in WRITTEN:
        execute(f"DROP TABLE IF EXISTS saved_{table}")
        execute(f"CREATE UNLOGGED TABLE saved_{table} AS SELECT * FROM {table} WHERE id > {marks[table]} ORDER BY id")
    execute("DROP TABLE IF EXISTS saved_due")
    execute(
        """CREATE UNLOGGED TABLE saved_due AS SELECT d.* FROM orders_orderdue d
           JOIN saved_orders_anomaly a ON a.order_id = d.order_id"""
    )


def undo(marks: dict[str, int], fall: Any) -> None:
    """Take back what was written, and leave no dead rows to whoever is measured next."""
    execute("SET session_replication_role = replica")  # the record of a ticket refuses to be deleted
    for table in WRITTEN:
        execute(f"DELETE FROM {table} WHERE id > {marks[table]}")
    execute("SET session_replication_role = origin")
    fall.disarm()


def settle() -> None:
    """The same start for everybody: no dead rows, nothing waiting to be flushed."""
    execute(f"VACUUM (ANALYZE) orders_orderdue, orders_anomalychange, {', '.join(WRITTEN)}")
    execute("CHECKPOINT")


def write_plainly() -> float:
    """Seconds in which one statement writes the saved rows and arms the orders again."""
    parts = [
        f"{table}_rows AS (INSERT INTO {table} ({names}) SELECT {names} FROM saved_{table})"
        for table, names in ((table, ", ".join(columns(table))) for table in reversed(WRITTEN))
    ]
    statement = f"""WITH {", ".join(parts)}
        UPDATE orders_orderdue d SET due_at = s.due_at FROM saved_due s WHERE s.order_id = d.order_id"""
    began = time.perf_counter()
    execute(statement)
    return time.perf_counter() - began


def columns(table: str) -> list[str]:
    """The names of a table's columns, without those that the database works out itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def execute(statement: str) -> None:
    """Run one statement in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def one(query: str) -> Any:
    """The single value that a query answers."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def report(measured: Sequence[Figures], due: int, workers: int) -> None:
    """The tables, and for each target whether it is reached."""
    median = statistics.median
    print(f"\n| open orders | nothing due: judge | nothing due: take in | {due:,} due, {workers} workers | per second |"
          " one plain SQL statement | per second | ratio |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for each in measured:
        ours, plain = median(each.ours), median(each.plain)
        print(
            f"| {each.orders:,} | {median(each.idle) * 1000:.1f} ms | {median(each.idle_intake) * 1000:.1f} ms "
            f"| {ours:.2f} s ({spread(each.ours)}) | {due / ours:,.0f} | {plain:.2f} s ({spread(each.plain)}) "
            f"| {due / plain:,.0f} | {ours / plain:.1f} |"
        )
    rows = measured[-1].rows
    print(
        f"\nRows written: {', '.join(f'{count:,} {table}' for table, count in rows.items())}; {due:,} due rows armed."
    )
    few, many = measured[0], measured[-1]
    target("nothing due, median ms", median(many.idle) * 1000, IDLE_MS)
    target("orders per second", due / median(many.ours), PER_SECOND, at_least=True)
    target("times one plain SQL statement", median(many.ours) / median(many.plain), RATIO)
    target(f"{many.orders:,} against {few.orders:,} orders, times", median(many.ours) / median(few.ours), FLAT)


def spread(seconds: Sequence[float]) -> str:
    """The extremes."""
    return f"{min(seconds):.2f} to {max(seconds):.2f}"


def target(what: str, measured: float, wanted: float, *, at_least: bool = False) -> None:
    """One line: reached or missed."""
    reached = measured >= wanted if at_least else measured <= wanted
    print(f"{'PASS' if reached else 'MISS'}  {what}: {measured:,.1f}, target {'>=' if at_least else '<='} {wanted:,g}")


if __name__ == "__main__":
    main()
