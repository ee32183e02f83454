"""A day of chat with a marked word in it; afterwards no table, stream, log or file has it."""

from __future__ import annotations

import time

import pytest
from installation import Installation
from redis import Redis
from what_is_kept import holding, in_files, in_redis, in_tables

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
    assert holding(words, in_tables(settings.database_url)) == []
    assert holding(words, in_redis(Redis.from_url(settings.redis_url))) == []
    assert holding(words, in_files(installation.data_dir)) == []
