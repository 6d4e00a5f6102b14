"""Sources of tracking news: the list, the health of one, making one, changing one, its secrets."""

from typing import Any

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import feedlist, messagelist
from orders.feed_forms import EXAMPLE, SAMPLE, EndpointForm, NewEndpointForm, SecretForm, TryForm, pretty
from orders.models import Endpoint, Shop
from orders.services import doorkeeping
from orders.services.endpoints import EndpointError
from orders.trying import try_mapping

LATEST = 20


def readers_only(request: HttpRequest) -> None:
    """Supervisors may look."""
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators see the sources.")


def administrators_only(request: HttpRequest) -> None:
    """Only administrators change anything."""
    if not request.user.is_administrator:
        raise PermissionDenied("Only administrators change sources and codes.")


def number_in(request: HttpRequest, name: str) -> int | None:
    """A number of the address; None when it is not given, 404 when it is none."""
    told = request.GET.get(name, "")
    if told and not (told.isascii() and told.isdigit() and len(told) < 19):
        raise Http404
    return int(told) if told else None


@login_required
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its last 24 hours."""
    readers_only(request)
    page = feedlist.page(now=timezone.now(), after=number_in(request, "after") or 0)
    return render(request, "orders/feeds.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make an endpoint; its secret is shown on the answer and never again."""
    administrators_only(request)
    form = NewEndpointForm(request.POST or None, initial={"mapping": pretty(EXAMPLE)})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        generic = chosen["source"] == "generic"
        try:
            made = doorkeeping.open_endpoint(
                shop=chosen["shop"], source=chosen["source"], name=chosen["name"], by=request.user,
                secret=chosen["secret"], fields=chosen["mapping"] if generic else None,
                poll_url=chosen["poll_url"], poll_header=chosen["poll_header"],
            )  # fmt: skip
        except EndpointError as error:
            form.add_error("source", str(error))
        else:
            return _shown(request, made, made.secret)
    context = {"form": form, **_trying(), "shops": Shop.objects.exists()}
    return render(request, "orders/feed_new.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    """The address and a secret, this once: the answer is kept by nobody."""
    context = {"row": feedlist.Row(endpoint), "endpoint": endpoint, "secret": secret}
    answer = render(request, "orders/feed_secret.html", context)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _trying() -> dict[str, Any]:
    return {"example": pretty(EXAMPLE), "try_form": TryForm(initial={"sample": pretty(SAMPLE)}, prefix=None)}


@login_required
@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """What a mapping would read in a message; nothing is stored."""
    administrators_only(request)
    form = TryForm(request.POST)
    context: dict[str, Any] = {"wrong": [], "tried": [], "error": ""}
    if form.is_valid():
        shop = Shop.objects.filter(pk=request.POST["shop"]).first() if request.POST.get("shop", "").isdigit() else None
        zone = shop.time_zone if shop else "UTC"
        told = form.cleaned_data
        context["tried"], context["error"] = try_mapping(
            told["mapping"], told["sample"], zone=zone, now=timezone.now()
        )  # fmt: skip
    else:
        context["wrong"] = [error for errors in form.errors.values() for error in errors]
    page = "orders/_tried.html" if request.headers.get("HX-Request") else "orders/feed_tried.html"
    return render(request, page, context)


@login_required
@require_safe
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The health of one endpoint over a week, and its latest messages."""
    readers_only(request)
    endpoint = get_object_or_404(Endpoint.objects.select_related("shop"), pk=pk)
    context = {
        "endpoint": endpoint,
        "row": feedlist.Row(endpoint),
        "health": feedlist.health(endpoint, now=timezone.now()),
        "latest": messagelist.page(messagelist.narrowed(endpoint=pk), limit=LATEST),
        "errors": messagelist.errors(pk),
    }
    return render(request, "orders/feed.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, mapping, address to ask; secrets and the switch stand beside."""
    administrators_only(request)
    endpoint = get_object_or_404(Endpoint.objects.select_related("shop"), pk=pk)
    form = EndpointForm(endpoint, request.POST or None)
    if request.method == "POST" and form.is_valid():
        doorkeeping.change_endpoint(endpoint, by=request.user, **form.columns())
        notes.success(request, _("Saved."))
        return redirect("feed", pk)
    status = 422 if form.errors else 200
    return render(request, "orders/feed_edit.html", _edit_context(endpoint, form), status=status)


def _edit_context(endpoint: Endpoint, form: EndpointForm) -> dict[str, Any]:
    row = feedlist.Row(endpoint)
    return {"endpoint": endpoint, "row": row, "form": form, "secret_form": SecretForm(prefix="next"), **_trying()}


@login_required
@require_POST
def secrets(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the next secret (shown once), or make it the only one."""
    administrators_only(request)
    endpoint = get_object_or_404(Endpoint.objects.select_related("shop"), pk=pk)
    if request.POST.get("do") == "promote":
        if doorkeeping.make_next_the_only_one(pk, by=request.user):
            notes.success(request, _("The old secret counts no more."))
        else:
            notes.error(request, _("There is no next secret. Add one first."))
        return redirect("feed_edit", pk)
    form = SecretForm(request.POST, prefix="next")
    if form.is_valid():
        secret = doorkeeping.add_next_secret(pk, by=request.user, secret=form.cleaned_data["secret"])
        return _shown(request, endpoint, secret)
    context = _edit_context(endpoint, EndpointForm(endpoint)) | {"secret_form": form}
    return render(request, "orders/feed_edit.html", context, status=422)


@login_required
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Open or close an endpoint."""
    administrators_only(request)
    get_object_or_404(Endpoint, pk=pk)
    endpoint = doorkeeping.switch(pk, on=request.POST.get("on") == "1", by=request.user)
    notes.success(request, _("It is open.") if endpoint.active else _("It is closed: messages are answered with 404."))
    return redirect("feed_edit", pk)
