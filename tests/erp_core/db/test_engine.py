"""The application only ever works as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from erp_core.db import migrate as migrations
from erp_core.db.engine import Database, UnsafeRole, sqlalchemy_url
from erp_core.db.rls import APP_ROLE
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable


@pytest.fixture(scope="module")
def migrated(new_database: Callable[[], str]) -> str:
    """The superuser's URL of a migrated database."""
    url = new_database()
    migrations.migrate(url, today=Clock().today())
    return url


@pytest.fixture
def login(migrated: str) -> Iterator[Callable[[str], str]]:
    """Makes logins with given attributes; gives the URL that each connects with."""
    made: list[str] = []

    def make(attributes: str) -> str:
        name = f"login_{uuid4().hex[:8]}"
        _execute(migrated, f"CREATE ROLE {name} LOGIN PASSWORD 'x' {attributes}")
        made.append(name)
        return _as(migrated, name)

    yield make
    for name in made:
        _execute(migrated, f"REASSIGN OWNED BY {name} TO CURRENT_USER")
        _execute(migrated, f"DROP OWNED BY {name}")
        _execute(migrated, f"DROP ROLE {name}")


def test_a_superusers_url_is_used_as_the_application_role(migrated: str) -> None:
    database = Database(migrated)
    with database.plain() as connection:
        role = connection.exec_driver_sql("SELECT current_user").scalar_one()
    database.close()
    assert role == APP_ROLE


def test_a_login_of_the_application_is_used_as_it_is(
    migrated: str, login: Callable[[str], str]
) -> None:
    url = login(f"IN ROLE {APP_ROLE}")
    database = Database(url)
    with database.tenant(1) as connection:
        role = connection.exec_driver_sql("SELECT current_user").scalar_one()
        connection.exec_driver_sql("SELECT count(*) FROM businesses")
    database.close()
    assert role == make_url(url).username


@pytest.fixture
def stand_in(
    migrated: str, login: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Makes a role with given attributes that takes the place of the application's."""

    def make(attributes: str) -> str:
        role = str(make_url(login(attributes)).username)
        monkeypatch.setattr("erp_core.db.engine.AS_APP_ROLE", f"-c role={role}")
        return role

    return make


def test_a_role_without_power_will_do(migrated: str, stand_in: Callable[[str], str]) -> None:
    stand_in("")
    Database(migrated).close()


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS"])
def test_it_does_not_start_with_a_role_that_could_bypass_security(
    migrated: str, stand_in: Callable[[str], str], attribute: str
) -> None:
    stand_in(attribute)
    with pytest.raises(UnsafeRole):
        Database(migrated)


@pytest.mark.parametrize("table", ["customers", "journal_events"])
def test_it_does_not_start_with_a_role_that_owns_a_table(
    migrated: str, stand_in: Callable[[str], str], table: str
) -> None:
    """An owner could switch the policies off."""
    _execute(migrated, f"ALTER TABLE {table} OWNER TO {stand_in('')}")
    with pytest.raises(UnsafeRole):
        Database(migrated)


def test_it_does_not_start_with_a_role_that_has_an_owners_rights(
    migrated: str, login: Callable[[str], str], stand_in: Callable[[str], str]
) -> None:
    owner = make_url(login("")).username
    _execute(migrated, f"ALTER TABLE customers OWNER TO {owner}")
    stand_in(f"IN ROLE {owner}")
    with pytest.raises(UnsafeRole):
        Database(migrated)


def test_the_owner_of_the_database_need_not_be_a_superuser(
    migrated: str, new_database: Callable[[], str], login: Callable[[str], str]
) -> None:
    """As on a managed server: one login that owns the database, migrates, and steps down."""
    owner = str(make_url(login("CREATEROLE")).username)
    superusers_url = new_database()
    _execute(migrated, f"GRANT {APP_ROLE} TO {owner} WITH {_what_a_creator_gets(migrated)}")
    _execute(migrated, f"ALTER DATABASE {make_url(superusers_url).database} OWNER TO {owner}")
    try:
        url = _as(superusers_url, owner)
        migrations.migrate(url, today=Clock().today())
        database = Database(url)
        with database.tenant(1) as connection:
            role = connection.exec_driver_sql("SELECT current_user").scalar_one()
        database.close()
        assert role == APP_ROLE
    finally:
        _execute(superusers_url, f"REASSIGN OWNED BY {owner} TO CURRENT_USER")
        _execute(superusers_url, f"DROP OWNED BY {owner}")


def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(Unavailable) as refusal:
        Database("postgresql://bahi@127.0.0.1:1/bahi")
    assert refusal.value.code == "database_unreachable"


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite:///x.db"])
def test_another_kind_of_database_is_said_so(url: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        sqlalchemy_url(url)
    assert refusal.value.code == "wrong_database_url"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_way_to_write_a_postgresql_url_is_understood(scheme: str) -> None:
    assert sqlalchemy_url(f"{scheme}://u:p@h/d") == "postgresql+psycopg2://u:p@h/d"


def _what_a_creator_gets(url: str) -> str:
    """What CREATE ROLE gives its creator: since 16, to administer the role but not to become it."""
    with closing(psycopg2.connect(url)) as connection:
        since_16 = connection.server_version >= 160000
    return "ADMIN TRUE, INHERIT FALSE, SET FALSE" if since_16 else "ADMIN OPTION"


def _as(url: str, user: str) -> str:
    return make_url(url).set(username=user, password="x").render_as_string(hide_password=False)


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
