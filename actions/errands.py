"""What is told or done at once, by its wording alone, whatever intent a message has.

"Shukravar ko dunga", "har 3 din me yaad dilao", "hisaab galat hai". The language components have no
intent of their own for these, so every action looks here before it answers.
"""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.forms.intents import QUESTIONS, UNSURE
from actions.forms.names import ORDER_FORM
from actions.goods import beside_the_rate, goods_questions, used_equipment, within_price
from actions.goods.availability import tell_availability, tell_picked
from actions.goods.lines import GOODS
from actions.invoicing import bill_in_hand, bill_questions, brought_back, put_right, taxes
from actions.lexicon import says
from actions.orders import change_back, counted_apart, estimates, to_send
from actions.orders.noted_later import noted_later
from actions.parties import (
    buyers_complaints,
    customer_requests,
    daily_needs,
    licences,
    own_details,
    party_details,
    passing_on,
    sellers,
    who_took_what,
)
from actions.payments import (
    bank_statements,
    credit_wished,
    own_staff,
    payment_claims,
    payment_receipts,
    promises,
    reminders,
)
from actions.payments.dues_words import LONGEST
from actions.pictures import photos
from actions.purchases import bought, buying_errands
from actions.purchases.buying_errands import Errand
from actions.reading import goods_notes, name_and_amount
from actions.reading.asked_and_counted import counts_what_is_asked
from actions.reading.parts import part_of
from actions.reports import (
    comparing,
    due_dates,
    figures_again,
    last_spent,
    portals,
    shop_questions,
)
from actions.talk import (
    asked_again,
    asked_otherwise,
    complaints,
    how_to,
    not_kept,
    taken_for_else,
    voices,
)
from erp_core.kernel.clauses import sentences

_OF_BILLS_AND_GOODS: tuple[Errand, ...] = (
    bill_questions.tell_bills,
    bill_questions.tell_rate_given,
    bill_questions.tell_of_this,
    bought.tell_bought,
    goods_questions.tell_priced,
    goods_questions.tell_best_margins,
    goods_questions.tell_returned,
)
_OF_USERS: tuple[Errand, ...] = (
    voices.serve,
    put_right.tell_dated_today,
    passing_on.tell_not_passed_on,
    how_to.tell_how_to,
    photos.hear_wanted,
    licences.serve,
    portals.serve,
    own_details.change,
    own_details.serve,
    party_details.serve_address,
    party_details.rename_customer,
    party_details.put_right,
    party_details.tell_number,
    figures_again.tell_again,
    figures_again.tell_what_happened,
    own_staff.tell_staff_paid,
    own_staff.own_pay_asked,
    credit_wished.refer_to_owner,
    taken_for_else.serve,
    asked_otherwise.serve,
    comparing.tell_compared,
    asked_again.of_other_goods,
    asked_again.of_somebody_else,
    asked_again.whether_there,
    *buying_errands.ERRANDS,
    taxes.tell_asked_rate,
    who_took_what.tell_last_buyers,
    *_OF_BILLS_AND_GOODS,
    shop_questions.tell_last_bought,
    shop_questions.tell_margin,
    shop_questions.tell_gain_at,
    used_equipment.tell_bought,
    sellers.tell_sold_by,
    to_send.tell,
    estimates.tell,
    change_back.tell_change_of_bill,
    bill_in_hand.send_bill,
    who_took_what.tell_usual,
    who_took_what.tell_no_messages,
    shop_questions.count_customers,
    shop_questions.tell_best_buyers,
    shop_questions.tell_absent,
    shop_questions.tell_best_day,
    shop_questions.tell_slow_sellers,
    shop_questions.tell_since,
    last_spent.tell_last_spent,
    due_dates.tell_when_due,
    shop_questions.tell_last_payment,
    shop_questions.tell_bill_there,
    shop_questions.tell_undelivered,
    goods_notes.note_alone,
    counted_apart.tell_all_back,
    brought_back.tell_no_exchange,
    daily_needs.tell_not_kept,
    not_kept.hired_out,
    not_kept.given_free,
    not_kept.old_for_new,
    not_kept.quoted_by_vendor,
    not_kept.vendors_paper,
    not_kept.own_debt,
    not_kept.table_changed,
    not_kept.day_total,
    not_kept.bill_of_nobody,
    not_kept.cancel_and_order,
    beside_the_rate.set_level,
    not_kept.by_kind,
    not_kept.remind_of_a_day,
    own_staff.staff_stayed_away,
    own_staff.staff_paid_back,
    not_kept.ran_out,
    bank_statements.read_statement,
    used_equipment.sell,
    payment_claims.screenshot_of_user,
    photos.hear,
    complaints.hear_scolding,
    complaints.tell_how_to_mend,
    reminders.plan_reminders,
    promises.open_promises,
    promises.told_promise,
    payment_receipts.send_receipt,
    name_and_amount.ask_what_it_was,
    name_and_amount.ask_what_is_due,
    name_and_amount.ask_who_gave,
    name_and_amount.ask_whether_spent,
    name_and_amount.ask_whether_sold,
)
_ASKED_OF_SHOP: tuple[Errand, ...] = (
    customer_requests.tell_how_to_pay,
    customer_requests.tell_number,
    customer_requests.tell_where,
    customer_requests.speak_of_delivery,
    customer_requests.ask_on_credit,
    customer_requests.ask_the_shop,
)


