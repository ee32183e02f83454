"""Money of those who buy here, taken for what friends owe one another."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import says
from actions.match import customer_in, recent
from actions.reading.regional import speaks


def settles_account(turn: Turn) -> bool:
    """Whether a payment of a customer is told of: "unhone 200 de diye" of whoever was spoken of,
    "Bhanwar ka khata saaf, sab paise aa gaye"."""
    if turn.intent not in ("repay_debt", "settle_up") or turn.first("group"):
        return False
    with turn.read() as reader:
        known = customer_in(turn, reader) is not None
    meant = known or (says(turn.words, "same_person") and recent(turn, "customer") is not None)
    open_still = says(turn.words, "asking") or says(turn.words, "negation")
    gave = speaks(turn.text, "gave") or says(turn.words, "tense.past")
    gave = gave or says(turn.words, "tills.loan_back")
    came = gave and not open_still
    told = turn.first("amount") or says(turn.words, "dues.their_money")
    return bool(meant and came and told)
