"""A bill that held something wrong, made anew: it is cancelled, its order changed, and billed
again, shown on one card and agreed to at once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn
from actions.forms.customer import set_customer
from actions.forms.draft import Draft
from actions.forms.form import FORMS
from actions.forms.names import MODIFY_FORM, ORDER_FORM
from actions.goods.lines import line_of
from actions.invoicing.sales import say_bill_made
from actions.match import remember
from actions.orders.changing import change_of
from actions.orders.counter import sell_over_the_counter
from actions.orders.lines import as_booked
from actions.waiting import SLOT
from actions.wording import order_lines, totals
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import service
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import service as order_service
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import Order
from erp_core.parties.service import WALK_IN


def change_in(draft: Draft, bill: Invoice) -> Draft | None:
    """What is changed of the order of the bill that a draft undoes."""
    kept = draft["change"]
    if kept is None or kept["form"] != MODIFY_FORM or bill.order_id is None:
        return None
    change = Draft(**kept)
    return change if change["order"]["id"] == str(bill.order_id) else None


def settle_change(turn: Turn, reader: Reader, draft: Draft, bill: Invoice) -> None:
    """Count the goods that the new bill holds otherwise; what is open of them is asked once the
    bill is cancelled, and a bill of nothing is none."""
    change, draft["anew"] = change_in(draft, bill), False
    if change is None or bill.order_id is None:
        return
    FORMS[MODIFY_FORM]().settle(turn, reader, change)
    draft["change"] = change.kept()
    ready = change.pending is None and all(one.get("counted") for one in change["lines"])
    left = _lines(turn, orders.order(reader, bill.order_id), change) if ready else []
    draft["anew"] = bool(left)
    if ready and not left:
        draft["change"] = None


def _lines(turn: Turn, order: Order, change: Draft) -> list[LineWanted]:
    """What the order holds once it is changed, at the rates of the bill where no other is said."""
    told = change_of(turn, change)
    lines = {str(one.product_id): as_booked(one) for one in order.lines}
    for product_id in told.get("remove", ()):
        lines.pop(str(product_id), None)
    for mode in ("set_", "add"):
        for one in told.get(mode, ()):
            known = lines.get(str(one["product_id"]), {**one, "quantity": "0"})
            before = Decimal(known["quantity"]) if mode == "add" else Decimal(0)
            rate = one.get("unit_price_paise") or known.get("unit_price_paise")
            count = plain(before + Decimal(one["quantity"]))
            lines[str(one["product_id"])] = {**one, "quantity": count, "unit_price_paise": rate}
    return list(lines.values())


def lines_anew(turn: Turn, reader: Reader, draft: Draft, bill: Invoice) -> list[LineWanted]:
    """What the new bill is to hold; nothing where none is made at once."""
    change = change_in(draft, bill) if draft["anew"] else None
    if change is None or bill.order_id is None:
        return []
    return _lines(turn, orders.order(reader, bill.order_id), change)


def confirmation(turn: Turn, reader: Reader, draft: Draft, bill: Invoice) -> dict[str, str] | None:
    """What the new bill is to hold, and its total."""
    lines = lines_anew(turn, reader, draft, bill)
    if not lines:
        return None
    shown = orders.preview(reader, customer_id=bill.customer_id, lines=lines)
    return {"rows": order_lines(turn, shown), "totals": totals(turn, shown)}


def bill_anew(turn: Turn, draft: Draft) -> list[EventType]:
    """Change the order of the bill that is cancelled, and bill it."""
    with turn.read() as reader:
        undone = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
    change = change_in(draft, undone)
    assert change is not None  # noqa: S101
    told: dict[str, Any] = {**change_of(turn, change)}
    key = f"draft:{draft.id}"
    turn.run(order_service.modify_order, key=f"{key}:change", order_id=undone.order_id, **told)
    done = turn.run(service.invoice_order, key=f"{key}:anew", order_id=undone.order_id)
    draft["customer"] = {"id": done["customer_id"], "name": undone.customer_name}
    say_bill_made(turn, draft, done)
    return [
        *_paid_anew(turn, draft, undone, done),
        remember(
            turn,
            invoice=done["invoice_id"],
            customer=done["customer_id"],
            order=done.get("order_id"),
        ),
    ]


def _paid_anew(
    turn: Turn, draft: Draft, undone: Invoice, done: Mapping[str, Any]
) -> list[EventType]:
    """What waits to be written as paid for a bill is paid for the one in its place."""
    waiting = deepcopy(turn.slots.get(SLOT) or [])
    of_it = [one["draft"]["data"] for one in waiting if _pays(one["draft"]["data"], undone)]
    for data in of_it:
        data["sale"], data["invoice"] = draft.id, done["invoice_id"]
        if data.get("amount") == undone.total_paise:
            data["amount"] = done["total"]
    return [SlotSet(SLOT, waiting)] if of_it else []


def _pays(data: Mapping[str, Any], bill: Invoice) -> bool:
    return bool(data.get("sale")) and data.get("invoice") == str(bill.id)


def sold_otherwise(turn: Turn, draft: Draft, change: Draft) -> bool:
    """ "Nahi, 3 the" of goods that have left with their bill, which stands: what more was taken is
    a sale of its own, and what was not taken is given back on the bill, before that. Whether it
    could be told apart so."""
    with turn.read() as reader:
        order = orders.order(reader, UUID(change["order"]["id"]))
        bill = invoices.invoice(reader, order.invoice_id or UUID(int=0))
        FORMS[MODIFY_FORM]().settle(turn, reader, change)
    if change.pending is not None or any(one.get("amount") for one in change["lines"]):
        return False
    before = {str(one.product_id): one.quantity for one in order.lines}
    after = {str(one["product_id"]): one["quantity"] for one in _lines(turn, order, change)}
    moved = {one: Decimal(after.get(one, 0)) - before.get(one, 0) for one in {**before, **after}}
    more = {UUID(one): count for one, count in moved.items() if count > 0}
    less = {one: -count for one, count in moved.items() if count < 0}
    if more and not less:
        draft["others"] = [_sale_of_more(turn, bill, more).kept()]
        draft.pending = {"kind": "closed"}
    elif len(less) == 1:
        if more:
            draft["change"] = _sale_of_more(turn, bill, more, paid=False).kept()
        gone, count = less.popitem()
        at = next(i for i, one in enumerate(bill.lines, 1) if str(one.product_id) == gone)
        draft["brought"] = draft["goods_back"] = True
        draft["invoice"] = {"id": str(bill.id), "number": bill.number}
        draft["back"], draft["part_name"] = {str(at): plain(count)}, bill.lines[at - 1].name
    else:
        return False
    return True


def _sale_of_more(
    turn: Turn, bill: Invoice, more: Mapping[UUID, Decimal], *, paid: bool = True
) -> Draft:
    """A sale of what was taken on top; what came back for it has paid it, where not `paid` anew."""
    lines = [{**line_of(turn, one), "quantity": plain(count)} for one, count in more.items()]
    sale = Draft(f"{turn.new_id()}-more", ORDER_FORM, {"bill": True, "lines": lines})
    if bill.customer_name == WALK_IN and paid:
        sell_over_the_counter(turn, sale)
    else:
        set_customer(sale, str(bill.customer_id), bill.customer_name)
    return sale
