"""Blue ticks and "typing…", shown when a turn begins: nice to have, so whatever goes wrong is let
go."""

from __future__ import annotations

import asyncio
import logging
import time

from channels.whatsapp import keys
from channels.whatsapp.crypto import Unsealable
from channels.whatsapp.graph import GraphClient, GraphError
from channels.whatsapp.outbox import Outbox
from channels.whatsapp.streams import new_entries
from channels.whatsapp.wire import Wire

logger = logging.getLogger(__name__)

FRESH = 10.0
"""Seconds after which nobody waits for a tick any more."""
BATCH = 50
MOST = 100
"""Receipts on their way at once."""


class ReadReceipts:
    """One sender's share of the read receipts."""

    def __init__(self, outbox: Outbox, graph: GraphClient, consumer: str) -> None:
        self._vault = outbox.vault
        self._ear = Wire(outbox.redis)
        self._graph = graph
        self._consumer = consumer
        self._under_way: set[asyncio.Task[None]] = set()

    async def give(self) -> None:
        """Show what has been read; waits a second for the first."""
        entries = await new_entries(
            self._ear, keys.RECEIPTS, keys.SENDERS_GROUP, self._consumer, most=BATCH, forget=True
        )
        for entry, fields in entries:
            age = time.time() - int(entry.partition(b"-")[0]) / 1000
            if age < FRESH and len(self._under_way) < MOST:
                task = asyncio.create_task(self._mark_read(fields[b"r"]))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _mark_read(self, sealed: bytes) -> None:
        try:
            phone_number_id, wamid = self._vault.open(sealed, "receipt")
            await self._graph.mark_read(phone_number_id, wamid)
        except (Unsealable, GraphError) as error:
            logger.debug("a receipt was not given: %s", error)
