"""A sale over the counter that is put right: whoever bought there keeps no account, so that the
sale is undone and made again as it was, and only what it differs by moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from erp_core.catalogue.queries import products_by_id
from erp_core.invoicing import notes, service
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.orders import queries as orders
from erp_core.orders import service as order_service
from erp_core.orders import states
from erp_core.orders.pricing import LineWanted
from erp_core.parties.permissions import Permission, require
from erp_core.parties.service import WALK_IN
from erp_core.payments import correcting, returns
from erp_core.payments import queries as payments
from erp_core.payments.queries import Payment


class SoldAgain(TypedDict):
    """The bill as it should have been, and the credit note on the wrong one; `moved` is what came
    on top, in paise, below zero what went back, and the `way`."""

    invoice_id: str
    order_id: str | None
    number: str
    note_number: str
    wrong_number: str
    total: int
    moved: int
    way: str


def can_sell_again(reader: Reader, document: Invoice) -> bool:
    """Whether a bill is of goods that left over the counter, all paid, and of which nothing has
    been put right or brought back."""
    if document.customer_name != WALK_IN or document.order_id is None or document.due_paise:
        return False
    if document.status != "issued" or notes.notes_of(reader, document.id):
        return False
    return orders.order(reader, document.order_id).status == states.DELIVERED


def sell_again(
    ctx: Context,
    *,
    invoice_id: UUID,
    lines: Sequence[LineWanted],
    said_total: int | None = None,
) -> SoldAgain:
    """Credit a bill of the counter, its goods back in stock, and sell these lines in its place, for
    just `said_total` where one is said; the difference moves by the way in which it was paid.

    Raises Conflict("order_not_billable", status) for any other bill, and what credit_invoice and
    bill_goods raise.
    """
    require(ctx, Permission.CANCEL_INVOICE)
    # Others sell over the same counter: what it is owed stands still from here on.
    goods = products_by_id(ctx, [UUID(str(one["product_id"])) for one in lines])
    wrong = notes.held(ctx, invoice_id, goods_back=True, beside=goods)
    if not can_sell_again(ctx, wrong):
        raise Conflict("order_not_billable", status=wrong.status)
    way, paid = notes.way_back(ctx, wrong), payments.most_paid(ctx, wrong.id)
    before = balance_of(ctx, chart.RECEIVABLE, wrong.customer_id)
    noted = notes.credit_invoice(ctx, invoice_id=invoice_id, reason="mistake", goods_back=True)
    issued = service.bill_goods(
        ctx, customer_id=wrong.customer_id, lines=lines, said_total=said_total
    )
    moved = balance_of(ctx, chart.RECEIVABLE, wrong.customer_id) - before
    if paid is None or not _put_right(ctx, paid, moved):
        returns.even_out(ctx, customer_id=wrong.customer_id, before=before, method=way)
    if issued["order_id"]:
        order_service.change_status(ctx, order_id=UUID(issued["order_id"]), status=states.DELIVERED)
    return {
        "invoice_id": issued["invoice_id"],
        "order_id": issued["order_id"],
        "number": issued["number"],
        "note_number": noted["number"],
        "wrong_number": wrong.number,
        "total": issued["total"],
        "moved": moved,
        "way": way,
    }


def _put_right(ctx: Context, paid: Payment, moved: int) -> bool:
    """Whether a payment could be written as what came indeed, where it was less: so much that
    nobody outside has told of."""
    right = paid.amount + moved
    if moved >= 0 or right <= 0 or not correcting.can_take_back(ctx, paid.id):
        return False
    correcting.take_back_payment(ctx, payment_id=paid.id, right_paise=right)
    return True
