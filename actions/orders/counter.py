"""A sale over the counter, to nobody by name."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import method_of
from actions.forms.customer import set_customer
from actions.forms.draft import Draft
from actions.lexicon import says
from actions.paid_beside import says_given
from erp_core.parties import service as parties_service
from erp_core.parties.permissions import Permission

AT_ONCE = frozenset({"cash", "upi", "card"})
"""Ways of paying over the counter."""


def sold_to_nobody(turn: Turn) -> bool:
    """ "5 maggi bech di nagad": sold and paid, with no name."""
    if not turn.is_user or turn.first("customer_name") or turn.first("customer_phone"):
        return False
    paid = says(turn.words, "sold") and method_of(turn.text) is not None
    paid = paid or _has_paid(turn)
    return paid or says(turn.words, "walk_in") or is_paid_at_once(turn)


def _has_paid(turn: Turn) -> bool:
    """ "Ek grahak 2 cover le gaya, 500 diye": somebody, and the money came."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not goods or len(sums) != 1 or sums[0].start < goods[-1].end:
        return False
    others = ("same_person", "on_khata", "rest", "negation", "tense.future")
    return says_given(turn, sums[0].end) and not any(says(turn.words, one) for one in others)


def is_for_nobody(turn: Turn, draft: Draft) -> bool:
    """Whether the answer to "for whom?" is nobody: "counter pe", "nagad"."""
    if not turn.is_user or draft["customer"] or turn.value("draft") or not draft["lines"]:
        return False
    if turn.first("customer_name") or turn.first("product_name"):
        return False
    return says(turn.words, "walk_in") or (len(turn.words) <= 3 and bool(method_of(turn.text)))


def sell_over_the_counter(turn: Turn, draft: Draft) -> None:
    """Goods for the customer who stands for all without a name, paid and taken along at once."""
    walk_in = turn.run(parties_service.walk_in, key=f"draft:{draft.id}:walk_in")
    set_customer(draft, walk_in["customer_id"], walk_in["name"])
    draft.pending = None
    if turn.may(Permission.CREATE_INVOICE) and turn.may(Permission.RECORD_PAYMENT):
        draft["bill"], draft["paid"] = True, method_of(turn.text) or "cash"


def is_paid_at_once(turn: Turn) -> bool:
    """Whether counted goods come with a way of paying: "3 idli nagad"."""
    counted = turn.first("product_name") and turn.first("quantity")
    return bool(counted and method_of(turn.text) in AT_ONCE)
