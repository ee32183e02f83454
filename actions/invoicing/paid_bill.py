"""A bill that is paid as it is made: "table 3 ka bill, cash diye"."""

from __future__ import annotations

from uuid import UUID

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.form import FORMS
from actions.forms.names import PAYMENT_FORM
from actions.invoicing.paid_beside import paid_with_bill
from actions.invoicing.paid_ways import Part, settle_halves, take_paid, ways_line
from actions.payments.payments import what_paid
from actions.wording import balance_words
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission
from erp_core.payments import service


def take_money(turn: Turn, draft: Draft) -> tuple[Turn, bool]:
    """Take what was paid for the bill; the rest of the message, and whether anything was."""
    may = turn.may(Permission.RECORD_PAYMENT)
    replying = bool(draft.replying and not turn.first("product_name"))
    paid = paid_with_bill(turn, replying=replying) if may else None
    if paid is None:
        return turn, False
    money = Draft("", PAYMENT_FORM)
    take_paid(paid[1], money)
    if money["method"] is None:
        if money["amount"]:
            pay_next(turn, paid[1], draft)
            return paid[0], True
        return turn, False  # a bill is not asked how it was paid
    draft["money"] = money.data
    return paid[0], True


def pay_next(turn: Turn, money: Turn, draft: Draft) -> None:
    """Ask about money that came beside a bill once that is made: it is no sum of the bill."""
    payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM, {"sale": draft.id})
    FORMS[PAYMENT_FORM]().start(money, payment)
    draft.data.setdefault("others", []).append(payment.kept())
    turn.say("utter_paid_next", what=what_paid(turn, payment))


def money_paid(draft: Draft, total: int) -> int:
    """How much of a bill is paid at once."""
    return sum(paise for paise, _ in _parts(_money(draft, total))) if draft["money"] else 0


def tell_money(turn: Turn, draft: Draft, total: int) -> None:
    """That a payment is noted with the bill, and how it came."""
    if draft["money"] and not draft["paper"]:
        turn.say("utter_line_bill_paid", paid=_told(turn, _money(draft, total)))


def leave_money(turn: Turn, draft: Draft) -> None:
    """That what was paid is not written, where no bill is made."""
    if draft["money"]:
        money = Draft("", PAYMENT_FORM, dict(draft["money"]))
        ways = " + ".join(
            turn.line(f"method_{one}") for one in money["halves"] or [money["method"]]
        )
        turn.say("utter_not_in_it", said=_told(turn, money) if money["amount"] else ways)


def record_money(turn: Turn, draft: Draft, *, invoice_id: str, total: int) -> None:
    """Note the payment of a bill just made."""
    if not draft["money"]:
        return
    money, customer = _money(draft, total), draft["customer"]
    done = turn.run(
        service.record_payments,
        key=f"draft:{draft.id}:paid",
        customer_id=UUID(customer["id"]),
        parts=_parts(money),
        invoice_id=UUID(invoice_id),
    )
    turn.say(
        "utter_payment_recorded",
        name=customer["name"],
        amount=inr(sum(paise for paise, _ in _parts(money))),
        method=ways_line(turn, money),
        after=balance_words(turn, done["balance_after"]),
    )


def _money(draft: Draft, total: int) -> Draft:
    """What was paid; all of the bill, where no sum was said."""
    money = Draft("", PAYMENT_FORM, dict(draft["money"]))
    money["amount"] = money["amount"] or total
    settle_halves(money)
    return money


def _parts(money: Draft) -> list[Part]:
    return money["parts"] or [(money["amount"], money["method"])]


def _told(turn: Turn, money: Draft) -> str:
    """ "₹500 cash + ₹300 UPI"; of one way the sum too."""
    return " + ".join(f"{inr(paise)} {turn.line(f'method_{way}')}" for paise, way in _parts(money))
