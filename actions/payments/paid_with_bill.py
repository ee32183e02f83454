"""The money that came with a bill, otherwise than it was written: "cash nahi UPI tha", right after
a sale that was paid at once."""

from __future__ import annotations

from typing import Any, NamedTuple

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import PAYMENT_FORM
from actions.lexicon import says
from actions.match import just_spoken_of, recent
from actions.payments.taking_back import number_alone
from actions.reading.instead import may_refuse, said_instead, way_alone, way_named, way_words
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.kernel.money import PAISE_PER_RUPEE
from erp_core.payments import queries as payments
from erp_core.payments.methods import METHODS
from erp_core.payments.queries import Payment

FAR_BELOW = 4
"""A number so many times below a sum that is asked about is none in its place."""


class PaidOtherwise(NamedTuple):
    """A bill, what was paid with it, and the way in which it was paid indeed."""

    bill: Invoice
    paid: Payment
    way: str


def paid_another_way(turn: Turn) -> PaidOtherwise | None:
    """What was paid with the bill that was just made, where another way is named instead."""
    bill_id = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
    alone = way_alone(turn)
    if bill_id is None or not turn.is_user or not (alone or may_refuse(turn)):
        return None
    with turn.read() as reader:
        bill = invoices.invoice(reader, bill_id)
        paid = payments.standing_payments(reader, bill.customer_id, limit=1)
    if not paid or paid[0].amount != bill.total_paise or paid[0].on != bill.on_date:
        return None
    found = said_instead(turn, {"method": way_words(paid[0].method)})
    way = way_named(found.right) if found else alone
    return PaidOtherwise(bill, paid[0], way) if way in METHODS and way != paid[0].method else None


def paid_after_all(turn: Turn) -> bool:
    """ "Udhaar nahi, cash tha", right after a bill that nobody has paid; or it shall go, since the
    money was given."""
    told = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
    others = any(one.name != "payment_method" for one in turn.entities)
    if told is None or others or not turn.is_user:
        return False
    if not _was_no_credit(turn) and not gave_money_for_it(turn):
        return False
    with turn.read() as reader:
        return invoices.invoice(reader, told).due_paise > 0


def _was_no_credit(turn: Turn) -> bool:
    found = said_instead(turn, {"method": way_words("credit")}) if may_refuse(turn) else None
    return found is not None and way_named(found.right) in METHODS


def gave_money_for_it(turn: Turn) -> bool:
    """ "Wo bill cancel kar do, usne paise de diye the cash": who was billed has paid, so that what
    is wrong is only that nothing was paid."""
    undone = says(turn.words, "cancel") or says(turn.words, "undo")
    gave = says(turn.words, "paid_to_us") and not says(turn.words, "negation")
    return bool(turn.is_user and undone and gave and turn.method)


def counts_goods_paid_for(turn: Turn, paying: Draft) -> bool:
    """ "Sorry 3 the", while the money for a bill is asked about: a number far below the sum counts
    its goods."""
    count, paise = number_alone(turn), paying["amount"] if paying["sale"] else None
    if not paise or count is None or says(turn.words, "rupees"):
        return False
    return bool(count * PAISE_PER_RUPEE * FAR_BELOW <= paise)


def begin(turn: Turn, draft: Draft, found: PaidOtherwise) -> None:
    """The payment is taken back, and written as it came."""
    of = {"id": str(found.bill.customer_id), "name": found.bill.customer_name}
    data: dict[str, Any] = {"customer": of, "amount": found.paid.amount, "method": found.way}
    if found.paid.on < turn.today:
        data["on"] = found.paid.on.isoformat()
    draft["customer"] = of
    draft["target"] = {
        "id": str(found.paid.id),
        "amount": found.paid.amount,
        "on": found.paid.on.isoformat(),
    }
    draft["change"] = Draft(f"{turn.new_id()}-right", PAYMENT_FORM, data).kept()
