"""What was ordered or sold was somebody else's: "Meena nahi Pushpa ka order tha". What was written
is cancelled, and then written for whoever it was."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from actions.context import Turn
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import CANCEL_FORM, NOTE_FORM, ORDER_FORM
from actions.goods.lines import line_of
from actions.lexicon import only, says, words
from actions.match import customer_named, just_spoken_of, recent
from actions.reading.instead import is_plain, may_refuse, whose_instead
from actions.reading.said import pieces_between
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order


class Anothers(NamedTuple):
    """An order that was just told of, and whose it was."""

    order: Order
    whose: str


def order_of_another(turn: Turn) -> Anothers | None:
    """The order or bill that was just told of, where somebody else is named instead."""
    told = just_spoken_of(turn, "order") or just_spoken_of(turn, "invoice")
    if not turn.is_user or not told or not (may_refuse(turn) or _tells_whose(turn)):
        return None
    with turn.read() as reader:
        order_id = _order_told(turn, reader)
        order = orders.order(reader, order_id) if order_id else None
    if order is None or (order.invoice_id is None and order.status not in states.OPEN):
        return None
    whose = whose_instead(turn, order.customer) or _whose_it_was(turn, order.customer)
    return Anothers(order, whose) if whose else None


def _tells_whose(turn: Turn) -> bool:
    """ "Pushpa ka bill tha": a name, and nothing beside it but that it was theirs."""
    if not is_plain(turn) or {one.name for one in turn.entities} != {"customer_name"}:
        return False
    rest = [word for piece in pieces_between(turn) for word in words(piece)]
    cues = ("filler", "had_been", "bill_words", "an_order", "undoing.sorry")
    so = all(any(only([one], cue) for cue in cues) for one in rest)
    return so and says(rest, "had_been")


def _whose_it_was(turn: Turn, name: str) -> str | None:
    said = turn.value("customer_name") or ""
    if not _tells_whose(turn) or is_part_of(said, name):
        return None
    with turn.read() as reader:
        found = customer_named(reader, said)
    return said if found.one or (found.options and not found.guesses) else None


def form_of_another(turn: Turn) -> str | None:
    """The form that cancels what was somebody else's, or undoes its bill."""
    found = order_of_another(turn)
    if found is None:
        return None
    return NOTE_FORM if found.order.invoice_id else CANCEL_FORM


def written_for(turn: Turn, found: Anothers) -> Draft:
    """The same order or sale for whoever it was."""
    lines = [
        {
            **line_of(turn, one.product_id),
            "quantity": plain(one.quantity),
            "said_unit": one.unit,
            "amount": one.unit_price_paise,
            "each": True,
        }
        for one in found.order.lines
    ]
    data = {"customer_said": found.whose, "lines": lines}
    billed = {"bill": True} if found.order.invoice_id else {}
    return Draft(f"{turn.new_id()}-right", ORDER_FORM, {**data, **billed})


def _order_told(turn: Turn, reader: Reader) -> UUID | None:
    if just_spoken_of(turn, "invoice") and (bill := recent(turn, "invoice")):
        return invoices.invoice(reader, bill).order_id
    return recent(turn, "order")
