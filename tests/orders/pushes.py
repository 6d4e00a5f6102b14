"""Messages as sources send them, signed, and an address to send them to."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from orders.models import Endpoint, Shop

SECRET = "whsec-demo"


def endpoint(shop: Shop, source: str = "aftership", **columns: Any) -> Endpoint:
    """A door of this shop; forgotten doors of other tests do not answer for it."""
    given = {"shop": shop, "source": source, "name": source, "secret": SECRET}
    return Endpoint.objects.create(**given | columns)


def checkpoint(
    at: datetime, tag: str = "InTransit", subtag: str = "InTransit_001", text: str = "", **more: Any
) -> dict:
    return {"checkpoint_time": at.isoformat(), "tag": tag, "subtag": subtag, "message": text or subtag} | more


def aftership(*checkpoints: dict, number: str = "1Z999", slug: str = "ups", ts: int = 1787200000, **more: Any) -> bytes:
    tracking = {"tracking_number": number, "slug": slug, "checkpoints": list(checkpoints)} | more
    return json.dumps({"ts": ts, "event": "tracking_update", "msg": tracking}).encode()


def kuaidi100(*rows: dict, number: str = "YT1", com: str = "yuantong", state: str = "0", **more: Any) -> str:
    result = {"message": "ok", "state": state, "status": "200", "com": com, "nu": number, "data": list(rows)}
    return json.dumps({"status": "polling", "lastResult": result} | more, ensure_ascii=False)


def row(time: str, code: str, text: str) -> dict:
    return {"context": text, "time": time, "ftime": time, "status": "", "statusCode": code}


def push(to: Endpoint, body: bytes | str, *, secret: str = SECRET, client: Client | None = None, **extra: Any):
    """Send a signed message to its door."""
    address = f"/hooks/tracking/{to.source}/{to.key}/"
    kind = "application/json"
    if to.source == "kuaidi100":
        sign = hashlib.md5(f"{body}{secret}".encode()).hexdigest().upper()
        body, kind = urlencode({"param": body, "sign": sign}).encode(), "application/x-www-form-urlencoded"
    elif to.source == "aftership":
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        extra.setdefault("HTTP_AFTERSHIP_HMAC_SHA256", base64.b64encode(digest).decode())
    elif to.source == "17track":
        extra.setdefault("HTTP_SIGN", hashlib.sha256(body + b"/" + secret.encode()).hexdigest())
    return (client or Client()).generic("POST", address, body, content_type=kind, **extra)
