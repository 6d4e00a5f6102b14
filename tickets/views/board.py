"""The board: saved views, filters, pages, what is new, and a peek at one ticket."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from orders.finding import find_orders
from orders.listing import BadCursor
from orders.presents import Presents
from orders.showing import show
from ticketdesk.accounts.models import User
from tickets import access, boards, lifecycle, selectors, services
from tickets.forms import FilterForm
from tickets.models import Ticket, TicketEvent

FOUND = 7
AT_ONCE = 50
# What a row shows. Nobody's personal data is among it, so a list does not unseal any.
COLUMNS = (
    *("grade", "scope", "subject", "language", "anomaly_code", "status", "holder", "shop", "opened_at"),
    *("expected_loss", "due_by", "respond_by", "resolve_by", "call_back_at", "paused", "responded_at", "solved_at"),
    *("closed_at", "order__external_no", "carrier__name", "customer__tier", "assignee__name", "assignee__email"),
)
# A page grows by a step at a time, and then goes on as a new page: ten thousand nodes make every key slow.
AT_A_TIME = 200
STEPS = {str(step) for step in range(selectors.PAGE, AT_A_TIME, selectors.PAGE)}
CHANGES_TOLD = 99


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody starts at the board."""
    return redirect("board")


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """One standard view, narrowed and sorted; with `after`, only the rows of the next page."""
    presents = Presents.at(timezone.now())
    shown = boards.BY_CODE.get(request.GET.get("view", ""), boards.DEFAULT)
    form = FilterForm(request.GET, user=request.user)
    filters = form.filters()
    tickets = filters.narrow(selectors.view(shown.code, request.user, presents)).only(*COLUMNS)
    sort = request.GET.get("sort", "")
    sort = sort if sort in selectors.SORTS and (sort != "loss" or shown.by_loss) else shown.sort
    try:
        page = selectors.page(tickets, sort=sort, cursor=request.GET.get("after", ""))
    except BadCursor:
        raise Http404 from None
    rows_before = request.GET.get("so_far", "")
    context: dict[str, Any] = {
        "board": {"view": shown, "sort": sort},
        "presents": presents,
        "present": presents.now,
        "form": form,
        "page": page,
        "so_far": len(page.rows) + (int(rows_before) if rows_before in STEPS else 0),
        "most": AT_A_TIME,
        "own_sort": shown.sort,
        "sorts": boards.SORTS,
        "may_take": request.user.role != "readonly",
        "may_open": request.user.role == "agent" or request.user.is_supervisor,
    }
    if request.headers.get("HX-Request") and request.GET.get("after"):
        return render(request, "tickets/board.html#rows", context)
    newest = boards.newest_event()
    counts = boards.counts(request.user, presents, newest)
    request.standard_views = boards.with_counts(counts)  # type: ignore[attr-defined]
    # Without a filter it is the number that stands beside the view already.
    narrowed = form.active or shown.code not in counts
    total = selectors.counted(shown.code, tickets) if narrowed else counts[shown.code]
    context |= {"total": boards.shown(total) or "0", "pulse": _pulse_url(shown.code, newest)}
    template = "tickets/board.html#list" if request.headers.get("HX-Request") else "tickets/board.html"
    return render(request, template, context)


def _pulse_url(view: str, newest: int) -> str:
    return f"{reverse('board_pulse')}?view={view}&since={newest}"


@login_required
@require_GET
def pulse(request: HttpRequest) -> JsonResponse:
    """The counts of the views, and how many tickets of this one changed since the page was drawn."""
    presents = Presents.at(timezone.now())
    shown = boards.BY_CODE.get(request.GET.get("view", ""), boards.DEFAULT)
    since = request.GET.get("since", "")
    newest = boards.newest_event()
    views = boards.with_counts(boards.counts(request.user, presents, newest))
    changed = 0
    if since.isascii() and since.isdigit() and len(since) < 19 and int(since) < newest:
        touched = TicketEvent.objects.filter(
            pk__gt=int(since), ticket__in=selectors.view(shown.code, request.user, presents)
        )
        changed = touched.order_by().values("ticket").distinct()[:CHANGES_TOLD].count()
    return JsonResponse({"counts": {board.code: board.count for board in views}, "changed": changed})


