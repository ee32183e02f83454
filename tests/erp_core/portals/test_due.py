"""Returns that are due: the table, and the owner who is reminded by day and not by night."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select, update

from erp_core.journal.models import outbox
from erp_core.parties.models import businesses
from erp_core.portals import due, periods, profile


@pytest.mark.parametrize(
    ("kind", "state", "day", "forms"),
    [
        ("monthly", "27", date(2026, 12, 11), ["GSTR-1"]),
        ("monthly", "27", date(2026, 12, 20), ["GSTR-3B"]),
        ("monthly", "27", date(2026, 12, 13), []),
        ("quarterly", "27", date(2026, 10, 13), ["GSTR-1"]),
        ("quarterly", "27", date(2026, 11, 13), []),
        ("quarterly", "27", date(2026, 10, 22), ["GSTR-3B"]),
        ("quarterly", "27", date(2026, 11, 25), ["PMT-06"]),
        ("quarterly", "27", date(2026, 10, 25), []),
        ("quarterly", "09", date(2026, 10, 22), []),
        ("quarterly", "09", date(2026, 10, 24), ["GSTR-3B"]),
        ("composition", "27", date(2026, 10, 18), ["CMP-08"]),
        ("composition", "27", date(2026, 11, 18), []),
        ("composition", "27", date(2026, 6, 30), ["GSTR-4"]),
        ("composition", "27", date(2026, 4, 30), []),
        ("composition", "27", date(2024, 4, 30), ["GSTR-4"]),
    ],
)
def test_the_last_days(kind, state, day, forms):
    assert [one.form for one in periods._due_on(day, kind, state)] == forms


def test_a_period_is_the_one_that_is_over():
    (one,) = periods._due_on(date(2026, 12, 11), "monthly", "27")
    assert (one.start, one.end, one.period) == (date(2026, 11, 1), date(2026, 11, 30), "11-2026")
    (one,) = periods._due_on(date(2027, 1, 13), "quarterly", "27")
    assert one.period == "10-2026…12-2026"
    (one,) = periods._due_on(date(2026, 6, 30), "composition", "27")
    assert (one.start, one.end) == (date(2025, 4, 1), date(2026, 3, 31))


def told(shop):
    with shop.bahi.database.tenant(shop.business) as connection:
        rows = connection.execute(select(outbox.c.response, outbox.c.facts).order_by(outbox.c.id))
        facts = [json.loads(row.facts) for row in rows if row.response == due.DUE]
        return [(one["form"], one["days"]) for one in facts]


def test_the_owner_is_told_three_days_and_one_day_before_and_on_the_day(shop):
    shop.bill()
    for _ in range(24 * 25):
        shop.clock.forward(hours=1)
        shop.work()
    assert told(shop) == [
        ("GSTR-1", 3), ("GSTR-1", 1), ("GSTR-1", 0),
    ]  # fmt: skip


def test_at_night_nobody_is_told(shop):
    shop.bill()
    shop.clock.forward(days=19, hours=11)
    shop.work()
    assert told(shop) == []
    shop.clock.forward(hours=11)
    shop.work()
    assert told(shop) == [("GSTR-1", 1)]


def test_who_wants_no_reminders_gets_none(shop):
    shop.bill()
    shop.run(profile.set_profile, reminds=False)
    for _ in range(25):
        shop.clock.forward(days=1)
        shop.work()
    assert told(shop) == []


def test_a_shop_that_is_not_registered_has_no_returns(shop):
    with shop.bahi.database.tenant(shop.business) as connection:
        connection.execute(
            update(businesses).where(businesses.c.id == shop.business).values(gstin=None)
        )
    with shop.read() as reader:
        assert periods.returns_due(reader, date(2026, 12, 11)) == []


def test_a_large_shop_is_warned_of_the_thirty_days(shop):
    shop.run(profile.set_profile, turnover_paise=12 * 1_00_00_000_00)
    shop.world.inactive.add("29AAGCB7383J1Z4")
    shop.bill()
    shop.work()
    for _ in range(33):
        shop.clock.forward(days=1)
        shop.work()
    with shop.bahi.database.tenant(shop.business) as connection:
        rows = connection.execute(select(outbox.c.response, outbox.c.facts).order_by(outbox.c.id))
        days = [json.loads(row.facts)["days"] for row in rows if row.response == due.DEADLINE]
    assert days == [15, 7, 3, 1, 0]
