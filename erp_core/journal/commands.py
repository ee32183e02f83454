"""Commands: a transaction, once.

The idempotency key, the change, the journal's events and the outbox commit together. Whoever
repeats a key gets the first result, also while the first is still under way, also when it died
after its commit.
"""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError, OperationalError

from erp_core.db.engine import Database, Turn
from erp_core.db.statements import Statement
from erp_core.journal import chain, outbox
from erp_core.journal.context import CommandResult, Context, Listener
from erp_core.journal.models import idempotency_keys
from erp_core.kernel.actor import Actor
from erp_core.kernel.clock import INDIA, Clock
from erp_core.kernel.errors import Conflict, Unavailable

Command = Callable[..., CommandResult]
C = TypeVar("C", bound=Command)

_ALONE: set[Command] = set()

BOOKS_CLOSED = "BK001"
"""The database's own code for an entry into days that were closed while its command ran. Run anew,
the command is of today, or is told that they are closed."""

RETRY_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries while the server restarts or breaks a deadlock; the key makes it safe."""

_keys = idempotency_keys.c
_TAKE = Statement(
    upsert(idempotency_keys).on_conflict_do_nothing(),
    columns=("business_id", "key", "fingerprint", "created_at"),
)
_KEEP = Statement(
    update(idempotency_keys)
    .where(_keys.business_id == bindparam("tenant"), _keys.key == bindparam("taken"))
    .values(result=bindparam("kept"))
)

_TRANSIENT = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", BOOKS_CLOSED})


def alone(command: C) -> C:
    """Mark a command beside which no other of its business runs: it begins when all before have
    ended, and those after it when it has. It is run by itself and not from within another, which
    shares its turn already."""
    _ALONE.add(command)
    return command


def run(
    database: Database,
    clock: Clock,
    *,
    business_id: int,
    actor: Actor,
    key: str,
    command: Command,
    arguments: dict[str, Any],
    listeners: Sequence[Listener] = (),
    zone: str = INDIA,
) -> CommandResult:
    """Run a command once for its key and give its result.

    Raises what the command raises (nothing is changed then, and the key stays free), and
    Conflict("idempotency_mismatch") when the key was used for something else.
    """
    for pause in (*RETRY_PAUSES, None):
        try:
            return _run_once(
                database, clock, business_id, actor, key, command, arguments, listeners, zone
            )
        except DBAPIError as error:
            if not _transient(error):
                raise
            if pause is None:
                raise Unavailable("database_unreachable") from error
            time.sleep(pause)
    raise AssertionError("unreachable")


def _run_once(
    database: Database,
    clock: Clock,
    business_id: int,
    actor: Actor,
    key: str,
    command: Command,
    arguments: dict[str, Any],
    listeners: Sequence[Listener],
    zone: str,
) -> CommandResult:
    fingerprint = _fingerprint(actor, command, arguments)
    told, key = key, _opaque(key)
    turn: Turn = "alone" if command in _ALONE else "shared"
    with database.tenant(business_id, turn=turn) as connection:
        # After the wait: what is written after a return was filed is not dated before that.
        ctx = Context(connection, business_id, actor, clock.now(), zone)
        done = _take_key(ctx, key, fingerprint)
        if done is not None:
            return _first_result(done, fingerprint, told)
        result = command(ctx, **arguments)
        for listener in listeners:
            listener(ctx)
        kept = _keep_result(ctx, key, result, told)
        outbox.write_all(ctx)
        chain.append_all(ctx)
        return kept


def _opaque(key: str) -> str:
    """A key as it is stored. A message's id, which most keys begin with, spells its writer's phone
    number in base64."""
    return sha256(key.encode()).hexdigest()


def _take_key(ctx: Context, key: str, fingerprint: bytes) -> Row | None:
    """Take the key, or give its row; while another holds it, wait for the other's end."""
    if _TAKE.run(
        ctx.connection,
        business_id=ctx.business_id,
        key=key,
        fingerprint=fingerprint,
        created_at=ctx.now,
    ):
        return None
    return ctx.connection.execute(
        select(_keys.fingerprint, _keys.result).where(
            _keys.business_id == ctx.business_id, _keys.key == key
        )
    ).one()


def _first_result(row: Row, fingerprint: bytes, told: str) -> CommandResult:
    if bytes(row.fingerprint) != fingerprint:
        raise Conflict("idempotency_mismatch")
    text = row.result if row.result.startswith("{") else _opened(row.result, told)
    result: CommandResult = json.loads(text)
    return result


def _keep_result(ctx: Context, key: str, result: CommandResult, told: str) -> CommandResult:
    """Store the result; gives it as a repeat will, so that the first caller sees no other types."""
    text = chain.canonical(result)
    _KEEP.run(ctx.connection, tenant=ctx.business_id, taken=key, kept=_closed(text, told))
    kept: CommandResult = json.loads(text)
    return kept


def _closed(text: str, told: str) -> str:
    """A result as it is stored: a repeat brings the key that opens it, and nobody else has it.

    Results name customers and goods; the row stands there for weeks after a person was forgotten.
    """
    nonce = secrets.token_bytes(12)
    return b64encode(nonce + _cipher(told).encrypt(nonce, text.encode(), None)).decode()


def _opened(sealed: str, told: str) -> str:
    raw = b64decode(sealed)
    return _cipher(told).decrypt(raw[:12], raw[12:], None).decode()


def _cipher(told: str) -> AESGCM:
    """From the key as it was told; the table holds another digest of it."""
    return AESGCM(sha256(b"bahi-result-v1|" + told.encode()).digest())


def _fingerprint(actor: Actor, command: Command, arguments: dict[str, Any]) -> bytes:
    asked = [command.__module__, command.__qualname__, str(actor.id), _plain(arguments)]
    return sha256(chain.canonical(asked).encode()).digest()


def _plain(value: Any) -> Any:
    """The value as JSON, exactly and without floats."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, (UUID, Decimal, date, datetime)):
        return str(value)
    return value


def _transient(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed when tried again.

    An operational error without a code is libpq's own: no server there, or one not ready yet.
    """
    code = getattr(error.orig, "pgcode", None)
    unreachable = isinstance(error, OperationalError) and code is None
    return unreachable or bool(error.connection_invalidated) or code in _TRANSIENT
