"""Cancelling an order, and why one cannot be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.entities import lines_of
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.draft import Draft, what_of
from actions.forms.form import Form
from actions.forms.names import CANCEL_FORM, MODIFY_FORM, NOTE_FORM, ORDER_FORM
from actions.forms.writing import Write
from actions.lexicon import says
from actions.match import customer_named, product_named, recent
from actions.orders.anothers import order_of_another, written_for
from actions.orders.awaited import step_said
from actions.orders.estimates import makes_order
from actions.orders.kept_only import left_behind
from actions.orders.meant import (
    choose_order,
    order_of,
    set_order,
    settle_order,
    take_order,
    was_just_billed,
)
from actions.orders.steps import names_a_step
from actions.payments.taking_back import undoes_bill
from actions.waiting import put_aside
from actions.wording import are_services, cancel_bill_button, order_facts
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError, Conflict
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders import service, states
from erp_core.orders.queries import Order
from erp_core.parties.permissions import Permission


@register
class CancelForm(Form):
    """An order that shall not be."""

    form = CANCEL_FORM
    slots = ("cancel_order", "cancel_confirmed")
    intents = frozenset({"order_cancel"})
    permission = Permission.CANCEL_ORDER
    for_customers = True
    takes_money = False

    def welcomes_guest(self, turn: Turn) -> bool:
        """A guest has no order to cancel, and is told what else there is."""
        turn.say("utter_nothing_open_guest")
        return False

    def elsewhere(self, turn: Turn) -> str | None:
        """ "ORD-2026-00001 accept karo" is the order's next step; "order bana do Neha ka" is one
        to be made."""
        if turn.is_user and makes_order(turn):
            return ORDER_FORM
        if undoes_bill(turn) or (turn.is_user and turn.first("invoice_number")):
            return NOTE_FORM
        if turn.is_user and was_just_billed(turn):
            return NOTE_FORM
        if _takes_goods_off(turn) or (says(turn.words, "half") and not turn.first("order_id")):
            return MODIFY_FORM
        return MODIFY_FORM if turn.is_user and names_a_step(turn) else None

    def welcomes(self, turn: Turn) -> bool:
        """No customer takes an order's next step."""
        if turn.actor.kind == "customer" and names_a_step(turn):
            turn.say("utter_not_for_customers")
            return False
        return super().welcomes(turn)

    def begin(self, turn: Turn, draft: Draft) -> None:
        """An order that was somebody else's is written for them afterwards."""
        if found := order_of_another(turn):
            set_order(draft, found.order)
            change = written_for(turn, found)
            draft["change"] = change.kept()
            turn.say("utter_wished_next", what=what_of(turn, change))

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which order."""
        if draft["change"] and not draft.replying:
            return True
        if (step := step_said(turn)) and step.status == states.CANCELLED:
            set_order(draft, step.order)
            return True
        return take_order(turn, draft)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the order, and see whether it can be cancelled at all."""
        settle_order(turn, reader, draft)
        if draft.pending is None and draft["order"]:
            found = order_of(reader, draft)
            error = _not_cancellable(turn, found)
            if found.invoice_id and turn.may(Permission.CANCEL_INVOICE):
                _offer_to_cancel_bill(turn, reader, found)
                draft.pending = {"kind": "closed"}
            elif error:
                say_error(turn, error)
                draft.pending = {"kind": "closed"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which order, whose."""
        choose_order(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"cancel_order": draft["order"], "cancel_confirmed": draft["confirmed"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Which order, yes."""
        if slot == "cancel_order":
            turn.say("utter_ask_which_order")
            return
        now = order_of(reader, draft)
        held = now.status in states.RESERVED
        response = "utter_confirm_cancel" if held else "utter_confirm_cancel_pending"
        turn.say(response, draft_id=draft.stamp, **order_facts(turn, now))

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """Asked which order, "cancel" alone means to leave it; goods may be all that shall go."""
        if turn.intent in ("order_cancel", "order_modify") and _takes_goods_off(turn):
            return Outcome.MOVED
        if left_behind(turn) is not None:
            return Outcome.MOVED
        choosing = draft.pending is not None or draft["order"] is None
        if turn.intent == "order_cancel" and choosing and not self._content(turn):
            return self._drop(turn, draft)
        return super()._handle(turn, draft)

    def _says_cancel(self, turn: Turn) -> bool:  # noqa: ARG002
        return False

    def _says_only_leave(self, turn: Turn) -> bool:
        return turn.intent != "order_cancel" and super()._says_only_leave(turn)


class WriteCancel(Write):
    """Cancel the order."""

    action = "action_order_cancel"
    writes = CancelForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType] | None:
        """Write it."""
        order_id = UUID(draft["order"]["id"])
        with turn.read() as reader:
            before = orders.order(reader, order_id)
        goods = [{"id": one.product_id} for one in before.lines]
        held = before.status in states.RESERVED and not are_services(turn, goods)
        done = turn.run(
            service.cancel_order,
            key=f"draft:{draft.id}",
            order_id=order_id,
            reason="asked",
        )
        response = "utter_order_cancelled" if held else "utter_order_cancelled_pending"
        turn.say(response, number=done["number"])
        return put_aside(turn, [draft["change"]], first=True) if draft["change"] else None


def _takes_goods_off(turn: Turn) -> bool:
    """ "Cancel the coffee", of an order that holds other goods too, or more of it."""
    said = turn.value("product_name")
    if said is None or turn.first("order_id") or turn.actor.kind == "guest":
        return False
    with turn.read() as reader:
        order, meant = _order_in_hand(turn, reader), product_named(reader, said)
    held = {line.product_id: line.quantity for line in order.lines} if order else {}
    wanted = [meant.one] if meant.one else meant.options
    theirs = next((held[one.id] for one in wanted if one.id in held), None)
    if theirs is None:
        return bool(held and meant.one)
    counted = lines_of(turn.text, turn.entities)[0].quantity
    return len(held) > 1 or (counted is not None and counted < theirs)


def _order_in_hand(turn: Turn, reader: Reader) -> Order | None:
    """The open order that was spoken of last, or the only one of whoever is named or writes."""
    named, before = turn.value("customer_name"), recent(turn, "order")
    if before and not named and (known := orders.order(reader, before)).status in states.OPEN:
        return known
    owner = None if turn.is_user else turn.own_id
    if named and turn.is_user:
        customer = customer_named(reader, named).one
        if customer is None:
            return None
        owner = customer.id
    found = orders.open_orders(reader, owner, limit=2)
    return found[0] if len(found) == 1 else None


def _not_cancellable(turn: Turn, order: Order) -> BahiError | None:
    """Why an order cannot be cancelled, told before anybody is asked to agree to it."""
    if order.invoice_id:
        return Conflict("order_invoiced")
    if states.CANCELLED not in states.TRANSITIONS.after(order.status):
        return Conflict("illegal_transition", before=order.status, after=states.CANCELLED)
    if not turn.is_user and order.status not in states.CANCELLABLE_BY_CUSTOMER:
        return Conflict("order_not_changeable", status=order.status)
    return None


def _offer_to_cancel_bill(turn: Turn, reader: Reader, order: Order) -> None:
    """An order that has become a bill is undone by undoing the bill."""
    if order.invoice_id is None:
        return
    bill = invoices.invoice(reader, order.invoice_id)
    button = cancel_bill_button(turn, bill.number)
    turn.say(
        "utter_order_has_bill",
        number=order.number,
        bill=bill.number,
        name=order.customer,
        total=inr(bill.total_paise),
        choices=[button],
    )
