"""Bills: making them from an order or an amount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.entities import Entity, number_of
from actions.forms.asking import register
from actions.forms.choices import ask_choice
from actions.forms.customer import choose_customer, settle_customer, take_customer
from actions.forms.draft import Draft
from actions.forms.form import FORMS, Form
from actions.forms.intents import OF_GOODS
from actions.forms.names import EXPENSE_FORM, INVOICE_FORM, NOTE_FORM, ORDER_FORM
from actions.forms.writing import Write
from actions.invoicing.paid_bill import (
    leave_money,
    money_paid,
    record_money,
    take_money,
    tell_money,
)
from actions.invoicing.sales import (
    bills_goods,
    note_day,
    note_sending,
    say_bill_made,
    send_bill,
    sending_line,
    tell_day,
)
from actions.invoicing.sending_bills import show_bill, shows_bill, tell_own_bill
from actions.invoicing.taxes import LACKS, say_what_lacks
from actions.lexicon import only, says, which, words
from actions.match import (
    customer_named,
    just_spoken_of,
    payload_of,
    quotes,
    recent,
    remember,
)
from actions.orders.bill_rates import tell_bill_has_its_rates
from actions.orders.due import keep_due, take_due, tell_due
from actions.orders.estimates import makes_order
from actions.orders.meant import ask_which_order
from actions.orders.steps import step_button
from actions.payments.taking_back import calls_wrong, undoes_bill
from actions.phrasebook import Button
from actions.purchases.billed import number_said
from actions.reading.gone_back import gone_back
from actions.reading.money import take_amount
from actions.reading.parts import said_in
from actions.reading.said import spoils_goods, subject
from actions.reports import portals
from actions.reports.portals import tell_of_new_bill
from actions.wording import balance_words, day, order_lines, totals
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import service
from erp_core.invoicing.lawful import as_billed_today
from erp_core.invoicing.papers import issue_paper
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses
from erp_core.kernel.errors import Conflict
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order
from erp_core.parties.permissions import Permission
from erp_core.payments import queries as payments

MOST_BILLS = 10
"""So many bills may be asked for at once; a greater number before "bill" is its sum."""


@register
class InvoiceForm(Form):
    """A bill from an order, or for an amount alone."""

    form = INVOICE_FORM
    slots = ("invoice_for", "invoice_confirmed")
    intents = frozenset({"invoice_generate"})
    near = frozenset({"khata_credit", "payment_record", "order_modify"})
    permission = Permission.CREATE_INVOICE
    writes_bills = True

    def elsewhere(self, turn: Turn) -> str | None:
        """ "Ravi ka bill cancel karo" undoes one; goods named for a bill are an order billed."""
        if turn.is_user and makes_order(turn) and not says(turn.words, "bill_words"):
            return ORDER_FORM
        if undoes_bill(turn) or (turn.is_user and calls_wrong(turn)):
            return NOTE_FORM
        if _is_of_a_vendor(turn):
            return EXPENSE_FORM
        return ORDER_FORM if bills_goods(turn) else super().elsewhere(turn)

    def welcomes(self, turn: Turn) -> bool:
        """A customer who asks for a bill gets the latest one of its own."""
        if turn.actor.kind == "customer":
            tell_own_bill(turn)
            return False
        if shows_bill(turn):
            show_bill(turn)
            return False
        if tell_bill_has_its_rates(turn):
            return False
        return super().welcomes(turn)

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Goods that are named while it is asked what the bill is for are an order billed."""
        draft = Draft.of(tracker.slots)
        mine = draft is not None and draft.form == self.form
        if draft is None or not mine or not _names_its_goods(turn, draft):
            return super().answer(turn, tracker)
        order, form = Draft(draft.id, ORDER_FORM, {"bill": True}), FORMS[ORDER_FORM]()
        order["customer"], order["send"] = draft["customer"], draft["send"]
        form.take(turn, order)
        return [*self.close(), *form.keep(turn, order)]

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which order, which customer, or what amount; and which kind of paper."""
        paper = which(turn.text, "papers")
        if paper:
            draft["paper"] = paper
        if draft["customer"] and portals.tells_of_carriage(turn):
            turn.say("utter_not_in_it", said=turn.text.strip())
            return True
        note_sending(turn, draft)
        note_day(turn, draft)
        turn, paid = take_money(take_due(turn, draft), draft)
        tapped, number = turn.value("order"), turn.value("order_id")
        if tapped or number:
            draft["order"] = {"id": tapped, "said": number}
            return True
        own = not _charges_beside(turn) and not _counts_bills(turn)
        amount = own and take_amount(turn, draft)
        said = subject(turn)
        if said and not turn.entities:
            draft["customer_said"], draft["customer"] = said, None
            return True
        missing = draft["customer"] is None and draft.replying
        return take_customer(turn, draft, asked=missing and not amount) or amount or paid

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the order that has no bill yet."""
        settle_customer(turn, reader, draft)
        if draft.pending or draft["amount"]:
            return
        order = self._order(turn, reader, draft)
        if order is None:
            made = None if draft.pending else _just_made(turn, reader, draft)
            if made is not None:
                _show_existing(turn, reader, made.id)
                draft.pending = {"kind": "closed"}
            return
        if order.invoice_id and not draft["paper"]:
            _show_existing(turn, reader, order.invoice_id)
            leave_money(turn, draft)
            draft.pending = {"kind": "closed"}
        elif order.status not in states.BILLABLE:
            _say_not_billable(turn, order)
            leave_money(turn, draft)
            draft.pending = {"kind": "closed"}
        else:
            draft["order"] = {"id": str(order.id), "number": order.number}
            draft["customer"] = {"id": str(order.customer_id), "name": order.customer}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer, which order."""
        if draft["answering"]["field"] == "order":
            draft["order"] = {"id": value, "said": None}
        else:
            choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        order = draft["order"] or {}
        by_amount = draft["customer"] and draft["amount"]
        return {
            "invoice_for": order.get("number") or (draft["amount"] if by_amount else None),
            "invoice_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which one."""
        ask_choice(turn, draft, draft.pending or {})

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """For whom or how much; then yes."""
        if slot == "invoice_for":
            if draft["customer"]:
                name, customer_id = draft["customer"]["name"], UUID(draft["customer"]["id"])
                last = _last_bill(turn, reader, customer_id)
                turn.say("utter_ask_invoice_amount", name=name, choices=last)
            else:
                turn.say("utter_ask_invoice_customer")
            return
        customer_id = UUID(draft["customer"]["id"])
        before = payments.balance(reader, customer_id)
        tell_day(turn, draft)
        facts: dict[str, Any] = {
            "name": draft["customer"]["name"],
            "before": balance_words(turn, before),
            "draft_id": draft.stamp,
        }
        try:
            order = None if draft["amount"] else _as_billed(reader, draft)
        except Conflict as conflict:
            say_what_lacks(turn, conflict)
            return
        total = order.total_paise if order else draft["amount"]
        tell_money(turn, draft, total)
        tell_due(turn, draft)
        facts["after"] = balance_words(turn, before + total - money_paid(draft, total))
        if order is None:
            turn.say("utter_confirm_invoice_amount", amount=inr(total), **facts)
            return
        turn.say(
            f"utter_confirm_{draft['paper']}" if draft["paper"] else "utter_confirm_invoice",
            number=order.number,
            rows=order_lines(turn, order),
            totals=totals(turn, order) + sending_line(turn, draft),
            **facts,
        )

    def _order(self, turn: Turn, reader: Reader, draft: Draft) -> Order | None:
        named = draft["order"]
        if named and named.get("id"):
            return orders.order(reader, UUID(named["id"]))
        if named and named.get("said"):
            found = orders.order_by_number(reader, named["said"])
            if found is None:
                draft["order"] = None
                turn.say("error_order")
            return found
        before = None if says(turn.words, "not_billed") else recent(turn, "order")
        if before and (draft["customer"] is None or just_spoken_of(turn, "order")):
            known = orders.order(reader, before)
            theirs = draft["customer"] is None or draft["customer"]["id"] == str(known.customer_id)
            waits = known.invoice_id is None and known.status in states.BILLABLE
            if theirs and (waits or quotes(turn, "order")):
                return known
        owner = UUID(draft["customer"]["id"]) if draft["customer"] else None
        unbilled = orders.unbilled(reader, owner)
        if owner and not unbilled and turn.first("customer_name"):
            waiting = orders.open_orders(reader, owner, limit=1, status=states.PENDING)
            return waiting[0] if waiting else None
        return _only_one(turn, draft, unbilled)


