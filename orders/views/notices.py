"""Buyers' notices for supervisors, a shop's say in them, and the link to an order's public page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import access, noticed
from orders.forms import NoticeSettingsForm
from orders.models import Shop
from orders.services import links, noticing, voicing
from ticketdesk.accounts.models import Role
from ticketdesk.outbox import services as outbox


def _supervisors_only(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators see what buyers were told.")


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What buyers were told and were not, newest first."""
    _supervisors_only(request)
    state, number = request.GET.get("state", ""), request.GET.get("q", "").strip()[:64]
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404
    shown = noticed.page(state=state, number=number, before=int(before) if before else None)
    context = {
        "page": shown,
        "state": state,
        "q": number,
        "states": noticed.STATES,
        "shops": Shop.objects.order_by("name").only("name", "notices_since", "present_at")[:100],
    }
    return render(request, "orders/notices.html", context)


@login_required
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Send the ticked ones that failed again."""
    _supervisors_only(request)
    ids = [int(pk) for pk in request.POST.getlist("id") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    count = outbox.retry(ids, audience=noticing.AUDIENCE)
    messages.success(request, _("{n} notices are sent again.").format(n=count))
    return redirect("notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_of_shop(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether and how a shop tells its buyers; administrators only, since a webhook is a way out of the house."""
    if not request.user.is_administrator:
        raise PermissionDenied("Only administrators decide what leaves the house.")
    shop = get_object_or_404(Shop, pk=pk)
    form = NoticeSettingsForm(request.POST or None, instance=shop)
    if request.method == "POST" and form.is_valid():
        secret = voicing.decide(
            shop, on=form.cleaned_data["on"], new_secret=form.cleaned_data["new_secret"], now=timezone.now()
        )
        messages.success(request, _("Saved."))
        if not secret:
            return redirect("notice_settings", shop.pk)
        fresh = NoticeSettingsForm(instance=shop)
        return render(request, "orders/notice_settings.html", {"shop": shop, "form": fresh, "secret": secret})
    status = 422 if form.errors else 200
    return render(request, "orders/notice_settings.html", {"shop": shop, "form": form}, status=status)


@login_required
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make, replace or revoke the link to an order's public page."""
    if request.user.role == Role.READONLY:
        raise PermissionDenied("Your role only reads.")
    order = get_object_or_404(access.visible_to(request.user), pk=pk)
    if request.POST.get("do") == "revoke":
        links.revoke(order, now=timezone.now())
    elif request.POST.get("do") == "renew":
        links.renew(order)
    else:
        links.link_of(order)
    return redirect("order", order.pk)
