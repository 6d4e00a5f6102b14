"""What people fill in on the board and on a ticket. Each action form says what its service is called with."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from orders.detectors import catalogue
from orders.models import Carrier, Shop
from ticketdesk.accounts.models import Membership, Team, User
from tickets import access, wording
from tickets.models import Ticket
from tickets.selectors import Filters
from tickets.services import NewTicket

CALL_BACK_AFTER = timedelta(hours=4)
FURTHEST = timedelta(days=366)
LOCAL = "%Y-%m-%dT%H:%M"
Channel = Ticket.Channel


class FilterForm(forms.Form):
    """The board's filter bar. What cannot be read counts as not chosen: a bookmark must not break."""

    q = forms.CharField(required=False, max_length=120)
    status = forms.ChoiceField(required=False, label=_("Status"))
    grade = forms.TypedChoiceField(required=False, label=_("Grade"), coerce=int, empty_value=None)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_("Team"))
    assignee = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Assignee"))
    anomaly = forms.ChoiceField(required=False, label=_("Reason"))
    holder = forms.ChoiceField(required=False, label=_("Held by"))
    channel = forms.ChoiceField(required=False, label=_("Channel"))
    carrier = forms.CharField(required=False, max_length=50)
    shop = forms.IntegerField(required=False)
    tier = forms.IntegerField(required=False)
    parent = forms.IntegerField(required=False)

    SHOWN = ("status", "grade", "team", "assignee", "anomaly", "holder", "channel")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.all() if access.sees_everything(user) else Team.objects.filter(members=user)
        self._models("team", teams)
        self._models("assignee", User.objects.filter(is_active=True, memberships__team__in=teams).distinct())
        self._choices("status", Ticket.Status.choices)
        self._choices("grade", [(number, wording.grade_name(number)) for number in wording.GRADES])
        self._choices("channel", Ticket.Channel.choices)
        self._choices("holder", wording.HOLDERS.items())
        titles = ((code, wording.anomaly_title(code)) for code in catalogue())
        self._choices("anomaly", sorted(titles, key=lambda pair: pair[1]))

    def _choices(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", self.fields[name].label), *choices]

    def _models(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows
        self.fields[name].empty_label = self.fields[name].label

    def filters(self) -> Filters:
        """What was chosen, as selectors want it."""
        self.is_valid()
        chosen = self.cleaned_data
        return Filters(
            status=chosen.get("status", ""),
            grade=chosen.get("grade"),
            team=chosen["team"].pk if chosen.get("team") else None,
            assignee=chosen["assignee"].pk if chosen.get("assignee") else None,
            channel=chosen.get("channel", ""),
            anomaly=chosen.get("anomaly", ""),
            holder=chosen.get("holder", ""),
            carrier=chosen.get("carrier", ""),
            shop=chosen.get("shop"),
            tier=chosen.get("tier"),
            parent=chosen.get("parent"),
            text=chosen.get("q", ""),
        )

    @property
    def active(self) -> bool:
        """Whether anything narrows the list."""
        return any(value not in (None, "") for value in self.cleaned_data.values())

    @property
    def carrier_name(self) -> str:
        """The carrier that a link from the wall narrowed the list to; it has no select of its own."""
        code = self.cleaned_data.get("carrier", "")
        return Carrier.objects.filter(code=code).values_list("name", flat=True).first() or code if code else ""


class ActionForm(forms.Form):
    """A button with nothing to fill in, and the base of the others. `version` is the one the page was drawn from."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, ticket: Ticket, present: datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["version"] = ticket.version
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        self.prepare(present)

    def prepare(self, present: datetime) -> None:
        """Fill in choices and defaults."""

    def arguments(self) -> dict[str, Any]:
        """What the service is called with, besides ticket, by and now."""
        return dict(self.cleaned_data)


class MomentField(forms.DateTimeField):
    """A moment in the reader's time zone, chosen with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        control = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=control, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """At most a year ahead: a slip of the pen in the year would park the ticket for good, or break who reads it."""
        moment = super().to_python(value)
        if moment is not None and moment > timezone.now() + FURTHEST:
            raise ValidationError(_("This lies more than a year ahead. Choose an earlier time."), code="too_far")
        return moment


class AssignForm(ActionForm):
    """Give the ticket to a person, or to a team's queue. A value is "team" or "team:person"."""

    to = forms.ChoiceField(label=_("Give to"))

    def prepare(self, present: datetime) -> None:
        members: dict[int, list[tuple[str, str]]] = {}
        names: dict[int, str] = {}
        rows = Membership.objects.filter(user__is_active=True).select_related("user", "team")
        for row in rows.order_by("team__name", "user__name"):
            names[row.team_id] = row.team.name
            members.setdefault(row.team_id, []).append((f"{row.team_id}:{row.user_id}", str(row.user)))
        own = self.ticket.team_id
        groups = [
            (names[team], [(str(team), _("Queue of the team")), *people])
            for team, people in sorted(members.items(), key=lambda pair: (pair[0] != own, names[pair[0]]))
        ]
        self.fields["to"].choices = groups
        if self.ticket.assignee_id:
            self.initial["to"] = f"{own}:{self.ticket.assignee_id}"

    def arguments(self) -> dict[str, Any]:
        team, _colon, person = self.cleaned_data["to"].partition(":")
        return {
            "team": Team.objects.get(pk=team),
            "to": User.objects.get(pk=person) if person else None,
            "version": self.cleaned_data["version"],
        }


class WaitForm(ActionForm):
    """Wait for somebody else; the ticket comes back by itself."""

    waiting_for = forms.ChoiceField(label=_("Wait for"), choices=Ticket.WaitingFor.choices)
    reason = forms.CharField(label=_("What for"), max_length=200)
    call_back_at = MomentField(label=_("Look again at"))

    def prepare(self, present: datetime) -> None:
        self.initial["call_back_at"] = localtime(present + CALL_BACK_AFTER).replace(second=0, microsecond=0)


class HandOverForm(ActionForm):
    """Ask another team, with a deadline."""

    to_team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), empty_label=None)
    question = forms.CharField(label=_("What they are to do"), widget=forms.Textarea(attrs={"rows": 3}))
    due_by = MomentField(label=_("Answer until"))

    def prepare(self, present: datetime) -> None:
        self.fields["to_team"].queryset = Team.objects.exclude(pk=self.ticket.team_id or 0)
        self.initial["due_by"] = localtime(present + CALL_BACK_AFTER).replace(second=0, microsecond=0)


