"""Orders: what programs are told of them, and what is taken in."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from orders.models import Customer, Order, Shop
from orders.serializers.follow_up import MilestoneAnswer, PromiseAnswer
from ticketdesk.accounts.masking import mask_address, mask_email, mask_name, mask_phone
from ticketdesk.api.fields import (
    SMALL_MAX,
    Amount,
    Choice,
    Email,
    Flag,
    Moment,
    Reference,
    Text,
    Whole,
    country,
    currency,
)
from ticketdesk.api.serializers import Answer, StrictSerializer

NOT_GIVEN: dict[str, Any] = {"required": False, "allow_null": True}
LINES_MAX = 500
MASKED = "Masked. The whole value is shown to people only, in the desk's own pages, and every look is recorded."


class ShopAnswer(Answer):
    """A shop."""

    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    currency = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    present_at = Moment(allow_null=True, help_text="Set while history is replayed: what this shop takes as now.")


class CustomerAnswer(Answer):
    """A buyer."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    tier = serializers.ChoiceField(Customer.Tier.choices)
    language = serializers.CharField()
    country = serializers.CharField()
    name = serializers.SerializerMethodField(help_text=MASKED)
    phone = serializers.SerializerMethodField(help_text=MASKED)
    email = serializers.SerializerMethodField(help_text=MASKED)

    def get_name(self, customer: Customer) -> str:
        return mask_name(customer.name or "")

    def get_phone(self, customer: Customer) -> str:
        return mask_phone(customer.phone or "")

    def get_email(self, customer: Customer) -> str:
        return mask_email(customer.email or "")


class RecipientAnswer(Answer):
    """Where an order goes."""

    name = serializers.SerializerMethodField(help_text=MASKED)
    phone = serializers.SerializerMethodField(help_text=MASKED)
    address = serializers.SerializerMethodField(help_text=MASKED)
    country = serializers.CharField(source="dest_country")
    region = serializers.CharField(source="dest_region")
    city = serializers.CharField(source="dest_city")

    def get_name(self, order: Order) -> str:
        return mask_name(order.ship_name or "")

    def get_phone(self, order: Order) -> str:
        return mask_phone(order.ship_phone or "")

    def get_address(self, order: Order) -> str:
        return mask_address(order.ship_address or "")


class OpenAnomaly(Answer):
    """An open anomaly, in brief."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    grade = serializers.IntegerField()
    since = Moment()


class OrderAnswer(Answer):
    """An order as lists show it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    shop = serializers.CharField(source="shop.code")
    channel = serializers.CharField()
    external_no = serializers.CharField()
    order_type = serializers.CharField()
    status = serializers.ChoiceField(Order.Status.choices)
    source_status = serializers.CharField()
    placed_at = Moment()
    paid_at = Moment(allow_null=True)
    shipped_at = Moment(allow_null=True)
    delivered_at = Moment(allow_null=True)
    cancelled_at = Moment(allow_null=True)
    promised_ship_at = Moment(allow_null=True)
    promised_delivery_at = Moment(allow_null=True)
    currency = serializers.CharField()
    total = serializers.DecimalField(max_digits=14, decimal_places=2)
    cross_border = serializers.BooleanField()
    customer = CustomerAnswer(allow_null=True)
    recipient = RecipientAnswer(source="*")
    open_anomalies = OpenAnomaly(many=True)


class LineAnswer(Answer):
    """One line of an order."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    qty = serializers.IntegerField()
    shipped_qty = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=14, decimal_places=2)
    freight = serializers.DecimalField(max_digits=14, decimal_places=2)
    ship_limit_at = Moment(allow_null=True)


class ParcelBrief(Answer):
    """A parcel of an order, in brief."""

    id = serializers.IntegerField()
    carrier = serializers.CharField(source="carrier.code")
    number = serializers.CharField()
    status = serializers.CharField()
    sub_status = serializers.CharField()


class OrderDetail(OrderAnswer):
    """An order with its lines, steps, promises and parcels."""

    lines = LineAnswer(many=True)
    milestones = MilestoneAnswer(many=True)
    promises = PromiseAnswer(many=True)
    shipments = ParcelBrief(many=True)


class LineGiven(StrictSerializer):
    """One line of an order; a line number given before is changed."""

    line_no = Whole(min_value=1, max_value=SMALL_MAX)
    sku = Text(max_length=64)
    name = Text(max_length=200, required=False, allow_blank=True)
    qty = Whole(min_value=1, required=False)
    shipped_qty = Whole(required=False)
    unit_price = Amount(required=False)
    freight = Amount(required=False)
    ship_limit_at = Moment(**NOT_GIVEN)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Not more shipped than ordered."""
        if attrs.get("shipped_qty", 0) > attrs.get("qty", 1):
            raise serializers.ValidationError(
                {"shipped_qty": "More is shipped than ordered. Correct qty or shipped_qty."}
            )
        return attrs


