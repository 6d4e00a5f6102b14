"""Documents of an order: what programs are told of them, and what is taken in."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.models import Document
from orders.papers import kinds
from orders.services.documents import MOST_LINES
from ticketdesk.api.fields import Amount, Flag, Moment, Text, Whole, currency
from ticketdesk.api.serializers import Answer, StrictSerializer


class PaperLineAnswer(Answer):
    """One line of a document."""

    sku = serializers.CharField()
    name = serializers.CharField()
    qty = serializers.IntegerField(allow_null=True)
    amount = serializers.CharField(allow_null=True)
    weight = serializers.CharField(allow_null=True)


class DocumentAnswer(Answer):
    """A document as it was told."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    is_current = serializers.BooleanField(help_text="The newest version of its number, and not withdrawn.")
    more_follow = serializers.BooleanField(source="is_partial")
    currency = serializers.CharField()
    total_qty = serializers.IntegerField(allow_null=True)
    total_amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    weight_kg = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    lines = serializers.SerializerMethodField()
    file_name = serializers.CharField()
    file_type = serializers.CharField(help_text="csv, xlsx, pdf, jpeg or png by the file's first bytes; empty without.")
    file_size = serializers.IntegerField()
    sha256 = serializers.CharField()
    recorded_at = Moment()

    @extend_schema_field(PaperLineAnswer(many=True))
    def get_lines(self, document: Document) -> list[dict[str, Any]]:
        names = ("sku", "name", "qty", "amount", "weight")
        return [dict(zip(names, line, strict=True)) for line in document.lines]


class DifferenceAnswer(Answer):
    """Two statements about the same thing."""

    what = serializers.CharField(
        help_text="missing, extra, quantity, amount, name, total_quantity, total_amount, freight or currency."
    )
    item = serializers.CharField()
    ordered = serializers.CharField(help_text="What the order says.")
    stated = serializers.CharField(help_text="What the documents say.")


class ComparedAnswer(Answer):
    """The documents of one kind together against the order."""

    kind = serializers.CharField()
    numbers = serializers.ListField(child=serializers.CharField())
    accepted = serializers.BooleanField(help_text="Somebody takes these differences as they are.")
    differences = DifferenceAnswer(many=True)


class DocumentsAnswer(Answer):
    """All documents of an order, newest first, and how they compare with it."""

    documents = DocumentAnswer(many=True)
    compared = ComparedAnswer(many=True)


class PaperLineGiven(StrictSerializer):
    """One line: a SKU or a name, and a quantity; its amount, or a price for each piece."""

    sku = Text(max_length=64, required=False, default="")
    name = Text(max_length=200, required=False, default="")
    qty = Whole(min_value=1)
    unit_price = Amount(required=False)
    amount = Amount(required=False)
    weight = serializers.DecimalField(max_digits=12, decimal_places=3, min_value=0, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something to know the article by."""
        if not attrs["sku"] and not attrs["name"]:
            raise serializers.ValidationError({"sku": "Nothing names the article. Give sku or name."})
        return attrs


class DocumentGiven(StrictSerializer):
    """A document as JSON, with its lines or its totals."""

    answers = DocumentAnswer

    kind = Text(max_length=32, help_text=f"One of {', '.join(kinds())}.")
    number = Text(max_length=64, help_text="The document's own number; the same again is a newer version.")
    more_follow = Flag(required=False, default=False, help_text="A part shipment: nothing is missing yet.")
    currency = currency(required=False)
    lines = serializers.ListField(child=PaperLineGiven(), required=False, min_length=1, max_length=MOST_LINES)
    total_qty = Whole(required=False)
    total_amount = Amount(required=False)
    weight_kg = serializers.DecimalField(max_digits=12, decimal_places=3, min_value=0, required=False)


class FormFlag(Flag):
    """true or false as forms write them."""

    def to_internal_value(self, data: Any) -> bool:
        return super().to_internal_value({"true": True, "false": False}.get(str(data), data))


class DocumentFileGiven(DocumentGiven):
    """A document as a file, with what is said beside it. Lines are read from CSV and XLSX."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV, XLSX, PDF, JPEG or PNG.")
    number = Text(max_length=64, required=False, default="", help_text="The file's own name if left out.")
    more_follow = FormFlag(required=False, default=False)
    lines = None  # type: ignore[assignment]
