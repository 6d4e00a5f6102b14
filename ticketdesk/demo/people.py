"""The demo's people: every department has a head, members and shifts. All of them sign in with the same password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from django.contrib.auth.hashers import make_password

from ticketdesk.accounts.models import Membership, Shift, Team, User
from ticketdesk.demo import DOMAIN, PASSWORD

Spans = Sequence[tuple[str, int, int]]
"""(days as digits, Monday is 0; from hour; to hour): an end that is not later than its start lies on the next day."""

DAILY: Spans = (("0123456", 8, 20),)
WEEKDAYS: Spans = (("01234", 9, 18),)
EARLY: Spans = (("01234", 7, 16),)
LATE: Spans = (("01234", 15, 0),)
NIGHT: Spans = (("0123456", 20, 8),)
WEEKEND: Spans = (("56", 8, 0),)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in as `login`@demo.ticketdesk.test. A star after a team: leads it; two: its head."""

    login: str
    name: str
    role: str
    language: str
    zone: str
    teams: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    shifts: Spans = ()
    capacity: int = 20
    about: str = ""

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.login}@{DOMAIN}"


TEAMS = {
    "front-line": ("一线客服 Front line", "front_line"), "senior": ("资深坐席 Senior desk", "senior"),
    "warehouse": ("仓储 Warehouse", "warehouse"), "logistics": ("物流 Logistics", "logistics"),
    "quality": ("质保 Quality", "quality"), "purchasing": ("采购 Purchasing", "purchasing"),
    "finance": ("财务风控 Finance", "finance"), "customs": ("关务 Customs", "customs"),
    "legal": ("法务 Legal", "legal"), "technical": ("技术 Technical", "technical"),
}  # fmt: skip

SHANGHAI, TAIPEI, NEW_YORK, BERLIN = "Asia/Shanghai", "Asia/Taipei", "America/New_York", "Europe/Berlin"
PEOPLE = (
    Person("admin", "陈思远", "administrator", "zh-hans", SHANGHAI, about="policies, people, keys"),
    Person("supervisor", "林月华", "supervisor", "zh-hans", SHANGHAI, ("front-line**", "senior*"),
           about="sees every team, rebalances, approves"),
    Person("supervisor2", "Daniel Weber", "supervisor", "en", BERLIN, ("senior**",), about="the same, in English"),
    Person("agent", "王小雨", "agent", "zh-hans", SHANGHAI, ("front-line",), ("zh-hans",),
           ("delivery_failed", "unreachable"), DAILY, 24, about="front line, Chinese"),
    Person("agent2", "李佳", "agent", "zh-hans", SHANGHAI, ("front-line", "warehouse"), ("zh-hans",),
           ("refused", "returning"), EARLY, about="front line, speaks for the warehouse"),
    Person("agent3", "赵敏", "agent", "zh-hans", SHANGHAI, ("front-line", "logistics"), ("zh-hans", "en"),
           ("overdue", "no_update"), (*LATE, *WEEKEND), about="front line, late and weekends"),
    Person("agent4", "Emma Clarke", "agent", "en", NEW_YORK, ("front-line", "customs", "logistics"), ("en",),
           ("customs_hold", "damaged"), DAILY, 24, about="front line, English"),
    Person("agent5", "Lucas Almeida", "agent", "en", "America/Sao_Paulo", ("front-line", "logistics", "warehouse"),
           ("en", "pt"), ("address_error",), NIGHT, about="front line, English, nights"),
    Person("agent6", "黃雅婷", "agent", "zh-hant", TAIPEI, ("front-line", "warehouse", "logistics"), ("zh-hant",),
           ("unclaimed",), DAILY, about="front line, Traditional Chinese"),
    Person("senior", "周启明", "agent", "zh-hans", SHANGHAI, ("senior", "front-line*", "finance"), ("zh-hans", "en"),
           ("lost", "damaged"), DAILY, 16, about="senior desk, leads the front line"),
    Person("senior2", "Sofia Rossi", "agent", "en", BERLIN, ("senior", "customs"), ("en",), ("lost",), WEEKDAYS, 16,
           about="senior desk, English"),
    Person("warehouse", "何建军", "contact", "zh-hans", SHANGHAI, ("warehouse**",), ("zh-hans",), (), DAILY, 30,
           about="warehouse contact"),
    Person("logistics", "孙立", "contact", "zh-hans", SHANGHAI, ("logistics**",), ("zh-hans",), (), DAILY, 30,
           about="logistics contact"),
    Person("customs", "郑晓岚", "contact", "zh-hans", SHANGHAI, ("customs**",), ("zh-hans", "en"), (), WEEKDAYS, 30,
           about="customs contact"),
    Person("finance", "许静", "contact", "zh-hans", SHANGHAI, ("finance**",), ("zh-hans",), (), WEEKDAYS, 30,
           about="finance contact"),
    Person("quality", "马超", "contact", "zh-hans", SHANGHAI, ("quality**",), ("zh-hans",), (), WEEKDAYS, 30,
           about="quality contact"),
    Person("purchasing", "高婷", "contact", "zh-hans", SHANGHAI, ("purchasing**",), ("zh-hans",), (), WEEKDAYS,
           about="purchasing contact"),
    Person("legal", "沈律", "contact", "zh-hans", SHANGHAI, ("legal**",), ("zh-hans",), (), WEEKDAYS,
           about="legal contact"),
    Person("technical", "罗宁", "contact", "zh-hans", SHANGHAI, ("technical**",), ("zh-hans",), (), WEEKDAYS,
           about="technical contact"),
    Person("auditor", "白桦", "readonly", "zh-hans", SHANGHAI, about="sees everything, changes nothing"),
)  # fmt: skip


def make_people() -> dict[str, User]:
    """Make teams, people, memberships and shifts; the people by login."""
    teams = {code: Team.objects.create(code=code, name=name, department=of) for code, (name, of) in TEAMS.items()}
    # One hash for all: hashing is slow on purpose, and nobody has a secret here.
    password = make_password(PASSWORD)
    users = {
        person.login: User(
            email=person.email, name=person.name, role=person.role, language=person.language, timezone=person.zone,
            skills=list(person.skills), languages=list(person.speaks), capacity=person.capacity, password=password,
            is_staff=person.role == "administrator", is_superuser=person.role == "administrator",
        )
        for person in PEOPLE
    }  # fmt: skip
    User.objects.bulk_create(users.values())
    for person in PEOPLE:
        for word in person.teams:
            team = teams[word.rstrip("*")]
            Membership.objects.create(user=users[person.login], team=team, lead=word.endswith("*"))
            if word.endswith("**"):
                team.head = users[person.login]
                team.save(update_fields=["head"])
    Shift.objects.bulk_create(
        Shift(user=users[person.login], weekday=int(day), starts=time(begins), ends=time(ends))
        for person in PEOPLE
        for days, begins, ends in person.shifts
        for day in days
    )
    return users
