"""Tickets for programs: what the pages do, by the same services."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.presents import Presents
from ticketdesk.accounts.models import Role
from ticketdesk.api.fields import Choice, Key, Text
from ticketdesk.api.filters import Filters, yes
from ticketdesk.api.problems import Refusal
from ticketdesk.api.schema import IF_MATCH
from ticketdesk.api.views import OneByOne, repeatable, seen_version
from tickets import access, lifecycle, selectors, services
from tickets import serializers as told
from tickets.models import Ticket

ROW = ("shop", "order", "team", "assignee")
STORY = (
    "events__actor",
    "messages__author",
    "handovers__from_team",
    "handovers__to_team",
    "handovers__asked_by",
    "handovers__answered_by",
)
ANSWERS = {200: told.TicketDetail, 204: OpenApiResponse(None, "Done, and the ticket has left the caller's sight.")}
BY_LOSS = "-expected_loss"
OPENERS = [Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AGENT]


class TicketFilters(Filters):
    """What tickets can be narrowed by."""

    status = Choice(choices=Ticket.Status.choices, required=False)
    grade = Choice(choices=[(1, "urgent"), (2, "high"), (3, "normal"), (4, "watch")], required=False)
    team = Text(source="team__code", max_length=40, required=False, help_text="The team's code.")
    assignee = Key(source="assignee_id", required=False, help_text="The person's id.")
    order = Key(source="order_id", required=False, help_text="The order's id.")
    anomaly_code = Text(max_length=40, required=False)
    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")
    external_id = Text(max_length=64, required=False)
    ordering = Choice(
        choices=[("-id", "newest first"), ("-expected_loss", "what may cost most first; live tickets only")],
        required=False,
        help_text="How the list is sorted: -id, or -expected_loss, which lists only tickets that are worked on.",
    )
    late = yes(required=False, help_text="Only those whose next deadline has passed.")
    q = Text(
        max_length=100, required=False, help_text="A ticket's, order's or parcel's number, or a buyer's name or phone."
    )

    def narrow(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The tickets that fit, of those given."""
        if values.pop("ordering", "") == BY_LOSS:
            rows = rows.live()  # type: ignore[attr-defined]
        if values.pop("late", None):
            presents = Presents.at(timezone.now())
            rows = rows.filter(presents.at_or_before("due_by"), status__in=lifecycle.LIVE)
        if text := values.pop("q", None):
            rows = selectors.Filters(text=text).narrow(rows)  # type: ignore[arg-type]
        return super().narrow(rows, values)


def _action(summary: str, takes: type[told.ActionGiven]) -> Callable[[Any], Any]:
    """A POST below a ticket's address that takes `takes` and answers with the ticket as it is then."""

    def made(handler: Any) -> Any:
        pressed = action(detail=True, methods=["post"])(repeatable(handler))
        return extend_schema(summary=summary, request=takes, responses=ANSWERS, parameters=[IF_MATCH])(pressed)

    return made


