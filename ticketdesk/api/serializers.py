"""What goes in: serializers that refuse whatever they do not know."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

# Enough to see what went wrong; a body of ten thousand wrong names is not worth an answer of that size.
NAMED_MAX = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Input. Unknown names are refused by name; names that only answers have are refused as read-only.

    `answers` is the serializer of the answer to the same call, where there is one.
    """

    answers: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        errors = self._strangers(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                raise ValidationError({**errors, **error.detail}) from None
            raise
        if errors:
            raise ValidationError(errors)
        return values

    def _strangers(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = ", ".join(self.fields) or "none"
        answered = getattr(self.answers, "_declared_fields", {})
        found = {}
        for name in [name for name in data if name not in self.fields][:NAMED_MAX]:
            if name in answered:
                found[name[:80]] = [ErrorDetail("This field is read-only. Leave it out.", "read_only")]
            else:
                found[name[:80]] = [ErrorDetail(f"There is no field of this name. Known: {known}.", "unknown")]
        return found


class Answer(serializers.Serializer[Any]):
    """Output only: every field is read-only, and the OpenAPI document says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("read_only", True)
        super().__init__(*args, **kwargs)


class FieldErrorAnswer(serializers.Serializer[Any]):
    """One thing to correct."""

    field = serializers.CharField(help_text="Path to the field, such as lines.0.qty; empty for the call as a whole.")
    message = serializers.CharField(help_text="What is wrong.")
    remedy = serializers.CharField(help_text="What to do about it.")


class ProblemAnswer(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField(help_text="urn:ticketdesk:problem: and the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorAnswer(many=True)  # type: ignore[assignment]
