"""Real servers for each test process, and a new business for each test.

DATABASE_URL and REDIS_URL choose other servers than the embedded ones; each test process then works
in a database and a Redis index of its own there.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from redis import Redis
from sqlalchemy import delete

from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.journal.models import due_work
from erp_core.kernel.clock import Clock
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.runtime import Bahi
from erp_core.stores import Stores

TODAY = date(2026, 11, 20)

settings.register_profile(
    "bahi",
    # How long an example takes says more about the machine than about the code.
    deadline=None,
    # The gate has the same examples each time, so that a change is refused for what it does alone.
    # Desks search on, and so does BAHI_HISTORIES, which is set to search for longer.
    derandomize="CI" in os.environ and "BAHI_HISTORIES" not in os.environ,
    # A shop outlives an example, as it does a day.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("bahi")

LONGEST = (
    "test_year.py",
    "test_benchmarks.py",
    "test_joint.py",
    "test_dialogues.py",
    "test_crash.py",
    "test_rasa_commands.py",
    "test_processes.py",
    "test_rollout.py",
    "test_random_months.py",
    "test_state_machine.py",
    "test_floors.py",
)
"""Files that take minutes. Side by side, one that came last would have others wait for it."""

_numbers = itertools.count(10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, else in their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@dataclass(frozen=True)
class Urls:
    """Where this test process finds its own PostgreSQL database and Redis index."""

    database: str
    redis: str


@pytest.fixture(scope="session")
def stores(worker_id: str) -> Iterator[Urls]:
    with contextlib.ExitStack() as stack:
        given_database, given_redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        embedded = Stores(
            stack.enter_context(_short_folder()),
            postgres=not given_database,
            redis=not given_redis,
        )
        stack.enter_context(embedded)
        yield Urls(
            database=stack.enter_context(_own_database(given_database, worker_id))
            if given_database
            else embedded.urls["database_url"],
            redis=_own_index(given_redis, worker_id) if given_redis else embedded.urls["redis_url"],
        )


@pytest.fixture(scope="session")
def database(stores: Urls) -> Iterator[Database]:
    with _one_at_a_time():
        migrations.migrate(stores.database, today=TODAY)
    database = Database(stores.database, pool_size=20)
    yield database
    database.close()


@pytest.fixture
def redis(stores: Urls) -> Iterator[Redis[bytes]]:
    """An empty Redis."""
    client = Redis.from_url(stores.redis)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def clock() -> Clock:
    return Clock.starting("2026-11-20T12:00:00")


@pytest.fixture
def bahi(database: Database, clock: Clock) -> Bahi:
    return Bahi(database, clock)


@pytest.fixture
def nothing_due(database: Database) -> None:
    """A round of jobs takes the longest due: what other tests left would come before ours."""
    with database.plain() as connection:
        connection.execute(delete(due_work))


@pytest.fixture
def business(database: Database, clock: Clock, nothing_due: None) -> int:
    new = NewBusiness(
        "Sharma Electronics",
        str(next(_numbers)),
        "27",
        gstin="27AAPFU0939F1ZV",
        upi_vpa="sharma@okaxis",
        address="12, Laxmi Road, Pune 411030",
    )
    return register_business(database, clock, new)


@contextlib.contextmanager
def _short_folder() -> Iterator[Path]:
    """Not pytest's own: its path is long for a socket, and private against PostgreSQL's user."""
    folder = Path(tempfile.mkdtemp(prefix="bahi-tests-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _own_database(url: str, worker_id: str) -> Iterator[str]:
    name = f"bahi_test_{worker_id}_{os.getpid()}"
    _execute(url, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def _own_index(url: str, worker_id: str) -> str:
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def _execute(url: str, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Roles belong to the whole server: two databases of one server are not migrated at once."""
    with (Path(tempfile.gettempdir()) / f"bahi-tests-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
