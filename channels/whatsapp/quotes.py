"""Quoting: what each message spoke of is kept for a while, so that whoever quotes it means that.

WhatsApp tells which message is quoted, and nothing of what stood in it. What is kept is what the
actions noted, ids and of an entry or a bill its fields, and which draft it asked about; sealed for
its chat as the meanings of buttons are, under a name that tells nothing of the message's.
"""

from __future__ import annotations

from collections.abc import Mapping

from redis.asyncio import Redis

from channels.whatsapp import keys
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.wire import Wire

IDS = ("order_id", "invoice_id", "customer_id", "product_id")
"""The facts of a notification that are noted by their names without "_id"."""

About = Mapping[str, str]


class Quotes:
    """What quoted messages spoke of."""

    def __init__(self, redis: Redis[bytes], vault: Vault) -> None:
        self._wire = Wire.of(redis)
        self._vault = vault

    async def about(self, chat: str, wamid: str) -> dict[str, str]:
        """What a message of this chat spoke of; nothing when it is old, or another chat's."""
        sealed = await self._wire.call("GET", keys.quoted(name_of(self._vault, wamid)))
        if sealed is None:
            return {}
        try:
            about: dict[str, str] = self._vault.open(sealed, _context(chat))
        except Unsealable:
            return {}
        return about


def name_of(vault: Vault, wamid: str) -> str:
    """What a message is kept under; its own id holds a phone number."""
    return vault.short_name("quoted", wamid)


def seal(vault: Vault, about: About, chat: str) -> bytes:
    """What a message spoke of, for its own chat only."""
    return vault.seal(dict(about), _context(chat))


def told_of(facts: Mapping[str, object]) -> dict[str, str]:
    """What a notification speaks of, by its facts."""
    return {name.removesuffix("_id"): str(facts[name]) for name in IDS if facts.get(name)}


def _context(chat: str) -> str:
    return f"quoted:{chat}"
