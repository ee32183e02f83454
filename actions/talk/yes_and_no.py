"""A yes or a no where no form is open: what it may answer, and what stands."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

from actions.base import BahiAction, Reply
from actions.context import Turn
from actions.forms.names import (
    CANCEL_FORM,
    CUSTOMER_FORM,
    MODIFY_FORM,
    NOTE_FORM,
    ORDER_FORM,
    PRICE_FORM,
    UNDO_FORM,
)
from actions.invoicing.sending_bills import ShareInvoice
from actions.lexicon import only, says
from actions.match import just_spoken_of, recent, remember
from actions.orders import estimates
from actions.orders.meant import orders_waiting
from actions.orders.steps import ask_to_accept, move_order
from actions.payments.taking_back import (
    kind_written,
    last_written,
    may_undo,
    undoes_bill,
    wants_it_undone,
)
from actions.phrasebook import Button
from actions.pictures import photos, receipts, slips
from actions.reading.agreeing import YES_IS_THE_FIRST, as_tapped, offered, told_last
from actions.reading.money import just_wrote, tell_it_stands
from actions.reading.said import asks_to_wait
from actions.reports.reports import ReportRequest
from actions.talk.apology import apologize
from actions.wording import order_taps
from erp_core.kernel.errors import Forbidden
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.parties.permissions import Permission


class Affirm(BahiAction):
    """A yes outside a form: a button on an order, or one that is too old."""

    action = "action_affirm"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """Do what the button says, if it still can; a yes that is typed is the button it means."""
        if photos.is_card(turn):
            return receipts.serve_tap(turn)
        if photos.is_page_tap(turn):
            return slips.serve_tap(turn)
        order, act = turn.value("order"), turn.value("act")
        if order and act:
            if not turn.may(Permission.CHANGE_ORDER_STATUS):
                raise Forbidden("not_allowed")
            move_order(turn, UUID(order), act)
            return [_spoken_of(turn, order)]
        if turn.value("draft"):
            turn.say("utter_old_button")
            return None
        return self._typed(turn, tracker)

    def _typed(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        if turn.is_user and self._accepts_quoted(turn):
            return [_spoken_of(turn, turn.quoted["order"])]
        if _wants_what_was_told(turn, tracker):
            return [FollowupAction(ORDER_FORM)]
        response, buttons = offered(tracker)
        if response == "utter_sorry_for_bill" and turn.agrees and turn.is_user:
            return [FollowupAction(NOTE_FORM)]
        asked = response in YES_IS_THE_FIRST and buttons and _is_meant(turn, buttons[0])
        if asked and turn.agrees:
            tapped = as_tapped(turn, buttons[0])
            if (done := self._errand(tapped)) is not None:
                return done
            if tapped.intent != turn.intent:
                return OF_A_YES[tapped.intent]().for_user(tapped)
            return self.answer(tapped, tracker)
        if turn.is_user and asks_of_orders(turn):
            return None
        if buttons and response not in NO_QUESTIONS:
            turn.say("utter_which_of_these", choices=buttons)
        else:
            turn.say("utter_nothing_to_confirm")
        return None

    def _accepts_quoted(self, turn: Turn) -> bool:
        """A yes to a customer's order that is quoted takes it on, if it still waits for one."""
        order = turn.quoted.get("order")
        if order is None or not turn.agrees or not turn.may(Permission.CHANGE_ORDER_STATUS):
            return False
        with turn.read() as reader:
            waits = orders.order(reader, UUID(order)).status == states.PENDING
        if waits:
            move_order(turn, UUID(order), states.CONFIRMED)
        return waits


def _spoken_of(turn: Turn, order: str) -> EventType:
    """An order that was moved on is spoken of, and whose it is: "iska bill" is that order's."""
    with turn.read() as reader:
        whose = orders.order(reader, UUID(order)).customer_id
    return remember(turn, order=order, customer=whose, did="order")


def _is_meant(turn: Turn, button: Button) -> bool:
    """Whether a yes or no may be for what was asked last: of what is quoted, if anything is."""
    payload = str(button["payload"])
    return not turn.quoted or any(value in payload for value in turn.quoted.values())


def asks_of_orders(turn: Turn) -> bool:
    """A yes or no out of the blue may be that to a customer's order which waits for the shop; of
    several, one is chosen."""
    if not turn.may(Permission.CHANGE_ORDER_STATUS):
        return False
    with turn.read() as reader:
        waiting = orders_waiting(reader)
    if len(waiting) == 1:
        ask_to_accept(turn, waiting[0])
    elif waiting:
        turn.say("utter_new_orders", choices=order_taps(turn, waiting))
    return bool(waiting)


