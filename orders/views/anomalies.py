"""The list of anomalies and one anomaly: why, by which limits, what happened to it; the buttons on it."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders import access, anomaly_list, sheetout
from orders.anomaly_forms import AnomalyFilterForm, ReportForm, ResolveForm, VerdictForm
from orders.detectors import catalogue
from orders.ending_words import ends_when
from orders.models import Anomaly, DetectorSetting, SavedView
from orders.presents import Presents
from orders.services import anomalies as services
from ticketdesk.accounts.models import Role, User

COUNTED = 1000
AT_A_TIME = 200
STEPS = {str(step) for step in range(anomaly_list.PAGE, AT_A_TIME, anomaly_list.PAGE)}
VIEW_PAGE = "anomalies"
VIEWS_MOST = 30
FORMATS = ("csv", "xlsx")


def works(user: User) -> bool:
    """Whether this person works on anomalies: agents and above."""
    return user.role == Role.AGENT or user.is_supervisor


@login_required
@require_safe
def anomalies(request: HttpRequest) -> HttpResponse:
    """The list; with `after`, only the rows of the next page."""
    presents = Presents.at(timezone.now())
    form = AnomalyFilterForm(request.GET)
    found = form.filters().narrow(anomaly_list.visible(access.visible_to(request.user)), presents)
    try:
        page = anomaly_list.page(found, cursor=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    before = request.GET.get("so_far", "")
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "presents": presents,
        "present": presents.now,
        "so_far": len(page.rows) + (int(before) if before in STEPS else 0),
        "most": AT_A_TIME,
    }
    if request.headers.get("HX-Request") and request.GET.get("after"):
        return render(request, "orders/anomalies.html#rows", context)
    total = found.order_by().values("pk")[: COUNTED + 1].count()
    context["total"] = f"{COUNTED}+" if total > COUNTED else str(total)
    context["query"] = _filters_only(request.GET)
    if request.headers.get("HX-Request"):
        return render(request, "orders/anomalies.html#list", context)
    context["views"] = list(SavedView.objects.filter(user=request.user.pk, page=VIEW_PAGE))
    return render(request, "orders/anomalies.html", context)


def _filters_only(given: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in AnomalyFilterForm.base_fields:
        if given.get(name):
            kept[name] = str(given[name])[:120]
    return kept.urlencode()


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list as a file; a right of supervisors and administrators."""
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators export anomalies.")
    if kind not in FORMATS:
        raise Http404
    presents = Presents.at(timezone.now())
    form = AnomalyFilterForm(request.GET)
    found = form.filters().narrow(anomaly_list.visible(access.visible_to(request.user)), presents)
    rows, name = anomaly_list.rows_for_file(found), f"anomalies-{presents.now:%Y%m%d-%H%M}.{kind}"
    if kind == "xlsx":
        return FileResponse(sheetout.as_xlsx(anomaly_list.HEADINGS, rows), as_attachment=True, filename=name)
    response = StreamingHttpResponse(sheetout.as_csv(anomaly_list.HEADINGS, rows), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters under a name; the same name again replaces them."""
    name = request.POST.get("name", "").strip()[:60]
    query = _filters_only(QueryDict(request.POST.get("query", "")[:1000]))[:500]
    mine = SavedView.objects.filter(user=request.user.pk, page=VIEW_PAGE)
    if not name:
        messages.error(request, _("Give the view a name."))
    elif mine.exclude(name=name).count() >= VIEWS_MOST:
        messages.error(request, _("You have {n} views already. Delete one first.").format(n=VIEWS_MOST))
    else:
        SavedView.objects.update_or_create(
            user=cast(User, request.user), page=VIEW_PAGE, name=name, defaults={"query": query}
        )
        messages.success(request, _("The view is saved."))
    return redirect(f"{reverse('anomalies')}?{query}" if query else "anomalies")


@login_required
@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of my views."""
    get_object_or_404(SavedView, pk=pk, user=request.user.pk, page=VIEW_PAGE).delete()
    messages.success(request, _("The view is deleted."))
    return redirect("anomalies")


@login_required
@require_safe
def anomaly(request: HttpRequest, pk: int) -> HttpResponse:
    """One anomaly."""
    return _page(request, visible_anomaly(request, pk))


def visible_anomaly(request: HttpRequest, pk: int) -> Anomaly:
    """An anomaly of an order that the reader may see; 404 for any other."""
    related = ("shop", "order", "shipment__carrier", "suppressed_by", "verdict_by")
    found = anomaly_list.visible(access.visible_to(request.user)).select_related(*related)
    sealed = ("order__ship_name", "order__ship_phone", "order__ship_address", "shop__notice_hook_secret")
    return get_object_or_404(found.defer(*sealed), pk=pk)


def _page(request: HttpRequest, found: Anomaly, status: int = 200, **more: Any) -> HttpResponse:
    presents = Presents.at(timezone.now())
    context = {
        "anomaly": found,
        "known": found.code in catalogue(),
        "limits": limits_of(found),
        "ends_when": "" if found.is_over else ends_when(found),
        "history": list(found.events.select_related("actor").order_by("id")),
        "resolve": ResolveForm(),
        "works": works(request.user),
        "presents": presents,
        "present": presents.of(found.shop_id),
    }
    return render(request, "orders/anomaly.html", context | more, status=status)


def limits_of(anomaly: Anomaly) -> list[dict[str, Any]]:
    """The limits by which it was found, each with the setting it came from; one query."""
    told = anomaly.limits or {}
    settings = DetectorSetting.objects.select_related("author", "carrier").in_bulk(
        [setting for _, setting in told.values() if setting]
    )
    return [
        {"name": name, "hours": round(seconds / 3600, 2), "setting": settings.get(setting)}
        for name, (seconds, setting) in told.items()
    ]


@login_required
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it by hand."""
    found = _for_work(request, pk)
    form = ResolveForm(request.POST)
    if form.is_valid():
        try:
            services.resolve(anomaly=found, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        except services.Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Resolved."))
            return redirect("anomaly", pk)
    return _page(request, found, 422, resolve=form)


@login_required
@require_POST
def verdict(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether it was real; comes from its own page or from a ticket's."""
    found = _for_work(request, pk)
    form = VerdictForm(request.POST)
    if form.is_valid():
        services.give_verdict(
            anomaly=found, verdict=form.cleaned_data["verdict"], note=form.cleaned_data["note"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Thank you. Verdicts show how often a detector is right."))
    else:
        messages.error(request, _("A verdict is “real” or “false alarm”, with a note of at most 200 letters."))
    ticket = request.POST.get("ticket", "")
    return (
        redirect(f"/tickets/{int(ticket[:18])}/") if ticket.isascii() and ticket.isdigit() else redirect("anomaly", pk)
    )


def _for_work(request: HttpRequest, pk: int) -> Anomaly:
    if not works(request.user):
        raise PermissionDenied("Agents, supervisors and administrators work on anomalies.")
    return visible_anomaly(request, pk)


@login_required
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """A buyer told us what is wrong with his order."""
    if not works(request.user):
        raise PermissionDenied("Agents, supervisors and administrators report anomalies.")
    order = get_object_or_404(access.visible_to(request.user).select_related("shop"), pk=pk)
    form = ReportForm(request.POST, order=order)
    problem = ""
    if form.is_valid():
        try:
            made, new = services.report_anomaly(order=order, by=request.user, now=timezone.now(), **form.cleaned_data)
        except services.Refused as refused:
            problem = str(refused)
        else:
            text = _("Reported. A ticket is raised within seconds.") if new else _("It is known; your note was added.")
            messages.success(request, text)
            return redirect("anomaly", made.pk)
    messages.error(request, problem or _first_error(form))
    return redirect(f"{reverse('order', args=[pk])}#report")


def _first_error(form: ReportForm) -> str:
    return next((f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items() if name in form.fields), "")
