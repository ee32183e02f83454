"""What a topic says of its form, and how its drafts begin."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from actions.base import (
    BahiAction,
    say_error,
)
from actions.by_wording import form_by_wording
from actions.context import Turn
from actions.forms.choices import ask_choice
from actions.forms.draft import Draft, leave
from actions.forms.names import (
    ORDER_FORM,
)
from actions.goods.availability import tell_availability
from actions.orders import wishes
from actions.orders.more import takes_spoken_of
from actions.several import wishes_in
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.parties.permissions import Permission


class Topic(BahiAction):
    """A form: who may use it, what it takes from a message, and what it asks."""

    gives_way = False
    form: ClassVar[str]
    slots: ClassVar[Sequence[str]]
    intents: ClassVar[frozenset[str]]
    """Intents whose content belongs here; the first message has one of them."""
    near: ClassVar[frozenset[str]] = frozenset()
    """Other writes that a change of this draft is easily taken for."""
    permission: ClassVar[Permission]
    rights: ClassVar[Permission | None] = None
    """What it takes to put right what was written; None is the same as to write it."""
    for_customers: ClassVar[bool] = False
    takes_money: ClassVar[bool] = True
    """Whether an amount without goods can be an answer here."""
    about_goods: ClassVar[bool] = False
    """Whether goods with a number beside them can be an answer here."""
    takes_rates: ClassVar[bool] = False
    """Whether a rate of its own goods can be an answer here."""
    writes_bills: ClassVar[bool] = False
    """Whether a bill that is spoken of may be the one that is being written here."""

    def name(self) -> str:
        """What Rasa calls the action that validates the form."""
        return f"validate_{self.form}"

    # What a topic says of its form.

    def begin(self, turn: Turn, draft: Draft) -> None:
        """Set up a new draft before its first message is taken."""

    @abstractmethod
    def take(self, turn: Turn, draft: Draft) -> bool:
        """Take what a message says into the draft; whether it said anything."""

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find out what the names in the draft mean; note in `pending` what must be asked."""

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Take the answer to a pending choice."""

    def apart(self, turn: Turn, draft: Draft) -> Turn:  # noqa: ARG002
        """The message without what it tells at its end besides, of money for what is written or of
        work for somebody else, which is noted; the whole, where it tells nothing of the kind."""
        return turn

    @abstractmethod
    def filled(self, draft: Draft) -> dict[str, Any]:
        """The form's slots, None for what is missing."""

    @abstractmethod
    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Ask for a slot."""

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Ask what is pending. Topics answer for the kinds that they make."""
        pending = draft.pending or {}
        ask_choice(turn, draft, pending)

    def elsewhere(self, turn: Turn) -> str | None:
        """The form that a message belongs to although its intent led here."""
        wanted = wishes.orders(turn) or takes_spoken_of(turn) is not None
        if not turn.is_user and not self.for_customers and wanted:
            return ORDER_FORM
        return None

    def goes_to(self, turn: Turn) -> str | None:
        """The form to which a first message goes instead: a lesson's, or another topic's; the first
        of several wishes goes first."""
        wished = next((one.form for one in wishes_in(turn) if one.form), None)
        meant = wished or form_by_wording(turn)
        if meant is None:
            return self.elsewhere(turn)
        return meant if meant != self.form else None

    def refuse(self, draft: Draft) -> None:
        """What was offered is not meant: no guess is offered again, and of what was only to be
        agreed to it is asked what shall be changed."""
        draft["confirmed"] = None
        kind = draft.pending["kind"] if draft.pending else None
        if kind == "unknown":
            draft.pending = {**(draft.pending or {}), "options": []}
        elif kind != "choose" and (kind or self._is_complete(draft)):
            draft.pending = {"kind": "edit"}

    def resumes(self, turn: Turn, draft: Draft) -> bool:  # noqa: ARG002
        """Whether a draft that waited is still to be asked, now that its turn has come."""
        return True

    def puts_right(self, turn: Turn, draft: Draft) -> bool:  # noqa: ARG002
        """Change a card that was written by what a message says in its place; whether it says
        anything of the kind."""
        return False

    def welcomes(self, turn: Turn) -> bool:
        """Whether whoever writes may use this form; says so if not."""
        if turn.is_user:
            if turn.may(self.permission):
                return True
            turn.say("error_not_allowed")
        elif turn.actor.kind == "customer" and self.for_customers:
            return True
        elif turn.actor.kind == "guest" and self.for_customers:
            return self.welcomes_guest(turn)
        elif wishes.asks(turn):
            tell_availability(turn)
        else:
            turn.say(
                "utter_not_for_customers"
                if turn.actor.kind == "customer"
                else "utter_out_of_scope_guest"
            )
        return False

    def welcomes_guest(self, turn: Turn) -> bool:
        """Whether somebody unknown may use this form."""
        turn.say("utter_not_for_guests")
        return False

    def ask_edit(self, turn: Turn, draft: Draft) -> None:  # noqa: ARG002
        """Ask what shall be changed."""
        turn.say(f"utter_edit_{self.form}")

    def _is_complete(self, draft: Draft) -> bool:
        return all(
            value is not None
            for slot, value in self.filled(draft).items()
            if not slot.endswith("_confirmed")
        )

    # How its drafts begin.

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        first, *others = self.parts(turn)
        self.start(first, draft)
        draft.data.setdefault("others", []).extend(
            self._begun(turn, other, number) for number, other in enumerate(others, start=1)
        )

    def begins_another(self, turn: Turn, draft: Draft) -> bool:  # noqa: ARG002
        """Whether a message says all of a second piece of the same work, and answers nothing."""
        return False

    def _begin_another(self, turn: Turn, draft: Draft) -> None:
        former = Draft(draft.id, draft.form, dict(draft.data), draft.pending)
        draft.id, draft.data, draft.pending = turn.new_id(), {}, None
        leave(turn, former, draft)
        self._begin_parts(turn, draft)

    def parts(self, turn: Turn) -> list[Turn]:
        """The turn for each thing that a message asks to write; one, where there is no telling."""
        return [turn]

    def start(self, turn: Turn, draft: Draft) -> None:
        """Begin a draft with what a message says of it."""
        self.begin(turn, draft)
        try:
            self.take(turn, draft)
        except BahiError as error:
            say_error(turn, error)

    def _begun(self, turn: Turn, part: Turn, number: int) -> dict[str, Any]:
        """The draft of another part of the message, as it waits."""
        draft = Draft(f"{turn.new_id()}-{number}", self.form)
        self.start(part, draft)
        return draft.kept()
