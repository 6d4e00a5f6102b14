"""Words for what the rows hold: stages, parcel statuses, evidence, departments. In the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders.models import Milestone
from orders.papers import kinds
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
# What is found of many orders together, by no detector's file.
GROUP_TITLES = {
    "batch_event": gettext_noop("Held up with its container"),
    "feed_silent": gettext_noop("A source of tracking news is silent"),
    "repeat_victim": gettext_noop("A buyer is let down again and again"),
}
SEGMENTS = {
    "batch": _("Container"),
    "hub": _("Hub"),
    "city": _("City"),
    "sku": _("Article"),
    "warehouse": _("Warehouse"),
    "lane": _("Lane"),
    "region": _("Region"),
    "carrier": _("Carrier"),
    "feed": _("Source of news"),
    "shop": _("Shop"),
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
    "step_done": _("the step is done"),
    "new_ship_date": _("a new ship date was agreed"),
    "outweighed": _("a graver finding took its place"),
    "parcel_gone": _("the parcel is no longer part of the order"),
    "no_longer_true": _("no longer true"),
    "documents_agree": _("the documents agree now, or the difference was accepted"),
    "number_known": _("the carrier knows the number now"),
    "new_place": _("the parcel has reached another place"),
    "resting": _("the parcel lies still for a known reason"),
    "first_scan": _("the carrier has scanned it"),
    "withdrawn": _("the carrier has taken it back"),
    "refunded": _("one of the payments was given back"),
    "released": _("risk has let the order go"),
    "frozen": _("the order is frozen for risk"),
    "payment_agrees": _("the payments agree now"),
    "corrected": _("the buyer's details were completed"),
    "by_hand": _("somebody resolved it"),
    "likely_in_time": _("it is likely to arrive in time now"),
    "in_stock": _("stock was reserved, or the lines were cancelled"),
}
ANOMALY_STATES = {
    "suspected": _("Suspected (shadow)"),
    "open": pgettext_lazy("state of an anomaly", "Open, not accepted"),
    "acknowledged": _("Acknowledged"),
    "reopened": _("Reopened"),
    "cleared": _("Cleared by itself"),
    "resolved": _("Resolved by hand"),
}
VERDICTS = {"real": _("Real"), "false": _("False alarm")}
LIMITS = {
    "after": _("After"),
    "worse": _("Graver after"),
    "urgent": _("Urgent after"),
    "warn": _("Look ahead after"),
    "domestic": _("At home"),
    "cross_border": _("Across a border"),
    "place": _("In one place"),
    "within": _("Within"),
    "lead": _("At least this long before the promise"),
}
HAPPENED = {
    "opened": _("Found"),
    "reported": _("Reported once more"),
    "regraded": _("Grade changed"),
    "acknowledged": _("Acknowledged: its ticket was accepted"),
    "resolved": _("Resolved by hand"),
    "cleared": _("Cleared by itself"),
    "reopened": _("Found again within two days"),
    "promoted": _("Left shadow mode"),
    "verdict": _("Verdict"),
}
# The kinds of documents that come with the desk; others have the titles of orders/papers.toml.
PAPERS = {
    "invoice": _("Invoice"),
    "packing_list": _("Packing list"),
    "bill_of_lading": _("Bill of lading"),
}
DIFFERENCES = {
    "missing": _("Missing"),
    "extra": _("Not ordered"),
    "quantity": _("Quantity"),
    "amount": _("Amount"),
    "name": _("Name"),
    "total_quantity": _("Pieces in all"),
    "total_amount": _("Amount in all"),
    "freight": _("Freight"),
    "currency": _("Currency"),
}
# The mappings that come with the desk; an administrator's own ones have the titles he gave them.
MAPPINGS = {
    "generic": _("Orders as a table (generic)"),
    "olist": _("Olist, Brazilian marketplace orders"),
    "olist_open": _("Olist, by timestamps only"),
    "events": _("Tracking events as a table"),
}
# What the common sources call ways to pay; brands keep their own spelling.
PAYMENTS = {
    "alipay": _("Alipay"),
    "wechat": _("WeChat Pay"),
    "wechat_pay": _("WeChat Pay"),
    "line_pay": "LINE Pay",
    "apple_pay": "Apple Pay",
    "google_pay": "Google Pay",
    "paypal": "PayPal",
    "unionpay": _("UnionPay"),
    "boleto": "Boleto",
    "credit_card": _("Credit card"),
    "debit_card": _("Debit card"),
    "bank_transfer": _("Bank transfer"),
    "cash_on_delivery": _("Cash on delivery"),
    "cod": _("Cash on delivery"),
    "voucher": _("Voucher"),
    "not_defined": _("Not stated"),
    "": _("Not stated"),
}
EVIDENCE = {
    "chance": _("Chance of being late, in percent"),
    "parcels": _("Parcels it was learnt from"),
    "lane": _("Lane"),
    "half_at": _("Half of such parcels arrive by"),
    "most_at": _("Nine in ten arrive by"),
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
    "step": _("Step"),
    "due_at": _("Due"),
    "delivered_at": _("Delivered"),
    "exception_at": _("Problem reported"),
    "exception_status": _("Problem"),
    "exception_text": _("In the carrier's words"),
    "paid_first_at": _("Paid the first time"),
    "paid_again_at": _("Paid again"),
    "other_order": _("The other order"),
    "payments": _("Payments"),
    "risk_at": _("Flagged as a risk"),
    "risk_reason": _("Reason"),
    "lacks": _("Missing"),
    "reported_at": _("Reported"),
    "note": _("Note"),
    "heard_at": _("First heard of"),
    "number": _("Tracking number"),
    "carrier": _("Carrier"),
    "at": _("When"),
}
BUYER_DATA = {"name": _("name"), "phone": _("phone number"), "address": _("address")}


def anomaly_state(state: str) -> str:
    """An anomaly's state."""
    return str(ANOMALY_STATES.get(state, _plain(state)))


