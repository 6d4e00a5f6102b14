"""Explain one deadline, step by step."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.presents import Presents
from sla.models import Clock
from sla.services import explain
from tickets import access


@login_required
@require_safe
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """Which spans were used, which days were not ordinary, where it paused, and under which version of what."""
    found = get_object_or_404(
        Clock.objects.filter(ticket__in=access.visible_to(request.user)).select_related("ticket__shop"), pk=pk
    )
    presents = Presents.at(timezone.now())
    present = presents.of(found.shop_id)
    explained = explain(found, now=present)
    context = {
        "clock": found,
        "ticket": found.ticket,
        "explained": explained,
        "presents": presents,
        "present": present,
        "versions": explained.calendars,
    }
    return render(request, "sla/clock.html", context)
