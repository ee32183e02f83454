"""What becomes of a message that is said to a draft: a tap, a yes, a no, words."""

from __future__ import annotations

from abc import abstractmethod

from actions.base import (
    say_error,
)
from actions.context import Turn
from actions.errands import asked_meanwhile
from actions.forms.beside import (
    Outcome,
    agrees_and_asks,
    finds_it_right,
    served_beside,
    wants_another,
    wants_it_after_all,
)
from actions.forms.choices import SKIP, leaves_it_out, picked_by_words, pointed_at
from actions.forms.draft import Draft, what_of
from actions.forms.intents import asks
from actions.forms.own_message import OwnMessage
from actions.goods.changes import take_changes
from actions.goods.counts_in_a_row import counts_in_a_row
from actions.goods.said import LISTS
from actions.lexicon import only, where
from actions.reading.said import lets_stay
from actions.talk.asked_again import of_other_goods, whether_there
from erp_core.kernel.errors import BahiError


class Hearing(OwnMessage):
    """A form that hears what is said to its draft."""

    @abstractmethod
    def _takes_more_work(self, turn: Turn, draft: Draft) -> bool:
        """Whether a yes has another piece of work behind it, which then waits."""

    def hear(self, turn: Turn, draft: Draft) -> Outcome:
        """What becomes of a message that answers a draft of this form."""
        return self._handle(turn, draft)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        if tapped := turn.value("draft"):
            if tapped == draft.stamp:
                return self._handle_tap(turn, draft)
            turn.say("utter_old_button")
            return Outcome.TAKEN
        if self._takes_more_work(turn, draft):
            return Outcome.TAKEN
        if self.about_goods and counts_in_a_row(turn, draft["lines"] or [], draft.pending or {}):
            return self._handle_words(turn, draft)
        if agrees_and_asks(turn):
            return self._handle_yes(turn, draft)
        if outcome := self._leaves_or_serves(turn, draft) or self._points_at(turn, draft):
            return outcome
        if self._is_other(turn):
            return Outcome.PASSED
        if turn.intent == "deny" or self._says_cancel(turn):
            return self._handle_no(turn, draft)
        if turn.intent == "affirm" and not self._content(turn):
            return self._handle_bare_yes(turn, draft)
        return self._handle_words(turn, draft)

    def _leaves_or_serves(self, turn: Turn, draft: Draft) -> Outcome | None:
        """What is left out, asked or done beside the draft, or is the work of another form."""
        if self.about_goods and leaves_it_out(turn, draft):
            self._choose(turn, draft, SKIP)
            return Outcome.TAKEN
        if (beside := served_beside(turn, draft)) is not None:
            return beside
        if not self.about_goods and of_other_goods(turn) is not None:
            return Outcome.TAKEN
        if whether_there(turn) is not None or asked_meanwhile(turn):
            return Outcome.TAKEN
        return Outcome.MOVED if self._is_of_another(turn) else None

    def _points_at(self, turn: Turn, draft: Draft) -> Outcome | None:
        """A choice in words, or one of the few words that are offered for all that is shown."""
        if self.about_goods and lets_stay(turn):
            return self._let_stay(turn, draft)
        picked = pointed_at(turn, draft)
        if picked is None and turn.intent not in ("affirm", "deny"):
            picked = picked_by_words(turn, draft)
        if picked:
            self._choose(turn, draft, picked)
            return Outcome.TAKEN
        if self.takes_rates and _keeps_rates(turn) and self._is_complete(draft):
            return Outcome.TAKEN
        if self._says_only_leave(turn):
            return self._handle_no(turn, draft)
        if wants_another(turn):
            self.refuse(draft)
            return Outcome.TAKEN
        if finds_it_right(turn) and not self.begins_another(turn, draft):
            return self._handle_yes(turn, draft)
        return None

    def _handle_bare_yes(self, turn: Turn, draft: Draft) -> Outcome:
        if not turn.agrees:
            turn.say("utter_tap_or_write_yes" if turn.is_heard else "utter_did_not_get_that")
            return Outcome.TAKEN
        return self._handle_yes(turn, draft)

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        choice, act = turn.value("choice"), turn.value("act")
        if choice and draft.pending:
            if act and act != draft.pending.get("token"):
                turn.say("utter_old_button")
                return Outcome.TAKEN
            self._choose(turn, draft, choice)
            return Outcome.TAKEN
        if choice:
            turn.say("utter_old_button")
            return Outcome.TAKEN
        if act == "edit":
            draft["confirmed"] = None
            draft.pending = {"kind": "edit"}
            return Outcome.TAKEN
        if turn.intent == "deny":
            return self._drop(turn, draft)
        return self._handle_yes(turn, draft)

    def _handle_yes(self, turn: Turn, draft: Draft) -> Outcome:
        if draft.editing:
            draft.pending = None
        pending = draft.pending
        if pending and pending.get("yes"):
            self._choose(turn, draft, pending["yes"])
        elif pending is None and self._is_complete(draft):
            draft["confirmed"] = True
        elif turn.text:
            turn.say("utter_yes_is_no_answer")
        return Outcome.TAKEN

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        if self._content(turn) and not self._says_only_cancel(turn):
            return self._handle_words(turn, draft)
        if wants_it_after_all(turn) or (turn.is_user and self.puts_right(turn, draft)):
            return Outcome.TAKEN
        return self._drop(turn, draft)

    def _handle_words(self, turn: Turn, draft: Draft) -> Outcome:
        if self.begins_another(turn, draft):
            self._begin_another(turn, draft)
            return Outcome.TAKEN
        before = draft.pending
        draft["confirmed"] = None
        draft["asked"], draft.pending = before, None
        try:
            taken = self._take_answer(turn, draft)
        except BahiError as error:
            say_error(turn, error)
            taken = True
        draft.data.pop("asked")
        if not taken:
            draft.pending = before
            thanks = turn.intent == "goodbye" and turn.is_sure
            if asks(turn.intent) or thanks:
                return Outcome.PASSED
            if turn.intent in ("affirm", "goodbye", ""):
                return Outcome.TAKEN
            turn.say("utter_did_not_get_that")
        return Outcome.TAKEN

    def _take_answer(self, turn: Turn, draft: Draft) -> bool:
        if self.form in LISTS and draft["lines"]:
            return take_changes(turn, draft, self.take)
        return self.take(turn, draft)

    def _choose(self, turn: Turn, draft: Draft, value: str) -> None:
        draft.data["answering"], draft.pending = draft.pending, None
        self.choose(turn, draft, value)
        draft.data.pop("answering", None)

    def _let_stay(self, turn: Turn, draft: Draft) -> Outcome:
        """Goods shall not be taken off after all."""
        return self._drop(turn, draft)

    def _drop(self, turn: Turn, draft: Draft) -> Outcome:
        turn.say("utter_dropped", what=what_of(turn, draft))
        return Outcome.DROPPED


def _keeps_rates(turn: Turn) -> bool:
    """ "Same rate me" leaves what goods are shown at."""
    found = where(turn.words, "same_rate")
    if found is None or turn.entities or turn.is_not_words or "?" in turn.text:
        return False
    beside = (*turn.words[: found[0]], *turn.words[found[1] :])
    return all(any(only([one], cue) for cue in ("filler", "changes.keeps")) for one in beside)
