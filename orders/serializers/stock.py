"""Stock: what programs are told of it, and what is taken in."""

from typing import Any

from rest_framework import serializers

from orders.models import Shop
from orders.services.stocking.telling import Delivery, Told
from ticketdesk.api.fields import Moment, Reference, Text, Whole
from ticketdesk.api.serializers import Answer, FieldErrorAnswer, StrictSerializer

INCOMING_MAX = 50


class IncomingAnswer(Answer):
    """Goods on their way to the warehouse."""

    qty = serializers.IntegerField()
    expected_at = Moment()
    reference = serializers.CharField()


class StockAnswer(Answer):
    """One article in one warehouse."""

    id = serializers.IntegerField()
    shop = serializers.CharField(source="shop.code")
    warehouse = serializers.CharField(source="warehouse.code")
    sku = serializers.CharField()
    name = serializers.CharField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="For confirmed orders that have not left yet.")
    free = serializers.IntegerField()
    low_at = serializers.IntegerField(help_text="Short when no more than this is free.")
    incoming = IncomingAnswer(many=True, source="coming")
    updated_at = Moment()


class IncomingGiven(StrictSerializer):
    """Goods on their way to the warehouse."""

    qty = Whole(min_value=1)
    expected_at = Moment()
    reference = Text(max_length=64, required=False, default="", help_text="Such as the purchase order's number.")


class StockGiven(StrictSerializer):
    """One article in one warehouse, in absolute numbers; what is left out stays as it is."""

    answers = StockAnswer

    shop = Reference(lambda request: Shop.objects.all(), what="shop")
    warehouse = Text(max_length=32, help_text="The warehouse's code; one that is not known yet is made.")
    sku = Text(max_length=64)
    name = Text(max_length=200, required=False)
    on_hand = Whole(required=False, help_text="All pieces that lie there, the reserved ones included.")
    low_at = Whole(required=False)
    incoming = serializers.ListField(
        child=IncomingGiven(), required=False, max_length=INCOMING_MAX, help_text="All there is to come; [] for none."
    )


class StockResult(Answer):
    """What came of one entry."""

    index = serializers.IntegerField()
    result = serializers.ChoiceField(["new", "changed", "same", "refused"])
    errors = FieldErrorAnswer(many=True)  # type: ignore[assignment]


class StockResults(Answer):
    """What came of each entry."""

    stored = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = StockResult(many=True)


def told(values: dict[str, Any]) -> Told:
    """What a StockGiven says, for the service."""
    incoming = values.get("incoming")
    if incoming is not None:
        incoming = [Delivery(each["qty"], each["expected_at"], each["reference"]) for each in incoming]
    on_hand, name, low_at = (values.get(column) for column in ("on_hand", "name", "low_at"))
    return Told(values["warehouse"], values["sku"], on_hand, name, low_at, incoming)
