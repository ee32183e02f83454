"""A server that goes away for a moment is waited for; the key makes it safe to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Timer
from typing import Any

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.journal import commands
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.runtime import Bahi


class Outage:
    """Closes a database to all, as a server does while it restarts, and opens it again."""

    def __init__(self, server_url: str, name: str) -> None:
        self._server_url = server_url
        self._name = name

    def begin(self) -> None:
        self._execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        self._execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            f"WHERE datname = '{self._name}'"
        )

    def end(self) -> None:
        self._execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")

    def _execute(self, statement: str) -> None:
        with closing(psycopg2.connect(self._server_url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)


@pytest.fixture(scope="module")
def own_database(new_database: Callable[[], str]) -> Iterator[Database]:
    url = new_database()
    migrations.migrate(url, today=Clock().today())
    own = Database(url, pool_size=2)
    yield own
    own.close()


@pytest.fixture
def outage(database: Database, own_database: Database) -> Iterator[Outage]:
    outage = Outage(database.url, str(make_url(own_database.url).database))
    yield outage
    outage.end()


def step(ctx: Context) -> dict[str, Any]:
    ctx.record("step.done")
    return {"done": True}


def test_a_command_waits_for_the_server(
    own_database: Database, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "RETRY_PAUSES", (0.2,) * 300)
    business = register_business(own_database, Clock(), NewBusiness("Sharma", "1065", "27"))
    bahi = Bahi(own_database, Clock())
    outage.begin()
    Timer(0.6, outage.end).start()
    assert bahi.run(business, SYSTEM, "k", step) == {"done": True}


def test_a_server_that_stays_away_is_said_so(
    own_database: Database, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "RETRY_PAUSES", (0.01, 0.01))
    outage.begin()
    with pytest.raises(Unavailable) as refusal:
        Bahi(own_database, Clock()).run(1, SYSTEM, "k", step)
    assert refusal.value.code == "database_unreachable"
