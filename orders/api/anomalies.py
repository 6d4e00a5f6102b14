"""Anomalies for programs."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import access
from orders.api.orders import WRITERS
from orders.models import Anomaly
from orders.serializers.anomalies import AnomalyAnswer, AnomalyGiven, ResolutionGiven, VerdictGiven
from orders.services import anomalies as services
from ticketdesk.api.fields import Choice, Key, Text
from ticketdesk.api.filters import Filters
from ticketdesk.api.views import OneByOne, repeatable


class AnomalyFilters(Filters):
    """What anomalies can be narrowed by."""

    code = Text(max_length=40, required=False, help_text="A detector's code, such as not_shipped.")
    state = Choice(choices=Anomaly.State.choices, required=False)
    order = Key(source="order_id", required=False, help_text="The order's id.")
    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")


@extend_schema_view(
    list=extend_schema(summary="What is wrong, newest first"), retrieve=extend_schema(summary="One anomaly")
)
class AnomalyView(OneByOne):
    """What is wrong with orders and parcels, and why we think so."""

    serializer_class = AnomalyAnswer
    filters = AnomalyFilters
    keyset = ("-opened_at", "-id")
    required_scopes = {"GET": "anomalies:read", "POST": "orders:write"}
    required_roles = {"POST": WRITERS}
    schema_tags = ["anomalies"]

    def get_queryset(self) -> QuerySet[Anomaly]:
        anomalies = Anomaly.objects.select_related("shop", "order", "shipment")
        orders = access.visible_to(self.principal)
        # Whoever sees every order is not asked about each: the plan stays a walk down one index.
        return anomalies.filter(order__in=orders) if orders.query.has_filters() else anomalies

    @extend_schema(
        summary="Report what no scan tells of",
        description="Such as a wrong item, damage, or a parcel that was signed for and not received. 201 when it is "
        "new; 200 when it is open already, with the note added to its history. A ticket is raised within seconds.",
        request=AnomalyGiven,
        responses={200: AnomalyAnswer, 201: AnomalyAnswer},
    )
    @repeatable
    def create(self, request: Request) -> Response:
        try:
            made, new = services.report_anomaly(**self.given(AnomalyGiven), by=self.principal, now=timezone.now())
        except services.Refused as refused:
            raise ValidationError({refused.field: str(refused)}) from None
        return self.shown(self.get_queryset().get(pk=made.pk), 201 if new else 200)

    @extend_schema(
        summary="Say whether it was real",
        description="Verdicts make the precision of its detector. Given again, the newer one counts; both are kept.",
        request=VerdictGiven,
        responses=AnomalyAnswer,
    )
    @action(detail=True, methods=["post"])
    @repeatable
    def verdict(self, request: Request, pk: int) -> Response:
        found = self.get_object()
        services.give_verdict(anomaly=found, **self.given(VerdictGiven), by=self.principal, now=timezone.now())
        return self.shown(self.get_object())

    @extend_schema(
        summary="Resolve it by hand",
        description="The same trouble is not found again; one that begins later is.",
        request=ResolutionGiven,
        responses=AnomalyAnswer,
    )
    @action(detail=True, methods=["post"])
    @repeatable
    def resolve(self, request: Request, pk: int) -> Response:
        found = self.get_object()
        try:
            services.resolve(anomaly=found, **self.given(ResolutionGiven), by=self.principal, now=timezone.now())
        except services.Refused as refused:
            raise ValidationError({refused.field: str(refused)}) from None
        return self.shown(self.get_object())
