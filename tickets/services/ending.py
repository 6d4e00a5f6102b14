"""What ends with an incident's own ticket."""

from datetime import datetime

from orders.models import Incident
from orders.services.incidents import close_incident
from tickets.models import Ticket


def end_incident(ticket: Ticket, now: datetime) -> None:
    """A person solves or closes an incident's ticket: the incident is over, and the sweep gives its children back."""
    if ticket.incident_id is not None:
        incident = Incident.objects.select_for_update().get(pk=ticket.incident_id)
        close_incident(incident, present=now, reason="by_hand")
