"""The atoms of every page, as simple tags: repeated hundreds of times, they must cost next to nothing."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BoundField, Textarea
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext

from ticketdesk import badges
from ticketdesk.words import in_each_language

register = template.Library()

HTML_LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
STATE_ICONS = {
    "ok": "clock",
    "soon": "timer",
    "urgent": "alarm-clock",
    "breach": "flame",
    "paused": "circle-pause",
    "met": "circle-check",
    "missed": "circle-x",
}
GRADE_NAMES = {1: gettext_lazy("Urgent"), 2: gettext_lazy("High"), 3: gettext_lazy("Normal"), 4: gettext_lazy("Watch")}
AVATAR_HUES = 6
NOTHING = SafeString("")
CJK = 0x2E80


@cache
def _sprite() -> str:
    return static("ticketdesk/icons.svg")


@register.simple_tag
@cache  # names and sizes stand in the templates, so there are few
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    """One symbol of the sprite, hidden from screen readers: words stand beside it."""
    return format_html(
        '<svg class="i {}" width="{}" height="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        css,
        size,
        size,
        _sprite(),
        name,
    )


@register.simple_tag
def htmllang(code: str = "") -> str:
    """The page's language, or a stored one, as HTML writes it: zh-Hans."""
    code = (code or get_language() or "en").lower()
    return HTML_LANGUAGES.get(code, code)


def units() -> list[str]:
    """The reader's letters for days, hours and minutes."""
    return _units().split("|")


@in_each_language
def _units() -> str:
    # Translators: the shortest units of time, three of them, parted by bars; in Chinese 天|小时|分.
    return pgettext("units of time", "d|h|m")


# --- deadlines ------------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def sla(context: Context, ticket: Any, big: bool = False) -> SafeString:
    """The badge of a ticket's next deadline; of a solved one, whether it was met. The same everywhere."""
    now = _present(context, ticket.shop_id)
    if ticket.status in ("solved", "closed"):
        return _verdict(ticket.resolve_by, ticket.solved_at or ticket.closed_at, big)
    if ticket.paused or (ticket.status == "waiting" and ticket.due_by is None):
        return _badge("paused", gettext("Paused"), _call_back(ticket), big)
    if ticket.due_by is None:
        return format_html('<span class="sla none">{}</span>', "–")
    first = ticket.responded_at is None and ticket.respond_by == ticket.due_by
    return _running(ticket, ticket.due_by, now, first, big, live=_is_live(context, ticket))


@register.simple_tag(takes_context=True)
def clock(context: Context, ticket: Any, which: str) -> SafeString:
    """One clock of a ticket: `which` is "response" or "resolution"."""
    first = which == "response"
    due_by = ticket.respond_by if first else ticket.resolve_by
    stopped = (ticket.responded_at if first else None) or ticket.solved_at or ticket.closed_at
    if due_by is None:
        return format_html('<span class="sla none">{}</span>', "–")
    if stopped is not None:
        return _verdict(due_by, stopped, False)
    if ticket.paused:
        return _badge("paused", gettext("Paused"), _call_back(ticket), False)
    live = _is_live(context, ticket)
    return _running(ticket, due_by, _present(context, ticket.shop_id), first, False, live=live)


def _is_live(context: Context, ticket: Any) -> bool:
    presents = context.get("presents")
    return presents is None or ticket.shop_id not in presents.replayed


def _running(ticket: Any, due_by: datetime, now: datetime, first: bool, big: bool, *, live: bool) -> SafeString:
    total = due_by - ticket.opened_at
    state = badges.state(due_by, now, total)
    css = state + (" hard" if state == "breach" and ticket.grade <= 2 else "")
    # A replayed shop stands still, so its badges must not run on in an open page.
    data = format_html(' data-due="{}" data-total="{}"', int(due_by.timestamp()), int(total.total_seconds()))
    text = badges.signed(due_by, now, units())
    return _badge(css, text, _due(first).format(time=moment(due_by, now)), big, data if live else NOTHING)


@in_each_language
def _due(first: bool) -> str:
    return gettext("First response due {time}") if first else gettext("Solution due {time}")


def _verdict(due_by: datetime | None, stopped: datetime | None, big: bool) -> SafeString:
    if due_by is None or stopped is None:
        return format_html('<span class="sla none">{}</span>', "–")
    title = gettext("Due {due}, done {done}").format(due=moment(due_by, due_by), done=moment(stopped, due_by))
    met = stopped < due_by
    return _badge("met" if met else "missed", gettext("Met") if met else gettext("Missed"), title, big)


def _call_back(ticket: Any) -> str:
    if ticket.call_back_at is None:
        return gettext("The clock is paused")
    return gettext("The clock is paused until {time}").format(time=moment(ticket.call_back_at, ticket.call_back_at))


def _badge(css: str, text: str, title: str, big: bool, data: SafeString = NOTHING) -> SafeString:
    name = STATE_ICONS[css.split()[0]]
    return format_html(
        '<span class="sla {}{}" title="{}"{}>{}<span class="tx">{}</span></span>',
        css,
        " big" if big else "",
        title,
        data,
        icon(name, 16 if big else 13),
        text,
    )


# --- grades, statuses, people ---------------------------------------------------------------------------------------
@cache
def _grade_mark(grade: int) -> str:
    if grade == 1:
        shape = '<rect width="14" height="14" rx="3" class="on"/><path d="M7 3v4.6M7 10.6v.4" class="mark"/>'
    else:
        # Bars: the shape carries the meaning, the colour repeats it.
        bars = ((1, 10, 4), (5, 7, 7), (9, 4, 10))
        shape = "".join(
            f'<rect x="{x}" y="{y}" width="3" height="{tall}" rx="1" class="{"on" if number < 5 - grade else "off"}"/>'
            for number, (x, y, tall) in enumerate(bars)
        )
    return f'<svg class="sev s{grade}" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>'


