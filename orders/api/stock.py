"""Stock for programs: one entry or many in absolute numbers, and what lies where."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.orders import WRITERS
from orders.models import Incoming, Shop, StockLevel, Warehouse
from orders.serializers.stock import StockAnswer, StockGiven, StockResult, StockResults, told
from orders.services.stocking.telling import MOST_ENTRIES, tell
from ticketdesk.api.fields import Text
from ticketdesk.api.filters import Filters, yes
from ticketdesk.api.parsers import BulkJSONParser
from ticketdesk.api.problems import field_errors
from ticketdesk.api.views import DeskView, repeatable

ENTRY = {
    "shop": "demo",
    "warehouse": "HZ-1",
    "sku": "TEA-250",
    "on_hand": 120,
    "low_at": 20,
    "incoming": [{"qty": 500, "expected_at": "2026-12-01T00:00:00+08:00", "reference": "PO-4711"}],
}
WRITTEN = extend_schema(
    summary="Tell one article's stock, or up to 500",
    description="Absolute numbers: telling the same again changes nothing. One object: 201 when it is new, else 200. A "
    "list: 200, or 207 when some were refused, with what came of each. Orders that wait for stock are served within "
    "seconds, the oldest promise first; where less is there than was promised, the latest promise lets go.",
    request=PolymorphicProxySerializer(
        "StockOrStocks", [StockGiven, StockGiven(many=True)], resource_type_field_name=None, many=False
    ),
    responses={
        200: PolymorphicProxySerializer(
            "StockResultOrResults", [StockResult, StockResults], resource_type_field_name=None, many=False
        ),
        201: StockResult,
        207: StockResults,
    },
    examples=[OpenApiExample("One article", ENTRY, request_only=True)],
)


class StockFilters(Filters):
    """What stock can be narrowed by."""

    shop = Text(source="shop__code", max_length=50, required=False, help_text="The shop's code.")
    warehouse = Text(source="warehouse__code", max_length=32, required=False, help_text="The warehouse's code.")
    sku = Text(max_length=64, required=False)
    short = yes(required=False, help_text="Only what is short: no more free than low_at.")

    def narrow(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The levels that fit."""
        if values.pop("short", None):
            rows = rows.filter(on_hand__lte=F("reserved") + F("low_at"))
        return super().narrow(rows, values)


@extend_schema_view(list=extend_schema(summary="Stock by SKU"))
class StockView(DeskView):
    """Stock."""

    serializer_class = StockAnswer
    parser_classes = (BulkJSONParser,)
    filters = StockFilters
    keyset = ("sku", "id")
    required_scopes = {"GET": "orders:read", "POST": "orders:write", "PUT": "orders:write"}
    required_roles = {"POST": WRITERS, "PUT": WRITERS}
    schema_tags = ["stock"]

    def get_queryset(self) -> QuerySet[StockLevel]:
        return StockLevel.objects.select_related("shop").prefetch_related(
            Prefetch(
                "warehouse",
                Warehouse.objects.prefetch_related(
                    Prefetch("incoming", Incoming.objects.order_by("expected_at", "id"))
                ),
            )
        )

    @WRITTEN
    @repeatable
    def create(self, request: Request) -> Response:
        return self._taken(request)

    @WRITTEN
    @repeatable
    def update(self, request: Request) -> Response:
        return self._taken(request)

    def _taken(self, request: Request) -> Response:
        body: Any = request.data
        one = isinstance(body, Mapping)
        if not one and not (isinstance(body, list) and 1 <= len(body) <= MOST_ENTRIES):
            raise ValidationError(
                f"This is neither an entry nor a list of 1 to {MOST_ENTRIES} entries. Send one of them."
            )
        read, refused = self._read([body] if one else body)
        if one and refused:
            raise refused[0]
        results = self._stored(read)
        if one:
            return Response(results[0], 201 if results[0]["result"] == "new" else 200)
        results += [
            {"index": index, "result": "refused", "errors": field_errors(error)} for index, error in refused.items()
        ]
        results.sort(key=lambda result: result["index"])
        counts = {"stored": len(read), "refused": len(refused)}
        return Response({**counts, "results": results}, 207 if refused else 200)

    def _read(self, entries: Sequence[Any]) -> tuple[dict[int, dict[str, Any]], dict[int, ValidationError]]:
        read: dict[int, dict[str, Any]] = {}
        refused: dict[int, ValidationError] = {}
        seen: set[tuple[int, str, str]] = set()
        context = self.get_serializer_context()
        for index, entry in enumerate(entries):
            serializer = StockGiven(data=entry, context=context)
            try:
                serializer.is_valid(raise_exception=True)
                values = serializer.validated_data
                key = (values["shop"].pk, values["warehouse"], values["sku"])
                if key in seen:
                    raise ValidationError({"sku": "This list holds the article and warehouse twice. Keep one of them."})
                seen.add(key)
                read[index] = values
            except ValidationError as error:
                refused[index] = error
        return read, refused

    def _stored(self, read: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
        by_shop: dict[int, list[int]] = defaultdict(list)
        for index, values in read.items():
            by_shop[values["shop"].pk].append(index)
        results: list[dict[str, Any]] = []
        now = timezone.now()
        for _, indexes in sorted(by_shop.items()):
            shop: Shop = read[indexes[0]]["shop"]
            outcomes = tell(shop=shop, told=[told(read[index]) for index in indexes], now=now)
            results += [
                {"index": index, "result": outcome, "errors": []}
                for index, outcome in zip(indexes, outcomes, strict=True)
            ]
        return results
