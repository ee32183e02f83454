"""Bodies are sealed for one place; names tell nothing."""

from __future__ import annotations

import pytest

from channels.whatsapp.crypto import Unsealable, Vault

VAULT = Vault("a secret")


@pytest.mark.parametrize("value", ["नमस्ते 🙏", {"a": [1, None, "x" * 5000]}, []])
def test_what_is_sealed_opens_again(value: object) -> None:
    assert VAULT.open(VAULT.seal(value, "chat"), "chat") == value


def test_a_sealed_body_shows_nothing_and_differs_each_time() -> None:
    sealed = VAULT.seal("secret words", "chat")
    assert b"secret" not in sealed
    assert sealed != VAULT.seal("secret words", "chat")


def test_it_opens_nowhere_else() -> None:
    sealed = VAULT.seal("x", "chat")
    for vault, context in ((VAULT, "another"), (Vault("other"), "chat")):
        with pytest.raises(Unsealable):
            vault.open(sealed, context)
    for broken in (b"", sealed[:-1], sealed[:11], bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(Unsealable):
            VAULT.open(broken, "chat")


def test_names_are_stable_and_apart() -> None:
    assert VAULT.uuid("chat", "1", "23") == Vault("a secret").uuid("chat", "1", "23")
    assert VAULT.uuid("chat", "1", "23") != VAULT.uuid("chat", "12", "3")
    assert VAULT.uuid("chat", "1", "23") != Vault("other").uuid("chat", "1", "23")
    assert VAULT.uuid("a").version == 8
    assert len(VAULT.short_name("a")) == 22
