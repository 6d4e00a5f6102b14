"""Pages of a list that cost the same however deep they lie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db.models import BooleanField, F, Func, Model, Value
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from ticketdesk.api.fields import Text, Whole

if TYPE_CHECKING:
    from rest_framework.views import APIView

LIMIT, LIMIT_MAX = 50, 200
CURSOR_MAX = 400


class KeysetPagination(BasePagination):
    """Goes on after the last row of the page before: `?cursor=` from `next`, `?limit=` 1 to 200.

    The view's `keyset` names the columns it sorts by, all in one direction, none of them NULL, the last one unique,
    with an index in that order. A cursor is signed, and belongs to the address that gave it out.
    """

    PARAMETERS = ("cursor", "limit")

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """The rows of one page, remembering where the next one starts."""
        self.request = request
        columns: Sequence[str] = getattr(view, "keyset", ("-id",))
        limit = _limit(request)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(after(columns, _read(cursor, request.path, len(columns))))
        rows = list(queryset.order_by(*columns)[: limit + 1])
        self.next = _written(rows[limit - 1], columns, request.path) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """`next`, the address of the next page or null, and `results`."""
        address = self.request.build_absolute_uri()
        return Response(
            {"next": replace_query_param(address, "cursor", self.next) if self.next else None, "results": data}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the OpenAPI document."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Where to go on; null on the last page.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """`cursor` and `limit` in the OpenAPI document."""
        return [
            {
                "name": "cursor", "in": "query", "required": False, "description": "From `next` of the page before.",
                "schema": {"type": "string", "maxLength": CURSOR_MAX},
            },
            {
                "name": "limit", "in": "query", "required": False, "description": "How many rows at most.",
                "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT},
            },
        ]  # fmt: skip


def after(columns: Sequence[str], values: Sequence[Any]) -> Func:
    """Condition: the row lies beyond these values. `(a, b) < (x, y)` is an index condition; the same written with OR
    would be a filter over every row from the start of the index."""
    row = Func(*(F(column.lstrip("-")) for column in columns), template="(%(expressions)s)")
    mark = Func(*(Value(value) for value in values), template="(%(expressions)s)")
    sign = "<" if columns[0].startswith("-") else ">"
    return Func(row, mark, template="%(expressions)s", arg_joiner=f" {sign} ", output_field=BooleanField())


def _limit(request: Request) -> int:
    given = request.query_params.get("limit")
    if given is None:
        return LIMIT
    try:
        return Whole(min_value=1, max_value=LIMIT_MAX).run_validation(given)
    except ValidationError as error:
        raise ValidationError({"limit": error.detail}) from None


def _written(row: Model, columns: Sequence[str], path: str) -> str:
    values = [getattr(row, column.lstrip("-")) for column in columns]
    return signing.dumps([_plain(value) for value in values], salt=f"cursor:{path}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"of": str(value)} if isinstance(value, Decimal) else value


def _read(cursor: str, path: str, length: int) -> list[Any]:
    try:
        Text(max_length=CURSOR_MAX).run_validation(cursor)
        values = signing.loads(cursor, salt=f"cursor:{path}")
        if not isinstance(values, list) or len(values) != length:
            raise ValueError(values)
        return [_meant(value) for value in values]
    except (signing.BadSignature, ArithmeticError, KeyError, TypeError, ValueError, ValidationError):
        raise ValidationError(
            {"cursor": "This cursor was not given out here. Start again from the first page."}
        ) from None


def _meant(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return Decimal(value["of"]) if "of" in value else datetime.fromisoformat(value["at"])
