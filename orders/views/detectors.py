"""The detectors: how each does, its limits in versions, shadow mode; for supervisors and administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import detector_figures, wording
from orders.anomaly_forms import ThresholdForm, initial_of
from orders.detectors import catalogue
from orders.models import DetectorSetting, Shop, Walk
from orders.presents import Presents
from orders.services import thresholds, walking
from ticketdesk.charts import Series

VERSIONS_SHOWN = 30


def _check(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators see and set detectors.")


def _shop(request: HttpRequest) -> Shop | None:
    """The shop of the address; the only one there is when none is named."""
    given = request.GET.get("shop") or request.POST.get("shop") or ""
    if given.isascii() and given.isdigit():
        return get_object_or_404(Shop, pk=int(given[:18]))
    first = list(Shop.objects.order_by("pk")[:2])
    return first[0] if len(first) == 1 else None


def _modes(shop: Shop | None) -> dict[str, str]:
    """How each detector is switched in this shop: off, shadow; what is not named is on."""
    if shop is None:
        return {}
    wide = DetectorSetting.objects.filter(shop=shop, carrier=None, lane="").order_by("detector", "-version")
    newest = wide.distinct("detector").values_list("detector", "enabled", "shadow")
    return {code: "shadow" if enabled else "off" for code, enabled, shadow in newest if shadow or not enabled}


@login_required
@require_safe
def detectors(request: HttpRequest) -> HttpResponse:
    """Every detector with its figures of 28 days."""
    _check(request)
    shop, now = _shop(request), timezone.now()
    present = shop.present(now) if shop else now
    modes = _modes(shop)
    context = {
        "rows": [(each, modes.get(each.code, "on")) for each in detector_figures.figures(present, shop_id=_key(shop))],
        "shop": shop,
        "shops": list(Shop.objects.order_by("name").only("pk", "name")),
        "walks": _walks(shop),
        "presents": Presents.at(now),
    }
    return render(request, "orders/detectors.html", context)


def _key(shop: Shop | None) -> int | None:
    return shop.pk if shop else None


def _walks(shop: Shop | None) -> list[Walk]:
    """The newest walk of each kind, per shop."""
    walks = (
        Walk.objects.select_related("shop", "asked_by").order_by("shop_id", "kind", "-id").distinct("shop_id", "kind")
    )
    return list(walks.filter(shop=shop) if shop else walks[:20])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def detector(request: HttpRequest, code: str) -> HttpResponse:
    """One detector: counts per day, limits with their versions, and the form for the next one."""
    _check(request)
    kind = catalogue().get(code)
    if kind is None:
        raise Http404
    shop, now = _shop(request), timezone.now()
    edited = _edited(request, code)
    form = ThresholdForm(
        request.POST or None, detector=kind, initial={**({"shop": shop.pk} if shop else {}), **initial_of(edited)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _publish(request, code, form)
        except thresholds.Refused as refused:
            name = refused.field if refused.field in form.fields else f"limit_{refused.field}"
            form.add_error(name if name in form.fields else None, str(refused))
        else:
            messages.success(
                request, _("Version {n} counts from now on; orders are armed by it.").format(n=made.version)
            )
            return redirect(f"{reverse('detector', args=[code])}?shop={made.shop_id}")
    present = shop.present(now) if shop else now
    days, counts = detector_figures.by_day(code, present, shop_id=_key(shop))
    figures = detector_figures.figures(present, shop_id=_key(shop))
    settings = DetectorSetting.objects.filter(detector=code).select_related("shop", "carrier", "author")
    settings = settings.filter(shop=shop) if shop else settings
    context: dict[str, Any] = {
        "kind": kind,
        "title": wording.title(code),
        "figures": next(each for each in figures if each.code == code),
        "mode": _modes(shop).get(code, "on"),
        "days": [f"{day:%m-%d}" for day in days],
        "series": [Series(_("Found"), counts, "c-info", area=True)],
        "table": list(zip(days, counts, strict=True)),
        "shop": shop,
        "shops": list(Shop.objects.order_by("name").only("pk", "name")),
        "form": form,
        "counts_now": {row.pk for row in thresholds.newest_for(shop.pk, code)} if shop else set(),
        "versions": list(settings.order_by("-created_at", "-pk")[:VERSIONS_SHOWN]),
        "walks": [walk for walk in _walks(shop) if walk.detector == code and walk.kind == Walk.Kind.REARM],
        "presents": Presents.at(now),
    }
    return render(request, "orders/detector.html", context, status=422 if form.errors else 200)


def _edited(request: HttpRequest, code: str) -> DetectorSetting | None:
    given = request.GET.get("from", "")
    if given.isascii() and given.isdigit():
        return DetectorSetting.objects.filter(pk=int(given[:18]), detector=code).first()
    shop = _shop(request)
    newest = thresholds.newest_for(shop.pk, code) if shop else []
    return next((row for row in newest if row.carrier_id is None and not row.lane), None)


def _publish(request: HttpRequest, code: str, form: ThresholdForm) -> DetectorSetting:
    told = form.cleaned_data
    return thresholds.publish(
        shop=told["shop"], code=code, limits=form.limits(), by=request.user, now=timezone.now(),
        enabled=told["enabled"], shadow=told["shadow"], carrier=told.get("carrier"), lane=told.get("lane", "").upper(),
    )  # fmt: skip


@login_required
@require_POST
def shadow(request: HttpRequest, code: str) -> HttpResponse:
    """Switch shadow mode of one shop; the limits stay as they are."""
    _check(request)
    shop = _shop(request)
    if code not in catalogue() or shop is None:
        raise Http404
    newest = next(
        (row for row in thresholds.newest_for(shop.pk, code) if row.carrier_id is None and not row.lane), None
    )
    made = thresholds.publish(
        shop=shop, code=code, limits=newest.limits if newest else {}, by=request.user, now=timezone.now(),
        enabled=newest.enabled if newest else True, shadow=not (newest and newest.shadow),
    )  # fmt: skip
    text = _("{title} finds in silence now.") if made.shadow else _("{title} tells what it finds again.")
    messages.success(request, text.format(title=wording.title(code)))
    back = request.POST.get("back") == "detector"
    return redirect(f"{reverse('detector', args=[code]) if back else reverse('detectors')}?shop={shop.pk}")


@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Begin the check of a shop's due times now instead of tonight."""
    _check(request)
    shop = _shop(request)
    if shop is None:
        raise Http404
    walking.begin(shop=shop, kind=Walk.Kind.CHECK, by=request.user)
    messages.success(request, _("The check has begun."))
    return redirect(f"{reverse('detectors')}?shop={shop.pk}")
