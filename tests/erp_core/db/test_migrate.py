"""Migrating creates what is missing, again and again, also beside itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import Any

import psycopg2
import pytest

from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable
from erp_core.parties.bootstrap import NewBusiness, register_business


def test_four_processes_may_start_at_once(new_database: Callable[[], str]) -> None:
    url = new_database()
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(migrations.migrate, url, today=date(2026, 11, 20)) for _ in range(4)]
        assert [future.result() for future in futures] == [None] * 4


def test_the_journal_has_a_partition_for_each_month_two_years_ahead(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    migrations.migrate(url, today=date(2026, 1, 31))
    assert _partitions(url) == [
        "journal_events_2025_12",
        *(f"journal_events_{2026 + m // 12}_{m % 12 + 1:02d}" for m in range(25)),
        "journal_events_other",
    ]


def test_later_months_are_added_by_later_runs(new_database: Callable[[], str]) -> None:
    url = new_database()
    migrations.migrate(url, today=date(2026, 11, 20))
    migrations.migrate(url, today=date(2026, 12, 1))
    assert _partitions(url)[-2:] == ["journal_events_2028_12", "journal_events_other"]


def test_an_event_lies_in_its_months_partition(database: Database, business: int) -> None:
    found = _query(
        database.url,
        "SELECT tableoid::regclass::text, recorded_at FROM journal_events "
        f"WHERE business_id = {business}",
    )
    assert [name for name, _ in found] == [f"journal_events_{at:%Y_%m}" for _, at in found]


def test_a_month_that_events_were_kept_elsewhere_for_does_not_stop_a_run(
    new_database: Callable[[], str],
) -> None:
    """A clock far ahead writes into the partition for everything else; that month stays there."""
    url = new_database()
    migrations.migrate(url, today=date(2026, 11, 20))
    database = Database(url)
    register_business(
        database, Clock.starting("2030-05-05"), NewBusiness("Sharma Electronics", "1065", "27")
    )
    database.close()
    migrations.migrate(url, today=date(2030, 5, 20))
    partitions = _partitions(url)
    assert "journal_events_2030_04" in partitions
    assert "journal_events_2030_05" not in partitions
    assert "journal_events_2030_06" in partitions


def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(Unavailable) as refusal:
        migrations.migrate("postgresql://nobody@127.0.0.1:1/x", today=date(2026, 11, 20))
    assert refusal.value.code == "database_unreachable"


def _partitions(url: str) -> list[str]:
    found = _query(
        url,
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = 'journal_events'::regclass AND relkind = 'r' ORDER BY relname",
    )
    return [name for (name,) in found]


def _query(url: str, statement: str) -> list[Any]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
