"""The hash chain: each event's hash covers every stored column of it and the hash before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection, Row

from erp_core.db.statements import Statement, insertion
from erp_core.journal.context import Context, Event
from erp_core.journal.models import journal_events, journal_heads
from erp_core.kernel.actor import Actor

DOMAIN = b"bahi-journal-v1"
"""Keeps these hashes apart from any other use of SHA-256 over similar bytes."""

GENESIS = Event("journal.genesis", None, {})
NOTHING = bytes(32)
VERIFY_BATCH = 10_000

_heads = journal_heads.c
_HEAD = Statement(
    select(_heads.seq, _heads.hash)
    .where(_heads.business_id == bindparam("tenant"))
    .with_for_update(key_share=True)
)
_MOVE_HEAD = Statement(
    update(journal_heads).where(_heads.business_id == bindparam("tenant")), columns=("seq", "hash")
)
_ALL = Statement(
    select(journal_events)
    .where(journal_events.c.business_id == bindparam("of"))
    .order_by(journal_events.c.seq, journal_events.c.recorded_at)
)
_APPEND = insertion(
    journal_events, "business_id", "seq", "recorded_at", "kind", "actor_kind", "actor_id", "entity",
    "payload", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class Sealed:
    """An event with its place in the sequence."""

    seq: int
    kind: str
    entity: UUID | None


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the one text that is stored and hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def open_journal(connection: Connection, business_id: int, *, actor: Actor, now: datetime) -> None:
    """Start a business's sequence with its genesis event, number 1."""
    connection.execute(insert(journal_heads).values(business_id=business_id, seq=0, hash=NOTHING))
    append(connection, business_id, [GENESIS], actor=actor, now=now)


def append_all(ctx: Context) -> list[Sealed]:
    """Write a command's events under the head lock, the last lock of any transaction."""
    if not ctx.events:
        return []
    return append(ctx.connection, ctx.business_id, ctx.events, actor=ctx.actor, now=ctx.now)


def append(
    connection: Connection,
    business_id: int,
    events: Sequence[Event],
    *,
    actor: Actor,
    now: datetime,
) -> list[Sealed]:
    """Number, chain and store events.

    The lock is on the head row itself, which READ COMMITTED reads anew after waiting; a reader of
    "the last event" would see a stale one and fork the chain.
    """
    head = _HEAD.one(connection, tenant=business_id)
    seq, previous = head.seq, bytes(head.hash)
    rows = []
    for event in events:
        seq += 1
        row = {
            "business_id": business_id,
            "seq": seq,
            "recorded_at": now,
            "kind": event.kind,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "entity": event.entity,
            "payload": canonical(event.payload),
        }
        previous = row["hash"] = event_hash(previous, **row)
        rows.append(row)
    _APPEND.run_many(connection, rows)
    _MOVE_HEAD.run(connection, tenant=business_id, seq=seq, hash=previous)
    return [Sealed(row["seq"], row["kind"], row["entity"]) for row in rows]


def event_hash(
    previous: bytes,
    *,
    business_id: int,
    seq: int,
    recorded_at: datetime,
    kind: str,
    actor_kind: str,
    actor_id: UUID | None,
    entity: UUID | None,
    payload: str,
) -> bytes:
    """SHA-256 over the domain, the place, the hash before, and the event's every column."""
    body = canonical(
        [
            recorded_at.astimezone(timezone.utc).isoformat(timespec="microseconds"),
            kind,
            actor_kind,
            str(actor_id) if actor_id else None,
            str(entity) if entity else None,
            payload,
        ]
    )
    place = f"|{business_id}|{seq}|".encode()
    return sha256(DOMAIN + place + previous + sha256(body.encode()).digest()).digest()


def first_bad_seq(connection: Connection, business_id: int) -> int | None:
    """The first sequence number whose stored bytes are not what was written, or None.

    A missing event is bad at its own number, a cut tail at the first number that is gone, a
    forged head at the last number.
    """
    previous = NOTHING
    expected = 0
    for row in _events(connection, business_id):
        expected += 1
        stored = dict(row._asdict())
        stored_hash = bytes(stored.pop("hash"))
        if row.seq != expected or event_hash(previous, **stored) != stored_hash:
            return min(int(row.seq), expected)
        previous = stored_hash
    head = connection.execute(
        select(journal_heads.c.seq, journal_heads.c.hash).where(
            journal_heads.c.business_id == business_id
        )
    ).one_or_none()
    if head is None or head.seq > expected:
        return expected + 1
    if head.seq < expected:
        return int(head.seq) + 1
    return None if bytes(head.hash) == previous else expected


def _events(connection: Connection, business_id: int) -> Iterator[Row]:
    """All events in order, read in batches; also a forged second one with the same number."""
    yield from _ALL.each(connection, at_once=VERIFY_BATCH, of=business_id)
