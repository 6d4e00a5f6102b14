"""What people fill in on an incident's page; each says what its service is called with."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.services.telling_all import LONGEST
from tickets.emergency import STEPS
from tickets.models import Ticket


class TogetherForm(forms.Form):
    """The base: the version of the incident's ticket that the page was drawn from."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def arguments(self) -> dict[str, Any]:
        """What the service is called with, besides ticket, by and now."""
        return dict(self.cleaned_data)


class ReplyAllForm(TogetherForm):
    """One answer for all."""

    body = forms.CharField(label=_("Answer to all"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class CloseAllForm(TogetherForm):
    """One end for all."""

    cause = forms.ChoiceField(label=_("Cause"), choices=Ticket.Cause.choices)
    resolution = forms.CharField(label=_("What was done"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)


class TickForm(TogetherForm):
    """A step of the plan."""

    step = forms.ChoiceField(choices=[(code, code) for code in STEPS])
    done = forms.BooleanField(required=False)


class TellForm(TogetherForm):
    """The message to all buyers, in every language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            area = forms.Textarea(attrs={"rows": 3, "lang": code})
            self.fields[f"text_{code}"] = forms.CharField(label=name, widget=area, max_length=LONGEST)

    @property
    def texts(self) -> dict[str, str]:
        """The words by language, as typed."""
        return {code: self.data.get(f"text_{code}", "") for code, _name in settings.LANGUAGES}

    def arguments(self) -> dict[str, Any]:
        """The words by language."""
        return {"texts": self.texts, "version": self.cleaned_data.get("version")}
