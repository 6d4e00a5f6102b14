"""Wake-ups for the orders room."""

from celery import shared_task

from orders.services import imports
from orders.services import sweep as sweeping


@shared_task(name="orders.sweep")
def sweep() -> None:
    """Judge the orders that are due."""
    sweeping.sweep_until_idle()


@shared_task(name="orders.run_imports")
def run_imports() -> None:
    """Give waiting imports, and those whose process died, a turn."""
    imports.run_waiting()
