"""The wiring as a Django app: it carries commands, static files, template tags and system checks."""

from django.apps import AppConfig


class TicketDeskConfig(AppConfig):
    """The project itself."""

    name = "ticketdesk"
    label = "ticketdesk"
    verbose_name = "TicketDesk"
