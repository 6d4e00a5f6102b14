"""Upserts: insert what is new, update what differs, touch nothing else."""

import pytest

from ticketdesk.outbox.bulk import Column

pytestmark = pytest.mark.django_db
TABLE = "orders_seller"
BLANK = dict.fromkeys(("country", "region", "city", "postcode", "name"), "")


@pytest.fixture
def upsert():
    from orders.services.upserting import find, write
    from tests import factories

    shop_id = factories.shop().pk

    def upsert(rows: dict[str, str | None], *, unseen: bool = False):
        keys = {"external_id": Column("text", list(rows))}
        found = find(TABLE, keys, constants={"shop_id": shop_id})
        ids = [None if unseen or row is None else row[0] for row in found]
        values = {"name": Column("text", list(rows.values()))}
        return write(TABLE, ids, keys, values, constants={"shop_id": shop_id}, defaults=BLANK)

    return upsert


def names() -> dict[str, str]:
    from orders.models import Seller

    return dict(Seller.objects.order_by("external_id").values_list("external_id", "name"))


def test_new_changed_and_same_rows_are_told_apart(upsert) -> None:
    first = upsert({"a": "Ann", "b": "Bob"})
    second = upsert({"b": "Bob", "c": "Cid", "a": "Eve"})
    assert (first.new, second.new, second.changed) == ({0, 1}, {1}, {2})
    assert second.touched == [second.ids[1], second.ids[2]]
    assert [second.ids[2], second.ids[0]] == first.ids
    assert names() == {"a": "Eve", "b": "Bob", "c": "Cid"}


def test_a_blank_keeps_what_is_stored_and_is_the_default_of_a_new_row(upsert) -> None:
    upsert({"a": "Ann"})
    again = upsert({"a": None, "b": None})
    assert (again.changed, names()) == (set(), {"a": "Ann", "b": ""})


def test_a_row_that_somebody_else_inserted_meanwhile_is_updated(upsert) -> None:
    first = upsert({"a": "Ann"})
    late = upsert({"a": "Eve", "b": "Bob"}, unseen=True)
    assert (late.ids[0], late.new, late.changed) == (first.ids[0], {1}, {0})
    assert names() == {"a": "Eve", "b": "Bob"}


def test_nothing_to_write_takes_no_statement(upsert, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert upsert({}).ids == []


def test_any_number_of_rows_takes_as_many_statements(upsert, django_assert_num_queries) -> None:
    upsert({f"k{n}": "old" for n in range(50)})
    with django_assert_num_queries(3):  # find, update, insert
        upsert({f"k{n}": "new" for n in range(100)})
