"""The sla room as a Django app."""

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """One room of the house; who may import whom is in pyproject.toml."""

    name = "sla"
