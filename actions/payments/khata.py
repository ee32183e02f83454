"""The khata: who owes how much, and credit given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, FollowupAction

from actions.base import Reply
from actions.context import FAIRLY_SURE, Turn
from actions.entities import Entity, method_of, period_of
from actions.forms.asking import register
from actions.forms.customer import begins_anew, choose_customer, settle_customer, take_customer
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import CREDIT_FORM, EXPENSE_FORM, NOTE_FORM, ORDER_FORM, PAYMENT_FORM
from actions.forms.writing import Write
from actions.goods.availability import tell_named
from actions.invoicing.paid_beside import sold_and_paid
from actions.lexicon import only, says, which, words
from actions.match import (
    ask_which_customer,
    customer_meant,
    customer_named,
    customers_named,
    just_spoken_of,
    recent,
    remember,
    with_customers,
)
from actions.orders import wishes
from actions.orders.due import due_said, keep_due, tell_due
from actions.orders.noted import sells_service
from actions.orders.status import OrderQuestion, asks_total
from actions.payments.dues_words import least_owed
from actions.payments.owing import tell_who_owes
from actions.payments.taking_back import undoes_bill
from actions.purchases import payables, vendors
from actions.purchases.buying_words import given_money
from actions.reading.money import take_amount, written
from actions.reading.parts import part_of, split_by
from actions.reading.promised_days import promised_day
from actions.reading.said import denies, subject
from actions.reading.when import age_said, take_day
from actions.reports.books import (
    OWN_BOOKS,
    book_asked,
    file_of,
    names_account,
    statement_of,
    tell_book,
)
from actions.wording import balance_words, day, how_to_pay, own_balance_words
from actions.wording import days as spoken_days
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer, Vendor
from erp_core.payments import promises, service
from erp_core.payments import queries as payments
from erp_core.reports import registers

MOST_WORDS = 4
"""Words of a question that says nothing but what is left."""
ROWS = 15
LAST_LINES = 6


class KhataQuestion(Reply):
    """What one customer owes and why, or who owes at all."""

    action = "action_khata_query"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """One khata with its last lines, or everybody's balance."""
        if asks_total(turn):
            return OrderQuestion().for_user(turn)
        if turn.form is None and turn.first("product_name") and turn.first("quantity"):
            return [FollowupAction(ORDER_FORM)]
        if turn.form and payables.payables(turn) is not None:
            return None
        if (book := book_asked(turn)) in OWN_BOOKS:
            tell_book(turn, str(book))
            return None
        with turn.read() as reader:
            return self._tell(turn, reader)

    def _tell(self, turn: Turn, reader: Reader) -> list[EventType] | None:
        named = with_customers(turn).all("customer_name")
        if len(named) == 2 and _is_replaced(turn, named):
            named = turn.entities = named[1:]
        names = [name for one in named for name in customers_named(reader, one.value)]
        if len(names) > 1:
            return self._several(turn, reader, names)
        customer = customer_meant(turn, reader, "khata_query")
        seller = None if customer else _seller_meant(turn, reader)
        if seller is not None:
            turn.dispatcher.messages.clear()
            payables.tell_owed(turn, seller)
            return [remember(turn, vendor=seller.id)]
        customer = customer or _by_subject(turn, reader)
        if customer is None and names_account(turn):
            turn.dispatcher.messages.clear()
            tell_book(turn, "ledger")
            return None
        if turn.dispatcher.messages:
            return None
        customer = customer or _spoken_of(turn, reader)
        if customer is None:
            self._everybody(turn, reader)
            return None
        tell_khata(turn, reader, customer.id, customer.name)
        return [remember(turn, customer=customer.id, asked_of=self.action)]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own khata and nobody else's; "kitna hua" after an order asks for its total."""
        if asks_total(turn):
            return OrderQuestion().for_customer(turn)
        if (told := tell_named(turn)) is not None:
            return told
        with turn.read() as reader:
            if names_somebody_else(turn, reader):
                turn.say("utter_only_your_own")
                return None
            if wishes.pries(turn):
                turn.say("utter_not_for_customers")
                return None
            own = payments.balance(reader, turn.own_id)
            if (period := _period_asked(turn)) is not None:
                _tell_own_period(turn, reader, period)
                return None
            rows = statement_rows(turn, reader, turn.own_id)
            turn.say(
                "utter_your_khata" if rows else "utter_your_khata_empty",
                attachment=statement_of(turn, turn.own_id),
                balance=own_balance_words(turn, own),
                rows=rows,
            )
            if own > 0:
                turn.say("utter_how_to_pay", **how_to_pay(reader))
        return None

    def _several(self, turn: Turn, reader: Reader, names: list[str]) -> list[EventType]:
        told, heard = None, set()
        for name in names:
            found = customer_named(reader, name)
            if found.one and found.one.id in heard:
                continue
            if found.one:
                heard.add(found.one.id)
                told = found.one.id
                tell_khata(turn, reader, told, found.one.name)
            else:
                turn.say("utter_no_such_customer", said=name)
        return [remember(turn, customer=told)] if told else []

    def _everybody(self, turn: Turn, reader: Reader) -> None:
        if which(turn.text, "books") in ("ageing", "statement"):
            tell_book(turn, "ageing")
            return
        if days := age_said(turn):
            _tell_old_debts(turn, reader, days)
            return
        if period := credit_days(turn):
            _tell_credit_given(turn, reader, period)
            return
        tell_who_owes(turn, reader, least=least_owed(turn))


