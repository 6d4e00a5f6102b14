"""Documents of an order in templates."""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse

from orders import labels
from orders.comparing import compared
from orders.goodsforms import DocumentForm
from orders.models import AcceptedDifference, Document, Order

register = template.Library()

register.filter("paper_label", labels.paper_label)
register.filter("difference_label", labels.difference_label)


@register.inclusion_tag("orders/_documents.html", takes_context=True)
def documents_of(context: Context, order: Order, form: DocumentForm | None = None) -> dict[str, Any]:
    """The documents of an order, what of them differs, and the form for another one; three queries."""
    rows = list(Document.objects.filter(order=order).select_related("author").order_by("-is_current", "kind", "-id"))
    kinds = compared([order.pk]).get(order.pk, []) if rows else []
    accepted = AcceptedDifference.objects.filter(order=order).select_related("author") if kinds else []
    by_digest = {(each.kind, each.digest): each for each in accepted}
    return {
        "order": order,
        "papers": [row for row in rows if row.is_current],
        "earlier": [row for row in rows if not row.is_current],
        "kinds": [
            {"told": each, "accepted": by_digest.get((each.kind, each.digest)), "whole": _whole(each)} for each in kinds
        ],
        "form": form or DocumentForm(initial={"currency": order.currency}),
        "open": bool(form and form.errors),
        "writes": context["user"].role != "readonly",
        "address": reverse("order_documents", args=[order.pk]),
        "user": context["user"],
        "csrf_token": context.get("csrf_token"),
        "presents": context.get("presents"),
        "present": context.get("present"),
    }


def _whole(each: Any) -> list[Any]:
    """Differences about the documents as a whole; those of items stand in their rows."""
    return [difference for difference in each.comparison.differences if not difference.item]
