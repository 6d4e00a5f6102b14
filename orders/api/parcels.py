"""Parcels for programs."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import access
from orders.access import visible_parcels
from orders.api.orders import OPEN_ANOMALIES, WRITERS, refusal
from orders.finding import number_norm
from orders.models import Order, Shipment, ShipmentItem
from orders.serializers.parcels import ShipmentAnswer, ShipmentGiven
from orders.services.ordering import Refused
from orders.services.parcelling import announce_parcel
from orders.statuses import STATUSES
from ticketdesk.api.fields import Choice, Key, Text
from ticketdesk.api.filters import Filters
from ticketdesk.api.views import OneByOne, repeatable


class ShipmentFilters(Filters):
    """What parcels can be narrowed by."""

    tracking_number = Text(max_length=64, required=False)
    carrier = Text(source="carrier__code", max_length=50, required=False, help_text="The carrier's code.")
    status = Choice(choices=[(status, status) for status in STATUSES], required=False)
    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")
    order = Key(required=False, help_text="The order's id.")

    def narrow(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The parcels that fit."""
        if number := values.pop("tracking_number", None):
            rows = rows.filter(number_norm=number_norm(number))
        if order := values.pop("order", None):
            rows = rows.filter(pk__in=ShipmentItem.objects.filter(order=order).values("shipment_id"))
        return super().narrow(rows, values)


@extend_schema_view(list=extend_schema(summary="Parcels"), retrieve=extend_schema(summary="One parcel"))
class ShipmentView(OneByOne):
    """Parcels."""

    serializer_class = ShipmentAnswer
    filters = ShipmentFilters
    required_scopes = {"GET": "orders:read", "POST": "orders:write"}
    required_roles = {"POST": WRITERS}
    schema_tags = ["parcels"]

    def get_queryset(self) -> QuerySet[Shipment]:
        seen = access.visible_to(self.principal)
        items = ShipmentItem.objects.filter(order__in=seen) if seen.query.has_filters() else ShipmentItem.objects.all()
        parcels = visible_parcels(self.principal).select_related("shop", "carrier")
        return parcels.prefetch_related(OPEN_ANOMALIES, Prefetch("items", items))

    @extend_schema(
        summary="Announce a parcel",
        description="201 when it is new. A number that is followed already takes in further orders and answers 200.",
        request=ShipmentGiven,
        responses={200: ShipmentAnswer, 201: ShipmentAnswer},
    )
    @repeatable
    def create(self, request: Request) -> Response:
        given = self.given(ShipmentGiven)
        shop, carrier, number = given.pop("shop"), given.pop("carrier"), given.pop("tracking_number")
        orders = self._orders(given.pop("orders"))
        try:
            parcel, created = announce_parcel(
                shop=shop, carrier=carrier, number=number, orders=orders, columns=given, now=timezone.now()
            )
        except Refused as refused:
            names = ["tracking_number" if name == "number" else name for name in refused.fields]
            raise refusal(Refused(names, str(refused))) from None
        return self.shown(self.get_queryset().get(pk=parcel.pk), 201 if created else 200)

    def _orders(self, ids: list[int]) -> list[Order]:
        found = {order.pk: order for order in access.visible_to(self.principal).filter(pk__in=ids)}
        errors = {
            str(number): ["There is no such order. Look for it in the list of orders."]
            for number, key in enumerate(ids)
            if key not in found
        }
        if errors:
            raise ValidationError({"orders": errors})
        return [found[key] for key in dict.fromkeys(ids)]
