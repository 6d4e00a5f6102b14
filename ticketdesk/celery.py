"""The Celery application and the whole timetable.

Messages are wake-ups: PostgreSQL holds what is due, so a lost or doubled message changes nothing.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready

from ticketdesk.staying import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketdesk.settings")

app = Celery("ticketdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
@worker_process_init.connect  # each child of a pool of processes
def _loaded(**_: Any) -> None:
    keep_what_is_loaded()


EVERY_S = 5.0


def _wake(task: str, every: float = EVERY_S) -> dict[str, object]:
    # A wake-up that waited longer than its interval is superseded by the next one.
    return {"task": task, "schedule": every, "options": {"expires": every}}


app.conf.beat_schedule = {
    "judge what is due on orders": _wake("orders.sweep"),
    "reserve stock for orders that wait for it": _wake("orders.serve_waiting"),
    "look for surges and silent feeds": _wake("orders.detect_surges", 60.0),
    "turn incidents into tickets": _wake("tickets.incidents"),
    "turn anomalies into tickets": _wake("tickets.intake"),
    "wake tickets whose call-back time has come": _wake("tickets.wake_waiting", 30.0),
    "value tickets by what they may cost": _wake("tickets.value", 30.0),
    "fire what is due on clocks": _wake("sla.sweep"),
    "deliver notices": _wake("outbox.sweep"),
    "run imports that wait": _wake("orders.run_imports"),
    "read what came through the doors": _wake("orders.take_in", 1.0),
    "ask sources that do not call": _wake("orders.ask_sources", 30.0),
    "read scans again whose code got a meaning": _wake("orders.remap"),
    "notice feeds that have fallen silent": _wake("orders.notice_silence", 300.0),
    "arm orders anew whose limits changed": _wake("orders.walk"),
    "check that every order is armed in time": _wake("orders.check_nightly", 3600.0),
    "learn how long parcels take on each lane": _wake("orders.learn_lanes", 3600.0),
    "make and drop pieces of tables": _wake("orders.keep_house", 3600.0),
}
