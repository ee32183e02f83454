"""Whether a message moves money that is the shop's own: between the till and the bank, or between
the shop and its owner. By its wording alone, as no intent is about it."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.lexicon import only, says, words
from actions.reading.parts import part_of, without
from erp_core.kernel.clauses import clauses

DEPOSIT, WITHDRAWAL, UPI, CARD = "deposit", "withdrawal", "upi_settled", "card_settled"
CAPITAL, DRAWINGS, OPENING = "capital", "drawings", "opening"
LOAN_TAKEN, LOAN_REPAID = "loan_taken", "loan_repaid"

LONGEST = 14
_FIGURE = re.compile(r"\d")
OTHERS = frozenset(
    {
        "customer_name", "customer_phone", "person", "product_name", "order_id", "invoice_number",
        "group", "unit",
    }
)  # fmt: skip
"""Entities of which a message that moves the shop's own money has none."""


def moves_own_money(turn: Turn) -> bool:
    """Whether it does."""
    if not turn.is_user or not turn.text or turn.is_not_words:
        return False
    return turn.metadata.get("kind") != "button" and way_said(turn) is not None


def apart_from_own_money(turn: Turn) -> tuple[Turn, list[Turn]] | None:
    """ "Bijli 1200, chai 150 aur 5000 ghar ke liye nikale": what was spent, and each part of a
    message that moves the shop's own money; None where it is not of both."""
    spans = [one for one in clauses(turn.text) if part_of(turn, one).first("amount")]
    own = [one for one in spans if moves_own_money(part_of(turn, one))]
    if not own or len(own) == len(spans):
        return None
    rest = turn
    for span in own:
        rest = without(rest, *span)
    if any(rest.first(one) for one in ("customer_name", "person", "product_name", "order_id")):
        return None
    return rest, [part_of(turn, one) for one in own]


def moves_own_money_besides(turn: Turn) -> bool:
    """ "20000 bank me jama kiye aur 300 petrol", taken for money that came."""
    came = turn.is_user and turn.intent == "payment_record"
    return came and apart_from_own_money(turn) is not None


def way_said(turn: Turn) -> str | None:
    """Which way the money goes: "bank me 20000 jama kiye", "ghar ke liye 2000 nikale"."""
    if len(turn.words) > LONGEST or says(turn.words, "asking") or says(turn.words, "negation"):
        return None
    if loan := _loan_way(turn):
        return loan
    if opening_said(turn):
        return OPENING
    if _draws(turn):
        return DRAWINGS
    if _is_about_else(turn):
        return None
    into, out_of = says(turn.words, "tills.into_bank"), says(turn.words, "tills.from_bank")
    if into and out_of:
        return None
    taken, put = says(turn.words, "tills.taken"), says(turn.words, "tills.put")
    if says(turn.words, "tills.for_oneself"):
        return DRAWINGS if taken and not into else None
    if says(turn.words, "tills.own_money"):
        given = says(turn.words, "buying.gave") and says(turn.words, "tills.to_shop")
        return CAPITAL if put or given else None
    if put and says(turn.words, "tills.mine") and says(turn.words, "tills.to_shop") and not out_of:
        return CAPITAL
    from_till, cash = says(turn.words, "tills.from_till"), says(turn.words, "tills.cash")
    if into or (from_till and says(turn.words, "tills.bank") and not out_of):
        settled = _settled(turn)
        if settled:
            return settled
        return DEPOSIT if put or from_till else None
    if out_of:
        return WITHDRAWAL if taken or cash else None
    return None


def opening_said(turn: Turn) -> bool:
    """Whether it is told what the till began the day with: "galle me subah 2000 the"."""
    if not turn.is_user or turn.is_not_words or len(turn.words) > LONGEST or _is_about_else(turn):
        return False
    asks = says(turn.words, "asking") or "?" in turn.text
    if asks or not (turn.first("amount") or turn.first("quantity") or _FIGURE.search(turn.text)):
        return False
    began = says(turn.words, "tills.morning") and says(turn.words, "tills.was_there")
    return says(turn.words, "tills.opening") or (began and says(turn.words, "tills.cash"))


