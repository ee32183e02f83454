"""Credit and debit notes (section 34), and undoing a bill by whichever way is still open.

A note names lines of one invoice and bears the rates of that invoice, whatever the rates are now.
Amounts are paise; a note's amounts are positive, its kind gives the sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.engine import Row

from erp_core.catalogue.codes import is_service
from erp_core.inventory import service as inventory
from erp_core.invoicing import service as invoicing
from erp_core.invoicing.models import note_lines, notes
from erp_core.invoicing.numbering import CREDIT_NOTE, DEBIT_NOTE, Number, next_number
from erp_core.invoicing.queries import Invoice, InvoiceLine, income_of, invoice
from erp_core.invoicing.registration import (
    CANCELLING,
    can_be_cancelled,
    cancel_at_portal,
    registration_of,
)
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up, split_by_largest_remainder
from erp_core.ledger import chart
from erp_core.ledger import service as ledger
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting
from erp_core.orders import queries as orders
from erp_core.orders import service as order_service
from erp_core.orders import states
from erp_core.orders.models import orders as order_rows
from erp_core.parties.permissions import Permission, require
from erp_core.parties.service import WALK_IN
from erp_core.payments import queries as payments
from erp_core.payments import returns
from erp_core.payments.adjusting import adjust_receivable
from erp_core.payments.allocation import lock_customer
from erp_core.payments.methods import METHODS
from erp_core.tax import rules

HEADS = ("taxable", "cgst", "sgst", "igst", "cess", "round_off")
NONE = Decimal(0)


@dataclass(frozen=True)
class NoteLine:
    """A part of an invoice's line; `position` is that line's."""

    position: int
    quantity: Decimal
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    cess_paise: int
    round_off_paise: int

    @property
    def total_paise(self) -> int:
        return (
            self.taxable_paise
            + self.cgst_paise
            + self.sgst_paise
            + self.igst_paise
            + self.cess_paise
            + self.round_off_paise
        )


@dataclass(frozen=True)
class Note:
    """A credit or debit note as it was issued."""

    id: UUID
    number: str
    kind: str
    invoice_id: UUID
    customer_id: UUID
    on_date: date
    reason: str
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    cess_paise: int
    round_off_paise: int
    total_paise: int
    created_at: datetime
    lines: tuple[NoteLine, ...]

    @property
    def sign(self) -> int:
        """What the note does to a sale: -1 for credit, 1 for debit."""
        return -1 if self.kind == "credit_note" else 1


class NoteIssued(TypedDict):
    note_id: str
    number: str
    kind: str
    invoice_id: str
    invoice_number: str
    customer_id: str
    taxable: int
    cgst: int
    sgst: int
    igst: int
    cess: int
    round_off: int
    total: int
    due: int


class BillUndone(TypedDict):
    """`how` is "cancelled" or "credited", or "cancelling" while the e-invoice portal is asked;
    `number` the credit note's, else the bill's; `given_back` what of it goes back over the counter,
    in paise, and the `way`."""

    how: str
    number: str
    invoice_number: str
    total: int
    note_id: str | None
    given_back: int
    way: str


def undo_bill(
    ctx: Context,
    *,
    invoice_id: UUID,
    reason: str,
    back: Mapping[str, str] | None = None,
    amount_paise: int | None = None,
    goods_back: bool = False,
    with_order: bool = False,
    way: str | None = None,
) -> BillUndone:
    """Undo a bill, or take back a part of it: `back` maps positions of lines to quantities.

    A whole bill whose goods have not left and whose month is not over is cancelled and keeps its
    number, and with it its order where `with_order`; anything else gets a credit note. What was
    paid over the counter goes back at once, by the way it came where no `way` is told, as nobody's
    account could hold it. Raises as `credit_invoice`, and Invalid("bad_method").
    """
    require(ctx, Permission.CANCEL_INVOICE)
    document = held(ctx, invoice_id, goods_back=goods_back)
    before = balance_of(ctx, chart.RECEIVABLE, document.customer_id)
    way = way or way_back(ctx, document)
    if not back and amount_paise is None and can_cancel(ctx, document):
        done = _cancelled(ctx, document, reason)
        if with_order and document.order_id and done["how"] == "cancelled":
            order_service.cancel_order(ctx, order_id=document.order_id, reason=reason)
    else:
        noted = credit_invoice(
            ctx,
            invoice_id=invoice_id,
            reason=reason,
            back=back,
            amount_paise=amount_paise,
            goods_back=goods_back,
        )
        done = _as_undone("credited", noted["number"], document, noted["total"], noted["note_id"])
    return {**done, "given_back": _give_back(ctx, document, before, way), "way": way}


def way_back(reader: Reader, document: Invoice) -> str:
    """The way in which money for a bill goes back: by which most of it came."""
    paid = payments.most_paid(reader, document.id)
    return paid.method if paid and paid.method in METHODS else "cash"


def _give_back(ctx: Context, document: Invoice, before: int, way: str) -> int:
    """Pay back what a bill of the counter is not owed any more."""
    owed = min(0, before)
    if document.customer_name != WALK_IN:
        return 0
    if balance_of(ctx, chart.RECEIVABLE, document.customer_id) >= owed:
        return 0
    return -returns.even_out(ctx, customer_id=document.customer_id, before=owed, method=way)


def _as_undone(
    how: str, number: str, document: Invoice, total: int, note_id: str | None = None
) -> BillUndone:
    return {
        "how": how,
        "number": number,
        "invoice_number": document.number,
        "total": total,
        "note_id": note_id,
        "given_back": 0,
        "way": "cash",
    }


def _cancelled(ctx: Context, document: Invoice, reason: str) -> BillUndone:
    """The bill taken off the books at once, or by the e-invoice portal first where it is there."""
    asked = cancel_at_portal(ctx, document.id, reason)
    if not asked:
        invoicing.cancel_invoice(ctx, invoice_id=document.id, reason=reason)
    how = "cancelling" if asked else "cancelled"
    return _as_undone(how, document.number, document, document.total_paise)


def can_cancel(reader: Reader, document: Invoice) -> bool:
    """Whether a bill can still be cancelled as if it had not been, instead of credited."""
    if document.status != "issued" or document.corrected_on or notes_of(reader, document.id):
        return False
    if not can_be_cancelled(reader, document.id):
        return False
    same_month = (document.on_date.year, document.on_date.month) == (
        reader.today.year,
        reader.today.month,
    )
    left = document.order_id and orders.order(reader, document.order_id).status in states.ISSUED
    return document.kind == "bill" or (same_month and not left)


def credit_invoice(
    ctx: Context,
    *,
    invoice_id: UUID,
    reason: str,
    back: Mapping[str, str] | None = None,
    amount_paise: int | None = None,
    goods_back: bool = False,
) -> NoteIssued:
    """Issue a credit note: over quantities of lines, an amount with its tax, or all that is left.

    With `goods_back` what is named comes into stock again. Raises NotFound("invoice"),
    Conflict("invoice_cancelled", "note_too_late", "nothing_to_credit", "more_than_billed"),
    Invalid("bad_amount", "bad_quantity").
    """
    document = _opened(ctx, invoice_id, goods_back=goods_back)
    left = left_of(ctx, document)
    if amount_paise is not None:
        lines = _by_amount(left, amount_paise)
    else:
        wanted = {int(at): Decimal(count) for at, count in back.items()} if back else None
        lines = _by_quantity(left, wanted)
    note_id = new_id()
    if goods_back:
        _take_goods_back(ctx, document, lines, note_id, whole=not back)
    return _issue(ctx, document, lines, note_id=note_id, kind="credit_note", reason=reason)


def worth(reader: Reader, document: Invoice, back: Mapping[str, str]) -> int:
    """What a credit note over quantities of lines would come to, in paise.

    Raises Conflict("more_than_billed"), Invalid("bad_quantity"), NotFound("order_line").
    """
    wanted = {int(at): Decimal(count) for at, count in back.items()}
    lines = _by_quantity(left_of(reader, document), wanted)
    return sum(one.total_paise for one in lines)


def debit_invoice(ctx: Context, *, invoice_id: UUID, amount_paise: int, reason: str) -> NoteIssued:
    """Issue a debit note over an amount with its tax, at the rates of the invoice.

    Raises NotFound("invoice"), Conflict("invoice_cancelled", "note_too_late"),
    Invalid("bad_amount").
    """
    document = _opened(ctx, invoice_id)
    full = [_as_note_line(at, line) for at, line in enumerate(document.lines, start=1)]
    lines = _shared(full, amount_paise)
    return _issue(ctx, document, lines, note_id=new_id(), kind="debit_note", reason=reason)


def note(reader: Reader, note_id: UUID) -> Note:
    """A note with its lines. Raises NotFound("note")."""
    found = _notes(reader, notes.c.id == note_id)
    if not found:
        raise NotFound("note", note_id=str(note_id))
    require(reader, Permission.VIEW_INVOICES, customer_id=found[0].customer_id)
    return found[0]


def notes_of(reader: Reader, invoice_id: UUID) -> list[Note]:
    """The notes on an invoice, oldest first."""
    return _notes(reader, notes.c.invoice_id == invoice_id)


def notes_between(reader: Reader, start: date, end: date) -> list[Note]:
    """The notes of the days from start to end, both included, oldest first."""
    require(reader, Permission.VIEW_INVOICES)
    return _notes(reader, notes.c.on_date.between(start, end))


def as_paper(reader: Reader, noted: Note) -> Invoice:
    """The note as a document to draw: the parties of its invoice, its own lines and amounts."""
    original = invoice(reader, noted.invoice_id)
    return replace(
        original,
        id=noted.id,
        number=noted.number,
        kind=noted.kind,
        status="issued",
        on_date=noted.on_date,
        subtotal_paise=noted.taxable_paise,
        cgst_paise=noted.cgst_paise,
        sgst_paise=noted.sgst_paise,
        igst_paise=noted.igst_paise,
        cess_paise=noted.cess_paise,
        round_off_paise=noted.round_off_paise,
        total_paise=noted.total_paise,
        due_paise=0,
        payment_status="unpaid",
        lines=tuple(_drawn(original.lines[line.position - 1], line) for line in noted.lines),
        against=(original.number, original.on_date),
    )


def held(
    ctx: Context, invoice_id: UUID, *, goods_back: bool = False, beside: Iterable[UUID] = ()
) -> Invoice:
    """The invoice under lock, in the order in which all commands lock: order, stock, customer; the
    stock of its goods where they come back, and of others that go `beside` them."""
    seen = invoice(ctx, invoice_id)
    if seen.order_id:
        ctx.connection.execute(
            select(order_rows.c.id)
            .where(order_rows.c.business_id == ctx.business_id, order_rows.c.id == seen.order_id)
            .with_for_update(key_share=True)
        )
    back = [line.product_id for line in seen.lines if line.product_id] if goods_back else []
    inventory.hold(ctx, [*back, *beside])
    lock_customer(ctx, seen.customer_id)
    return invoice(ctx, invoice_id)


def _opened(ctx: Context, invoice_id: UUID, *, goods_back: bool = False) -> Invoice:
    require(ctx, Permission.CANCEL_INVOICE)
    document = held(ctx, invoice_id, goods_back=goods_back)
    if document.status == "cancelled":
        raise Conflict("invoice_cancelled", invoice_id=str(invoice_id))
    known = registration_of(ctx, invoice_id)
    if known is not None and known.status == CANCELLING:
        raise Conflict("einvoice_cancelling")
    if document.kind != "bill" and ctx.today > rules.last_day_for(document.on_date):
        raise Conflict("note_too_late")
    return document


def left_of(reader: Reader, document: Invoice) -> list[NoteLine]:
    """What of each line has not been credited yet."""
    left = [_as_note_line(at, line) for at, line in enumerate(document.lines, start=1)]
    for earlier in notes_of(reader, document.id):
        if earlier.kind == "credit_note":
            for one in earlier.lines:
                left[one.position - 1] = _less(left[one.position - 1], one)
    return left


def _by_quantity(left: Sequence[NoteLine], wanted: Mapping[int, Decimal] | None) -> list[NoteLine]:
    if wanted is None:
        lines = [one for one in left if one.total_paise > 0]
    else:
        lines = []
        for at, quantity in sorted(wanted.items()):
            if not 1 <= at <= len(left):
                raise NotFound("order_line")
            rest = left[at - 1]
            if quantity <= 0:
                raise Invalid("bad_quantity")
            if quantity > rest.quantity:
                raise Conflict("more_than_billed", available=str(rest.quantity))
            lines.append(_part(rest, quantity))
    if sum(one.total_paise for one in lines) <= 0:
        raise Conflict("nothing_to_credit")
    return lines


def _part(rest: NoteLine, quantity: Decimal) -> NoteLine:
    """So much of what is left of a line, at the price that is left: a note may have lowered it."""
    share = half_up(rest.total_paise * quantity / rest.quantity)
    return _fraction(rest, quantity, of=rest.quantity, share=share, goods=quantity)


def _by_amount(left: Sequence[NoteLine], amount_paise: int) -> list[NoteLine]:
    total = sum(one.total_paise for one in left)
    if not total:
        raise Conflict("nothing_to_credit")
    if amount_paise > total:
        raise Conflict("more_than_billed", available=str(total))
    return _shared(left, amount_paise)


def _shared(lines: Sequence[NoteLine], amount_paise: int) -> list[NoteLine]:
    """An amount with its tax over lines, by what they come to."""
    if amount_paise <= 0:
        raise Invalid("bad_amount")
    shares = split_by_largest_remainder(amount_paise, [max(0, one.total_paise) for one in lines])
    return [_scaled(one, share) for one, share in zip(lines, shares, strict=True) if share]


def _scaled(line: NoteLine, share: int) -> NoteLine:
    """The line at another total, no goods with it."""
    return _fraction(line, Decimal(share), of=Decimal(line.total_paise), share=share, goods=NONE)


def _fraction(
    line: NoteLine, part: Decimal, *, of: Decimal, share: int, goods: Decimal
) -> NoteLine:
    """A part `of` a line that comes to `share`. Each head is rounded for itself, and what they make
    too much or too little goes to round-off: ten packets for ₹140 are ₹14 each."""
    heads = {
        f"{head}_paise": half_up(getattr(line, f"{head}_paise") * part / of) for head in HEADS[:-1]
    }
    return NoteLine(line.position, goods, **heads, round_off_paise=share - sum(heads.values()))


def _issue(
    ctx: Context,
    document: Invoice,
    lines: Sequence[NoteLine],
    *,
    note_id: UUID,
    kind: str,
    reason: str,
) -> NoteIssued:
    sums = {head: sum(getattr(one, f"{head}_paise") for one in lines) for head in HEADS}
    total = sum(sums.values())
    sign = -1 if kind == "credit_note" else 1
    prefix = CREDIT_NOTE if kind == "credit_note" else DEBIT_NOTE
    number = next_number(ctx, prefix, document.supplier_state, ctx.today)
    entry_id = ledger.post(
        ctx,
        kind=kind,
        on=ctx.today,
        postings=_postings(document.customer_id, sums, sign, sold_as=income_of(ctx, document.id)),
        source=("note", note_id),
    )
    named = {"kind": kind, "reason": reason}
    _insert_head(ctx, note_id, document, sums, entry_id=entry_id, number=number, **named)
    _insert_lines(ctx, note_id, lines)
    due = adjust_receivable(
        ctx, source_kind="invoice", source_id=document.id, by_paise=sign * total
    )
    return _recorded(ctx, note_id, document, sums, due=due, number=number.text, **named)


def _insert_head(
    ctx: Context,
    note_id: UUID,
    document: Invoice,
    sums: Mapping[str, int],
    *,
    number: Number,
    **head: Any,
) -> None:
    ctx.connection.execute(
        insert(notes).values(
            business_id=ctx.business_id,
            id=note_id,
            number=number.text,
            financial_year=number.financial_year,
            serial=number.serial,
            invoice_id=document.id,
            customer_id=document.customer_id,
            on_date=ctx.today,
            total_paise=sum(sums.values()),
            created_at=ctx.now,
            **{f"{name}_paise": paise for name, paise in sums.items()},
            **head,
        )
    )


def _insert_lines(ctx: Context, note_id: UUID, lines: Sequence[NoteLine]) -> None:
    ctx.connection.execute(
        insert(note_lines),
        [
            {
                "business_id": ctx.business_id,
                "note_id": note_id,
                "position": position,
                "invoice_position": one.position,
                "quantity": one.quantity,
                **{f"{head}_paise": getattr(one, f"{head}_paise") for head in HEADS},
            }
            for position, one in enumerate(lines, start=1)
        ],
    )


def _recorded(
    ctx: Context,
    note_id: UUID,
    document: Invoice,
    sums: Mapping[str, int],
    *,
    number: str,
    kind: str,
    reason: str,
    due: int,
) -> NoteIssued:
    """The journal's event, and what is told."""
    ctx.record(
        "note.issued",
        entity=note_id,
        document=kind,
        number=number,
        invoice_id=str(document.id),
        customer_id=str(document.customer_id),
        **{head: sums[head] for head in HEADS[:-1]},
        total=sum(sums.values()),
        reason=reason,
    )
    return {
        "note_id": str(note_id),
        "number": number,
        "kind": kind,
        "invoice_id": str(document.id),
        "invoice_number": document.number,
        "customer_id": str(document.customer_id),
        "taxable": sums["taxable"],
        "cgst": sums["cgst"],
        "sgst": sums["sgst"],
        "igst": sums["igst"],
        "cess": sums["cess"],
        "round_off": sums["round_off"],
        "total": sum(sums.values()),
        "due": due,
    }


