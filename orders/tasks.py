"""Wake-ups for the orders room."""

from celery import shared_task
from django.utils import timezone

from orders.services import (
    feedhealth,
    folding,
    housekeeping,
    imports,
    inbound,
    learning,
    polling,
    remapping,
    surging,
    walking,
)
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


@shared_task(name="orders.take_in")
def take_in() -> None:
    """Read the raw messages that wait, and fold parcels whose scans came in by the list."""
    inbound.take_in_until_idle()
    folding.fold_until_idle()


@shared_task(name="orders.remap")
def remap() -> None:
    """Read stored scans again whose code got a meaning."""
    remapping.remap_until_idle()


@shared_task(name="orders.notice_silence")
def notice_silence() -> None:
    """Mark feeds that have fallen silent."""
    feedhealth.notice_silence()


@shared_task(name="orders.learn_lanes")
def learn_lanes() -> None:
    """Learn the lanes of shops whose turn it is tonight."""
    learning.learn_nightly()


@shared_task(name="orders.keep_house")
def keep_house() -> None:
    """Make pieces of cut tables ahead and drop raw messages that are past their time."""
    housekeeping.keep_house_daily()


@shared_task(name="orders.ask_sources")
def ask_sources() -> None:
    """Ask sources that do not call us about the parcels whose turn it is."""
    polling.ask_until_idle()


@shared_task(name="orders.walk")
def walk() -> None:
    """Arm orders anew whose limits changed, and check that every order is armed in time."""
    walking.walk_until_idle()


@shared_task(name="orders.check_nightly")
def check_nightly() -> None:
    """Begin the nightly check of shops that are due for it."""
    walking.check_nightly(now=timezone.now())


@shared_task(name="orders.detect_surges")
def detect_surges() -> None:
    """Count what was found lately, and open and close incidents."""
    surging.sweep_until_idle()
