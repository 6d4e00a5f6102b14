"""Reading cells: text in, value out, or a `Bad` that names the problem. Pure: no Django, `now` is an argument."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

CLOCK_SKEW = timedelta(days=1)
FIRST_YEAR, YEARS_AHEAD = 1990, 5
CENT, MOST = Decimal("0.01"), Decimal("999999999999.99")
MOST_NUMBER = Decimal("999999999")
MOST_QTY, MOST_SMALL = 2_147_483_647, 32_767
# What our own CSV export puts before a cell that a spreadsheet would run as a formula.
_FORMULA_MARK = re.compile("^'(?=\\s*[=+\\-@＝＋－＠\t\r\n])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:(?:\s*[Tt]\s*|\s+)(\d{1,2})[:时](\d{1,2})(?:[:分](?:(\d{1,2})(?:[.,](\d{1,9}))?秒?)?)?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b.*")
_AMOUNT = re.compile(r"(?:[A-Za-z]{0,3}[$¥￥€£]|[A-Z]{3})?\s*(-?)\s*(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?\s*元?")

_NUMBER = re.compile(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)\s*(?:kg|KG|Kg|kgs|KGS|千克|公斤)?")


class Bad(Exception):
    """A cell cannot be read; `code` is one of problems.ROW_PROBLEMS."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading depends on besides the cell: the zone of naive times, now, extra formats, words, null words."""

    zone: ZoneInfo
    now: datetime
    formats: tuple[str, ...] = ()
    nulls: frozenset[str] = frozenset()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (UTC) and whether only its local day was given."""

    at: datetime
    day_only: bool = False


def clean(cell: str, nulls: frozenset[str]) -> str:
    """The cell's text without surrounding space and without our export's formula mark; "" for a null word."""
    text = cell.strip(" \t\r\n\xa0\u3000\ufeff")
    if text.startswith("'"):
        text = _FORMULA_MARK.sub("", text)
    return "" if text.casefold() in nulls else text


def check(text: str) -> None:
    """Bad if the text holds control characters (PostgreSQL has no NUL) or is a spreadsheet's error."""
    if _CONTROL.search(text):
        raise Bad("control")
    if text[0] == "#" and _SPREADSHEET_ERROR.fullmatch(text):
        raise Bad("cell_error")


def read_text(text: str, limit: int, *, cut: bool = False) -> str:
    """One line of at most `limit` characters; a longer one is cut or Bad."""
    if not text.isascii() or "\n" in text or "\r" in text or "\t" in text:
        text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > limit:
        if cut:
            return text[: limit - 1] + "…"
        raise Bad("too_long", limit=limit)
    return text


def read_code(text: str, limit: int) -> str:
    """An order number, waybill, SKU or phone: text that a spreadsheet must not have turned into 1.2E+15."""
    if _SHORTENED.fullmatch(text):
        raise Bad("rounded")
    return read_text(text, limit)


def read_moment(text: str, setting: Setting, *, happened: bool) -> Moment:
    """An instant. What has happened must not lie in the future; a promise may, for some years."""
    naive, offset, day_only = _split_moment(text, setting.formats)
    if not FIRST_YEAR <= naive.year <= setting.now.year + YEARS_AHEAD:
        raise Bad("year", year=naive.year)
    at = _instant(naive, offset, setting.zone)
    if happened and at > setting.now + CLOCK_SKEW:
        raise Bad("future")
    return Moment(at, day_only)


def end_of_day(moment: Moment, zone: ZoneInfo) -> datetime:
    """The instant itself, or the first instant of the next local day when only the day is known."""
    if not moment.day_only:
        return moment.at
    following = moment.at.astimezone(zone).date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def _split_moment(text: str, formats: tuple[str, ...]) -> tuple[datetime, str, bool]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    try:
        if found := _MOMENT.fullmatch(text):
            year, month, day, hour, minute, second, fraction, offset = found.groups()
            micro = int((fraction or "0")[:6].ljust(6, "0"))
            naive = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro)
            return naive, offset or "", hour is None
        if found := _DIGITS.fullmatch(text):
            year, month, day, *clock = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, clock[0], clock[1], clock[2]), "", found[4] is None
    except ValueError as error:
        raise Bad("moment") from error
    for pattern in formats:
        try:
            parsed = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return parsed.replace(tzinfo=None), parsed.strftime("%z"), "%H" not in pattern and "%I" not in pattern
    raise Bad("moment_order" if _YEAR_LAST.fullmatch(text) else "moment")


def _instant(naive: datetime, offset: str, zone: ZoneInfo) -> datetime:
    if not offset:
        # fold=0: in the hour that a clock change repeats the first is meant; in the skipped one the old offset holds.
        return naive.replace(tzinfo=zone).astimezone(UTC)
    if offset[0] not in "+-":
        return naive.replace(tzinfo=UTC)
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return (naive - shift if offset[0] == "+" else naive + shift).replace(tzinfo=UTC)


def read_amount(text: str) -> Decimal:
    """Money of two decimals, rounded to even: 1234.5, 1,234.50, ¥1,234.50."""
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None or not (found[2] or found[3]):
        raise Bad("amount")
    try:
        amount = Decimal((found[2] or "0").replace(",", "") + (found[3] or ""))
    except InvalidOperation as error:
        raise Bad("amount") from error
    if found[1] and amount:
        raise Bad("negative")
    if amount > MOST:
        raise Bad("too_large", limit=str(MOST))
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def read_number(text: str, *, places: int) -> Decimal:
    """A number of 0 or more such as 12.5 or 1,250.75, rounded to so many places; a unit behind it does not matter."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise Bad("amount")
    number = Decimal(found[1].replace(",", ""))
    if number > MOST_NUMBER:
        raise Bad("too_large", limit=str(MOST_NUMBER))
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def read_whole(text: str, most: int, *, least: int = 1) -> int:
    """A whole number from `least` to `most`; "2.0" and "2,000" are whole numbers too."""
    digits = text.replace(",", "")
    digits = re.sub(r"\.0+$", "", digits)
    if not digits.isascii() or not digits.lstrip("-").isdigit() or len(digits) > 20 or int(digits) < least:
        raise Bad("quantity")
    if int(digits) > most:
        raise Bad("too_large", limit=most)
    return int(digits)


def read_letters(text: str, length: int, code: str, words: Mapping[str, str]) -> str:
    """A code of `length` letters in upper case, or what the mapping's words make of the cell; else Bad(`code`)."""
    letters = words.get(text.casefold(), text).upper()
    if len(letters) != length or not (letters.isascii() and letters.isalpha()):
        raise Bad(code)
    return letters
