"""Parcels and their scans: what programs are told of them, and what is taken in."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from orders.carriers.own import FIELDS, LARGEST_SEQ, LONGEST, PARTIES, BadEvent, parse_event
from orders.models import Carrier, Shipment, Shop
from orders.serializers.orders import OpenAnomaly
from orders.statuses import STATUSES
from ticketdesk.api.fields import Choice, Flag, Key, Moment, Reference, Text, Whole, country
from ticketdesk.api.serializers import Answer, FieldErrorAnswer, StrictSerializer

ORDERS_MAX = 100
STATUS_HELP = f"One of {', '.join(STATUSES)}, with its sub-status after a dot, such as in_transit.arrived_facility."


class ShipmentAnswer(Answer):
    """A parcel, as its scans tell it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    shop = serializers.CharField(source="shop.code")
    carrier = serializers.CharField(source="carrier.code")
    tracking_number = serializers.CharField(source="number")
    orders = serializers.SerializerMethodField()
    leg = serializers.CharField(help_text="outbound, or return once it travels back.")
    status = serializers.CharField()
    sub_status = serializers.CharField()
    flags = serializers.CharField(help_text="E exception, A somebody must act, T no further scan is expected.")
    status_at = Moment(allow_null=True)
    attempts = serializers.IntegerField(help_text="Failed attempts at delivery.")
    event_count = serializers.IntegerField(source="events_count")
    announced_at = Moment(allow_null=True)
    picked_up_at = Moment(allow_null=True)
    first_scan_at = Moment(allow_null=True)
    last_scan_at = Moment(allow_null=True)
    delivered_at = Moment(allow_null=True)
    returned_at = Moment(allow_null=True)
    eta_at = Moment(allow_null=True)
    place = serializers.CharField()
    origin_country = serializers.CharField()
    dest_country = serializers.CharField()
    open_anomalies = OpenAnomaly(many=True)

    def get_orders(self, shipment: Shipment) -> list[int]:
        return sorted({item.order_id for item in shipment.items.all()})


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A parcel with one order",
            {"shop": "demo", "carrier": "sf-express", "tracking_number": "SF1234567890123", "orders": [1]},
            request_only=True,
        )
    ]
)
class ShipmentGiven(StrictSerializer):
    """A parcel that left, or will leave, with orders in it."""

    answers = ShipmentAnswer

    shop = Reference(lambda request: Shop.objects.all(), what="shop")
    carrier = Reference(lambda request: Carrier.objects.all(), what="carrier")
    tracking_number = Text(max_length=64)
    orders = serializers.ListField(child=Key(), min_length=1, max_length=ORDERS_MAX)
    announced_at = Moment(required=False, help_text="When it was said to be shipped; left out: now.")
    eta_at = Moment(required=False)
    origin_country = country(required=False)
    dest_country = country(required=False)


class EventAnswer(Answer):
    """One scan or message about a parcel."""

    id = serializers.IntegerField()
    shipment = serializers.IntegerField(source="shipment_id")
    occurred_at = Moment()
    time_precision = serializers.CharField()
    recorded_at = Moment(allow_null=True)
    received_at = Moment()
    source = serializers.CharField()  # type: ignore[assignment]
    status = serializers.CharField()
    sub_status = serializers.CharField()
    code = serializers.CharField(source="raw_code")
    text = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    reason_party = serializers.CharField()
    is_physical = serializers.BooleanField()
    seq = serializers.IntegerField()
    withdrawn_at = Moment(allow_null=True)


@extend_schema_field({"type": "string", "format": "date-time"})
class EventTime(Text):
    """A time that is read, with its precision, by the events' own reader."""


class EventGiven(StrictSerializer):
    """One scan of a parcel, named by `shipment`, or by `carrier` and `tracking_number`."""

    answers = EventAnswer

    shipment = Key(required=False)
    carrier = Text(max_length=50, required=False, help_text="The carrier's code.")
    tracking_number = Text(max_length=64, required=False)
    status = Text(max_length=LONGEST["status"], help_text=STATUS_HELP)
    occurred_at = EventTime(max_length=LONGEST["occurred_at"])
    recorded_at = EventTime(max_length=LONGEST["recorded_at"], required=False)
    code = Text(max_length=LONGEST["code"], required=False, allow_blank=True, help_text="The carrier's own code.")
    text = Text(max_length=LONGEST["text"], required=False, allow_blank=True)
    city = Text(max_length=LONGEST["city"], required=False, allow_blank=True)
    country = Text(max_length=LONGEST["country"], required=False, allow_blank=True)
    reason_party = Choice(choices=[(party, party) for party in PARTIES], required=False)
    is_physical = Flag(required=False, help_text="Whether somebody held the parcel; left out: what the status implies.")
    is_return = Flag(required=False)
    seq = Whole(max_value=LARGEST_SEQ, required=False, help_text="The source's own order, oldest first.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The parcel's name, and the `scan` that the event is."""
        if "shipment" not in attrs and not {"carrier", "tracking_number"} <= attrs.keys():
            raise serializers.ValidationError(
                {"shipment": "This names no parcel. Give shipment, or carrier and tracking_number."}
            )
        told: Mapping[str, Any] = self.initial_data
        try:
            scan = parse_event({name: told[name] for name in FIELDS if name in told}, received_at=timezone.now())
        except BadEvent as bad:
            raise serializers.ValidationError({bad.field: _sentences(bad.remedy)}) from None
        return {
            **{name: attrs[name] for name in ("shipment", "carrier", "tracking_number") if name in attrs},
            "scan": scan,
        }


def _sentences(remedy: str) -> str:
    """ "x is wrong; do y" as two sentences, which is how refusals are told."""
    wrong, _, right = remedy.partition("; ")
    return ". ".join(part[:1].upper() + part[1:] for part in (wrong, right) if part) + "."


class EventResult(Answer):
    """What came of one event."""

    index = serializers.IntegerField(help_text="Its place in the list that was sent, from 0.")
    result = serializers.ChoiceField(["stored", "duplicate", "refused"])
    shipment = serializers.IntegerField(allow_null=True)
    errors = FieldErrorAnswer(many=True)  # type: ignore[assignment]


class EventResults(Answer):
    """What came of a list of events."""

    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = EventResult(many=True)
