"""Wake-ups for the tickets room."""

from celery import shared_task

from tickets import intake as taking_in
from tickets import services


@shared_task(name="tickets.intake")
def intake() -> None:
    """Turn what was found wrong into tickets."""
    taking_in.sweep_until_idle()


@shared_task(name="tickets.wake_waiting")
def wake_waiting() -> None:
    """Take up tickets whose call-back time has come."""
    services.wake_waiting()
