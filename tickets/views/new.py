"""Open a ticket by hand: after a call, or for a colleague."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketdesk.accounts.models import Role
from tickets import services
from tickets.forms import NewTicketForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; an order's page fills in the order."""
    if request.user.role != Role.AGENT and not request.user.is_supervisor:
        raise PermissionDenied("Agents and supervisors open tickets.")
    given = {"order_no": request.GET.get("order_no", "")[:64], "shop": request.GET.get("shop", "")}
    form = NewTicketForm(request.POST or None, user=request.user, initial={**given, "key": uuid.uuid4().hex})
    if request.method == "POST" and form.is_valid():
        opening = form.new_ticket()
        ticket = services.open_ticket(new=opening, by=request.user, now=opening.shop.present(timezone.now()))
        messages.success(request, _("Ticket #{n} is open.").format(n=ticket.pk))
        return redirect("ticket", ticket.pk)
    return render(request, "tickets/new.html", {"form": form}, status=422 if form.errors else 200)
