"""What programs say of an order's risk: freeze it, let it go."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.serializers.orders import OrderDetail
from orders.services import risk
from orders.services.anomalies import Refused
from ticketdesk.api.fields import Text
from ticketdesk.api.serializers import StrictSerializer
from ticketdesk.api.views import OneByOne, repeatable


@extend_schema_serializer(
    examples=[OpenApiExample("Chargeback", {"reason": "Chargeback announced by the bank"}, request_only=True)]
)
class RiskGiven(StrictSerializer):
    """What makes an order a risk."""

    answers = OrderDetail

    reason = Text(max_length=200)


class Risk(OneByOne):
    """Actions below an order's address; mixed into its view."""

    @extend_schema(
        summary="Freeze an order as a risk",
        description="Opens the anomaly payment_fraud at once; nobody is pressed to ship it until it is released.",
        request=RiskGiven,
        responses=OrderDetail,
    )
    @action(detail=True, methods=["post"], url_path="risk")
    @repeatable
    def flag_risk(self, request: Request, pk: int) -> Response:
        try:
            risk.flag(order=self.get_object(), **self.given(RiskGiven), now=timezone.now())
        except Refused as refused:
            raise ValidationError({refused.field: str(refused)}) from None
        return self.shown(self.get_object())

    @extend_schema(summary="Let a frozen order go", request=None, responses=OrderDetail)
    @action(detail=True, methods=["post"], url_path="risk/release")
    @repeatable
    def release_risk(self, request: Request, pk: int) -> Response:
        try:
            risk.release(order=self.get_object(), now=timezone.now())
        except Refused as refused:
            raise ValidationError({refused.field: str(refused)}) from None
        return self.shown(self.get_object())
