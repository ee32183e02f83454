"""What a customer asks of the shop itself: the owner, how to pay, a discount, no messages."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.names import ORDER_FORM
from actions.goods.availability import (
    names_goods,
    takes_all_told,
    tell_availability,
    tell_compared,
    tell_unmarked,
)
from actions.lexicon import only, says
from actions.match import after, just_spoken_of, mention, product_named, recent
from actions.orders import wishes
from actions.reading.clock import hour_said
from actions.wording import how_to_pay, order_facts, own_balance_words, phone_for
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.parties import service
from erp_core.parties.service import MOST_SAID
from erp_core.payments import queries as payments
from erp_core.payments import reminders

_OTHER_WAYS = ("card", "cheque")
"""Ways of paying that a shop takes or does not."""

LONGEST_CALL = 4
"""So many words at most only call for somebody."""


def talk_to_owner(turn: Turn) -> list[EventType] | None:
    """ "Owner se baat karni hai": the shop is told, and calls."""
    wants = says(turn.words, "talk_to_owner") or says(turn.words, "gives_goods_back")
    if turn.intent != "human_handoff" and not wants:
        return None
    told = None if wants else tell_unmarked(turn)
    return hand_to_owner(turn) if told is None else told


def hand_to_owner(turn: Turn) -> list[EventType]:
    """Tell the shop that a customer wants to talk, in which words, and the customer whom to call;
    somebody unknown is told just that."""
    if turn.actor.kind == "guest":
        return refer_to_shop(turn, "utter_shop_number")
    own = "" if turn.is_not_words or turn.metadata.get("kind") == "button" else turn.text
    asked = unanswered(turn)
    said = " / ".join(filter(None, (asked, "" if asked and _only_calls(turn) else own)))
    turn.run(service.ask_for_call, about="anything" if said else None, said=said)
    refer_to_shop(turn, "utter_owner_told")
    return [mention(turn, unanswered="")] if asked else []


def _only_calls(turn: Turn) -> bool:
    return says(turn.words, "talk_to_owner") or len(turn.words) <= LONGEST_CALL


def unanswered(turn: Turn) -> str:
    """What a customer asked that only the shop can answer, until the shop is told."""
    return str((turn.slots.get("recent") or {}).get("unanswered") or "")


def keep_unanswered(turn: Turn) -> EventType:
    """Keep what is asked of the shop alone, for when it shall be told."""
    return mention(turn, unanswered=turn.text[:MOST_SAID])


def hand_over_wish(turn: Turn) -> list[EventType] | None:
    """ "500 rs wala mithai ka dabba bana do mix": what is put together anew stands on no list, so
    that the shop is told of it."""
    wished = says(turn.words, "wanting") or says(turn.words, "buyers.makes")
    together = wished and says(turn.words, "buyers.puts_together")
    if not together or turn.slots.get("draft") or turn.intent in _OF_OWN_AFFAIRS:
        return None
    told = turn.first("amount") or turn.first("quantity")
    if told is None and says(turn.words, "do_you_sell"):
        return None
    named = [one.value for one in turn.entities if one.name in ("product_name", "item")]
    with turn.read() as reader:
        sold = any(product_named(reader, one).one for one in named)
    if sold:
        return None
    by_shop = turn.actor.kind == "guest"
    return refer_to_shop(turn, "utter_shop_knows") if by_shop else hand_to_owner(turn)


_OF_OWN_AFFAIRS = frozenset({"order_modify", "order_cancel", "khata_query", "payment_record"})


def tell_how_to_pay(turn: Turn) -> list[EventType] | None:
    """ "Gpay number do", "paisa kaise du", "upi chalega kya", "500 bhej raha hu, number do"."""
    asks = says(turn.words, "dues.how_to_pay") or _asks_about_way(turn)
    about_to = says(turn.words, "dues.pays_now") and says(turn.words, "dues.pay_to")
    if not about_to and (not asks or turn.first("amount")):
        return None
    with turn.read() as reader:
        if _asks_what_it_is(turn):
            order, owed = _just_ordered(turn), payments.balance(reader, turn.own_id)
            if order is not None:
                turn.say("utter_your_order", **order_facts(turn, orders.order(reader, order)))
            if order is None or owed > 0:
                turn.say("utter_your_khata_empty", rows="", balance=own_balance_words(turn, owed))
        turn.say("utter_how_to_pay", **how_to_pay(reader))
    asks_other = any(says(turn.words, f"methods.{way}") for way in _OTHER_WAYS)
    return refer_to_shop(turn, "utter_shop_knows") if asks_other else []


def _asks_about_way(turn: Turn) -> bool:
    """ "Aapki dukan me upi chalta hai kya"."""
    asks = "?" in turn.text or says(turn.words, "asking")
    return asks and turn.method is not None and says(turn.words, "dues.way_is_taken")


def _asks_what_it_is(turn: Turn) -> bool:
    """ "Kitna dena hai, qr bhejo"; what is being ordered tells its total itself."""
    if turn.actor.kind != "customer" or turn.slots.get("draft"):
        return False
    return says(turn.words, "buyers.how_much")


def tell_cost(turn: Turn) -> list[EventType] | None:
    """ "Silai kitni loge", "gas refill ka kharcha kitna aayega": what work costs, whatever the
    question was taken for."""
    asks = says(turn.words, "buyers.costs") and not turn.slots.get("draft")
    if not asks or turn.first("quantity") or turn.first("amount") or turn.first("order_id"):
        return None
    return tell_availability(turn) if names_goods(turn) else None


def tell_number(turn: Turn) -> list[EventType] | None:
    """ "Apna number de do": whom to call."""
    if not says(turn.words, "shop_number") or turn.first("customer_phone"):
        return None
    return refer_to_shop(turn, "utter_shop_number")


def tell_where(turn: Turn) -> list[EventType] | None:
    """ "Dukan kahan hai?", "location bhejo"."""
    others = wishes.QUESTIONS | {"customer_query", "greeting"}
    unclear = turn.intent in wishes.UNSURE | others and not turn.entities
    asks = unclear and says(turn.words, "where_is") and says(turn.words, "the_shop")
    if not asks and not says(turn.words, "buyers.where_you_are"):
        return None
    if turn.first("product_name") and turn.first("quantity"):
        return None
    with turn.read() as reader:
        shop = parties.business(reader)
    response = "utter_shop_is_at" if shop.address else "utter_shop_is_called"
    return refer_to_shop(turn, response, address=shop.address or "")


def compare_goods(turn: Turn) -> list[EventType] | None:
    """ "Redmi aur a15 me se kaunsa sasta hai": what each costs; which is better, the shop says."""
    if turn.first("quantity") or not tell_compared(turn):
        return None
    told = says(turn.words, "buyers.of_price")
    return [] if told else refer_to_shop(turn, "utter_shop_knows")


def ask_for_discount(turn: Turn) -> list[EventType] | None:
    """ "Discount milega?", "thoda kam karo", "bahar 40 me milti hai" are for the shop to answer. Of
    goods that are named the price is told besides, but in an order "chini kam karo" is how much.
    "Cancel, sasta mil gaya" bargains no more."""
    if turn.first("order_id") or says(turn.words, "cancel") or not _bargains(turn):
        return None
    named = turn.form is None and turn.first("product_name")
    told = tell_availability(turn) if named else []
    turn.say("utter_discount_by_shop")
    return [*told, keep_unanswered(after(turn, told))] if turn.form is None else told


def _bargains(turn: Turn) -> bool:
    if turn.intent == "payment_record" and says(turn.words, "dues.paid"):
        return False  # "850 gpay kar diya, check kar lo"
    if says(turn.words, "buyers.bargain_with") or _offers_last(turn):
        return True
    goods = turn.first("product_name")
    counts = turn.form is not None and goods
    worth = goods and turn.first("quantity") and not turn.first("amount")
    rated = turn.intent == "price_update" and not worth
    if rated and (not counts or says(turn.words, "rate_words")):
        return True
    said = any(says(turn.words, one) for one in ("bargains", "buyers.bargain_at"))
    if (goods is None or not turn.first("quantity")) and wishes.names_rate(turn):
        return True
    if says(turn.words, "buyers.elsewhere") and says(turn.words, "buyers.costs_there"):
        return any(one.isdigit() for one in turn.text) or says(turn.words, "buyers.of_price")
    if turn.intent in wishes.QUESTIONS and says(turn.words, "discount"):
        return True
    if said and turn.first("amount") and not goods:
        return True
    if goods is None and says(turn.words, "discount"):
        return True
    if turn.first("quantity") or (goods and turn.form is not None):
        return False
    return says(turn.words, "buyers.bargain")


def _offers_last(turn: Turn) -> bool:
    """ "42 last", right after the price was told."""
    rest = [one for one in turn.words if not one.isdigit() and not only([one], "rupees")]
    told = just_spoken_of(turn, "product") and len(rest) < len(turn.words)
    return bool(told and rest) and only(rest, "buyers.last_word")


def speak_of_delivery(turn: Turn) -> list[EventType] | None:
    """ "Ghar bhej do", "shaam tak chahiye": when and where goods are brought is the shop's to say.
    Goods to be written down are an order, and where an order stands is told by it."""
    wanted = turn.first("product_name") and turn.first("quantity")
    wanted = wanted and not says(turn.words, "buyers.address")
    comes = turn.form is not None and says(turn.words, "buyers.when_it_comes")
    spoken_of = comes or says(turn.words, "buyers.delivery") or _gives_address(turn)
    spoken_of = spoken_of or _sends_otherwise(turn)
    pays = turn.intent == "payment_record" and turn.first("amount")
    if not spoken_of or wanted or pays or _agrees_first(turn) or takes_all_told(turn):
        return None
    told_of = turn.form is None or just_spoken_of(turn, "product")
    ordered = turn.intent in ("order_create", "order_modify") and not turn.first("amount")
    counts = told_of and turn.first("quantity") and ordered
    asks_after = turn.form is None and turn.intent == "order_status"
    if counts or (asks_after and has_open_order(turn)):
        return None
    return refer_to_shop(turn, "utter_delivery_by_shop")


def _sends_otherwise(turn: Turn) -> bool:
    """ "Kal nahi parso bhejna", "time change 12:30", of the order that was just sent."""
    if turn.slots.get("draft") or turn.first("product_name"):
        return False
    if says(turn.words, "cancel") or says(turn.words, "asking"):
        return False
    named = turn.first("date") or hour_said(turn.text)
    timed = named or says(turn.words, "one_day") or says(turn.words, "undoing.times")
    wished = any(says(turn.words, one) for one in ("undoing.sends", "wanting", "buyers.its_time"))
    return bool(timed and wished and just_spoken_of(turn, "order"))


def _gives_address(turn: Turn) -> bool:
    """ "Address 12 Tilak Nagar"."""
    said = says(turn.words, "buyers.address_words") and not says(turn.words, "asking")
    return said and any(one.isdigit() for one in turn.text)


def ask_the_shop(turn: Turn) -> list[EventType] | None:
    """Opening hours, EMI, colours, whose number this is: what only the shop can answer."""
    if turn.first("product_name") and turn.first("quantity"):
        return None
    if says(turn.words, "buyers.which_shop") and turn.form is None:
        return refer_to_shop(turn, "utter_this_shop_is")
    if not says(turn.words, "buyers.shop_knows"):
        return None
    priced = turn.first("product_name") and says(turn.words, "asks_price")
    told = tell_availability(turn) if priced and not turn.slots.get("draft") else []
    return [*told, *refer_to_shop(turn, "utter_shop_knows")]


def tell_of_bill(turn: Turn) -> list[EventType] | None:
    """ "GST bill milega?", of goods that are ordered: it comes once the shop has agreed."""
    asks = "?" in turn.text or says(turn.words, "asking") or says(turn.words, "wanting")
    if not asks or not says(turn.words, "bill_words") or says(turn.words, "tense.past"):
        return None
    turn.say("utter_bill_comes_later")
    return []


def tell_guest_of_bill(turn: Turn) -> list[EventType] | None:
    """ "GST bill dete ho?" of somebody who has none yet."""
    goods = turn.first("product_name") or turn.first("quantity")
    return tell_of_bill(turn) if turn.actor.kind == "guest" and not goods else None


def tell_of_bill_meanwhile(turn: Turn) -> list[EventType] | None:
    """The same, while an order is written."""
    of_it = not turn.first("invoice_number") and not turn.first("product_name")
    return tell_of_bill(turn) if of_it and turn.form == ORDER_FORM else None


def tell_kind(turn: Turn) -> list[EventType] | None:
    """ "Isi ka blue wala", "ek L ek XL": the size or colour of goods is no goods of its own."""
    if not is_kind(turn):
        return None
    if turn.form != ORDER_FORM:
        return refer_to_shop(turn, "utter_shop_knows")
    turn.say("utter_note_to_shop", note=turn.text.strip(" .,!?"))
    return []


def is_kind(turn: Turn) -> bool:
    """Whether nothing but sizes and colours are named."""
    row = [one for one in turn.words if not only([one], "filler")]
    kinds = [one for one in row if only([one], "colours") or only([one], "buyers.sizes")]
    cues = ("colours", "buyers.sizes", "buyers.this_kind")
    rest = [one for one in row if not any(only([one], cue) for cue in cues)]
    counts = all(one.isdigit() for one in rest)
    return bool(kinds) and not turn.first("product_name") and counts


def answer_call(turn: Turn) -> list[EventType] | None:
    """ "Koi hai?"."""
    if turn.entities or not says(turn.words, "buyers.calls"):
        return None
    rest = [one for one in turn.words if not only([one], "filler")]
    if len(rest) > LONGEST_CALL:
        return None
    turn.say("utter_nod")
    return []


def ask_on_credit(turn: Turn) -> list[EventType] | None:
    """ "Udhaar me likh lena": whom the shop lends to is its own choice."""
    asks = "?" in turn.text or says(turn.words, "asking")
    if says(turn.words, "buyers.asks_credit") and (asks or not turn.first("amount")):
        return refer_credit(turn)
    of_own = turn.intent in ("khata_query", "credit_score_query", "payment_status")
    of_own = of_own and turn.form != ORDER_FORM and not says(turn.words, "tense.future")
    if of_own or turn.first("product_name") or says(turn.words, "asking"):
        return None
    if turn.first("amount") or not says(turn.words, "buyers.on_credit"):
        return None
    return refer_credit(turn)


def refer_credit(turn: Turn) -> list[EventType]:
    """Whether it goes on credit, and until when, is for the shop to say."""
    return refer_to_shop(turn, "utter_credit_by_shop")


def ask_total(turn: Turn) -> list[EventType] | None:
    """ "Kitna hua total" right after an order."""
    order = _just_ordered(turn)
    named = any(turn.first(one) for one in ("customer_name", "date", "product_name"))
    if turn.form is not None or order is None or named:
        return None
    if not says(turn.words, "how_much_is_it") or turn.intent in ("khata_query", "order_status"):
        return None
    with turn.read() as reader:
        turn.say("utter_your_order", **order_facts(turn, orders.order(reader, order)))
    return []


def _just_ordered(turn: Turn) -> UUID | None:
    """The order that was written last, if nothing else was since."""
    did = (turn.slots.get("recent") or {}).get("did")
    return recent(turn, "order") if did == "order" else None


def _agrees_first(turn: Turn) -> bool:
    """ "Haan ghar bhej do" is a yes, where one was asked."""
    asked = turn.form is not None and turn.intent == "affirm"
    return asked and only(turn.words[:1], "buyers.agreeing")


def has_open_order(turn: Turn) -> bool:
    """Whether somebody who buys has an order that is not done."""
    if turn.actor.kind != "customer":
        return False
    with turn.read() as reader:
        return bool(orders.open_orders(reader, turn.own_id, limit=1))


def refer_to_shop(turn: Turn, response: str, **facts: str) -> list[EventType]:
    """Say whom of the shop to ask."""
    with turn.read() as reader:
        shop = parties.business(reader)
        phone = next((one.phone for one in parties.all_users(reader, roles=("owner",))), None)
    turn.say(response, shop=shop.name, phone=phone_for(turn, phone), **facts)
    return []


def stop_messages(turn: Turn) -> list[EventType] | None:
    """ "Message bhejna band karo", "STOP": no reminder any more; "message chalu karo" undoes it.
    "Ab mat bhejna" right after an order may well be the goods."""
    again = says(turn.words, "dues.messages_again")
    alone = len(turn.words) == 1 and turn.form is None and says(turn.words, "dues.stop_alone")
    told = alone or says(turn.words, "dues.stop_messages")
    refused = says(turn.words, "negation") or says(turn.words, "cancel")
    taken = turn.intent == "consent_withdraw" and (turn.is_sure or refused)
    if taken and not (told or turn.is_sure) and _just_ordered(turn):
        turn.say("utter_edit_cancel_form")
        return []
    if not (again or told or taken):
        if turn.intent != "consent_withdraw" or turn.slots.get("draft"):
            return None
        turn.say("utter_did_not_get_that")
        return []
    turn.run(reminders.spare_oneself, spared=not again)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_messages_again" if again else "utter_messages_stopped", shop=shop)
    return []
