"""The form: how it answers a message, and what it keeps in the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions.base import (
    REPLIES,
    answer_each,
    leave_buttons_to_form,
)
from actions.context import Turn
from actions.forms.belonging import only_method, says_all_of_its_own
from actions.forms.beside import (
    Outcome,
    asks_for_nothing,
)
from actions.forms.by_name import answer_by_name
from actions.forms.day_anew import tell_bill_of_today, with_day_anew
from actions.forms.draft import ASKED_IN_FULL, Draft, ReadAgain, leave, what_of
from actions.forms.hearing import Hearing
from actions.forms.intents import OF_AN_ORDER, UNSURE, WRITES
from actions.forms.names import (
    ORDER_FORM,
)
from actions.forms.placed import with_lines_meant
from actions.forms.quoted import answer_to_another
from actions.forms.reopening import reopened
from actions.forms.said_anew import with_number_anew
from actions.forms.spoken_of import with_what_it_means
from actions.lexicon import says
from actions.match import after, just_told, mention, recent
from actions.orders import estimates
from actions.payments.taking_back import (
    takes_back,
)
from actions.reading.agreeing import leaves_and_asks, said_behind_yes
from actions.reading.parts import refuse_minus
from actions.reading.quoting import question_quoted
from actions.reading.taught import is_instruction
from actions.several import Wish, form_for, is_wish, wishes_behind, wishes_in
from actions.talk.apology import apologize
from actions.talk.asked_beside import goods_and_question
from actions.talk.questions import question_in
from actions.waiting import put_aside, waits
from erp_core.parties.service import WALK_IN


class Form(Hearing):
    """A form: who may use it, what it takes from a message, and what it asks."""

    # How a message is handled.

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """The slots after this message. The writer's language alone is none of the form's: Rasa
        would take it for an answer, and keep the message from whom it is for."""
        events = super().run(dispatcher, tracker, domain)
        return events if any(one.get("name") != "language" for one in events) else []

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """The slots after this message; none when the message is about something else."""
        draft = Draft.of(tracker.slots)
        if draft is None or draft.form != self.form:
            return self._open(turn, draft)
        if answered_elsewhere(tracker, self.form):
            return self._settled_beside(turn, draft) if _was_in_hand(tracker) else []
        if turn.is_user:
            refuse_minus(turn)
        if (both := self._paid_and_more(turn, draft)) is not None:
            return both
        turn = self.apart(turn, draft)
        asked = question_quoted(turn) or self._order_that_waits(turn)
        if (other := answer_to_another(self, turn, draft, asked, FORMS)) is not None:
            return other
        if turn.leaves and turn.intent in WRITES | UNSURE | {"deny"}:
            return self._leaves_for(turn, draft)
        if (named := answer_by_name(self, turn, draft, FORMS)) is not None:
            return named
        told = estimates.tell_on_paper(turn)
        if told is None:
            told = tell_bill_of_today(turn, draft)
        if told is not None:
            return [*told, *self.keep(turn, draft)]
        if wishes := wishes_in(turn):
            return self._hear_several(turn, draft, wishes)
        before, turn = draft.stamp, with_what_it_means(with_day_anew(turn, self), draft)
        turn = with_lines_meant(with_number_anew(turn, draft, self), draft, self)
        if self._corrects_what_was_written(turn, tracker, draft):
            draft["kept"] = None
            return [*self.close(), *self._wait(turn, draft)]
        outcome = self.hear(turn, draft)
        if outcome is Outcome.PASSED:
            return []
        if outcome is Outcome.DROPPED:
            return self.close()
        if outcome is Outcome.MOVED:
            return [*self.close(), *self._wait(turn, draft)]
        if draft.stamp != before:
            draft.data.pop("passed", None)
            draft.data.pop("goods_noted", None)
        elif draft["passed"]:
            draft["passed"] = min(draft["passed"], ASKED_IN_FULL)
        return self.keep(turn, draft)

    def _leaves_for(self, turn: Turn, draft: Draft) -> list[EventType]:
        """ "Wo chhodo, pehle chai 80": what was being written waits for it, also where it is more
        of the same work; what was not understood is no change of it."""
        if turn.intent not in WRITES:
            turn.say("utter_did_not_get_that")
            return self.keep(turn, draft)
        if turn.intent not in self.intents or self.goes_to(turn):
            return []
        self._begin_another(turn, draft)
        return self.keep(turn, draft)

    def _settled_beside(self, turn: Turn, draft: Draft) -> list[EventType]:
        """ "Haan likh lo, aur Ramesh ka kitna baaki hai": the question was answered, and the yes is
        one to what is shown; so is a no."""
        if leaves_and_asks(turn) and not turn.leaves:
            self._drop(turn, draft)
            return self.close()
        if said_behind_yes(turn) is None or draft.pending or not self._is_complete(draft):
            return []
        draft["told"] = just_told(turn)
        self._handle_yes(turn, draft)
        return self.keep(turn, draft)

    def _paid_and_more(self, turn: Turn, draft: Draft) -> list[EventType] | None:
        """ "Cash. Komal ne bhi 500 upi": how it was paid, and work that waits behind it."""
        first = turn.by_clause[0] if turn.is_user and turn.clauses else None
        if first is None or not (self.takes_money and only_method(first)):
            return None
        wishes = wishes_behind(turn)
        if not wishes or any(one.form is None for one in wishes):
            return None
        self._handle(first, draft)
        self._wait_behind(turn, draft, wishes)
        return self.keep(turn, draft)

    def _takes_more_work(self, turn: Turn, draft: Draft) -> bool:
        """ "Haan, aur Mohan ne 500 diye": a yes to what is shown, and another piece of work, which
        is asked about afterwards; or a question, which is answered."""
        more = said_behind_yes(turn)
        if more is None or draft.pending or not self._is_complete(draft) or not turn.is_user:
            return False
        if question := question_in(more, ()):
            answered = REPLIES[question.action]().beside(turn, question.turn)
            draft["told"] = just_told(after(turn, answered))
            self._handle_yes(turn, draft)
            return True
        if not says_all_of_its_own(more) and not (is_wish(more) and self._is_other(more)):
            return False
        if self._holds(more) and not self.begins_another(more, draft):
            return False
        usual = (name for name, one in FORMS.items() if more.intent in one.intents)
        name = form_for(more) if is_wish(more) else next(usual, None)
        form = FORMS[name] if name else None
        if form is None or not form().welcomes(more):
            return False
        draft.data.setdefault("others", []).append(form()._begun(turn, more, 1))
        self._handle_yes(turn, draft)
        return True

    def _open(self, turn: Turn, former: Draft | None) -> list[EventType]:
        if wishes := wishes_in(turn):
            return self._open_several(turn, wishes, former)
        if (card := reopened(turn)) and card.form == self.form and not self.goes_to(turn):
            return self._begin_again(turn, card, former)
        both = goods_and_question(turn)
        if both is None:
            return self._begin(turn, former)
        told, question = both
        if self.goes_to(told):
            return self._left(former)
        answered = REPLIES[question.action]().beside(turn, question.turn)
        return [*answered, *self._begin(after(told, answered), former)]

    def _begin_again(self, turn: Turn, card: Draft, former: Draft | None) -> list[EventType]:
        """What was just written is put right on its card."""
        if not turn.may(self.rights or self.permission):
            turn.say("error_not_allowed")
            return self._left(former)
        if former is not None:
            leave(turn, former, card)
        return [*_clear(former), *self.keep(turn, card)]

    def _begin(self, turn: Turn, former: Draft | None) -> list[EventType]:
        turn = turn if former is None else with_what_it_means(turn, former)
        for_nothing = asks_for_nothing(turn)
        if self.goes_to(turn) and not for_nothing:
            return self._left(former)
        served = None if is_instruction(turn) else self._errand(turn)
        if served is not None:
            return [*self._left(former), *served]
        if for_nothing:
            of_order = turn.intent in OF_AN_ORDER | {"deny"} or not turn.is_user
            turn.say("utter_order_stays" if of_order else "utter_nothing_to_refuse")
            return self._left(former)
        upset = says(turn.words, "complaint") and turn.is_user and not turn.entities
        if upset and not takes_back(turn):
            apologize(turn)
            return self._left(former)
        if is_instruction(turn) or not self.welcomes(turn):
            if is_instruction(turn):
                turn.say("utter_out_of_scope")
            return self._left(former)
        draft = Draft(turn.new_id(), self.form)
        if former is not None:
            leave(turn, former, draft)
        if turn.is_user:
            refuse_minus(turn)
        self._begin_parts(turn, draft)
        return [*_clear(former), *self.keep(turn, draft)]

    def _open_several(
        self, turn: Turn, wishes: Sequence[Wish], former: Draft | None
    ) -> list[EventType]:
        """Answer what is asked, begin what shall be written first, and let the rest wait."""
        work = [one for one in wishes if one.form]
        if work and work[0].form != self.form:
            return self._left(former)
        answered = answer_each(turn, wishes)
        if work or former is not None:
            leave_buttons_to_form(turn)
        if not work or not self.welcomes(work[0].turn):
            return [*answered, *self._left(former)]
        first = after(work[0].turn, answered)
        draft = Draft(first.new_id(), self.form)
        if former is not None:
            leave(turn, former, draft)
        refuse_minus(first)
        self._begin_parts(first, draft)
        self._wait_behind(turn, draft, work[1:])
        return [*answered, *_clear(former), *self.keep(first, draft)]

    def _hear_several(self, turn: Turn, draft: Draft, wishes: Sequence[Wish]) -> list[EventType]:
        """Take what is of this draft, answer what is asked, and let other work wait behind it."""
        answered = answer_each(turn, wishes)
        leave_buttons_to_form(turn)
        work = [one for one in wishes if one.form]
        ours = (one for one in work if one.form == self.form and not self._is_other(one.turn))
        taken = None
        if own := next(ours, None):
            refuse_minus(own.turn)
            became = self._handle(after(own.turn, answered), draft)
            taken = own if became in (Outcome.TAKEN, Outcome.DROPPED) else None
        self._wait_behind(turn, draft, [one for one in work if one is not taken])
        return [*answered, *self.keep(turn, draft)]

    def _wait_behind(self, turn: Turn, draft: Draft, work: Sequence[Wish]) -> None:
        """Further wishes of a message wait behind a draft, each with its parts, which is said."""
        waiting = draft.data.setdefault("others", [])
        for wish in work:
            form = FORMS[str(wish.form)]()
            if form.welcomes(wish.turn):
                refuse_minus(wish.turn)
                begun = Draft(wish.turn.new_id(), form.form)
                form._begin_parts(wish.turn, begun)
                parts = begun.data.pop("others", None) or []
                waiting += [begun.kept(), *parts]
                turn.say("utter_wished_next", what=what_of(turn, begun))

    def _order_that_waits(self, turn: Turn) -> str | None:
        """The draft that waits of the order to which more goods are said to belong, while something
        without goods is asked; or of which a bill is wanted, by the name that it is for."""
        if not turn.is_user or turn.first("order_id"):
            return None
        said, goods = turn.value("customer_name"), turn.first("product_name")
        if turn.intent == "invoice_generate" and said and not goods and not turn.first("amount"):
            return waits(turn, ORDER_FORM, said)
        if turn.intent != "order_modify" or not goods:
            return None
        if said is not None:
            return waits(turn, ORDER_FORM, said)
        return waits(turn, ORDER_FORM) if self._is_other(turn) else None

    def _wait(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Another form takes over by itself; what was being written waits, or is dropped."""
        said = Draft("", "")
        leave(turn, draft, said)
        return put_aside(turn, [said["aside"]], first=True) if said["aside"] else []

    # What Rasa is told.

    def keep(self, turn: Turn, draft: Draft) -> list[EventType]:
        """What keeps a draft in the session, settled, with the slots that are filled; or clears it,
        where nothing is to be asked."""
        others, former = draft.data.pop("others", None), draft.data.pop("aside", None)
        aside: list[EventType] = []
        if others or former:
            aside = put_aside(turn, [*(others or []), *([former] if former else [])], first=True)
        if draft.pending is None:
            self._settle(turn, draft)
        if draft.pending is not None and draft.pending["kind"] == "closed":
            return [*self._noting_whose(turn, draft), *self.close(), *aside]
        filled = self.filled(draft)
        if draft.pending is not None:
            filled = _asking(filled)
        return [
            *self._noting_whose(turn, draft),
            SlotSet("draft", draft.kept()),
            *(SlotSet(slot, filled.get(slot)) for slot in self.slots),
            *aside,
        ]

    def _noting_whose(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Whoever something is written for is spoken of, from the moment that it is known who;
        what was spoken of before is noted, to tell it from what is asked after later."""
        whose = draft["customer"] or {}
        draft["noted"] = draft["noted"] or str(recent(turn, "customer") or "")
        draft["goods_noted"] = draft["goods_noted"] or str(recent(turn, "product") or "")
        if not turn.is_user or whose.get("id") in (None, draft["noted"]):
            return []
        draft["noted"] = whose["id"]
        return [mention(turn, customer=whose["id"])] if whose["name"] != WALK_IN else []

    def _settle(self, turn: Turn, draft: Draft) -> None:
        """Settle, again with fresh eyes after something was added on the way."""
        try:
            with turn.read() as reader:
                self.settle(turn, reader, draft)
        except ReadAgain:
            draft.pending = None
            self._settle(turn, draft)

    def _left(self, former: Draft | None) -> list[EventType]:
        """Nothing began; what was being written before goes on."""
        closed = self.close()
        return closed if former is None else [SlotSet("draft", former.kept()), *closed[1:]]

    def close(self) -> list[EventType]:
        """What clears the form."""
        return [
            SlotSet("draft", None),
            *(SlotSet(slot, None) for slot in self.slots),
            SlotSet(REQUESTED_SLOT, None),
        ]


FORMS: dict[str, type[Form]] = {}
"""Every form by name."""


def _asking(filled: dict[str, Any]) -> dict[str, Any]:
    """Nothing is confirmed while something is open: the last slot stays to be asked."""
    if all(value is not None for value in filled.values()):
        return {**filled, list(filled)[-1]: None}
    return filled


def _clear(former: Draft | None) -> list[EventType]:
    """Empty the slots of a form that another one has taken over from."""
    if former is None or former.form not in FORMS:
        return []
    return [SlotSet(slot, None) for slot in FORMS[former.form].slots]


def _was_in_hand(tracker: Tracker) -> bool:
    """Whether the draft was being written when the message came, and has not been taken up since:
    nobody agrees to what was not shown."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "slot" and event.get("name") == "draft":
            return False
    return False


def answered_elsewhere(tracker: Tracker, form: str) -> bool:
    """Whether an action has answered this message already, so that the form only asks again."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (
            form, "action_listen", "action_extract_slots", None,
        ):  # fmt: skip
            return True
    return False
