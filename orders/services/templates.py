"""Plans for orders: which one counts for an order, and publishing a new version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from orders.models import MilestoneTemplate, Shop
from orders.steps import READY, STOCK, Step, in_order, kind_of, read_steps
from ticketdesk.accounts.models import User

Key = tuple[int | None, str]
"""Shop (None for all) and order type."""


@dataclass(frozen=True, slots=True)
class Template:
    """A plan as it counts now; one that comes with the desk has neither id nor version."""

    shop_id: int | None
    order_type: str
    steps: tuple[Step, ...]
    id: int | None = None
    version: int = 0


def newest_templates(shop_ids: Collection[int] | None = None) -> dict[Key, Template]:
    """The newest version of each plan that people wrote, of these shops (None: all) and of everybody; one query."""
    rows = MilestoneTemplate.objects.order_by("shop_id", "order_type", "-version").distinct("shop_id", "order_type")
    if shop_ids is not None:
        rows = rows.filter(Q(shop__isnull=True) | Q(shop__in=shop_ids))
    return {
        (row.shop_id, row.order_type): Template(row.shop_id, row.order_type, read_steps(row.steps), row.pk, row.version)
        for row in rows
    }


def template_for(templates: Mapping[Key, Template], shop_id: int | None, order_type: str) -> Template:
    """The plan for an order: its shop's, else everybody's, else the desk's own; an unknown type counts as stock."""
    for kind in (kind_of(order_type), STOCK):
        for key in ((shop_id, kind), (None, kind)):
            if key in templates:
                return templates[key]
        if kind in READY:
            return Template(None, kind, READY[kind])
    raise LookupError("there is no plan for stock")  # READY holds one


@transaction.atomic
def publish_template(*, shop: Shop | None, order_type: str, steps: Sequence[Step], by: User) -> MilestoneTemplate:
    """A new version of the plan for orders of this type, of one shop or of all; orders planned before keep theirs.

    Raises StepsInvalid.
    """
    kind, shop_id = kind_of(order_type), shop.pk if shop else None
    data = [step.to_data() for step in in_order(steps)]
    with connection.cursor() as cursor:  # two people who publish at once get two versions
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"milestone template {shop_id} {kind}"])
    newest = (
        MilestoneTemplate.objects.filter(shop=shop, order_type=kind)
        .order_by("-version").values_list("version", flat=True).first()
    )  # fmt: skip
    return MilestoneTemplate.objects.create(
        shop=shop, order_type=kind, version=(newest or 0) + 1, steps=data, author=by
    )
