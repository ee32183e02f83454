"""A shop to run commands on, with two customers."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from erp_core.kernel.actor import SYSTEM
from erp_core.parties.service import add_customer


@pytest.fixture
def run(bahi, business):
    """Run a command of the shop; each call has a key of its own."""
    keys = itertools.count()

    def run_command(command, /, *, actor=SYSTEM, **arguments):
        return bahi.run(business, actor, f"test:{next(keys)}", command, **arguments)

    return run_command


@pytest.fixture
def reader_of(bahi, business):
    """Open a reader of the shop: `with reader_of() as reader`, or as somebody."""

    def open_reader(actor=SYSTEM):
        return bahi.read(business, actor)

    return open_reader


@pytest.fixture
def ravi(run) -> UUID:
    return UUID(run(add_customer, name="Ravi Kumar", phone="919123456789")["customer_id"])


@pytest.fixture
def gupta(run) -> UUID:
    return UUID(run(add_customer, name="Gupta Stores", phone="919123456780")["customer_id"])
