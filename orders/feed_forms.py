"""What administrators fill in about sources and codes."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders import codelist
from orders.carriers import catalogue
from orders.carriers.mapping import problems
from orders.feedlist import title_of
from orders.models import Endpoint, Shop
from orders.services.doorkeeping import LEAST_SECRET

MOST_MAPPING = 50_000
MOST_SAMPLE = 200_000
EXAMPLE: Mapping[str, Any] = {
    "number": "data.parcel.no",
    "carrier": "data.parcel.carrier",
    "events": "data.events[]",
    "time": "data.events[].when",
    "code": "data.events[].state",
    "text": "data.events[].text",
    "city": "data.events[].city",
    "country": "data.events[].country",
    "codes": {"OK": "delivered.signed", "HUB": "in_transit.arrived_facility"},
    "signature": {"header": "X-Signature", "kind": "hmac-sha256-hex"},
    "snapshot": True,
}
SAMPLE = {
    "data": {
        "parcel": {"no": "AB123456789CN", "carrier": "dhl"},
        "events": [
            {"when": "2026-11-20T09:58:00+08:00", "state": "HUB", "text": "Arrived", "city": "Leeds", "country": "GB"},
            {"when": "2026-11-21T15:03:00+08:00", "state": "OK", "text": "Signed", "city": "Leeds", "country": "GB"},
        ],
    }
}


def pretty(value: object) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def source_choices() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Sources that call us, and those that we ask."""
    groups: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for code, kind in catalogue().items():
        groups[kind.pushes].append((code, title_of(code)))
    return [(_("They send to us"), groups[True]), (_("We ask them"), groups[False])]


class MappingField(forms.CharField):
    """Where a sender's fields stand, as JSON; errors name the field of the mapping and the remedy."""

    def __init__(self, **kwargs: Any) -> None:
        rows = {"rows": 14, "class": "area mono", "spellcheck": "false", "wrap": "off"}
        super().__init__(widget=forms.Textarea(rows), max_length=MOST_MAPPING, **kwargs)

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value)
        if not text.strip():
            return {}
        try:
            told = json.loads(text)
        except (ValueError, RecursionError) as error:
            place = getattr(error, "lineno", 1)
            raise forms.ValidationError(
                gettext("This is no JSON: see line {n}. Compare it with the example.").format(n=place)
            ) from None
        if not isinstance(told, dict):
            raise forms.ValidationError(gettext("A mapping is an object: it begins with { and ends with }."))
        wrong = problems(told)
        if wrong:
            raise forms.ValidationError([f"{each.field}: {_remedy(each)}" for each in wrong])
        return told


def _remedy(problem: Any) -> str:
    remedy = gettext(problem.remedy)
    return remedy % problem.known if problem.known else remedy


class _EndpointForm(forms.Form):
    """What a new and a changed endpoint have in common; `source` is what it is about."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("How your team calls it."))
    poll_url = forms.CharField(
        label=_("Address to ask"), required=False, max_length=300,
        help_text=_("With {number} where the tracking number belongs, such as https://api.example.com/track/{number}"),
    )  # fmt: skip
    poll_header = forms.CharField(
        label=_("Header to send"), required=False, max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_('One line, such as "Authorization: Bearer …". It is stored sealed and never shown.'),
    )  # fmt: skip
    mapping = MappingField(label=_("Mapping"), required=False)

    def source_of(self, chosen: Mapping[str, Any]) -> str:
        """The source this endpoint is about; "" while it is not known."""
        raise NotImplementedError

    def clean_poll_url(self) -> str:
        url: str = self.cleaned_data["poll_url"].strip()
        begins = ("https://", "http://") if settings.HOOKS_TO_LOOPBACK else ("https://",)
        if url and not url.startswith(begins):
            raise forms.ValidationError(_("The address must begin with https://"))
        if url and "{number}" not in url:
            raise forms.ValidationError(_("Put {number} where the tracking number belongs."))
        return url

    def clean_poll_header(self) -> str:
        line: str = self.cleaned_data["poll_header"].strip()
        name, colon, value = line.partition(":")
        if line and not (colon and name.replace("-", "").isalnum() and name.isascii() and value.strip()):
            raise forms.ValidationError(_("Write a name, a colon and a value, such as X-Api-Key: abc123"))
        return line

    def clean(self) -> dict[str, Any]:
        """What the source needs must be there."""
        chosen: dict[str, Any] = super().clean() or {}
        kind = catalogue().get(self.source_of(chosen))
        if kind is None:
            return chosen
        if kind.code == "generic" and not chosen.get("mapping") and "mapping" not in self.errors:
            self.add_error("mapping", _("Say where the fields stand; begin with the example."))
        if not kind.pushes and not chosen.get("poll_url") and "poll_url" not in self.errors:
            self.add_error("poll_url", _("This source is asked by us: give the address."))
        return chosen


class NewEndpointForm(_EndpointForm):
    """A new endpoint."""

    source = forms.ChoiceField(label=_("Source"), choices=source_choices)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("How your team calls it; else the source's name.")
    )
    secret = forms.CharField(
        label=_("Secret"), required=False, max_length=200, min_length=LEAST_SECRET,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The one that the source gave you. Leave it empty and one is made, for the source to be told."),
    )  # fmt: skip
    field_order = ("source", "shop", "name", "secret", "poll_url", "poll_header", "mapping")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.order_by("name")

    def source_of(self, chosen: Mapping[str, Any]) -> str:
        return str(chosen.get("source") or "")


class EndpointForm(_EndpointForm):
    """A changed endpoint. An empty header keeps the one that is stored."""

    def __init__(self, endpoint: Endpoint, *args: Any, **kwargs: Any) -> None:
        self.endpoint = endpoint
        told = {"name": endpoint.name, "poll_url": endpoint.poll_url, "mapping": pretty(endpoint.fields)}
        super().__init__(*args, **{"initial": told, **kwargs})
        kind = catalogue().get(endpoint.source)
        if endpoint.source != "generic":
            del self.fields["mapping"]
        if kind is None or kind.pushes:
            del self.fields["poll_url"], self.fields["poll_header"]

    def source_of(self, chosen: Mapping[str, Any]) -> str:
        return self.endpoint.source

    def columns(self) -> dict[str, Any]:
        """What is to be written."""
        told = dict(self.cleaned_data)
        if "mapping" in told:
            told["fields"] = told.pop("mapping")
        if not told.get("poll_header"):
            told.pop("poll_header", None)
        return told


class SecretForm(forms.Form):
    """The next secret of an endpoint."""

    secret = forms.CharField(
        label=_("Next secret"), required=False, max_length=200, min_length=LEAST_SECRET,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Leave it empty and one is made."),
    )  # fmt: skip


class TryForm(forms.Form):
    """A mapping and a message to try it on."""

    mapping = MappingField(label=_("Mapping"))
    sample = forms.CharField(
        label=_("A message to try it on"), max_length=MOST_SAMPLE, required=False,
        widget=forms.Textarea({"rows": 10, "class": "area mono", "spellcheck": "false", "wrap": "off"}),
        help_text=_("Paste a body as the sender sends it. Nothing of it is stored."),
    )  # fmt: skip


class CodeForm(forms.Form):
    """The meaning of a code."""

    canonical = forms.ChoiceField(
        label=_("It means"), help_text=_("Type the first letters to jump. It counts at once for what comes in.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["canonical"].choices = [("", "–"), *codelist.choices()]
