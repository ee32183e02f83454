"""What operators run: migrate, verify; and what they are told when something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).parents[3]


def test_migrating_again_is_harmless(cli):
    said = cli("migrate")
    assert (said.code, said.out) == (0, "The database is up to date.\n")


def test_an_untouched_journal_verifies(cli, shop_file, number):
    cli("shop", "load", shop_file())
    said = cli("journal", "verify", number)
    assert (said.code, said.out) == (0, f"{number}: every event is as it was written.\n")


@pytest.mark.parametrize("seq", [2, 5])
def test_the_first_changed_event_is_named(cli, shop_file, stores, bahi, number, seq):
    cli("shop", "load", shop_file())
    business_id = bahi.business_for_number(number)
    with psycopg2.connect(stores.database) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_events DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE journal_events SET payload = payload || ' ' "
            "WHERE business_id = %s AND seq >= %s",
            (business_id, seq),
        )
        cursor.execute("ALTER TABLE journal_events ENABLE TRIGGER USER")
    said = cli("journal", "verify", number)
    assert (said.code, said.out) == (1, f"{number}: event {seq} is not what was written.\n")
    assert cli("journal", "verify").code == 1


def test_a_database_that_does_not_answer(cli, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/none")
    said = cli("shop", "list")
    assert said.code == 1
    assert said.err == ("The database cannot be reached: check DATABASE_URL and that it runs.\n")


def test_no_database_at_all(cli, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    assert cli("shop", "list").err == (
        "No database is running: start `make run`, or set DATABASE_URL.\n"
    )


def test_a_url_of_another_kind(cli, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://localhost/x")
    assert cli("shop", "list").err == "DATABASE_URL must begin with postgresql://.\n"


def test_it_starts_without_the_heavy_libraries():
    """Every `make run` waits for it: no model, no charts, no migrations are loaded."""
    code = (
        "import sys; from erp_core.cli import main, shop_file, shop_load, shop_show; "
        "print([name for name in ('alembic', 'matplotlib', 'rasa', 'tensorflow', 'fpdf') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_help_is_given_by_the_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "erp_core", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("usage: bahi ")
