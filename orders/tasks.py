"""Wake-ups for the orders room."""

from celery import shared_task

from orders.services import sweep as sweeping


@shared_task(name="orders.sweep")
def sweep() -> None:
    """Judge the orders that are due."""
    sweeping.sweep_until_idle()
