"""Wake-ups for the sla room."""

from celery import shared_task

from sla import services


@shared_task(name="sla.sweep")
def sweep() -> None:
    """Let the steps that are due act, for at most twenty seconds."""
    services.sweep_until_idle()
