"""Everything that Redis, tables and files hold, to be searched for what must not be there.

The processes go on while it is read: a key that has expired since, or a file that was renamed,
holds nothing any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2


def in_redis(client: Any) -> Iterator[tuple[str, bytes]]:
    """Each key with its name and what it holds."""
    for key in client.keys("*"):
        yield f"redis {key!r}", key + (client.dump(key) or b"")


def in_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Each file of a folder and those within, with its path in it."""
    for within, _, names in os.walk(folder):
        for path in (Path(within, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield str(path.relative_to(folder)), path.read_bytes()


def in_tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, read as the server's owner, who sees all businesses."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = 'public' AND relkind = 'r'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield table, "\n".join(row for (row,) in cursor.fetchall()).encode()


def holding(words: list[bytes], places: Iterator[tuple[str, bytes]]) -> list[str]:
    """The places where one of the words stands, in small letters as the words are."""
    searched = 0
    hits = []
    for place, content in places:
        searched += 1
        lowered = content.lower()
        hits += [place for word in words if word in lowered]
    assert searched, "nothing was searched"
    return hits