def is_from_bank(turn: Turn) -> bool:
    """Whether money of the owner's comes out of the bank, or goes into it, and not the till.

    A loan is paid into the bank, unless cash is spoken of.
    """
    if says(turn.words, "tills.loan"):
        return not says(turn.words, "tills.cash")
    return says(turn.words, "tills.into_bank") or says(turn.words, "tills.from_bank")


def _loan_way(turn: Turn) -> str | None:
    """ "Bank se 2 lakh ka loan liya", "loan ka 50000 wapas kiya". An instalment holds interest too,
    and stays an expense; what is lent to others is no loan of ours."""
    lent = says(turn.words, "tills.loan") or _borrows(turn)
    if not lent or says(turn.words, "tills.instalment"):
        return None
    if any(turn.first(one) for one in ("product_name", "order_id", "invoice_number")):
        return None
    if says(turn.words, "tills.loan_back"):
        return LOAN_REPAID
    got = says(turn.words, "tills.loan_got") and not _somebody_did(turn.words)
    return LOAN_TAKEN if got else None


def _borrows(turn: Turn) -> bool:
    """ "Murugan se 400 udhaar liya": what the shop owes is no credit that it gives to him."""
    if turn.intent not in ("khata_credit", "expense_log", "payment_record"):
        return False
    if not says(turn.words, "tills.borrowed") or _is_of_something(turn):
        return False
    lenders = [one for kind in ("customer_name", "person", "vendor_name") for one in turn.all(kind)]
    if not lenders and turn.intent != "khata_credit":
        return "se" in turn.words
    return any(words(turn.text[one.end :])[:1] == ("se",) for one in lenders if one.end)


def _is_of_something(turn: Turn) -> bool:
    """ "500 ka petrol udhaar liya" is no loan."""
    said = [one for one in turn.all("item") if not only(words(one.value), "buying.shop")]
    sums = [words(turn.text[one.end :])[:1] for one in turn.all("amount") if one.end]
    priced = any(behind and only(behind, "written.of_them") for behind in sums)
    return bool(said) or priced or says(turn.words, "goods_in_general")


def _draws(turn: Turn) -> bool:
    """ "Papa ne galle se 2000 liye", "mere 3000 wapas liye galle se": money of the shop that those
    of the house take, and nothing is said to be bought for it."""
    from_till = says(turn.words, "tills.from_till") and not says(turn.words, "tills.into_bank")
    if any(turn.first(one) for one in ("product_name", "customer_name")) or not from_till:
        return False
    if says(turn.words, "tills.for_oneself"):
        return True
    if any(not only(words(one.value), "tills.family") for one in turn.all("item")):
        return False
    theirs = says(turn.words, "tills.family") or says(turn.words, "tills.mine")
    given = says(turn.words, "buying.gave") and "ko" in turn.words
    return theirs and (given or says(turn.words, "tills.taken"))


def _settled(turn: Turn) -> str | None:
    """ "Paytm ka 3000 bank me aa gaya": what a provider held is in the bank now."""
    if not says(turn.words, "tills.arrived"):
        return None
    if says(turn.words, "tills.upi"):
        return UPI
    return CARD if says(turn.words, "tills.card") else None


def _is_about_else(turn: Turn) -> bool:
    """Somebody paid, or something was bought."""
    others = [one for one in turn.entities if one.name in OTHERS]
    if any(not only(words(one.value), "tills.cash") for one in others):
        return True
    if says(turn.words, "tills.other"):
        return True
    if says(turn.words, "same_person") and not says(turn.words, "tills.own_money"):
        return True
    named = [one for kind in ("item", "vendor_name") for one in turn.all(kind)]
    if any(not only(words(one.value), "tills.places") for one in named):
        return True
    return _somebody_did(turn.words)


def _somebody_did(said: tuple[str, ...]) -> bool:
    """Whether somebody else is named by "ne", though no entity says who."""
    return any(word == "ne" and not only(said[:at][-1:], "me") for at, word in enumerate(said))
