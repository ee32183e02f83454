"""Where an order stands."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import Reply
from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import ORDER_FORM
from actions.lexicon import only, says, where, which
from actions.match import customer_named, just_spoken_of, recent, remember
from actions.orders.meant import order_meant
from actions.orders.steps import ask_to_accept, step_button
from actions.reading.said import subject
from actions.wording import order_facts, order_rows, order_taps
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.orders import queries as orders
from erp_core.orders import states

ROWS = 8


def asks_total(turn: Turn) -> bool:
    """ "Kitna hua?" right after an order, with no word of the khata nor of goods."""
    if not says(turn.words, "how_much_is_it") or turn.form is not None:
        return False
    of_khata = ("credit_given.owed", "on_khata", "own_dues", "owing")
    if any(says(turn.words, cue) for cue in of_khata):
        return False
    named = any(turn.first(one) for one in ("customer_name", "date", "product_name"))
    did = (turn.slots.get("recent") or {}).get("did")
    return not named and did == "order" and recent(turn, "order") is not None


def asks_only_total(turn: Turn) -> bool:
    """ "Kitna ka hua", right behind an order, is no question for the figures of a day."""
    found = where(turn.words, "how_much_is_it")
    if found is None or turn.entities or not just_spoken_of(turn, "order"):
        return False
    beside = (*turn.words[: found[0]], *turn.words[found[1] :])
    return (not beside or only(beside, "filler")) and asks_total(turn)


def _asks_for_open(turn: Turn) -> bool:
    """ "Kitne order pending hain": all that are open, and not the one spoken of last."""
    named = turn.first("customer_name") or turn.first("order_id")
    return not named and says(turn.words, "questions.open_orders")


class OrderQuestion(Reply):
    """Where an order stands."""

    action = "action_order_status"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """One order with its next steps to tap, or the open ones."""
        if _asks_for_new(turn):
            return self._new(turn)
        if _is_of_draft(turn):
            turn.say("utter_order_not_written")
            return None
        with turn.read() as reader:
            found = None if _asks_for_open(turn) else order_meant(turn, reader)
            if found is None:
                if not turn.dispatcher.messages:
                    self._list(turn, reader)
                return None
            told = which(turn.text, "statuses")
            steps = [
                step
                for step in ("confirmed", "ready", "shipped", "delivered")
                if step in states.TRANSITIONS.after(found.status)
            ]
            # "Deliver ho gaya" is no question: what was told stands first to be tapped.
            steps.sort(key=lambda step: step != told)
            choices = [step_button(turn, found, step) for step in steps[:2]]
            if found.status == states.PENDING:
                ask_to_accept(turn, found)
            elif told in steps:
                turn.say("utter_order", **order_facts(turn, found))
                turn.say("utter_order_step", choices=choices, status=turn.line(f"status_{told}"))
            else:
                turn.say("utter_order", choices=choices, **order_facts(turn, found))
        return [remember(turn, order=found.id, customer=found.customer_id)]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own order."""
        with turn.read() as reader:
            number = turn.value("order_id") or subject(turn)
            found = orders.order_by_number(reader, number) if number else None
            if number and found is None:
                raise NotFound("order")
            if found is None and asks_total(turn):
                found = orders.order(reader, recent(turn, "order") or UUID(int=0))
            open_ones = orders.open_orders(reader, turn.own_id, limit=ROWS)
            if found is None and len(open_ones) > 1:
                turn.say("utter_your_orders", rows=order_rows(turn, reader, turn.own_id))
                return None
            found = found or orders.latest_order(reader, turn.own_id, open_only=False)
            if found is None:
                turn.say("utter_no_orders_yet")
                return None
            turn.say("utter_your_order", **order_facts(turn, found))
        return [remember(turn, order=found.id)]

    def _list(self, turn: Turn, reader: Reader) -> None:
        found = orders.open_orders(reader, limit=ROWS)
        if not found:
            turn.say("utter_no_open_orders")
            return
        turn.say("utter_open_orders", choices=order_taps(turn, found))

    def _new(self, turn: Turn) -> list[EventType]:
        """The orders that wait for the shop's yes."""
        with turn.read() as reader:
            found = orders.open_orders(reader, limit=ROWS, status=states.PENDING)
        if not found:
            turn.say("utter_no_new_orders")
            return []
        if len(found) > 1:
            turn.say("utter_new_orders", choices=order_taps(turn, found))
            return []
        ask_to_accept(turn, found[0])
        return [remember(turn, order=found[0].id, customer=found[0].customer_id)]


def _is_of_draft(turn: Turn) -> bool:
    """ "Wo order ka kya hua?", while one is written: that one, or of whom it is for."""
    draft = Draft.of(turn.slots)
    if draft is None or draft.form != ORDER_FORM or turn.first("order_id"):
        return False
    named, whose = turn.value("customer_name"), draft["customer"]
    if named is None or whose is None:
        return named is None and not _asks_for_open(turn)
    with turn.read() as reader:
        found = customer_named(reader, named).one
        mine = found is not None and str(found.id) == whose["id"]
        return mine and not orders.open_orders(reader, UUID(whose["id"]), limit=1)


def _asks_for_new(turn: Turn) -> bool:
    """ "Naya order aaya kya": no order that was spoken of before is meant."""
    named = any(turn.first(one) for one in ("customer_name", "order_id", "order"))
    return not named and says(turn.words, "new_orders")