def asks_own_account(turn: Turn) -> bool:
    """ "Pichle mahine ka hisab" of a customer is its own account, and no figures of the shop."""
    return says(turn.words, "own_account") and not wishes.pries(turn)


def _period_asked(turn: Turn) -> Period | None:
    return period_of(turn.first("date"), today=turn.today) if asks_own_account(turn) else None


def tell_own_days(turn: Turn) -> bool:
    """Tell a customer what was written of it in the days that it names; whether it names any."""
    period = period_of(turn.first("date"), today=turn.today)
    if period is not None:
        with turn.read() as reader:
            _tell_own_period(turn, reader, period)
    return period is not None


def _tell_own_period(turn: Turn, reader: Reader, period: Period) -> None:
    """What was written in the days named, and what is due by now."""
    until = max(min(period.end, turn.today), period.start)
    found = payments.statement(reader, turn.own_id, start=period.start, until=until)
    file = file_of(turn, "statement", Period(period.start, until), party=turn.own_id)
    turn.say(
        "utter_your_khata_of_days" if found.lines else "utter_your_khata_of_days_empty",
        attachment=file if found.lines else None,
        period=spoken_days(period.start, until),
        rows=rows_of(turn, found.lines),
        balance=own_balance_words(turn, payments.balance(reader, turn.own_id)),
    )


def _asks_what_is_left(turn: Turn) -> bool:
    """ "Baaki kitna raha", right after something of one customer's was told or written."""
    short = len(turn.words) <= MOST_WORDS and not says(turn.words, "everybody")
    left = short and says(turn.words, "rest") and not turn.entities
    return left and just_spoken_of(turn, "customer")


def asks_credit_given(turn: Turn) -> bool:
    """ "Aaj ka udhaar", "kal kisko udhaar diya": what was given, and none is to be written."""
    others = ("customer_name", "customer_phone", "person", "amount", "quantity", "product_name")
    if not turn.is_user or any(turn.first(one) for one in others):
        return False
    return not says(turn.words, "credit_given.write") and credit_days(turn) is not None


def credit_days(turn: Turn) -> Period | None:
    """The days of which it is asked what was given on credit; None when what is owed is asked."""
    if not says(turn.words, "credit_given.udhaar") or says(turn.words, "credit_given.owed"):
        return None
    return period_of(turn.first("date"), today=turn.today)


def _tell_credit_given(turn: Turn, reader: Reader, period: Period) -> None:
    start, end = period.start, min(period.end, max(turn.today, period.start))
    found = payments.credit_given(reader, start, end)
    shown = spoken_days(start, end)
    if not found:
        turn.say("utter_no_credit_given", period=shown)
        return
    names = parties.customers_named(reader, [one.customer_id for one in found[:ROWS]])
    rows = [
        turn.line(
            "line_owes" if one.open == one.given else "line_credit_given",
            name=names[one.customer_id],
            amount=inr(one.given),
            left=inr(one.open),
        )
        for one in found[:ROWS]
    ]
    turn.say(
        "utter_credit_given",
        period=shown,
        rows="\n".join(rows),
        count=len(found),
        total=inr(sum(one.given for one in found)),
        left=inr(sum(one.open for one in found)),
    )


def _tell_old_debts(turn: Turn, reader: Reader, days: int) -> None:
    """Who has owed for so many days already, the oldest debt first."""
    since = turn.today - timedelta(days=days)
    found = [one for one in registers.ageing(reader) if one.oldest and one.oldest <= since]
    old = registers.open_until(reader, since)
    aged = [(one, min(one.paise, old.get(one.customer_id, 0))) for one in found]
    owing = sorted(
        ((one, paise) for one, paise in aged if paise > 0), key=lambda row: row[0].oldest or since
    )
    if not owing:
        turn.say("utter_no_old_debts", days=days)
        return
    rows = [
        {
            "name": one.name,
            "amount": inr(paise),
            "days": (turn.today - (one.oldest or since)).days,
        }
        for one, paise in owing[:ROWS]
    ]
    turn.say(
        "utter_old_debts",
        rows=turn.lines("line_aged", rows),
        days=days,
        count=len(owing),
        total=inr(sum(paise for _, paise in owing)),
    )


