"""Asking other systems: a GET that never leads into the house and never reads more than it may."""

from collections.abc import Mapping

import requests
from requests_hardened import ip_filter

from ticketdesk.outbox.senders import guarded


class FetchError(Exception):
    """No answer that can be used; `reason` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fetch(url: str, headers: Mapping[str, str], *, most_bytes: int) -> bytes:
    """The body of a 2xx answer. FetchError for anything else, for private addresses and for more than `most_bytes`."""
    try:
        answer = guarded().send_request("GET", url, headers=dict(headers), stream=True)
        with answer:
            if not 200 <= answer.status_code < 300:
                raise FetchError(f"http_{answer.status_code}")
            body = b""
            for part in answer.iter_content(65536):
                body += part
                if len(body) > most_bytes:
                    raise FetchError("too_large")
            return body
    except ip_filter.InvalidIPAddress as error:
        raise FetchError("private_address") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise FetchError("bad_address") from error
    except requests.RequestException as error:
        raise FetchError(type(error).__name__) from error
