"""Names kept ready between turns are always those of the database."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.journal.context import Context, Reader
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.latest import Latest
from erp_core.kernel.matching import CERTAIN, EXACT, NameIndex, search_key
from erp_core.parties import name_search, queries, service
from erp_core.parties.bootstrap import NewBusiness, register_business

TELEPHONES = iter(range(70_000, 80_000))
names = st.text(min_size=1, max_size=24).filter(search_key)


def found(reader, text):
    return [match.item.name for match in queries.find_customers(reader, text)]


@pytest.fixture
def tenant(database, business, clock):
    """Open one transaction after another on the business."""

    def open_one(number: int = business):
        return database.tenant(number)

    return open_one


class Undone(Exception):
    """Ends a transaction without a trace."""


def context(connection, business, clock):
    return Context(connection, business, SYSTEM, clock.now())


def test_a_new_name_is_found_at_once_and_later(tenant, business, clock):
    for name in ("Ravi Kumar", "Ravi Shankar"):
        with tenant() as connection:
            ctx = context(connection, business, clock)
            assert name not in found(ctx, "ravi")
            service.add_customer(ctx, name=name)
            assert name in found(ctx, "ravi")
    with tenant() as connection:
        assert found(context(connection, business, clock), "ravi") == ["Ravi Kumar", "Ravi Shankar"]


def test_a_name_that_was_rolled_back_is_not_found(tenant, business, clock):
    with tenant() as connection:
        service.add_customer(context(connection, business, clock), name="Ravi Kumar")
    with suppress(Undone), tenant() as connection:
        ctx = context(connection, business, clock)
        service.add_customer(ctx, name="Ravi Shankar")
        assert len(found(ctx, "ravi")) == 2
        raise Undone
    with tenant() as connection:
        assert found(context(connection, business, clock), "ravi") == ["Ravi Kumar"]


def test_a_name_that_changed_is_found_by_the_new_one_alone(tenant, business, clock):
    with tenant() as connection:
        ctx = context(connection, business, clock)
        customer_id = UUID(service.add_customer(ctx, name="Ravi Kumar")["customer_id"])
        assert found(ctx, "ravi") == ["Ravi Kumar"]
        service.change_customer(ctx, customer_id=customer_id, name="Suresh Kumar")
        assert found(ctx, "ravi") == []
        assert found(ctx, "suresh") == ["Suresh Kumar"]


def test_names_of_one_business_are_not_those_of_another(tenant, database, business, clock):
    other = register_business(database, clock, NewBusiness("Other", str(next(TELEPHONES)), "27"))
    with tenant() as connection:
        service.add_customer(context(connection, business, clock), name="Ravi Kumar")
    with tenant(other) as connection:
        service.add_customer(context(connection, other, clock), name="Suresh")
        assert found(context(connection, other, clock), "ravi") == []
    with tenant() as connection:
        assert found(context(connection, business, clock), "ravi") == ["Ravi Kumar"]


def test_what_is_kept_is_bounded(monkeypatch, tenant, database, clock):
    kept = Latest(3, weight=lambda one: len(one[1]))
    monkeypatch.setattr(name_search, "_kept", kept)
    for number in range(4):
        business = register_business(
            database, clock, NewBusiness("Other", str(next(TELEPHONES)), "27")
        )
        with tenant(business) as connection:
            ctx = context(connection, business, clock)
            for name in ("Ravi", "Suresh"):
                service.add_customer(ctx, name=f"{name} {number}")
            assert found(ctx, "ravi") == [f"Ravi {number}"]
        assert 2 <= kept.total <= 3


def test_without_a_name_nothing_is_found(tenant, business, clock):
    with tenant() as connection:
        reader = Reader(connection, business, SYSTEM, clock.now())
        assert found(reader, "ravi") == []
        assert queries.find_vendors(reader, "ravi") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Pooja madam", "पूजा मैडम"),
        ("Patil Construction", "पाटिल कंस्ट्रक्शन"),
        ("St Mary School", "सेंट मैरी स्कूल"),
        ("Shwetha Rao", "श्वेता राव"),
    ],
)
def test_a_name_of_two_words_is_found_in_hindi_letters(tenant, business, clock, name, said):
    with tenant() as connection:
        ctx = context(connection, business, clock)
        service.add_customer(ctx, name=name)
        service.add_customer(ctx, name="Mehta Stores")
        best = queries.find_customers(ctx, said)
        assert [match.item.name for match in best if match.score >= CERTAIN] == [name]


@given(st.lists(names, max_size=8), names)
def test_a_name_finds_its_owner_among_any_others(others, name):
    key = search_key(name)
    index = NameIndex([*((search_key(one), one) for one in others), (key, name)])
    best = index.rank(key, limit=20)
    assert name in [match.item for match in best if match.score == EXACT]


@given(st.lists(names, max_size=8), st.text(max_size=30))
def test_anything_may_be_asked_for(others, text):
    index = NameIndex((search_key(one), one) for one in others)
    matches = index.rank(search_key(text), limit=5)
    scores = [match.score for match in matches]
    assert len(matches) <= 5
    assert scores == sorted(scores, reverse=True)
    assert len({match.item for match in matches}) == len(matches)
    assert all(60 <= score <= 100 for score in scores)
    assert not scores or min(scores) >= CERTAIN or max(scores) < CERTAIN


def test_a_title_alone_means_whoever_bears_it(tenant, business, clock):
    with tenant() as connection:
        ctx = context(connection, business, clock)
        for name in ("Pandit Ramesh Shastri", "Dr Mehta", "Verma aunty", "Sharma ji", "Pandey"):
            service.add_customer(ctx, name=name)
        said = ("panditji", "पंडित जी", "doctor sahab", "aunty ji")
        assert [found(ctx, one)[:1] for one in said] == [
            ["Pandit Ramesh Shastri"], ["Pandit Ramesh Shastri"], ["Dr Mehta"], ["Verma aunty"],
        ]  # fmt: skip
        service.add_customer(ctx, name="Gupta aunty")
        assert sorted(found(ctx, "aunty")) == ["Gupta aunty", "Verma aunty"]
        assert found(ctx, "verma aunty") == ["Verma aunty"]
        assert "Sharma ji" not in found(ctx, "bhai ji")


def test_a_letter_of_an_address_is_called_by_no_other_word():
    index = NameIndex([("puja", 1), ("puja e", 1)])
    assert [index.rank(search_key(said), limit=5) for said in ("kml", "eraser", "karo")] == [
        [],
        [],
        [],
    ]
    assert [match.item for match in index.rank("puja", limit=5)] == [1]
