"""Registering documents with the Invoice Registration Portal, and cancelling what is registered.

`after` listens to every command: a document that the law wants registered is planned for in the
transaction that issues it, and a registered shop's first one starts the watch over due returns. A
job speaks with the portal; it is repeated while the portal is away, and a document that was
registered by a try whose answer got lost is fetched, not sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert

from erp_core.invoicing import notes, registration
from erp_core.invoicing import service as invoicing
from erp_core.invoicing.models import e_invoices
from erp_core.invoicing.queries import Invoice, invoice
from erp_core.invoicing.registration import Registration, registration_of
from erp_core.journal.context import Context, Reader, Recipient
from erp_core.journal.jobs import Handler, Work
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound, Unavailable
from erp_core.kernel.ids import new_id
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_users
from erp_core.portals import due, inv01, limits, signed
from erp_core.portals.ports import Acknowledged, InvoicePort, PortalRefused
from erp_core.portals.profile import profile

JOB = "portals.register"

DONE = "utter_notify_einvoice_done"
DELAYED = "utter_notify_einvoice_delayed"
REFUSED = "utter_notify_einvoice_refused"
CANCELLED = "utter_notify_einvoice_cancelled"
CREDITED = "utter_notify_einvoice_credited"
KEPT = "utter_notify_einvoice_kept"
WATCHERS = ("owner", "manager")

ALREADY, TOO_LATE, NOT_ACTIVE, UNDER_WAY = "2150", "2270", "9999", "2230"
"""Codes of the portal: registered before; 24 hours are over; cancelled before; goods travel."""
REASONS = {"duplicate": 1, "mistake": 2, "goods_back": 3, "order_cancelled": 3}
OTHER_REASON = 4

OpenPort = Callable[[Reader], InvoicePort]


class Moved(TypedDict):
    document_id: str
    status: str


def is_liable(reader: Reader, document: Invoice) -> bool:
    """Whether the law wants this document of this shop registered."""
    limit = limits.paise("einvoice_above", document.on_date)
    turnover = profile(reader).turnover_paise
    if limit is None or turnover is None or turnover <= limit:
        return False
    return inv01.is_registrable(document)


def after(ctx: Context) -> None:
    """Plan the registration of what the command has issued."""
    for event in tuple(ctx.events):
        if event.entity is None or event.kind not in ("invoice.issued", "note.issued"):
            continue
        known = profile(ctx)
        due.start(ctx, known)
        if known.turnover_paise is None:
            return
        document = _document(ctx, str(event.payload["document"]), event.entity)
        if is_liable(ctx, document):
            _plan(ctx, document)


def ask_again(ctx: Context, *, invoice_id: UUID) -> Moved:
    """Register a refused document once more, after what was wrong has been put right; an invoice
    that needed none so far, if it does by now.

    Raises Conflict("einvoice_not_needed", "einvoice_registered").
    """
    require(ctx, Permission.CREATE_INVOICE)
    known = registration_of(ctx, invoice_id, lock=True)
    if known is None:
        document = invoice(ctx, invoice_id)
        if document.status != "issued" or not is_liable(ctx, document):
            raise Conflict("einvoice_not_needed")
        _plan(ctx, document)
    elif known.status == registration.REFUSED:
        registration.move(ctx, known, registration.WAITING, error_code=None)
        ctx.later(JOB, due_at=ctx.now, document_id=str(invoice_id))
        ctx.record("einvoice.asked_again", entity=invoice_id)
    elif known.status != registration.WAITING:
        raise Conflict("einvoice_registered")
    return {"document_id": str(invoice_id), "status": registration.WAITING}


def keep(
    ctx: Context,
    *,
    document_id: UUID,
    irn: str,
    ack_no: str,
    ack_at: str,
    signed_qr: str,
) -> Moved:
    """What the portal has given for a document; the one who made it gets it with its QR code.

    A document that was cancelled meanwhile is cancelled at the portal too.
    """
    known = _locked(ctx, document_id)
    values = {
        "irn": irn,
        "ack_no": ack_no,
        "ack_at": datetime.fromisoformat(ack_at),
        "signed_qr": signed_qr,
        "error_code": None,
    }
    if known.status == registration.DROPPED:
        registration.move(ctx, known, registration.CANCELLING, **values)
        ctx.later(
            registration.CANCEL_JOB,
            due_at=ctx.now,
            document_id=str(document_id),
            reason="mistake",
            user_id=None,
        )
    elif known.status == registration.WAITING:
        registration.move(ctx, known, registration.REGISTERED, **values)
        _tell(ctx, known, DONE, attachment=_attachment(known))
    ctx.record("einvoice.registered", entity=document_id, irn=irn)
    return {"document_id": str(document_id), "status": registration.REGISTERED}


def refuse(ctx: Context, *, document_id: UUID, code: str) -> Moved:
    """The document cannot be registered as it is; who made it is told why."""
    known = _locked(ctx, document_id)
    if known.status == registration.WAITING:
        registration.move(ctx, known, registration.REFUSED, error_code=code)
        _tell(ctx, known, REFUSED, why=code)
        ctx.record("einvoice.refused", entity=document_id, code=code)
    return {"document_id": str(document_id), "status": registration.REFUSED}


def delay(ctx: Context, *, document_id: UUID) -> Moved:
    """The portal is away: who made the document is told once; it is tried until it works."""
    _tell(ctx, _locked(ctx, document_id), DELAYED)
    return {"document_id": str(document_id), "status": registration.WAITING}


def finish_cancelling(
    ctx: Context, *, document_id: UUID, reason: str, user_id: str | None = None
) -> Moved:
    """The portal has cancelled the document: now it is cancelled here as well."""
    known = _locked(ctx, document_id, lock=False)
    if invoice(ctx, known.invoice_id).status == "issued":
        invoicing.cancel_invoice(ctx, invoice_id=known.invoice_id, reason=reason, at_portal=True)
    else:
        registration.close(ctx, document_id)
    _tell(ctx, known, CANCELLED, to=user_id, attachment=_attachment(known))
    return {"document_id": str(document_id), "status": registration.CANCELLED}


def credit_instead(
    ctx: Context, *, document_id: UUID, reason: str, user_id: str | None = None
) -> Moved:
    """The portal cancels no more: a credit note over the whole bill undoes it."""
    known = _locked(ctx, document_id)
    registration.move(ctx, known, registration.REGISTERED)
    noted = notes.credit_invoice(ctx, invoice_id=known.invoice_id, reason=reason)
    _tell(
        ctx, known, CREDITED, to=user_id, note=noted["number"],
        attachment={"kind": "note", "id": noted["note_id"]},
    )  # fmt: skip
    return {"document_id": str(document_id), "status": registration.REGISTERED}


def keep_registered(
    ctx: Context, *, document_id: UUID, code: str, user_id: str | None = None
) -> Moved:
    """The portal does not cancel, and a credit note is for people to decide."""
    known = _locked(ctx, document_id)
    registration.move(ctx, known, registration.REGISTERED)
    _tell(ctx, known, KEPT, to=user_id, why=code)
    return {"document_id": str(document_id), "status": registration.REGISTERED}


def handlers(open_port: OpenPort) -> Mapping[str, Handler]:
    """Who does the jobs."""
    return {
        JOB: lambda work: _register(work, open_port),
        registration.CANCEL_JOB: lambda work: _cancel(work, open_port),
    }


def _register(work: Work, open_port: OpenPort) -> None:
    document_id = UUID(str(work.arguments["document_id"]))
    with work.read() as reader:
        known = registration_of(reader, document_id)
        if known is None or known.status != registration.WAITING:
            return
        document = _document(reader, known.document_kind, document_id)
        content = inv01.payload(document)
        port, code = _port(reader, open_port)
    wrong = inv01.faults(content)
    if wrong or port is None:
        work.run(refuse, document_id=document_id, code=code or wrong[0].code)
        return
    try:
        given = _registered(port, document, content)
        _check(port, given, document)
    except Unavailable:
        _tell_of_delay(work, document_id)
        raise
    except (PortalRefused, Invalid) as refused:
        work.run(refuse, document_id=document_id, code=refused.code)
        return
    work.run(
        keep,
        document_id=document_id,
        irn=given.irn,
        ack_no=given.ack_no,
        ack_at=given.ack_at.isoformat(),
        signed_qr=given.signed_qr,
    )


def _registered(port: InvoicePort, document: Invoice, content: Mapping[str, Any]) -> Acknowledged:
    """A duplicate is our own earlier try, whose answer did not reach us."""
    try:
        return port.register(content)
    except PortalRefused as refused:
        if refused.code != ALREADY:
            raise
        return port.registered(inv01.irn_of(document))


def _check(port: InvoicePort, given: Acknowledged, document: Invoice) -> None:
    """The portal must have signed our document and given it the number that it must have."""
    qr = signed.read_qr(port.verify(given.signed_qr))
    same = (
        qr.irn == given.irn == inv01.irn_of(document)
        and qr.seller == document.supplier_gstin
        and qr.number.upper() == document.number.upper()
        and qr.kind == inv01.kind_of(document)
        and qr.on == document.on_date
        and qr.total_paise == document.total_paise
    )
    if not same:
        raise Invalid("bad_signature")


def _cancel(work: Work, open_port: OpenPort) -> None:
    document_id = UUID(str(work.arguments["document_id"]))
    reason = str(work.arguments["reason"])
    told = {"document_id": document_id, "user_id": work.arguments.get("user_id")}
    with work.read() as reader:
        known = registration_of(reader, document_id)
        if known is None or known.status != registration.CANCELLING or known.irn is None:
            return
        issued = invoice(reader, known.invoice_id).status == "issued"
        port = open_port(reader)
    try:
        port.cancel(known.irn, reason=REASONS.get(reason, OTHER_REASON), remark=reason)
    except PortalRefused as refused:
        if refused.code == TOO_LATE and issued:
            work.run(credit_instead, reason=reason, **told)
            return
        if refused.code != NOT_ACTIVE:
            work.run(keep_registered, code=refused.code, **told)
            return
    work.run(finish_cancelling, reason=reason, **told)


def _port(reader: Reader, open_port: OpenPort) -> tuple[InvoicePort | None, str | None]:
    try:
        return open_port(reader), None
    except Conflict as conflict:
        return None, conflict.code


def _tell_of_delay(work: Work, document_id: UUID) -> None:
    """Once for a document, however often the job is tried."""
    try:
        work.bahi.run(
            work.business_id, SYSTEM, f"einvoice-delay:{document_id}", delay,
            document_id=document_id,
        )  # fmt: skip
    except BahiError:
        return


def _plan(ctx: Context, document: Invoice) -> None:
    kind = document.kind if document.kind in inv01.TYPES else "invoice"
    invoice_id = document.id
    if kind != "invoice":
        invoice_id = notes.note(ctx, document.id).invoice_id
    ctx.connection.execute(
        insert(e_invoices).values(
            business_id=ctx.business_id,
            id=new_id(),
            document_kind=kind,
            document_id=document.id,
            invoice_id=invoice_id,
            status=registration.WAITING,
            user_id=ctx.actor.id if ctx.actor.kind == "user" else None,
            created_at=ctx.now,
        )
    )
    ctx.later(JOB, due_at=ctx.now, document_id=str(document.id))


def _document(reader: Reader, kind: str, document_id: UUID) -> Invoice:
    """The invoice, or the note as a document."""
    if kind in inv01.TYPES:
        return notes.as_paper(reader, notes.note(reader, document_id))
    return invoice(reader, document_id)


def _locked(ctx: Context, document_id: UUID, *, lock: bool = True) -> Registration:
    require(ctx, Permission.CANCEL_INVOICE)
    known = registration_of(ctx, document_id, lock=lock)
    if known is None:
        raise NotFound("invoice")
    return known


def _attachment(known: Registration) -> dict[str, str]:
    kind = "invoice" if known.document_kind == "invoice" else "note"
    return {"kind": kind, "id": str(known.document_id)}


def _tell(
    ctx: Context,
    known: Registration,
    response: str,
    *,
    to: str | None = None,
    attachment: Mapping[str, str] | None = None,
    **facts: str,
) -> None:
    """Tell who made the document; where nobody did, those who run the shop."""
    user_id = UUID(to) if to else known.user_id
    people = [user_id] if user_id else [one.id for one in all_users(ctx, roles=WATCHERS)]
    for one in people:
        ctx.tell(
            response,
            to=Recipient("user", one),
            facts={"invoice_id": str(known.invoice_id), **facts},
            attachment=attachment,
        )
