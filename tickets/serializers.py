"""What the tickets room tells programs, and what it takes from them."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from orders import wording
from orders.models import Shop
from ticketdesk.accounts.models import Membership, Team, User
from ticketdesk.api.fields import Choice, Moment, Reference, RowReference, Text, Whole
from ticketdesk.api.serializers import Answer, StrictSerializer
from tickets import access, lifecycle
from tickets.models import Handover, Message, Ticket

BODY_MAX = 20_000
FURTHEST = timedelta(days=366)


class Deadline(Moment):
    """A time that somebody promises: within a year."""

    default_error_messages = {"too_far": "This lies more than a year ahead. Choose an earlier time."}

    def to_internal_value(self, data: Any) -> datetime:
        moment = super().to_internal_value(data)
        if moment > timezone.now() + FURTHEST:
            self.fail("too_far")
        return moment


class PersonAnswer(Answer):
    """Somebody who works here."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="get_short_name")


class TeamAnswer(Answer):
    """A team."""

    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.CharField()


class TicketAnswer(Answer):
    """A ticket as lists show it."""

    id = serializers.IntegerField(help_text="The ticket's number.")
    version = serializers.IntegerField(help_text="Grows with every change; send it back to change what you have seen.")
    shop = serializers.CharField(source="shop.code")
    order = serializers.IntegerField(source="order_id", allow_null=True)
    external_no = serializers.SerializerMethodField(help_text="The order's number in its shop.")
    anomaly = serializers.IntegerField(source="anomaly_id", allow_null=True)
    anomaly_code = serializers.CharField()
    subject = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(Ticket.Kind.choices)
    channel = serializers.ChoiceField(Ticket.Channel.choices)
    external_id = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    grade = serializers.IntegerField(help_text="1 urgent to 4 watch.")
    expected_loss = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        help_text="What it may cost the shop, in the desk's base currency; it sorts work.",
    )
    tier = serializers.IntegerField()
    status = serializers.ChoiceField(Ticket.Status.choices)
    team = TeamAnswer(allow_null=True)
    assignee = PersonAnswer(allow_null=True)
    holder = serializers.CharField(help_text="Who holds the ball: a department, carrier or customer.")
    waiting_for = serializers.CharField()
    waiting_reason = serializers.CharField()
    call_back_at = Moment(allow_null=True)
    respond_by = Moment(allow_null=True)
    resolve_by = Moment(allow_null=True)
    due_by = Moment(allow_null=True, help_text="The next deadline that runs; null while paused.")
    paused = serializers.BooleanField()
    late = serializers.SerializerMethodField(help_text="The next deadline has passed.")
    cause = serializers.CharField()
    resolution = serializers.CharField()
    reopened = serializers.IntegerField()
    opened_at = Moment()
    accepted_at = Moment(allow_null=True)
    responded_at = Moment(allow_null=True)
    solved_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True)
    updated_at = Moment()

    @extend_schema_field({"type": ["string", "null"]})
    def get_external_no(self, ticket: Ticket) -> str | None:
        return ticket.order.external_no if ticket.order else None

    def get_subject(self, ticket: Ticket) -> str:
        return ticket.subject or wording.title(ticket.anomaly_code)

    def get_late(self, ticket: Ticket) -> bool:
        return (
            ticket.is_live and ticket.due_by is not None and ticket.due_by <= ticket.shop.present(self.context["now"])
        )


class TicketEventAnswer(Answer):
    """Something that happened to a ticket."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    actor = PersonAnswer(allow_null=True)
    at = Moment()
    data = serializers.DictField()  # type: ignore[assignment]


class MessageAnswer(Answer):
    """Something that was said."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Message.Kind.choices)
    author = PersonAnswer(allow_null=True)
    body = serializers.CharField()
    language = serializers.CharField()
    at = Moment()


class HandoverAnswer(Answer):
    """A question to another team."""

    id = serializers.IntegerField()
    from_team = TeamAnswer(allow_null=True)
    to_team = TeamAnswer()
    question = serializers.CharField()
    due_by = Moment()
    asked_by = PersonAnswer()
    asked_at = Moment()
    state = serializers.ChoiceField(Handover.State.choices)
    answer = serializers.CharField()
    answered_by = PersonAnswer(allow_null=True)
    answered_at = Moment(allow_null=True)


