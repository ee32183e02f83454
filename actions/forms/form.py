"""The form: what a topic says of it, and how it handles a message."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions import estimates, wishes
from actions.agreeing import said_behind_yes
from actions.apology import apologize
from actions.asked_again import of_other_goods, whether_there
from actions.asked_beside import goods_and_question
from actions.availability import tell_availability
from actions.base import (
    REPLIES,
    BahiAction,
    answer_each,
    leave_buttons_to_form,
    say_error,
)
from actions.by_wording import form_by_wording, is_of_another
from actions.context import FAIRLY_SURE, Turn
from actions.errands import asked_meanwhile
from actions.explaining_tax import asks_how_taxed
from actions.forms.belonging import (
    OF_ORDERS,
    asks_of_the_shop,
    names_an_order,
    only_method,
    prices_others,
    rates_what_was_told,
    repeats_number,
    says_all_of_its_own,
    says_more_than_a_name,
    speaks_of_money,
    tells_none_left,
    tells_of_buying,
    tells_of_payment,
    tells_of_stock,
)
from actions.forms.beside import (
    Outcome,
    agrees_and_asks,
    asks_for_nothing,
    finds_it_right,
    served_beside,
    wants_another,
    wants_it_after_all,
)
from actions.forms.choices import SKIP, ask_choice, leaves_it_out, picked_by_words, pointed_at
from actions.forms.draft import ASKED_IN_FULL, Draft, ReadAgain, leave, what_of
from actions.forms.intents import MONEY, OF_AN_ORDER, OF_FRIENDS, OF_GOODS, UNSURE, WRITES, asks
from actions.forms.names import (
    CREDIT_FORM,
    EXPENSE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    PRICE_FORM,
    PURCHASE_FORM,
    STOCK_FORM,
)
from actions.forms.quoted import answer_to_another
from actions.forms.spoken_of import with_what_it_means
from actions.goods.changes import take_changes
from actions.goods.said import LISTS
from actions.lexicon import only, says, where, words
from actions.match import after, just_told, mention, quotes, recent
from actions.money import amounts_said, just_wrote
from actions.more import leaves_so_many, takes_spoken_of
from actions.parts import refuse_minus
from actions.questions import question_in
from actions.quoting import question_quoted
from actions.said import lets_stay, pieces_between
from actions.several import Wish, wishes_in
from actions.taking_back import (
    PRICE,
    kind_written,
    kinds_undone,
    last_written,
    takes_back,
    undoes_bill,
)
from actions.taught import is_instruction
from actions.waiting import put_aside, waits
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.parties.permissions import Permission
from erp_core.parties.service import WALK_IN


class Form(BahiAction):
    """A form: who may use it, what it takes from a message, and what it asks."""

    gives_way = False
    form: ClassVar[str]
    slots: ClassVar[Sequence[str]]
    intents: ClassVar[frozenset[str]]
    """Intents whose content belongs here; the first message has one of them."""
    near: ClassVar[frozenset[str]] = frozenset()
    """Other writes that a change of this draft is easily taken for."""
    permission: ClassVar[Permission]
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
                else "utter_not_for_guests"
            )
        return False

    def welcomes_guest(self, turn: Turn) -> bool:
        """Whether somebody unknown may use this form."""
        turn.say("utter_not_for_guests")
        return False

    def ask_edit(self, turn: Turn, draft: Draft) -> None:  # noqa: ARG002
        """Ask what shall be changed."""
        turn.say(f"utter_edit_{self.form}")

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
            return self._agreed_beside(turn, draft) if _was_in_hand(tracker) else []
        if turn.is_user:
            refuse_minus(turn)
        asked = question_quoted(turn) or self._order_that_waits(turn)
        if (other := answer_to_another(self, turn, draft, asked, FORMS)) is not None:
            return other
        if (told := estimates.tell_on_paper(turn)) is not None:
            return [*told, *self.keep(turn, draft)]
        if wishes := wishes_in(turn):
            return self._hear_several(turn, draft, wishes)
        before, turn = draft.stamp, with_what_it_means(turn, draft)
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

    def _agreed_beside(self, turn: Turn, draft: Draft) -> list[EventType]:
        """ "Haan likh lo, aur Ramesh ka kitna baaki hai": the question was answered, and the yes is
        one to what is shown."""
        if said_behind_yes(turn) is None or draft.pending or not self._is_complete(draft):
            return []
        draft["told"] = just_told(turn)
        self._handle_yes(turn, draft)
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
        if not says_all_of_its_own(more) or self._holds(more):
            return False
        form = next((one for one in FORMS.values() if more.intent in one.intents), None)
        if form is None or not form().welcomes(more):
            return False
        draft.data.setdefault("others", []).append(form()._begun(turn, more, 1))
        self._handle_yes(turn, draft)
        return True

    def _open(self, turn: Turn, former: Draft | None) -> list[EventType]:
        if wishes := wishes_in(turn):
            return self._open_several(turn, wishes, former)
        both = goods_and_question(turn)
        if both is None:
            return self._begin(turn, former)
        told, question = both
        if self.goes_to(told):
            return self._left(former)
        answered = REPLIES[question.action]().beside(turn, question.turn)
        return [*answered, *self._begin(after(told, answered), former)]

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

    def hear(self, turn: Turn, draft: Draft) -> Outcome:
        """What becomes of a message that answers a draft of this form."""
        return self._handle(turn, draft)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        tapped = turn.value("draft")
        if tapped and tapped != draft.stamp:
            turn.say("utter_old_button")
            return Outcome.TAKEN
        if tapped:
            return self._handle_tap(turn, draft)
        if self._takes_more_work(turn, draft):
            return Outcome.TAKEN
        if agrees_and_asks(turn):
            return self._handle_yes(turn, draft)
        if self.about_goods and leaves_it_out(turn, draft):
            self._choose(turn, draft, SKIP)
            return Outcome.TAKEN
        beside = served_beside(turn, draft)
        if beside is not None:
            return beside
        if not self.about_goods and of_other_goods(turn) is not None:
            return Outcome.TAKEN
        if whether_there(turn) is not None or asked_meanwhile(turn):
            return Outcome.TAKEN
        if self._is_of_another(turn):
            return Outcome.MOVED
        if self.about_goods and lets_stay(turn):
            return self._let_stay(turn, draft)
        picked = pointed_at(turn, draft)
        if picked is None and turn.intent not in ("affirm", "deny"):
            picked = picked_by_words(turn, draft)
        if picked:
            self._choose(turn, draft, picked)
            return Outcome.TAKEN
        if self._says_only_leave(turn):
            return self._handle_no(turn, draft)
        if wants_another(turn):
            self.refuse(draft)
            return Outcome.TAKEN
        if finds_it_right(turn) and not self.begins_another(turn, draft):
            return self._handle_yes(turn, draft)
        if self._is_other(turn):
            return Outcome.PASSED
        if turn.intent == "deny" or self._says_cancel(turn):
            return self._handle_no(turn, draft)
        if turn.intent == "affirm" and not self._content(turn):
            if not turn.agrees:
                turn.say("utter_tap_or_write_yes" if turn.is_heard else "utter_did_not_get_that")
                return Outcome.TAKEN
            return self._handle_yes(turn, draft)
        return self._handle_words(turn, draft)

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
        return Outcome.TAKEN if wants_it_after_all(turn) else self._drop(turn, draft)

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

    def _wait(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Another form takes over by itself; what was being written waits, or is dropped."""
        said = Draft("", "")
        leave(turn, draft, said)
        return put_aside(turn, [said["aside"]], first=True) if said["aside"] else []

    # Is this message for us?

    def _corrects_what_was_written(self, turn: Turn, tracker: Tracker, draft: Draft) -> bool:
        """ "Nahi 90000 tha", when 9000 was written and a draft that waited was taken up at once:
        whichever of the two amounts is nearer is the wrong one."""
        if not draft["kept"] or not just_wrote(tracker) or not takes_back(turn):
            return False
        last, said = last_written(turn), amounts_said(turn)
        if (self._holds(turn) and not said) or self._speaks_of_rates(turn, last):
            return False
        here = _sums_of(draft)
        if last is None or not said or not here:
            return last is not None
        return _times(said[-1], last["paise"]) < min(_times(said[-1], one) for one in here)

    def _speaks_of_rates(self, turn: Turn, last: Mapping[str, Any] | None) -> bool:
        """Whether a message is about what goods cost, and no rate was written but one is here."""
        wrote_one = last is not None and kind_written(last) == PRICE
        spoken_of = says(turn.words, "asks_price") or says(turn.words, "tax_inside")
        return self.takes_rates and not wrote_one and spoken_of

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

    def _is_of_another(self, turn: Turn) -> bool:
        """Whether the wording alone makes a message the work of another form, whatever its intent:
        a cheque that bounced, goods or money for a vendor, a loan, a bill that was just shown."""
        if self._undoes_what_was_written(turn):
            return self.goes_to(turn) is not None
        if not turn.is_user or turn.is_not_words or turn.intent == "deny":
            return False
        return is_of_another(self, turn)

    def _is_other(self, turn: Turn) -> bool:
        """Whether the message is a question, or another piece of work with something of its own."""
        intent = turn.intent
        if intent == "inventory_update" and self._is_of_stock(turn):
            return True
        if intent in self.intents or intent in ("affirm", "deny", ""):
            return intent == "deny" and self._undoes_a_bill(turn)
        if turn.is_not_words or asks_how_taxed(turn) or turn.metadata.get("command"):
            return True
        if repeats_number(turn):
            return False
        if self.takes_money and only_method(turn):
            return False
        if self._is_no_answer(turn):
            return True
        if intent in OF_FRIENDS and turn.is_sure and turn.first("person"):
            return True
        if intent == "customer_add" and turn.is_sure and self._is_about_nobody(turn):
            return True
        if not self.about_goods and tells_of_buying(turn):
            return True
        if intent == "data_erase" and turn.is_sure:
            return True
        if intent == "out_of_scope" and turn.is_sure and not turn.entities and len(turn.words) > 2:
            return True
        if intent in UNSURE:
            return self._undoes_a_bill(turn) or (self.about_goods and tells_of_payment(turn))
        if intent in WRITES and (says_all_of_its_own(turn) or self._is_about_goods(turn)):
            return True
        if intent == "order_modify" and self.form not in OF_ORDERS and names_an_order(turn):
            return True
        if intent in MONEY and not self.takes_money and speaks_of_money(turn):
            return True
        if intent == "invoice_generate" and not self.writes_bills and self._bills_somebody(turn):
            return True
        if self._is_bare_answer(turn):
            return False
        if asks(intent):
            return not self._corrects_count(turn)
        if intent == "order_cancel":
            named = turn.first("order_id") or turn.first("customer_name")
            return named is not None or self._undoes_a_bill(turn) or quotes(turn, "order")
        if intent == "payment_request" and intent not in self.intents and turn.is_sure:
            return True
        return intent in WRITES and intent not in self.near and self._content(turn)

    def _is_of_stock(self, turn: Turn) -> bool:
        """Whether a message says what became of the stock, and nothing of what is written here."""
        return tells_none_left(turn) or (self.form in OF_ORDERS and tells_of_stock(turn))

    def _bills_somebody(self, turn: Turn) -> bool:
        """ "Table 7 ka bill", while something else is written that nobody is asked for."""
        waits = (getattr(Draft.of(turn.slots), "pending", None) or {}).get("field") == "customer"
        return turn.is_sure and turn.first("customer_name") is not None and not waits

    def _is_about_nobody(self, turn: Turn) -> bool:
        """Whether a number is somebody's, while what is written here is for nobody."""
        numbered = turn.first("customer_name") and turn.first("customer_phone")
        return self.form in (EXPENSE_FORM, STOCK_FORM, PRICE_FORM) and numbered is not None

    def _waits_for_whom(self, turn: Turn) -> bool:
        """Whether it is open for whom goods are."""
        draft = Draft.of(turn.slots)
        return draft is not None and bool(draft["lines"]) and draft["customer"] is None

    def _is_no_answer(self, turn: Turn) -> bool:
        """Whether a message that looks like an answer is about somebody or something else."""
        draft = Draft.of(turn.slots)
        if draft is None:
            return False
        others = self.about_goods and turn.intent not in self.near and prices_others(turn, draft)
        rate = self.takes_rates and rates_what_was_told(turn, draft)
        return says_more_than_a_name(turn, draft) or others or rate

    def _undoes_what_was_written(self, turn: Turn) -> bool:
        """ "Wo purchase galat hai, cancel karo", while something else is written."""
        kinds, draft = kinds_undone(turn), Draft.of(turn.slots)
        if not kinds or draft is None or OWN_KINDS.get(self.form, frozenset()).isdisjoint(kinds):
            return bool(kinds)
        counter = says(turn.words, "walk_in") and draft["customer"]
        return says(turn.words, "last") or bool(counter and draft["customer"]["name"] != WALK_IN)

    def _undoes_a_bill(self, turn: Turn) -> bool:
        """ "Cancel that bill" is about one that was made, where none is being written; and "cancel
        last bill" always is."""
        made = not self.writes_bills or says(turn.words, "last")
        return turn.is_user and made and undoes_bill(turn)

    def _is_about_goods(self, turn: Turn) -> bool:
        """Whether goods are named with a number, and this form has nothing to do with goods; or
        their rate, and it does not write rates."""
        if turn.intent not in OF_GOODS or turn.confidence < FAIRLY_SURE:
            return False
        numbered = turn.first("quantity") or turn.first("amount")
        if turn.first("product_name") is None or numbered is None:
            return False
        if not self.about_goods:
            return True
        if turn.intent == "product_add" and turn.is_sure and says(turn.words, "newness"):
            return "product_add" not in self.intents and not self._holds(turn)
        rated = turn.intent == "price_update" and (
            says(turn.words, "asks_price") or self._rates_others(turn)
        )
        if turn.intent in self.intents or not rated:
            return False
        return not (self.takes_rates and self._holds(turn))

    def _corrects_count(self, turn: Turn) -> bool:
        """ "Arre maggi 3 the" asks nothing: it is how many there are of what is written."""
        said = (
            turn.first("product_name") and turn.first("quantity") and says(turn.words, "had_been")
        )
        asked = "?" in turn.text or says(turn.words, "asking")
        return bool(said and self.about_goods and turn.is_user and not asked and self._holds(turn))

    def _rates_others(self, turn: Turn) -> bool:
        """ "Lux 35 ka aur colgate 60 ka kar do", while something else is counted."""
        named = turn.all("product_name")
        former = says(turn.words, "in_place_of")
        alone = len(turn.all("amount")) == len(named) + former and not turn.first("quantity")
        others = [one for one in named if not self._holds(replace(turn, entities=[one]))]
        return turn.is_sure and alone and bool(others)

    def _holds(self, turn: Turn) -> bool:
        """Whether the goods named are among those of the draft already."""
        named = set(words(turn.value("product_name") or ""))
        draft = Draft.of(turn.slots)
        lines = (draft["lines"] if draft else None) or []
        return any(named & set(words(f"{one.get('name')} {one['said']}")) for one in lines)

    def _is_bare_answer(self, turn: Turn) -> bool:
        """Whether nothing but a name, a number or the like was said, as one answers a question."""
        if not turn.entities:
            return only(turn.words, "of_a_person") and self._waits_for_whom(turn)
        if asks_of_the_shop(turn):
            return False
        return only(words(" ".join(pieces_between(turn))), "filler")

    def _content(self, turn: Turn) -> bool:
        return any(one.name not in ("draft", "choice", "act", "order") for one in turn.entities)

    def _says_cancel(self, turn: Turn) -> bool:
        if turn.intent != "order_cancel" or turn.first("order_id") or turn.first("customer_name"):
            return False
        return turn.is_sure or says(turn.words, "cancel") or says(turn.words, "remove")

    def _says_only_cancel(self, turn: Turn) -> bool:
        return turn.intent == "order_cancel"

    def _says_only_leave(self, turn: Turn) -> bool:
        """Whether a message says nothing but to leave it, in the words that are offered for it."""
        found = where(turn.words, "cancel")
        if found is None or turn.entities or turn.is_not_words:
            return False
        if self._undoes_a_bill(turn) or quotes(turn, "order") or leaves_so_many(turn):
            return False
        return only((*turn.words[: found[0]], *turn.words[found[1] :]), "filler")

    def _is_complete(self, draft: Draft) -> bool:
        return all(
            value is not None
            for slot, value in self.filled(draft).items()
            if not slot.endswith("_confirmed")
        )

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


OWN_KINDS: Mapping[str, frozenset[str]] = {
    ORDER_FORM: frozenset({"sale", "payment", "credit"}),
    PURCHASE_FORM: frozenset({"purchase", "payment", "credit"}),
    EXPENSE_FORM: frozenset({"expense"}),
    PAYMENT_FORM: frozenset({"payment"}),
    CREDIT_FORM: frozenset({"credit"}),
}
"""What a form writes, of the kinds of entries that can be undone."""

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


def _sums_of(draft: Draft) -> list[int]:
    """The sums that a draft shows: its own, its total, what its goods are said to cost."""
    lines = [line.get("amount") for line in draft["lines"] or []]
    return [int(one) for one in (draft["amount"], draft["shown"], *lines) if one]


def _times(one: int, other: int) -> Decimal:
    """How many times the greater of two amounts is the smaller."""
    return Decimal(max(one, other)) / Decimal(max(1, min(one, other)))


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
