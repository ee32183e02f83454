"""Tenancy is the database's job: every table is found in the catalogue, and each is tried.

Nothing here knows a table by name, so a table that is added tomorrow is tested tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors, sql

from erp_core.db import migrate as migrations
from erp_core.db.rls import APP_ROLE, TENANT_SETTING
from erp_core.db.schema import metadata
from erp_core.kernel.clock import Clock

OURS, THEIRS = 901, 902

LEAKPROOF_TYPES = {"int8", "int4", "int2", "text", "uuid", "bool", "date", "timestamptz", "bytea"}
"""Comparisons of other types may not run before the policy, so an index on them is never used."""

EXAMPLES = {
    "int8": "{n}",
    "int4": "1",
    "int2": "1",
    "text": "'example {n}'",
    "uuid": "'00000000-0000-7000-8000-{n:012d}'",
    "bool": "true",
    "date": "'2026-11-20'",
    "timestamptz": "'2026-11-20T10:00:00Z'",
    "numeric": "1",
    "bytea": "'\\x00'",
    "jsonb": "'{{}}'",
}

TENANT_TABLES = """
SELECT relname, a.attname
FROM pg_class c
JOIN pg_namespace n ON n.oid = relnamespace AND nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid
  AND a.attname = CASE WHEN relname = 'businesses' THEN 'id' ELSE 'business_id' END
WHERE relkind IN ('r', 'p') ORDER BY relname
"""


@pytest.fixture(scope="module")
def admin(new_database: Callable[[], str]) -> Iterator[psycopg2.extensions.connection]:
    """A superuser's connection to a freshly migrated database."""
    url = new_database()
    migrations.migrate(url, today=Clock().today())
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def tenant_tables(admin: psycopg2.extensions.connection) -> dict[str, str]:
    """Every table with a tenant, partitions included → its tenant column."""
    return dict(_rows(admin, TENANT_TABLES))


