"""A rate for one bill, and not for the catalogue: "sirf Komal ke bill me 1400 karna hai"."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Entity, paise_of
from actions.forms.draft import Draft
from actions.goods.taken_off import line_named
from actions.lexicon import says, where
from actions.match import customer_named
from actions.orders.another import is_for_another
from actions.wording import cancel_bill_button
from erp_core.invoicing import queries as invoices
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission


def take_rate_of_bill(turn: Turn, draft: Draft) -> bool:
    """Take the rate for the goods of the bill in hand; whether it is clear for which of them."""
    rate, lines, named = _rate_in_a_bill(turn), draft["lines"] or [], turn.value("product_name")
    if rate is None or is_for_another(turn, draft):
        return False
    meant = [line_named(lines, named)] if named else lines
    if len(meant) != 1 or meant[0] is None:
        return False
    meant[0]["amount"], meant[0]["each"] = paise_of(rate), True
    draft["confirmed"] = None
    return True


def tell_bill_has_its_rates(turn: Turn) -> bool:
    """Say that a bill which is made keeps its rates, where one shall have another."""
    if _rate_in_a_bill(turn) is None:
        return False
    with turn.read() as reader:
        whose = customer_named(reader, turn.value("customer_name") or "").one
        bill = invoices.latest_invoice(reader, whose.id) if whose else None
    if bill is None:
        return False
    undo = [cancel_bill_button(turn, bill.number)] if turn.may(Permission.CANCEL_INVOICE) else []
    facts = {"number": bill.number, "name": bill.customer_name, "total": inr(bill.total_paise)}
    turn.say("utter_bill_stands", choices=undo, **facts)
    return True


def _rate_in_a_bill(turn: Turn) -> Entity | None:
    """What goods shall cost in somebody's bill."""
    found, sums = where(turn.words, "bill_words"), [*turn.all("amount"), *turn.all("quantity")]
    if not turn.is_user or found is None or len(sums) != 1 or not turn.first("customer_name"):
        return None
    others = ("discount", "more", "asking", "price.down", "price.up")
    behind = turn.words[found[1] :]
    inside = says(behind[:1], "inside") and says(behind, "sets_to")
    wanted = inside and not any(says(turn.words, one) for one in others)
    return sums[0] if wanted and paise_of(sums[0]) else None
