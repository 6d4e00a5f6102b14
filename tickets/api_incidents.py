"""Incidents for programs: what the page does, by the same services."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Incident
from orders.services import telling_all
from ticketdesk.api.fields import Choice, Moment, Text
from ticketdesk.api.filters import Filters
from ticketdesk.api.problems import Refusal
from ticketdesk.api.serializers import Answer, StrictSerializer
from ticketdesk.api.views import OneByOne, repeatable
from tickets import access, emergency, incident_pages, incidents, lifecycle, services
from tickets.models import Ticket


class IncidentAnswer(Answer):
    """Many orders, one cause."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.SerializerMethodField()
    state = serializers.CharField(help_text="open, quiet or closed.")
    shop = serializers.CharField(source="shop.code")
    segment = serializers.CharField(source="kind", help_text="By what the orders belong together, such as city.")
    key = serializers.CharField()
    where = serializers.CharField(source="label", help_text="The segment's own name.")
    cause = serializers.CharField(help_text="spike, shift, batch or silence.")
    why = serializers.SerializerMethodField(help_text="In one sentence, in the language of Accept-Language.")
    evidence = serializers.DictField()
    affected = serializers.IntegerField()
    department = serializers.CharField()
    ticket = serializers.SerializerMethodField()
    started_at = Moment()
    opened_at = Moment()
    closed_at = Moment(allow_null=True)
    close_reason = serializers.CharField()
    told_at = Moment(allow_null=True)
    told_buyers = serializers.IntegerField()

    def get_title(self, incident: Incident) -> str:
        return incident_pages.title(incident)

    def get_why(self, incident: Incident) -> str:
        return incident_pages.why(incident)

    def get_ticket(self, incident: Incident) -> int | None:
        ticket = getattr(incident, "ticket", None)
        return ticket.pk if ticket else None


class ReplyGiven(StrictSerializer):
    """One answer for all."""

    body = Text(max_length=5000)


class CloseGiven(StrictSerializer):
    """One end for all."""

    cause = Choice(choices=Ticket.Cause.choices)
    resolution = Text(max_length=2000)


class TickGiven(StrictSerializer):
    """A step of the emergency plan."""

    step = Choice(choices=[(code, code) for code in emergency.STEPS])
    done = serializers.BooleanField(default=True)


class TellGiven(StrictSerializer):
    """The message to all buyers, by language; `send` false only counts them."""

    en = Text(max_length=telling_all.LONGEST)
    zh_hans = Text(max_length=telling_all.LONGEST)
    zh_hant = Text(max_length=telling_all.LONGEST)
    send = serializers.BooleanField(default=False)


class Done(Answer):
    """To how many it was done."""

    count = serializers.IntegerField()


class IncidentFilters(Filters):
    """What incidents can be narrowed by."""

    state = Choice(choices=Incident.State.choices, required=False)
    code = Text(max_length=40, required=False)
    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")


@extend_schema_view(
    list=extend_schema(summary="Incidents, newest first"), retrieve=extend_schema(summary="One incident")
)
class IncidentView(OneByOne):
    """Incidents, and what can be done to all of their tickets at once."""

    serializer_class = IncidentAnswer
    filters = IncidentFilters
    keyset = ("-opened_at", "-id")
    required_scopes = {"GET": "tickets:read", "POST": "tickets:write"}
    schema_tags = ["incidents"]

    def get_queryset(self) -> QuerySet[Incident]:
        return incident_pages.visible_to(self.principal).select_related("shop", "ticket")

    @extend_schema(summary="Answer all of its tickets", request=ReplyGiven, responses=Done)
    @action(detail=True, methods=["post"])
    @repeatable
    def reply(self, request: Request, pk: int) -> Response:
        return self._press(services.reply_to_all, **self.given(ReplyGiven))

    @extend_schema(summary="Close all of its tickets", request=CloseGiven, responses=Done)
    @action(detail=True, methods=["post"])
    @repeatable
    def close(self, request: Request, pk: int) -> Response:
        return self._press(services.close_all, **self.given(CloseGiven))

    @extend_schema(summary="Tick a step of the emergency plan", request=TickGiven, responses=Done)
    @action(detail=True, methods=["post"])
    @repeatable
    def tick(self, request: Request, pk: int) -> Response:
        return self._press(services.tick, **self.given(TickGiven))

    @extend_schema(summary="Count its buyers, or send them one message", request=TellGiven, responses=Done)
    @action(detail=True, methods=["post"])
    @repeatable
    def tell(self, request: Request, pk: int) -> Response:
        given = self.given(TellGiven)
        texts = {code: given[code.replace("-", "_")] for code, _name in settings.LANGUAGES}
        if not given["send"]:
            return Response({"count": telling_all.preview(self.get_object(), texts).buyers})
        return self._press(services.tell_buyers, texts=texts)

    def _press(self, service: Callable[..., Any], **given: Any) -> Response:
        incident = self.get_object()
        ticket = incidents.parent_of(incident)
        if not access.visible_to(self.principal).filter(pk=ticket.pk).exists():
            raise Refusal(403, "not_allowed", "The incident's ticket is another team's.")
        try:
            done = service(ticket=ticket, by=self.principal, now=incident.shop.present(timezone.now()), **given)
        except access.NotAllowed as error:
            raise Refusal(403, "not_allowed", str(error)) from None
        except lifecycle.WrongStatus as error:
            raise Refusal(409, "wrong_status", str(error)) from None
        except services.Refused as error:
            raise ValidationError({error.field: str(error)}) from None
        return Response({"count": done if isinstance(done, int) else 1})
