"""A new promise about a step of an order: on record with its reason and who told whom, then followed by everything."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from orders.models import Milestone, Order, Promise
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from orders.services.ordering import Refused, record_facts
from orders.services.planning import FACTS, PROMISES
from ticketdesk.accounts.models import User


@transaction.atomic
def promise(
    *, order: Order, code: str, promised_at: datetime, reason: str, told_to: str = "",
    channel: str = Promise.Channel.NOT_TOLD, by: User, now: datetime,
) -> Promise:  # fmt: skip
    """Promise that a step will be done by `promised_at`; `now` is the desk's clock.

    The order's own promises (hand-over, delivery), its milestones and its anomalies follow at once. Raises Refused when
    the order is over, the step is not one of its open ones, or the time has passed or comes in an impossible sequence.
    """
    lock([order.pk])
    step = open_step(order, code)
    if promised_at <= order.shop.present(now):
        raise Refused(["promised_at"], _("This time has passed. Promise a later one."))
    if promised_at < order.placed_at:  # in a shop whose history is replayed
        raise Refused(["promised_at"], _("This is earlier than the order was placed. Promise a later time."))
    made = Promise.objects.create(
        order=order, code=code, version=Promise.objects.filter(order=order, code=code).count() + 1,
        promised_at=promised_at, before_at=step.promised_at, reason=reason, told_to=told_to, channel=channel,
        author=by, made_at=order.shop.present(now),
    )  # fmt: skip
    if code in PROMISES:
        try:
            record_facts(order=order, facts={PROMISES[code]: promised_at}, now=now)
        except Refused as refused:
            raise Refused(["promised_at"], _in_words(str(refused))) from None
    else:
        step.promised_at = promised_at
        step.save(update_fields=["promised_at"])
        follow(order, now)
    return made


def _in_words(text: str) -> str:
    names = {"promised_delivery_at": "the promised delivery", "promised_ship_at": "the promised hand-over",
             "placed_at": "the order", "Correct one of them": "Correct the time, or promise both anew"}  # fmt: skip
    for name, words in names.items():
        text = text.replace(name, words)
    return text[:1].upper() + text[1:]


@transaction.atomic
def finish(*, order: Order, code: str, done_at: datetime, evidence: str, by: User, now: datetime) -> Milestone:
    """Put on record that a step was done at `done_at`, and what shows it; `now` is the desk's clock.

    A step that the order's row tells (payment, hand-over, delivery) changes the row. Said again, it is corrected.
    Raises Refused when the step is not one of the order's, follows from its placing, or the time cannot be true.
    """
    lock([order.pk])
    step = step_of(order, code)
    if code == Milestone.Code.ORDER_RECEIVED:
        raise Refused(["code"], _("An order is received when it is placed. Name another step."))
    if done_at > max(now, order.shop.present(now)):
        raise Refused(["done_at"], _("This lies in the future. Say it once it has happened."))
    if done_at < order.placed_at:
        raise Refused(["done_at"], _("This is earlier than the order was placed. Give a later time."))
    if code in FACTS:
        try:
            record_facts(order=order, facts={FACTS[code]: done_at}, now=now)
        except Refused as refused:
            raise Refused(["done_at"], str(refused)) from None
    Milestone.objects.filter(pk=step.pk).update(actual_at=done_at, evidence=evidence, done_by=by)
    follow(order, now)
    step.refresh_from_db()
    return step


def step_of(order: Order, code: str) -> Milestone:
    """A step of the order. Raises Refused when it has none of this name."""
    steps = {step.code: step for step in order.milestones.all()}
    if code not in steps:
        raise Refused(["code"], f"This order has no such step. It has: {', '.join(steps) or 'none'}.")
    return steps[code]


def open_step(order: Order, code: str) -> Milestone:
    """The same, for a step about which something can still be promised."""
    step = step_of(order, code)
    if step.actual_at is not None:
        raise Refused(["code"], _("This step is done. Promise one that is open."))
    if order.cancelled_at is not None:
        raise Refused(["code"], _("The order was cancelled. Nothing can be promised about it."))
    return step


def follow(order: Order, now: datetime) -> None:
    """Let the forecast and the anomalies follow after a step has changed."""
    sync_milestones([order.pk])
    judge_orders(order.shop_id, [order.pk], now=order.shop.present(now))
