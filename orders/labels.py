"""Words for what the rows hold: stages, parcel statuses, evidence, departments. In the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import Milestone
from orders.statuses import STATUSES, TAXONOMY
from ticketdesk.accounts.models.teams import Department

STAGES = {
    "placed": _("Placed"),
    "paid": _("Paid"),
    "shipped": _("Shipped"),
    "partly_delivered": _("Partly delivered"),
    "delivered": _("Delivered"),
    "cancelled": _("Cancelled"),
}
CLEARED = {
    "shipped": _("shipped since"),
    "paid": _("paid since"),
    "delivered": _("delivered since"),
    "cancelled": _("the order was cancelled"),
    "returned": _("returned since"),
    "new_scan": _("a new scan has come"),
    "moved_on": _("the parcel has moved on"),
    "new_promise": _("a new promise was made"),
    "new_ship_date": _("a new ship date was agreed"),
    "step_done": _("the step is done"),
    "outweighed": _("a graver finding took its place"),
    "parcel_gone": _("the parcel is no longer part of the order"),
    "no_longer_true": _("no longer true"),
}
# The mappings that come with the desk; an administrator's own ones have the titles he gave them.
MAPPINGS = {
    "generic": _("Orders as a table (generic)"),
    "olist": _("Olist, Brazilian marketplace orders"),
    "olist_open": _("Olist, by timestamps only"),
}
EVIDENCE = {
    "placed_at": _("Placed"),
    "paid_at": _("Paid"),
    "promised_ship_at": _("Promised to ship"),
    "promised_delivery_at": _("Promised to arrive"),
    "announced_at": _("Announced to the carrier"),
    "status": _("Carrier's last word"),
    "status_at": _("Said since"),
    "last_scan_at": _("Last scan"),
    "attempts": _("Failed deliveries"),
    "place": _("Place"),
}


def status_label(status: str, sub_status: str = "") -> str:
    """A parcel's status, or its sub-status when that says more."""
    entry = TAXONOMY.get((status, sub_status)) or STATUSES.get(status)
    if entry is None:
        return _plain(status)
    return gettext(entry.label)


def stage_label(stage: str) -> str:
    """An order's stage."""
    return str(STAGES.get(stage, stage))


def milestone_label(code: str) -> str:
    """The short name of a milestone."""
    return str(dict(Milestone.Code.choices).get(code, _plain(code)))

    "step": _("Step"),
    "due_at": _("Due"),

def cleared_label(reason: str) -> str:
    """Why an anomaly is over, to stand behind its title."""
    return str(CLEARED.get(reason, reason.replace("_", " ")))


def mapping_label(name: str, title: str) -> str:
    """What a mapping of import files is called; its own `title` for one that did not come with the desk."""
    return str(MAPPINGS.get(name, title))


def department_label(code: str) -> str:
    """A department."""
    return str(dict(Department.choices).get(code, code))


def evidence_rows(evidence: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a finding rests on, as (label, value) with times as datetimes; what is empty is left out."""
    return [
        (str(EVIDENCE.get(key, _plain(key))), _shown(key, value))
        for key, value in evidence.items()
        if value not in (None, "", 0)
    ]


def _shown(key: str, value: Any) -> Any:
    if key == "status" and isinstance(value, str):
        return status_label(*value.split(".", 1))
    if key.endswith("_at") and isinstance(value, str):
        return parse_datetime(value) or value
    return value


def _plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
    if key == "step" and isinstance(value, str):
        return milestone_label(value)