def _postings(
    customer_id: UUID, sums: Mapping[str, int], sign: int, *, sold_as: str
) -> list[Posting]:
    """A credit note brings sales back by their own account; a debit note adds to sales. What is
    said of equipment that was sold goes where its price did."""
    income = chart.SALES_RETURNS if sign < 0 and sold_as == chart.SALES else sold_as
    return [
        Posting(chart.RECEIVABLE, sign * sum(sums.values()), customer_id),
        Posting(income, -sign * sums["taxable"]),
        Posting(chart.OUTPUT_CGST, -sign * sums["cgst"]),
        Posting(chart.OUTPUT_SGST, -sign * sums["sgst"]),
        Posting(chart.OUTPUT_IGST, -sign * sums["igst"]),
        Posting(chart.OUTPUT_CESS, -sign * sums["cess"]),
        Posting(chart.ROUND_OFF, -sign * sums["round_off"]),
    ]


def _take_goods_back(
    ctx: Context, document: Invoice, lines: Sequence[NoteLine], note_id: UUID, *, whole: bool
) -> None:
    """Goods that left come into stock again: an order that was delivered whole is returned."""
    booked = orders.order(ctx, document.order_id) if document.order_id else None
    if booked is None or booked.status not in states.ISSUED:
        return
    if whole and booked.status == states.DELIVERED:
        order_service.change_status(ctx, order_id=booked.id, status=states.RETURNED)
        return
    back: dict[UUID, Decimal] = defaultdict(Decimal)
    for one in lines:
        line = document.lines[one.position - 1]
        if line.product_id and one.quantity and not is_service(line.hsn):
            back[line.product_id] += one.quantity
    for product_id in sorted(back):
        inventory.receive_stock(
            ctx,
            product_id=product_id,
            quantity=back[product_id],
            reason="returned",
            source=("note", note_id),
        )


