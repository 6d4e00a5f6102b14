"""Wake-ups for the outbox."""

from celery import shared_task

from ticketdesk.outbox import services


@shared_task(name="outbox.sweep")
def sweep() -> None:
    """Send what is due."""
    services.sweep_until_idle()
