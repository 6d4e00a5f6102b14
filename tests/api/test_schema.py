"""The OpenAPI document and its page."""

import re
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def document():
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def operations(document):
    return [
        (f"{method} {path}", each) for path, methods in document["paths"].items() for method, each in methods.items()
    ]


def test_the_document_is_made_without_warnings_and_valid(document):
    validate_schema(document)
    assert document["openapi"].startswith("3.1")


def test_every_operation_says_what_it_is_for_and_how_it_refuses(document):
    for name, operation in operations(document):
        assert operation.get("summary"), name
        assert {"400", "401", "403", "429"} <= operation["responses"].keys(), name
        assert "application/problem+json" in operation["responses"]["400"]["content"], name


def test_every_write_may_be_repeated(document):
    for name, operation in operations(document):
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert ("Idempotency-Key" in names) == (not name.startswith("get")), name


def test_lists_name_their_filters(document):
    names = {parameter["name"] for parameter in document["paths"]["/api/v1/tickets/"]["get"]["parameters"]}
    assert {"status", "grade", "team", "assignee", "order", "anomaly_code", "shop", "late", "q", "cursor"} <= names


def test_what_can_be_sent_comes_with_an_example(document):
    for path in ("orders", "shipments", "tracking-events", "tickets"):
        body = document["paths"][f"/api/v1/{path}/"]["post"]["requestBody"]["content"]["application/json"]
        assert body.get("examples"), path


def test_the_document_that_is_served_is_the_one_that_was_checked(client, db, document):
    for _ in range(2):
        assert yaml.safe_load(client.get("/api/v1/schema/").content) == document


def test_the_page_holds_nothing_that_a_strict_policy_forbids(client, db):
    reply = client.get("/api/v1/docs/")
    page = reply.content.decode()
    assert reply.status_code == 200
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert page.count("<script ") == page.count("<script src=") > 0 and "<script>" not in page
    assert "'unsafe" not in reply["Content-Security-Policy"]


def test_the_script_of_the_page_is_a_script(client, db):
    reply = client.get("/api/v1/docs/?script=")
    assert reply["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in reply.content.decode()
