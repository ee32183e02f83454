"""What an action reads is of one moment, until something is written."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy.exc import OperationalError

from actions.moment import one_moment, pass_by, reading
from erp_core.journal.context import Reader
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import NotFound
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.queries import all_customers
from erp_core.parties.service import add_customer
from erp_core.runtime import Bahi

_keys = count()


@pytest.fixture
def add(bahi: Bahi, business: int) -> Callable[[str], object]:
    """Adds a customer, as somebody else would meanwhile."""

    def add_one(name: str) -> object:
        return bahi.run(business, SYSTEM, f"add:{next(_keys)}", add_customer, name=name)

    return add_one


@pytest.fixture
def read(bahi: Bahi, business: int) -> Callable[[], list[str]]:
    """The customers' names, as an action reads them."""

    def names() -> list[str]:
        with reading(bahi, business, SYSTEM) as reader:
            return _names(reader)

    return names


def _names_now(bahi: Bahi, business: int) -> list[str]:
    with bahi.read(business) as reader:
        return _names(reader)


def _read_when_cut_off(bahi: Bahi, business: int) -> None:
    with reading(bahi, business, SYSTEM) as reader:
        _names(reader)
        _cut_off(reader)
        _names(reader)


def _cut_off(reader: Reader) -> None:
    """As when the server goes away."""
    with socket.socket(fileno=os.dup(reader.connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def _names(reader: Reader) -> list[str]:
    return [one.name for one in all_customers(reader)]


def test_two_readings_see_the_same_moment(add, read):
    add("Ravi")
    with one_moment():
        before = read()
        add("Ravi Kumar")
        assert read() == before
    assert len(read()) == len(before) + 1


def test_what_was_written_is_read_after_it(add, read):
    with one_moment():
        before = read()
        pass_by()
        add("Ravi")
        assert len(read()) == len(before) + 1


def test_what_is_read_around_a_write_stays_of_its_moment(bahi, business, add, read):
    with one_moment():
        with reading(bahi, business, SYSTEM) as outer:
            before = _names(outer)
            pass_by()
            add("Ravi")
            assert len(read()) == len(before) + 1
            assert _names(outer) == before
        assert len(read()) == len(before) + 1


def test_after_a_refusal_reading_goes_on(bahi, business, add, read):
    add("Ravi")
    with one_moment():
        before = read()
        with pytest.raises(NotFound), reading(bahi, business, SYSTEM):
            raise NotFound("customer_not_found")
        assert read() == before


def test_a_connection_lost_while_reading_is_what_is_told(bahi, business, read):
    with pytest.raises(OperationalError), one_moment():
        _read_when_cut_off(bahi, business)
    with one_moment():
        assert read() == _names_now(bahi, business)


def test_each_reads_as_who_acts(bahi, business):
    with one_moment(), reading(bahi, business, SYSTEM) as one:
        guest = Actor("guest", None)
        with reading(bahi, business, guest) as other:
            assert (one.actor, other.actor) == (SYSTEM, guest)


def test_another_business_is_read_by_itself(bahi, business, database, clock):
    other = register_business(database, clock, NewBusiness("Other", f"98{business}", "27"))
    ours, theirs = (reading(bahi, one, SYSTEM) for one in (business, other))
    with one_moment(), ours as first, theirs as second:
        assert (first.business_id, second.business_id) == (business, other)
