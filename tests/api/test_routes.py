"""What holds for every address: nothing slips in without scopes, strict bodies and a way to repeat it."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import serializers

from tests.api.cast import fields_of, post
from ticketdesk.api.serializers import StrictSerializer
from ticketdesk.api.views import DeskView, NotThere


def routes(patterns, prefix="") -> Iterator[tuple[str, type, dict[str, str], dict]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        elif isinstance(each, URLPattern) and prefix.startswith("api/v1/") and hasattr(each.callback, "cls"):
            actions = getattr(each.callback, "actions", {})
            yield prefix + str(each.pattern), each.callback.cls, actions, getattr(each.callback, "initkwargs", {})


ROUTES = [route for route in routes(get_resolver().url_patterns) if issubclass(route[1], DeskView)]
WRITES = [
    pytest.param(address, getattr(view, name), id=f"{method} {address}")
    for address, view, actions, _ in ROUTES
    for method, name in actions.items()
    if method not in ("get", "head")
]


def test_there_are_routes_and_all_but_the_documents_are_desk_views():
    others = {view.__name__ for _, view, _, _ in routes(get_resolver().url_patterns) if not issubclass(view, DeskView)}
    assert len(ROUTES) > 20
    assert others == {"SpectacularAPIView", "SpectacularSwaggerSplitView", NotThere.__name__}


@pytest.mark.parametrize(("address", "view", "actions", "kwargs"), ROUTES)
def test_every_method_declares_the_scope_it_asks_for(address, view, actions, kwargs):
    assert all(view.required_scopes.get(method.upper()) for method in actions if method != "head")


@pytest.mark.parametrize(("address", "handler"), WRITES)
def test_every_write_is_one_transaction_that_may_be_repeated(address, handler):
    assert handler.repeatable


def strict(kind: type) -> Iterator[type[StrictSerializer]]:
    for each in kind.__subclasses__():
        yield each
        yield from strict(each)


@pytest.mark.parametrize("kind", sorted(strict(StrictSerializer), key=lambda kind: kind.__name__))
def test_every_input_refuses_what_it_does_not_know_and_what_is_read_only(kind):
    fields = kind().fields
    read_only = getattr(kind.answers, "_declared_fields", {}).keys() - fields.keys()
    for name in {"is_staff", "sla_due_at", "dedupe_key", "api_key.scopes", *read_only} - fields.keys():
        serializer = kind(data={name: 1}, partial=True, context={"request": None})
        assert not serializer.is_valid()
        assert ("read-only" in str(serializer.errors[name][0])) == (name in read_only)


def test_every_field_that_is_taken_in_has_an_end():
    """No text without a longest length, no number without a largest: what is let through must fit its column."""
    for kind in strict(StrictSerializer):
        for name, field in kind().fields.items():
            if isinstance(field, serializers.CharField):
                assert field.max_length, (kind, name)
            elif isinstance(field, serializers.IntegerField | serializers.DecimalField):
                assert field.max_value is not None or field.max_digits, (kind, name)
            elif isinstance(field, serializers.ListField):
                assert field.max_length, (kind, name)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("tickets/", ["team_id", "level", "sla_due_at", "closed_at", "dedupe_key", "created_by"]),
        ("tickets/{}/accept/", ["assignee", "status", "closed_at"]),
        ("tickets/{}/reply/", ["author", "at", "kind"]),
        ("orders/", ["id", "status", "version", "customer_id", "open_anomalies"]),
        ("shipments/", ["status", "flags", "delivered_at", "version"]),
        ("tracking-events/", ["received_at", "withdrawn_at", "source"]),
    ],
)
def test_mass_assignment_is_refused_name_by_name(agent, cast, address, names):
    response = post(agent, address.format(cast.ticket_a.pk), dict.fromkeys(names, 1))
    assert response.status_code == 400
    assert set(names) <= fields_of(response)


def test_ten_thousand_wrong_names_get_a_short_answer(agent):
    response = post(agent, "tickets/", {f"name{number}" * 20: 1 for number in range(5000)})
    assert response.status_code == 400
    assert len(response.content) < 20_000