@register.filter
@in_each_language
def grade_name(grade: int) -> str:
    """Urgent, High, Normal, Watch in the reader's language."""
    return str(GRADE_NAMES.get(grade, ""))


@register.simple_tag
def grade(value: int, words: bool = False) -> SafeString:
    """The mark of a grade with its name for screen readers; with `words`, the name is shown too."""
    return _named_grade(value, f"P{value} {grade_name(value)}", "gw" if words else "sr")


@lru_cache(maxsize=256)
def _named_grade(value: int, name: str, css: str) -> SafeString:
    # The mark is built from numbers only.
    return format_html('{}<span class="{}">{}</span>', mark_safe(_grade_mark(value)), css, name)


@register.simple_tag
@lru_cache(maxsize=256)
def status(code: str, label: str) -> SafeString:
    """A status: dot by shape and colour, then the word."""
    return format_html('<span class="st {}">{}</span>', code, label)


@register.simple_tag
@lru_cache(maxsize=1024)
def avatar(name: str, size: int = 22) -> SafeString:
    """A person's initials on one of six grounds, always the same for the same name."""
    name = str(name or "?").strip() or "?"
    chinese = ord(name[0]) > CJK
    letters = name[-2:] if chinese else "".join(word[0] for word in name.split()[:2]).upper()
    if chinese and size <= 26:
        letters = letters[-1]
    hue = hashlib.blake2b(name.encode(), digest_size=1).digest()[0] % AVATAR_HUES
    return format_html('<span class="av a{} z{}" aria-hidden="true">{}</span>', hue, size, letters)


@register.simple_tag
@lru_cache(maxsize=1024)
def who(name: str) -> SafeString:
    """A person in a row: initials and name."""
    return format_html('<span class="who">{}<span class="ell">{}</span></span>', avatar(name), name)


# --- times ----------------------------------------------------------------------------------------------------------
def moment(at: datetime, now: datetime) -> str:
    """A time in the reader's zone, 24 hours: 11-22 09:34; with its year when that is not the present one."""
    local, present = timezone.localtime(at), timezone.localtime(now)
    return local.strftime("%m-%d %H:%M" if local.year == present.year else "%Y-%m-%d %H:%M")


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None, shop_id: int | None = None, css: str = "") -> SafeString | str:
    """A <time> in the reader's zone; the zone stands in its title. Nothing for None."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        css,
        at.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        moment(at, _present(context, shop_id)),
    )


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None, shop_id: int | None = None) -> SafeString | str:
    """How long ago, in one unit, at the present of the shop; the exact time stands in its title."""
    if at is None:
        return ""
    text = badges.age(at, _present(context, shop_id), units()) or gettext("now")
    title = timezone.localtime(at).strftime("%Y-%m-%d %H:%M %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, text)


def _present(context: Context, shop_id: int | None = None) -> datetime:
    """The present of a shop, since replayed history has its own; without a shop, the page's, or now."""
    presents = context.get("presents")
    if shop_id is not None and presents is not None:
        return presents.of(shop_id)
    present = context.get("present")
    return present if isinstance(present, datetime) else timezone.now()


@register.filter
def length_of(span: timedelta | float | None) -> str:
    """A length of time (seconds or timedelta) in the reader's units."""
    if span is None:
        return ""
    return badges.length(span if isinstance(span, timedelta) else timedelta(seconds=span), units())


# --- addresses ------------------------------------------------------------------------------------------------------
@register.filter
def page_of(pk: int, name: str) -> str:
    """The address of the page `name` about row `pk`: what {% url %} says, looked up once and not for every row."""
    before, after = _around(name)
    return f"{before}{pk}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    stand_in = 10**17
    before, _stand_in, after = reverse(name, args=[stand_in]).partition(str(stand_in))
    return before, after


# --- words ----------------------------------------------------------------------------------------------------------
@register.filter
def fill(text: str, value: object) -> str:
    """Put `value` into the one {gap} of a translated text, whatever the gap is called."""
    start, end = text.find("{"), text.find("}")
    return text if start < 0 or end < start else f"{text[:start]}{value}{text[end + 1 :]}"


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key)


# --- forms ----------------------------------------------------------------------------------------------------------
CLASSES = {"select": "sel full", "textarea": "area", "checkbox": "ck", "radio": "ck", "file": "file"}


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """A form field's control in our clothes; labels, errors and help stand elsewhere."""
    control = field.field.widget
    kind = getattr(control, "input_type", None) or ("textarea" if isinstance(control, Textarea) else "select")
    # The label says it already; a placeholder would say it twice and vanish when it is needed.
    return field.as_widget(attrs={"class": CLASSES.get(kind, "inp"), "placeholder": False})


@register.simple_tag
def options(field: BoundField) -> SafeString:
    """The options of a select. Django would render a template for each of them, of which a filter bar has a hundred."""
    control: Any = field.field.widget
    groups = control.optgroups(field.html_name, control.format_value(field.value()))
    rows = (
        (row["value"], SafeString(" selected") if row["selected"] else "", row["label"])
        for _, rows, _ in groups
        for row in rows
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@register.inclusion_tag("_field.html")
def form_field(field: BoundField, helped: bool = True) -> dict[str, Any]:
    """One field: label, control, errors, and its help unless that is said elsewhere."""
    kind = getattr(field.field.widget, "input_type", "")
    return {"field": field, "box": kind == "checkbox", "group": kind == "radio", "helped": helped}


@register.filter
def is_time(value: object) -> bool:
    """Whether a piece of evidence is a moment, which is shown in the reader's zone."""
    return isinstance(value, datetime)
