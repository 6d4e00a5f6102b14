"""What every view of the API does alike."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.http import Http404
from django.utils.cache import patch_cache_control
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ticketdesk.accounts.models import User
from ticketdesk.api.fields import ID_MAX, Key
from ticketdesk.api.filters import Filters, refuse_unknown_parameters
from ticketdesk.api.problems import Refusal
from ticketdesk.api.repeating import repeatable
from ticketdesk.api.schema import DeskSchema
from ticketdesk.api.serializers import StrictSerializer

__all__ = ["DeskView", "NotThere", "OneByOne", "repeatable", "seen_version"]

S = TypeVar("S", bound=StrictSerializer)


class DeskView(ListModelMixin, GenericViewSet[Any]):
    """A view over rows that the caller may see (`get_queryset`), answered by `serializer_class`.

    `filters` narrows its list and `keyset` sorts it; both are used by the shared backends.
    """

    schema = DeskSchema()
    metadata_class = None
    lookup_value_converter = "int"
    filters: type[Filters] | None = None
    keyset: tuple[str, ...] = ("-id",)
    required_scopes: Mapping[str, str | list[str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls, whether he may, and nothing in the address that the call does not know."""
        if (
            getattr(self, "action", None) is None
        ):  # or a key would be told 403, for want of a scope that no method asks for
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        if self.action != "list":
            refuse_unknown_parameters(request, [])

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Nothing of what programs are answered is kept by anything in between."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    @property
    def principal(self) -> User:
        """Who calls: a person, or the one a key acts for."""
        return cast(User, self.request.user)

    def get_object(self) -> Any:
        """The row of the address; 404 for a number no row can have, as for one that nobody may see."""
        if self.kwargs["pk"] > ID_MAX:
            raise Http404
        return super().get_object()

    def given(self, kind: type[S], **kwargs: Any) -> dict[str, Any]:
        """The body as `kind` reads it; 400 when it cannot."""
        serializer = kind(data=self.request.data, context=self.get_serializer_context(), **kwargs)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def shown(self, row: Any, status: int = 200, kind: type[BaseSerializer[Any]] | None = None) -> Response:
        """One row as the view shows it, with its version as ETag where it has one."""
        serializer = (kind or self.get_serializer_class())(row, context=self.get_serializer_context())
        headers = {"ETag": f'"{row.version}"'} if hasattr(row, "version") else {}
        return Response(serializer.data, status, headers=headers)


class OneByOne(DeskView):
    """A view that also shows one row by its number."""

    def retrieve(self, request: Request, pk: int) -> Response:
        """One row."""
        return self.shown(self.get_object())


class NotThere(APIView):
    """Every address below the API that leads nowhere."""

    schema = None
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404 whatever the method."""
        raise Refusal(404, "not_found", "There is no such address. See /api/v1/docs/.")


def seen_version(request: Request) -> int | None:
    """The version in If-Match, `"3"` or `W/"3"`; None without one or with `*`. 400 when it is something else."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    quoted = given.removeprefix("W/")
    if (
        len(quoted) < 3
        or quoted[0] != '"'
        or quoted[-1] != '"'
        or not (quoted[1:-1].isascii() and quoted[1:-1].isdigit())
    ):
        raise Refusal(
            400, "invalid", 'This is not a version. Send the ETag you were given, such as "3".', field="If-Match"
        )
    return Key().run_validation(quoted[1:-1])