@pytest.fixture(scope="module")
def filled(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> Iterator[psycopg2.extensions.connection]:
    """One row of OURS and one of THEIRS in every table, and a session of the application's role.

    Rules other than tenancy (checks, foreign keys) are lifted, so that it is the policy alone that
    refuses; rights on partitions are given that the application does not have.
    """
    _lift_checks(admin)
    _execute(admin, "SET session_replication_role = replica")
    for table, tenant in tenant_tables.items():
        if not _is_partition(admin, table):
            for business in (OURS, THEIRS):
                _execute(admin, _insert(admin, table, tenant, business))
    _execute(admin, "SET session_replication_role = DEFAULT")
    for table in tenant_tables:
        if _is_partition(admin, table):
            _execute(admin, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
    with closing(psycopg2.connect(admin.dsn)) as connection:
        connection.autocommit = False
        yield connection


def test_it_finds_the_tables(tenant_tables: dict[str, str]) -> None:
    declared = {name for name, table in metadata.tables.items() if table.info.get("tenant")}
    assert declared <= set(tenant_tables)
    assert {"businesses", "users", "customers", "journal_events", "outbox"} <= declared
    assert len([name for name in tenant_tables if name.startswith("journal_events_2")]) == 26


def test_no_other_table_holds_a_tenants_data(admin: psycopg2.extensions.connection) -> None:
    without = _rows(
        admin,
        """
        SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p') AND relname <> 'businesses'
          AND NOT EXISTS (SELECT FROM pg_attribute
                          WHERE attrelid = c.oid AND attname = 'business_id')
        """,
    )
    assert {name for (name,) in without} == {
        "alembic_version", "number_directory", "due_work", "gateway_directory"
    }  # fmt: skip


def test_row_level_security_is_enabled_and_forced(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    secured = _rows(
        admin,
        """
        SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'public' AND relrowsecurity AND relforcerowsecurity
        """,
    )
    assert {name for (name,) in secured} == set(tenant_tables)


def test_one_policy_guards_reads_and_writes(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    policies = _rows(
        admin,
        """
        SELECT relname, polcmd, polpermissive, polroles,
               pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
        FROM pg_policy JOIN pg_class c ON c.oid = polrelid
        """,
    )
    assert sorted(row[0] for row in policies) == sorted(tenant_tables)
    for table, command, permissive, roles, using, with_check in policies:
        assert (command, permissive, roles) == ("*", True, [0]), table
        assert using == with_check, table
        assert using.startswith(f"({tenant_tables[table]} = ("), table
        assert f"NULLIF(current_setting('{TENANT_SETTING}'::text, true), ''::text)" in using, table


def test_an_index_starts_with_the_tenant(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    led = _rows(
        admin,
        """
        SELECT DISTINCT c.relname, a.attname FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisvalid AND i.indpred IS NULL
        """,
    )
    assert set(tenant_tables.items()) <= set(led)


def test_every_index_starts_with_the_tenant(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    """A unique one that did not would also tell that another business has the value."""
    first_columns = _rows(
        admin,
        """
        SELECT c.relname, i.indexrelid::regclass::text, a.attname FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace AND nspname = 'public'
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        """,
    )
    strays = [
        (table, index)
        for table, index, column in first_columns
        if table in tenant_tables and column != tenant_tables[table]
    ]
    assert strays == []


def test_indexed_columns_compare_without_leaks(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    indexed = _rows(
        admin,
        """
        SELECT c.relname, i.indexrelid::regclass::text, a.attname, t.typname FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace AND nspname = 'public'
        JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts
        JOIN pg_type t ON t.oid = a.atttypid
        """,
    )
    leaky = [row for row in indexed if row[0] in tenant_tables and row[3] not in LEAKPROOF_TYPES]
    assert leaky == []


def test_the_leakproof_types_are(admin: psycopg2.extensions.connection) -> None:
    leakproof = _rows(
        admin,
        """
        SELECT typname FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
        JOIN pg_type t ON t.oid = o.oprleft
        WHERE oprname = '=' AND oprleft = oprright AND proleakproof
        """,
    )
    assert {name for (name,) in leakproof} >= LEAKPROOF_TYPES
    assert "numeric" not in {name for (name,) in leakproof}


def test_foreign_keys_stay_inside_the_business(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    keys = _rows(
        admin,
        """
        SELECT conname, c.relname, p.relname,
          array(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k(num, place)
                JOIN pg_attribute ON attrelid = conrelid AND attnum = num ORDER BY place),
          array(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k(num, place)
                JOIN pg_attribute ON attrelid = confrelid AND attnum = num ORDER BY place)
        FROM pg_constraint JOIN pg_class c ON c.oid = conrelid JOIN pg_class p ON p.oid = confrelid
        WHERE contype = 'f'
        """,
    )
    leaving = [
        name
        for name, table, parent, columns, parent_columns in keys
        if (tenant_tables[table], tenant_tables[parent])
        not in zip(columns, parent_columns, strict=True)
    ]
    assert leaving == []


def test_the_role_has_no_power_over_the_schema(admin: psycopg2.extensions.connection) -> None:
    attributes = _rows(
        admin,
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin "
        f"FROM pg_roles WHERE rolname = '{APP_ROLE}'",
    )
    owned = _rows(
        admin,
        f"SELECT relname FROM pg_class JOIN pg_roles r ON pg_has_role(r.oid, relowner, 'USAGE') "
        f"WHERE r.rolname = '{APP_ROLE}'",
    )
    may_create = _rows(admin, f"SELECT has_schema_privilege('{APP_ROLE}', 'public', 'CREATE')")
    assert (attributes, owned, may_create) == ([(False,) * 6], [], [(False,)])


@pytest.mark.parametrize("right", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_the_role_lacks_rights_that_pass_by_the_policy(
    admin: psycopg2.extensions.connection, tenant_tables: dict[str, str], right: str
) -> None:
    """TRUNCATE ignores policies; a foreign key or a trigger of one's own would see every row."""
    having = [
        table
        for table in tenant_tables
        if _rows(admin, f"SELECT has_table_privilege('{APP_ROLE}', '{table}', '{right}')")[0][0]
    ]
    assert having == []


def test_rows_of_append_only_tables_can_only_be_added(
    admin: psycopg2.extensions.connection,
) -> None:
    append_only = [name for name, t in metadata.tables.items() if t.info.get("append_only")]
    assert "journal_events" in append_only
    for table in append_only:
        rights = _rows(
            admin,
            "SELECT "
            + ", ".join(
                f"has_table_privilege('{APP_ROLE}', '{table}', '{right}')"
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
            ),
        )
        assert rights == [(True, True, False, False)], table


def test_nothing_runs_with_its_owners_eyes(admin: psycopg2.extensions.connection) -> None:
    definers = _rows(
        admin,
        "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace "
        "WHERE nspname = 'public' AND prosecdef",
    )
    views = _rows(
        admin,
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = 'public' AND (relkind = 'm' OR relkind = 'v' "
        "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false))",
    )
    assert (definers, views) == ([], [])


def test_a_tenant_reads_its_own_rows_only(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    for table, tenant in _with_rows(filled, tenant_tables):
        seen = _as_tenant(filled, OURS, f"SELECT DISTINCT {tenant} FROM {table}")
        asked = _as_tenant(filled, OURS, f"SELECT 1 FROM {table} WHERE {tenant} = {THEIRS}")
        assert (seen, asked) == ([(OURS,)], []), table


@pytest.mark.parametrize("tenant_set", [None, "", "0"])
def test_without_a_tenant_there_are_no_rows(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str], tenant_set: str | None
) -> None:
    for table, tenant in tenant_tables.items():
        assert _as_tenant(filled, tenant_set, f"SELECT 1 FROM {table}") == [], table
        assert _as_tenant(filled, tenant_set, f"SELECT count(*) FROM {table}") == [(0,)], table
        if _may(filled, table, "UPDATE"):
            update = f"UPDATE {table} SET {tenant} = {tenant} RETURNING 1"
            assert _as_tenant(filled, tenant_set, update) == [], table
        if _may(filled, table, "DELETE"):
            delete = f"DELETE FROM {table} RETURNING 1"
            assert _as_tenant(filled, tenant_set, delete) == [], table
        with pytest.raises(errors.InsufficientPrivilege):
            _as_tenant(filled, tenant_set, _insert(filled, table, tenant, OURS, n=7))


def test_the_last_transactions_tenant_is_forgotten(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    """After a commit the setting reads back as an empty text: neither an error nor a tenant."""
    assert _as_tenant(filled, OURS, "SELECT count(*) FROM businesses", commit=True) == [(1,)]
    assert _as_tenant(filled, None, "SELECT count(*) FROM businesses") == [(0,)]
    assert _as_tenant(filled, None, f"SELECT current_setting('{TENANT_SETTING}', true)") == [("",)]


def test_a_tenant_cannot_change_or_remove_anothers_rows(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    tried = 0
    for table, tenant in tenant_tables.items():
        for statement, right in (
            (f"UPDATE {table} SET {tenant} = {tenant} WHERE {tenant} = {THEIRS}", "UPDATE"),
            (f"DELETE FROM {table} WHERE {tenant} = {THEIRS}", "DELETE"),
        ):
            if _may(filled, table, right):
                assert _as_tenant(filled, OURS, f"{statement} RETURNING 1") == [], table
                tried += 1
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    _as_tenant(filled, OURS, statement)
    assert tried > len(tenant_tables)


def test_a_tenant_cannot_write_rows_into_another(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    for table, tenant in tenant_tables.items():
        with pytest.raises(errors.InsufficientPrivilege):
            _as_tenant(filled, OURS, _insert(filled, table, tenant, THEIRS, n=7))
        if _may(filled, table, "UPDATE") and _has_rows(filled, table):
            with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
                _as_tenant(filled, OURS, f"UPDATE {table} SET {tenant} = {THEIRS}")


def test_a_row_cannot_point_at_another_business(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    """Foreign keys ignore policies, so they are tried as the superuser, whom no policy holds."""
    references = _rows(
        filled,
        """
        SELECT conname, c.relname, a.attname, t.typname FROM pg_constraint
        JOIN pg_class c ON c.oid = conrelid AND NOT relispartition
        JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = ANY (conkey)
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE contype = 'f'
        """,
    )
    pointers = [row for row in references if row[2] != tenant_tables[row[1]]]
    assert pointers
    for name, table, column, kind in pointers:
        theirs = EXAMPLES[kind].format(n=THEIRS)
        point = (
            "SET CONSTRAINTS ALL IMMEDIATE; "
            f"UPDATE {table} SET {column} = {theirs} WHERE {tenant_tables[table]} = {OURS}"
        )
        with pytest.raises(errors.ForeignKeyViolation) as refusal:
            _execute(filled, point)
        filled.rollback()
        assert refusal.value.diag.constraint_name == name


def test_a_tenant_cannot_truncate(
    filled: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> None:
    for table in tenant_tables:
        with pytest.raises(errors.InsufficientPrivilege):
            _as_tenant(filled, OURS, f"TRUNCATE {table} CASCADE")


def _rows(connection: psycopg2.extensions.connection, statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _execute(connection: psycopg2.extensions.connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _as_tenant(
    connection: psycopg2.extensions.connection,
    tenant: int | str | None,
    statement: str,
    *,
    commit: bool = False,
) -> list[Any]:
    """What the application's role gets for a statement in a transaction of its own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {APP_ROLE}")
            if tenant is not None:
                cursor.execute(f"SELECT set_config('{TENANT_SETTING}', %s, true)", (str(tenant),))
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        if commit:
            connection.commit()
        return rows
    finally:
        connection.rollback()


def _lift_checks(admin: psycopg2.extensions.connection) -> None:
    checks = _rows(
        admin,
        "SELECT conrelid::regclass::text, conname FROM pg_constraint JOIN pg_class ON "
        "pg_class.oid = conrelid WHERE contype = 'c' AND coninhcount = 0 AND conrelid <> 0",
    )
    for table, name in checks:
        _execute(admin, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for (table,) in _rows(
        admin,
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0",
    ):
        _execute(admin, f"ALTER TABLE {table} DISABLE TRIGGER USER")


def _insert(
    connection: psycopg2.extensions.connection,
    table: str,
    tenant: str,
    business: int,
    *,
    n: int | None = None,
) -> str:
    """An INSERT of a row made from the columns' types alone."""
    columns = _rows(
        connection,
        "SELECT attname, typname FROM pg_attribute JOIN pg_type t ON t.oid = atttypid "
        f"WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = ''",
    )
    values = {name: EXAMPLES[kind].format(n=n or business) for name, kind in columns}
    values[tenant] = str(business)
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.SQL, values.values())),
    )
    return statement.as_string(connection)


def _is_partition(connection: psycopg2.extensions.connection, table: str) -> bool:
    found: bool = _rows(
        connection, f"SELECT relispartition FROM pg_class WHERE oid = '{table}'::regclass"
    )[0][0]
    return found


def _may(connection: psycopg2.extensions.connection, table: str, right: str) -> bool:
    allowed: bool = _rows(
        connection, f"SELECT has_table_privilege('{APP_ROLE}', '{table}', '{right}')"
    )[0][0]
    return allowed


def _has_rows(connection: psycopg2.extensions.connection, table: str) -> bool:
    found: bool = _rows(connection, f"SELECT EXISTS (SELECT FROM {table})")[0][0]
    return found


def _with_rows(
    connection: psycopg2.extensions.connection, tenant_tables: dict[str, str]
) -> list[tuple[str, str]]:
    """All tables but the partitions of other months."""
    found = [item for item in tenant_tables.items() if _has_rows(connection, item[0])]
    assert len(found) >= len([t for t in tenant_tables if not _is_partition(connection, t)]) + 1
    return found