class TicketDetail(TicketAnswer):
    """A ticket with all that was done and said."""

    grade_factors = serializers.ListField(child=serializers.DictField(), help_text="Why this grade.")
    loss_factors = serializers.ListField(
        child=serializers.DictField(), help_text="Why this expected loss; it is the product of what they multiply by."
    )
    actions = serializers.SerializerMethodField(help_text="What the caller may do now.")
    events = TicketEventAnswer(many=True)
    messages = MessageAnswer(many=True)
    handovers = HandoverAnswer(many=True)

    def get_actions(self, ticket: Ticket) -> list[str]:
        user = cast(User, self.context["request"].user)
        return sorted(access.actions_of(user, ticket) & lifecycle.possible(ticket.status))


def teams_of(request: Request) -> QuerySet[Team]:
    """The teams in which the caller may open a ticket: his own, or every team for supervisors."""
    user = cast(User, request.user)
    return Team.objects.all() if user.is_supervisor else Team.objects.filter(pk__in=user.team_ids)


def colleagues_of(request: Request) -> QuerySet[User]:
    """The people whom the caller may give work to: members of his teams, or everybody for supervisors."""
    user = cast(User, request.user)
    people = User.objects.filter(is_active=True)
    if user.is_supervisor:
        return people
    return people.filter(pk__in=Membership.objects.filter(team__in=user.team_ids).values("user_id"))


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "From a web form",
            {
                "shop": "demo",
                "kind": "complaint",
                "channel": "web",
                "subject": "The parcel arrived open",
                "body": "The box was torn and one tin is missing.",
                "external_id": "form-8812",
            },
            request_only=True,
        )
    ]
)
class TicketGiven(StrictSerializer):
    """A ticket that somebody reports."""

    answers = TicketDetail

    shop = Reference(lambda request: Shop.objects.all(), what="shop")
    order = RowReference(lambda request: access.visible_orders(cast(User, request.user)), what="order", required=False)
    kind = Choice(choices=Ticket.Kind.choices, default=Ticket.Kind.CONSULTATION)
    channel = Choice(choices=Ticket.Channel.choices, default=Ticket.Channel.API)
    subject = Text(max_length=200)
    body = Text(max_length=BODY_MAX, required=False, allow_blank=True)
    language = Text(max_length=16, required=False)
    external_id = Text(
        max_length=64, required=False, help_text="Your own id: sent again, the first ticket is answered."
    )
    grade = Choice(choices=[(1, "urgent"), (2, "high"), (3, "normal"), (4, "watch")], required=False)
    team = Reference(teams_of, what="team", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An order of this shop."""
        if "order" in attrs and attrs["order"].shop_id != attrs["shop"].pk:
            raise serializers.ValidationError(
                {"order": "There is no such order. Look for it in the list of this shop."}
            )
        return attrs


class ActionGiven(StrictSerializer):
    """What every action takes."""

    answers = TicketDetail

    version = Whole(min_value=1, required=False, help_text="Refuse (409) if the ticket has changed since this version.")


class AssignGiven(ActionGiven):
    """Whom to give it to: a team's queue, a person, or both."""

    team = Reference(lambda request: Team.objects.all(), what="team", required=False)
    assignee = RowReference(colleagues_of, what="person", required=False)


class BodyGiven(ActionGiven):
    """What to say."""

    body = Text(max_length=BODY_MAX)
    key = Text(max_length=64, required=False, help_text="Your own id: sent again, nothing is said twice.")


class WaitGiven(ActionGiven):
    """What to wait for."""

    waiting_for = Choice(choices=Ticket.WaitingFor.choices)
    reason = Text(max_length=200)
    call_back_at = Deadline()


class HandOverGiven(ActionGiven):
    """A question to another team."""

    to_team = Reference(lambda request: Team.objects.all(), what="team")
    question = Text(max_length=BODY_MAX)
    due_by = Deadline()


class AnswerGiven(ActionGiven):
    """The answer to it."""

    answer = Text(max_length=BODY_MAX)


class RegradeGiven(ActionGiven):
    """A grade set by hand."""

    grade = Choice(choices=[(1, "urgent"), (2, "high"), (3, "normal"), (4, "watch")])
    why = Text(max_length=1000)


class SolveGiven(ActionGiven):
    """Cause and what was done."""

    cause = Choice(choices=Ticket.Cause.choices)
    resolution = Text(max_length=BODY_MAX)


class WhyGiven(ActionGiven):
    """A reason that stays on record."""

    why = Text(max_length=1000)