def _as_billed(reader: Reader, draft: Draft) -> Order:
    """The order with what it comes to: a bill, at the rates of today."""
    booked = orders.order(reader, UUID(draft["order"]["id"]))
    return booked if draft["paper"] else as_billed_today(reader, booked)


def _just_made(turn: Turn, reader: Reader, draft: Draft) -> Invoice | None:
    """The bill that was made just before, when "iska bill" asks for one of the same customer."""
    before = recent(turn, "invoice")
    named = turn.first("customer_name") or turn.first("amount") or says(turn.words, "anew")
    if before is None or named or draft["paper"] or not just_spoken_of(turn, "invoice"):
        return None
    made = invoices.invoice(reader, before)
    whose = (draft["customer"] or {}).get("id", str(made.customer_id))
    return made if made.status == "issued" and whose == str(made.customer_id) else None


def _names_its_goods(turn: Turn, draft: Draft) -> bool:
    """ "2 maggi 1 butter", for whoever the bill is, before anything is known to be billed."""
    asked = draft["customer"] and not draft["amount"] and not (draft["order"] or {}).get("number")
    of_goods = turn.intent in OF_GOODS and turn.first("product_name") and turn.first("quantity")
    others = turn.first("customer_name") or turn.value("draft") or draft["paper"]
    return bool(asked and of_goods and not others and not _moves_stock(turn))


