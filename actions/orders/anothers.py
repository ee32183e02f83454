"""What was ordered or sold was somebody else's: "Meena nahi Pushpa ka order tha". What was written
is cancelled, and then written for whoever it was."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from actions.context import Turn
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import CANCEL_FORM, NOTE_FORM, ORDER_FORM, PAYMENT_FORM, UNDO_FORM
from actions.goods.lines import line_of
from actions.lexicon import only, says, where, which, words
from actions.match import customer_named, just_spoken_of, recent
from actions.payments.taking_back import PAYMENT, kind_written, last_written
from actions.reading.instead import is_plain, may_refuse, whose_instead
from actions.reading.said import pieces_between
from erp_core.invoicing import notes
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order
from erp_core.parties.service import WALK_IN
from erp_core.payments import queries as payments
from erp_core.payments.queries import Payment


class Anothers(NamedTuple):
    """An order that was just told of, and whose it was."""

    order: Order
    whose: str


def order_of_another(turn: Turn) -> Anothers | None:
    """The order or bill that was just told of, where somebody else is named instead."""
    if not turn.is_user or not (may_refuse(turn) or _tells_whose(turn)):
        return None
    told = just_spoken_of(turn, "order") or just_spoken_of(turn, "invoice")
    if not told and not (_names_a_bill(turn) and payment_of_bill(turn)):
        return None
    with turn.read() as reader:
        order_id = _order_told(turn, reader)
        order = orders.order(reader, order_id) if order_id else None
    if order is None or (order.invoice_id is None and order.status not in states.OPEN):
        return None
    whose = whose_instead(turn, order.customer) or _whose_it_was(turn, order.customer)
    return Anothers(order, whose) if whose else None


def _tells_whose(turn: Turn) -> bool:
    """ "Pushpa ka bill tha", "Pushpa ke naam kar do": a name, and nothing beside it but that it was
    theirs."""
    if not is_plain(turn) or {one.name for one in turn.entities} != {"customer_name"}:
        return False
    rest = [word for piece in pieces_between(turn) for word in _without_slip(piece)]
    cues = ("filler", "had_been", "bill_words", "an_order", "undoing.sorry", "on_khata")
    cues += ("dues.wrong", "bill_was_made", "the_customer", "pronouns")
    so = all(any(only([one], cue) for cue in cues) for one in rest)
    return so and (says(rest, "had_been") or says(turn.words, "undoing.to_their_name"))


def _without_slip(piece: str) -> tuple[str, ...]:
    """Words without what says that it was a mistake, "galti ho gayi", "cash nahi", or shall be
    theirs."""
    said = words(piece)
    for at, word in enumerate(said[:-1]):
        if which(word, "methods") and only([said[at + 1]], "negation"):
            said = (*said[:at], *said[at + 2 :])
            break
    for cue in ("undoing.slip", "undoing.to_their_name"):
        if found := where(said, cue):
            said = (*said[: found[0]], *said[found[1] :])
    return said


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
    data: dict[str, Any] = {"customer_said": found.whose, "lines": lines}
    if found.order.invoice_id:
        data["bill"] = True
    if way := _paid_over_the_counter(turn, found.order):
        data |= {"paid": way, "by_name": True}
    return Draft(f"{turn.new_id()}-right", ORDER_FORM, data)


def _paid_over_the_counter(turn: Turn, order: Order) -> str | None:
    """How goods that were sold to nobody by name were paid; None where it was no such sale, or
    they turn out to be on credit."""
    if order.customer != WALK_IN or order.invoice_id is None or says(turn.words, "on_khata"):
        return None
    with turn.read() as reader:
        bill = invoices.invoice(reader, order.invoice_id)
        return notes.way_back(reader, bill) if not bill.due_paise else None


def _names_a_bill(turn: Turn) -> bool:
    return says(turn.words, "bill_words") or says(turn.words, "an_order")


def payment_of_bill(turn: Turn) -> Payment | None:
    """What was written last as paid by whose bill was made right before it."""
    bill_id, last = recent(turn, "invoice"), last_written(turn)
    if bill_id is None or last is None or kind_written(last) != PAYMENT:
        return None
    with turn.read() as reader:
        bill = invoices.invoice(reader, bill_id)
        paid = payments.standing_payments(reader, bill.customer_id, limit=1)
    return paid[0] if paid and str(paid[0].id) == last["id"] else None


def money_moved(turn: Turn, found: Anothers) -> list[dict[str, Any]]:
    """What was paid with a bill that was somebody else's, to be taken back and written for them."""
    paid = payment_of_bill(turn)
    if paid is None:
        return []
    whose = {"id": str(found.order.customer_id), "name": found.order.customer}
    target = {"id": str(paid.id), "amount": paid.amount, "on": paid.on.isoformat()}
    right = {"customer_said": found.whose, "amount": paid.amount, "method": paid.method}
    right |= {"on": target["on"]} if paid.on < turn.today else {}
    payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM, right)
    data = {"kind": PAYMENT, "customer": whose, "target": target, "change": payment.kept()}
    return [Draft(f"{turn.new_id()}-back", UNDO_FORM, data).kept()]


def money_that_waits(aside: dict[str, Any] | None) -> str | None:
    """The payment for a bill that is asked about while the bill turns out to be somebody else's."""
    waits = aside and aside["form"] == PAYMENT_FORM and aside["data"].get("sale")
    return str(aside["id"]) if aside and waits else None


def _order_told(turn: Turn, reader: Reader) -> UUID | None:
    paid = payment_of_bill(turn) is not None
    if (paid or just_spoken_of(turn, "invoice")) and (bill := recent(turn, "invoice")):
        return invoices.invoice(reader, bill).order_id
    return recent(turn, "order")
