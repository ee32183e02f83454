"""Tables of the journal: events, keys, the outbox and jobs of each business."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text

from erp_core.db.schema import (
    global_table,
    id_column,
    moment_column,
    tenant_index,
    tenant_table,
)

journal_heads = tenant_table(
    "journal_heads",
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    key=(),
)

journal_events = tenant_table(
    "journal_events",
    Column("seq", BigInteger, nullable=False),
    moment_column("recorded_at"),
    Column("kind", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    id_column("actor_id", nullable=True),
    id_column("entity", nullable=True),
    Column("payload", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    key=("seq", "recorded_at"),
    append_only=True,
    postgresql_partition_by="RANGE (recorded_at)",
)

idempotency_keys = tenant_table(
    "idempotency_keys",
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("result", Text),
    moment_column("created_at"),
    key=("key",),
)

outbox = tenant_table(
    "outbox",
    Column("response", Text, nullable=False),
    Column("recipient_kind", Text, nullable=False),
    id_column("recipient_id"),
    Column("facts", Text, nullable=False),
    Column("said", Text),
    Column("attachment", Text),
    Column("priority", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    moment_column("due_at"),
    moment_column("created_at"),
    CheckConstraint("status IN ('waiting', 'dispatched', 'failed')", name="status"),
    CheckConstraint("said IS NULL OR status = 'waiting'", name="said"),
    tenant_index("status", "due_at", name="ix_outbox_waiting"),
)

jobs = tenant_table(
    "jobs",
    Column("kind", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("unique_key", Text),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error_code", Text),
    moment_column("due_at"),
    moment_column("created_at"),
    CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status"),
    tenant_index("status", "due_at", name="ix_jobs_waiting"),
    tenant_index("unique_key", unique=True, name="uq_jobs_unique_key"),
)

due_work = global_table(
    "due_work",
    Column("tenant", BigInteger, primary_key=True),
    Column("queue", Text, primary_key=True),
    moment_column("due_at"),
    Column("generation", BigInteger, nullable=False),
)
