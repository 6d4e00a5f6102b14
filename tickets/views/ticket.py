"""One ticket: its page, and one address per button. A button calls one service and shows the ticket as it is then."""

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

from orders.presents import Presents
from orders.showing import show
from tickets import access, boards, forms, lifecycle, selectors, services, wording
from tickets.models import Handover, Ticket
from tickets.views.board import triggers
from tickets.views.conversation import filled_templates, story


@dataclass(frozen=True, slots=True)
class Button:
    """What is filled in, the service it calls, and what is said when it went well."""

    form: type[forms.ActionForm]
    service: Callable[..., Any]
    done: Any


BUTTONS: Mapping[str, Button] = {
    "accept": Button(forms.ActionForm, services.accept, gettext_lazy("The ticket is yours.")),
    "assign": Button(forms.AssignForm, services.assign, gettext_lazy("Given away.")),
    "wait": Button(forms.WaitForm, services.wait, gettext_lazy("Waiting. It comes back by itself.")),
    "resume": Button(forms.ActionForm, services.resume, gettext_lazy("Work goes on.")),
    "hand_over": Button(forms.HandOverForm, services.hand_over, gettext_lazy("Handed over.")),
    "answer": Button(forms.AnswerForm, services.answer, gettext_lazy("Answered.")),
    "call_back": Button(forms.ActionForm, services.call_back, gettext_lazy("The question is called back.")),
    "regrade": Button(forms.RegradeForm, services.regrade, gettext_lazy("The grade is set.")),
    "solve": Button(forms.SolveForm, services.solve, gettext_lazy("Solved.")),
    "close": Button(forms.WhyForm, services.close, gettext_lazy("Closed.")),
    "reopen": Button(forms.WhyForm, services.reopen, gettext_lazy("Reopened.")),
}
LOADED = ("shop", "order__shop", "order__customer", "customer", "anomaly__shipment__carrier", "team", "assignee")


@login_required
@require_safe
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """The page."""
    found = _visible(request, pk)
    return render(request, "tickets/ticket.html", _context(request, found))


@login_required
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Press one button."""
    button = BUTTONS.get(action)
    if button is None:
        raise Http404
    found = _visible(request, pk)
    form = button.form(request.POST, ticket=found, present=_present(found), auto_id=f"{action}_%s")
    return _press(request, found, action, form, button.service, str(button.done))


@login_required
@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reply to the customer, or leave a note for colleagues."""
    found = _visible(request, pk)
    form = forms.SayForm(request.POST, ticket=found, present=_present(found))
    is_note = request.POST.get("kind") == "note"
    service = services.note if is_note else services.reply
    return _press(request, found, "say", form, service, _("Noted.") if is_note else _("Sent."))


def _visible(request: HttpRequest, pk: int) -> Ticket:
    return get_object_or_404(access.visible_to(request.user).select_related(*LOADED), pk=pk)


def _present(found: Ticket) -> Any:
    return found.shop.present(timezone.now())


def _press(
    request: HttpRequest, found: Ticket, action: str, form: forms.ActionForm, service: Callable[..., Any], done: str
) -> HttpResponse:
    if not form.is_valid():
        return _again(request, found, 422, {action: form})
    try:
        service(ticket=found, by=request.user, now=_present(found), **form.arguments())
    except access.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except (services.Stale, lifecycle.WrongStatus):
        fresh = _visible(request, found.pk)
        return _again(request, fresh, 409, {action: _renewed(form, fresh)}, stale=True)
    except services.Refused as error:
        form.add_error(error.field if error.field in form.fields else None, _(str(error)))
        return _again(request, found, 422, {action: form})
    if not request.headers.get("HX-Request"):
        messages.success(request, done)
        return redirect("ticket", found.pk)
    seen = access.visible_to(request.user).select_related(*LOADED).filter(pk=found.pk).first()
    if seen is None:  # given to a team whose tickets this person does not see
        messages.success(request, done)
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = "/tickets/"
        return response
    response = render(request, "tickets/ticket.html#ticket", _context(request, seen))
    response.headers["HX-Trigger"] = triggers({"desk:toast": {"text": done}})
    return response


def _renewed(form: forms.ActionForm, fresh: Ticket) -> forms.ActionForm:
    """The same form with the same words, drawn from the ticket as it stands now: pressing again is a new decision."""
    data = {**form.data.dict(), "version": fresh.version}  # type: ignore[attr-defined]
    return type(form)(data, ticket=fresh, present=_present(fresh), auto_id=form.auto_id)


def _again(
    request: HttpRequest, found: Ticket, status: int, filled: Mapping[str, forms.ActionForm], *, stale: bool = False
) -> HttpResponse:
    """The page once more with what was wrong; what was typed stays in its form."""
    template = "tickets/ticket.html#ticket" if request.headers.get("HX-Request") else "tickets/ticket.html"
    return render(request, template, _context(request, found, filled) | {"stale": stale}, status=status)


def _context(
    request: HttpRequest, found: Ticket, filled: Mapping[str, forms.ActionForm] | None = None
) -> dict[str, Any]:
    presents = Presents.at(timezone.now())
    present = presents.of(found.shop_id)
    may = access.actions_of(request.user, found) & lifecycle.possible(found.status)
    handovers = list(found.handovers.select_related("to_team", "from_team", "asked_by", "answered_by").order_by("id"))
    asked = next((row for row in handovers if row.state == Handover.State.OPEN), None)
    may -= {"answer", "call_back"} if asked is None else {"hand_over"}
    if asked is not None and not (request.user.is_supervisor or asked.to_team_id in request.user.team_ids):
        may -= {"answer"}
    shown = show(found.order, presents.now) if found.order else None
    view = boards.BY_CODE.get(request.GET.get("view", ""))
    return {
        "ticket": found,
        "title": wording.title(found),
        "presents": presents,
        "present": present,
        "may": may,
        "forms": _forms(found, present, may, filled or {}),
        "handovers": handovers,
        "asked": asked,
        "shown": shown,
        "lines": story(found),
        "templates": filled_templates(found, request.user, present) if "reply" in may else [],
        "say": (filled or {}).get("say"),
        "key": uuid.uuid4().hex,
        "view": view,
        "neighbours": boards.neighbours(selectors.view(view.code, request.user, presents), found) if view else {},
    }


def _forms(found: Ticket, present: Any, may: frozenset[str], filled: Mapping[str, forms.ActionForm]) -> dict[str, Any]:
    return {
        name: filled.get(name) or button.form(ticket=found, present=present, auto_id=f"{name}_%s")
        for name, button in BUTTONS.items()
        if name in may
    }
