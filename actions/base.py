"""What every action shares: a turn, the refusal of an error in words, and nothing more."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import errands
from actions.by_wording import form_by_wording
from actions.context import Turn
from actions.forms.draft import ASKED_IN_FULL, Draft
from actions.forms.names import ORDER_FORM, STOCK_FORM
from actions.goods.availability import tell_availability, tell_named, tell_unmarked
from actions.match import after
from actions.moment import one_moment
from actions.orders import wishes
from actions.phrasebook import Button
from actions.pictures import photos
from actions.reading.quoting import tells_past
from actions.reading.taught import is_instruction
from actions.several import Wish, form_for, wishes_in
from actions.talk.asked_beside import goods_and_question
from actions.talk.questions import questions_in
from actions.talk.unsure import keep_unsure
from actions.wording import day
from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import parse_quantity, plain

logger = logging.getLogger(__name__)

OF_A_PICTURE = ('"act": "page_', '"act": "receipt_')
"""Buttons that hold all that they write, so that they work whatever else is going on."""


SAY = "say:"
"""A button with this before its words says them in the person's name."""


class BahiAction(Action, ABC):
    """An action that answers; a refusal of the business becomes its response."""

    action: ClassVar[str]
    hears: ClassVar[bool] = True
    """Whether it takes the message, as against asking or writing after another action did."""
    gives_way: ClassVar[bool] = True
    """Whether a message that teaches something goes to the form for that, whatever its intent."""

    def name(self) -> str:
        """What rules and stories call it."""
        return self.action

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> list[EventType]:
        """Answer; blocks on the database, so that the worker calls it in a thread."""
        with one_moment():
            return self._run(tracker, Turn.of(tracker, dispatcher))

    def _run(self, tracker: Tracker, turn: Turn) -> list[EventType]:
        if self.gives_way and turn.form is None and tells_past(turn):
            return []
        if self.hears:
            keep_unsure(turn, tracker.latest_message)
        if self.gives_way and turn.form is None and (wishes := wishes_in(turn)):
            return self._serve_each(turn, wishes)
        if self.gives_way and turn.form is None and (form := form_by_wording(turn)):
            return [FollowupAction(form)]
        if self.gives_way and is_instruction(turn):
            turn.say("utter_out_of_scope")
            return []
        events = self._errand(turn) if self.gives_way and turn.form is None else None
        if events is None:
            events = self.attempt(turn, tracker)
        if self.gives_way and turn.form is not None:
            events += leave_buttons_to_form(turn)
        if tracker.slots.get("language") != turn.language:
            events.append(SlotSet("language", turn.language))
        return events

    def _serve_each(self, turn: Turn, wishes: Sequence[Wish]) -> list[EventType]:
        """Answer each of several wishes; where something is to be written, its form does both."""
        form = next((one.form for one in wishes if one.form), None)
        return [FollowupAction(form)] if form else answer_each(turn, wishes)

    def _errand(self, turn: Turn) -> list[EventType] | None:
        """What is said of dues, done at once; None when nothing is."""
        try:
            return errands.serve(turn)
        except BahiError as error:
            say_error(turn, error)
        return []

    def attempt(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Answer, or say what is wrong."""
        try:
            return self.answer(turn, tracker) or []
        except BahiError as error:
            say_error(turn, error)
        return []

    @abstractmethod
    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """Answer whoever writes."""


REPLIES: dict[str, type[Reply]] = {}
"""Every reply by the name of its action."""


class Reply(BahiAction):
    """An action that answers by who writes: those who run the shop, its customers, or a guest."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "action" in cls.__dict__:
            REPLIES[cls.action] = cls

    def _errand(self, turn: Turn) -> list[EventType] | None:
        """Each of several questions is answered by its own reply, all in one message."""
        asked = questions_in(turn)
        if not asked and (told := goods_and_question(turn)) is not None:
            usual = STOCK_FORM if told[0].intent == "inventory_update" else ORDER_FORM
            return [FollowupAction(form_by_wording(told[0]) or usual)]
        if not asked:
            return super()._errand(turn)
        return [event for one in asked for event in REPLIES[one.action]().beside(turn, one.turn)]

    def beside(self, turn: Turn, question: Turn) -> list[EventType]:
        """Answer a question beside others, as if nothing had been said yet, behind what was."""
        alone = replace(question, dispatcher=CollectingDispatcher())
        try:
            events = self.for_user(alone) or []
        except BahiError as error:
            say_error(alone, error)
            events = []
        turn.dispatcher.messages += alone.dispatcher.messages
        return events

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:  # noqa: ARG002
        """Answer whoever writes."""
        if turn.actor.kind == "user":
            return self.for_user(turn)
        if wishes.orders(turn) and turn.form is None:
            return [FollowupAction(ORDER_FORM)]
        asked = wishes.beside_order(turn) if turn.form is None else None
        if asked is not None:
            events = self.for_customer(asked) if turn.actor.kind == "customer" else None
            return [*(events or []), FollowupAction(ORDER_FORM)]
        if wishes.looks_round(turn):
            return tell_availability(turn)
        if turn.actor.kind == "customer":
            return self.for_customer(turn)
        return self.for_guest(turn)

    @abstractmethod
    def for_user(self, turn: Turn) -> list[EventType] | None:
        """Answer somebody who runs the business."""

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """Answer a customer: this is the shop's own affair, unless a topic says otherwise, or goods
        are asked for: "cake dikhao"."""
        told = None if wishes.pries(turn) else _tell_of_goods(turn)
        if told is None:
            turn.say("utter_not_for_customers")
        return told

    def for_guest(self, turn: Turn) -> list[EventType] | None:
        """Answer somebody unknown, who may have asked for goods that nothing marks."""
        told = _tell_of_goods(turn)
        if told is None:
            turn.say("utter_not_for_guests")
        return told


def _tell_of_goods(turn: Turn) -> list[EventType] | None:
    """Tell of goods that are asked for, whatever the question was taken for."""
    return tell_named(turn) if turn.entities else tell_unmarked(turn)


def answer_each(turn: Turn, wishes: Sequence[Wish]) -> list[EventType]:
    """Answer those of several wishes that write nothing, each as if it alone had been said. One
    whose answer is a form, which would hear the whole message anew, is asked for separately."""
    events: list[EventType] = []
    for wish in wishes:
        if wish.form is None:
            alone = after(replace(wish.turn, dispatcher=CollectingDispatcher()), events)
            answer = _answered(alone)
            if any(one["event"] == "followup" for one in answer):
                alone.say("utter_not_in_it", said=alone.text.strip())
            events += [one for one in answer if one["event"] != "followup"]
            told = alone.dispatcher.messages
            turn.dispatcher.messages += [one for one in told if one not in turn.dispatcher.messages]
    return events


def _answered(turn: Turn) -> list[EventType]:
    try:
        served = errands.serve(turn)
        return _served(turn) if served is None else served
    except BahiError as error:
        say_error(turn, error)
    return []


def _served(turn: Turn) -> list[EventType]:
    """What the topic of a wish says to whoever writes; of what is not for them, just that."""
    from actions.forms.form import FORMS

    if form := form_for(turn):
        FORMS[form]().welcomes(turn)
        return []
    reply = REPLIES[f"action_{turn.intent}"]()
    if turn.is_user:
        return reply.for_user(turn) or []
    return (
        reply.for_customer(turn) if turn.actor.kind == "customer" else reply.for_guest(turn)
    ) or []


def leave_buttons_to_form(turn: Turn) -> list[EventType]:
    """In the middle of a form its own buttons alone are shown; what else there was to choose is
    written out, so that it can be named. Below a picture that asks for a tap the form is just
    named: two cards in one message could not be told apart. After the tap it is asked in full."""
    asking = [one for one in turn.dispatcher.messages if _asks_of_picture(one)]
    for message in turn.dispatcher.messages:
        buttons = message.get("buttons") or []
        if message in asking:
            continue
        if any("choice" in one["payload"] and not _is_of_picture(one) for one in buttons):
            rows = "\n".join(f"• {one['title']}" for one in buttons)
            message["text"] = f"{message.get('text') or ''}\n{rows}".strip()
        message["buttons"] = []
    draft = Draft.of(turn.slots)
    if draft is None or not (asking or photos.is_card(turn) or photos.is_page_tap(turn)):
        return []
    draft["passed"] = ASKED_IN_FULL if asking else None
    return [SlotSet("draft", draft.kept())]


def _asks_of_picture(message: dict[str, Any]) -> bool:
    """Whether a message asks to choose what shall become of a picture; to change what was written
    of it, words are enough."""
    buttons = message.get("buttons") or []
    return len(buttons) > 1 and any(_is_of_picture(one) for one in buttons)


def _is_of_picture(button: dict[str, Any]) -> bool:
    return any(act in button["payload"] for act in OF_A_PICTURE)


def say_error(turn: Turn, error: BahiError) -> None:
    """Say what an error means; one without words of its own is an apology.

    What cannot be reached is raised again: the channel tries the turn once more, and then says so.
    """
    if isinstance(error, Unavailable):
        raise error
    if error.code == "heard_only":
        ask_whether_heard_right(turn)
        return
    response = f"error_{error.code}"
    if not turn.phrasebook.has(response):
        logger.error("no response for the error %s", error.code)
        response = "utter_internal_error"
    turn.say(response, **error_facts(turn, response, error))


def ask_whether_heard_right(turn: Turn) -> None:
    """What was heard would be done at once: have it tapped, as if it had been typed."""
    if turn.intent == "affirm":
        turn.say("utter_tap_or_write_yes")
        return
    right = Button(title=turn.line("button_heard_right"), payload=f"{SAY}{turn.text}")
    turn.say("error_heard_only", choices=[right])


def error_facts(turn: Turn, response: str, error: BahiError) -> dict[str, Any]:
    """What an error's response puts in, from its facts: names for ids, rupees for paise."""
    wanted = turn.phrasebook.placeholders(response)[turn.language]
    facts: dict[str, Any] = dict.fromkeys(wanted, "")
    for name, value in error.facts.items():
        facts[name] = _fact(turn, name, value)
    if "product" in wanted and error.facts.get("product_id"):
        facts["product"] = _product_name(turn, error.facts["product_id"])
    return facts


def _fact(turn: Turn, name: str, value: Any) -> str:
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and name in ("amount", "balance", "limit")
    ):
        return inr(value)
    if name in ("before", "after", "status") and turn.phrasebook.has(f"status_{value}"):
        return turn.line(f"status_{value}")
    if name in ("on", "until"):
        return day(date.fromisoformat(str(value)))
    if name in ("available", "quantity", "on_hand"):
        return plain(parse_quantity(str(value)))
    return str(value)


def _product_name(turn: Turn, product_id: Any) -> str:
    from uuid import UUID

    from erp_core.catalogue.queries import product

    with turn.read() as reader:
        return product(reader, UUID(str(product_id))).name
