"""Wake-ups for the orders room."""

from celery import shared_task

from orders.services import imports
from orders.services import sweep as sweeping
from orders.services.stocking import sweep as stocking


@shared_task(name="orders.sweep")
def sweep() -> None:
    """Judge the orders that are due."""
    sweeping.sweep_until_idle()


@shared_task(name="orders.run_imports")
def run_imports() -> None:
    """Give waiting imports, and those whose process died, a turn."""
    imports.run_waiting()


@shared_task(name="orders.serve_waiting")
def serve_waiting() -> None:
    """Reserve stock that has come in for the orders that wait for it."""
    stocking.sweep_until_idle()
