"""A queue is emptied beside those who fill it; a report is of one moment."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from erp_core.parties.models import businesses
from erp_core.runtime import Bahi


def rename(connection, business: int, name: str) -> None:
    connection.execute(update(businesses).where(businesses.c.id == business).values(name=name))


def test_what_others_wrote_meanwhile_is_seen_and_can_be_changed(bahi: Bahi, business: int) -> None:
    with bahi.tend(business) as reader:
        reader.connection.execute(select(businesses.c.name)).all()
        with bahi.database.tenant(business) as other:
            rename(other, business, "Theirs")
        assert reader.connection.execute(select(businesses.c.name)).scalar_one() == "Theirs"
        rename(reader.connection, business, "Ours")
    with bahi.read(business) as reader:
        assert reader.connection.execute(select(businesses.c.name)).scalar_one() == "Ours"


def test_a_reader_of_one_moment_sees_that_moment_alone(bahi: Bahi, business: int) -> None:
    with bahi.read(business) as reader:
        before = reader.connection.execute(select(businesses.c.name)).scalar_one()
        with bahi.database.tenant(business) as other:
            rename(other, business, "Theirs")
        assert reader.connection.execute(select(businesses.c.name)).scalar_one() == before
        with pytest.raises(OperationalError):
            rename(reader.connection, business, "Ours")
