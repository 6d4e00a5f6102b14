"""The tickets room as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """One room of the house; who may import whom is in pyproject.toml."""

    name = "tickets"