def _moves_stock(turn: Turn) -> bool:
    """ "3 crocin expire ho gaye" sells nothing."""
    gone = spoils_goods(turn) or gone_back(turn.words)
    return turn.intent == "inventory_update" and (gone or says(turn.words, "stock.arrived"))


def _is_of_a_vendor(turn: Turn) -> bool:
    """ "Airtel ka bill 1180 bill no 52" came to the shop: bills that it makes have its numbers."""
    named = turn.first("vendor_name") or (number_said(turn.text) and turn.first("customer_name"))
    if not turn.is_user or not named or not turn.first("amount"):
        return False
    if says(turn.words, "makes_bill"):
        return False
    with turn.read() as reader:
        return customer_named(reader, named.value).one is None


def _last_bill(turn: Turn, reader: Reader, customer_id: UUID) -> list[Button]:
    """A customer's latest bill, to be shown again."""
    found = invoices.latest_invoices(reader, limit=1, customer_id=customer_id)
    title = turn.line("utter_button_last_bill")
    payloads = [payload_of("invoice_share", invoice_number=one.number) for one in found]
    return [Button(title=title, payload=payload) for payload in payloads]


def _counts_bills(turn: Turn) -> bool:
    """ "Imran ka 2 bill banao" is no bill of ₹2."""
    asked = turn.first("quantity")
    number = number_of(asked) if asked and asked.end else None
    few = number is not None and number <= MOST_BILLS and not turn.first("amount")
    return few and bool(asked) and only(words(turn.text[asked.end :])[:1] or ("",), "bill_words")


def _charges_beside(turn: Turn) -> bool:
    """ "… aur transport ka 200 bhi jod dena" is no bill of 200: it is told that it is not in it."""
    asked = turn.first("amount") or turn.first("quantity")
    if asked is None or not says(turn.words, "charges") or not says(turn.words, "more"):
        return False
    turn.say("utter_left_over", said=said_in(turn, [_clause_of(turn, asked)]))
    return True


def _clause_of(turn: Turn, entity: Entity) -> tuple[int, int]:
    return next((one for one in clauses(turn.text) if entity.start < one[1]), (0, len(turn.text)))


def _only_one(turn: Turn, draft: Draft, found: Sequence[Order]) -> Order | None:
    """The only order without a bill; of several, ask which."""
    if len(found) == 1:
        return found[0]
    if found:
        ask_which_order(turn, draft, found)
    return None


class WriteInvoice(Write):
    """Make the bill."""

    action = "action_invoice_generate"
    writes = InvoiceForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Make it, show it, offer to send it."""
        key = f"draft:{draft.id}"
        if draft["paper"] and draft["order"]:
            return self._write_paper(turn, draft, key)
        if draft["amount"]:
            done = turn.run(
                service.invoice_amount,
                key=key,
                customer_id=UUID(draft["customer"]["id"]),
                amount_paise=draft["amount"],
            )
        else:
            try:
                done = turn.run(service.invoice_order, key=key, order_id=UUID(draft["order"]["id"]))
            except Conflict as error:
                if error.code not in LACKS:
                    raise
                say_what_lacks(turn, error)
                leave_money(turn, draft)
                return [remember(turn, order=draft["order"]["id"])]
        keep_due(turn, draft, UUID(draft["customer"]["id"]))
        say_bill_made(turn, draft, done)
        record_money(turn, draft, invoice_id=done["invoice_id"], total=done["total"])
        send_bill(turn, draft, done["invoice_id"])
        with turn.read() as reader:
            tell_of_new_bill(turn, reader, UUID(done["invoice_id"]))
        return [
            remember(
                turn,
                invoice=done["invoice_id"],
                customer=done["customer_id"],
                order=done.get("order_id"),
            )
        ]

    def _write_paper(self, turn: Turn, draft: Draft, key: str) -> list[EventType]:
        leave_money(turn, draft)
        done = turn.run(
            issue_paper, key=key, order_id=UUID(draft["order"]["id"]), kind=draft["paper"]
        )
        turn.say(
            f"utter_made_{done['kind']}",
            attachment={"kind": "paper", "id": done["paper_id"]},
            number=done["number"],
            name=draft["customer"]["name"],
            total=inr(done["total"]),
        )
        return [remember(turn, customer=done["customer_id"], order=done["order_id"])]


def _say_not_billable(turn: Turn, order: Order) -> None:
    """Why there can be no bill yet; an order that waits for a yes can be given it here."""
    if order.status == states.PENDING:
        turn.say(
            "utter_bill_needs_acceptance",
            number=order.number,
            name=order.customer,
            choices=[step_button(turn, order, states.CONFIRMED)],
        )
    else:
        say_error(turn, Conflict("order_not_billable", status=order.status))


def _show_existing(turn: Turn, reader: Reader, invoice_id: UUID) -> None:
    found = invoices.invoice(reader, invoice_id)
    turn.say(
        "utter_bill_exists",
        attachment={"kind": "invoice", "id": str(invoice_id)},
        number=found.number,
        name=found.customer_name,
        total=inr(found.total_paise),
        on=day(found.on_date),
        invoice_id=str(invoice_id),
    )