_OF_BOOKS = ("buyers.how_much", "own_dues", "dues.account", "bill_words", "wanted.delivery")
"""What a question is of that Bahi answers itself."""


def _answer_each_part(turn: Turn) -> list[EventType] | None:
    """Answer all that a buyer asks of the shop in one message: "do you deliver, and are you open
    now?"; goods that are named beside it are told of, and those that are counted are ordered."""
    aside = replace(turn, dispatcher=CollectingDispatcher())
    parts = [part_of(aside, span) for span in sentences(turn.text)]
    counted = any(one.first("product_name") and one.first("quantity") for one in parts)
    counted = counted or counts_what_is_asked(turn.text, turn.entities)
    if len(parts) < 2 or counted or turn.slots.get("draft"):
        return None
    events: list[EventType] = []
    answered: list[Errand] = []
    beside: list[Turn] = []
    rest: list[Turn] = []
    for part in parts:
        left = (one for one in _ASKED_OF_SHOP if one not in answered)
        found = next(((one, done) for one in left if (done := one(part)) is not None), None)
        if found:
            answered.append(found[0])
            events += found[1]
        elif part.first("product_name"):
            beside.append(part)
        elif says(part.words, "asking") and not any(says(part.words, one) for one in _OF_BOOKS):
            rest.append(part)
    rest = [] if turn.intent in QUESTIONS - UNSURE and turn.is_sure else rest
    if not answered or len(answered) + len(beside) + len(rest) < 2:
        return None
    for part in beside:
        events += tell_availability(part)
    if rest:
        events += customer_requests.refer_to_shop(aside, "utter_rest_by_shop")
    turn.dispatcher.messages += aside.dispatcher.messages
    return events


def _hear_complaint_and_question(turn: Turn) -> list[EventType] | None:
    """ "Doodh fata nikla, chini ka rate kya hai": the shop hears of the one, the other is told."""
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    wrong = [one for one in parts if buyers_complaints.is_complaint(one)]
    asked = [one for one in parts if one not in wrong and _asks(one)]
    if not wrong or not asked or turn.slots.get("draft") or says(turn.words, "buyers.costs"):
        return None
    events = buyers_complaints.tell_shop(turn)
    for one in asked:
        told = next((done for each in _ASKED_OF_SHOP if (done := each(one)) is not None), None)
        if told is None and one.first("product_name"):
            told = tell_availability(one)
        events += told or []
    return events


def _asks(part: Turn) -> bool:
    return any(says(part.words, one) for one in ("asking", "asks_price", "is_there"))


