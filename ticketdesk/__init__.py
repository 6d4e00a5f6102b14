"""The wiring of TicketDesk; the Celery application is loaded with Django so that shared tasks find it."""

from ticketdesk.celery import app as celery_app

__all__ = ["celery_app"]
