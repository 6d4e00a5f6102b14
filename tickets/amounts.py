"""What a ticket may cost, and why, in words and short numbers of the reader's language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from ticketdesk.words import in_each_language
from tickets import valuing

STAKES = {
    "goods": gettext_lazy("the goods, and sending them once more"),
    "late": gettext_lazy("compensation for the delay, or the buyer's next orders"),
    "return": gettext_lazy("freight both ways, and goods worth less afterwards"),
    "paperwork": gettext_lazy("work on papers and payments"),
    "talk": gettext_lazy("the time it takes"),
}


def base() -> str:
    """The currency in which what tickets may cost is compared."""
    return valuing.table().base


def short(amount: Decimal) -> str:
    """About how much, in four characters or so: 412, 5.6k, 1.2M; nothing while it is not valued."""
    return _short(round(amount)) if amount else ""


@in_each_language
def _short(whole: int) -> str:
    # Translators: steps and signs of short numbers, smaller ones first; in Chinese 10000=万|100000000=亿.
    for step in reversed(pgettext("short numbers", "1000=k|1000000=M").split("|")):
        size, _sign, sign = step.partition("=")
        if whole >= int(size):
            part = whole / int(size)
            return f"{part:.1f}{sign}" if part < 9.95 else f"{part:.0f}{sign}"
    return str(max(whole, 1))


def reason(factor: Mapping[str, Any]) -> str:
    """One factor of an expected loss as a sentence part."""
    tell = SENTENCES.get(str(factor.get("code")))
    by, params = float(factor.get("by", 1)), factor.get("params") or {}
    return tell(by, params) if tell else str(factor.get("code", "")).replace("_", " ").capitalize()


def _percent(by: float) -> str:
    return f"{by * 100:.0f}"


def _money(by: float) -> str:
    return f"{by:,.0f}"


def _stake(by: float, params: Mapping[str, Any]) -> str:
    text = _("{amount} {base} at stake: {what}").format(
        amount=_money(by), base=params.get("base", base()), what=STAKES.get(params.get("stake", ""), "–")
    )
    told = []
    if params.get("value"):
        told.append(
            # xgettext:no-python-format
            _("{percent} % of {value} {currency}").format(
                percent=params.get("percent", "–"), value=params["value"], currency=params.get("currency", "")
            )
        )
    if params.get("plus"):
        told.append(_("{amount} {base} in any case").format(amount=_money(params["plus"]), base=params.get("base", "")))
    return text + (f" ({' + '.join(told)})" if told else "") + _rate(params)


def _rate(params: Mapping[str, Any]) -> str:
    if params.get("no_rate"):
        return " · " + _("no rate is known for {currency}").format(currency=params.get("currency", ""))
    if not params.get("rate"):
        return ""
    day = parse_date(str(params.get("as_of", "")))
    return " · " + _("1 {currency} = {rate} {base}, as of {day}").format(
        currency=params.get("currency", ""), rate=params["rate"], base=params.get("base", ""),
        day=date_format(day, "Y-m-d") if day else "–",
    )  # fmt: skip


def _floor(by: float, params: Mapping[str, Any]) -> str:
    amount = {"amount": _money(by), "base": params.get("base", base())}
    if params.get("value"):
        return _("At least {amount} {base} counts as at stake").format(**amount) + _rate(params)
    return _("No order value is known: {amount} {base} counts as at stake").format(**amount)


def _children(by: float, params: Mapping[str, Any]) -> str:
    count = params.get("count", 0)
    text = ngettext(
        "The tickets of the incident together: {amount} {base}, {n} ticket",
        "The tickets of the incident together: {amount} {base}, {n} tickets",
        count,
    )
    return text.format(amount=_money(by), base=params.get("base", ""), n=count)


SENTENCES: Mapping[str, Callable[[float, Mapping[str, Any]], str]] = {
    # xgettext:no-python-format
    "probability": lambda by, params: _("{percent} % of such cases end badly").format(percent=_percent(by)),
    # xgettext:no-python-format
    "forecast": lambda by, params: _("The forecast gives it {percent} % to end badly").format(percent=_percent(by)),
    "stake": _stake,
    "floor": _floor,
    "vip": lambda by, params: _("The buyer is a VIP"),
    "repeat_victim": lambda by, params: _("The buyer was let down several times already"),
    "ordinary": lambda by, params: _("An ordinary buyer"),
    "promise_broken": lambda by, params: _("A promise to the buyer is broken"),
    "marketplace": lambda by, params: _("The marketplace counts it against the shop ({channel})").format(
        channel=params.get("channel", "–")
    ),
    "cause_over": lambda by, params: _("What raised it is over"),
    "capped": lambda by, params: _("More than that is never reckoned"),
    "children": _children,
}
