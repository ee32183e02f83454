"""Correcting a bill whose return has been filed: its buyer's GSTIN, or where it was supplied.

Until the return of its month was filed, or its last day is over, the bill is simply filed as it is
now. After that it is an amendment in the return of the month in which it was corrected (GSTR-1,
tables 9A, 9C and 10), which the law takes until 30 November after the financial year (section
37(3)). The bill keeps what it was issued with; what it comes to never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, insert, select, update

from erp_core.invoicing import registration
from erp_core.invoicing.models import amendments, invoices
from erp_core.invoicing.notes import credit_invoice, notes_of
from erp_core.invoicing.queries import Invoice, corrected, invoice
from erp_core.invoicing.service import bill_again
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.parties.permissions import Permission, require
from erp_core.payments.allocation import lock_customer
from erp_core.portals import einvoicing
from erp_core.portals.periods import is_filed, month_of
from erp_core.tax import gstin as gstins
from erp_core.tax import rules, states
from erp_core.tax.rules import EXPORTS, stands_alone

HEADS = {
    "cgst_paise": chart.OUTPUT_CGST,
    "sgst_paise": chart.OUTPUT_SGST,
    "igst_paise": chart.OUTPUT_IGST,
    "round_off_paise": chart.ROUND_OFF,
}


class BillCorrected(TypedDict):
    """`on` is the day in whose month it is filed; `filed` whether the return of the bill's own
    month was over, so that the correction is an amendment."""

    invoice_id: str
    number: str
    gstin: str | None
    place_of_supply: str
    on: str
    filed: bool


class BilledAnew(TypedDict):
    """The new bill, and the note on the one that it stands for."""

    invoice_id: str
    number: str
    note_id: str
    note: str
    instead_of: str


BILLED_ANEW = frozenset({"cannot_be_corrected", "einvoice_registered"})
"""Why a bill is not amended: the portal amends no e-invoice, moves no bill out of table 5, and in
table 9A keeps the place of supply of one that is in it."""


@dataclass(frozen=True)
class _Buyer:
    """Whom a bill is corrected to."""

    gstin: str | None
    state: str
    place_of_supply: str
    on_date: date


def correct_buyer(
    ctx: Context, *, invoice_id: UUID, gstin: str | None = None, state: str | None = None
) -> BillCorrected:
    """Give a bill another buyer's GSTIN, or an unregistered buyer's state.

    Raises NotFound("invoice"), Invalid("bad_gstin", "bad_state"), Conflict("invoice_cancelled",
    "amendment_too_late", "nothing_to_correct", "cannot_be_corrected", "einvoice_registered"): what
    cannot be corrected is credited and billed anew.
    """
    require(ctx, Permission.CANCEL_INVOICE)
    seen = invoice(ctx, invoice_id)
    lock_customer(ctx, seen.customer_id)
    document = invoice(ctx, invoice_id)
    on = filed_in(ctx, document)
    to = _buyer(document, gstin, state, on)
    _check(ctx, document, to)
    after = corrected(invoice(ctx, invoice_id, as_of=date.min), to)
    amendment_id = new_id()
    entry_id = post(
        ctx,
        kind="amendment",
        on=on,
        postings=[
            Posting(account, getattr(document, head) - getattr(after, head))
            for head, account in HEADS.items()
        ],
        source=("amendment", amendment_id),
    )
    _insert(ctx, document, to, amendment_id, entry_id)
    ctx.record("invoice.corrected", entity=invoice_id, number=document.number, on=on.isoformat())
    if einvoicing.is_liable(ctx, after) and not einvoicing.is_liable(ctx, document):
        einvoicing.ask_again(ctx, invoice_id=invoice_id)
    return {
        "invoice_id": str(invoice_id),
        "number": document.number,
        "gstin": to.gstin,
        "place_of_supply": to.place_of_supply,
        "on": on.isoformat(),
        "filed": on > month_of(document.on_date)[1],
    }


def bill_anew(
    ctx: Context, *, invoice_id: UUID, gstin: str | None = None, state: str | None = None
) -> BilledAnew:
    """Credit a bill wholly, and bill the same goods to its right buyer: the way of the law for what
    is not amended (`BILLED_ANEW`). Both stand in the return of their month: the note under the
    buyer that the bill had. Nothing moves in the stock, and the sums of the customer stay.

    Raises what correct_buyer raises but for those codes, Conflict("nothing_to_credit") where a note
    has taken a part of it, and what credit_invoice raises.
    """
    require(ctx, Permission.CANCEL_INVOICE)
    document = invoice(ctx, invoice_id)
    to = _buyer(document, gstin, state, ctx.today)
    if not can_be_billed_anew(ctx, document):
        raise Conflict("cannot_be_corrected", number=document.number)
    noted = credit_invoice(ctx, invoice_id=invoice_id, reason="mistake")
    issued = bill_again(ctx, corrected(document, to))
    ctx.record(
        "invoice.billed_anew", entity=invoice_id, number=document.number,
        note_id=noted["note_id"], invoice_id=issued["invoice_id"],
    )  # fmt: skip
    return {
        "invoice_id": issued["invoice_id"],
        "number": issued["number"],
        "note_id": noted["note_id"],
        "note": noted["number"],
        "instead_of": document.number,
    }


def can_be_billed_anew(reader: Reader, document: Invoice) -> bool:
    """Whether a bill is credited and made again: not where there is no GST on it, nor one abroad,
    whose buyer has no GSTIN; and a note that is there already leaves it to people."""
    plain_bill = document.kind == "bill" or document.treatment in EXPORTS
    return not plain_bill and not notes_of(reader, document.id)


def preview(
    reader: Reader, *, invoice_id: UUID, gstin: str | None = None, state: str | None = None
) -> tuple[Invoice, bool]:
    """The bill as it would be, and whether that would be an amendment. Raises as correct_buyer."""
    require(reader, Permission.CANCEL_INVOICE)
    document = invoice(reader, invoice_id)
    on = filed_in(reader, document)
    to = _buyer(document, gstin, state, on)
    _check(reader, document, to)
    issued = invoice(reader, invoice_id, as_of=date.min)
    return corrected(issued, to), on > month_of(document.on_date)[1]


def filed_in(reader: Reader, document: Invoice) -> date:
    """The day that a correction counts from: within the bill's month while its return is open."""
    if is_filed(reader, "GSTR-1", document.on_date):
        return reader.today
    return min(reader.today, month_of(document.on_date)[1])


