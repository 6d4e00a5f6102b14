"""A shop's say in what its buyers are told."""

import base64
import secrets
from datetime import datetime

from orders.models import Shop

SECRET_BYTES = 32


def decide(shop: Shop, *, on: bool, new_secret: bool, now: datetime) -> str:
    """Save the shop with its contact and webhook; a fresh secret of the webhook if one was made, to be shown once.

    Switched on, buyers hear of what happens from `now` on; what was before is never told.
    """
    if on != (shop.notices_since is not None):
        shop.notices_since = now if on else None
    made = ""
    if shop.notice_hook_url and (new_secret or not shop.notice_hook_secret):
        made = shop.notice_hook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    columns = ["contact_name", "contact_email", "contact_phone", "notice_hook_url", "notice_hook_secret"]
    shop.save(update_fields=[*columns, "notices_since"])
    return made
