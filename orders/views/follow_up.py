"""What is done to an order's steps on its page: a new promise, a step that is done."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.follow_up_forms import DoneForm, PromiseForm, may_follow_up
from orders.models import Order
from orders.services.ordering import Refused
from orders.services.promising import finish, promise
from orders.views.order import context_of, visible_order


@login_required
@require_POST
def new_promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Promise another time."""
    order, context = _checked(request, pk)
    form = PromiseForm(request.POST, stages=context["shown"].stages)
    if form.is_valid():
        try:
            promise(order=order, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error(refused.fields[0] if refused.fields[0] in form.fields else None, _(str(refused)))
        else:
            messages.success(request, _("The promise is on record."))
            return redirect(f"{reverse('order', args=[pk])}#milestones")
    return render(request, "orders/order.html", context | {"promise_form": form}, status=422)


@login_required
@require_POST
def done(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Say that a step is done."""
    order, context = _checked(request, pk)
    if code not in context["done_forms"]:
        raise Http404
    form = DoneForm(request.POST, code=code, present=context["shown"].present)
    if form.is_valid():
        try:
            finish(order=order, code=code, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error("done_at" if "done_at" in refused.fields else None, _(str(refused)))
        else:
            messages.success(request, _("The step is on record as done."))
            return redirect(f"{reverse('order', args=[pk])}#milestones")
    context["done_forms"][code] = form
    return render(request, "orders/order.html", context, status=422)


def _checked(request: HttpRequest, pk: int) -> tuple[Order, dict[str, Any]]:
    order = visible_order(request, pk)
    if not may_follow_up(request.user):
        raise PermissionDenied("Only agents and above make promises and finish steps.")
    return order, context_of(request, order)
