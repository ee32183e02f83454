"""Which messages are about money that goes back to a customer, or that one shall be asked for.

No intent is about a cheque that bounced or a refund; asking for money is often taken for paying it.
"""

from __future__ import annotations

from actions.context import Turn
from actions.entities import paise_of
from actions.lexicon import says, words
from actions.match import customer_in_text, customer_named, just_spoken_of
from actions.orders.in_few_words import as_sale
from actions.purchases import buying_words
from actions.purchases.vendors import stands_before, stands_behind
from actions.reading.regional import speaks
from erp_core.parties.permissions import Permission

LONGEST = 18
"""So many words a message has at most that is taken by its wording."""


def least_owed(turn: Turn) -> int:
    """ "500 se upar udhaar kiska hai": so many paise and more; 0 where no sum is said."""
    said = turn.first("amount") or turn.first("quantity")
    if said is None or not says(turn.words, "dues.above"):
        return 0
    return paise_of(said) or 0


def returns_money(turn: Turn) -> bool:
    """Whether somebody who runs the shop tells of a cheque that came back, or of a refund."""
    if not turn.is_user or not 1 < len(turn.words) <= LONGEST or turn.is_not_words:
        return False
    if bounced(turn):
        return True
    asks = says(turn.words, "asking") or says(turn.words, "gst_words")
    if turn.first("product_name") or asks or _is_giver(turn):
        return False
    if says(turn.words, "dues.refund"):
        return True
    given = buying_words.paid_to(turn) is not None
    gave = given or turn.intent == "repay_debt" or says(turn.words, "dues.gave_back")
    return (
        gave
        and turn.intent in ("repay_debt", "payment_record", "expense_log")
        and _is_customer(turn)
        and as_sale(turn) is None
    )


def asks_to_pay(turn: Turn) -> bool:
    """ "Vastra wale ko bolo 3 din me paisa de": a customer shall be asked for money."""
    if not turn.is_user or turn.is_not_words or turn.first("product_name"):
        return False
    others = ("buying.question", "do_not", "dues.for_me")
    if any(says(turn.words, one) for one in others):
        return False
    cues = ("dues.tell_them", "dues.their_money", "dues.to_pay")
    if len(turn.words) > LONGEST or not all(says(turn.words, one) for one in cues):
        return False
    return turn.may(Permission.REQUEST_PAYMENT) and _is_customer(turn)


def sends_account(turn: Turn) -> bool:
    """ "Pura hisaab bhej do usko": whoever owes is sent what is owed, with the bill and the QR; a
    file of the khata is shown to whoever asks for it."""
    if not turn.is_user or turn.is_not_words or len(turn.words) > LONGEST:
        return False
    others = ("dues.for_me", "do_not", "bill_words", "asking", "shows", "sheets")
    counted = turn.first("product_name") or turn.first("amount")
    if counted or any(says(turn.words, one) for one in others):
        return False
    cues = ("dues.whole_account", "dues.sends_it")
    if not all(says(turn.words, one) for one in cues) or not turn.may(Permission.REQUEST_PAYMENT):
        return False
    named = turn.first("customer_name")
    if named is not None:
        sent = stands_before(turn, named, "ko") or stands_behind(turn, named, "to")
        return (sent or says(turn.words, "to_them")) and _is_customer(turn)
    return says(turn.words, "to_them") and just_spoken_of(turn, "customer")


def bounced(turn: Turn) -> bool:
    """Whether a cheque is said to have come back."""
    return says(turn.words, "dues.cheque") and says(turn.words, "dues.bounce")


def _is_giver(turn: Turn) -> bool:
    """Whether it is the named one who gave: "Ravi ne 200 wapas kiye" is money that came."""
    if speaks(turn.text, "gave"):
        return buying_words.paid_to(turn) is None
    named = turn.first("customer_name") or turn.first("person") or turn.first("vendor_name")
    return named is not None and bool(named.end) and words(turn.text[named.end :])[:1] == ("ne",)


def _is_customer(turn: Turn) -> bool:
    said = turn.value("customer_name") or turn.value("person") or turn.value("vendor_name")
    if said is None and says(turn.words, "to_them"):
        return says(turn.words, "dues.gave_back") and just_spoken_of(turn, "customer")
    with turn.read() as reader:
        return (
            customer_named(reader, said).one if said else customer_in_text(turn, reader)
        ) is not None