@login_required
@require_safe
@never_cache
def next_for_me(request: HttpRequest) -> HttpResponse:
    """Open what I had best work on next and nobody else was given just now; back to the board when there is none."""
    after = request.GET.get("after", "")
    found = boards.next_for(request.user, Presents.at(timezone.now()), but=after)
    if found is None:
        messages.info(request, _("Nothing waits for you: all that is open is with somebody."))
        return redirect("board")
    return redirect("ticket", found)


@login_required
@require_safe
def peek(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel beside the list: why, where the order stands, what was said last."""
    ticket = get_object_or_404(
        access.visible_to(request.user).select_related("shop", "order__shop", "anomaly", "assignee", "team"), pk=pk
    )
    presents = Presents.at(timezone.now())
    context = {
        "ticket": ticket,
        "presents": presents,
        "present": presents.of(ticket.shop_id),
        "shown": show(ticket.order, presents.now) if ticket.order else None,
        "last": list(ticket.messages.select_related("author").order_by("-id")[:3]),
    }
    return render(request, "tickets/_peek.html", context)


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take the ticked tickets myself: each is accepted, or given to me when somebody accepted it before."""
    now = timezone.now()
    wanted = [int(text) for text in request.POST.getlist("ids")[:AT_ONCE] if text.isascii() and text.isdigit()]
    taken = 0
    live = access.visible_to(request.user).filter(pk__in=wanted, status__in=lifecycle.LIVE)
    for ticket in live.select_related("shop"):
        taken += _take(ticket, request.user, ticket.shop.present(now))
    text = ngettext("{n} ticket is yours now.", "{n} tickets are yours now.", taken).format(n=taken)
    return _told(request, text, left_out=len(set(wanted)) - taken)


def _take(ticket: Ticket, user: User, present: Any) -> bool:
    try:
        if ticket.status == lifecycle.NEW:
            services.accept(ticket=ticket, by=user, now=present)
        else:
            services.assign(ticket=ticket, by=user, now=present, to=user)
    except (access.NotAllowed, lifecycle.WrongStatus, services.Refused):
        return False
    return True


def _told(request: HttpRequest, text: str, *, left_out: int) -> HttpResponse:
    if left_out:
        text += " " + ngettext("{n} could not be taken.", "{n} could not be taken.", left_out).format(n=left_out)
    if not request.headers.get("HX-Request"):
        from_page = request.POST.get("next", "")
        return redirect(from_page if from_page.startswith("/tickets/") else "board")
    response = HttpResponse(status=204)
    response.headers["HX-Trigger"] = triggers({"desk:toast": {"text": text}, "desk:done": {}, "desk:changed": {}})
    return response


def triggers(events: dict[str, Any]) -> str:
    """The HX-Trigger header for these events; ASCII, as headers must be."""
    return json.dumps(events)


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The palette's answer: tickets and orders by number, parcel, name or phone."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:120]  # no database takes NUL
    context: dict[str, Any] = {"text": text}
    if text:
        presents = Presents.at(timezone.now())
        tickets = selectors.Filters(text=text).narrow(access.visible_to(request.user))
        context |= {
            "presents": presents,
            "tickets": list(tickets.select_related("shop", "order").order_by("-id")[:FOUND]),
            "orders": list(_orders(request.user, text)[:FOUND]),
        }
    return render(request, "tickets/_found.html", context)


def _orders(user: User, text: str) -> Any:
    orders = access.visible_orders(user).filter(pk__in=find_orders(text))
    return orders.select_related("shop").order_by("-placed_at")
