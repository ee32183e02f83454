"""Where a document stands with the Invoice Registration Portal, and what that allows.

A document that must be registered is no invoice until it is (rule 48(5)). A registered one is
cancelled at the portal first, within 24 hours; afterwards only a credit note undoes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from erp_core.db.many import one_of
from erp_core.invoicing.models import e_invoices, invoices
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict
from erp_core.kernel.states import Transitions

WAITING, REGISTERED, REFUSED = "waiting", "registered", "refused"
DROPPED, CANCELLING, CANCELLED = "dropped", "cancelling", "cancelled"

STATES = Transitions(
    {
        WAITING: frozenset({REGISTERED, REFUSED, DROPPED}),
        REFUSED: frozenset({WAITING, DROPPED}),
        REGISTERED: frozenset({CANCELLING}),
        CANCELLING: frozenset({CANCELLED, REGISTERED}),
        DROPPED: frozenset({CANCELLING}),
        CANCELLED: frozenset(),
    }
)
"""A document that was dropped while the portal registered it is cancelled there as well."""

AWAITED = frozenset({WAITING, REFUSED})

CANCEL_JOB = "portals.cancel_einvoice"
CANCELLABLE_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Registration:
    """`irn`, `ack_no`, `ack_at` and the signed QR once the portal has given them."""

    id: UUID
    document_kind: str
    document_id: UUID
    invoice_id: UUID
    status: str
    irn: str | None
    ack_no: str | None
    ack_at: datetime | None
    signed_qr: str | None
    error_code: str | None
    user_id: UUID | None
    created_at: datetime

    @property
    def printed(self) -> bool:
        """Whether the document bears its number and QR code."""
        return self.status in (REGISTERED, CANCELLING, CANCELLED)


def registration_of(
    reader: Reader, document_id: UUID, *, lock: bool = False
) -> Registration | None:
    """The registration of an invoice or a note; None where it needs none."""
    query = select(e_invoices).where(
        e_invoices.c.business_id == reader.business_id, e_invoices.c.document_id == document_id
    )
    row = reader.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    return Registration(**{name: row[name] for name in Registration.__dataclass_fields__})


def move(ctx: Context, known: Registration, status: str, **values: object) -> None:
    """Bring a registration, whose row is locked, into another state."""
    STATES.check(known.status, status)
    ctx.connection.execute(
        update(e_invoices)
        .where(e_invoices.c.business_id == ctx.business_id, e_invoices.c.id == known.id)
        .values(status=status, **values)
    )


def can_be_cancelled(reader: Reader, document_id: UUID) -> bool:
    """Whether the portal still lets go of the document, or never had it."""
    known = registration_of(reader, document_id)
    if known is None or known.status in (WAITING, REFUSED, DROPPED):
        return True
    recent = known.ack_at is not None and reader.now < known.ack_at + CANCELLABLE_FOR
    return known.status == REGISTERED and recent


def statuses(reader: Reader, document_ids: Collection[UUID]) -> dict[UUID, str]:
    """How documents stand with the portal; those that need no registration are left out."""
    rows = reader.connection.execute(
        select(e_invoices.c.document_id, e_invoices.c.status).where(
            e_invoices.c.business_id == reader.business_id,
            one_of(e_invoices.c.document_id, document_ids),
        )
    )
    return {row.document_id: row.status for row in rows}


def cancelling_between(reader: Reader, start: date, end: date) -> list[str]:
    """The numbers of bills of some days that the portal has still to let go of."""
    c, head = e_invoices.c, invoices.c
    rows = reader.connection.execute(
        select(head.number)
        .join(invoices, (head.business_id == c.business_id) & (head.id == c.invoice_id))
        .where(
            c.business_id == reader.business_id,
            c.status == CANCELLING,
            head.status == "issued",
            head.on_date.between(start, end),
        )
        .order_by(head.serial)
    )
    return list(rows.scalars())


def is_awaited(reader: Reader, document_id: UUID) -> bool:
    """Whether the document must be registered and is not yet: it is no invoice until then."""
    known = registration_of(reader, document_id)
    return known is not None and known.status in AWAITED


def cancel_at_portal(ctx: Context, document_id: UUID, reason: str) -> bool:
    """Have a registered document cancelled at the portal, and here once that is done.

    False where the portal has nothing to cancel. Raises Conflict("einvoice_cancelling").
    """
    known = registration_of(ctx, document_id, lock=True)
    if known is None or not known.printed:
        return False
    if known.status != REGISTERED:
        raise Conflict("einvoice_cancelling")
    user_id = str(ctx.actor.id) if ctx.actor.kind == "user" else None
    move(ctx, known, CANCELLING)
    ctx.later(
        CANCEL_JOB, due_at=ctx.now, document_id=str(document_id), reason=reason, user_id=user_id
    )
    ctx.record("einvoice.cancelling", entity=document_id)
    return True


def drop(ctx: Context, document_id: UUID) -> None:
    """The document is cancelled before the portal had it: it needs no registration any more.

    Raises Conflict("einvoice_registered") where the portal has it.
    """
    known = registration_of(ctx, document_id, lock=True)
    if known is None or known.status in (DROPPED, CANCELLED):
        return
    if known.status not in (WAITING, REFUSED):
        raise Conflict("einvoice_registered")
    move(ctx, known, DROPPED)


def close(ctx: Context, document_id: UUID) -> None:
    """The portal has cancelled the document."""
    known = registration_of(ctx, document_id, lock=True)
    if known is not None:
        move(ctx, known, CANCELLED, cancelled_at=ctx.now)
