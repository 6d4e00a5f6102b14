"""Clocks by API."""

import pytest

from sla.defaults import setup_defaults
from sla.models import Clock
from tests import factories as make
from tests.api.cast import post, with_key
from tests.clock import NOW
from tickets.models import Ticket
from tickets.services import NewTicket, open_ticket


@pytest.fixture
def clocks(cast) -> dict[str, Clock]:
    """The clocks of a ticket of team A and of one of team B, by metric."""
    setup_defaults()
    shop = make.shop(calendar_code="always")
    for team in (cast.team_a, cast.team_b):
        new = NewTicket(shop=shop, kind="consultation", channel="email", subject="Where?", grade=2, team=team)
        open_ticket(new=new, by=None, now=NOW)
    return {f"{clock.metric} {clock.team_id}": clock for clock in Clock.objects.all()}


def test_clocks_are_narrowed_by_ticket_metric_and_state(agent, cast, clocks):
    mine = clocks[f"first_response {cast.team_a.pk}"]
    asked = {"ticket": mine.ticket_id, "metric": "first_response", "state": "running"}
    found = agent.get("/api/v1/clocks/", asked).json()["results"]
    assert [clock["id"] for clock in found] == [mine.pk]
    assert (found[0]["team"], found[0]["calendar"]["code"], found[0]["late"]) == (cast.team_a.code, "always", False)
    assert agent.get("/api/v1/clocks/", {**asked, "state": "met"}).json()["results"] == []


def test_a_deadline_is_explained_step_by_step(agent, cast, clocks):
    mine = clocks[f"first_response {cast.team_a.pk}"]
    told = agent.get(f"/api/v1/clocks/{mine.pk}/explain/").json()
    assert told["clock"]["id"] == mine.pk
    assert [(period["cause"], period["seconds"]) for period in told["periods"]] == [("start", mine.target_s)]
    assert told["due_at"] == told["periods"][0]["until"]


def test_a_reply_by_api_stops_the_first_response_clock(agent, cast, clocks):
    mine = clocks[f"first_response {cast.team_a.pk}"]
    post(agent, f"tickets/{mine.ticket_id}/reply/", {"body": "We are on it."})
    assert agent.get(f"/api/v1/clocks/{mine.pk}/").json()["state"] == "met"


def test_clocks_of_tickets_that_are_not_seen_do_not_exist(cast, clocks, as_user):
    client, theirs = as_user(cast.agent_a), clocks[f"solution {cast.team_b.pk}"]
    assert client.get(f"/api/v1/clocks/{theirs.pk}/").status_code == 404
    assert client.get(f"/api/v1/clocks/{theirs.pk}/explain/").status_code == 404
    seen = {clock["ticket"] for clock in client.get("/api/v1/clocks/").json()["results"]}
    assert seen == set(Ticket.objects.filter(team=cast.team_a, clocks__isnull=False).values_list("pk", flat=True))
    assert client.get("/api/v1/clocks/", {"ticket": theirs.ticket_id}).json()["results"] == []


def test_a_supervisor_sees_every_clock(cast, clocks):
    assert len(with_key(cast.supervisor).get("/api/v1/clocks/").json()["results"]) == len(clocks) > 2
