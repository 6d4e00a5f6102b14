"""Raw messages: the list, one of them with its body behind a reason, and another try for dead ones."""

from typing import Any

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders import messagelist
from orders.forms import RevealForm
from orders.models import Endpoint, InboundMessage
from orders.services.deadletters import replay_dead
from orders.services.door import opened
from orders.views.feeds import administrators_only, number_in, readers_only
from ticketdesk.accounts.services import NotAllowed, ReasonMissing, TooManyReveals, record_reveal

# So many at a click; the page says when there are more.
MOST_REPLAYED = 5000
MOST_SHOWN = 100_000


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Messages of all endpoints or one, by state and error, newest first."""
    readers_only(request)
    endpoint, state = number_in(request, "endpoint"), request.GET.get("state", "")
    error = request.GET.get("error", "")[:40].replace("\x00", "")
    found = messagelist.narrowed(endpoint=endpoint, state=state, error=error)
    try:
        page = messagelist.page(found, cursor=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {
        "page": page,
        "state": state,
        "error": error,
        "chosen": Endpoint.objects.filter(pk=endpoint).first() if endpoint else None,
        "states": messagelist.STATES,
        "errors": messagelist.errors(endpoint),
        "endpoints": Endpoint.objects.order_by("name").only("name")[:200],
    }
    return render(request, "orders/messages.html", context)


@login_required
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message without its body."""
    readers_only(request)
    return _page(request, _found(pk))


@login_required
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The body, which may hold personal data, once the reason is on record; administrators only."""
    administrators_only(request)
    found = _found(pk)
    form, body = RevealForm(request.POST), None
    if form.is_valid():
        try:
            record_reveal(
                by=request.user, subject_type="message", subject_id=pk, fields=["body"],
                reason=form.cleaned_data["reason"], now=timezone.now(),
            )  # fmt: skip
            body = opened(found.body).decode("utf-8", "replace")
        except ReasonMissing:
            form.add_error("reason", _("Say what you need the data for."))
        except NotAllowed:
            form.add_error(None, _("Your role does not see personal data."))
        except TooManyReveals as error:
            minutes = max(1, round(error.retry_after.total_seconds() / 60))
            form.add_error(None, _("You have looked too often; the next look is free in {n} min.").format(n=minutes))
    return _page(request, found, reveal=form, body=body, status=200 if body is not None else 422)


def _found(pk: int) -> InboundMessage:
    return get_object_or_404(InboundMessage.objects.select_related("endpoint__shop"), pk=pk)


def _page(request: HttpRequest, found: InboundMessage, *, status: int = 200, **more: Any) -> HttpResponse:
    body = more.pop("body", None)
    context = {
        "row": messagelist.Row(found),
        "message": found,
        "parcels": messagelist.parcels_of(found),
        "reveal": RevealForm(),
        "body": body[:MOST_SHOWN] if body is not None else None,
        "cut": body is not None and len(body) > MOST_SHOWN,
        **more,
    }
    answer = render(request, "orders/message.html", context, status=status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Read dead messages again: the ticked ones, or all of an error (and endpoint)."""
    administrators_only(request)
    told = request.POST
    if told.get("all"):
        endpoint = int(told["endpoint"]) if told.get("endpoint", "").isdigit() else None
        dead = messagelist.narrowed(endpoint=endpoint, state="dead", error=told.get("error", "").replace("\x00", ""))
        ids = list(dead.order_by("-id").values_list("pk", flat=True)[:MOST_REPLAYED])
    else:
        ids = [int(pk) for pk in told.getlist("id") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    count = replay_dead(ids=ids, by=request.user, now=timezone.now()) if ids else 0
    if count:
        notes.success(request, _("{n} messages are read again within seconds.").format(n=count))
    else:
        notes.error(request, _("None of them is dead. Tick dead letters first."))
    back = told.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else reverse("messages") + "?" + urlencode({"state": "dead"}))
