from datetime import UTC, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from ticketdesk.accounts.models import Membership, Shift, Team, User

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.com", "a long passphrase", name="Ann")


def test_two_addresses_that_differ_in_case_are_the_same_person(ann):
    assert User.objects.get_by_natural_key("ANN@Example.com") == ann
    with pytest.raises(IntegrityError):
        User.objects.create(email="Ann@EXAMPLE.com", name="Another")


def test_the_database_refuses_an_address_in_capitals_written_past_the_field(ann):
    with pytest.raises(IntegrityError, match="user_email_is_lowercase"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = upper(email) WHERE id = %s", [ann.pk])


def test_a_person_without_an_address_is_refused():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_a_person_without_a_password_cannot_sign_in():
    assert not User.objects.create_user("bot@example.com").has_usable_password()


def test_a_superuser_is_an_administrator_with_the_data_pages():
    root = User.objects.create_superuser("root@example.com", "a long passphrase", name="Root")
    assert (root.is_administrator, root.is_supervisor, root.is_staff, root.role) == (True, True, True, "administrator")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "+25:00", "localtime", "../etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused(ann, zone):
    ann.timezone = zone
    with pytest.raises(ValidationError):
        ann.clean_fields()


@pytest.mark.parametrize("column", ["role", "language"])
def test_the_database_refuses_an_unknown_role_or_language(ann, column):
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=ann.pk).update(**{column: "klingon"})


def test_teams_and_departments_cost_one_query(ann, django_assert_num_queries):
    for code, department, lead in [("b", "logistics", True), ("a", "logistics", False), ("c", "finance", False)]:
        team = Team.objects.create(code=code, name=code, department=department)
        Membership.objects.create(user=ann, team=team, lead=lead)
    ids = {team.code: team.pk for team in Team.objects.all()}
    with django_assert_num_queries(1):
        assert ann.team_ids == sorted(ids.values())
        assert ann.departments == ["finance", "logistics"]
        assert ann.led_team_ids == [ids["b"]]


def test_nobody_is_twice_in_one_team(ann):
    team = Team.objects.create(code="a", name="A", department="legal")
    Membership.objects.create(user=ann, team=team)
    with pytest.raises(IntegrityError):
        Membership.objects.create(user=ann, team=team)


def test_on_shift_finds_available_people_within_their_hours_in_two_queries(ann, django_assert_num_queries):
    late = User.objects.create_user("late@example.com", name="Late")
    Shift.objects.create(user=late, weekday=0, starts=time(14), ends=time(22))
    early = User.objects.create_user("early@example.com", name="Early")
    Shift.objects.create(user=early, weekday=0, starts=time(8), ends=time(16))
    User.objects.create_user("away@example.com", name="Away", available=False)
    User.objects.create_user("left@example.com", name="Left", is_active=False)
    with django_assert_num_queries(2):
        assert User.objects.on_shift(NOW) == [ann, early]


def test_members_of_a_team_are_found(ann):
    team = Team.objects.create(code="a", name="A", department="legal")
    Membership.objects.create(user=ann, team=team)
    User.objects.create_user("other@example.com")
    assert list(User.objects.of_team(team.pk)) == [ann]
