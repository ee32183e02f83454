"""Money that comes while its bill is being written: "poora cash de diya", "50 upi diye, baki
khata me"."""

from __future__ import annotations

from collections.abc import Sequence

from actions.context import Turn
from actions.forms.belonging import only_method
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import PAYMENT_FORM
from actions.invoicing.paid_beside import says_given
from actions.lexicon import says
from actions.orders.due import due_said, take_due
from actions.payments.payments import what_paid
from actions.reading.parts import part_of, without
from erp_core.parties.permissions import Permission
from erp_core.parties.service import WALK_IN

CHANGES = frozenset({"order_modify", "order_create", "price_update"})
"""What the goods that are written may be changed by, besides what was paid for them."""


def way_of_all(turn: Turn) -> str | None:
    """The way in which all of it was paid, where nothing else is said: "cash", "poora upi se"."""
    if way := only_method(turn):
        return way
    others = [one for one in turn.entities if one.name != "payment_method"]
    told = says(turn.words, "paid_in_full") and says(turn.words, "tense.past")
    return turn.method if told and not others and not _doubts(turn) else None


def take_part_paid(turn: Turn, draft: Draft) -> bool:
    """Take that a part of what is billed was paid: it is written behind the bill, as its money."""
    due, said = due_said(turn), turn
    turn = without(turn, *due.span) if due else turn
    sums = turn.all("amount")
    shown = draft["customer"] and draft["lines"] and turn.is_user
    half = not sums and says(turn.words, "half") and turn.method is not None
    if not shown or draft["paid"] or not (len(sums) == 1 or half):
        return False
    if not (draft["bill"] or turn.may(Permission.CREATE_INVOICE)):
        return False
    if turn.intent != "payment_record" or not _is_of_this(turn, draft) or _doubts(turn):
        return False
    if not (turn.method or says_given(turn, sums[0].end)):
        return False
    payment = _payment(turn, draft)
    if not (half or payment["by_way"]) and not 0 < (payment["amount"] or 0) <= (
        draft["shown"] or 0
    ):
        return False
    draft["bill"] = True
    if due:
        take_due(said, draft)
    draft.data.setdefault("others", []).append(payment.kept())
    turn.say("utter_paid_next", what=what_paid(turn, payment))
    return True


def changed_and_paid(turn: Turn) -> tuple[Turn, Turn] | None:
    """ "10% discount de do aur 3000 cash diye": what is changed, and what was paid then, each as it
    is understood alone."""
    *changes, money = turn.by_clause if len(turn.clauses) > 1 else [turn]
    if not changes or money.intent != "payment_record" or not money.first("amount"):
        return None
    if any(one.intent not in CHANGES for one in changes):
        return None
    return _all_but_last(turn, changes), money


def changed_and_sold(turn: Turn, draft: Draft) -> tuple[Turn, Turn] | None:
    """ "2 maggi aur daal do aur pushpa ko 1 surf de do": what is changed here, and what is for
    somebody else, each as it is understood alone."""
    *changes, sale = turn.by_clause if len(turn.clauses) > 1 else [turn]
    here = (draft["customer"] or {}).get("name")
    said = sale.value("customer_name")
    if not changes or not here or not said or sale.intent != "order_create":
        return None
    whole = sale.first("product_name") and sale.first("quantity")
    own = all(one.first("product_name") and one.first("quantity") for one in changes)
    named = any(one.first("customer_name") for one in changes) or is_part_of(said, here)
    if not (whole and own) or named or any(one.intent not in CHANGES for one in changes):
        return None
    return _all_but_last(turn, changes), sale


def _all_but_last(turn: Turn, clauses: Sequence[Turn]) -> Turn:
    if len(clauses) == 1:
        return clauses[0]
    return part_of(turn, (0, int(turn.clauses[-1]["start"])))


def _payment(turn: Turn, draft: Draft) -> Draft:
    from actions.forms.form import FORMS

    payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM)
    payment["sale"] = draft.id
    FORMS[PAYMENT_FORM]().start(turn, payment)
    return payment


def _is_of_this(turn: Turn, draft: Draft) -> bool:
    """Whether whoever is named, if anybody is, is billed here, and no money is noted for it yet."""
    others = ("product_name", "order_id", "invoice_number", "vendor_name")
    if not turn.is_user or draft.pending or any(turn.first(one) for one in others):
        return False
    if not turn.may(Permission.RECORD_PAYMENT) or draft["customer"]["name"] == WALK_IN:
        return False
    named = turn.value("customer_name") or turn.value("person")
    waiting = [one["draft"]["data"].get("sale") for one in turn.slots.get("waiting") or []]
    return draft.id not in waiting and (
        named is None or is_part_of(named, draft["customer"]["name"])
    )


def _doubts(turn: Turn) -> bool:
    return any(says(turn.words, one) for one in ("asking", "negation", "tense.future"))
