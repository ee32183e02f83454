"""What is said of dues by its wording alone: promises, reminders, disputes, receipts, screenshots.

"Shukravar ko dunga", "har 3 din me yaad dilao", "Gupta ka cheque bounce ho gaya", "hisaab galat
hai". The language components have no intent of their own for these, so every action looks here
before it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from rasa_sdk.events import EventType

from actions import buying_errands, buying_words, licences, own_details, photos, portals, voices
from actions.context import Turn
from actions.entities import method_of, paise_of, period_of
from actions.lexicon import says, words
from actions.match import customer_in_text, customer_named, payload_of, recent, remember
from actions.phrasebook import Button
from actions.wording import balance_words, day, how_to_pay, own_balance_words, phone_for
from erp_core.banking import queries as bank
from erp_core.banking import service as statements
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import FIXED_DAYS, NEAR_DAYS, WEEKDAYS, parse_period
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import inr, rupees
from erp_core.kernel.spelling import fold, roman
from erp_core.parties import queries as parties
from erp_core.parties import service as people
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer
from erp_core.payments import promises, receipts, reminders, service
from erp_core.payments import queries as payments

LONGEST = 18
"""So many words a message has at most that is taken by its wording."""

WINDOW = 4
FILES = frozenset({"image", "document"})
SHEETS = ("csv", "excel", "spreadsheet", "text/plain", "octet-stream")
_IN_DAYS = re.compile(
    r"(\S+)\s+(din|dino|day|days|hafte|hafta|week|weeks|mahine|month)\s+"
    r"(?:me|mein|mai|main|ke andar|tak|baad|bad|later)\b"
)
_IN_FIGURES = re.compile(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?")
_EVERY = re.compile(r"\b(?:har|every|hr)\s+(\S+)\s+(?:din|dino|day|days)\b")
_AFTER = re.compile(r"(\S+)\s+(?:din|dino|day|days)\s+(?:baad|bad|ke baad|after)\b")
_HOUR = re.compile(r"(\d{1,2}|\S+(?=\s))\s*(?:baje|bje|o'?clock|am|pm)\b")

Errand = Callable[[Turn], "list[EventType] | None"]
"""Does what a message asks; None when it asks nothing of the kind."""


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


def bounced(turn: Turn) -> bool:
    """Whether a cheque is said to have come back."""
    return says(turn.words, "dues.cheque") and says(turn.words, "dues.bounce")


def serve(turn: Turn) -> list[EventType] | None:
    """Do what the message asks of dues; None when it asks nothing of the kind."""
    tapped = turn.value("act")
    if tapped in _TAPS and turn.metadata.get("kind") == "button":
        return _TAPS[tapped](turn)
    if not turn.text and turn.metadata.get("media") is None:
        return None
    if len(turn.words) > LONGEST:
        return None
    errands = _OF_USERS if turn.is_user else _OF_CUSTOMERS if turn.actor.kind == "customer" else ()
    for errand in errands:
        done = errand(turn)
        if done is not None:
            return done
    return None


def serve_at_once(turn: Turn) -> bool:
    """Do what a customer wants of the shop itself, whatever is being written; whether it did."""
    plain_text = turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if turn.actor.kind != "customer" or not plain_text or turn.metadata.get("kind") == "button":
        return False
    return any(errand(turn) is not None for errand in _AT_ONCE)


# Of those who run the shop.


def _plan(turn: Turn) -> list[EventType] | None:
    """ "Har 3 din me yaad dilao", "reminder band karo", "Gupta ko reminder mat bhejo"."""
    if not says(turn.words, "dues.remind") or says(turn.words, "dues.to_me"):
        return None
    if says(turn.words, "buying.send_for"):
        return None
    stops, again = says(turn.words, "dues.stop"), says(turn.words, "dues.again")
    with turn.read() as reader:
        customer = _customer(turn, reader)
    if customer is not None:
        return _spare(turn, customer, spared=stops) if stops or again else None
    if not (stops or says(turn.words, "dues.schedule") or says(turn.words, "dues.when")):
        return None
    if turn.first("product_name") and not _EVERY.search(_plain(turn)):
        return None
    if says(turn.words, "dues.when"):
        with turn.read() as reader:
            _tell_plan(turn, reminders.plan(reader))
        return []
    turn.run(
        reminders.set_plan,
        active=not stops,
        first_after_days=_number(_AFTER, turn),
        every_days=_every(turn),
        hour=_hour(turn),
    )
    with turn.read() as reader:
        _tell_plan(turn, reminders.plan(reader))
    return []


def _tell_plan(turn: Turn, plan: reminders.Plan) -> None:
    if not plan.active:
        turn.say("utter_reminders_off")
        return
    turn.say(
        "utter_reminders_planned",
        first=plan.first_after_days,
        every=plan.every_days,
        hour=plan.hour,
        polite=plan.polite,
    )


def _spare(turn: Turn, customer: Customer, *, spared: bool) -> list[EventType]:
    done = turn.run(reminders.spare, customer_id=customer.id, spared=spared)
    turn.say(
        "utter_reminder_spared" if spared else "utter_reminder_resumed",
        name=customer.name,
        balance=balance_words(turn, done["balance"]),
    )
    return [remember(turn, customer=customer.id)]


def _promise_of_customer(turn: Turn) -> list[EventType] | None:
    """ "Ravi ne bola kal dega"; but "Gupta ko kal denge" is what the shop gives."""
    if not _speaks_of_paying(turn, "dues.he_will_pay") or _has_paid_a_part(turn):
        return None
    due_on = promised_day(turn)
    with turn.read() as reader:
        customer = _who_promises(turn, reader)
        owed = payments.balance(reader, customer.id) if customer else 0
    if _given_to(turn):
        return None
    if customer is None or due_on is None:
        return _ask_of_promise(turn, customer)
    if owed <= 0 and _amount(turn) is None:
        turn.say("utter_owes_nothing", name=customer.name)
        return [remember(turn, customer=customer.id)]
    done = turn.run(
        promises.promise, customer_id=customer.id, due_on=due_on, amount_paise=_amount(turn)
    )
    turn.say(
        "utter_promise_noted",
        name=customer.name,
        on=day(due_on),
        balance=balance_words(turn, done["balance"]),
    )
    return [remember(turn, customer=customer.id)]


def _who_promises(turn: Turn, reader: Reader) -> Customer | None:
    """Who is named, else whoever was spoken of: "wo kal dega"; "wo log" may be anybody."""
    customer, before = _customer(turn, reader), recent(turn, "customer")
    named = turn.value("customer_name") or turn.value("person")
    theirs = says(turn.words, "same_person") or says(turn.words, "somebody")
    if customer is None and before and theirs and not named and not says(turn.words, "dues.people"):
        return parties.customer(reader, before)
    return customer


def _ask_of_promise(turn: Turn, customer: Customer | None) -> list[EventType] | None:
    """Who will pay, or by when; what is to come is no payment to be looked up."""
    unknown = turn.value("customer_name") or turn.value("person")
    if turn.intent != "payment_status" or (customer is None and unknown):
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


def _open_promises(turn: Turn) -> list[EventType] | None:
    """ "Kis kis ne dene ka vaada kiya", "kis kis ne kal dene ka bola hai"."""
    everybody = says(turn.words, "everybody")
    promised = says(turn.words, "dues.promises") and (everybody or says(turn.words, "asking"))
    if not promised and not (everybody and says(turn.words, "dues.he_will_pay")):
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


def _receipt_for(turn: Turn) -> list[EventType] | None:
    """ "Ravi ko rasid bhejo": to the customer, of the last payment."""
    if not says(turn.words, "dues.receipt") or turn.first("amount") or turn.first("product_name"):
        return None
    with turn.read() as reader:
        customer = _customer(turn, reader)
        paid = customer and payments.payments_between(
            reader, date(2000, 1, 1), turn.today, customer.id
        )
    if customer is None or not paid:
        return None
    done = turn.run(receipts.send_receipt, payment_id=paid[0].id)
    turn.say("utter_receipt_sent", name=customer.name, amount=inr(done["amount"]))
    return [remember(turn, customer=customer.id)]


def _statement_file(turn: Turn) -> list[EventType] | None:
    """A spreadsheet that the owner sends is a bank statement; it is read by a job."""
    media = turn.metadata.get("media") or {}
    mime = str(media.get("mime") or "")
    if media.get("kind") != "document" or not any(sheet in mime for sheet in SHEETS):
        return None
    if not media.get("id") or not turn.may(Permission.WRITE_VOUCHERS):
        return None
    turn.run(statements.read_later, media=str(media["id"]))
    turn.say("utter_bank_reading")
    return []


def _screenshot_of_user(turn: Turn) -> list[EventType] | None:
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES or not says(turn.words, "dues.paid"):
        return None
    turn.say("utter_screenshot_no_payment_user")
    return []


def _bank_line(turn: Turn) -> list[EventType] | None:
    """A tap on a line of the statement: it is from whom it was thought to be."""
    done = turn.run(statements.accept, line_id=UUID(turn.value("choice") or ""))
    with turn.read() as reader:
        customer = parties.customer(reader, UUID(done["customer_id"]))
    turn.say(
        "utter_bank_line_booked",
        name=customer.name,
        amount=inr(done["amount"]),
        after=balance_words(turn, done["balance_after"]),
    )
    return [remember(turn, customer=customer.id)]


def _bank_list(turn: Turn) -> list[EventType]:
    """Lines of the statement whose customer is a guess, to be tapped."""
    with turn.read() as reader:
        found = bank.suggestions(reader)
        names = parties.customers_named(reader, [one.customer_id for one in found])
    rows = [
        Button(
            title=names[one.customer_id],
            payload=payload_of("payment_request", act="bank", choice=str(one.id)),
            description=turn.line("line_bank_suggestion", amount=inr(one.amount), on=day(one.on)),
        )
        for one in found
    ]
    if rows:
        turn.say("utter_bank_suggestions", choices=rows)
    else:
        turn.say("utter_no_bank_suggestions")
    return []


def _reminders_off(turn: Turn) -> list[EventType]:
    turn.run(reminders.set_plan, active=False)
    turn.say("utter_reminders_off")
    return []


def _not_received(turn: Turn) -> list[EventType]:
    """A tap below what a customer says to have paid: it has not come."""
    done = turn.run(service.refuse_claim, customer_id=UUID(turn.value("choice") or ""))
    with turn.read() as reader:
        name = parties.customer(reader, UUID(done["customer_id"])).name
    turn.say("utter_claim_refused", name=name)
    return [remember(turn, customer=done["customer_id"])]


def _who_and_how_much(turn: Turn) -> list[EventType] | None:
    """ "Ravi 500" alone says neither that it came nor that it went: what it was is asked."""
    kinds = [one.name for one in turn.entities]
    named = [one for one in turn.entities if one.name in ("customer_name", "vendor_name", "person")]
    figures = [one for one in turn.entities if one.name in ("amount", "quantity")]
    if turn.is_sure or len(kinds) != 2 or len(named) != 1 or len(figures) != 1:
        return None
    first, last = sorted([*named, *figures], key=lambda one: one.start)
    beside = turn.text[: first.start] + turn.text[first.end : last.start] + turn.text[last.end :]
    paise = paise_of(figures[0])
    if beside.strip(" -:=.,₹") or paise is None or turn.metadata.get("command"):
        return None
    with turn.read() as reader:
        found = customer_named(reader, named[0].value).one
    if found is None:
        return None
    turn.say(
        "utter_who_and_how_much",
        name=found.name,
        customer_id=found.id,
        amount=inr(paise),
        rupees=rupees(paise).removesuffix(".00"),
    )
    return [remember(turn, customer=found.id)]


# Of customers.


def _promise(turn: Turn) -> list[EventType] | None:
    """ "Shukravar ko dunga"."""
    if not _speaks_of_paying(turn, "dues.will_pay"):
        return None
    due_on = promised_day(turn)
    if due_on is None:
        return None
    with turn.read() as reader:
        balance = payments.balance(reader, turn.own_id)
    if balance <= 0:
        turn.say("utter_your_khata_empty", rows="", balance=own_balance_words(turn, balance))
        return []
    return _note_promise(turn, due_on, _amount(turn))


def _note_promise(turn: Turn, due_on: date, amount: int | None) -> list[EventType]:
    done = turn.run(promises.promise, customer_id=turn.own_id, due_on=due_on, amount_paise=amount)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say(
        "utter_promise_noted_customer",
        on=day(due_on),
        shop=shop,
        balance=own_balance_words(turn, done["balance"]),
    )
    return []


def _tapped_promise(turn: Turn) -> list[EventType]:
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


def _dispute(turn: Turn) -> list[EventType] | None:
    """ "Ye hisaab galat hai"."""
    wrong = says(turn.words, "dues.wrong") and says(turn.words, "dues.account")
    return _tapped_dispute(turn) if wrong and turn.first("product_name") is None else None


def _tapped_dispute(turn: Turn) -> list[EventType]:
    done = turn.run(reminders.dispute, customer_id=turn.own_id)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_dispute_noted", shop=shop, balance=own_balance_words(turn, done["balance"]))
    return []


def _wants_discount(turn: Turn) -> list[EventType] | None:
    """ "Discount milega?" is for the shop to answer."""
    counted = turn.first("quantity") or turn.first("order_id") or turn.first("product_name")
    bargains = says(turn.words, "bargains") and turn.first("amount")
    if counted or not (says(turn.words, "discount") or bargains):
        return None
    turn.say("utter_discount_by_shop")
    return []


def _how_to_pay(turn: Turn) -> list[EventType] | None:
    """ "Gpay number do", "paisa kaise du"."""
    if not says(turn.words, "dues.how_to_pay") or turn.first("amount"):
        return None
    with turn.read() as reader:
        turn.say("utter_how_to_pay", **how_to_pay(reader))
    return []


def _stop(turn: Turn) -> list[EventType] | None:
    """ "Message bhejna band karo", "STOP": no reminder any more; "message chalu karo" undoes it."""
    again = says(turn.words, "dues.messages_again")
    alone = len(turn.words) == 1 and turn.form is None and says(turn.words, "dues.stop_alone")
    stops = alone or says(turn.words, "dues.stop_messages") or turn.intent == "consent_withdraw"
    if not again and not stops:
        return None
    turn.run(reminders.spare_oneself, spared=not again)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_messages_again" if again else "utter_messages_stopped", shop=shop)
    return []


def _talk_to_owner(turn: Turn) -> list[EventType] | None:
    """ "Owner se baat karni hai": the shop is told, and calls."""
    wants = says(turn.words, "talk_to_owner") or says(turn.words, "gives_goods_back")
    if turn.intent != "human_handoff" and not wants:
        return None
    return hand_to_owner(turn)


def hand_to_owner(turn: Turn) -> list[EventType]:
    """Tell the shop that a customer wants to talk, and the customer whom to call."""
    turn.run(people.ask_for_call)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
        phone = next((one.phone for one in parties.all_users(reader, roles=("owner",))), None)
    turn.say("utter_owner_told", shop=shop, phone=phone_for(turn, phone))
    return []


def _own_receipt(turn: Turn) -> list[EventType] | None:
    if not says(turn.words, "dues.receipt") or turn.metadata.get("media"):
        return None
    with turn.read() as reader:
        paid = payments.payments_between(reader, date(2000, 1, 1), turn.today, turn.own_id)
    if not paid:
        return None
    turn.say(
        "utter_your_receipt",
        amount=inr(paid[0].amount),
        on=day(paid[0].on),
        attachment={"kind": "receipt", "id": str(paid[0].id)},
    )
    return []


def _screenshot(turn: Turn) -> list[EventType] | None:
    """A picture that says that money was sent: kindly, it is not the money."""
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES:
        return None
    with turn.read() as reader:
        owes = payments.balance(reader, turn.own_id) > 0
        shop = how_to_pay(reader)["shop"]
    if says(turn.words, "dues.paid") or (owes and _amount(turn)):
        turn.run(
            service.claim_payment,
            customer_id=turn.own_id,
            amount_paise=_amount(turn),
            method=method_of(turn.text),
        )
        turn.say("utter_screenshot_no_payment", shop=shop)
        return []
    if turn.text or not owes or media.get("kind") != "image":
        return None
    turn.say("utter_received_image_debtor", shop=shop)
    return []


def tell_no_order(turn: Turn) -> list[EventType]:
    """Of a picture of a customer in which no order can be read: kindly, it is not the money."""
    with turn.read() as reader:
        owes = payments.balance(reader, turn.own_id) > 0
        shop = how_to_pay(reader)["shop"]
    if owes or (turn.metadata.get("reading") or {}).get("kind") == "payment_screenshot":
        turn.say("utter_received_image_debtor", shop=shop)
    else:
        turn.say("utter_received_image_customer")
    return []


_OF_USERS: tuple[Errand, ...] = (
    voices.serve, photos.hear_wanted, licences.serve, portals.serve, own_details.serve,
    *buying_errands.ERRANDS,
    _statement_file, _screenshot_of_user, photos.hear, _plan, _open_promises, _promise_of_customer,
    _receipt_for, _who_and_how_much,
)  # fmt: skip
_OF_CUSTOMERS: tuple[Errand, ...] = (
    voices.serve, photos.hear_of_customer, _screenshot, _stop, _talk_to_owner, _promise, _dispute,
    _own_receipt, _wants_discount, _how_to_pay,
)  # fmt: skip
_AT_ONCE: tuple[Errand, ...] = (_stop, _talk_to_owner, _dispute, _wants_discount, _promise)
"""What a customer says is heard in the middle of a form too, and is no answer to its question."""
_TAPS: dict[str, Errand] = {
    "promise": _tapped_promise,
    "dispute": _tapped_dispute,
    "not_received": _not_received,
    "reminders_off": _reminders_off,
    "bank": _bank_line,
    "bank_list": _bank_list,
    **buying_errands.TAPS,
}


# What a message names.


def promised_day(turn: Turn) -> date | None:
    """The day by which a message promises something; of several days, the last."""
    plain = _plain(turn)
    counted = _IN_DAYS.search(plain)
    if counted and (number := parse_number(counted[1])):
        period = parse_period(f"{number} {counted[2]} baad", today=turn.today, lean="future")
        return period.end if period else None
    said = turn.first("date")
    if said is not None:
        period = parse_period(said.value, today=turn.today, lean="future") or period_of(
            said, today=turn.today
        )
        if period:
            return period.end
    row = plain.split()
    for size in range(WINDOW, 0, -1):
        for at in range(len(row) - size + 1):
            window = row[at : at + size]
            if size == 1 and not _names_a_day(window[0]):
                continue
            if window[0] in _LOOSE or window[-1] in _LOOSE:
                continue
            period = parse_period(" ".join(window), today=turn.today, lean="future")
            if period:
                return period.end
    return None


_LOOSE = frozenset({"ko", "ka", "ki", "ke", "se", "tak", "me", "mai", "main", "mein", "pe", "par"})
_SHORTEST_DAY = 2
_NO_DAYS = frozenset({"sun", "sat", "mon", "mangal", "budh"})


def _names_a_day(word: str) -> bool:
    """Whether one word alone is a day; "mai" may be May, and is I."""
    if _IN_FIGURES.fullmatch(word):
        return True
    folded = fold(word)
    known = folded in NEAR_DAYS or folded in FIXED_DAYS or folded in WEEKDAYS
    return known and len(word) > _SHORTEST_DAY and word not in _NO_DAYS


def _plain(turn: Turn) -> str:
    return roman(turn.text).lower()


def _number(pattern: re.Pattern[str], turn: Turn) -> int | None:
    for found in pattern.finditer(_plain(turn)):
        number = parse_number(found[1])
        if number is not None and number == int(number):
            return int(number)
    return None


def _every(turn: Turn) -> int | None:
    counted = _number(_EVERY, turn)
    if counted:
        return counted
    plain = f" {_plain(turn)} "
    if any(word in plain for word in (" roz ", " rozana ", " daily ", " har din ", " every day ")):
        return 1
    weekly = (" har hafte ", " hafte me ek ", " weekly ", " every week ", " har hafta ")
    return 7 if any(word in plain for word in weekly) else None


def _hour(turn: Turn) -> int | None:
    hour = _number(_HOUR, turn)
    if hour is None:
        return None
    plain = f" {_plain(turn)} "
    late = any(word in plain for word in (" shaam", " sham", " raat", " dopahar", "pm "))
    return hour + 12 if late and 1 <= hour < 12 else hour


def _amount(turn: Turn) -> int | None:
    amounts = [paise for one in turn.all("amount") if (paise := paise_of(one))]
    return amounts[-1] if amounts else None


def _customer(turn: Turn, reader: Reader) -> Customer | None:
    said = turn.value("customer_name") or turn.value("person")
    if said:
        found = customer_named(reader, said).one
        if found:
            return found  # type: ignore[no-any-return]
    return customer_in_text(turn, reader)


def _speaks_of_paying(turn: Turn, cue: str) -> bool:
    """Whether somebody will give, and money: not goods, an order or an answer, and no question."""
    other = says(turn.words, "dues.no_money") or says(turn.words, "asking")
    return says(turn.words, cue) and not other and turn.first("product_name") is None


def _is_giver(turn: Turn) -> bool:
    """Whether it is the named one who gave: "Ravi ne 200 wapas kiye" is money that came."""
    named = turn.first("customer_name") or turn.first("person") or turn.first("vendor_name")
    return named is not None and bool(named.end) and words(turn.text[named.end :])[:1] == ("ne",)


def _is_customer(turn: Turn) -> bool:
    with turn.read() as reader:
        said = turn.value("customer_name") or turn.value("person") or turn.value("vendor_name")
        return (
            customer_named(reader, said).one if said else customer_in_text(turn, reader)
        ) is not None


def _given_to(turn: Turn) -> bool:
    """Whether the customer is the one who gets: "Gupta ko", "Gupta ji ko", "usko"."""
    named = turn.first("customer_name")
    if named is None or not named.end:
        return named is None and says(turn.words, "to_them")
    behind = words(turn.text[named.end :])[:2]
    return bool(behind) and (behind[0] == "ko" or behind[:2] == ("ji", "ko"))
