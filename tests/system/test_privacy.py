"""A day of chat with a marked word in it; afterwards no table, stream, log or file has it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg2
import pytest
from installation import Installation
from redis import Redis
from what_is_kept import in_files, in_redis

from erp_core.kernel.settings import Settings

pytestmark = pytest.mark.processes

NUMBER = "7002"
OWNER, CUSTOMER, STRANGER = "919876500001", "919123456789", "919000000009"
WORD = "zqxwmarked"
HINDI_WORD = "ज़ख़्क़ढ़"

SHOP = {
    "business": {
        "name": "Quiet Kirana",
        "phone_number_id": NUMBER,
        "state": "27",
        "gstin": "27AAPFU0939F1ZV",
        "upi_vpa": "quiet@okaxis",
    },
    "users": [{"name": "Sharma", "phone": OWNER, "role": "owner"}],
    "products": [{"name": "Maggi", "sku": "M", "price": "14.00", "stock": "100", "unit": "packet"}],
    "customers": [{"name": "Ravi Kumar", "phone": CUSTOMER, "state": "27", "balance": "50.00"}],
}

DAY = (
    (OWNER, f"{WORD} ka stock kitna hai"),
    (OWNER, f"maggi kitni bachi hai {WORD} batao"),
    (OWNER, f"{HINDI_WORD} का रेट क्या है"),
    (OWNER, f"Ravi ke liye 2 {WORD} ka order le lo"),
    (OWNER, f"cancel karo {WORD}"),
    (OWNER, f"{WORD} ka bill banao"),
    (OWNER, f"/stock {WORD}"),
    (OWNER, f'/affirm{{"{WORD}": 1}}'),
    (CUSTOMER, f"{WORD} milega kya"),
    (CUSTOMER, f"mera hisaab {WORD} kitna hai"),
    (STRANGER, f"hello {WORD} {HINDI_WORD}"),
    (OWNER, f"aaj mausam kaisa hai {WORD}"),
)


def test_a_marked_word_is_nowhere_after_the_turn(installation: Installation) -> None:
    installation.load_shop(SHOP)
    for phone, text in DAY:
        installation.say(phone, text)
    time.sleep(2)

    settings = Settings.load(installation.environment)
    assert settings.database_url
    assert settings.redis_url
    words = [WORD.encode(), HINDI_WORD.encode(), HINDI_WORD.encode("unicode_escape")]
    assert _found(words, _tables(settings.database_url)) == []
    assert _found(words, in_redis(Redis.from_url(settings.redis_url))) == []
    assert _found(words, in_files(installation.data_dir)) == []


def _found(words: list[bytes], places: Iterator[tuple[str, bytes]]) -> list[str]:
    searched = 0
    hits = []
    for place, content in places:
        searched += 1
        lowered = content.lower()
        hits += [place for word in words if word in lowered]
    assert searched, "nothing was searched"
    return hits


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, read as the server's owner, who sees all businesses."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = 'public' AND relkind = 'r'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield table, "\n".join(row for (row,) in cursor.fetchall()).encode()
