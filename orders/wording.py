"""What is wrong, said in the reader's language and time zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from orders import detectors, labels


def title(code: str) -> str:
    """The title of a kind of anomaly; the code itself for one that no detector knows any more."""
    detector = detectors.catalogue().get(code)
    return gettext(detector.title if detector else labels.GROUP_TITLES.get(code, code))


def sentence(msgid: str, params: Mapping[str, Any]) -> str:
    """An anomaly's `why` with its `params` filled in; times are shown in the active zone, steps by name."""
    return gettext(msgid).format_map({name: _shown(name, value) for name, value in params.items()})


def _shown(name: str, value: Any) -> Any:
    if name == "step":
        return labels.milestone_label(str(value))
    if name == "lacks":
        return labels.buyer_data_label(str(value))
    if name == "status":
        return labels.status_label(*str(value).split(".", 1))
    if not isinstance(value, str) or len(value) < 16 or value[4:5] != "-" or value[10:11] != "T":
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return shown_time(moment) if moment.tzinfo else value


def shown_time(at: datetime) -> str:
    """A time in the active zone."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
