"""Who gets a ticket: the team of its department, then the member with the least weighted load. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# A P1 keeps somebody busier than a P4.
WEIGHT = {1: 4, 2: 2, 3: 1, 4: 1}


@dataclass(slots=True)
class Desk:
    """One member of a team on shift, with the weighted load he already carries; choosing him adds to it."""

    user_id: int
    load: int
    capacity: int
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    @property
    def free(self) -> bool:
        """Whether he can take more."""
        return self.load < self.capacity


@dataclass(frozen=True, slots=True)
class Need:
    """What a ticket asks of whoever takes it."""

    grade: int
    language: str = ""
    skill: str = ""


@dataclass(slots=True)
class Roster:
    """The members of one team who are on shift now."""

    team_id: int
    desks: list[Desk] = field(default_factory=list)

    def choose(self, need: Need) -> int | None:
        """The user id of the best member, or None when nobody is free. The choice counts towards his load.

        Language and skill come first, then the least load in proportion to capacity, then the lower id (so that a
        repeated run chooses the same).
        """
        free = [desk for desk in self.desks if desk.free]
        if not free:
            return None
        best = min(free, key=lambda desk: (-_fit(desk, need), desk.load / desk.capacity, desk.user_id))
        best.load += WEIGHT[need.grade]
        return best.user_id


def _fit(desk: Desk, need: Need) -> int:
    speaks = bool(need.language) and need.language in desk.languages
    can = bool(need.skill) and need.skill in desk.skills
    return 2 * speaks + can


def team_for(
    department: str, teams: Sequence[tuple[int, str]], fallback: Iterable[str] = ("front_line", "senior")
) -> int | None:
    """Id of the first team of `department` in `teams` [(id, department)], else of a fallback department, else None."""
    for wanted in (department, *fallback):
        for team_id, of in teams:
            if of == wanted:
                return team_id
    return None
