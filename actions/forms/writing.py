"""What a form leads to: writing its draft, and going on with the next that waits."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.base import BahiAction, say_error
from actions.context import Turn
from actions.forms.draft import Draft, what_of
from actions.forms.form import FORMS, Form
from actions.lexicon import only
from actions.match import after, mention
from actions.reading.quoting import noting_what_became
from actions.waiting import next_waiting
from erp_core.kernel.errors import BahiError


class Write(BahiAction):
    """What a form leads to: writes the draft, says what was done, and clears the table."""

    hears = False
    gives_way = False
    writes: ClassVar[type[Form]]

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Write the draft once; then the next one that waits is asked."""
        events = self._written(turn, tracker)
        if any(one.get("event") == "followup" for one in events):
            return events
        return [*events, *resumed(after(turn, events))]

    def _written(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Write the draft. When the business refuses, the form takes over again."""
        draft = Draft.of(tracker.slots)
        others = draft is None or draft.form != self.writes.form
        moved = others and not (_refuses_merely(turn) and _was_dropped(tracker))
        elsewhere = self.writes().goes_to(turn) if moved else None
        if draft is not None and others:
            return [*self._cleared()[1:], FollowupAction(elsewhere or draft.form)]
        if elsewhere:
            return [*self._cleared(), FollowupAction(elsewhere)]
        if draft is None or not draft["confirmed"]:
            return self._cleared()
        try:
            events = self.write(turn, draft) or []
        except BahiError as error:
            say_error(turn, error)
            if not self.recovers(error) and error.code != "heard_only":
                return self._cleared()
            draft["confirmed"] = None
            return [
                SlotSet("draft", draft.kept()),
                SlotSet(self.writes.slots[-1], None),
                FollowupAction(self.writes.form),
            ]
        written = [*self._cleared(), *noting_what_became(draft, events)]
        told = draft["told"]
        return [*written, mention(after(turn, written), **told)] if told else written

    @abstractmethod
    def write(self, turn: Turn, draft: Draft) -> list[EventType] | None:
        """Run the command and say what was done."""

    def recovers(self, error: BahiError) -> bool:
        """Whether changing the draft can help."""
        return error.code == "out_of_stock"

    def _cleared(self) -> list[EventType]:
        return [SlotSet("draft", None), *(SlotSet(slot, None) for slot in self.writes.slots)]


def _refuses_merely(turn: Turn) -> bool:
    """ "Chhodo", or a tap: a message that says no, and nothing of what shall be instead."""
    return all(only([word], "plain_no") or only([word], "cancel") for word in turn.words)


def _was_dropped(tracker: Tracker) -> bool:
    """Whether this message had what was being written dropped."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if (event.get("metadata") or {}).get("utter_action") == "utter_dropped":
            return True
    return False


def resumed(turn: Turn) -> list[EventType]:
    """Go on with what waits, if anything does."""
    kept, events = next_waiting(turn)
    if kept is None or kept["form"] not in FORMS:
        return events
    form, draft = FORMS[kept["form"]](), Draft(**kept)
    if not form.resumes(turn, draft):
        return [*events, *resumed(after(turn, events))]
    for message in turn.dispatcher.messages:
        message["buttons"] = []  # what is asked now has its own
    turn.say("utter_now_the_other", what=what_of(turn, draft))
    told = [*events, *form.keep(turn, draft)]
    if (draft.pending or {}).get("kind") == "closed":
        return [*told, *resumed(after(turn, told))]  # else the form would hear the message anew
    return [*told, FollowupAction(form.form)]
