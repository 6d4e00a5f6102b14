"""The emergency plan of level one 一级: what a department works through in an incident. Data; people tick it.

A step is ticked by an event on the incident's ticket, so who ticked it, and when, stays on record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.models import TicketEvent

KIND = "plan_step"
# In the order in which they are worked through.
STEPS: Mapping[str, Any] = {
    "lead": gettext_lazy("Name one person who leads, and say so to everybody"),
    "verify": gettext_lazy("Check with the carrier, warehouse or feed that it is real"),
    "contain": gettext_lazy("Stop what makes it worse: hold shipments, switch carrier or route"),
    "buyers": gettext_lazy("Tell the buyers concerned, once, with a new date"),
    "front_line": gettext_lazy("Give the front line one answer to use"),
    "recover": gettext_lazy("Agree the way out and by when: re-route, re-ship, refund"),
    "liability": gettext_lazy("Settle who is liable, start claims within their windows"),
    "review": gettext_lazy("Write down what happened and what will prevent it"),
}


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, and who ticked it last."""

    code: str
    text: str
    done: bool = False
    who: str = ""
    at: datetime | None = None


def plan(events: Iterable[TicketEvent]) -> list[PlanStep]:
    """The plan as its ticket's events (with their actors), oldest first, have left it."""
    latest = {event.data.get("step"): event for event in events if event.kind == KIND}
    steps = []
    for code, text in STEPS.items():
        event = latest.get(code)
        done = event is not None and bool(event.data.get("done"))
        who, at = (str(event.actor or ""), event.at) if event is not None and done else ("", None)
        steps.append(PlanStep(code, str(text), done, who, at))
    return steps


def sentence(data: Mapping[str, Any]) -> str:
    """A tick, or its taking back, in words."""
    text = str(STEPS.get(data.get("step", ""), data.get("step", "")))
    return (
        _("Emergency plan, done: {step}").format(step=text)
        if data.get("done")
        else _("Emergency plan, open again: {step}").format(step=text)
    )
