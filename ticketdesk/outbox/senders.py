"""The two ways out of the house: SMTP and webhooks."""

import ipaddress
import json
import smtplib
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from requests_hardened import Config, Manager, ip_filter
from standardwebhooks import Webhook

from ticketdesk.outbox.letters import Call, Mail

CONNECT_S, READ_S = 3.0, 15.0
# Site-local and IPv4-compatible addresses lead into the house as well, and the filter lets them pass.
ip_filter.EXTRA_BLOCKED_NET_RANGES += tuple(map(ipaddress.ip_network, ("fec0::/10", "::/96")))


class SendError(Exception):
    """It was not delivered. `final`: trying again is of no use; `unreachable`: nor is it for others over this way."""

    def __init__(self, reason: str, *, final: bool = False, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final, self.unreachable = reason, final, unreachable


class PostOffice:
    """Sends letters; keeps the connection to the mail server open between two of them. Use as a context."""

    def __init__(self) -> None:
        self.smtp: Any = None

    def __enter__(self) -> "PostOffice":
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def send(self, letter: Mail | Call, number: int) -> None:
        """Send it, or raise SendError. `number` names the message, the same in every attempt."""
        if isinstance(letter, Mail):
            self._mail(letter)
        else:
            call(letter, number)

    def _mail(self, letter: Mail) -> None:
        message = EmailMultiAlternatives(letter.subject, letter.text, None, [letter.to], headers=dict(letter.headers))
        if letter.html:
            message.attach_alternative(letter.html, "text/html")
        try:
            if self.smtp is None:
                self.smtp = get_connection()
                self.smtp.open()
            message.connection = self.smtp
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            self._hang_up()
            codes = [code for code, _ in error.recipients.values()]
            raise SendError(type(error).__name__, final=all(code >= 500 for code in codes)) from error
        except ValueError as error:  # an address or subject that no header can hold
            raise SendError(type(error).__name__, final=True) from error
        except OSError as error:  # smtplib's errors are OSErrors too
            self._hang_up()
            lost = not isinstance(error, smtplib.SMTPException) or isinstance(error, smtplib.SMTPServerDisconnected)
            raise SendError(type(error).__name__, unreachable=lost) from error

    def _hang_up(self) -> None:
        smtp, self.smtp = self.smtp, None
        try:
            if smtp is not None:
                smtp.close()
        except OSError:
            pass  # the server is gone, and so is the connection


def way_of(letter: Mail | Call) -> str:
    """What a letter depends on to arrive: the mail server, or one webhook's host."""
    return "mail" if isinstance(letter, Mail) else urlsplit(letter.url).netloc


def call(letter: Call, number: int) -> None:
    """POST the body, signed for this attempt, to an address outside the house; raise SendError unless it answers 2xx.

    Redirects are not followed. Addresses of private networks are refused after the name was looked up, and the
    connection goes to the very address that was checked.
    """
    body = json.dumps(dict(letter.body), ensure_ascii=False, separators=(",", ":"))
    name, at = f"msg_{number}", datetime.fromtimestamp(int(time.time()), UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(letter.secret).sign(name, at, body),
    }
    try:
        answer = guarded().send_request("POST", letter.url, data=body.encode(), headers=headers, stream=True)
        answer.close()
    except ip_filter.InvalidIPAddress as error:
        raise SendError("private_address", final=True) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise SendError("bad_address", final=True) from error
    except requests.RequestException as error:
        raise SendError(type(error).__name__, unreachable=True) from error
    if not 200 <= answer.status_code < 300:
        raise SendError(f"http_{answer.status_code}", final=answer.status_code == 410)


def guarded() -> Manager:
    """A client for addresses outside the house: no redirects, no private networks, few seconds."""
    return Manager(
        Config(
            default_timeout=(CONNECT_S, READ_S),
            never_redirect=True,
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=settings.HOOKS_TO_LOOPBACK,
            user_agent_override="TicketDesk",
        )
    )
