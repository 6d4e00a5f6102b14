"""A sign of life per loop."""

from django.db import models


class Heartbeat(models.Model):
    """When a loop last ran, and which process ran it."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=128)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
