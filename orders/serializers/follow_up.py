"""The steps of an order and the promises about them: what programs are told, and what is taken in."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from orders.models import Milestone, Promise
from ticketdesk.api.fields import Choice, Moment, Text
from ticketdesk.api.serializers import Answer, StrictSerializer


class MilestoneAnswer(Answer):
    """One step of an order."""

    code = serializers.CharField()
    planned_at = Moment(allow_null=True, help_text="The baseline; never changed once it is laid.")
    promised_at = Moment(allow_null=True, help_text="What was told last.")
    forecast_at = Moment(allow_null=True, help_text="Moved by what slipped before it.")
    actual_at = Moment(allow_null=True)
    owner_department = serializers.CharField()
    evidence = serializers.CharField()


class PromiseAnswer(Answer):
    """A promise about one step of an order."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    promised_at = Moment()
    before_at = Moment(allow_null=True, help_text="What was promised until then.")
    reason = serializers.CharField()
    told_to = serializers.CharField()
    channel = serializers.CharField()
    made_at = Moment()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A later delivery",
            {
                "code": "delivered",
                "promised_at": "2026-12-18T23:59:59+08:00",
                "reason": "The mill delivers the cloth a week later.",
                "told_to": "Ms Brandt, buyer",
                "channel": "email",
            },
            request_only=True,
        )
    ]
)
class PromiseGiven(StrictSerializer):
    """A new time for a step that is open."""

    answers = PromiseAnswer

    code = Choice(choices=Milestone.Code.choices)
    promised_at = Moment()
    reason = Text(max_length=300)
    told_to = Text(max_length=120, required=False, allow_blank=True)
    channel = Choice(choices=Promise.Channel.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Somebody told, and the way he was told, belong together."""
        told = attrs.get("channel", Promise.Channel.NOT_TOLD) != Promise.Channel.NOT_TOLD
        if told != bool(attrs.get("told_to")):
            field = "told_to" if told else "channel"
            raise serializers.ValidationError({field: "Who was told and how belong together. Give both or none."})
        return attrs


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Passed", {"done_at": "2026-12-01T16:30:00+08:00", "evidence": "QC report 118"}, request_only=True
        )
    ]
)
class DoneGiven(StrictSerializer):
    """When a step was done, and what shows it."""

    answers = MilestoneAnswer

    done_at = Moment(required=False, help_text="Left out: now.")
    evidence = Text(max_length=200, required=False, allow_blank=True, default="")
