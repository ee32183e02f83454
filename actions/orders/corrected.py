"""What was wrong on a bill that is made, "2 nahi 3 the": its order is changed so once the bill is
undone, after a yes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.context import Turn
from actions.entities import number_of, paise_of
from actions.forms.draft import Draft
from actions.forms.names import MODIFY_FORM
from actions.goods.lines import line_of
from actions.invoicing.put_right import figures_of
from actions.lexicon import says
from actions.match import customer_named, product_named, recent
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.money import PAISE_PER_RUPEE, from_decimal
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders.queries import OrderLine

BILL = frozenset({"customer_name", "invoice_number", "date"})
"""What says which bill is meant."""


def order_put_right(turn: Turn) -> Draft | None:
    """The change of the bill's order that a message tells of, where it is clear which it is."""
    with turn.read() as reader:
        bill = _bill_meant(turn, reader)
        if bill is None or bill.order_id is None:
            return None
        line, mode = _line_put_right(turn, reader, orders.order(reader, bill.order_id).lines)
    if line is None:
        return None
    data = {"order": {"id": str(bill.order_id)}, "mode": mode, "lines": [line]}
    return Draft(f"{turn.new_id()}-right", MODIFY_FORM, data)


def _bill_meant(turn: Turn, reader: Reader) -> Invoice | None:
    if number := turn.value("invoice_number"):
        return invoices.invoice_by_number(reader, number)
    if said := turn.value("customer_name"):
        whose = customer_named(reader, said).one
        return invoices.latest_invoice(reader, whose.id) if whose else None
    before = recent(turn, "invoice")
    return invoices.invoice(reader, before) if before else None


def _line_put_right(
    turn: Turn, reader: Reader, lines: Sequence[OrderLine]
) -> tuple[dict[str, Any] | None, str]:
    """The goods as they should have been billed, and whether they come on top of the order."""
    named = turn.value("product_name")
    goods = product_named(reader, named).one if named else None
    held = [one for one in lines if named is None or (goods and one.product_id == goods.id)]
    count, rate = _right_one(turn, held)
    if goods and not held and count is not None:
        return {**line_of(turn, goods.id), "quantity": count}, "add"
    if len(held) == 1 and not (count is None and rate is None):
        line = {**line_of(turn, held[0].product_id), "said_unit": held[0].unit}
        line["quantity"] = count or plain(held[0].quantity)
        return {**line, **({"amount": rate, "each": True} if rate else {})}, "set"
    return None, "set"


def _right_one(turn: Turn, held: list[OrderLine]) -> tuple[str | None, int | None]:
    """The count, or the rate in paise, that takes the place of the one that was billed; `held`
    keeps the lines that hold the wrong one, where it is said."""
    if figures := figures_of(turn):
        wrong, right = figures
        counted = [one for one in held if one.quantity == wrong]
        rated = [one for one in held if one.unit_price_paise == wrong * PAISE_PER_RUPEE]
        held[:] = counted or rated
        return (plain(right), None) if counted else (None, from_decimal(right))
    number = turn.first("amount") or turn.first("quantity")
    if number is None or len(turn.all("amount")) + len(turn.all("quantity")) != 1:
        return None, None
    if number.name == "amount" or says(turn.words, "asks_price"):
        return None, paise_of(number)
    said = number_of(number)
    return (plain(said) if said else None), None