def _as_note_line(position: int, line: InvoiceLine) -> NoteLine:
    return NoteLine(
        position,
        line.quantity,
        **{f"{head}_paise": getattr(line, f"{head}_paise") for head in HEADS},
    )


def _less(line: NoteLine, taken: NoteLine) -> NoteLine:
    return NoteLine(
        line.position,
        line.quantity - taken.quantity,
        **{
            f"{head}_paise": getattr(line, f"{head}_paise") - getattr(taken, f"{head}_paise")
            for head in HEADS
        },
    )


def _drawn(line: InvoiceLine, part: NoteLine) -> InvoiceLine:
    return replace(
        line,
        quantity=part.quantity,
        taxable_paise=part.taxable_paise,
        cgst_paise=part.cgst_paise,
        sgst_paise=part.sgst_paise,
        igst_paise=part.igst_paise,
        cess_paise=part.cess_paise,
        cess_units_paise=part.cess_paise if line.cess_units_paise else 0,
        cess_rate=0 if line.cess_units_paise else line.cess_rate,
        round_off_paise=part.round_off_paise,
    )


def _notes(reader: Reader, condition: object) -> list[Note]:
    rows = reader.connection.execute(
        select(notes)
        .where(notes.c.business_id == reader.business_id, condition)
        .order_by(notes.c.created_at, notes.c.id)
    ).all()
    lines: dict[UUID, list[NoteLine]] = defaultdict(list)
    if rows:
        found = reader.connection.execute(
            select(note_lines)
            .where(
                note_lines.c.business_id == reader.business_id,
                note_lines.c.note_id.in_([row.id for row in rows]),
            )
            .order_by(note_lines.c.note_id, note_lines.c.position)
        )
        for row in found:
            lines[row.note_id].append(_line_of(row))
    plain = Note.__dataclass_fields__.keys() - {"lines"}
    return [Note(**{name: row[name] for name in plain}, lines=tuple(lines[row.id])) for row in rows]


def _line_of(row: Row) -> NoteLine:
    return NoteLine(
        row.invoice_position,
        row.quantity,
        **{f"{head}_paise": row[f"{head}_paise"] for head in HEADS},
    )
