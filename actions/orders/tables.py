"""A table of a restaurant: it orders and pays, and is nobody who has to be asked about."""

from __future__ import annotations

from actions.context import Turn
from actions.forms.draft import Draft, ReadAgain
from actions.forms.names import INVOICE_FORM, ORDER_FORM
from actions.match import customer_named, product_named
from actions.reading.table_names import is_table
from erp_core.journal.context import Reader
from erp_core.orders import queries as orders
from erp_core.parties import service
from erp_core.parties.permissions import Permission

_SEATED = frozenset({ORDER_FORM, INVOICE_FORM})
"""Forms in which a new table sits down."""


def seat(turn: Turn, reader: Reader, draft: Draft, said: str) -> None:
    """Add a table that orders for the first time, with no number and nothing to be asked; not in a
    shop that sells tables. Raises ReadAgain when it did."""
    if draft.form not in _SEATED or not is_table(said) or not turn.may_write:
        return
    if not turn.may(Permission.ADD_CUSTOMER) or _sells_tables(reader):
        return
    turn.run(service.add_customer, key=f"draft:{draft.id}:{said}", name=said)
    raise ReadAgain


def has_ordered(turn: Turn) -> bool | None:
    """Whether the table that orders has an order without a bill; None when no table is named."""
    said = turn.value("customer_name") or ""
    if not turn.is_user or not is_table(said) or turn.first("product_name") is None:
        return None
    return _waits_for_bill(turn, said)


def pays_its_order(turn: Turn) -> bool:
    """ "Table 4 cash": a table pays, no sum is said, and its order has no bill yet."""
    said = turn.value("customer_name") or ""
    if not turn.is_user or not is_table(said) or turn.first("amount") or turn.first("quantity"):
        return False
    return turn.intent == "payment_record" and _waits_for_bill(turn, said)


def _waits_for_bill(turn: Turn, said: str) -> bool:
    with turn.read() as reader:
        table = customer_named(reader, said).one
        found = orders.open_orders(reader, table.id) if table else []
    return any(one.invoice_id is None for one in found)


def _sells_tables(reader: Reader) -> bool:
    found = product_named(reader, "table")
    return bool((found.one or found.options) and not found.guesses)
