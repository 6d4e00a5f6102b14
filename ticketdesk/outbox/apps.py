"""The outbox as a Django app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Deliveries and signs of life."""

    name = "ticketdesk.outbox"
    label = "outbox"