@extend_schema_view(list=extend_schema(summary="Tickets, newest first"), retrieve=extend_schema(summary="One ticket"))
class TicketView(OneByOne):
    """Tickets, and what can be done to them."""

    serializer_class = told.TicketAnswer
    filters = TicketFilters
    required_scopes = {"GET": "tickets:read", "POST": "tickets:write"}
    schema_tags = ["tickets"]

    @property
    def keyset(self) -> tuple[str, ...]:  # type: ignore[override]
        """By what the list is sorted."""
        return (BY_LOSS, "-id") if self.request.query_params.get("ordering") == BY_LOSS else ("-id",)

    @property
    def required_roles(self) -> dict[str, list[str]]:
        """Who opens tickets; what may be done to one is for the services to say."""
        return {"POST": [role.value for role in OPENERS]} if self.action == "create" else {}

    def get_queryset(self) -> QuerySet[Ticket]:
        tickets = access.visible_to(self.principal).select_related(*ROW)
        return tickets if self.action == "list" else tickets.prefetch_related(*STORY)

    def get_serializer_class(self) -> type[told.TicketAnswer]:
        return told.TicketAnswer if self.action == "list" else told.TicketDetail

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    @extend_schema(
        summary="Open a ticket",
        description="201 when it is new; 200 with the first ticket for an external_id that was sent before.",
        request=told.TicketGiven,
        responses={200: told.TicketDetail, 201: told.TicketDetail},
    )
    @repeatable
    def create(self, request: Request) -> Response:
        new = services.NewTicket(**self.given(told.TicketGiven))
        known = self._sent_before(new)
        ticket = services.open_ticket(new=new, by=self.principal, now=new.shop.present(timezone.now()))
        if known and not (self._visible(ticket) or ticket.events.filter(kind="opened", actor=self.principal).exists()):
            raise Refusal(409, "conflict", "This external_id is taken. Choose another one.", field="external_id")
        # Whoever opened it for another team may see this answer, though not the ticket's later life.
        opened = Ticket.objects.select_related(*ROW).prefetch_related(*STORY).get(pk=ticket.pk)
        return self.shown(opened, 200 if known else 201)

    def _sent_before(self, new: services.NewTicket) -> bool:
        same = Q(shop=new.shop, channel=new.channel, external_id=new.external_id)
        return bool(new.external_id) and Ticket.objects.filter(same).exists()

    def _visible(self, ticket: Ticket) -> Ticket | None:
        return self.get_queryset().filter(pk=ticket.pk).first()

    @_action("Take a ticket", told.ActionGiven)
    def accept(self, request: Request, pk: int) -> Response:
        return self._press(services.accept, told.ActionGiven)

    @_action("Give a ticket to a person or a team's queue", told.AssignGiven)
    def assign(self, request: Request, pk: int) -> Response:
        return self._press(services.assign, told.AssignGiven, assignee="to")

    @_action("Answer the customer", told.BodyGiven)
    def reply(self, request: Request, pk: int) -> Response:
        return self._press(services.reply, told.BodyGiven)

    @_action("Leave a note for colleagues", told.BodyGiven)
    def note(self, request: Request, pk: int) -> Response:
        return self._press(services.note, told.BodyGiven)

    @_action("Wait for customer, carrier or department", told.WaitGiven)
    def wait(self, request: Request, pk: int) -> Response:
        return self._press(services.wait, told.WaitGiven)

    @_action("Go on with a ticket that waited", told.ActionGiven)
    def resume(self, request: Request, pk: int) -> Response:
        return self._press(services.resume, told.ActionGiven)

    @_action("Ask another team", told.HandOverGiven)
    def hand_over(self, request: Request, pk: int) -> Response:
        return self._press(services.hand_over, told.HandOverGiven)

    @_action("Answer the open question", told.AnswerGiven)
    def answer(self, request: Request, pk: int) -> Response:
        return self._press(services.answer, told.AnswerGiven)

    @_action("Take the open question back", told.ActionGiven)
    def call_back(self, request: Request, pk: int) -> Response:
        return self._press(services.call_back, told.ActionGiven)

    @_action("Set the grade by hand", told.RegradeGiven)
    def regrade(self, request: Request, pk: int) -> Response:
        return self._press(services.regrade, told.RegradeGiven)

    @_action("Solve", told.SolveGiven)
    def solve(self, request: Request, pk: int) -> Response:
        return self._press(services.solve, told.SolveGiven)

    @_action("Close for good", told.WhyGiven)
    def close(self, request: Request, pk: int) -> Response:
        return self._press(services.close, told.WhyGiven)

    @_action("Take up a solved or closed ticket again", told.WhyGiven)
    def reopen(self, request: Request, pk: int) -> Response:
        return self._press(services.reopen, told.WhyGiven)

    def _press(self, service: Callable[..., Any], takes: type[told.ActionGiven], **renamed: str) -> Response:
        """Find the ticket, call the one service, answer with the ticket as it is then."""
        ticket, given = self.get_object(), self.given(takes)
        version, seen = given.pop("version", None), seen_version(self.request)
        given = {renamed.get(name, name): value for name, value in given.items()}
        try:
            service(
                ticket=ticket,
                by=self.principal,
                now=ticket.shop.present(timezone.now()),
                version=seen if version is None else version,
                **given,
            )
        except access.NotAllowed as error:
            raise Refusal(403, "not_allowed", str(error)) from None
        except lifecycle.WrongStatus as error:
            raise Refusal(409, "wrong_status", str(error)) from None
        except services.Stale as error:
            raise Refusal(412 if version is None else 409, "stale", str(error), field="version") from None
        except services.Refused as error:
            raise ValidationError({error.field: str(error)}) from None
        # Whoever gave the ticket away may not see it any more: then there is nothing to show.
        left = self._visible(ticket)
        return self.shown(left) if left is not None else Response(status=204)
