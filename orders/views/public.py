"""What buyers see without signing in: their order's page, and the way out of notices."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from orders.services import links, noticing
from orders.services.letters import language_of, zone_of_buyer
from orders.showing import show
from orders.telling import carrier_name, moment, steps_of, tell
from ticketdesk.api.throttles import RequestThrottle

SHOWN_SCANS = 3
HEADERS = {
    # The address is the key: no search engine, cache, next page or log of another site may learn it.
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
throttle = RequestThrottle(settings.TRACK_RATE)

View = Callable[..., HttpResponse]


def _public(view: View) -> View:
    """Headers of every public answer, and the limit on asking from one address."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        wait_s = throttle.wait_for(f"address:{throttle.address(request)}")
        response = _too_often(request, wait_s) if wait_s else view(request, token)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


@require_safe
@_public
def track(request: HttpRequest, token: str) -> HttpResponse:
    """One order for its buyer. Unknown and revoked links get one and the same answer."""
    order = links.order_of(token)
    if order is None:
        return _page(request, "track/none.html", {}, status=404)
    if wait_s := throttle.wait_for(f"order:{order.pk}"):
        return _too_often(request, wait_s)
    zone = zone_of_buyer(order)
    now = timezone.now()
    with translation.override(_wanted(request) or language_of(order)), timezone.override(zone):
        shown = show(order, now)
        told = tell(shown)
        context = {
            "order": order,
            "shop": order.shop,
            "shown": shown,
            "told": told,
            "steps": steps_of(shown, told.tone == "bad"),
            "parcels": [
                {
                    "parcel": parcel,
                    "carrier": carrier_name(parcel.shipment.carrier),
                    "scans": [(scan, moment(scan.at, shown.present)) for scan in parcel.scans],
                }
                for parcel in shown.parcels
            ],
            "limit": SHOWN_SCANS,
            "zone": f"{zone.key.replace('_', ' ')} ({timezone.localtime(shown.present).isoformat()[-6:]})",
            "looked_at": moment(shown.present, shown.present),
        }
        return _answer(request, "track/order.html", context)


@csrf_exempt  # one click in a mail program (RFC 8058) carries no cookie; the address itself is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@_public
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The way out of notices: GET asks, POST does it; and back in again."""
    customer = noticing.customer_of(token)
    if customer is None:
        return _page(request, "track/none.html", {}, status=404)
    if request.method == "POST" and "resume" in request.POST:
        noticing.resume_notices(customer)
    elif request.method == "POST":
        noticing.stop_notices(customer, now=timezone.now())
    customer.refresh_from_db(fields=["no_notices_at"])
    with translation.override(_wanted(request) or translation.get_language()):
        return _answer(request, "track/stop.html", {"customer": customer, "shop": customer.shop})


def _too_often(request: HttpRequest, wait_s: float) -> HttpResponse:
    response = _page(request, "track/busy.html", {}, status=429)
    response.headers["Retry-After"] = str(ceil(wait_s))
    return response


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    with translation.override(_wanted(request) or "en"):
        return _answer(request, template, context, status=status)


def _answer(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, template, {"languages": settings.LANGUAGES, **context}, status=status)
    response.headers["Content-Language"] = translation.get_language() or "en"
    return response


def _wanted(request: HttpRequest) -> str:
    """The reader's language: as chosen on the page, else as the browser asks; empty when it asks for none of ours."""
    chosen = request.GET.get("lang", "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return ""
