"""Anomalies: what programs are told of them."""

from typing import cast

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from orders import access, wording
from orders.models import Anomaly, Shipment
from orders.services.anomalies import NOTE_MOST, reportable
from ticketdesk.accounts.models import User
from ticketdesk.api.fields import Choice, Moment, RowReference, Text
from ticketdesk.api.serializers import Answer, StrictSerializer


class AnomalyAnswer(Answer):
    """Something wrong with an order or a parcel, and why we think so."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.SerializerMethodField()
    state = serializers.ChoiceField(Anomaly.State.choices)
    grade = serializers.IntegerField(help_text="1 urgent to 4 watch.")
    department = serializers.CharField()
    shop = serializers.CharField(source="shop.code")
    order = serializers.IntegerField(source="order_id")
    external_no = serializers.CharField(source="order.external_no")
    shipment = serializers.IntegerField(source="shipment_id", allow_null=True)
    tracking_number = serializers.SerializerMethodField()
    since = Moment(help_text="From this moment on it was true.")
    opened_at = Moment(help_text="When it was found, in the shop's present.")
    closed_at = Moment(allow_null=True)
    close_reason = serializers.CharField()
    sentence = serializers.SerializerMethodField(help_text="Why, in the language of Accept-Language.")
    params = serializers.DictField(help_text="The numbers in the sentence.")
    evidence = serializers.DictField()
    proof = serializers.DictField(allow_null=True, help_text="What ended it: which scan or fact, when, where.")
    suppressed_by = serializers.IntegerField(
        source="suppressed_by_id", allow_null=True, help_text="The graver anomaly that took its place."
    )
    reopened = serializers.IntegerField(help_text="How often it came back within 48 hours.")
    verdict = serializers.ChoiceField([*Anomaly.Verdict.choices, ("", "None yet")])

    def get_title(self, anomaly: Anomaly) -> str:
        return wording.title(anomaly.code)

    @extend_schema_field({"type": ["string", "null"]})
    def get_tracking_number(self, anomaly: Anomaly) -> str | None:
        return anomaly.shipment.number if anomaly.shipment else None

    def get_sentence(self, anomaly: Anomaly) -> str:
        return wording.sentence(anomaly.why, anomaly.params)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Not received",
            {"order": 118, "parcel": 4711, "code": "signed_not_received", "note": "Nothing at the door or the locker."},
            request_only=True,
        )
    ]
)
class AnomalyGiven(StrictSerializer):
    """Something wrong that no scan tells of."""

    answers = AnomalyAnswer

    order = RowReference(
        lambda request: access.visible_to(cast(User, request.user)).select_related("shop"), what="order"
    )
    parcel = RowReference(
        lambda request: Shipment.objects.filter(pk__in=access.visible_parcels(cast(User, request.user)).values("pk")),
        what="parcel",
        required=False,
        help_text="Left out: the whole order; of a delivery that did not arrive, the last one delivered.",
    )
    code = Choice(choices=[(code, code) for code in reportable()])
    note = Text(max_length=NOTE_MOST, help_text="What the buyer says.")


@extend_schema_serializer(
    examples=[OpenApiExample("False", {"verdict": "false", "note": "Agreed with the buyer"}, request_only=True)]
)
class VerdictGiven(StrictSerializer):
    """Whether an anomaly was real; may be changed, and every word stays on record."""

    answers = AnomalyAnswer

    verdict = Choice(choices=[(code, code) for code in Anomaly.Verdict.values])
    note = Text(max_length=NOTE_MOST, required=False, allow_blank=True, default="")


@extend_schema_serializer(
    examples=[OpenApiExample("Settled", {"reason": "The buyer has it; a neighbour took it in."}, request_only=True)]
)
class ResolutionGiven(StrictSerializer):
    """Why an anomaly is over although it would not end by itself."""

    answers = AnomalyAnswer

    reason = Text(max_length=300)
