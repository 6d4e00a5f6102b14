"""What people fill in about orders."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from orders import labels, wording
from orders.detectors import catalogue
from orders.importing import mapping as mappings
from orders.listing import OrderFilters
from orders.models import Shop


class OrderFilterForm(forms.Form):
    """The filter bar of the list. What cannot be read counts as not chosen: a bookmark must not break."""

    q = forms.CharField(required=False, max_length=120)
    stage = forms.ChoiceField(required=False, label=_("Stage"))
    anomaly = forms.ChoiceField(required=False, label=_("Anomaly"))
    shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("Shop"))
    late = forms.BooleanField(required=False, label=_("Late"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = sorted(((code, wording.title(code)) for code in catalogue()), key=lambda pair: pair[1])
        self.fields["stage"].choices = [("", _("Stage")), *labels.STAGES.items()]
        self.fields["anomaly"].choices = [("", _("Anomaly")), ("any", _("Any anomaly")), *titles]
        self.fields["shop"].queryset = Shop.objects.order_by("name")
        self.fields["shop"].empty_label = _("Shop")

    def filters(self) -> OrderFilters:
        """What was chosen."""
        self.is_valid()
        chosen = self.cleaned_data
        return OrderFilters(
            text=chosen.get("q", ""),
            shop=chosen["shop"].pk if chosen.get("shop") else None,
            stage=chosen.get("stage", ""),
            anomaly=chosen.get("anomaly", ""),
            late=bool(chosen.get("late")),
        )

    @property
    def active(self) -> bool:
        """Whether anything narrows the list."""
        return any(value not in (None, "", False) for value in self.cleaned_data.values())


class RevealForm(forms.Form):
    """Why somebody wants to see personal data; the reason stays on record."""

    reason = forms.CharField(label=_("What do you need it for?"), max_length=300)


class ManyFilesInput(forms.ClearableFileInput):
    """The browser's own control for several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One or more files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class ImportForm(forms.Form):
    """A new import: whose orders, from which files, read by which mapping."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    upload = ManyFilesField(label=_("Files"), help_text=_("CSV, CSV.gz or XLSX; several at once, in any order."))
    mapping = forms.ChoiceField(label=_("What the columns mean"))
    dry_run = forms.BooleanField(
        label=_("Only check"),
        required=False,
        initial=True,
        help_text=_("Every row is read and judged, nothing is written. If it looks right, one more click imports it."),
    )
    present_at = forms.DateTimeField(
        label=_("Replay history"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("For old files: the moment, in the shop's time zone, that the desk takes as the present."),
    )
    stop_clock = forms.BooleanField(
        label=_("Stop this shop's clock at that moment"),
        required=False,
        help_text=_("For everybody: nothing becomes due until the moment is moved on. An administrator can end it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.order_by("name")
        self.fields["mapping"].choices = [
            (name, labels.mapping_label(name, mappings.load(name).title)) for name in mappings.names()
        ]

    def clean(self) -> dict[str, Any]:
        """The replayed moment is typed in the shop's zone, not in the reader's."""
        chosen: dict[str, Any] = super().clean() or {}
        present: datetime | None = chosen.get("present_at")
        if present is not None and chosen.get("shop"):
            chosen["present_at"] = localtime(present).replace(tzinfo=ZoneInfo(chosen["shop"].time_zone))
        if present is not None and not chosen.get("stop_clock"):
            self.add_error("stop_clock", _("Confirm that the shop's clock is to stop, or leave the moment empty."))
        return chosen


class NoticeSettingsForm(forms.ModelForm):
    """Whether and how a shop tells its buyers what becomes of their orders."""

    on = forms.BooleanField(
        label=_("Tell buyers of milestones and delays"),
        required=False,
        help_text=_("From now on: paid, shipped, out for delivery, delivered, new dates; never from 22:00 to 8:00."),
    )
    new_secret = forms.BooleanField(
        label=_("Make a new secret"), required=False, help_text=_("The old one stops at once.")
    )

    notice_hook_url = forms.URLField(
        label=_("Webhook for SMS and messengers"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Each notice is also posted here, signed (Standard Webhooks), without personal data."),
    )

    class Meta:
        model = Shop
        fields = ["contact_name", "contact_email", "contact_phone", "notice_hook_url"]
        labels = {
            "contact_name": _("Whom buyers turn to"),
            "contact_email": _("E-mail for buyers"),
            "contact_phone": _("Phone for buyers"),
        }
        help_texts = {"contact_name": _("A team or a person; shown on the buyer's page and in every notice.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = self.instance.notices_since is not None

    def clean_notice_hook_url(self) -> str:
        """Only https, but for a gateway on this machine where settings allow one."""
        url: str = self.cleaned_data["notice_hook_url"]
        if url and not url.startswith("https://") and not settings.HOOKS_TO_LOOPBACK:
            raise forms.ValidationError(_("The address must begin with https://"))
        return url

    def clean(self) -> dict[str, Any]:
        """Who is told must be able to ask."""
        chosen: dict[str, Any] = super().clean() or {}
        if chosen.get("on") and not (chosen.get("contact_email") or chosen.get("contact_phone")):
            self.add_error("contact_email", _("Give an e-mail address or a phone number that buyers can turn to."))
        return chosen
