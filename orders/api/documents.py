"""Documents of orders for programs: lines as JSON, or a file."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import access
from orders.api.orders import WRITERS
from orders.comparing import compared
from orders.models import Document, Order
from orders.serializers.documents import DocumentAnswer, DocumentFileGiven, DocumentGiven, DocumentsAnswer
from orders.services import documents
from ticketdesk.api.fields import ID_MAX
from ticketdesk.api.parsers import BulkJSONParser, UploadParser
from ticketdesk.api.problems import Refusal
from ticketdesk.api.views import DeskView, repeatable

INVOICE = {
    "kind": "invoice",
    "number": "INV-2026-118",
    "currency": "CNY",
    "lines": [{"sku": "TEA-250", "qty": 2, "unit_price": "99.50"}],
}


@extend_schema_view(list=extend_schema(responses=DocumentsAnswer))
class DocumentView(DeskView):
    """Documents of one order."""

    serializer_class = DocumentAnswer
    parser_classes = (BulkJSONParser, UploadParser)
    pagination_class = None
    filter_backends = ()
    required_scopes = {"GET": "orders:read", "POST": "orders:write"}
    required_roles = {"POST": WRITERS}
    schema_tags = ["orders"]

    def get_queryset(self) -> QuerySet[Document]:
        return Document.objects.filter(order__in=access.visible_to(self.principal))

    def _order(self, pk: int) -> Order:
        order = access.visible_to(self.principal).filter(pk=pk).first() if pk <= ID_MAX else None
        if order is None:
            raise Http404
        return order

    @extend_schema(summary="The documents of an order, and how they compare with it", responses=DocumentsAnswer)
    def list(self, request: Request, order: int) -> Response:
        found = self._order(order)
        kinds = [
            {
                "kind": each.kind, "numbers": each.numbers, "accepted": each.accepted,
                "differences": each.comparison.differences,
            }
            for each in compared([found.pk]).get(found.pk, [])
        ]  # fmt: skip
        rows = Document.objects.filter(order=found).order_by("-id")
        return Response(DocumentsAnswer({"documents": rows, "compared": kinds}).data)

    @extend_schema(
        summary="Add a document, or a newer version of one",
        description="JSON with lines or totals, or a form with a file: lines are read from CSV and XLSX, PDF, JPEG and "
        "PNG are kept unread. Documents are known by kind and number: 201 when this is a new document or version, 200 "
        "when it is known already. A difference opens an anomaly at once, a corrected version closes it.",
        request={"application/json": DocumentGiven, "multipart/form-data": DocumentFileGiven},
        responses={200: DocumentAnswer, 201: DocumentAnswer},
        examples=[OpenApiExample("An invoice", INVOICE, request_only=True, media_type="application/json")],
    )
    @repeatable
    def create(self, request: Request, order: int) -> Response:
        found = self._order(order)
        as_file = (request.content_type or "").startswith("multipart/")
        told = self.given(DocumentFileGiven if as_file else DocumentGiven)
        file = told.pop("file", None)
        try:
            document, created = documents.add(
                order=found, given=_given(told), file=file, by=self.principal, now=timezone.now()
            )
        except documents.Refused as refused:
            raise ValidationError({refused.field: str(refused)}) from None
        except documents.FileRefused as refused:
            if refused.status == 413:
                raise Refusal(413, "too_large", refused.text(), field="file") from None
            raise ValidationError({"file": refused.text()}) from None
        return self.shown(document, 201 if created else 200)


def _given(told: dict[str, Any]) -> documents.Given:
    lines = [_line(line) for line in told.pop("lines", ())]
    return documents.Given(lines=lines, partial=told.pop("more_follow"), **told)


def _line(line: dict[str, Any]) -> documents.Line:
    amount: Decimal | None = line.get("amount")
    if amount is None and line.get("unit_price") is not None:
        amount = line["unit_price"] * line["qty"]
    weight = line.get("weight")
    told = None if amount is None else str(amount), None if weight is None else str(weight)
    return line["sku"], line["name"], line["qty"], *told
