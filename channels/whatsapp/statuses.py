"""What became of messages: the platform's statuses, heard at once and written down together.

A message brings four of them, from whoever posted it and from the platform. Whoever is not sure
whether a post arrived waits for one, so they are heard as they come; the rows that tell how far a
message got may be some seconds behind. Until they are written, the statuses stay Redis' to bring
again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError

from channels.whatsapp import keys
from channels.whatsapp.crypto import Unsealable
from channels.whatsapp.messages import Status
from channels.whatsapp.metrics import Tally
from channels.whatsapp.outbox import Outbox
from channels.whatsapp.streams import Entry, new_entries
from channels.whatsapp.wire import Wire
from erp_core.notifications.deliveries import RANKS, Delivery, record_deliveries
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

MOST = 10_000
"""Statuses in hand."""
ORPHANED = 60_000
"""Milliseconds after which what another sender had in hand is ours."""


class Statuses:
    """One sender's share of the statuses."""

    def __init__(
        self, outbox: Outbox, consumer: str, *, bahi: Bahi, threads: Executor, tally: Tally
    ) -> None:
        self._outbox = outbox
        self._wire = Wire.of(outbox.redis)
        self._ear = Wire(outbox.redis)
        self._consumer = consumer
        self._bahi = bahi
        self._threads = threads
        self._tally = tally
        self._heard: dict[bytes, Status | None] = {}
        """What is not written down yet, by where it lies; None for what cannot be read."""

    async def hear(self) -> None:
        """Take in what came; waits a second for the first."""
        room = MOST - len(self._heard)
        if room > 0:
            await self._take_in(
                await new_entries(
                    self._ear, keys.STATUSES, keys.SENDERS_GROUP, self._consumer, most=room
                )
            )

    async def reclaim(self) -> None:
        """Take in what a sender that died had heard, and what of ours nobody confirmed."""
        room = MOST - len(self._heard)
        if room > 0:
            rows = await self._outbox.redis.xautoclaim(
                keys.STATUSES, keys.SENDERS_GROUP, self._consumer, ORPHANED, count=room
            )
            await self._take_in(rows[1])

    async def write_down(self) -> None:
        """Record what was heard: a row a message, a transaction a shop."""
        heard = dict(self._heard)
        if not heard:
            return
        statuses = [status for status in heard.values() if status]
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._record, statuses)
        for entry in heard:
            self._heard.pop(entry, None)
        ids = list(heard)
        await self._wire.call_all(
            [("XACK", keys.STATUSES, keys.SENDERS_GROUP, *ids), ("XDEL", keys.STATUSES, *ids)]
        )

    async def _take_in(self, entries: Sequence[Entry]) -> None:
        heard = {entry: self._open(fields) for entry, fields in entries if entry not in self._heard}
        news = [status for status in heard.values() if status]
        await self._outbox.confirm(
            [one.reference for one in news if one.reference and one.status != "accepted"]
        )
        # Not before: what is not confirmed must come again.
        self._heard |= heard
        for status in news:
            self._tally.count("bahi_statuses", status=status.status)
            if status.pricing_type:
                category = status.pricing_category or "none"
                self._tally.count("bahi_priced", category=category, type=status.pricing_type)

    def _open(self, fields: Mapping[bytes, bytes] | None) -> Status | None:
        try:
            return Status(**self._outbox.vault.open((fields or {})[b"b"], "status"))
        except (Unsealable, KeyError, TypeError, ValueError):
            return None

    def _record(self, statuses: Sequence[Status]) -> None:
        by_business: dict[int, list[Delivery]] = defaultdict(list)
        for status in statuses:
            business_id = self._bahi.business_for_number(status.phone_number_id)
            delivery = _delivery(status)
            if business_id is not None and delivery is not None:
                by_business[business_id].append(delivery)
        for business_id, news in by_business.items():
            try:
                with self._bahi.tend(business_id) as reader:
                    record_deliveries(reader.connection, business_id, news, now=reader.now)
            except (DataError, IntegrityError, ValueError) as error:
                # Trying again would fail again, and hold up the statuses of everybody.
                name = type(error).__name__
                logger.error("statuses of business %d cannot be kept: %s", business_id, name)


def _delivery(status: Status) -> Delivery | None:
    """The delivery that a status tells of; None when it is not of a message of ours."""
    reference = (status.reference or "").partition(".")[0]
    if status.status not in RANKS:
        return None
    try:
        return Delivery(
            UUID(reference),
            status.status,
            status.error_code,
            status.pricing_category,
            status.pricing_type,
        )
    except ValueError:
        return None
