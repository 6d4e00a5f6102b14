"""Clocks for programs."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from sla.models import Clock
from sla.models.clock import Metric, State
from sla.serializers import ClockAnswer, ExplainedAnswer
from sla.services import explain
from ticketdesk.api.fields import Choice, Key
from ticketdesk.api.filters import Filters
from ticketdesk.api.views import OneByOne
from tickets import access


class ClockFilters(Filters):
    """What clocks can be narrowed by."""

    ticket = Key(source="ticket_id", required=False, help_text="The ticket's id.")
    metric = Choice(choices=Metric.choices, required=False)
    state = Choice(choices=State.choices, required=False)


@extend_schema_view(list=extend_schema(summary="Clocks, newest first"), retrieve=extend_schema(summary="One clock"))
class ClockView(OneByOne):
    """The clocks of tickets."""

    serializer_class = ClockAnswer
    filters = ClockFilters
    required_scopes = {"GET": "sla:read"}
    schema_tags = ["clocks"]

    def get_queryset(self) -> QuerySet[Clock]:
        clocks = Clock.objects.select_related(
            "shop", "team", "ticket", "policy_version__policy", "calendar_version__calendar"
        )
        if access.sees_everything(self.principal):
            return clocks
        return clocks.filter(ticket__in=access.visible_to(self.principal))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    @extend_schema(summary="Why a clock is due when it is", responses=ExplainedAnswer)
    @action(detail=True)
    def explain(self, request: Request, pk: int) -> Response:
        clock = self.get_object()
        return self.shown(explain(clock, now=clock.shop.present(timezone.now())), kind=ExplainedAnswer)
