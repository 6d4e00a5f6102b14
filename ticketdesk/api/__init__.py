"""What the interfaces for programs of every room share. Knows accounts and the outbox, and no room's rows.

REST_FRAMEWORK names what is listed here, so it is imported while rest_framework.views is: nothing that these modules
import may import views in return; `ticketdesk.api.views` is for the rooms.
"""

from ticketdesk.api.filters import StrictFilterBackend
from ticketdesk.api.pagination import KeysetPagination
from ticketdesk.api.parsers import StrictJSONParser
from ticketdesk.api.problems import problem
from ticketdesk.api.throttles import PrincipalThrottle

__all__ = ["KeysetPagination", "PrincipalThrottle", "StrictFilterBackend", "StrictJSONParser", "problem"]
