"""Fields that take one spelling of a value and refuse all others by name."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.validators import EmailValidator, RegexValidator
from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

SMALL_MAX = 32_767
WHOLE_MAX = 2_147_483_647
ID_MAX = 9_223_372_036_854_775_807
FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# No place on earth is further from Greenwich.
OFFSET_MAX = timedelta(hours=14)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?", re.ASCII
)
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KNOWN_MAX = 60


class Text(serializers.CharField):
    """A string; numbers and lists are no text. Control characters other than tab and line ends are refused."""

    default_error_messages = {
        "invalid": "This is not a string. Send text in quotes.",
        "control": "This holds a control character. Remove it.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if _CONTROL.search(data):
            self.fail("control")
        text: str = super().to_internal_value(data)
        return text


class Code(Text):
    """Text that must match a pattern; `words` says how to write it."""

    def __init__(self, pattern: str, words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(f"\\A(?:{pattern})\\Z", f"This is not {words}. Write it that way."))


def country(**kwargs: Any) -> Code:
    """A country's two capital letters."""
    return Code("[A-Z]{2}", "a country code such as CN", max_length=2, **kwargs)


def currency(**kwargs: Any) -> Code:
    """A currency's three capital letters."""
    return Code("[A-Z]{3}", "a currency code such as CNY", max_length=3, **kwargs)


class Email(Text):
    """An e-mail address. A class of its own: a serializer makes its fields anew, without what was added to one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        self.validators.append(EmailValidator("This is not an e-mail address. Write it like name@example.com."))


class Whole(serializers.IntegerField):
    """A whole number, by default 0 to 2147483647, as a JSON number or (in addresses) as digits 0 to 9."""

    default_error_messages = {
        "invalid": "This is not a whole number. Write it with the digits 0 to 9.",
        "max_value": "This is larger than {max_value}. Give a smaller number.",
        "min_value": "This is smaller than {min_value}. Give a larger number.",
    }

    def __init__(self, min_value: int = 0, max_value: int = WHOLE_MAX, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _DIGITS.fullmatch(data):
            return int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Key(Whole):
    """The number of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=ID_MAX, **kwargs)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}], "examples": ["199.00"]})
class Amount(serializers.DecimalField):
    """A sum of money, not negative, as text or number, to the cent."""

    default_error_messages = {
        "invalid": "This is not an amount. Write it like 199.00.",
        "min_value": "This is negative. Give 0 or more.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=Decimal(0), **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | float) or not _NUMBER.fullmatch(str(data)):
            self.fail("invalid")
        amount: Decimal = super().to_internal_value(data)
        return amount


class Flag(serializers.BooleanField):
    """true or false."""

    default_error_messages = {"invalid": "This is neither true nor false. Send one of them without quotes."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Choice(serializers.ChoiceField):
    """One of a list of words, or of numbers written as such; the refusal lists them."""

    def to_internal_value(self, data: Any) -> Any:
        allowed = {str(key): key for key in self.choices}
        if isinstance(data, bool) or not isinstance(data, str | int) or str(data) not in allowed:
            raise serializers.ValidationError(f"This is not one of the choices. Choose {', '.join(allowed)}.")
        return allowed[str(data)]


@extend_schema_field({"type": "string", "format": "date-time", "examples": ["2026-11-23T10:00:00+08:00"]})
class Moment(serializers.DateTimeField):
    """A point in time with its offset from UTC (RFC 3339), 1990 to 2099; answered in UTC."""

    default_error_messages = {
        "invalid": "This is not a point in time. Write it like 2026-11-23T10:00:00+08:00.",
        "naive": "This names no time zone. Add Z or an offset such as +08:00.",
        "offset": "This offset from UTC does not exist. Give one between -14:00 and +14:00.",
        "out_of_range": "This lies outside of 1990 to 2099. Give the true time.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        shape = _MOMENT.fullmatch(data.strip()) if isinstance(data, str) and len(data) <= 64 else None
        if shape is None:
            self.fail("invalid")
        if shape["zone"] is None:
            self.fail("naive")
        try:
            moment = datetime.fromisoformat(shape[0].upper().replace(",", "."))
        except ValueError:
            self.fail("offset" if shape["zone"][1:3] > "23" else "invalid")
        if abs(moment.utcoffset() or timedelta(0)) > OFFSET_MAX:
            self.fail("offset")
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            self.fail("out_of_range")
        if not FIRST <= moment < LAST:
            self.fail("out_of_range")
        return moment

    def to_representation(self, value: datetime) -> str:
        """The moment in UTC with a Z, whatever zone the reader's pages are in."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@extend_schema_field({"type": "string", "maxLength": 64})
class Reference(serializers.Field[Any, Any, Any, Any]):
    """A row named by its code, among those that `among(request)` lets the caller name; the refusal lists them."""

    by = "code"

    def __init__(self, among: Callable[[Request], QuerySet[Any]], *, what: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.among, self.what = among, what

    def to_internal_value(self, data: Any) -> Model:
        value = self.value_field().run_validation(data)
        rows = self.among(self.context["request"])
        row: Model | None = rows.filter(**{self.by: value}).first()
        if row is None:
            raise serializers.ValidationError(f"There is no such {self.what}. {self.hint(rows)}")
        return row

    def value_field(self) -> serializers.Field[Any, Any, Any, Any]:
        """How the name is read."""
        return Text(max_length=64)

    def hint(self, rows: QuerySet[Any]) -> str:
        """What to do about a name that nothing has."""
        known: Iterable[str] = rows.order_by(self.by).values_list(self.by, flat=True)[:_KNOWN_MAX]
        return f"Known: {', '.join(known) or 'none'}."

    def to_representation(self, value: Any) -> Any:
        return getattr(value, self.by)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": ID_MAX})
class RowReference(Reference):
    """A row named by its number; what the caller may not name is refused like what does not exist."""

    by = "pk"

    def value_field(self) -> serializers.Field[Any, Any, Any, Any]:
        return Key()

    def hint(self, rows: QuerySet[Any]) -> str:
        return "Look for it in the list of what you may see."