def _by_subject(turn: Turn, reader: Reader) -> Customer | None:
    """The customer whom the words beside the question name, where no entity does; asks which."""
    said = None if turn.value("customer_name") else subject(turn)
    if not said:
        return None
    found = customer_named(reader, said)
    if found.one is None:
        ask_which_customer(turn, found, "khata_query")
    return found.one


def _spoken_of(turn: Turn, reader: Reader) -> Customer | None:
    """Whoever "uska" means; or who owes most, where that is asked."""
    before = recent(turn, "customer")
    if before and (says(turn.words, "same_person") or _asks_what_is_left(turn)):
        return parties.customer(reader, before)
    if says(turn.words, "reports.top"):
        return next((one for one, _ in payments.balances(reader)[:1]), None)
    return None


def _is_replaced(turn: Turn, named: list[Entity]) -> bool:
    """ "Ravi ka naam nahi, Mohan ka hisaab": the first is said only to be put right."""
    between = turn.text[named[0].end : named[1].start]
    return bool(named[1].end) and says(words(between), "negation")


@register
class CreditForm(Form):
    """Credit given with no goods named."""

    form = CREDIT_FORM
    slots = ("credit_customer", "credit_amount", "credit_confirmed")
    intents = frozenset({"khata_credit"})
    near = frozenset({"payment_record", "expense_log"})
    permission = Permission.GIVE_CREDIT

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Ravi ko 500 aur Mohan ko 300 udhaar" is credit for two."""
        return split_by(with_customers(turn), "customer_name", "amount")

    def welcomes(self, turn: Turn) -> bool:
        """ "Aaj ka udhaar" asks what was given."""
        if asks_credit_given(turn) and turn.may(Permission.VIEW_ALL_BALANCES):
            KhataQuestion().for_user(turn)
            return False
        return super().welcomes(turn)

    def elsewhere(self, turn: Turn) -> str | None:
        """A credit note is no credit given: it undoes a bill; and what is cleared was paid."""
        if undoes_bill(turn):
            return NOTE_FORM
        cleared = says(turn.words, "cleared") and not denies(turn)
        if turn.is_user and cleared and turn.first("amount"):
            return PAYMENT_FORM
        goods = turn.first("product_name") and turn.first("quantity") and not turn.first("amount")
        if _pays_somebody_unknown(turn):
            return EXPENSE_FORM
        sold = (turn.is_user and goods) or sold_and_paid(turn) or sells_service(turn)
        return ORDER_FORM if sold else super().elsewhere(turn)

    def _is_other(self, turn: Turn) -> bool:
        """ "Salim ne aadha de diya" tells of money that came, in whatever form it is said."""
        told = turn.first("customer_name") or (
            method_of(turn.text) and says(turn.words, "tense.past")
        )
        paid = turn.intent == "payment_record" and told
        return bool(paid and not self._is_bare_answer(turn)) or super()._is_other(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Who, and how much."""
        begins_anew(turn, draft)
        amount = take_amount(turn, draft)
        given = _take_day_given(turn, draft) or _take_due(turn, draft)
        asked = draft["customer"] is None and draft.replying
        return take_customer(turn, draft, asked=asked and not amount) or amount or given

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the customer."""
        settle_customer(turn, reader, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer."""
        choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "credit_customer": draft["customer"],
            "credit_amount": draft["amount"],
            "credit_confirmed": draft["confirmed"],
        }

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Who, how much, yes."""
        if slot == "credit_customer":
            turn.say("utter_ask_credit_customer")
            return
        name = draft["customer"]["name"]
        if slot == "credit_amount":
            turn.say("utter_ask_credit_amount", name=name)
            return
        before = payments.balance(reader, UUID(draft["customer"]["id"]))
        if draft["on"]:
            turn.say("utter_credit_of_day", on=day(date.fromisoformat(draft["on"])))
        tell_due(turn, draft)
        turn.say(
            "utter_confirm_credit",
            name=name,
            amount=inr(draft["amount"]),
            before=balance_words(turn, before),
            after=balance_words(turn, before + draft["amount"]),
            draft_id=draft.stamp,
        )


def _seller_meant(turn: Turn, reader: Reader) -> Vendor | None:
    """Whoever is named, and is nobody's customer here but sells to the shop."""
    named = turn.value("customer_name") or turn.value("vendor_name")
    if not named or not turn.may(Permission.VIEW_PURCHASES):
        return None
    return vendors.vendor_in(turn, reader)


def _take_day_given(turn: Turn, draft: Draft) -> bool:
    """Take the day in the past on which credit is said to have been given; one by which it is to be
    paid is none, and neither is a "kal" that may be either."""
    said = turn.first("date")
    if said is None or turn.intent != "khata_credit" or says(turn.words, "dues.he_will_pay"):
        return False
    until = only(words(turn.text[said.end :])[:1] or [""], "periods.until")
    if until or says(turn.words, "tense.future"):
        return False
    of = Draft("", "")
    taken = take_day(turn, of)
    if not taken or not of["on"] or date.fromisoformat(of["on"]) >= turn.today:
        return False
    draft["on"] = of["on"]
    return True


def _take_due(turn: Turn, draft: Draft) -> bool:
    """Take the day by which credit is to be paid back: "1000 udhaar diya, 10 din me dega"."""
    named = [one.end for one in turn.entities if one.name in ("amount", "customer_name")]
    told = part_of(turn, (max(named, default=0), len(turn.text)))
    until = any(
        only(words(told.text[one.end :])[:1] or [""], "periods.until") for one in told.all("date")
    )
    if until or says(told.words, "dues.he_will_pay"):
        on = promised_day(told)
    else:
        due = due_said(turn)
        on = due.on if due else None
    if on is None or not turn.today < on <= turn.today + promises.FURTHEST:
        return False
    if not turn.may(Permission.REQUEST_PAYMENT):
        return False
    draft["due"] = on.isoformat()
    return True


def _pays_somebody_unknown(turn: Turn) -> bool:
    """ "Gupta Traders ko do hazaar diye", of whom nobody here has heard and nothing says that it is
    lent: what was given is spent sooner than owed."""
    named = given_money(turn)
    sure = turn.confidence >= FAIRLY_SURE or turn.is_heard
    if not turn.is_user or named is None or sure or says(turn.words, "on_khata"):
        return False
    if turn.first("product_name") or turn.first("amount") is None:
        return False
    with turn.read() as reader:
        found = customer_named(reader, named.value)
    return found.one is None and (found.guesses or not found.options)


class WriteCredit(Write):
    """Write the credit."""

    action = "action_khata_credit"
    writes = CreditForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it, tell the new balance."""
        done = turn.run(
            service.give_credit,
            key=f"draft:{draft.id}",
            customer_id=UUID(draft["customer"]["id"]),
            amount_paise=draft["amount"],
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
        )
        keep_due(turn, draft, UUID(draft["customer"]["id"]))
        turn.say(
            "utter_credit_written",
            name=draft["customer"]["name"],
            amount=inr(done["amount"]),
            after=balance_words(turn, done["balance_after"]),
        )
        noted = written(
            "khata_credit",
            done["amount"],
            entry_id=done["credit_id"],
            customer_name=draft["customer"]["name"],
        )
        return [remember(turn, customer=draft["customer"]["id"], written=noted)]


def tell_khata(turn: Turn, reader: Reader, customer_id: UUID, name: str) -> None:
    """A customer's balance with the last lines of the khata, and the whole of it if asked for."""
    turn.say(
        "utter_khata",
        attachment=statement_of(turn, customer_id),
        name=name,
        balance=balance_words(turn, payments.balance(reader, customer_id)),
        rows=statement_rows(turn, reader, customer_id) or turn.line("word_no_entries"),
    )
    unbilled = orders.unbilled(reader, customer_id)
    if unbilled:
        turn.say(
            "utter_khata_unbilled",
            numbers=", ".join(one.number for one in unbilled),
            total=inr(sum(one.total_paise for one in unbilled)),
        )


def statement_rows(turn: Turn, reader: Reader, customer_id: UUID) -> str:
    """The last lines of a khata, oldest first."""
    return rows_of(turn, payments.statement(reader, customer_id).lines)


def rows_of(turn: Turn, lines: Sequence[payments.StatementLine]) -> str:
    """The last of some lines of a khata, oldest first."""
    return "\n".join(
        turn.line(
            "line_khata_in" if one.paise < 0 else "line_khata_out",
            on=day(one.on),
            what=turn.line(_entry(turn, one.kind)),
            amount=inr(abs(one.paise)),
        )
        for one in lines[-LAST_LINES:]
    )


def _entry(turn: Turn, kind: str) -> str:
    response = f"entry_{kind}"
    return response if turn.phrasebook.has(response) else "entry_other"


def names_somebody_else(turn: Turn, reader: Reader) -> bool:
    """Whether a customer speaks of somebody else, by name or by number."""
    own = parties.customer(reader, turn.own_id)
    named = [*turn.all("customer_name"), *turn.all("person"), *turn.all("customer_phone")]
    said = [one.value for one in named]
    if not said and (other := subject(turn)):
        said = [other]
    return any(not _is_name_of(own, one) for one in said)


def _is_name_of(own: parties.Customer, said: str) -> bool:
    if own.phone and said and own.phone.endswith("".join(c for c in said if c.isdigit()) or "-"):
        return True
    spoken = set(person_key(said).split())
    return bool(spoken) and spoken <= set(person_key(own.name).split())
