"""What people fill in about anomalies and the thresholds of detectors."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders import detectors, labels, wording
from orders.anomaly_list import AnomalyFilters
from orders.detectors.base import Detector
from orders.models import Carrier, DetectorSetting, Order, Shipment, Shop
from orders.services.anomalies import NOTE_MOST, reportable
from ticketdesk.accounts.models.teams import Department

AGE_LABELS = {
    "day": _("Found in the last day"),
    "week": _("Found in the last 7 days"),
    "month": _("Found in the last 30 days"),
    "older3": _("Older than 3 days"),
    "older7": _("Older than 7 days"),
}


class AnomalyFilterForm(forms.Form):
    """The filter bar of the list. What cannot be read counts as not chosen: a bookmark must not break."""

    q = forms.CharField(required=False, max_length=120)
    code = forms.ChoiceField(required=False, label=_("Anomaly"))
    state = forms.ChoiceField(required=False, label=_("Status"))
    grade = forms.TypedChoiceField(required=False, label=_("Grade"), coerce=int, empty_value=None)
    shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("Shop"))
    carrier = forms.ModelChoiceField(Carrier.objects.none(), required=False, label=_("Carrier"))
    department = forms.ChoiceField(required=False, label=_("Department"))
    verdict = forms.ChoiceField(required=False, label=_("Verdict"))
    age = forms.ChoiceField(required=False, label=_("Age"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = sorted(((code, wording.title(code)) for code in detectors.catalogue()), key=lambda pair: pair[1])
        states = [("any", _("All")), ("over", _("Over")), *labels.ANOMALY_STATES.items()]
        grades = [(grade, f"P{grade}") for grade in (1, 2, 3, 4)]
        verdicts = [*labels.VERDICTS.items(), ("none", _("No verdict yet"))]
        self._choose("code", _("Anomaly"), titles)
        self._choose("state", _("Open"), states)
        self._choose("grade", _("Grade"), grades)
        self._choose("department", _("Department"), Department.choices)
        self._choose("verdict", _("Verdict"), verdicts)
        self._choose("age", _("Age"), AGE_LABELS.items())
        for name, model, empty in (("shop", Shop, _("Shop")), ("carrier", Carrier, _("Carrier"))):
            self.fields[name].queryset = model.objects.order_by("name")
            self.fields[name].empty_label = empty

    def _choose(self, name: str, empty: Any, choices: Any) -> None:
        self.fields[name].choices = [("", empty), *choices]

    def filters(self) -> AnomalyFilters:
        """What was chosen."""
        self.is_valid()
        chosen = self.cleaned_data
        return AnomalyFilters(
            text=chosen.get("q", "").strip(),
            shop=chosen["shop"].pk if chosen.get("shop") else None,
            carrier=chosen["carrier"].pk if chosen.get("carrier") else None,
            grade=chosen.get("grade"),
            **{name: chosen.get(name, "") for name in ("code", "state", "department", "verdict", "age")},
        )

    @property
    def active(self) -> bool:
        """Whether anything narrows the list."""
        return any(value not in (None, "", False) for value in self.cleaned_data.values())


class ReportForm(forms.Form):
    """What a buyer told us is wrong."""

    code = forms.ChoiceField(label=_("What is wrong"))
    parcel = forms.ModelChoiceField(
        Shipment.objects.none(), label=_("Parcel"), required=False, empty_label=_("The whole order")
    )
    note = forms.CharField(
        label=_("What the buyer says"), max_length=NOTE_MOST, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": "report_%s"})
        self.fields["code"].choices = [(code, wording.title(code)) for code in reportable()]
        self.fields["parcel"].queryset = order.shipments.distinct().order_by("pk")


class ResolveForm(forms.Form):
    """Why it is over."""

    reason = forms.CharField(label=_("Why is it over?"), max_length=300)


class VerdictForm(forms.Form):
    """Whether it was real."""

    verdict = forms.ChoiceField(choices=[("real", ""), ("false", "")])
    note = forms.CharField(required=False, max_length=NOTE_MOST)


class ThresholdForm(forms.Form):
    """The limits of one detector in one place; a limit that is left empty keeps what holds there otherwise."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    carrier = forms.ModelChoiceField(
        Carrier.objects.none(), label=_("Carrier"), required=False, empty_label=_("Every carrier")
    )
    lane = forms.CharField(
        label=_("Lane"), required=False, max_length=5, help_text=_("Two countries such as CN-US; empty: every lane.")
    )
    enabled = forms.BooleanField(label=_("On"), required=False, initial=True)
    shadow = forms.BooleanField(
        label=_("Shadow mode"), required=False, help_text=_("It finds, and raises no ticket and no notice.")
    )

    def __init__(self, *args: Any, detector: type[Detector], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.detector = detector
        self.fields["shop"].queryset = Shop.objects.order_by("name")
        self.fields["carrier"].queryset = Carrier.objects.order_by("name")
        if detector.about == "order":
            del self.fields["carrier"], self.fields["lane"]
        for name, default in detector.thresholds.items():
            self.fields[f"limit_{name}"] = forms.FloatField(
                label=labels.limit_label(name),
                required=False,
                min_value=0,
                max_value=8760,
                help_text=_("Hours; without a setting %(default)s."),
            )
            self.fields[f"limit_{name}"].help_text = str(self.fields[f"limit_{name}"].help_text) % {
                "default": f"{default.total_seconds() / 3600:g}"
            }

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        """The fields of the limits."""
        return [self[name] for name in self.fields if name.startswith("limit_")]

    def limits(self) -> dict[str, timedelta]:
        """What was filled in."""
        return {
            name.removeprefix("limit_"): timedelta(hours=value)
            for name, value in self.cleaned_data.items()
            if name.startswith("limit_") and value is not None
        }


def initial_of(setting: DetectorSetting | None) -> Mapping[str, Any]:
    """What the form shows for a place that has a setting already."""
    if setting is None:
        return {}
    hours = {f"limit_{name}": round(seconds / 3600, 4) for name, seconds in setting.seconds.items()}
    shown = {"shop": setting.shop_id, "carrier": setting.carrier_id, "lane": setting.lane}
    return {**hours, **shown, "enabled": setting.enabled, "shadow": setting.shadow}
