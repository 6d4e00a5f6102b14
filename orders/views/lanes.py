"""Lanes: how long parcels take on each, how they do at present, and how far predictions may be believed."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from orders import lanelist
from orders.lanes import LEAST
from orders.listing import BadCursor
from orders.models import LaneStat, Shop


@login_required
@require_safe
def lanes(request: HttpRequest) -> HttpResponse:
    """The lanes of one shop, busiest first, below how good its predictions turned out to be."""
    _check(request)
    shops = list(Shop.objects.order_by("name", "id"))
    shop = next((each for each in shops if str(each.pk) == request.GET.get("shop", "")), shops[0] if shops else None)
    context: dict[str, Any] = {"shops": shops, "shop": shop, "least": LEAST}
    if shop is not None:
        try:
            page = lanelist.page(shop, cursor=request.GET.get("after", ""))
        except BadCursor:
            raise Http404 from None
        learnt = LaneStat.objects.filter(shop=shop, level=LaneStat.Level.ALL).only("n", "learnt_as_of").first()
        context |= {"page": page, "learnt": learnt, "quality": lanelist.quality_of(shop)}
    return render(request, "orders/lanes.html", context)


@login_required
@require_safe
def lane(request: HttpRequest, pk: int) -> HttpResponse:
    """One lane: its numbers, and how good the predictions on it turned out to be."""
    _check(request)
    found = get_object_or_404(LaneStat.objects.select_related("shop").filter(level=LaneStat.Level.LANE), pk=pk)
    return render(request, "orders/lane.html", {"lane": found, "quality": lanelist.quality_of(found.shop, found)})


def _check(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators look at lanes.")
