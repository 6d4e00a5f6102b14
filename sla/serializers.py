"""What the SLA room tells programs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sla.explaining import Period
from sla.models import Clock, Fire
from sla.models.clock import Metric, State
from sla.services import Explained
from ticketdesk.api.fields import Moment
from ticketdesk.api.serializers import Answer


class VersionAnswer(Answer):
    """Which version of a policy or calendar was followed; a version never changes."""

    code = serializers.CharField()
    number = serializers.IntegerField()


class ClockAnswer(Answer):
    """One obligation of a ticket. All `_s` are seconds of open time by the calendar."""

    id = serializers.IntegerField()
    ticket = serializers.IntegerField(source="ticket_id")
    shop = serializers.CharField(source="shop.code")
    metric = serializers.ChoiceField(Metric.choices)
    cycle = serializers.IntegerField(help_text="Counts the obligations of one kind on a ticket.")
    holder = serializers.CharField(help_text="Whose obligation it is: the front line, or a department.")
    team = serializers.SerializerMethodField(help_text="The ticket's team, by its code.")
    grade = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    late = serializers.SerializerMethodField(help_text="The due time has passed, in the shop's present.")
    target_s = serializers.IntegerField()
    grace_s = serializers.IntegerField()
    consumed_s = serializers.IntegerField(help_text="Used up to the last change of state.")
    started_at = Moment()
    due_at = Moment(allow_null=True, help_text="Null while it pauses.")
    breached_at = Moment(allow_null=True)
    stopped_at = Moment(allow_null=True)
    stop_reason = serializers.CharField()
    rule = serializers.CharField(help_text="The policy's rule that set the target.")
    policy = serializers.SerializerMethodField()
    calendar = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_team(self, clock: Clock) -> str | None:
        return clock.team.code if clock.team else None

    def get_late(self, clock: Clock) -> bool:
        present = clock.shop.present(self.context["now"])
        overdue = clock.state == State.RUNNING and clock.due_at is not None and clock.due_at <= present
        return clock.breached_at is not None or overdue

    @extend_schema_field(VersionAnswer)
    def get_policy(self, clock: Clock) -> dict[str, Any]:
        return {"code": clock.policy_version.policy.code, "number": clock.policy_version.number}

    @extend_schema_field(VersionAnswer)
    def get_calendar(self, clock: Clock) -> dict[str, Any]:
        return {"code": clock.calendar_version.calendar.code, "number": clock.calendar_version.number}


class SpanAnswer(Answer):
    """Open time that was used."""

    opens = Moment()
    closes = Moment()
    seconds = serializers.IntegerField()


class DayAnswer(Answer):
    """A day that did not have its usual hours."""

    day = serializers.DateField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="holiday, day_off or special.")


class PeriodAnswer(Answer):
    """What the clock did from one cause to the next."""

    since = Moment()
    until = Moment()
    state = serializers.CharField()
    cause = serializers.CharField()
    details = serializers.DictField(source="data")
    calendar = VersionAnswer(allow_null=True)
    seconds = serializers.IntegerField(allow_null=True, help_text="Open time used; null unless the clock ran.")
    spans = SpanAnswer(many=True)
    days = DayAnswer(many=True)


class FireAnswer(Answer):
    """A step of the ladder that came due."""

    step = serializers.CharField(source="step_key")
    repeat = serializers.IntegerField(source="repeat_no")
    due_at = Moment()
    outcome = serializers.ChoiceField(Fire.Outcome.choices)


class ExplainedAnswer(Answer):
    """A deadline, step by step: why the clock is due when it is."""

    clock = ClockAnswer()
    due_at = Moment(allow_null=True, source="state.due_at")
    late = serializers.BooleanField()
    policy = serializers.SerializerMethodField()
    periods = serializers.SerializerMethodField()
    fires = FireAnswer(many=True)

    @extend_schema_field(VersionAnswer)
    def get_policy(self, explained: Explained) -> dict[str, Any]:
        return {"code": explained.policy_version.policy.code, "number": explained.policy_version.number}

    @extend_schema_field(PeriodAnswer(many=True))
    def get_periods(self, explained: Explained) -> Any:
        return PeriodAnswer([_period(explained, period) for period in explained.periods], many=True).data


def _period(explained: Explained, period: Period) -> dict[str, Any]:
    version, used = explained.calendars.get(period.calendar), period.used
    return {
        "since": period.since,
        "until": period.until,
        "state": period.state,
        "cause": period.cause,
        "data": period.data,
        "calendar": {"code": version.calendar.code, "number": version.number} if version else None,
        "seconds": used.seconds if used else None,
        "spans": used.spans if used else (),
        "days": used.days if used else (),
    }
