"""What people fill in about documents and stock."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders import labels
from orders.models import Shop, Warehouse
from orders.papers import kinds
from orders.stocklist import StockFilters

MOST_PIECES = 2_147_483_647


class DocumentForm(forms.Form):
    """A document: a file, or its totals, or both."""

    kind = forms.ChoiceField(label=_("Kind of document"))
    number = forms.CharField(
        label=_("Number"), max_length=64, required=False, help_text=_("As printed; the same again replaces it.")
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("CSV and XLSX are read line by line; PDF, JPEG and PNG are kept, type their totals below."),
    )
    total_qty = forms.IntegerField(label=_("Pieces in all"), required=False, min_value=0, max_value=MOST_PIECES)
    total_amount = forms.DecimalField(
        label=_("Amount in all"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", _("Use three capital letters such as CNY."))],
    )
    weight_kg = forms.DecimalField(
        label=_("Weight in kg"), required=False, min_value=0, max_digits=12, decimal_places=3
    )
    partial = forms.BooleanField(label=_("Part shipment: more documents of this kind follow"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, labels.paper_label(code)) for code in kinds()]

    def clean(self) -> dict[str, Any]:
        """A document says something."""
        told: dict[str, Any] = super().clean() or {}
        if "file" in told and not told["file"] and told.get("total_qty") is None and told.get("total_amount") is None:
            self.add_error("file", _("Choose a file, or type the totals."))
        return told


class AcceptForm(forms.Form):
    """Why a difference is all right; the reason stays on record."""

    kind = forms.CharField(max_length=32)
    digest = forms.CharField(max_length=64)
    reason = forms.CharField(max_length=300)


class StockFilterForm(forms.Form):
    """The filter bar of the list. What cannot be read counts as not chosen: a bookmark must not break."""

    q = forms.CharField(required=False, max_length=64)
    shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("Shop"))
    warehouse = forms.ChoiceField(required=False, label=pgettext_lazy("a place", "Warehouse"))
    short = forms.BooleanField(required=False, label=_("Short"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.order_by("name")
        self.fields["shop"].empty_label = _("Shop")
        codes = Warehouse.objects.order_by("code").values_list("code", flat=True).distinct()
        self.fields["warehouse"].choices = [
            ("", pgettext_lazy("a place", "Warehouse")),
            *((code, code) for code in codes),
        ]

    def filters(self) -> StockFilters:
        """What was chosen."""
        self.is_valid()
        chosen = self.cleaned_data
        return StockFilters(
            text=chosen.get("q", ""),
            shop=chosen["shop"].pk if chosen.get("shop") else None,
            warehouse=chosen.get("warehouse", ""),
            short=bool(chosen.get("short")),
        )

    @property
    def active(self) -> bool:
        """Whether anything narrows the list."""
        return any(value not in (None, "", False) for value in self.cleaned_data.values())


class StockImportForm(forms.Form):
    """A file of stock."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    upload = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or XLSX with a SKU, and any of warehouse, stock, reorder point, incoming quantity and date."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.order_by("name")
