"""What the demo's people do with a ticket, step by step, by what it is about. Pure.

A script is what is meant to happen; the desk leaves out what the ticket's state no longer allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `what` is a template's code, a department, a party to wait for or a cause."""

    do: str
    what: str = ""


# What decides a ticket: the carrier's next word, the buyer's, or our own departments'.
CHASED = frozenset({"no_update", "overdue", "unsigned_overdue", "no_first_scan"})
ASKED = frozenset({"delivery_failed", "unreachable", "address_error", "unclaimed", "refused", "returning"})
DECIDED = frozenset({"returned", "lost", "damaged", "out_of_area"})
"""Here the desk decides with the buyer; no later scan mends it."""
INHOUSE = frozenset({"not_shipped", "unapproved", "customs_hold", "stock_out", "document_mismatch"})

CAUSES = {
    "damaged": "loss_damage", "lost": "loss_damage", "refused": "refusal", "returning": "refusal",
    "returned": "refusal", "address_error": "information", "unreachable": "information", "unapproved": "information",
    "order_change": "information", "consultation": "information", "complaint": "service", "after_sale": "quality",
}  # fmt: skip
GOOD_NEWS = {"no_update": "no_update_moving", "customs_hold": "customs_released"}
HELP = {
    "no_update": "logistics", "overdue": "logistics", "unsigned_overdue": "logistics", "no_first_scan": "warehouse",
    "damaged": "quality", "lost": "logistics", "not_shipped": "purchasing", "stock_out": "purchasing",
    "document_mismatch": "customs", "complaint": "logistics",
    "after_sale": "quality", "order_change": "warehouse",
}  # fmt: skip
ASKS_FOR_HELP = 0.6
CLOSES = 0.5
REOPENS = 0.07


def script(about: str, rng: Random) -> Iterator[Step]:
    """The steps for a ticket about an anomaly or of a kind, until it is closed."""
    if rng.random() < 0.55:
        yield Step("accept")
    yield Step("reply", "after_sale_evidence" if about == "after_sale" else about)
    if rng.random() < 0.15:
        yield Step("note")
    yield from _middle(about, rng)
    yield from _end(about, rng)


def short_script(about: str, rng: Random) -> Iterator[Step]:
    """What is done about a ticket on which all goes smoothly."""
    yield Step("reply", "after_sale_refund" if about == "after_sale" else about)
    if about in CHASED | ASKED | INHOUSE:
        yield Step("settle")
    elif about in DECIDED:
        yield Step("decide")
    yield Step("solve", CAUSES.get(about, "delay"))
    if rng.random() < CLOSES:
        yield Step("close")


def _middle(about: str, rng: Random) -> Iterator[Step]:
    if about in CHASED | {"damaged", "lost", "complaint", "order_change"} and rng.random() < ASKS_FOR_HELP:
        yield from (Step("hand_over", HELP[about]), Step("answer"))
    if about == "not_shipped" and rng.random() < 0.3:
        yield from (Step("hand_over", HELP[about]), Step("answer"))
    if about in ASKED | DECIDED or about == "after_sale" or (about == "customs_hold" and rng.random() < 0.5):
        yield Step("wait", "customer")
        if rng.random() < 0.6:
            yield Step("customer", about)
            yield Step("reply", "after_sale_refund" if about == "after_sale" else "progress")
    elif about in INHOUSE | {"overdue"} and rng.random() < 0.3:
        yield from (Step("customer", about), Step("reply", "progress"))
    if about == "complaint":
        if rng.random() < 0.2:
            yield Step("regrade")
        yield Step("wait", "carrier")
    if about in CHASED | ASKED | INHOUSE:
        yield Step("settle")
    elif about in DECIDED | {"complaint", "after_sale"}:
        yield Step("decide")


def _end(about: str, rng: Random) -> Iterator[Step]:
    if about not in {"consultation", "order_change"} and rng.random() < 0.5:
        yield Step("reply", GOOD_NEWS.get(about, "solved"))
    yield Step("solve", CAUSES.get(about, "delay"))
    if rng.random() < REOPENS:
        yield from (
            Step("reopen"),
            Step("reply", "complaint"),
            Step("decide"),
            Step("solve", CAUSES.get(about, "delay")),
        )
    if rng.random() < CLOSES:
        yield Step("close")


def again(about: str) -> list[Step]:
    """The steps when the same trouble is found once more on a ticket that was solved."""
    return [Step("reply", about), Step("settle"), Step("solve", CAUSES.get(about, "delay"))]
