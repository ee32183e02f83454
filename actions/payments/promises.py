"""Promises to pay: made by a customer, told by the shop, and which are open."""

from __future__ import annotations

from datetime import date, timedelta

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import last_amount
from actions.invoicing.paid_beside import says_given
from actions.lexicon import says, words
from actions.match import customer_in, just_spoken_of, payload_of, recent, remember
from actions.parties.customer_requests import refer_credit
from actions.phrasebook import Button
from actions.reading.parts import part_of
from actions.reading.promised_days import promised_day
from actions.wording import balance_words, day, how_to_pay, own_balance_words
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import sentences
from erp_core.kernel.hindi_dates import parse_period
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.queries import Customer
from erp_core.payments import promises
from erp_core.payments import queries as payments

_OF_KHATA = frozenset({"khata_query", "payment_status"})
SHORT = 4
"""So many words say a day and that somebody will pay, and name nobody."""


def told_promise(turn: Turn) -> list[EventType] | None:
    """ "Ravi ne bola kal dega"; but "Gupta ko kal denge" is what the shop gives."""
    if not _speaks_of_paying(turn, "dues.he_will_pay") or _has_paid_a_part(turn):
        return None
    if says(turn.words, "bill_words") and says(turn.words, "makes_bill"):
        return None
    amount = turn.first("amount")
    if amount is not None and amount.end and says_given(turn, amount.end):
        return None
    due_on = promised_day(turn)
    with turn.read() as reader:
        customer = _who_promises(turn, reader)
        owed = payments.balance(reader, customer.id) if customer else 0
    if _given_to(turn):
        return None
    if customer is None or due_on is None:
        return _ask_of_promise(turn, customer)
    buys_now = _in_hand(turn) == (str(customer.id), True)
    if owed <= 0 and not buys_now and last_amount(turn.all("amount")) is None:
        turn.say("utter_owes_nothing", name=customer.name)
        return [remember(turn, customer=customer.id)]
    done = turn.run(
        promises.promise,
        customer_id=customer.id,
        due_on=due_on,
        amount_paise=last_amount(turn.all("amount")),
    )
    turn.say(
        "utter_promise_noted",
        name=customer.name,
        on=day(due_on),
        balance=balance_words(turn, done["balance"]),
    )
    return [remember(turn, customer=customer.id)]


def _who_promises(turn: Turn, reader: Reader) -> Customer | None:
    """Who is named, else whoever was spoken of: "wo kal dega", and "kal dega" alone of whom
    something is being written, or who was asked for right before; "wo log" may be anybody."""
    customer, before = customer_in(turn, reader), recent(turn, "customer")
    named = turn.value("customer_name") or turn.value("person")
    cues = ("same_person", "somebody", "he_said", "rest", "dues.they_will")
    theirs = _in_hand(turn)[0] or any(says(turn.words, cue) for cue in cues)
    theirs = theirs or (just_spoken_of(turn, "customer") and len(turn.words) <= SHORT)
    if customer is None and before and theirs and not named and not says(turn.words, "dues.people"):
        return parties.customer(reader, before)
    return customer


def _in_hand(turn: Turn) -> tuple[str | None, bool]:
    """Of whom something is being written, and whether it is goods, which will be owed for."""
    data = (turn.slots.get("draft") or {}).get("data") or {}
    return (data.get("customer") or {}).get("id"), bool(data.get("lines"))


def _ask_of_promise(turn: Turn, customer: Customer | None) -> list[EventType] | None:
    """Who will pay, or by when; what is to come is no payment to be looked up."""
    unknown = turn.value("customer_name") or turn.value("person")
    as_credit = turn.intent == "khata_credit" and not says(turn.words, "on_khata")
    told = turn.intent == "payment_status" or as_credit or says(turn.words, "he_said")
    if not told or (customer is None and unknown):
        return None
    if customer is None:
        turn.say("utter_promise_of_whom")
        return []
    turn.say("utter_promise_by_when", name=customer.name)
    return [remember(turn, customer=customer.id)]


def _has_paid_a_part(turn: Turn) -> bool:
    """ "Usne 200 de diye, baaki kal dega" is a payment first."""
    paid = turn.first("amount") is not None and says(turn.words, "tense.past")
    return paid and says(turn.words, "rest") and turn.intent == "payment_record"


