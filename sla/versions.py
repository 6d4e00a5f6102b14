"""Which version of policy and calendar counts, and versions ready to be asked. Versions never change, so once a process
has read one it keeps it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from sla.calendars import Calendar
from sla.models import CalendarVersion, PolicyVersion
from sla.policies import Policy, policy_from_data

DEFAULT_POLICY = "default"
ALWAYS_CODE = "always"


class NotSetUp(RuntimeError):
    """There is no policy or no round-the-clock calendar yet; `manage.py setup_defaults` makes them."""


@dataclass(frozen=True, slots=True)
class Current:
    """What new clocks follow: the policy's newest version, and calendar versions round the clock and by shop."""

    policy_version_id: int
    always_id: int
    by_shop: dict[int, int]

    def calendar_id(self, shop_id: int, *, round_the_clock: bool) -> int:
        """The calendar version for a clock of that shop; round the clock too when the shop's calendar is unknown."""
        return self.always_id if round_the_clock else self.by_shop.get(shop_id, self.always_id)


def current(shop_ids: Collection[int]) -> Current:
    """The newest versions, for these shops; two queries. Raises NotSetUp."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT v.id FROM sla_policyversion v JOIN sla_policy p ON p.id = v.policy_id
                       WHERE p.code = %s ORDER BY v.number DESC LIMIT 1),
                      (SELECT v.id FROM sla_calendarversion v JOIN sla_calendar c ON c.id = v.calendar_id
                       WHERE c.code = %s ORDER BY v.number DESC LIMIT 1)""",
            [DEFAULT_POLICY, ALWAYS_CODE],
        )
        policy_id, always_id = cursor.fetchone()
        if policy_id is None or always_id is None:
            raise NotSetUp("No SLA policy is set up. Run: manage.py setup_defaults")
        cursor.execute(
            """SELECT s.id, (SELECT v.id FROM sla_calendarversion v JOIN sla_calendar c ON c.id = v.calendar_id
                             WHERE c.code = s.calendar_code ORDER BY v.number DESC LIMIT 1)
               FROM orders_shop s WHERE s.id = ANY(%s)""",
            [list(shop_ids)],
        )
        by_shop = {shop_id: version_id for shop_id, version_id in cursor.fetchall() if version_id is not None}
    return Current(policy_id, always_id, by_shop)


@lru_cache(maxsize=512)
def calendar_of(version_id: int) -> Calendar:
    """A calendar version, expanded once per process."""
    return Calendar.from_data(CalendarVersion.objects.get(pk=version_id).data)


@lru_cache(maxsize=64)
def policy_of(version_id: int) -> Policy:
    """A policy version, read once per process."""
    version = PolicyVersion.objects.get(pk=version_id)
    return policy_from_data(version.rules, version.ladder)
