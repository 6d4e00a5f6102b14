"""What people fill in about an order's steps: a promise, a step that is done, a plan for orders of one type."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orders import labels
from orders.models import Milestone, Promise, Shop
from orders.showing import Shown
from orders.stages import Stage
from orders.steps import ALWAYS_NEEDED, LONGEST, Step, StepsInvalid, Unit, in_order, kind_of
from ticketdesk.accounts.models import Role, User
from ticketdesk.accounts.models.teams import Department

LOCAL = "%Y-%m-%dT%H:%M"
UNITS = {
    Unit.BUSINESS_HOURS: _("Business hours"),
    Unit.BUSINESS_DAYS: _("Business days"),
    Unit.HOURS: _("Hours, day and night"),
}
TYPES = {
    "stock": _("Goods in stock"),
    "pre_sale": _("Pre-sale"),
    "made_to_order": _("Made to order"),
    "foreign_trade": _("Foreign trade"),
}


def type_label(kind: str) -> str:
    """A type of orders; one of a shop's own is called as it is written."""
    return str(TYPES.get(kind, kind))


def step_length(step: Step) -> str:
    """How long a step lasts, in words."""
    unit = {
        Unit.BUSINESS_HOURS: ngettext("{n} business hour", "{n} business hours", step.amount),
        Unit.BUSINESS_DAYS: ngettext("{n} business day", "{n} business days", step.amount),
        Unit.HOURS: ngettext("{n} hour", "{n} hours", step.amount),
    }[Unit(step.unit)]
    return unit.format(n=step.amount)


class LocalMoment(forms.DateTimeField):
    """A moment, typed in the reader's own zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, f"{LOCAL}:%S"], **kwargs)


class PromiseForm(forms.Form):
    """A new promise about one of the order's open steps."""

    code = forms.ChoiceField(label=_("Step"))
    promised_at = LocalMoment(label=_("Promised for"))
    reason = forms.CharField(label=_("Why is it a new time?"), max_length=300)
    told_to = forms.CharField(label=_("Who was told?"), max_length=120, required=False)
    channel = forms.ChoiceField(
        label=_("How?"), choices=Promise.Channel.choices, initial=Promise.Channel.NOT_TOLD
    )  # fmt: skip

    def __init__(self, *args: Any, stages: Sequence[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "promise_%s", **kwargs})
        self.fields["code"].choices = [(stage.code, stage.label) for stage in stages if stage.ended_at is None]
        delivery = any(stage.code == Milestone.Code.DELIVERED and stage.ended_at is None for stage in stages)
        self.fields["code"].initial = Milestone.Code.DELIVERED if delivery else None

    def clean(self) -> dict[str, Any]:
        """Somebody told, and the way he was told, belong together."""
        chosen: dict[str, Any] = super().clean() or {}
        told = chosen.get("channel") != Promise.Channel.NOT_TOLD
        if told and not chosen.get("told_to") and "channel" in chosen:
            self.add_error("told_to", _("Say who was told."))
        if chosen.get("told_to") and not told:
            self.add_error("channel", _("Say how this was told."))
        return chosen


class DoneForm(forms.Form):
    """A step is done: when, and what shows it."""

    done_at = LocalMoment(label=_("Done at"))
    evidence = forms.CharField(
        label=_("What shows it?"), max_length=200, required=False, help_text=_("A receipt, a number, a name.")
    )

    def __init__(self, *args: Any, code: str, present: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"done_{code}_%s", **kwargs})
        self.default = localtime(present).strftime(LOCAL)
        self.fields["done_at"].initial = self.default


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the form of a plan; `always` is one that cannot be left out."""

    code: str
    label: str
    always: bool
    needed: BoundField
    department: BoundField
    amount: BoundField
    unit: BoundField
    slack: BoundField

    @property
    def is_wrong(self) -> bool:
        """Whether something in this row is to be corrected."""
        return any(cell.errors for cell in (self.needed, self.department, self.amount, self.unit, self.slack))


class TemplateForm(forms.Form):
    """A plan for the orders of one type: which steps, whose, how long. Saving it publishes a new version."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("All shops"))
    order_type = forms.CharField(
        label=_("Order type"), max_length=32, help_text=_("As orders name it, such as pre_sale or made_to_order.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, steps: Sequence[Step], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["shop"].queryset = Shop.objects.order_by("name")
        self.codes = [step.code for step in steps]
        for step in steps:
            self._add(step)

    def _add(self, step: Step) -> None:
        always = step.code in ALWAYS_NEEDED
        fields: dict[str, forms.Field] = {
            "needed": forms.BooleanField(required=False, initial=step.needed, disabled=always, label=_("Needed")),
            "department": forms.ChoiceField(choices=Department.choices, initial=step.department, label=_("Owner")),
            "amount": _whole(step.amount, _("Lasts")),
            "unit": forms.ChoiceField(choices=UNITS.items(), initial=str(step.unit), label=_("Counted in")),
            "slack": _whole(step.slack, _("Slack")),
        }
        for name, field in fields.items():
            field.widget.attrs["aria-label"] = f"{labels.milestone_label(step.code)}: {field.label}"
            self.fields[f"{step.code}-{name}"] = field

    def rows(self) -> Iterator[Row]:
        """The steps as rows of a table."""
        for code in self.codes:
            cells = [self[f"{code}-{name}"] for name in ("needed", "department", "amount", "unit", "slack")]
            yield Row(code, labels.milestone_label(code), code in ALWAYS_NEEDED, *cells)

    def clean_order_type(self) -> str:
        """The type as plans name it."""
        kind = kind_of(self.cleaned_data["order_type"])
        if not kind.replace("_", "").isalnum():
            raise forms.ValidationError(gettext("Use letters, digits and underscores only."))
        return kind

    def clean(self) -> dict[str, Any]:
        """The steps, as `steps`, when every row can be read."""
        chosen: dict[str, Any] = super().clean() or {}
        if not any(name.startswith(tuple(self.codes)) for name in self.errors):
            try:
                chosen["steps"] = in_order(self._step(code, chosen) for code in self.codes)
            except StepsInvalid as error:
                self.add_error(f"{error.code}-{error.field}" if error.code else None, str(error))
        return chosen

    @staticmethod
    def _step(code: str, chosen: Mapping[str, Any]) -> Step:
        return Step(
            code, chosen[f"{code}-department"], chosen[f"{code}-amount"], chosen[f"{code}-unit"],
            chosen[f"{code}-slack"], chosen[f"{code}-needed"],
        )  # fmt: skip


def _whole(initial: int, label: Any) -> forms.IntegerField:
    message = _("Give a whole number from 0 to %(most)s.") % {"most": LONGEST}
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), message)
    return forms.IntegerField(initial=initial, min_value=0, max_value=LONGEST, label=label, error_messages=errors)


def may_follow_up(user: User) -> bool:
    """Agents and above promise, and say what is done."""
    return user.is_supervisor or user.role == Role.AGENT


def forms_of(user: User, shown: Shown) -> dict[str, Any]:
    """The forms that somebody may fill in: `promise_form`, and `done_forms` by step; none on an order without steps."""
    still_open = [stage for stage in shown.stages if stage.can_finish]
    if not may_follow_up(user) or shown.stage == "cancelled" or not still_open or not shown.has_milestones:
        return {"promise_form": None, "done_forms": {}}
    return {
        "promise_form": PromiseForm(stages=shown.stages),
        "done_forms": {stage.code: DoneForm(code=stage.code, present=shown.present) for stage in still_open},
    }
