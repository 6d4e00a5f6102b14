"""Incidents: the list, one incident, and one address per button. A button calls one service."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from orders.models import Incident
from orders.presents import Presents
from orders.services import telling_all
from tickets import access, emergency, incident_forms, incident_pages, incidents, lifecycle, services
from tickets.models import Ticket

CHILDREN = 20


@dataclass(frozen=True, slots=True)
class Button:
    """What is filled in, the service it calls, and what is said when it went well."""

    form: type[incident_forms.TogetherForm]
    service: Callable[..., Any]
    done: Any
    action: str


BUTTONS: Mapping[str, Button] = {
    "reply": Button(incident_forms.ReplyAllForm, services.reply_to_all, gettext_lazy("Answered all of them."), "reply"),
    "close": Button(incident_forms.CloseAllForm, services.close_all, gettext_lazy("Closed, all of them."), "solve"),
    "tick": Button(incident_forms.TickForm, services.tick, gettext_lazy("Put on record."), "note"),
    "tell": Button(incident_forms.TellForm, services.tell_buyers, gettext_lazy("The message is on its way."), "reply"),
}


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    state = request.GET.get("state", "")
    try:
        page = incident_pages.page(request.user, state=state, cursor=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {"page": page, "state": state, "presents": Presents.at(timezone.now())}
    return render(request, "tickets/incidents.html", context)


@login_required
@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident."""
    return render(request, "tickets/incident.html", _context(request, _visible(request, pk)))


@login_required
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Press one button. `tell` shows a preview first, and sends when it is confirmed."""
    button = BUTTONS.get(action)
    if button is None:
        raise Http404
    found = _visible(request, pk)
    ticket = incidents.parent_of(found)
    if not access.visible_to(request.user).filter(pk=ticket.pk).exists():
        raise PermissionDenied(_("The incident's ticket is another team's. Ask a supervisor."))
    form = button.form(request.POST, auto_id=f"{action}_%s")
    if not form.is_valid():
        return render(request, "tickets/incident.html", _context(request, found, {action: form}), status=422)
    if action == "tell" and "confirm" not in request.POST:
        preview = telling_all.preview(found, form.texts)  # type: ignore[attr-defined]
        return render(request, "tickets/incident.html", _context(request, found, {action: form}, preview))
    try:
        button.service(ticket=ticket, by=request.user, now=found.shop.present(timezone.now()), **form.arguments())
    except access.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except (services.Stale, lifecycle.WrongStatus) as error:
        form.add_error(None, str(error))
        return render(request, "tickets/incident.html", _context(request, found, {action: form}), status=409)
    except services.Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return render(request, "tickets/incident.html", _context(request, found, {action: form}), status=422)
    messages.success(request, str(button.done))
    return redirect("incident", found.pk)


def _visible(request: HttpRequest, pk: int) -> Incident:
    return get_object_or_404(incident_pages.visible_to(request.user).select_related("shop", "told_by"), pk=pk)


def _context(
    request: HttpRequest, found: Incident, filled: Mapping[str, Any] | None = None, preview: Any = None
) -> dict[str, Any]:
    presents = Presents.at(timezone.now())
    ticket = Ticket.objects.filter(incident=found).select_related("team", "assignee", "shop").first()
    seen = access.visible_to(request.user)
    may: frozenset[str] = frozenset()
    if ticket is not None and seen.filter(pk=ticket.pk).exists():
        may = access.actions_of(request.user, ticket) & lifecycle.possible(ticket.status)
    children = seen.filter(parent=ticket).select_related("order", "carrier", "customer", "assignee", "shop")
    shown = list(children.order_by("-muted", "id")[: CHILDREN + 1]) if ticket else []
    labels, series, table = incident_pages.chart(found)
    events = ticket.events.select_related("actor").order_by("id") if ticket else []
    initial = {"version": ticket.version if ticket else None}
    drafts = {f"text_{code}": text for code, text in telling_all.draft(found).items()}
    return {
        "incident": found,
        "title": incident_pages.title(found),
        "why": incident_pages.why(found),
        "proof": incident_pages.proof(found),
        "ticket": ticket,
        "presents": presents,
        "present": presents.of(found.shop_id),
        "reach": incident_pages.reach(found),
        "chart_labels": labels,
        "chart_series": series,
        "chart_table": table,
        "plan": emergency.plan(events),
        "children": shown[:CHILDREN],
        "more_children": len(shown) > CHILDREN,
        "may": {name for name, button in BUTTONS.items() if button.action in may},
        "forms": {
            name: (filled or {}).get(name)
            or button.form(
                initial=initial | (drafts if name == "tell" else {}) | {"key": uuid.uuid4().hex}, auto_id=f"{name}_%s"
            )
            for name, button in BUTTONS.items()
        },
        "preview": preview,
        "failed": next(iter(filled or {}), ""),
    }
