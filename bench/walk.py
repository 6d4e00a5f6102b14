"""How fast orders are armed anew after a limit changed, for how long any of them is locked, and that it is right.

python -m bench.walk [--orders 1000000]
"""

import argparse
import time
from datetime import timedelta
from pathlib import Path

from bench.ground import ground

LONGEST_S = 1.0


def main() -> None:
    """Change a limit over so many armed orders, walk, check; print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.walk", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the embedded server keeps its data; default: thrown away")
    options = parser.parse_args()
    with ground(folder=options.folder):
        from bench import history
        from orders.models import OrderDue, Shop, Walk
        from orders.services import thresholds, walking

        history.make_house()
        history.make_orders(1, options.orders)
        for shop in Shop.objects.filter(pk__in=OrderDue.objects.values("shop").distinct()):
            present = shop.present(walking.timezone.now())
            limits = {"after": timedelta(hours=90)}
            thresholds.publish(shop=shop, code="no_update", limits=limits, by=None, now=present)
            for kind in (Walk.Kind.REARM, Walk.Kind.CHECK):
                if kind == Walk.Kind.CHECK:
                    walking.begin(shop=shop, kind=kind)
                began = time.perf_counter()
                while Walk.objects.filter(ended_at=None).exists():
                    walking.walk_until_idle(now=present, turn_s=3600)
                took = time.perf_counter() - began
                walk = Walk.objects.filter(shop=shop, kind=kind).latest("id")
                print(
                    f"{kind}: {walk.done:,} orders in {took:.0f} s, {walk.done / max(took, 0.001):,.0f} per second; "
                    f"longest step {walk.longest_s:.2f} s (target <= {LONGEST_S:g}); differences {walk.differences}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
