"""What a customer finds wrong: goods that came short or spoilt, a bill of more than it took."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.goods.availability import names_goods
from actions.lexicon import only, says, words
from actions.parties.customer_requests import has_open_order, refer_to_shop
from actions.wording import how_to_pay, own_balance_words
from erp_core.parties import service
from erp_core.payments import reminders

_OF_MONEY = ("amount", "payment_method")


def complain(turn: Turn) -> list[EventType] | None:
    """ "Chini me chinti thi", "badal ke do", "sirf 20 mile": the shop is told, whatever is being
    written."""
    of_bill = turn.actor.kind == "guest" and _is_of_bill(turn)
    return tell_shop(turn) if is_complaint(turn) or of_bill else None


def is_complaint(turn: Turn) -> bool:
    """Whether goods that came are found wrong; what putting right costs, is only asked."""
    if says(turn.words, "buyers.costs"):
        return False
    spoilt = says(turn.words, "buyers.spoilt")
    spoilt = spoilt and (not turn.first("quantity") or says(turn.words, "tense.past"))
    counted = any(not only(words(one.value), "taking") for one in turn.all("quantity"))
    replaced = says(turn.words, "buyers.replaced") and not counted and not _changes(turn)
    named = turn.first("product_name") or turn.first("quantity")
    returns = named and says(turn.words, "buyers.gives_back")
    of_goods = spoilt or replaced or returns or _is_not_right(turn) or _came_short(turn)
    of_goods = of_goods or _stayed_away(turn)
    return bool(of_goods) or _nobody_came(turn) or _turned_out_bad(turn) or _treated_badly(turn)


def _turned_out_bad(turn: Turn) -> bool:
    """ "Tamatar sade nikle", "kele kachche the": what goods were found to be, unless it is good."""
    found, bad = says(turn.words, "buyers.turned_out"), says(turn.words, "buyers.bad_goods")
    was = any(says(turn.words, one) for one in ("had_been", "buyers.became", "buyers.came"))
    if not (found or (bad and was)) or "?" in turn.text or says(turn.words, "asking"):
        return False
    if turn.first("amount") or any(says(turn.words, one) for one in ("praise", "buyers.good")):
        return False
    return (found and bad) or turn.first("product_name") is not None or names_goods(turn)


def _treated_badly(turn: Turn) -> bool:
    """ "Staff ne badtameezi ki", "2 ghante se wait kar raha hu"; where an order is, and that it
    shall not come any more, is answered."""
    if turn.intent == "order_status" or says(turn.words, "cancel"):
        return False
    return says(turn.words, "buyers.bad_service")


def _stayed_away(turn: Turn) -> bool:
    """ "Material not received yet"; where an order is, is told of it."""
    goods = says(turn.words, "buyers.goods_came") or says(turn.words, "goods_in_general")
    missed = goods and says(turn.words, "daily.missed") and _tells_of_goods(turn)
    return missed and turn.intent != "order_status" and not turn.slots.get("draft")


def _nobody_came(turn: Turn) -> bool:
    """ "Gardener didnt come today": whom the shop was to send stayed away."""
    return says(turn.words, "buyers.workers") and says(turn.words, "buyers.stayed_away")


def _changes(turn: Turn) -> bool:
    """Whether what is being ordered, or is on its way, may be changed still."""
    ordered = (turn.slots.get("recent") or {}).get("did") == "order"
    knows = says(turn.words, "buyers.shop_knows")
    return bool(knows or ordered or turn.slots.get("draft") or has_open_order(turn))


def _is_not_right(turn: Turn) -> bool:
    """ "Galat cover aaya hai", "kurti chhoti hai, badi wali chahiye"."""
    if "?" in turn.text or says(turn.words, "asking"):
        return False
    came_wrong = says(turn.words, "buyers.wrong") and says(turn.words, "buyers.came")
    return came_wrong or says(turn.words, "buyers.fits_not")


def _came_short(turn: Turn) -> bool:
    """ "Received only 20, 5 short", "glass ek hi mila", "coffee nahi mili": goods that came are
    none that are ordered. Where an order is, is asked after otherwise."""
    if not _tells_of_goods(turn):
        return False
    counted = turn.first("quantity") is not None
    wanted = says(turn.words, "wanting") and not says(turn.words, "buyers.got_it")
    if counted and says(turn.words, "buyers.runs_short") and not wanted:
        return True
    if turn.intent == "order_status" or not (counted or turn.first("product_name")):
        return False
    short = says(turn.words, "buyers.not_all") or says(turn.words, "buyers.had_asked")
    return short and says(turn.words, "buyers.came")


def _tells_of_goods(turn: Turn) -> bool:
    """Whether nothing is asked, nothing depends on what comes, and no money is spoken of."""
    if says(turn.words, "asking") or says(turn.words, "buyers.if_so"):
        return False
    return not any(turn.first(one) for one in _OF_MONEY)


def hear_it_came(turn: Turn) -> list[EventType] | None:
    """ "4 maggi mil gayi", "order aa gaya": goods that came are not ordered once more."""
    if "?" in turn.text or not says(turn.words, "buyers.got_it") or not _tells_of_goods(turn):
        return None
    others = ("negation", "buyers.not_goods", "buyers.sends", "more", "bill_words")
    named = turn.first("product_name") or says(turn.words, "buyers.goods_came")
    if not named or any(says(turn.words, one) for one in others):
        return None
    beside = [one for one in turn.words if not only([one], "buyers.goods_came")]
    if turn.first("quantity") and says(beside, "wanting"):
        return None  # "mehman aa gaye hain, 5 maggi chahiye"
    turn.say("utter_goodbye")
    return []


def dispute_account(turn: Turn) -> list[EventType] | None:
    """ "Ye hisaab galat hai", "maine 2 liye the, 4 ka bill kyu"."""
    wrong = says(turn.words, "dues.wrong") and says(turn.words, "dues.account")
    wrong = wrong and turn.first("product_name") is None
    return note_dispute(turn) if wrong or _is_of_bill(turn) else None


def _is_of_bill(turn: Turn) -> bool:
    """Whether more was billed or paid than was taken: "bill me 3 likha hai, maine 2 liye the", "I
    took only 1", "double charge kiya". What is being written may still be put right."""
    if says(turn.words, "buyers.overcharged") and "?" not in turn.text:
        return True
    if says(turn.words, "asking"):
        return False
    took = turn.first("quantity") and says(turn.words, "buyers.had_taken")
    if not took or says(turn.words, "wanting"):
        return False
    billed = says(turn.words, "bill_words")
    if billed and says(turn.words, "makes_bill"):
        billed = says(turn.words, "buyers.billed")
    return billed or (not turn.slots.get("draft") and says(turn.words, "buyers.not_all"))


def note_dispute(turn: Turn) -> list[EventType]:
    """Tell the shop; no reminder goes out meanwhile."""
    done = turn.run(reminders.dispute, customer_id=turn.own_id)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_dispute_noted", shop=shop, balance=own_balance_words(turn, done["balance"]))
    return []


def tell_shop(turn: Turn) -> list[EventType]:
    """The shop hears what a customer says; somebody unknown is told whom to call."""
    if turn.actor.kind != "customer":
        return refer_to_shop(turn, "utter_complaint_call")
    turn.run(service.ask_for_call, about="complaint", said=turn.text)
    return refer_to_shop(turn, "utter_complaint_told")
