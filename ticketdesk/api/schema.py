"""How the OpenAPI document describes our views."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from ticketdesk.api.problems import CONTENT_TYPE, status_title
from ticketdesk.api.repeating import HEADER, KEY_MAX
from ticketdesk.api.serializers import ProblemAnswer

IDEMPOTENCY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
    OpenApiParameter.HEADER,
    description="The same key sends the same call again without doing it twice. Kept for seven days.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description='The ETag that you were given, such as "3": refuse (412) if there was a change since.',
)
COMMON_REFUSALS = (400, 401, 403, 429)


class DeskSchema(AutoSchema):
    """Filters as parameters, the Idempotency-Key, and problem+json for every refusal."""

    def get_override_parameters(self) -> list[Any]:
        """What every call of this kind takes."""
        filters = getattr(self.view, "filters", None)
        if filters is not None and self.method == "GET" and self._is_list_view():
            return [filters]
        return [IDEMPOTENCY] if self.method in ("POST", "PUT", "PATCH") else []

    def get_tags(self) -> list[str]:
        """The room that the view names, else the first word of the address."""
        return getattr(self.view, "schema_tags", None) or super().get_tags()

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        codes = list(COMMON_REFUSALS)
        codes += [404] if "{" in self.path else []
        codes += [409, 413, 415, 422] if self.method in ("POST", "PUT", "PATCH") else []
        for code in codes:
            refusal = OpenApiResponse(ProblemAnswer, status_title(code))
            bodies.setdefault(str(code), self._get_response_for_code(refusal, str(code), media_types=[CONTENT_TYPE]))
        return bodies


class OnceMade(SchemaGenerator):
    """The document, made once per language and process: it is open to everybody and takes a third of a second."""

    def get_schema(self, request: Any = None, public: bool = True) -> Any:
        return _document(get_language())


@lru_cache(maxsize=8)
def _document(language: str | None) -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)
