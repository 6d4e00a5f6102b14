"""What people fill in about orders."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders import labels, wording
from orders.detectors import catalogue
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
