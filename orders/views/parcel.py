"""One parcel."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders import access
from orders.parcel_page import parcel_page
from orders.presents import Presents


@login_required
@require_safe
def parcel(request: HttpRequest, pk: int) -> HttpResponse:
    """Its state, what lies in it, and every scan of it."""
    visible = access.visible_parcels(request.user).select_related("shop", "carrier", "parent")
    now = timezone.now()
    page = parcel_page(get_object_or_404(visible, pk=pk), request.user, now)
    context = {"page": page, "parcel": page.shipment, "presents": Presents.at(now), "present": page.present}
    return render(request, "orders/parcel.html", context)
