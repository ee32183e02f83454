"""What asks for a form's slots: action_ask_<slot>, made for every form that is registered."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.base import BahiAction
from actions.context import Turn
from actions.forms.draft import ASKED_IN_FULL, Draft, what_of
from actions.forms.form import FORMS, Form, answered_elsewhere
from actions.forms.unaccounted import tell_unaccounted


class Ask(BahiAction):
    """action_ask_<slot>: asks what is pending first, then for the slot."""

    hears = False
    gives_way = False
    slot: ClassVar[str]

    @abstractmethod
    def form(self) -> Form:
        """The form that asks."""

    def name(self) -> str:
        """What Rasa calls when it wants a slot."""
        return f"action_ask_{self.slot}"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Ask; below the answers to other questions ever shorter, and then no more."""
        draft = Draft.of(tracker.slots)
        if draft is None:
            return []
        form, events = self.form(), []
        if answered_elsewhere(tracker, draft.form):
            if not form.resumes(turn, draft):
                return form.close()
            thanks = turn.intent == "goodbye" and turn.is_sure
            left = ASKED_IN_FULL if thanks else 0
            draft["passed"] = max(draft["passed"] or 0, left) + 1
            events.append(SlotSet("draft", draft.kept()))
        if (draft["passed"] or 0) > ASKED_IN_FULL:
            if draft["passed"] == ASKED_IN_FULL + 1:
                turn.say("utter_still_open", what=what_of(turn, draft))
            return events
        self._ask(turn, form, draft)
        if not draft.pending and self.slot == form.slots[-1]:
            tell_unaccounted(turn, tracker, draft)
        return events

    def _ask(self, turn: Turn, form: Form, draft: Draft) -> None:
        with turn.read() as reader:
            if draft.editing:
                form.ask_edit(turn, draft)
            elif draft.pending:
                form.ask_pending(turn, reader, draft)
            else:
                form.ask(turn, reader, draft, self.slot)


def register(form: type[Form]) -> type[Form]:
    """Make a form known, with an asking action for each of its slots."""
    FORMS[form.form] = form
    for slot in form.slots:
        title = "Ask" + "".join(part.capitalize() for part in slot.split("_"))
        _ASKS.append(
            type(title, (Ask,), {"slot": slot, "form": lambda _: form(), "__module__": __name__})
        )
    return form


_ASKS: list[type[Ask]] = []
"""Keeps the generated classes alive: rasa_sdk finds actions among the living subclasses."""