def verdict_label(verdict: str) -> str:
    """What somebody said of an anomaly."""
    return str(VERDICTS.get(verdict, verdict))


def limit_label(name: str) -> str:
    """A detector's limit."""
    return str(LIMITS.get(name, _plain(name)))


def happened_label(kind: str) -> str:
    """What happened to an anomaly."""
    return str(HAPPENED.get(kind, _plain(kind)))


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


def cleared_label(reason: str) -> str:
    """Why an anomaly is over, to stand behind its title."""
    return str(CLEARED.get(reason, reason.replace("_", " ")))


def mapping_label(name: str, title: str) -> str:
    """What a mapping of import files is called; its own `title` for one that did not come with the desk."""
    return str(MAPPINGS.get(name, title))


def payment_label(method: str) -> str:
    """A way to pay; one that nobody has named yet is made readable."""
    code = method.strip().lower().replace("-", "_").replace(" ", "_")
    return str(PAYMENTS.get(code, _plain(code)))


def paper_label(kind: str) -> str:
    """A kind of document."""
    known = kinds().get(kind)
    return str(PAPERS.get(kind, known.title if known else _plain(kind)))


def difference_label(what: str) -> str:
    """What of a document differs."""
    return str(DIFFERENCES.get(what, _plain(what)))


def department_label(code: str) -> str:
    """A department."""
    return str(dict(Department.choices).get(code, code))


def buyer_data_label(codes: str) -> str:
    """What of the buyer's details is missing, from codes such as "name,phone"."""
    return ", ".join(str(BUYER_DATA.get(code, code)) for code in codes.split(","))


def evidence_rows(evidence: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a finding rests on, as (label, value) with times as datetimes; what is empty is left out."""
    return [
        (str(EVIDENCE.get(key, _plain(key))), _shown(key, value))
        for key, value in evidence.items()
        if value not in (None, "", 0)
    ]


def _shown(key: str, value: Any) -> Any:
    if key in ("status", "exception_status") and isinstance(value, str):
        return status_label(*value.split(".", 1))
    if key == "step" and isinstance(value, str):
        return milestone_label(value)
    if key == "lacks" and isinstance(value, str):
        return buyer_data_label(value)
    if (key.endswith("_at") or key == "at") and isinstance(value, str):
        return parse_datetime(value) or value
    return value


def _plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
