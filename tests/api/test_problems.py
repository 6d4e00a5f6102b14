"""Refusals as problem+json."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError, OperationalError
from rest_framework.exceptions import ErrorDetail, ValidationError

from ticketdesk.api.problems import problem, told


@pytest.mark.parametrize(
    ("text", "code", "message", "remedy"),
    [
        ("It is late. Choose a later one.", "", "It is late.", "Choose a later one."),
        ("时间已过。请另选时间。", "", "时间已过。", "请另选时间。"),
        ("This field is required.", "required", "This field is required.", "Add this field."),
        ("Odd", "", "Odd", "Correct it and send it again."),
        ("More than 1.5 of it. Take less. Or more.", "", "More than 1.5 of it.", "Take less. Or more."),
    ],
)
def test_the_second_sentence_of_a_message_is_its_remedy(text, code, message, remedy):
    assert told("due_by", text, code) == {"field": "due_by", "message": message, "remedy": remedy}


def test_errors_are_named_by_their_path():
    detail = {"lines": [{}, {"qty": [ErrorDetail("Too few.", "min_value")]}], "non_field_errors": ["Both."]}
    body = problem(ValidationError(detail), {}).data
    assert [error["field"] for error in body["errors"]] == ["lines.1.qty", ""]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DataError("integer out of range"), 400),
        (IntegrityError("duplicate key value"), 409),
        (OperationalError("canceling statement due to statement timeout"), 503),
        (RequestDataTooBig(), 413),
        (ZeroDivisionError("somewhere inside"), 500),
    ],
)
def test_no_word_of_what_went_wrong_inside_goes_out(error, status):
    response = problem(error, {})
    assert response.status_code == response.data["status"] == status
    assert str(error) not in str(response.data) or not str(error)


def test_who_comes_at_a_bad_time_is_told_when_to_come_back():
    assert problem(OperationalError(), {})["Retry-After"] == "2"