class CustomerGiven(StrictSerializer):
    """A buyer, known by `external_id`, else by phone, else by e-mail."""

    external_id = Text(max_length=64, required=False)
    tier = Choice(choices=Customer.Tier.choices, required=False)
    language = Text(max_length=16, required=False)
    name = Text(max_length=200, required=False)
    phone = Text(max_length=40, required=False)
    email = Email(required=False)
    country = country(required=False)
    region = Text(max_length=64, required=False)
    city = Text(max_length=80, required=False)
    postcode = Text(max_length=16, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something to know the buyer by."""
        if not (attrs.keys() & {"external_id", "phone", "email"}):
            raise serializers.ValidationError(
                {"external_id": "Nothing tells this buyer from others. Give external_id, phone or email."}
            )
        return attrs


class RecipientGiven(StrictSerializer):
    """Where an order goes."""

    name = Text(max_length=200, required=False)
    phone = Text(max_length=40, required=False)
    address = Text(max_length=500, required=False)
    country = country(required=False)
    region = Text(max_length=64, required=False)
    city = Text(max_length=80, required=False)
    postcode = Text(max_length=16, required=False)


class FactsGiven(StrictSerializer):
    """What happened to an order and what was promised; null takes back what was said in error."""

    answers = OrderDetail

    paid_at = Moment(**NOT_GIVEN)
    shipped_at = Moment(**NOT_GIVEN)
    delivered_at = Moment(**NOT_GIVEN)
    cancelled_at = Moment(**NOT_GIVEN)
    promised_ship_at = Moment(**NOT_GIVEN)
    promised_delivery_at = Moment(**NOT_GIVEN)


class OrderChange(FactsGiven):
    """The same, with the version that the caller has seen."""

    version = Whole(min_value=1, required=False, help_text="Refuse (409) if the order has changed since this version.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A paid order",
            {
                "shop": "demo",
                "external_no": "SO-1001",
                "placed_at": "2026-11-20T09:12:00+08:00",
                "paid_at": "2026-11-20T09:14:30+08:00",
                "promised_delivery_at": "2026-11-24T23:59:59+08:00",
                "currency": "CNY",
                "customer": {"external_id": "C-77", "name": "张小明", "phone": "13800001234", "tier": "vip"},
                "recipient": {"name": "张小明", "phone": "13800001234", "country": "CN", "city": "杭州市"},
                "lines": [{"line_no": 1, "sku": "TEA-250", "qty": 2, "unit_price": "99.50"}],
            },
            request_only=True,
        )
    ]
)
class OrderGiven(FactsGiven):
    """An order. Named by shop, channel and number: sent again, it is changed where something is said."""

    shop = Reference(lambda request: Shop.objects.all(), what="shop")
    channel = Text(max_length=32, default="web")
    external_no = Text(max_length=64)
    order_type = Text(max_length=32, required=False)
    source_status = Text(max_length=64, required=False)
    placed_at = Moment()
    currency = currency(required=False)
    total = Amount(required=False)
    cross_border = Flag(required=False)
    customer = CustomerGiven(required=False)
    recipient = RecipientGiven(required=False)
    lines = serializers.ListField(child=LineGiven(), required=False, min_length=1, max_length=LINES_MAX)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each number once."""
        numbers = [line["line_no"] for line in lines]
        if len(set(numbers)) < len(numbers):
            raise serializers.ValidationError("A line number is given twice. Number the lines.")
        return lines
