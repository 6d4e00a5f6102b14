"""What people fill in about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketdesk.accounts.models import Language
from ticketdesk.accounts.zones import zone_choices


class PreferencesForm(forms.Form):
    """My language, my time zone, whether I take new work."""

    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.Select({"class": "sel full"})
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        widget=forms.Select({"class": "sel full"}),
        help_text=_("All times are shown in this time zone."),
    )
    available = forms.BooleanField(
        label=_("I take new work"),
        required=False,
        widget=forms.CheckboxInput({"class": "ck"}),
        help_text=_("While this is off, no ticket is given to you by itself."),
    )
