"""Money that comes in: noting it, asking for it, asking whether it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import Reply
from actions.context import Turn
from actions.entities import NUMBERS, Entity, method_of, paise_of, period_of
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice
from actions.forms.customer import (
    begins_anew,
    choose_customer,
    customer_name,
    set_customer,
    settle_customer,
    take_customer,
)
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import (
    CREDIT_FORM,
    EXPENSE_FORM,
    INVOICE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    REQUEST_FORM,
)
from actions.forms.writing import Write
from actions.goods.availability import tell_availability
from actions.invoicing.paid_beside import paid_first, says_given, sold_and_paid
from actions.invoicing.paid_ways import (
    settle_halves,
    settle_rest,
    take_paid,
    take_rest_by_way,
    ways_line,
)
from actions.lexicon import only, says, where, words
from actions.match import (
    chosen_id,
    customer_meant,
    customer_named,
    customers_named,
    just_spoken_of,
    recent,
    remember,
    with_customers,
)
from actions.orders.tables import pays_its_order
from actions.parties.customer_requests import refer_credit
from actions.payments.dues_words import least_owed
from actions.payments.khata import names_somebody_else
from actions.payments.paid_with_bill import gave_money_for_it
from actions.purchases.buying_words import given_money
from actions.reading.giving import gave_them, pays_trader_unknown
from actions.reading.money import take_amount, written
from actions.reading.parts import part_of, split_by, without
from actions.reading.promised_days import promised_day
from actions.reading.quoting import became
from actions.reading.when import DAY, ask_day, choose_day, says_today, settle_day, take_day
from actions.reports.figures import tell_payments
from actions.wording import balance_words, day, how_to_pay, own_balance_words
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import service as invoicing
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import Span, clauses, sentences
from erp_core.kernel.errors import NotFound
from erp_core.kernel.money import inr, rupees
from erp_core.orders import queries as orders
from erp_core.orders.states import OPEN
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.payments import promises, reminders, service
from erp_core.payments import queries as payments
from erp_core.payments.methods import METHODS

ROWS = 10
HALF = "half"


_WHO = ("customer_name", "person", "vendor_name")


@register
class PaymentForm(Form):
    """Money received: from whom, how much, how, for which bill."""

    form = PAYMENT_FORM
    slots = ("payment_customer", "payment_amount", "payment_mode", "payment_confirmed")
    intents = frozenset({"payment_record"})
    near = frozenset({"khata_credit", "expense_log", "price_update", "payment_request"})
    permission = Permission.RECORD_PAYMENT

    def elsewhere(self, turn: Turn) -> str | None:
        """ "Ravi se 500 lena hai" is owed, and has not come; nor has what was given to Ravi."""
        if sold_and_paid(turn) or paid_first(turn):
            return ORDER_FORM
        if pays_its_order(turn):
            return INVOICE_FORM
        if pays_trader_unknown(turn):
            return EXPENSE_FORM
        given = gave_them(turn) or given_money(turn)
        if turn.is_user and given and not says(turn.words, "on_khata"):
            return CREDIT_FORM
        owed = says(turn.words, "to_receive") and not says(turn.words, "tense.past")
        if turn.is_user and owed and turn.first("amount") and turn.first("customer_name"):
            return CREDIT_FORM
        return super().elsewhere(turn)

    def _is_other(self, turn: Turn) -> bool:
        """What goods shall be, "bill me syringe 25 kar do", is no other sum, and whose order is to
        be accepted no other payer."""
        changed = turn.first("product_name") and turn.intent in self.near
        if changed and says(turn.words, "do_it"):
            return True
        of_order = turn.first("customer_name") and says(turn.words, "an_order")
        if of_order and not turn.first("amount") and method_of(turn.text) is None:
            return True
        return super()._is_other(turn)

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Ravi ne 500 aur Mohan ne 300 diye" are two payments."""
        parts = split_by(with_customers(turn), "customer_name", "amount")
        return _in_one_way(turn, parts) if len(parts) > 1 else parts

    def welcomes(self, turn: Turn) -> bool:
        """A customer who says "I have paid" is told how it will be seen."""
        if turn.actor.kind == "customer":
            pass_on(turn)
            return False
        return super().welcomes(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Who, how much, how, when, for which bill."""
        tapped = chosen_id(turn)
        if tapped and turn.intent == "payment_record":
            with turn.read() as reader:
                customer = parties.customer(reader, tapped)
            set_customer(draft, customer.id, customer.name)
        begins_anew(turn, draft)
        turn = _less_change(_without_sums_to_come(turn, draft), draft)
        amount, mode = take_paid(turn, draft)
        by_way = take_rest_by_way(turn, draft)
        if turn.value("invoice_number"):
            draft["invoice_said"] = turn.value("invoice_number")
        period = (not by_way and _take_rest(turn, draft)) or take_day(turn, draft)
        half = says(turn.words, "half") and not draft["halves"]
        if not amount and draft["amount"] is None and (half or _says_all(turn)):
            draft["all"] = amount = True
        missing = draft["customer"] is None and draft.replying
        if draft["sale"] and not amount and draft["amount"] is None:
            draft["all"] = amount = True
        if (
            not draft.replying
            and not draft["sale"]
            and (says(turn.words, "somebody") or _is_theirs(turn))
        ):
            draft["customer"] = _spoken_of(turn)
        if (
            not draft.replying
            and not draft["sale"]
            and _pays_bill(turn)
            and draft["amount"] is None
        ):
            draft["invoice"], draft["all"], amount = str(recent(turn, "invoice")), True, True
            if gave_money_for_it(turn):
                turn.say("utter_not_in_it", said=turn.text[slice(*clauses(turn.text)[0])].strip())
        if not (amount or draft.replying or draft["sale"] or draft["amount"]):
            draft["amount"] = _of_order(turn)
            amount = draft["amount"] is not None
        if draft["all"] and half:
            draft["all"] = HALF
        named = take_customer(turn, draft, asked=missing and not amount and not mode)
        said = named or amount or mode or period or turn.value("invoice_number")
        return bool(said or tapped)

    def resumes(self, turn: Turn, draft: Draft) -> bool:
        """What was paid for a sale is that sale's, once it is written."""
        if not draft["sale"]:
            return True
        sold = became(turn, draft["sale"])
        if "customer" in sold:
            set_customer(draft, sold["customer"], customer_name(turn, UUID(sold["customer"])))
            draft["invoice"] = sold.get("invoice")
        return "customer" in sold

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the customer and the bill; "poora" is what is owed."""
        if draft["sale"] and not draft["customer"]:
            return
        if draft["invoice_said"]:
            _take_invoice(turn, reader, draft)
        settle_customer(turn, reader, draft)
        if draft.pending or not draft["customer"]:
            return
        if draft["by_way"]:
            settle_rest(turn, draft, _owed(reader, draft))
        if draft["all"] and draft["amount"] is None:
            owed = _owed(reader, draft)
            owed = owed // 2 if draft["all"] == HALF else owed
            draft["amount"], draft["all"] = (owed, None) if owed > 0 else (None, None)
            if owed <= 0:
                turn.say("utter_owes_nothing", name=draft["customer"]["name"])
        settle_halves(draft)
        _settle_ahead(turn, draft)
        settle_day(turn, draft)
        if draft.pending is None and draft["amount"] and draft["method"] is None:
            draft.pending = {"kind": "mode", "field": "mode", "token": "mode"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer, which way of paying."""
        if value in METHODS:
            draft["method"] = value
        elif draft["answering"]["kind"] == DAY:
            choose_day(draft, value)
        else:
            choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "payment_customer": draft["customer"],
            "payment_amount": draft["amount"],
            "payment_mode": draft["method"],
            "payment_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which customer, how paid."""
        pending = draft.pending or {}
        if pending["kind"] == DAY:
            ask_day(turn, draft)
        elif pending["kind"] == "mode":
            turn.say(
                "utter_ask_payment_mode",
                name=draft["customer"]["name"],
                amount=inr(draft["amount"]),
                draft_id=draft.stamp,
            )
        else:
            ask_choice(turn, draft, pending)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """From whom, how much, yes."""
        if slot == "payment_customer":
            turn.say("utter_ask_payment_customer")
            return
        customer_id, name = UUID(draft["customer"]["id"]), draft["customer"]["name"]
        before = payments.balance(reader, customer_id)
        if slot == "payment_amount":
            turn.say("utter_ask_payment_amount", name=name, before=balance_words(turn, before))
            return
        if draft["ahead"]:
            turn.say(
                "utter_confirm_cheque_ahead",
                name=name,
                amount=inr(draft["amount"]),
                on=day(date.fromisoformat(draft["ahead"])),
                before=balance_words(turn, before),
                draft_id=draft.stamp,
            )
            return
        turn.say(
            "utter_confirm_payment",
            name=name,
            amount=inr(draft["amount"]),
            method=ways_line(turn, draft),
            on=day(date.fromisoformat(draft["on"]) if draft["on"] else reader.today),
            before=balance_words(turn, before),
            after=balance_words(turn, before - draft["amount"]),
            draft_id=draft.stamp,
        )


def _less_change(turn: Turn, draft: Draft) -> Turn:
    """The turn with what is left of the money of which some was handed back: "50 wapas kiye usko"
    while ₹500 are written, "500 diye, 50 wapas kiye"."""
    sums = [one for one in turn.entities if one.name in NUMBERS and one.end]
    if not turn.is_user or not sums or draft["parts"] or says(turn.words, "asking"):
        return turn
    back = where(words(turn.text[sums[-1].end :]), "dues.gave_back")
    *paid, change = [paise_of(one) or 0 for one in sums]
    rest = sum(paid or [draft["amount"] or 0]) - change
    if back is None or back[0] > 1 or len(paid) > 1 or rest <= 0:
        return turn
    left = replace(sums[-1], name="amount", value=str(Decimal(rest) / 100), normalized=None)
    others = [one for one in turn.entities if one not in sums]
    return replace(turn, entities=[*others, left])


def _settle_ahead(turn: Turn, draft: Draft) -> None:
    """A cheque of a day to come is no money yet: it is noted for its day, which is of it alone."""
    by_cheque = draft["method"] == "cheque" and not draft["parts"]
    draft["on"] = draft["on"] or (draft["ahead"] if by_cheque else None)
    draft["ahead"] = None
    on = date.fromisoformat(draft["on"]) if draft["on"] else turn.today
    may = turn.may(Permission.REQUEST_PAYMENT) and on <= turn.today + promises.FURTHEST
    if by_cheque and may and on > turn.today:
        draft["ahead"], draft["on"] = draft["on"], None


def what_paid(turn: Turn, draft: Draft) -> str:
    """How much was paid for a sale that is not written yet, and how: "₹200 (cash)", "UPI"."""
    named = [one for one in draft["halves"] or [draft["method"]] if one]
    ways = " + ".join(turn.line(f"method_{one}") for one in named)
    if draft["by_way"]:
        (paid, first), (_, second) = draft["by_way"]
        ways = turn.line(f"method_{second}")
        return f"{inr(paid)} {turn.line(f'method_{first}')} + {ways}"
    if draft["parts"]:
        return ways_line(turn, draft)
    amount = inr(draft["amount"]) if draft["amount"] else ""
    if not amount and not ways:
        return turn.line("utter_word_in_full")
    return f"{amount} ({ways})" if amount and ways else amount or ways


def _spoken_of(turn: Turn) -> dict[str, str] | None:
    """Whoever "woh" may be: right after a bill whoever was billed, whatever was taken up since."""
    billed = recent(turn, "invoice") if _pays_bill(turn) else None
    if billed:
        with turn.read() as reader:
            found = invoices.invoice(reader, billed)
        return {"id": str(found.customer_id), "name": found.customer_name}
    before = recent(turn, "customer")
    return {"id": str(before), "name": customer_name(turn, before)} if before else None


def _is_theirs(turn: Turn) -> bool:
    """ "2000 cash" right after a customer was told of, or while something is written for one: it is
    theirs. After another payment of theirs it may be anybody's."""
    alone = all(one.name in ("payment_method", "amount") for one in turn.entities)
    data = (turn.slots.get("draft") or {}).get("data") or {}
    met = just_spoken_of(turn, "customer") and not just_spoken_of(turn, "written")
    return alone and bool(met or data.get("customer"))


def _pays_bill(turn: Turn) -> bool:
    """ "Paid cash", right after a bill was made: who was billed paid it."""
    theirs = _is_theirs(turn) or gave_money_for_it(turn)
    return theirs and just_spoken_of(turn, "invoice")


def _of_order(turn: Turn) -> int | None:
    """ "UPI aa gaya", right after an order that is not billed: what it comes to."""
    order = recent(turn, "order") if just_spoken_of(turn, "order") else None
    if order is None or not _is_theirs(turn) or says(turn.words, "negation"):
        return None
    with turn.read() as reader:
        known = orders.order(reader, order)
    return known.total_paise if known.invoice_id is None and known.status in OPEN else None


def _says_all(turn: Turn) -> bool:
    """ "Poora de diya", "baaki ke paise de gayi": what was owed is paid."""
    paid_rest = says(turn.words, "rest") and says(turn.words, "tense.past")
    return says(turn.words, "stock.all") or (paid_rest and not turn.first("date"))


def _take_rest(turn: Turn, draft: Draft) -> bool:
    """ "200 de diye, baaki kal": the day is for what is left, and is a promise."""
    rest = where(turn.words, "rest")
    if rest is None or not turn.first("amount"):
        return False
    start = max(turn.text.lower().find(turn.words[rest[0]][:3]), 0)
    due_on = promised_day(part_of(turn, (start, len(turn.text))))
    if due_on is None:
        return False
    draft["rest_on"] = due_on.isoformat()
    return True


def _in_one_way(turn: Turn, parts: list[Turn]) -> list[Turn]:
    """ "Pushpa 100 Meena 200 jama karo cash": the one way that stands at either end is that of
    all."""
    ways = turn.all("payment_method")
    sums = turn.all("amount")
    if len(ways) != 1 or not sums:
        return parts
    if not (ways[0].start > sums[-1].end or ways[0].end < sums[0].start):
        return parts
    return [one if one.first("payment_method") else _paid_by(one, ways[0]) for one in parts]


def _paid_by(turn: Turn, way: Entity) -> Turn:
    start = len(turn.text) + 1
    said = replace(way, start=start, end=start + len(way.value))
    return replace(turn, text=f"{turn.text} {way.value}", entities=[*turn.entities, said])


def _without_sums_to_come(turn: Turn, draft: Draft) -> Turn:
    """ "700 de gaya, 300 baad me dega": what is yet to come is promised for its day, where one is
    said, and is no money that came."""
    sums = turn.all("amount")
    given = [one for one in sums if says_given(turn, one.end)]
    spans = [(one, span) for one in sums if one not in given if (span := _to_come(turn, one))]
    for _, span in spans if given else ():
        due_on = promised_day(part_of(turn, span))
        if due_on is None:
            turn.say("utter_not_in_it", said=turn.text[slice(*span)].strip())
        else:
            draft["rest_on"] = due_on.isoformat()
            draft["rest_said"] = turn.text[slice(*span)].strip()
        turn = without(turn, *span)
    return turn


def _to_come(turn: Turn, amount: Entity) -> Span | None:
    """From a sum to the end of its clause, where it is said there that it will be paid."""
    ends = (end for start, end in clauses(turn.text) if start <= amount.start < end)
    span = (amount.start, next(ends, len(turn.text)))
    part = part_of(turn, span)
    if says(part.words, "tense.past"):
        return None
    later = says(part.words, "tense.future") or says(part.words, "skip")
    return span if later or promised_day(part) else None


def pass_on(turn: Turn) -> None:
    """Tell the shop what a customer says to have paid, and the customer what comes of it."""
    with turn.read() as reader:
        if _is_of_another(turn, reader):
            turn.say("utter_only_your_own")
            return
    sums = [one for one in turn.all("amount") if not _is_day(turn, one)]
    amounts = [paise for one in sums if (paise := paise_of(one))]
    turn.run(
        service.claim_payment,
        customer_id=turn.own_id,
        amount_paise=amounts[-1] if amounts else None,
        method=method_of(turn.value("payment_method") or turn.text),
    )
    with turn.read() as reader:
        turn.say("utter_shop_will_check", **how_to_pay(reader))


def _claims(turn: Turn) -> bool:
    """ "28 ko bheje the paise, aapne likha nahi" asks nothing, "kab kiya tha" does."""
    asked_when = says(turn.words, "questions.when") and turn.first("amount") is None
    if asked_when:
        return False
    if "?" in turn.text or turn.first("product_name") or says(turn.words, "asking"):
        return False
    return says(turn.words, "dues.paid") and says(turn.words, "had_been")


LAST_OF_MONTH = 31


def _is_day(turn: Turn, one: Entity) -> bool:
    """The 28 of "28 ko bheje the"."""
    behind = words(turn.text[one.end :])[:1] if one.end else ()
    low = one.value.isdigit() and int(one.value) <= LAST_OF_MONTH
    return low and only(behind or ("-",), "dues.on_day")


def _is_of_another(turn: Turn, reader: Reader) -> bool:
    """Whether a customer tells of somebody else's money: whoever was given it, "240 de diye golu
    ko", took it for the shop."""
    if not says(turn.words, "tense.past"):
        return names_somebody_else(turn, reader)
    left = [one for one in turn.entities if not _was_given(turn, one)]
    if len(left) == len(turn.entities):
        given = says(turn.words, "dues.given_to") and not any(turn.first(one) for one in _WHO)
        return not given and names_somebody_else(turn, reader)
    named = replace(turn, entities=left)
    return any(named.first(one) for one in _WHO) and names_somebody_else(named, reader)


def _was_given(turn: Turn, one: Entity) -> bool:
    before, behind = words(turn.text[: one.start])[-1:], words(turn.text[one.end :])[:1]
    return one.name in _WHO and any(
        near and only(near, "dues.given_to") for near in (before, behind)
    )


class WritePayment(Write):
    """Note the money."""

    action = "action_payment_record"
    writes = PaymentForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it, tell what is left."""
        if draft["ahead"]:
            return _note_cheque_ahead(turn, draft)
        done = turn.run(
            service.record_payments,
            key=f"draft:{draft.id}",
            customer_id=UUID(draft["customer"]["id"]),
            parts=draft["parts"] or [[draft["amount"], draft["method"]]],
            invoice_id=UUID(draft["invoice"]) if draft["invoice"] else None,
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
        )
        turn.say(
            "utter_payment_recorded",
            name=draft["customer"]["name"],
            amount=inr(draft["amount"]),
            method=ways_line(turn, draft),
            after=balance_words(turn, done["balance_after"]),
        )
        if draft["rest_on"] and done["balance_after"] > 0:
            due_on = date.fromisoformat(draft["rest_on"])
            turn.run(
                promises.promise,
                key=f"draft:{draft.id}:rest",
                customer_id=UUID(draft["customer"]["id"]),
                due_on=due_on,
            )
            turn.say(
                "utter_promise_noted",
                name=draft["customer"]["name"],
                on=day(due_on),
                balance=balance_words(turn, done["balance_after"]),
            )
        elif draft["rest_said"]:
            turn.say("utter_not_in_it", said=draft["rest_said"])
        noted = written(
            "payment_record",
            draft["amount"],
            # Money that came in two ways is two payments, and none of them is all that was said.
            entry_id=None if len(draft["parts"] or []) > 1 else done["payment_id"],
            customer_name=draft["customer"]["name"],
        )
        return [remember(turn, customer=done["customer_id"], written=noted)]


def _note_cheque_ahead(turn: Turn, draft: Draft) -> list[EventType]:
    """Keep the day of a cheque that is dated ahead as a promise of whoever gave it."""
    due_on, customer = date.fromisoformat(draft["ahead"]), draft["customer"]
    turn.run(
        promises.promise,
        key=f"draft:{draft.id}",
        customer_id=UUID(customer["id"]),
        due_on=due_on,
        amount_paise=draft["amount"],
        of_cheque=True,
    )
    turn.say(
        "utter_cheque_ahead_noted",
        name=customer["name"],
        amount=inr(draft["amount"]),
        rupees=rupees(draft["amount"]).removesuffix(".00"),
        on=day(due_on),
    )
    return [remember(turn, customer=customer["id"])]


class PaymentQuestion(Reply):
    """Whether money has come."""

    action = "action_payment_status"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """Of a bill, of a customer, or of today."""
        with turn.read() as reader:
            number = turn.value("invoice_number")
            if number:
                found = invoices.invoice_by_number(reader, number)
                if found is None:
                    raise NotFound("invoice")
                tell_invoice_status(turn, found)
                return [remember(turn, invoice=found.id, customer=found.customer_id)]
            customer = customer_meant(turn, reader, "payment_status")
            if turn.dispatcher.messages:
                return None
            before = recent(turn, "customer")
            if customer is None and before and says(turn.words, "same_person"):
                customer = parties.customer(reader, before)
            period = period_of(turn.first("date"), today=turn.today)
            if customer is None:
                tell_payments(turn)
                return None
            start = period.start if period else date.min.replace(year=2000)
            end = period.end if period else turn.today
            rows = payment_rows(turn, payments.payments_between(reader, start, end, customer.id))
            turn.say(
                "utter_payments_of" if rows else "utter_no_payments_of",
                name=customer.name,
                rows=rows,
                balance=balance_words(turn, payments.balance(reader, customer.id)),
            )
        return [remember(turn, customer=customer.id, asked_of=self.action)]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own payments; "500 gpay kiye the, mile kya" tells of one for the shop to see,
        "paise shaam ko dungi" is for it to agree to, and "doodh aaya kya" asks after goods."""
        if says(turn.words, "tense.future") and not says(turn.words, "asking"):
            return refer_credit(turn)
        shows = says(turn.words, "dues.have_paid") and says(turn.words, "dues.screenshot")
        told = turn.first("amount") and turn.method and says(turn.words, "tense.past")
        if told or shows or _claims(turn):
            pass_on(turn)
            return None
        if turn.first("product_name"):
            return tell_availability(turn)
        with turn.read() as reader:
            if names_somebody_else(turn, reader):
                turn.say("utter_only_your_own")
                return None
            paid = payments.payments_between(
                reader, date.min.replace(year=2000), turn.today, turn.own_id
            )
            balance = payments.balance(reader, turn.own_id)
            turn.say(
                "utter_your_payments" if paid else "utter_no_payment_from_you",
                rows=payment_rows(turn, paid),
                balance=own_balance_words(turn, balance),
            )
        return None


def _asking_for(turn: Turn) -> Turn:
    """The sentence that says whom to ask. Money of another is for something else, which is told:
    "petrol 300 likh lo. Komal ko reminder bhej do"."""
    named, amount = turn.first("customer_name"), turn.first("amount")
    if not (named and named.end and amount and amount.end):
        return turn
    spans = sentences(turn.text)
    of_whom = next((one for one in spans if one[0] <= named.start < one[1]), None)
    of_money = next((one for one in spans if one[0] <= amount.start < one[1]), None)
    if of_whom is None or of_money is None or of_whom == of_money:
        return turn
    beside = part_of(turn, of_money)
    if all(one.name == "amount" for one in beside.entities):
        return turn
    turn.say("utter_left_over", said=beside.text.strip())
    return part_of(turn, of_whom)


def _take_later(turn: Turn, draft: Draft) -> bool:
    """Take the day on which a reminder is wanted, "kal bhejna", since it goes at the yes."""
    said = says(turn.words, "tense.past") or says(turn.words, "rest")
    on = None if said or turn.metadata.get("kind") == "button" else promised_day(turn)
    if on is None:
        return False
    draft["later"] = on.isoformat() if on > turn.today else None
    return True


def _take_several(turn: Turn, draft: Draft) -> bool:
    """ "Pushpa aur Meena ko reminder bhejo": each of them, where nothing else is said of one."""
    if turn.first("amount") or turn.first("quantity"):
        return False
    named = with_customers(turn).all("customer_name")
    with turn.read() as reader:
        names = [name for one in named for name in customers_named(reader, one.value)]
        found = [customer_named(reader, one).one for one in names]
    ids = list(dict.fromkeys(str(one.id) for one in found if one))
    if not all(found) or not ids[1:]:
        return False
    draft["several"] = ids
    return True


def _settle_several(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Those of them who owe and have a number; who is left out is told of."""
    draft["whom"] = []
    for customer_id in draft["several"]:
        one = parties.customer(reader, UUID(customer_id))
        if payments.balance(reader, one.id) <= 0:
            turn.say("utter_owes_nothing", name=one.name)
        elif not one.phone:
            turn.say("utter_no_number_to_ask", name=one.name)
        else:
            draft["whom"].append(customer_id)
    if not draft["whom"]:
        draft.pending = {"kind": "closed"}


@register
class RequestForm(Form):
    """Asking a customer for money, or everybody who owes."""

    form = REQUEST_FORM
    slots = ("request_customer", "request_confirmed")
    intents = frozenset({"payment_request"})
    near = frozenset({"payment_record", "khata_credit"})
    permission = Permission.REQUEST_PAYMENT

    def welcomes(self, turn: Turn) -> bool:
        """A customer who asks how to pay is told."""
        if turn.actor.kind == "customer":
            tell_how_to_pay(turn)
            return False
        return super().welcomes(turn)

    def _is_other(self, turn: Turn) -> bool:
        """ "Amit ne 1500 diye" asks nobody for that much: somebody gave it."""
        sums = turn.all("amount") if turn.is_user else []
        given = any(one.end and says_given(turn, one.end) for one in sums)
        return given or super()._is_other(turn)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Aaj hi bhej do" is a yes, where another day was wanted."""
        now = says_today(turn) and says(turn.words, "and_send")
        if draft["later"] and draft.pending is None and now:
            draft["later"] = None
            return self._handle_yes(turn, draft)
        return super()._handle(turn, draft)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Whom, and how much if not all."""
        turn = _asking_for(turn)
        begins_anew(turn, draft)
        if _take_several(turn, draft):
            return True
        later = _take_later(turn, draft)
        if not turn.first("customer_name") and (least := least_owed(turn)):
            draft["everybody"], draft["least"], draft["amount"] = True, least, None
            return True
        amount = take_amount(turn, draft)
        missing = draft["customer"] is None and draft.replying
        who_owe = says(turn.words, "dues.who_owe") and not turn.first("customer_name")
        named = not who_owe and take_customer(turn, draft, asked=missing and not amount)
        all_of_them = who_owe or says(turn.words, "everybody")
        if not named and draft["customer"] is None and all_of_them:
            draft["everybody"] = named = True
        elif named:
            draft["everybody"] = draft["least"] = None
        return named or amount or later

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find whom; nobody is asked for nothing."""
        if draft["several"]:
            _settle_several(turn, reader, draft)
            return
        settle_customer(turn, reader, draft)
        if draft.pending:
            draft.pending.pop("may_add", None)
            return
        if draft["everybody"]:
            least = draft["least"] or 0
            owing = [one for one, owed in payments.balances(reader) if one.phone and owed >= least]
            spared = reminders.left_alone(reader)
            draft["whom"] = [str(one.id) for one in owing if one.id not in spared]
            draft["spared"] = [one.name for one in owing if one.id in spared]
            if not draft["whom"] and draft["spared"]:
                turn.say("utter_reminders_spared", names=", ".join(draft["spared"]))
                draft.pending = {"kind": "closed"}
            elif not owing:
                nobody = "utter_nobody_owes_so_much" if least else "utter_nobody_owes"
                turn.say(nobody, amount=inr(least))
                draft.pending = {"kind": "closed"}
        elif draft["customer"]:
            draft["whom"] = [draft["customer"]["id"]]
            one = parties.customer(reader, UUID(draft["customer"]["id"]))
            if not one.phone:
                turn.say("utter_no_number_to_ask", name=one.name)
                draft.pending = {"kind": "closed"}
            elif payments.balance(reader, one.id) <= 0 and not draft["amount"]:
                turn.say("utter_owes_nothing", name=one.name)
                draft.pending = {"kind": "closed"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer."""
        choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"request_customer": draft["whom"], "request_confirmed": draft["confirmed"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Whom, yes."""
        if slot == "request_customer":
            turn.say("utter_ask_request_customer")
            return
        rows = []
        for customer_id in draft["whom"]:
            owed = draft["amount"] or payments.balance(reader, UUID(customer_id))
            name = parties.customer(reader, UUID(customer_id)).name
            rows.append({"name": name, "amount": inr(owed)})
        if draft["everybody"] and draft["spared"]:
            turn.say("utter_reminders_spared", names=", ".join(draft["spared"]))
        if draft["later"]:
            turn.say("utter_request_only_now", on=day(date.fromisoformat(draft["later"])))
        turn.say(
            "utter_confirm_request",
            rows=turn.lines("line_owes", rows[:ROWS]),
            count=len(rows),
            draft_id=draft.stamp,
        )


class WriteRequest(Write):
    """Ask for the money."""

    action = "action_payment_request"
    writes = RequestForm

    def write(self, turn: Turn, draft: Draft) -> None:
        """Send the reminders."""
        done = turn.run(
            invoicing.request_payment,
            key=f"draft:{draft.id}",
            customer_ids=draft["whom"],
            amount_paise=draft["amount"],
        )
        turn.say("utter_request_sent", count=len(done["asked"]))


def tell_how_to_pay(turn: Turn) -> None:
    """For a customer: what is owed and where to pay it, with the bill and its QR."""
    with turn.read() as reader:
        balance = payments.balance(reader, turn.own_id)
        latest = invoices.latest_invoice(reader, turn.own_id)
        unpaid = latest if latest and latest.due_paise > 0 else None
        turn.say("utter_your_balance", balance=own_balance_words(turn, balance))
        turn.say(
            "utter_how_to_pay",
            attachment={"kind": "invoice", "id": str(unpaid.id)} if unpaid else None,
            **how_to_pay(reader),
        )


def tell_invoice_status(turn: Turn, found: invoices.Invoice) -> None:
    """How far a bill is paid."""
    turn.say(
        f"utter_invoice_{found.payment_status}",
        number=found.number,
        name=found.customer_name,
        total=inr(found.total_paise),
        due=inr(found.due_paise),
    )


def payment_rows(turn: Turn, paid: Sequence[payments.Payment]) -> str:
    """Payments of one customer, newest first."""
    rows = [
        {"on": day(one.on), "amount": inr(one.amount), "method": turn.line(f"method_{one.method}")}
        for one in paid[:ROWS]
    ]
    return turn.lines("line_payment", rows)


def _owed(reader: Reader, draft: Draft) -> int:
    """What is left of the bill that is paid; without one, of all."""
    if draft["invoice"]:
        return invoices.invoice(reader, UUID(draft["invoice"])).due_paise
    return payments.balance(reader, UUID(draft["customer"]["id"]))


def _take_invoice(turn: Turn, reader: Reader, draft: Draft) -> None:
    found = invoices.invoice_by_number(reader, draft["invoice_said"])
    draft["invoice_said"] = None
    if found is None:
        turn.say("error_invoice")
        return
    draft["invoice"] = str(found.id)
    set_customer(draft, found.customer_id, found.customer_name)
