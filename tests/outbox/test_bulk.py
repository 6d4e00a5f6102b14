"""Array literals: whatever a value holds, the database reads back the same."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

pytestmark = pytest.mark.django_db
text = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def read_back(type_: str, values: list) -> list:
    source, parameters = bulk.unnest({"a": Column(type_, values)})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT a FROM {source}", parameters)
        return [row[0] for row in cursor.fetchall()]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.none() | text), st.lists(st.none() | moments), st.lists(st.none() | st.integers(-(2**63), 2**63 - 1))
)
def test_values_survive_the_way_into_the_database(texts, times, numbers) -> None:
    assert read_back("text", [*texts, "NULL", "", "{}", 'a"b\\c,d', "中文"]) == [
        *texts,
        "NULL",
        "",
        "{}",
        'a"b\\c,d',
        "中文",
    ]
    assert read_back("timestamptz", times) == times
    assert read_back("bigint", numbers) == numbers
