"""Shops and orders for programs."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import access
from orders.api.follow_up import FollowUp
from orders.api.risk import Risk
from orders.finding import number_norm
from orders.models import Anomaly, Customer, Order, ShipmentItem, Shop
from orders.serializers.orders import OrderAnswer, OrderChange, OrderDetail, OrderGiven, ShopAnswer
from orders.services import ordering
from ticketdesk.accounts.models import Role
from ticketdesk.accounts.sealed import blind_index, phone_keys
from ticketdesk.api.fields import Choice, Code, Moment, Text
from ticketdesk.api.filters import Filters
from ticketdesk.api.problems import Refusal
from ticketdesk.api.schema import IF_MATCH
from ticketdesk.api.views import DeskView, repeatable, seen_version

WRITERS = [Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AGENT]
OPEN_ANOMALIES = Prefetch(
    "anomalies",
    Anomaly.objects.filter(closed_at__isnull=True).exclude(state="suspected").order_by("grade", "id"),
    to_attr="open_anomalies",
)
# Enough for one buyer; a number that more customers share tells nobody anything.
SHARED_MAX = 200


@extend_schema_view(list=extend_schema(summary="Shops"))
class ShopView(DeskView):
    """Shops."""

    serializer_class = ShopAnswer
    required_scopes = {"GET": "orders:read"}
    schema_tags = ["orders"]

    def get_queryset(self) -> QuerySet[Shop]:
        return Shop.objects.all()


class OrderFilters(Filters):
    """What orders can be narrowed by."""

    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")
    external_no = Text(max_length=64, required=False, help_text="The order's number in its shop.")
    status = Choice(choices=Order.Status.choices, required=False)
    placed_from = Moment(source="placed_at__gte", required=False)
    placed_before = Moment(source="placed_at__lt", required=False)
    phone = Code(
        r"[0-9+() -]{4,24}",
        "a phone number",
        max_length=24,
        required=False,
        help_text="The whole number, or its last four digits.",
    )
    tracking_number = Text(max_length=64, required=False)

    def narrow(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The orders that fit; numbers of people are compared through their blind indexes."""
        if phone := values.pop("phone", None):
            rows = rows.filter(_of_phone(phone))
        if number := values.pop("tracking_number", None):
            inside = ShipmentItem.objects.filter(shipment__number_norm=number_norm(number))
            rows = rows.filter(pk__in=inside.values("order_id"))
        return super().narrow(rows, values)


def _of_phone(phone: str) -> Q:
    if len(phone) == 4 and phone.isdigit():
        column, key = "phone_last4_key", blind_index("phone_last4", phone)
    else:
        column, key = "phone_key", phone_keys(phone)[0]
    buyers = list(Customer.objects.filter(**{column: key}).values_list("pk", flat=True)[:SHARED_MAX])
    return Q(**{column: key}) | Q(customer__in=buyers) if key else Q(pk__in=[])


@extend_schema_view(list=extend_schema(summary="Orders, newest first"), retrieve=extend_schema(summary="One order"))
class OrderView(FollowUp, Risk):
    """Orders."""

    serializer_class = OrderAnswer
    filters = OrderFilters
    keyset = ("-placed_at", "-id")
    required_scopes = {"GET": "orders:read", "POST": "orders:write", "PATCH": "orders:write"}
    required_roles = {"POST": WRITERS, "PATCH": WRITERS}
    schema_tags = ["orders"]

    def get_queryset(self) -> QuerySet[Order]:
        orders = access.visible_to(self.principal).select_related("shop", "customer").prefetch_related(OPEN_ANOMALIES)
        if self.action == "list":
            return orders
        return orders.prefetch_related("lines", "milestones", "promises", "shipments__carrier")

    def get_serializer_class(self) -> type[OrderAnswer]:
        return OrderAnswer if self.action == "list" else OrderDetail

    @extend_schema(
        summary="Create or change an order",
        description="Orders are known by shop, channel and number: 201 when it is new, 200 when it was changed. What "
        "is left out stays as it is; lines, when given, are all the lines there are.",
        request=OrderGiven,
        responses={200: OrderDetail, 201: OrderDetail},
    )
    @repeatable
    def create(self, request: Request) -> Response:
        given = self.given(OrderGiven)
        shop, channel, external_no = given.pop("shop"), given.pop("channel"), given.pop("external_no")
        recipient, customer, lines = given.pop("recipient", {}), given.pop("customer", None), given.pop("lines", None)
        told = ordering.Told({**given, **_recipient(recipient)}, customer, lines)
        try:
            order, created = ordering.record_order(
                shop=shop, channel=channel, external_no=external_no, told=told, now=timezone.now()
            )
        except ordering.Refused as refused:
            raise refusal(refused) from None
        return self.shown(self.get_queryset().get(pk=order.pk), 201 if created else 200)

    @extend_schema(
        summary="Say what happened to an order, or what was promised",
        description="Anomalies that this ends or begins are closed or opened at once.",
        request=OrderChange,
        responses=OrderDetail,
        parameters=[IF_MATCH],
    )
    @repeatable
    def partial_update(self, request: Request, pk: int) -> Response:
        order, facts = self.get_object(), self.given(OrderChange)
        version, seen = facts.pop("version", None), seen_version(request)
        try:
            ordering.record_facts(order=order, facts=facts, now=timezone.now(), version=version or seen)
        except ordering.Refused as refused:
            raise refusal(refused) from None
        except ordering.Stale as stale:
            raise Refusal(412 if version is None else 409, "stale", str(stale), field="version") from None
        return self.shown(self.get_object())


def _recipient(told: dict[str, Any]) -> dict[str, Any]:
    return {f"ship_{name}" if name in ("name", "phone", "address") else f"dest_{name}": told[name] for name in told}


def refusal(refused: ordering.Refused) -> ValidationError:
    """The 400 that names every field to look at."""
    return ValidationError({name: str(refused) for name in refused.fields})
