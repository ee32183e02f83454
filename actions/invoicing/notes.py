"""Undoing a bill, or a part of it: cancellation or a credit note, whichever is still open; and
goods that a customer brings back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.entities import number_of, paise_of, rates_apart
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice
from actions.forms.customer import (
    choose_customer,
    set_customer,
    settle_customer,
    take_customer,
)
from actions.forms.draft import Draft, what_of
from actions.forms.form import FORMS, Form
from actions.forms.names import MODIFY_FORM, NOTE_FORM, ORDER_FORM, PAYMENT_FORM, RETURN_FORM
from actions.forms.writing import Write
from actions.invoicing.bill_lowered import less_by, lowers_bill
from actions.invoicing.billed_anew import bill_anew, confirmation, settle_change, sold_otherwise
from actions.invoicing.brought_back import Brought, brought, paid_with_goods_back
from actions.invoicing.put_right import total_put_right
from actions.invoicing.sales import bills_goods
from actions.invoicing.sold_again import (
    ask_sold_again,
    take_sold_again,
    take_total,
    tell_given_back,
    way_words,
    write_sold_again,
)
from actions.lexicon import says, words
from actions.match import payload_of, recent, remember
from actions.orders.anothers import money_moved, money_that_waits, order_of_another, written_for
from actions.orders.corrected import BILL, corrects_last_bill, order_put_right
from actions.orders.counted_apart import back_of_former
from actions.orders.counter import sell_over_the_counter
from actions.orders.exchanging import exchanged
from actions.payments.taking_back import calls_wrong, puts_bill_right
from actions.phrasebook import Button
from actions.reading.money import amounts_said
from actions.reading.money_back import money_back
from actions.reading.said import denied_entities
from actions.several import Wish
from actions.waiting import SLOT, put_aside, taken_out
from actions.wording import balance_words, day
from erp_core.invoicing import notes
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError, Conflict
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order
from erp_core.parties.permissions import Permission
from erp_core.parties.service import WALK_IN
from erp_core.payments import queries as payments
from erp_core.payments.methods import METHODS

LATEST = 5
LOOKED_THROUGH = 200
"""So many bills are looked through for one that is named by its total."""


def _names_by_total(turn: Turn) -> bool:
    """Whether an amount tells which bill is meant: "2 rupaye wala bill cancel karo"."""
    return says(turn.words, "cancel") and not says(turn.words, "credit_note")


def _of_total(reader: Reader, draft: Draft) -> Invoice | None:
    """The newest bill of that total, of the customer if one was named."""
    owner = UUID(draft["customer"]["id"]) if draft["customer"] else None
    return next(
        (
            one
            for one in invoices.latest_invoices(reader, limit=LOOKED_THROUGH)
            if one.total_paise == draft["total"] and owner in (None, one.customer_id)
        ),
        None,
    )


def _take_bill_of(turn: Turn, order: Order, draft: Draft) -> None:
    """Undo the bill of an order, whoever is named beside it."""
    with turn.read() as reader:
        bill = invoices.invoice(reader, order.invoice_id)
    draft["invoice"] = {"id": str(bill.id), "number": bill.number}
    draft["customer"] = draft["customer_said"] = None


def _is_made_anew(turn: Turn) -> bool:
    """Whether a bill that was wrong is to be made again, for the goods that are named."""
    again = says(turn.words, "makes_bill") or says(turn.words, "anew")
    wrong = calls_wrong(turn) and not says(turn.words, "bill_was_made")
    return bool(turn.first("product_name") and again and wrong)


def _can_be_cancelled(turn: Turn, change: Draft) -> bool:
    with turn.read() as reader:
        bill = orders.order(reader, UUID(change["order"]["id"])).invoice_id
        return bill is None or notes.can_cancel(reader, invoices.invoice(reader, bill))


def _order_anew(turn: Turn) -> Draft:
    order = Draft(f"{turn.new_id()}-anew", ORDER_FORM, {"bill": True})
    FORMS[ORDER_FORM]().start(turn, order)
    return order


def _taken_for_it(turn: Turn, taken: Turn) -> Draft:
    """The sale of what was taken in exchange, over the counter where the other goods were."""
    order, found = _order_anew(taken), brought(turn)
    if found is not None and found.bill.customer_name == WALK_IN:
        with turn.read() as reader:
            way = turn.method or notes.way_back(reader, found.bill)
        sell_over_the_counter(turn, order, way)
    if sums := turn.all("amount"):
        turn.say("utter_exchange_sum", said=sums[-1].value)
    return order


@register
class NoteForm(Form):
    """A bill to undo: which one, and how much of it."""

    form = NOTE_FORM
    slots = ("note_invoice", "note_confirmed")
    intents = frozenset[str]()
    writes_bills = True
    near = frozenset({"order_cancel", "invoice_generate", "invoice_share"}) - {"invoice_share"}
    permission = Permission.CANCEL_INVOICE

    def begin(self, turn: Turn, draft: Draft) -> None:
        """Goods that a customer brought back are looked for on the customer's bills."""
        found = brought(turn)
        if found is None:
            return
        draft["brought"], draft["goods_back"] = True, not says(turn.words, "stock.damage")
        draft["invoice"] = {"id": str(found.bill.id), "number": found.bill.number}
        draft["back"], draft["part_name"] = found.back, found.name

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "Wrong invoice, dobara banao 2 maggi Pushpa": it goes, and then another one is made; or
        what it was of is put right, "2 maggi thi 3 nahi"; or other goods were taken for it."""
        turn = back_of_former(turn) or turn
        if exchange := exchanged(turn):
            super()._begin_parts(exchange.back, draft)
            self.begin(turn, draft)
            draft["change"] = _taken_for_it(turn, exchange.taken).kept()
            return
        if (found := order_of_another(turn)) and found.order.invoice_id:
            super()._begin_parts(replace(turn, entities=[]), draft)
            change = written_for(turn, found)
            _take_bill_of(turn, found.order, draft)
            draft["anothers"], draft["change"] = found.whose, change.kept()
            draft["money"] = money_moved(turn, found)
            draft["paying"] = money_that_waits(draft["aside"])
            turn.say("utter_wished_next", what=what_of(turn, change))
            return
        if total := total_put_right(turn):
            super()._begin_parts(replace(turn, entities=[]), draft)
            take_total(turn, draft, total)
            return
        anew = _is_made_anew(turn)
        right = puts_bill_right(turn) or corrects_last_bill(turn)
        if not anew and not right:
            paid = paid_with_goods_back(turn)
            super()._begin_parts(paid[0] if paid else turn, draft)
            self._refund_next(turn, draft)
            if paid:
                self._wait_behind(turn, draft, [Wish(paid[1], PAYMENT_FORM)])
            return
        bill = [one for one in turn.entities if one.name in BILL]
        super()._begin_parts(replace(turn, entities=bill), draft)
        change = _order_anew(turn) if anew else order_put_right(turn)
        if change is None:
            said = [one.value for one in turn.entities if one not in bill]
            turn.say("utter_not_in_it", said=", ".join(said) or turn.text.strip())
        elif change.form == MODIFY_FORM and not _can_be_cancelled(turn, change):
            right = take_sold_again(turn, draft, change) or sold_otherwise(turn, draft, change)
            if not right:
                turn.say("utter_not_in_it", said=turn.text.strip())
            return
        draft["change"] = change.kept() if change else None

    def _refund_next(self, turn: Turn, draft: Draft) -> None:
        """ "… paise cash me lautaye": what was given back for the goods is written after them."""
        told, found = money_back(turn), brought(turn)
        if told is None or found is None:
            return
        if found.bill.customer_name == WALK_IN:
            draft["way"] = told.method if told.method in METHODS else None
            self._check_sum_back(turn, told, found)
            return
        if not turn.may(FORMS[RETURN_FORM].permission):
            turn.say("utter_not_in_it", said=told.text.strip())
            return
        refund = Draft(f"{turn.new_id()}-refund", RETURN_FORM)
        FORMS[RETURN_FORM]().start(told, refund)
        set_customer(refund, found.bill.customer_id, found.bill.customer_name)
        with turn.read() as reader:
            refund["amount"] = refund["amount"] or notes.worth(reader, found.bill, found.back)
        draft["others"].append(refund.kept())
        turn.say("utter_wished_next", what=what_of(turn, refund))

    def _check_sum_back(self, turn: Turn, told: Turn, found: Brought) -> None:
        """What was given back over the counter is what the goods were billed at."""
        said = amounts_said(told)
        with turn.read() as reader:
            try:
                worth = notes.worth(reader, found.bill, found.back)
            except BahiError:
                return  # told of where the goods are checked
        if said and said[-1] != worth:
            turn.say("utter_counter_other_sum", said=inr(said[-1]), amount=inr(worth))

    def _is_other(self, turn: Turn) -> bool:
        """Goods that are to be billed came back from nobody."""
        return bills_goods(turn) or super()._is_other(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The bill's number or its customer; goods that came back; an amount."""
        number, taken = turn.value("invoice_number"), False
        if number:
            draft["said"], draft["invoice"], taken = number, None, True
        taken = take_customer(turn, draft, asked=False) or taken
        if says(turn.words, "last") and not number and not draft.replying:
            draft["last"] = True
        if says(turn.words, "walk_in"):
            draft["counter"], taken = True, True
        if draft["brought"] and draft.replying and says(turn.words, "stock.damage"):
            draft["goods_back"], taken = False, True
        kept = rates_apart(turn.text, denied_entities(turn))
        goods = [one for one in kept if one.name == "product_name"]
        counts = [one for one in kept if one.name == "quantity"]
        amounts = [paise for one in kept if one.name == "amount" and (paise := paise_of(one))]
        if lowered := lowers_bill(turn):
            draft["lowered"], taken = lowered, True
        elif goods:
            counted = number_of(counts[0]) if counts else None
            draft["part"] = {"said": goods[0].value, "quantity": str(counted or 1)}
            taken = True
        elif amounts and _names_by_total(turn):
            draft["total"], draft["invoice"], taken = amounts[-1], None, True
        elif amounts:
            draft["amount"], taken = amounts[-1], True
        return taken

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the bill, and the line of it that came back."""
        if not draft["said"]:
            settle_customer(turn, reader, draft)
        if draft["brought"] and not draft.pending:
            self._check_brought(turn, reader, draft)
        if draft.pending or draft["invoice"]:
            return
        found = self._find(turn, reader, draft)
        if found is None:
            return
        if found.status == "cancelled":
            say_error(turn, Conflict("invoice_cancelled"))
            draft.pending = {"kind": "closed"}
            return
        draft["invoice"] = {"id": str(found.id), "number": found.number}
        draft["goods_back"] = None
        if draft["lowered"]:
            draft["amount"] = less_by(draft["lowered"], found.total_paise)
        if notes.can_cancel(reader, found):
            settle_change(turn, reader, draft, found)
        if draft["part"] and not self._find_line(turn, found, draft):
            draft.pending = {"kind": "closed"}

    def _find(self, turn: Turn, reader: Reader, draft: Draft) -> Invoice | None:
        if draft["said"]:
            found = invoices.invoice_by_number(reader, draft["said"])
            if found is None:
                turn.say("error_invoice")
                draft["said"] = None
            return found
        if draft["total"]:
            found = _of_total(reader, draft)
            if found is None:
                turn.say("utter_no_bill_of", total=inr(draft["total"]))
                draft["total"] = None
            return found
        if draft["customer"]:
            found = invoices.latest_invoice(reader, UUID(draft["customer"]["id"]))
            if found is None:
                turn.say("utter_customer_has_no_invoice", name=draft["customer"]["name"])
                draft.pending = {"kind": "closed"}
            return found
        if draft["counter"]:
            latest = invoices.latest_invoices(reader, limit=LOOKED_THROUGH)
            return next((one for one in latest if one.customer_name == WALK_IN), None)
        before = None if draft["last"] else recent(turn, "invoice")
        if before:
            return invoices.invoice(reader, before)
        latest = invoices.latest_invoices(reader, limit=1)
        if not latest:
            turn.say("utter_no_invoices")
            draft.pending = {"kind": "closed"}
        return latest[0] if latest and draft["last"] else None

    def _find_line(self, turn: Turn, found: Invoice, draft: Draft) -> bool:
        said = set(words(draft["part"]["said"]))
        fitting = [
            at for at, line in enumerate(found.lines, start=1) if said <= set(words(line.name))
        ]
        if not fitting:
            turn.say("error_not_on_bill", said=draft["part"]["said"], number=found.number)
            return False
        at = fitting[0]
        draft["back"] = {str(at): draft["part"]["quantity"]}
        draft["part_name"] = found.lines[at - 1].name
        return True

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer."""
        choose_customer(turn, draft, value)

    def _undoes_a_bill(self, turn: Turn) -> bool:  # noqa: ARG002
        """Whatever is said of a bill here is about the one that is undone."""
        return False

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        """Which bill; whether the goods came back."""
        act = turn.value("act")
        if act == "bill":
            draft["said"], draft["invoice"] = turn.value("choice"), None
            return Outcome.TAKEN
        if act in ("goods", "spoiled"):
            draft["goods_back"], draft["confirmed"] = act == "goods", True
            return Outcome.TAKEN
        return super()._handle_tap(turn, draft)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "note_invoice": (draft["invoice"] or {}).get("number"),
            "note_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which customer."""
        ask_choice(turn, draft, draft.pending or {})

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Which bill; then yes, and whether its goods came back."""
        if slot == "note_invoice":
            turn.say("utter_ask_note_invoice", choices=self._latest(turn, reader, draft))
            return
        found = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
        facts: dict[str, Any] = {
            "number": found.number,
            "name": found.customer_name,
            "on": day(found.on_date),
            "total": inr(found.total_paise),
            "draft_id": draft.stamp,
        }
        if draft["brought"]:
            self._ask_brought(turn, reader, draft, found, facts)
            return
        if draft["again"]:
            ask_sold_again(turn, reader, draft)
            return
        if draft["anothers"] and found.customer_name == WALK_IN:
            turn.say("utter_confirm_counter_anothers", whose=draft["anothers"], **facts)
            return
        if not draft["back"] and not draft["amount"] and notes.can_cancel(reader, found):
            anew = confirmation(turn, reader, draft, found)
            response = "utter_confirm_bill_anew" if anew else "utter_confirm_bill_cancel"
            if draft["anothers"]:
                response, anew = "utter_confirm_bill_anothers", {"whose": draft["anothers"]}
            turn.say(response, **facts, **(anew or {}))
            return
        what = turn.line("word_whole_bill")
        if draft["back"]:
            what = _what(draft)
        elif draft["amount"]:
            what = inr(draft["amount"])
        turn.say(
            "utter_confirm_credit_note",
            what=what,
            choices=self._goods(turn, reader, draft, found),
            **facts,
        )

    def _check_brought(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """No more comes back than was billed and has not come back before."""
        found = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
        try:
            notes.worth(reader, found, draft["back"])
        except BahiError as error:
            say_error(turn, error)
            draft.pending = {"kind": "closed"}

    def _ask_brought(
        self, turn: Turn, reader: Reader, draft: Draft, found: Invoice, facts: Mapping[str, Any]
    ) -> None:
        amount = notes.worth(reader, found, draft["back"])
        if found.customer_name == WALK_IN:
            turn.say(
                "utter_confirm_counter_back"
                if draft["goods_back"]
                else "utter_confirm_counter_spoiled",
                what=_what(draft),
                amount=inr(amount),
                method=way_words(turn, reader, draft, found),
                **facts,
            )
            return
        before = payments.balance(reader, found.customer_id)
        turn.say(
            "utter_confirm_goods_return" if draft["goods_back"] else "utter_confirm_spoiled_return",
            what=_what(draft),
            amount=inr(amount),
            before=balance_words(turn, before),
            after=balance_words(turn, before - amount),
            **facts,
        )

    def _goods(self, turn: Turn, reader: Reader, draft: Draft, found: Invoice) -> list[Button]:
        """The way to say that the goods came back, if they have left at all."""
        if draft["amount"] or found.order_id is None:
            return []
        if orders.order(reader, found.order_id).status not in states.ISSUED:
            return []
        payload = payload_of("affirm", draft=draft.stamp, act="goods", choice="1")
        return [Button(title=turn.line("utter_button_goods_back"), payload=payload)]

    def _latest(self, turn: Turn, reader: Reader, draft: Draft) -> list[Button]:
        return [
            Button(
                title=one.number,
                payload=payload_of("affirm", draft=draft.stamp, act="bill", choice=one.number),
                description=turn.line(
                    "line_invoice_choice", name=one.customer_name, total=inr(one.total_paise)
                )[:72],
            )
            for one in invoices.latest_invoices(reader, limit=LATEST)
        ]


def _put_right(turn: Turn, draft: Draft) -> dict[str, Any] | None:
    """What is changed once its bill is undone; where that was another bill, it is told back."""
    change: dict[str, Any] | None = draft["change"]
    if change is None or change["form"] != MODIFY_FORM:
        return change
    with turn.read() as reader:
        undone = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
    if change["data"]["order"]["id"] == str(undone.order_id):
        return change
    turn.say("utter_not_in_it", said=what_of(turn, Draft(**change)))
    return None


def _let_wait(turn: Turn, draft: Draft, change: dict[str, Any]) -> list[EventType]:
    """What is written once the bill is undone waits, and with a bill of somebody else its money."""
    found = taken_out(turn, draft["paying"]) if draft["paying"] else None
    if found is None:
        return put_aside(turn, [change, *(draft["money"] or [])], first=True)
    payment, others = found
    payment["data"].update(sale=change["id"], customer=None, customer_said=None, invoice=None)
    left = replace(turn, slots={**turn.slots, SLOT: others})
    return put_aside(left, [change, payment], first=True)


class WriteNote(Write):
    """Cancel the bill, or issue the credit note."""

    action = "action_note"
    writes = NoteForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Undo it, and send the paper that says so."""
        if draft["again"]:
            return write_sold_again(turn, draft)
        invoice_id = draft["invoice"]["id"]
        done = turn.run(
            notes.undo_bill,
            key=f"draft:{draft.id}",
            invoice_id=UUID(invoice_id),
            reason="goods_back" if draft["goods_back"] or draft["back"] else "mistake",
            back=draft["back"],
            amount_paise=draft["amount"],
            goods_back=bool(draft["goods_back"] or draft["anothers"]),
            with_order=bool(draft["anothers"]),
            way=draft["way"],
        )
        if draft["brought"]:
            return _tell_returned(turn, draft, done)
        return self._tell_undone(turn, draft, done)

    def _tell_undone(self, turn: Turn, draft: Draft, done: notes.BillUndone) -> list[EventType]:
        invoice_id = draft["invoice"]["id"]
        facts = {"number": done["number"], "total": inr(done["total"])}
        if done["how"] == "cancelling":
            turn.say("utter_bill_cancelling", **facts)
        elif done["how"] == "cancelled":
            paper = {"kind": "invoice", "id": invoice_id}
            turn.say("utter_bill_cancelled", attachment=paper, **facts)
            tell_given_back(turn, draft, done)
            if draft["anew"]:
                return bill_anew(turn, draft)
            if change := _put_right(turn, draft):
                waits = _let_wait(turn, draft, change)
                return [*waits, remember(turn, invoice=invoice_id)]
        else:
            paper, bill = {"kind": "note", "id": done["note_id"]}, done["invoice_number"]
            turn.say("utter_credit_note_made", attachment=paper, bill=bill, **facts)
            tell_given_back(turn, draft, done)
            if draft["change"] and draft["change"]["form"] == ORDER_FORM:
                waits = _let_wait(turn, draft, draft["change"])
                return [*waits, remember(turn, invoice=invoice_id)]
        return [remember(turn, invoice=invoice_id)]


def _tell_returned(turn: Turn, draft: Draft, done: notes.BillUndone) -> list[EventType]:
    """The credit note for what was brought back, and what the customer owes now."""
    invoice_id = draft["invoice"]["id"]
    with turn.read() as reader:
        bill = invoices.invoice(reader, UUID(invoice_id))
        owed = payments.balance(reader, bill.customer_id)
    of_counter = bill.customer_name == WALK_IN
    response = "utter_counter_returned" if of_counter else "utter_goods_returned"
    turn.say(
        response if draft["goods_back"] else f"{response}_spoiled",
        attachment={"kind": "note", "id": done["note_id"]},
        name=bill.customer_name,
        what=_what(draft),
        number=done["number"],
        total=inr(done["total"]),
        after=balance_words(turn, owed),
    )
    tell_given_back(turn, draft, done)
    waits = put_aside(turn, [draft["change"]], first=True) if draft["change"] else []
    whose = {} if of_counter else {"customer": bill.customer_id}
    return [*waits, remember(turn, invoice=invoice_id, **whose)]


def _what(draft: Draft) -> str:
    count = next(iter(draft["back"].values()))
    return f"{plain(Decimal(count))} {draft['part_name']}"