def open_promises(turn: Turn) -> list[EventType] | None:
    """ "Kis kis ne dene ka vaada kiya", "kis kis ne kal dene ka bola hai"."""
    everybody = says(turn.words, "everybody")
    promised = says(turn.words, "dues.promises") and (everybody or says(turn.words, "asking"))
    if not promised and not (everybody and says(turn.words, "dues.he_will_pay")):
        return None
    if turn.first("product_name") or (turn.first("customer_name") and turn.first("amount")):
        return None
    with turn.read() as reader:
        found = promises.open_promises(reader)
        on = promised_day(turn)
        found = [one for one in found if one.due_on == on] or found
        names = parties.customers_named(reader, [one.customer_id for one in found])
    rows = [
        {
            "name": names[one.customer_id],
            "on": day(one.due_on),
            "amount": inr(one.amount) if one.amount else turn.line("word_all_due"),
        }
        for one in found[:15]
    ]
    if rows:
        turn.say("utter_promises", rows=turn.lines("line_promise", rows))
    else:
        turn.say("utter_no_promises")
    return []


def promise_to_pay(turn: Turn) -> list[EventType] | None:
    """ "Shukravar ko dunga"; also behind a question of the khata, whose balance is told with it."""
    if not _speaks_of_paying(turn, "dues.will_pay") and not _sends_soon(turn):
        asked = turn.intent in _OF_KHATA and turn.form is None
        parts = [part_of(turn, span) for span in sentences(turn.text)] if asked else []
        told = [one for one in parts if _speaks_of_paying(one, "dues.will_pay")]
        return promise_to_pay(told[0]) if len(told) == 1 and len(parts) > 1 else None
    due_on = promised_day(turn)
    if due_on is None:
        return None
    with turn.read() as reader:
        balance = payments.balance(reader, turn.own_id)
    credit = any(says(turn.words, one) for one in ("buyers.asks_credit", "buyers.on_credit"))
    if balance <= 0 and (turn.slots.get("draft") or credit):
        return refer_credit(turn)
    if balance <= 0:
        turn.say("utter_your_khata_empty", rows="", balance=own_balance_words(turn, balance))
        return []
    amount = last_amount(turn.all("amount"))
    rest_on = _rest_promised_for(turn, due_on) if amount is not None else None
    if rest_on is None or rest_on == due_on:
        return _note_promise(turn, due_on, amount)
    _note_promise(turn, due_on, amount)
    return _note_promise(turn, rest_on, balance - amount) if balance > amount else []


def _rest_promised_for(turn: Turn, first: date) -> date | None:
    """The day by which the rest shall be paid: "5000 aaj de dunga, baki mahine end tak"."""
    days = [parse_period(one.value, today=turn.today, lean="future") for one in turn.all("date")]
    later = [one.end for one in days if one and one.end > first]
    return later[-1] if later and says(turn.words, "rest") else None


def _note_promise(turn: Turn, due_on: date, amount: int | None) -> list[EventType]:
    done = turn.run(promises.promise, customer_id=turn.own_id, due_on=due_on, amount_paise=amount)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    part = {} if amount is None else {"amount": inr(amount)}
    turn.say(
        "utter_promise_noted_part" if part else "utter_promise_noted_customer",
        on=day(due_on),
        shop=shop,
        balance=own_balance_words(turn, done["balance"]),
        **part,
    )
    return []


def promise_by_tap(turn: Turn) -> list[EventType]:
    """A tap: by which day is asked, and the day that is tapped is promised."""
    chosen = turn.value("choice")
    if chosen:
        return _note_promise(turn, date.fromisoformat(chosen), None)
    days = [turn.today + timedelta(days=ahead) for ahead in (1, 3, 7)]
    turn.say(
        "utter_promise_when",
        choices=[
            Button(
                title=day(one),
                payload=payload_of("payment_request", act="promise", choice=one.isoformat()),
            )
            for one in days
        ],
    )
    return []


def _speaks_of_paying(turn: Turn, cue: str) -> bool:
    """Whether somebody will give, and money: not goods, an order or an answer, and no question."""
    other = says(turn.words, "dues.no_money") or says(turn.words, "asking")
    return says(turn.words, cue) and not other and turn.first("product_name") is None


def _sends_soon(turn: Turn) -> bool:
    """ "Cheque 10000 ka kal bhej rahe hai": money that is on its way by a day that is to come."""
    money = turn.first("amount") or turn.first("payment_method")
    if not money or not _speaks_of_paying(turn, "dues.sends_soon"):
        return False
    due_on = promised_day(turn)
    return due_on is not None and due_on > turn.today


def _given_to(turn: Turn) -> bool:
    """Whether the customer is the one who gets: "Gupta ko", "Gupta ji ko", "usko"."""
    named = turn.first("customer_name")
    if named is None or not named.end:
        return named is None and says(turn.words, "to_them")
    behind = words(turn.text[named.end :])[:2]
    return bool(behind) and (behind[0] == "ko" or behind[:2] == ("ji", "ko"))
