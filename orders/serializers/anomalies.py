"""Anomalies: what programs are told of them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders import wording
from orders.models import Anomaly
from ticketdesk.api.fields import Moment
from ticketdesk.api.serializers import Answer


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

    def get_title(self, anomaly: Anomaly) -> str:
        return wording.title(anomaly.code)

    @extend_schema_field({"type": ["string", "null"]})
    def get_tracking_number(self, anomaly: Anomaly) -> str | None:
        return anomaly.shipment.number if anomaly.shipment else None

    def get_sentence(self, anomaly: Anomaly) -> str:
        return wording.sentence(anomaly.why, anomaly.params)
