"""Whether the desk finds in history exactly what there was to find, on the Olist set.

    python -m bench.olist_truth [FOLDER]

FOLDER holds orders.csv.gz, truth_as_of.csv.gz and their companions; without it TICKETDESK_DATA (the folder above) or
../shared/data next to the repository is used. The orders are imported into a fresh shop by their timestamps alone, the
shop's present is moved to each instant of the truth, the sweep runs until nothing is due, and the open anomalies of the
orders placed in the 120 days before are compared, order by order. Ends with 1 when one is missing or one too many.
"""

import argparse
import csv
import gzip
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.ground import ground

ROOT = Path(__file__).resolve().parent.parent
ZONE = ZoneInfo("America/Sao_Paulo")
WINDOW = timedelta(days=120)
FLAGS = {
    "not_shipped": "handover_overdue_gt_48h",
    "overdue": "past_estimate",
    "unapproved": "unapproved_gt_24h",
}
SECONDS, MEGABYTES = 60.0, 300
Truth = dict[datetime, dict[str, set[str]]]


def main() -> None:
    """Import, replay, compare; print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.olist_truth", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    folder = parser.parse_args().folder or default_folder()
    if not (folder / "truth_as_of.csv.gz").is_file():
        sys.exit(f"{folder} holds no truth_as_of.csv.gz. Name the folder, or set TICKETDESK_DATA.")
    with ground():
        import_all(folder)
        exact = compare(truth_of(folder))
    sys.exit(0 if exact else 1)


def default_folder() -> Path:
    """Where the set lies when nobody says so."""
    return Path(os.environ.get("TICKETDESK_DATA") or ROOT.parent / "shared" / "data") / "olist"


def import_all(folder: Path) -> None:
    """Import every file of the folder into the shop `olist`; print how long it took and how much memory."""
    from django.core.management import call_command

    began = time.perf_counter()
    files = sorted(str(path) for path in folder.glob("*.csv*"))
    call_command("import_orders", *files, mapping="olist_open", shop="olist", create_shop=True)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nimport {seconds:.1f} s (goal {SECONDS:.0f}), peak memory {peak} MB (goal {MEGABYTES})\n", flush=True)


def truth_of(folder: Path) -> Truth:
    """{instant: {anomaly code: numbers of the orders that must have it}}."""
    truth: Truth = defaultdict(lambda: {code: set() for code in FLAGS})
    for row in _rows(folder / "truth_as_of.csv.gz"):
        expected = truth[datetime.fromisoformat(row["as_of"]).replace(tzinfo=ZONE)]
        for code, flag in FLAGS.items():
            if row[flag] == "1":
                expected[code].add(row["order_id"])
    return truth


def compare(truth: Truth) -> bool:
    """Move the shop's present on, sweep, print one line per instant and flag; whether all of it is exact."""
    from orders.models import Shop
    from orders.services.replay import set_present
    from orders.services.sweep import sweep_until_idle

    shop, exact = Shop.objects.get(code="olist"), True
    print(f"{'instant':<17}{'flag':<26}{'expected':>9}{'found':>9}{'missing':>9}{'extra':>9}{'sweep':>9}")
    for at in sorted(truth):
        began = time.perf_counter()
        set_present(shop, at)
        while sweep_until_idle(turn_s=600.0).orders:
            pass
        took = f"{time.perf_counter() - began:.1f} s"
        found = open_anomalies(shop.pk, at)
        for code, flag in FLAGS.items():
            expected, have = truth[at][code], found[code]
            missing, extra = sorted(expected - have), sorted(have - expected)
            exact = exact and not missing and not extra
            counts = f"{len(expected):>9,}{len(have):>9,}{len(missing):>9,}{len(extra):>9,}"
            print(f"{at:%Y-%m-%d %H:%M} {flag:<26}{counts}{took:>9}", flush=True)
            for what, numbers in (("missing", missing), ("extra", extra)):
                if numbers:
                    print(f"    {what}: {', '.join(numbers[:5])}{' …' if len(numbers) > 5 else ''}")
            took = ""
    print("exact" if exact else "NOT exact")
    return exact


def open_anomalies(shop_id: int, at: datetime) -> dict[str, set[str]]:
    """{code: numbers} of orders placed in the 120 days up to `at`, counted on the wall clock as the truth does."""
    from orders.models import Anomaly

    since = at - WINDOW  # same zone: wall-clock arithmetic
    found: dict[str, set[str]] = {code: set() for code in FLAGS}
    rows = Anomaly.objects.filter(
        shop_id=shop_id, closed_at=None, code__in=FLAGS, order__placed_at__gte=since, order__placed_at__lte=at
    )
    for code, number in rows.values_list("code", "order__external_no"):
        found[code].add(number)
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


if __name__ == "__main__":
    main()