def _wants_what_was_told(turn: Turn, tracker: Tracker) -> bool:
    """ "Haan do", after somebody who buys was told that goods can be had, or after an estimate."""
    told = told_last(tracker) == "utter_availability" and just_spoken_of(turn, "product")
    return (told and not turn.is_user and turn.agrees) or estimates.is_agreed(turn)


OF_A_YES: dict[str, type[Reply]] = {"invoice_share": ShareInvoice, "report_request": ReportRequest}
"""What a yes may do beside moving an order."""
NO_QUESTIONS = frozenset({"utter_greeting", "utter_greeting_customer", "utter_greeting_guest"})


class Deny(BahiAction):
    """A no outside a form."""

    action = "action_deny"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """Nothing was open; what was written just before stands, and can be taken back."""
        if photos.is_card(turn):
            return receipts.serve_tap(turn)
        if photos.is_page_tap(turn):
            return slips.serve_tap(turn)
        if turn.value("draft"):
            turn.say("utter_old_button")
        elif asks_to_wait(turn):
            turn.say("utter_nod")
        elif undoes_bill(turn):
            return [FollowupAction(NOTE_FORM)]
        elif form := _form_of_refusal(turn):
            return [FollowupAction(form)]
        elif turn.is_user and _refuses_written(turn, tracker):
            last = last_written(turn)
            if last and may_undo(turn, kind_written(last)):
                return [FollowupAction(UNDO_FORM)]
            tell_it_stands(turn)
        elif turn.is_user and (says(turn.words, "dues.wrong") or wants_it_undone(turn)):
            apologize(turn)
        elif turn.is_user and (refused := _refuses_order(turn, tracker)):
            return [remember(turn, order=refused)]
        elif turn.is_user and not turn.entities and asks_of_orders(turn):
            return None
        elif turn.is_user:
            turn.say("utter_nothing_to_refuse")
        else:
            turn.say(f"utter_nothing_open_{turn.actor.kind}")
        return None


def _refuses_order(turn: Turn, tracker: Tracker) -> UUID | None:
    """The customer's order that waits, where a no answers its notice, which is quoted, or the
    question about it."""
    if not turn.may(Permission.CHANGE_ORDER_STATUS) or turn.entities:
        return None
    quoted, (response, buttons) = turn.quoted.get("order"), offered(tracker)
    if quoted is None and response == "utter_order_awaits" and _is_meant(turn, buttons[0]):
        quoted = as_tapped(turn, buttons[0]).value("order")
    if quoted is None:
        return None
    with turn.read() as reader:
        found = orders.order(reader, UUID(quoted))
    if found.status != states.PENDING:
        return None
    if only(turn.words, "plain_no"):
        move_order(turn, found.id, "reject")
    else:
        ask_to_accept(turn, found)
    return found.id


def _refuses_written(turn: Turn, tracker: Tracker) -> bool:
    """Whether a no is one to what was just written; who asks where money went refuses nothing."""
    written = just_wrote(tracker) and "written" in turn.slots["recent"]
    return written and not says(turn.words, "undoing.asks_why")


def _form_of_refusal(turn: Turn) -> str | None:
    """A no that says what shall be instead: another rate, another quantity of what was ordered; a
    customer who wants none of it any more."""
    if turn.is_user and turn.first("product_name") and turn.first("amount"):
        return PRICE_FORM
    if turn.is_user and turn.first("customer_phone") and just_spoken_of(turn, "customer"):
        return CUSTOMER_FORM
    ordered = just_spoken_of(turn, "order", "did")
    if ordered and turn.first("quantity") and not turn.first("amount"):
        return MODIFY_FORM
    if turn.actor.kind == "guest" or turn.entities or not just_spoken_of(turn, "order"):
        return None
    if says(turn.words, "undoing.unwrite" if turn.is_user else "cancel"):
        return CANCEL_FORM
    if turn.is_user and wants_it_undone(turn) and not just_spoken_of(turn, "invoice"):
        return CANCEL_FORM
    if turn.is_user or not says(turn.words, "wanting"):
        return None
    return CANCEL_FORM if _holds_one_thing(turn) else MODIFY_FORM


def _holds_one_thing(turn: Turn) -> bool:
    """Whether the order spoken of is of one kind of goods: no other can be meant then."""
    order_id = recent(turn, "order")
    if order_id is None:
        return False
    with turn.read() as reader:
        return len(orders.order(reader, order_id).lines) == 1