class AnswerForm(ActionForm):
    """Answer what another team asked."""

    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}))


class RegradeForm(ActionForm):
    """Set the grade by hand."""

    grade = forms.TypedChoiceField(label=_("Grade"), coerce=int)
    why = forms.CharField(label=_("Why"), max_length=200)

    def prepare(self, present: datetime) -> None:
        self.fields["grade"].choices = [(number, wording.grade_name(number)) for number in wording.GRADES]
        self.initial["grade"] = self.ticket.grade


class SolveForm(ActionForm):
    """Solve with a cause and what was done."""

    cause = forms.ChoiceField(label=_("Cause"), choices=[("", _("Choose the cause")), *Ticket.Cause.choices])
    resolution = forms.CharField(label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}))


class WhyForm(ActionForm):
    """Close or reopen with a reason."""

    why = forms.CharField(label=_("Why"), max_length=200)


class SayForm(ActionForm):
    """A reply to the customer or a note for colleagues; `key` makes a repeated send one message."""

    kind = forms.ChoiceField(choices=[("reply", _("Reply")), ("note", _("Internal note"))])
    body = forms.CharField(widget=forms.Textarea, max_length=20_000)
    key = forms.CharField(max_length=64, required=False)

    def clean_body(self) -> str:
        """Blank lines around are nobody's words; blank is no message."""
        body = self.cleaned_data["body"].strip()
        if not body:
            raise ValidationError(_("Write something before sending."), code="required")
        return body

    def arguments(self) -> dict[str, Any]:
        # Somebody else's change must not stop a reply that is written already: no version is compared.
        return {"body": self.cleaned_data["body"], "key": self.cleaned_data["key"] or None}


class NewTicketForm(forms.Form):
    """A ticket that somebody opens by hand, after a call or for a colleague; `key` makes a repeated send one ticket."""

    BY_HAND = (Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.MARKETPLACE, Channel.INTERNAL)

    order_no = forms.CharField(label=_("Order number"), required=False, max_length=64)
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        empty_label=_("The order's shop"),
        help_text=_("Needed only without an order."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Ticket.Kind.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=[(choice.value, choice.label) for choice in BY_HAND])
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("What was said"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["shop"].queryset = Shop.objects.order_by("name")

    def clean(self) -> dict[str, Any]:
        """The order by its number, among those that this person sees; without one, the shop must be named."""
        chosen: dict[str, Any] = super().clean() or {}
        number, shop = chosen.get("order_no", "").strip(), chosen.get("shop")
        chosen["order"] = None
        if number:
            orders = access.visible_orders(self.user).filter(external_no=number).select_related("shop", "customer")
            found = list((orders.filter(shop=shop) if shop else orders)[:2])
            if len(found) == 1:
                chosen["order"], chosen["shop"] = found[0], found[0].shop
            elif found:
                self.add_error("shop", _("Two shops have an order of this number. Name the shop."))
            else:
                self.add_error("order_no", _("There is no such order. Write its whole number."))
        elif shop is None:
            self.add_error("shop", _("Name the order or the shop."))
        return chosen

    def new_ticket(self) -> NewTicket:
        """What the service is told."""
        chosen = self.cleaned_data
        return NewTicket(
            shop=chosen["shop"],
            kind=chosen["kind"],
            channel=chosen["channel"],
            subject=chosen["subject"],
            body=chosen["body"].strip(),
            order=chosen["order"],
            external_id=f"page:{chosen['key']}" if chosen["key"] else None,
        )
