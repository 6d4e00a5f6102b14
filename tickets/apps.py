"""The tickets room as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """One room of the house; who may import whom is in pyproject.toml."""

    name = "tickets"

    def ready(self) -> None:
        """A file of figures that cannot be used stops the start, not the work at night."""
        valuing = import_module("tickets.valuing")
        valuing.table()
