"""Wake-ups for the tickets room."""

from celery import shared_task

from tickets import incidents as of_incidents
from tickets import intake as taking_in
from tickets import services, valuing


@shared_task(name="tickets.intake")
def intake() -> None:
    """Turn what was found wrong into tickets."""
    taking_in.sweep_until_idle()


@shared_task(name="tickets.wake_waiting")
def wake_waiting() -> None:
    """Take up tickets whose call-back time has come."""
    services.wake_waiting()


@shared_task(name="tickets.value")
def value() -> None:
    """Value tickets that were opened without, and those of incidents."""
    valuing.sweep_until_idle()


@shared_task(name="tickets.incidents")
def incidents() -> None:
    """Make tickets of incidents, and give their children back."""
    of_incidents.sweep_until_idle()