def _buyer(document: Invoice, gstin: str | None, state: str | None, on: date) -> _Buyer:
    if gstin is not None:
        gstin = gstin.strip().upper()
        if not gstins.is_valid(gstin):
            raise Invalid("bad_gstin")
        place = gstins.state_of(gstin)
    elif state is not None:
        place = states.checked(state)
    else:
        raise Conflict("nothing_to_correct")
    if (gstin, place) == (document.customer_gstin, document.place_of_supply):
        raise Conflict("nothing_to_correct")
    return _Buyer(gstin, place, place, on)


def _check(reader: Reader, document: Invoice, to: _Buyer) -> None:
    if document.status == "cancelled":
        raise Conflict("invoice_cancelled", invoice_id=str(document.id))
    if document.kind != "tax_invoice" or document.treatment:
        raise Conflict("cannot_be_corrected", number=document.number)
    if reader.today > rules.last_day_for(document.on_date):
        raise Conflict("amendment_too_late")
    if registration.registration_of(reader, document.id) is not None:
        raise Conflict("einvoice_registered")
    # A registered buyer is not made an unregistered one, and what notes have taken off a bill to a
    # consumer cannot be told apart from its month's sum.
    after = corrected(document, to)
    leaves = document.customer_gstin is not None and to.gstin is None
    moves = after.inter_state != document.inter_state
    unnamed = document.customer_gstin is None
    mixed = moves and not all(line.rate for line in document.lines)
    noted = (moves or unnamed) and notes_of(reader, document.id)
    if leaves or mixed or noted or any(_stands_alone(one) for one in (document, after)):
        raise Conflict("cannot_be_corrected", number=document.number)


def _stands_alone(document: Invoice) -> bool:
    """Bills of table 5 cannot become bills of another table."""
    return document.customer_gstin is None and stands_alone(
        inter_state=document.inter_state,
        total_paise=document.total_paise,
        on=document.on_date,
    )


def _insert(
    ctx: Context, document: Invoice, to: _Buyer, amendment_id: UUID, entry_id: UUID | None
) -> None:
    c = amendments.c
    before = ctx.connection.execute(
        select(func.count()).where(c.business_id == ctx.business_id, c.invoice_id == document.id)
    ).scalar_one()
    ctx.connection.execute(
        insert(amendments).values(
            business_id=ctx.business_id,
            id=amendment_id,
            invoice_id=document.id,
            position=before + 1,
            on_date=to.on_date,
            reason="buyer",
            gstin_before=document.customer_gstin,
            state_before=document.customer_state,
            place_before=document.place_of_supply,
            gstin=to.gstin,
            state=to.state,
            place_of_supply=to.place_of_supply,
            entry_id=entry_id,
            created_at=ctx.now,
        )
    )
    ctx.connection.execute(
        update(invoices)
        .where(invoices.c.business_id == ctx.business_id, invoices.c.id == document.id)
        .values(amended=True)
    )
