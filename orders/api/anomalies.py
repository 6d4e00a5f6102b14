"""Anomalies for programs."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from orders import access
from orders.models import Anomaly
from orders.serializers.anomalies import AnomalyAnswer
from ticketdesk.api.fields import Choice, Key, Text
from ticketdesk.api.filters import Filters
from ticketdesk.api.views import OneByOne


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
    required_scopes = {"GET": "anomalies:read"}
    schema_tags = ["anomalies"]

    def get_queryset(self) -> QuerySet[Anomaly]:
        anomalies = Anomaly.objects.select_related("shop", "order", "shipment")
        orders = access.visible_to(self.principal)
        # Whoever sees every order is not asked about each: the plan stays a walk down one index.
        return anomalies.filter(order__in=orders) if orders.query.has_filters() else anomalies
