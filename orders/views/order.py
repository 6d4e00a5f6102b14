"""The list of orders, one order, and the look at its personal data."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders import access, listing
from orders.follow_up_forms import forms_of
from orders.forms import OrderFilterForm, RevealForm
from orders.models import Order
from orders.presents import Presents
from orders.showing import show
from orders.story import KINDS
from ticketdesk.accounts.services import NotAllowed, ReasonMissing, TooManyReveals, record_reveal

COUNTED = 1000
# A page grows by a step at a time, and then goes on as a new page: ten thousand nodes make every key slow.
AT_A_TIME = 200
STEPS = {str(step) for step in range(listing.PAGE, AT_A_TIME, listing.PAGE)}
PERSONAL = ("ship_name", "ship_phone", "ship_address", "customer.name", "customer.phone", "customer.email")


@login_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """The list; with `after`, only the rows of the next page."""
    presents = Presents.at(timezone.now())
    form = OrderFilterForm(request.GET)
    found = form.filters().narrow(access.visible_to(request.user), presents)
    try:
        page = listing.page(found, presents, cursor=request.GET.get("after", ""))
    except listing.BadCursor:
        raise Http404 from None
    rows_before = request.GET.get("so_far", "")
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "presents": presents,
        "present": presents.now,
        "so_far": len(page.rows) + (int(rows_before) if rows_before in STEPS else 0),
        "most": AT_A_TIME,
    }
    if request.headers.get("HX-Request") and request.GET.get("after"):
        return render(request, "orders/list.html#rows", context)
    total = found.order_by().values("pk")[: COUNTED + 1].count()
    context["total"] = f"{COUNTED}+" if total > COUNTED else str(total)
    return render(
        request, "orders/list.html#list" if request.headers.get("HX-Request") else "orders/list.html", context
    )


@login_required
@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order."""
    found = visible_order(request, pk)
    return render(request, "orders/order.html", context_of(request, found))


@login_required
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the buyer's data in full, once the reason is on record."""
    found = visible_order(request, pk)
    form = RevealForm(request.POST)
    shown = False
    if form.is_valid():
        try:
            record_reveal(
                by=request.user, subject_type="order", subject_id=found.pk, fields=PERSONAL,
                reason=form.cleaned_data["reason"], now=timezone.now(),
            )  # fmt: skip
            shown = True
        except ReasonMissing:
            form.add_error("reason", _("Say what you need the data for."))
        except NotAllowed:
            form.add_error(None, _("Your role does not see personal data."))
        except TooManyReveals as error:
            minutes = max(1, round(error.retry_after.total_seconds() / 60))
            form.add_error(None, _("You have looked too often; the next look is free in {n} min.").format(n=minutes))
    context = {"order": found, "reveal": form, "revealed": shown}
    if request.headers.get("HX-Request"):
        return render(request, "orders/_people.html", context, status=200 if shown else 422)
    return render(request, "orders/order.html", context_of(request, found) | context, status=200 if shown else 422)


def visible_order(request: HttpRequest, pk: int) -> Order:
    """An order that the reader may see; 404 for any other."""
    return get_object_or_404(access.visible_to(request.user).select_related("shop", "customer"), pk=pk)


def context_of(request: HttpRequest, found: Order) -> dict[str, Any]:
    """What the order's page shows."""
    now = timezone.now()
    shown = show(found, now)
    return {
        "order": found,
        "shown": shown,
        "presents": Presents.at(now),
        "present": shown.present,
        "lines": list(found.lines.select_related("seller").order_by("line_no")),
        "payments": list(found.payments.order_by("seq")),
        "reveal": RevealForm(),
        "revealed": False,
        "promises": list(found.promises.filter(made_at__lte=shown.present).select_related("author").order_by("-pk")),
        "story_kind": kind if (kind := request.GET.get("show", "")) in KINDS else "",
        "story_all": "all" in request.GET,
        **forms_of(request.user, shown),
    }
