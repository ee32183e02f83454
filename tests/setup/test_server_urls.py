"""A wrong DATABASE_URL or REDIS_URL is one sentence, before anything starts."""

from __future__ import annotations

import contextlib

import pytest
import run

REMEDY = "start it, correct DATABASE_URL, or unset it to use the embedded one."


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bahi:secret@127.0.0.1:1/bahi",
        "postgresql+psycopg2://bahi:secret@127.0.0.1:1/bahi",
        "mysql://bahi:secret@127.0.0.1/bahi",
        "127.0.0.1:5432",
    ],
)
def test_a_database_that_is_none(url: str) -> None:
    with pytest.raises(run.Trouble) as trouble:
        run.check_postgres("DATABASE_URL", url)
    said = str(trouble.value)
    assert said.startswith("DATABASE_URL does not lead to a PostgreSQL (")
    assert said.endswith(f"): {REMEDY}")
    assert "secret" not in said
    assert "\n" not in said


def test_a_database_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        server_version = 140012

    monkeypatch.setattr(run.psycopg2, "connect", lambda *_, **__: contextlib.nullcontext(Old()))
    monkeypatch.setattr(run.contextlib, "closing", lambda connection: connection)
    with pytest.raises(run.Trouble) as trouble:
        run.check_postgres("DATABASE_URL", "postgresql://127.0.0.1/bahi")
    assert str(trouble.value) == (
        f"DATABASE_URL leads to PostgreSQL 14, and Bahi needs 15 or newer: {REMEDY}"
    )


@pytest.mark.parametrize(
    "url", ["redis://:secret@127.0.0.1:1/0", "unix:///nowhere/redis.sock", "127.0.0.1:6379"]
)
def test_a_redis_that_is_none(url: str) -> None:
    with pytest.raises(run.Trouble) as trouble:
        run.check_redis(url)
    said = str(trouble.value)
    assert said.startswith("REDIS_URL does not lead to a Redis (")
    assert said.endswith("correct REDIS_URL, or unset it to use the embedded one.")
    assert "secret" not in said


def test_servers_that_answer_are_taken(stores: object) -> None:
    run.check_postgres("DATABASE_URL", stores.database)
    run.check_redis(stores.redis)
