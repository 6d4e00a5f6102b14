"""Narrowing lists by the address, which may hold nothing that the list does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from ticketdesk.api.fields import Choice
from ticketdesk.api.pagination import KeysetPagination
from ticketdesk.api.serializers import NAMED_MAX, StrictSerializer

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Filters(StrictSerializer):
    """What a list can be narrowed by: fields that read the address, and `narrow`, which applies their values."""

    def narrow(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The rows that fit; by default each value is compared with the column in its field's `source`."""
        return rows.filter(**values)


def yes(**kwargs: Any) -> Choice:
    """A filter that is either given as 1 or left out."""
    return Choice(choices=[(1, "yes")], **kwargs)


class StrictFilterBackend(BaseFilterBackend):
    """Applies the view's `filters`; unknown, repeated and unreadable parameters are refused by name (400)."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that fit the address; rows asked for by number are not narrowed."""
        kind: type[Filters] | None = getattr(view, "filters", None)
        if getattr(view, "detail", False):
            return queryset
        names = [*(kind._declared_fields if kind else ()), *KeysetPagination.PARAMETERS]
        refuse_unknown_parameters(request, names)
        if kind is None:
            return queryset
        asked = {name: request.query_params[name] for name in kind._declared_fields if name in request.query_params}
        serializer = kind(data=asked, context={"request": request, "view": view})
        serializer.is_valid(raise_exception=True)
        return serializer.narrow(queryset, dict(serializer.validated_data))

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Nothing: the schema takes the parameters from the view's `filters`."""
        return []


def refuse_unknown_parameters(request: Request, known: list[str]) -> None:
    """ValidationError naming each parameter of the address that is unknown or given twice."""
    errors = {}
    for name in request.query_params:
        if name not in known:
            words = f"Known: {', '.join(known)}." if known else "This call takes none."
            errors[name[:80]] = [ErrorDetail(f"There is no parameter of this name. {words}", "unknown")]
        elif len(request.query_params.getlist(name)) > 1:
            errors[name] = [ErrorDetail("This parameter is given twice. Keep one of them.", "repeated")]
        if len(errors) == NAMED_MAX:
            break
    if errors:
        raise ValidationError(errors)
