"""Plans for orders: which ones there are, and writing a new version of one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.follow_up_forms import TemplateForm, type_label
from orders.models import MilestoneTemplate, Shop
from orders.services.templates import Template, newest_templates, publish_template, template_for
from orders.steps import READY, STEPS, Step, Unit

SHOWN = 50


def _check(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators see and edit the plans of orders.")


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan as it counts now, and the versions before."""
    _check(request)
    found = newest_templates()
    ready = [Template(None, kind, READY[kind]) for kind in READY if (None, kind) not in found]
    shops = dict(Shop.objects.values_list("pk", "name"))
    rows = [
        {
            "template": each,
            "shop": shops.get(each.shop_id),
            "title": type_label(each.order_type),
            "steps": [step for step in each.steps if step.needed],
        }
        for each in sorted([*ready, *found.values()], key=lambda each: (each.shop_id or 0, _place(each.order_type)))
    ]
    versions = MilestoneTemplate.objects.select_related("shop", "author").order_by("-pk")[:SHOWN]
    history = [{"version": each, "title": type_label(each.order_type)} for each in versions]
    return render(request, "orders/plans.html", {"rows": rows, "history": history})


def _place(kind: str) -> tuple[int, str]:
    known = list(READY)
    return (known.index(kind) if kind in known else len(known), kind)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_plan(request: HttpRequest) -> HttpResponse:
    """A new version of the plan that the address names, or a plan for another type of orders."""
    _check(request)
    kind, shop_id = request.GET.get("type", "")[:32], _number(request.GET.get("shop", ""))
    start = template_for(newest_templates(), shop_id, kind)
    given = {step.code: step for step in start.steps}
    # A plan written before a step was known to the desk can take it in.
    steps = [
        given.get(code, Step(code, owner, 1, Unit.BUSINESS_DAYS, needed=False)) for code, (_seq, owner) in STEPS.items()
    ]
    initial: dict[str, Any] = {"order_type": kind, "shop": shop_id}
    form = TemplateForm(request.POST or None, steps=steps, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        made = publish_template(
            shop=chosen["shop"], order_type=chosen["order_type"], steps=chosen["steps"], by=request.user
        )
        text = _("Version {n} of “{plan}” counts from now on for new orders.")
        messages.success(request, text.format(n=made.version, plan=type_label(made.order_type)))
        return redirect("order_plans")
    context = {"form": form, "title": type_label(kind) if kind else "", "version": start.version}
    return render(request, "orders/plan.html", context, status=422 if form.errors else 200)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