_OF_GUESTS: tuple[Errand, ...] = (
    daily_needs.hear,
    goods_notes.note_alone,
    _hear_complaint_and_question,
    buyers_complaints.complain,
    customer_requests.talk_to_owner,
    customer_requests.answer_call,
    customer_requests.tell_of_bill_meanwhile,
    customer_requests.tell_guest_of_bill,
    customer_requests.tell_kind,
    estimates.tell,
    buyers_complaints.hear_it_came,
    tell_picked,
    customer_requests.compare_goods,
    customer_requests.tell_cost,
    customer_requests.hand_over_wish,
    within_price.tell_within,
    customer_requests.ask_for_discount,
    _answer_each_part,
    *_ASKED_OF_SHOP,
)
_OF_CUSTOMERS: tuple[Errand, ...] = (
    voices.serve,
    photos.hear_of_customer,
    payment_claims.screenshot_of_customer,
    daily_needs.hear,
    customer_requests.stop_messages,
    customer_requests.talk_to_owner,
    promises.promise_to_pay,
    buyers_complaints.dispute_account,
    payment_receipts.own_receipt,
    customer_requests.ask_total,
    *_OF_GUESTS,
)
_AT_ONCE: tuple[Errand, ...] = (
    daily_needs.hear,
    goods_notes.note_alone,
    customer_requests.stop_messages,
    customer_requests.talk_to_owner,
    buyers_complaints.dispute_account,
    buyers_complaints.complain,
    buyers_complaints.hear_it_came,
    customer_requests.compare_goods,
    within_price.tell_within,
    customer_requests.ask_for_discount,
    promises.promise_to_pay,
    customer_requests.tell_how_to_pay,
    customer_requests.speak_of_delivery,
    customer_requests.ask_on_credit,
    customer_requests.tell_where,
    customer_requests.ask_the_shop,
    customer_requests.answer_call,
    customer_requests.tell_of_bill_meanwhile,
    customer_requests.tell_kind,
)
"""What a customer says is heard in the middle of a form too, and is no answer to its question."""
_BESIDE_GOODS: tuple[Errand, ...] = (
    customer_requests.tell_of_bill,
    customer_requests.tell_how_to_pay,
    customer_requests.speak_of_delivery,
    customer_requests.ask_on_credit,
    customer_requests.tell_where,
    customer_requests.ask_the_shop,
)
_ERRANDS = {"user": _OF_USERS, "customer": _OF_CUSTOMERS, "guest": _OF_GUESTS}
_TAPS: dict[str, Errand] = {
    "promise": promises.promise_by_tap,
    "dispute": buyers_complaints.note_dispute,
    "not_received": payment_claims.refuse_claim,
    "reminders_off": reminders.stop_reminders,
    "bank": bank_statements.book_line,
    "bank_list": bank_statements.show_guesses,
    used_equipment.ACT: used_equipment.sold_by_tap,
    party_details.ACT: party_details.change_by_tap,
    **buying_errands.TAPS,
}


_MEANWHILE: tuple[Errand, ...] = (
    taken_for_else.serve,
    asked_otherwise.serve,
    comparing.tell_compared,
    who_took_what.tell_last_buyers,
    *_OF_BILLS_AND_GOODS,
    sellers.tell_sold_by,
    own_staff.tell_staff_paid,
    own_staff.staff_stayed_away,
    who_took_what.tell_usual,
    who_took_what.tell_no_messages,
    taxes.tell_asked_rate,
    shop_questions.tell_slow_sellers,
    shop_questions.tell_since,
    last_spent.tell_last_spent,
    due_dates.tell_when_due,
    shop_questions.tell_last_payment,
    shop_questions.tell_last_bought,
)
"""What is asked of the business, also while something is being written."""


def asked_meanwhile(turn: Turn) -> bool:
    """Answer a question of the business that is no answer to what was asked; whether it was one."""
    if not turn.is_user or turn.is_not_words or turn.intent not in QUESTIONS:
        return False
    if not turn.text or len(turn.words) > LONGEST:
        return False
    return any(one(turn) is not None for one in _MEANWHILE)


def serve(turn: Turn) -> list[EventType] | None:
    """Do what the message asks of dues; None when it asks nothing of the kind."""
    tapped = turn.value("act")
    if tapped in _TAPS and turn.metadata.get("kind") == "button":
        return _TAPS[tapped](turn)
    if not turn.text and turn.metadata.get("media") is None:
        return None
    if len(turn.words) > LONGEST or noted_later(turn) is not None:
        return None
    for errand in _ERRANDS[turn.actor.kind]:
        done = errand(turn)
        if done is not None:
            return done
    return None


def serve_beside_goods(turn: Turn) -> bool:
    """Answer what a buyer asks of the shop beside goods that it orders: "2 maggi bhej do, gpay
    chalega?"; whether it asked anything."""
    kept = [one for one in turn.entities if one.name not in GOODS]
    aside = replace(turn, entities=kept, form=ORDER_FORM)
    answered = [errand for errand in _BESIDE_GOODS if errand(aside) is not None]
    return bool(answered)


def serve_at_once(turn: Turn) -> bool:
    """Do what a customer wants of the shop itself, whatever is being written; whether it did."""
    plain_text = turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if turn.is_user or not plain_text or turn.metadata.get("kind") == "button":
        return False
    errands = [one for one in _AT_ONCE if one in _ERRANDS[turn.actor.kind]]
    return any(errand(turn) is not None for errand in errands)
