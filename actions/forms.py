"""What all forms share: one draft, filled by whatever is said, asked for one thing at a time.

Rasa runs validate_<form> after each message while the form is active. It takes what the message
says into the draft, and fills the form's slots as far as the draft is sure; Rasa then asks for the
next one by action_ask_<slot>. A message about something else is left alone (no slot is set): Rasa
lets the rule of its intent answer, and asks again. A draft's stamp goes out in every button and
comes back with the tap: it is another one as soon as the draft says something else, so that an old
button does nothing, and one tapped often writes once.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from hashlib import blake2b
from typing import Any, ClassVar
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.forms import REQUESTED_SLOT

from actions import errands, photos, vendors, voices, wishes
from actions.availability import tell_availability
from actions.base import BahiAction, gives_discount, say_error
from actions.brought_back import NOTE_FORM, brings_back
from actions.context import FAIRLY_SURE, Turn
from actions.entities import Entity, without_denied
from actions.lexicon import every, only, says, where, which, words
from actions.match import (
    Found,
    customer_in_text,
    customer_named,
    customer_option,
    payload_of,
    product_named,
    product_option,
    recent,
)
from actions.more import form_for_more
from actions.parts import one_at_a_time, refuse_minus
from actions.phrasebook import Button
from actions.taking_back import UNDO_FORM, takes_back
from actions.taught import TEACH_FORM, is_instruction, is_lesson
from actions.taxes import asks_how_taxed
from actions.tills import VOUCHER_FORM, moves_own_money
from actions.waiting import next_waiting, put_aside, worth_keeping
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.kernel.money import inr
from erp_core.parties import service as parties
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission

NEW = "new"
"""The choice "none of these: add it"."""
SKIP = "skip"
"""The choice "none of these: leave it out"."""
MOST_WORDS_BEHIND = 2
"""So many words behind a marked name may belong to it."""
ASKED_IN_FULL = 2
"""So often a question stands in full below answers to others; then it is named once more."""
MOST_ROWS = 10
"""So many rows WhatsApp's list holds."""

QUESTIONS = frozenset(
    {
        "inventory_query", "price_query", "low_stock_query", "order_status", "invoice_share",
        "payment_status", "customer_query", "khata_query", "report_request", "gst_export",
        "split_balance", "credit_score_query", "data_access", "language_change", "help",
        "human_handoff", "out_of_scope", "greeting", "nlu_fallback",
    }
)  # fmt: skip
"""Intents that a form lets pass to their own rules and then asks again."""

WRITES = frozenset(
    {
        "inventory_update", "product_add", "price_update", "order_create", "order_modify",
        "order_cancel", "invoice_generate", "payment_record", "payment_request", "customer_add",
        "khata_credit", "expense_log",
    }
)  # fmt: skip
"""Intents that start a form of their own."""

NEITHER = frozenset(
    {
        "affirm", "deny", "goodbye", "", "share_expense", "repay_debt", "settle_up", "data_erase",
        "consent_withdraw",
    }
)  # fmt: skip
"""Answers, and what is yet to come."""

OF_FRIENDS = frozenset({"share_expense", "settle_up"})
"""What is shared with others, and is nobody's payment."""

OF_GOODS = frozenset(
    {"inventory_update", "price_update", "product_add", "order_create", "order_modify"}
)
"""Writes of goods."""

MONEY = frozenset({"payment_record", "khata_credit", "expense_log"})
"""Writes of an amount."""

OF_THE_SHOP = frozenset({"profit", "expenses", "sales", "top"})
"""Reports that answer no question of a form."""

UNSURE = frozenset({"nlu_fallback", "out_of_scope", "goodbye", ""})
"""Intents that a short answer to a question is often taken for."""


_OF_THE_TURN = frozenset({"asked", "answering", "confirmed", "kept", "passed"})
"""What a draft notes for the moment and shows nobody."""


class ReadAgain(Exception):
    """Something was added that a reader of the moment before does not see."""


class Outcome(Enum):
    """What became of a message in a form."""

    TAKEN = "taken"
    PASSED = "passed"
    DROPPED = "dropped"


@dataclass
class Draft:
    """What is being written: `data` so far, and what is `pending` an answer before it can go on.

    All of it is JSON and lives in the session; nothing is written to the business before a yes.
    """

    id: str
    form: str
    data: dict[str, Any] = field(default_factory=dict)
    pending: dict[str, Any] | None = None

    @classmethod
    def of(cls, slots: Any) -> Draft | None:
        """The draft in a tracker's slots, if there is one."""
        kept = slots.get("draft")
        return cls(**kept) if kept else None

    def kept(self) -> dict[str, Any]:
        """As the slot keeps it."""
        return {"id": self.id, "form": self.form, "data": self.data, "pending": self.pending}

    def set_apart(self) -> Draft:
        """What it says as a draft of its own, with the question that it was asked."""
        said = {key: value for key, value in self.data.items() if key != "asked"}
        return Draft(self.id, self.form, said, self["asked"] or None)

    @property
    def stamp(self) -> str:
        """What its buttons carry: the id, and a digest of all that its messages show."""
        shown = {key: value for key, value in self.data.items() if key not in _OF_THE_TURN}
        asking = None if self.editing else self.pending
        said = json.dumps([shown, asking], sort_keys=True).encode()
        return f"{self.id}.{blake2b(said, digest_size=4).hexdigest()}"

    @property
    def editing(self) -> bool:
        """Whether "change it" was tapped, and nothing has been changed yet."""
        return self.pending is not None and self.pending["kind"] == "edit"

    @property
    def replying(self) -> bool:
        """Whether the message in hand answers a question, as against starting the form."""
        return "asked" in self.data

    def __getitem__(self, key: str) -> Any:
        return self.data.get(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value


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
        if not turn.is_user and not self.for_customers and wishes.orders(turn):
            return wishes.ORDER_FORM
        return None

    def goes_to(self, turn: Turn) -> str | None:
        """The form to which a first message goes instead: a lesson's, or another topic's."""
        if self.form != TEACH_FORM and is_lesson(turn):
            return TEACH_FORM
        if gives_discount(turn):
            return "modify_form" if self.form != "modify_form" else None
        if takes_back(turn):
            return UNDO_FORM if self.form != UNDO_FORM else None
        if errands.returns_money(turn):
            return errands.RETURN_FORM if self.form != errands.RETURN_FORM else None
        if brings_back(turn):
            return NOTE_FORM if self.form != NOTE_FORM else None
        if moves_own_money(turn):
            return VOUCHER_FORM if self.form != VOUCHER_FORM else None
        if buying := vendors.form_for(turn):
            return buying if self.form != buying else None
        more = form_for_more(turn)
        if more == self.form:
            return None
        return more or self.elsewhere(turn)

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

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """The slots after this message; none when the message is about something else."""
        draft = Draft.of(tracker.slots)
        if draft is None or draft.form != self.form:
            return self._open(turn, draft)
        if _answered_elsewhere(tracker, self.form):
            return []
        if turn.is_user:
            refuse_minus(turn)
        before = draft.stamp
        outcome = self._handle(turn, draft)
        if outcome is Outcome.PASSED:
            return []
        if outcome is Outcome.DROPPED:
            return self._closed()
        if draft.stamp != before:
            draft.data.pop("passed", None)
        elif draft["passed"]:
            draft["passed"] = min(draft["passed"], ASKED_IN_FULL)
        return self._events(turn, draft)

    def _open(self, turn: Turn, former: Draft | None) -> list[EventType]:
        if self.goes_to(turn):
            return self._left(former)
        served = None if is_instruction(turn) else self._errand(turn)
        if served is not None:
            return [*self._left(former), *served]
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
        return [*_clear(former), *self._events(turn, draft)]

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        first, *others = self.parts(turn)
        self._begin(first, draft)
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

    def _begin(self, turn: Turn, draft: Draft) -> None:
        self.begin(turn, draft)
        try:
            self.take(turn, draft)
        except BahiError as error:
            say_error(turn, error)

    def _begun(self, turn: Turn, part: Turn, number: int) -> dict[str, Any]:
        """The draft of another part of the message, as it waits."""
        draft = Draft(f"{turn.new_id()}-{number}", self.form)
        self._begin(part, draft)
        return draft.kept()

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        tapped = turn.value("draft")
        if tapped and tapped != draft.stamp:
            turn.say("utter_old_button")
            return Outcome.TAKEN
        if tapped:
            return self._handle_tap(turn, draft)
        if errands.serve_at_once(turn):
            return Outcome.TAKEN
        if (turn.value("order") and turn.value("act")) or photos.is_card(turn):
            return Outcome.PASSED
        if photos.is_page_tap(turn):
            return Outcome.PASSED
        if voices.serve(turn) is not None or photos.hear_beside(turn) is not None:
            return Outcome.TAKEN
        if is_instruction(turn):
            turn.say("utter_did_not_get_that")
            return Outcome.TAKEN
        if self.form != TEACH_FORM and _learns(turn, draft):
            draft.pending = None
            return Outcome.TAKEN
        if turn.intent not in ("affirm", "deny") and self._pick_by_words(turn, draft):
            return Outcome.TAKEN
        if self._says_only_leave(turn):
            return self._handle_no(turn, draft)
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
            pending, draft.pending = draft.pending, None
            draft.data["answering"] = pending
            self.choose(turn, draft, choice)
            draft.data.pop("answering", None)
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
            draft.pending = None
            draft.data["answering"] = pending
            self.choose(turn, draft, pending["yes"])
            draft.data.pop("answering", None)
        elif pending is None and self._is_complete(draft):
            draft["confirmed"] = True
        elif turn.text:
            turn.say("utter_yes_is_no_answer")
        return Outcome.TAKEN

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        if self._content(turn) and not self._says_only_cancel(turn):
            return self._handle_words(turn, draft)
        return self._drop(turn, draft)

    def _handle_words(self, turn: Turn, draft: Draft) -> Outcome:
        if self.begins_another(turn, draft):
            self._begin_another(turn, draft)
            return Outcome.TAKEN
        before = draft.pending
        draft["confirmed"] = None
        draft["asked"], draft.pending = before, None
        try:
            taken = self.take(turn, draft)
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

    def _pick_by_words(self, turn: Turn, draft: Draft) -> bool:
        """ "pehla wala", "2", or a part of one option's name."""
        pending = draft.pending or {}
        options = pending.get("options") or []
        if not options:
            return False
        said = turn.words
        for at, cue in enumerate(("first", "second", "third")):
            beside = [word for word in said if not only([word], cue)]
            placed = says(said, cue) and only(beside, "beside_a_place")
            if at < len(options) and placed:
                return self._picked(turn, draft, options[at]["id"])
        wanted = {word for word in said if not only([word], "filler")}
        fitting = [one for one in options if wanted and wanted <= set(words(one["name"]))]
        # "15" after "kaunsa iPhone?" is the iPhone 15, though the 15 Pro holds it too.
        whole = wanted | set(words(pending.get("said") or ""))
        exact = [one for one in fitting if set(words(one["name"])) in (wanted, whole)]
        chosen = exact or fitting
        return len(chosen) == 1 and self._picked(turn, draft, chosen[0]["id"])

    def _picked(self, turn: Turn, draft: Draft, value: str) -> bool:
        draft.data["answering"], draft.pending = draft.pending, None
        self.choose(turn, draft, value)
        draft.data.pop("answering", None)
        return True

    def _drop(self, turn: Turn, draft: Draft) -> Outcome:
        turn.say("utter_dropped", what=what_of(turn, draft))
        return Outcome.DROPPED

    # Is this message for us?

    def _is_other(self, turn: Turn) -> bool:
        """Whether the message is a question, or another piece of work with something of its own."""
        intent = turn.intent
        if intent in self.intents or intent in ("affirm", "deny", ""):
            return False
        if turn.is_not_words or asks_how_taxed(turn):
            return True
        if self.takes_money and only_method(turn):
            return False
        if intent in OF_FRIENDS and turn.is_sure and turn.first("person"):
            return True
        if intent == "out_of_scope" and turn.is_sure and not turn.entities and len(turn.words) > 2:
            return True
        if intent in UNSURE:
            return False
        if intent in WRITES and (_says_all_of_its_own(turn) or self._is_about_goods(turn)):
            return True
        if intent in MONEY and not self.takes_money and _speaks_of_money(turn):
            return True
        if self._is_bare_answer(turn):
            return False
        if asks(intent):
            return True
        if intent == "order_cancel":
            return (turn.first("order_id") or turn.first("customer_name")) is not None
        if intent == "payment_request" and intent not in self.intents and turn.is_sure:
            return True
        return intent in WRITES and intent not in self.near and self._content(turn)

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
        rated = turn.intent == "price_update" and says(turn.words, "asks_price")
        if turn.intent in self.intents or not rated:
            return False
        return not (self.takes_rates and self._holds(turn))

    def _holds(self, turn: Turn) -> bool:
        """Whether the goods named are among those of the draft already."""
        named = set(words(turn.value("product_name") or ""))
        draft = Draft.of(turn.slots)
        lines = (draft["lines"] if draft else None) or []
        return any(named & set(words(f"{one.get('name')} {one['said']}")) for one in lines)

    def _is_bare_answer(self, turn: Turn) -> bool:
        """Whether nothing but a name, a number or the like was said, as one answers a question."""
        if not turn.entities or _asks_of_the_shop(turn):
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
        return only((*turn.words[: found[0]], *turn.words[found[1] :]), "filler")

    def _is_complete(self, draft: Draft) -> bool:
        return all(
            value is not None
            for slot, value in self.filled(draft).items()
            if not slot.endswith("_confirmed")
        )

    # What Rasa is told.

    def _events(self, turn: Turn, draft: Draft) -> list[EventType]:
        others, former = draft.data.pop("others", None), draft.data.pop("aside", None)
        aside: list[EventType] = []
        if others or former:
            aside = put_aside(turn, [*(others or []), *([former] if former else [])], first=True)
        if draft.pending is None:
            self._settle(turn, draft)
        if draft.pending is not None and draft.pending["kind"] == "closed":
            return [*self._closed(), *aside]
        filled = self.filled(draft)
        if draft.pending is not None:
            filled = _asking(filled)
        return [
            SlotSet("draft", draft.kept()),
            *(SlotSet(slot, filled.get(slot)) for slot in self.slots),
            *aside,
        ]

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
        closed = self._closed()
        return closed if former is None else [SlotSet("draft", former.kept()), *closed[1:]]

    def _closed(self) -> list[EventType]:
        return [
            SlotSet("draft", None),
            *(SlotSet(slot, None) for slot in self.slots),
            SlotSet(REQUESTED_SLOT, None),
        ]


def apologize(turn: Turn) -> None:
    """Be sorry; to whoever runs the shop, offer to cancel the bill spoken of last."""
    last = recent(turn, "invoice") if turn.may(Permission.CANCEL_INVOICE) else None
    if last is None:
        turn.say("utter_sorry")
        return
    with turn.read() as reader:
        bill = invoices.invoice(reader, last)
    payload = payload_of("order_cancel", invoice_number=bill.number)
    button = Button(title=turn.line("utter_button_bill_cancel"), payload=payload)
    turn.say("utter_sorry_for_bill", number=bill.number, name=bill.customer_name, choices=[button])


def leave(turn: Turn, former: Draft, draft: Draft) -> None:
    """Another piece of work begins in a draft: the former one waits until it is done, or is
    dropped when it holds nothing or has waited before; either is said."""
    what = what_of(turn, former)
    if turn.is_user and worth_keeping(former.kept()):
        draft["aside"] = former.kept()
        turn.say("utter_former_kept", what=what)
    else:
        turn.say("utter_former_dropped", what=what)


def what_of(turn: Turn, draft: Draft) -> str:
    """What a draft is, with whose and how much: "payment (Ravi Kumar, ₹500)"."""
    name = (draft["customer"] or {}).get("name") or draft["customer_said"] or draft["item"]
    goods = [line.get("name") or line["said"] for line in draft["lines"] or []]
    known = [name, *goods[:1], inr(draft["amount"]) if isinstance(draft["amount"], int) else None]
    told = ", ".join(str(one) for one in known if one)
    what = turn.line(f"what_{draft.form}")
    return f"{what} ({told})" if told else what


def _learns(turn: Turn, draft: Draft) -> bool:
    """Whether a message taught something; "ek peti me 24" is about the goods that are asked for."""
    from actions.teaching import learn_on_the_way

    pending = draft.pending or {}
    if pending.get("kind") == "unit":
        about = {
            **(turn.slots.get("recent") or {}),
            "product": draft["lines"][pending["index"]]["id"],
        }
        turn = replace(turn, slots={**turn.slots, "recent": about})
    return learn_on_the_way(turn)


def only_method(turn: Turn) -> str | None:
    """The way of paying, when a message says nothing else: "phone pe se", "bank transfer"."""
    ways = every(turn.text, "methods")
    others = [one for one in turn.entities if one.name not in ("payment_method", "report_type")]
    if len(ways) != 1 or others or turn.is_not_words:
        return None
    first, behind = where(turn.words, f"methods.{ways[0]}") or (0, 0)
    beside = (*turn.words[:first], *turn.words[behind:])
    return ways[0] if only(beside, "filler") else None


def asks(intent: str) -> bool:
    """Whether an intent is a question; one that a designer has added is."""
    return intent in QUESTIONS or intent not in WRITES | NEITHER


def _says_all_of_its_own(turn: Turn) -> bool:
    """Whether a message names somebody together with money or, in an order, goods: new work."""
    if turn.intent == "expense_log" and turn.first("amount") and turn.first("item"):
        return True
    if not (turn.first("customer_name") or turn.first("vendor_name")):
        return False
    goods = turn.intent == "order_create" and turn.first("product_name")
    paid = turn.intent == "payment_record" and turn.first("payment_method")
    asked = turn.intent == "payment_request" and turn.is_sure
    return bool(goods or paid or asked or turn.first("amount"))


def _asks_of_the_shop(turn: Turn) -> bool:
    """ "Aaj ka profit" is a question, though it holds nothing but a day and a kind of report."""
    if turn.intent != "report_request" or turn.first("report_type") is None:
        return False
    return which(turn.text, "reports") in OF_THE_SHOP


def _speaks_of_money(turn: Turn) -> bool:
    paid = turn.first("amount") or turn.first("payment_method")
    return paid is not None and turn.first("product_name") is None


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


def _answered_elsewhere(tracker: Tracker, form: str) -> bool:
    """Whether an action has answered this message already, so that the form only asks again."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (
            form, "action_listen", "action_extract_slots", None,
        ):  # fmt: skip
            return True
    return False


FORMS: dict[str, type[Form]] = {}
"""Every form by name."""


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
        if _answered_elsewhere(tracker, draft.form):
            left = ASKED_IN_FULL if turn.intent == "goodbye" else 0
            draft["passed"] = max(draft["passed"] or 0, left) + 1
            events.append(SlotSet("draft", draft.kept()))
        if (draft["passed"] or 0) > ASKED_IN_FULL:
            if draft["passed"] == ASKED_IN_FULL + 1:
                turn.say("utter_still_open", what=turn.line(f"what_{draft.form}"))
            return events
        self._ask(turn, form, draft)
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
        return [*events, *resumed(turn)]

    def _written(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """Write the draft. When the business refuses, the form takes over again."""
        draft = Draft.of(tracker.slots)
        if draft is not None and draft.form != self.writes.form:
            return [*self._cleared()[1:], FollowupAction(draft.form)]
        elsewhere = self.writes().goes_to(turn) if draft is None else None
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
        return [*self._cleared(), *events]

    @abstractmethod
    def write(self, turn: Turn, draft: Draft) -> list[EventType] | None:
        """Run the command and say what was done."""

    def recovers(self, error: BahiError) -> bool:
        """Whether changing the draft can help."""
        return error.code == "out_of_stock"

    def _cleared(self) -> list[EventType]:
        return [SlotSet("draft", None), *(SlotSet(slot, None) for slot in self.writes.slots)]


def resumed(turn: Turn) -> list[EventType]:
    """Go on with what waits, if anything does."""
    kept, events = next_waiting(turn)
    if kept is None or kept["form"] not in FORMS:
        return events
    form, draft = FORMS[kept["form"]](), Draft(**kept)
    for message in turn.dispatcher.messages:
        message["buttons"] = []  # what is asked now has its own
    turn.say("utter_now_the_other", what=what_of(turn, draft))
    return [*events, *form._events(turn, draft), FollowupAction(form.form)]


# Choosing among names: what all forms with a customer or a product do.


def pend_choice(draft: Draft, found: Found, options: list[dict[str, str]], **what: Any) -> None:
    """Ask which of several is meant, or whether what is unknown shall be added."""
    token = f"{len(options)}{what.get('field', '')}{what.get('index', '')}"
    draft.pending = {
        "kind": "choose" if not found.guesses else "unknown",
        "said": found.said,
        "options": options,
        "token": token,
        **what,
    }
    if found.guesses and not options and what.get("may_add"):
        draft.pending["yes"] = NEW
    if len(options) == 1:
        draft.pending["yes"] = options[0]["id"]


def ask_choice(turn: Turn, draft: Draft, pending: dict[str, Any]) -> None:
    """Ask a choice that pend_choice has noted."""
    kind = pending["field"]
    rows = [
        Button(
            title=option["name"],
            payload=_choice_payload(draft, pending, option["id"]),
            description=option["description"],
        )
        for option in pending["options"]
    ]
    ways_on = _ways_on(turn, draft, pending)
    rows = rows[: MOST_ROWS - len(ways_on)]
    if pending["kind"] == "choose":
        turn.say(f"utter_which_{kind}", said=pending["said"], choices=[*rows, *ways_on])
        return
    if pending.get("may_add"):
        response = f"utter_unknown_{kind}_or_add" if pending["options"] else f"utter_add_{kind}"
    elif pending["options"]:
        response = f"utter_{kind}_guesses"
    else:
        here = f"utter_no_such_{kind}_here"
        response = here if turn.phrasebook.has(here) else f"utter_no_such_{kind}"
    turn.say(response, said=pending["said"], choices=[*rows, *ways_on])


def _ways_on(turn: Turn, draft: Draft, pending: dict[str, Any]) -> list[Button]:
    """What else can be done with a name than to choose what it means."""
    ways = []
    if pending["kind"] == "unknown" and pending.get("may_add"):
        ways.append((f"utter_add_{pending['field']}_button", NEW))
    if pending["kind"] == "unknown" and "index" in pending and draft["lines"]:
        ways.append(("utter_button_skip_line", SKIP))
    buttons = [
        Button(title=turn.line(title), payload=_choice_payload(draft, pending, value))
        for title, value in ways
    ]
    return [*buttons, drop_button(turn, draft)]


def _choice_payload(draft: Draft, pending: dict[str, Any], value: str) -> str:
    return payload_of("affirm", draft=draft.stamp, choice=value, act=pending["token"])


def drop_button(turn: Turn, draft: Draft) -> Button:
    """A button that drops what is being written."""
    title = turn.line("utter_button_drop")
    return Button(title=title, payload=payload_of("deny", draft=draft.stamp))


def settle_customer(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Find the customer whom the draft names."""
    said = draft["customer_said"]
    if draft["customer"] or not said or draft.pending:
        return
    found = customer_named(reader, said)
    if found.one:
        set_customer(draft, found.one.id, found.one.name)
        return
    options = [customer_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="customer", may_add=turn.may(Permission.ADD_CUSTOMER))


def set_customer(draft: Draft, customer_id: Any, name: str) -> None:
    """The draft is for this customer."""
    draft["customer"] = {"id": str(customer_id), "name": name}
    draft["customer_said"] = None


def choose_customer(turn: Turn, draft: Draft, value: str) -> None:
    """Take the chosen customer, or add the one that was named."""
    pending = draft["answering"]
    if value == NEW:
        added = turn.run(
            parties.add_customer, key=f"draft:{draft.id}:customer", name=pending["said"]
        )
        set_customer(draft, added["customer_id"], added["name"])
        turn.say("utter_customer_added_short", name=added["name"])
        return
    for option in pending["options"]:
        if option["id"] == value:
            set_customer(draft, option["id"], option["name"])


def take_customer(turn: Turn, draft: Draft, *, asked: bool) -> bool:
    """Take a customer's name from a message; `asked`: a short text may be the name itself."""
    names = _whole_names(turn, without_denied(turn.text, turn.all("customer_name")))
    if len({person_key(one.value) for one in names}) > 1 and not says(turn.words, "negation"):
        one_at_a_time(turn, [one.value for one in names])
        return True
    if not names and _gives_number(turn, draft):
        return True
    named = names or turn.all("customer_phone")
    said = named[-1].value if named else None
    if said is None and asked and not turn.entities and _may_be_name(turn):
        said = bare_text(turn)
    if said is None and draft["customer"] is None and not draft["customer_said"] and turn.is_user:
        with turn.read() as reader:
            spoken_of = customer_in_text(turn, reader)
        if spoken_of:
            set_customer(draft, spoken_of.id, spoken_of.name)
            return True
    if said is None and draft["customer"] is None and says(turn.words, "same_person"):
        before = recent(turn, "customer")
        if before:
            draft["customer_said"] = None
            draft["customer"] = {"id": str(before), "name": customer_name(turn, before)}
            return True
    if said is None:
        return False
    draft["customer_said"], draft["customer"] = said, None
    return True


def _may_be_name(turn: Turn) -> bool:
    """Whether a text that was not understood can be somebody's name."""
    if len(turn.words) > LONGEST_NAME or any(sign in turn.text for sign in "?%"):
        return False
    if turn.is_sure and turn.intent in ("goodbye", "greeting"):
        return False
    return not any(says(turn.words, cue) for cue in _NO_NAME)


LONGEST_NAME = 4
"""Words of a name that no entity marks."""

_NO_NAME = ("asking", "wanting", "of_the_shop", "remove", "bill_words", "discount", "cancel")
"""Words that stand in nobody's name."""


def _gives_number(turn: Turn, draft: Draft) -> bool:
    """A number alone, after a name that nobody has here: it is that of whoever was named."""
    asked, number = draft["asked"] or {}, turn.value("customer_phone")
    if number is None or asked.get("field") != "customer" or not asked.get("may_add"):
        return False
    with turn.read() as reader:
        if customer_named(reader, number).one:
            return False
    added = turn.run(
        parties.add_customer, key=f"draft:{draft.id}:customer", name=asked["said"], phone=number
    )
    set_customer(draft, added["customer_id"], added["name"])
    turn.say("utter_customer_added_short", name=added["name"])
    return True


def _whole_names(turn: Turn, names: list[Entity]) -> list[Entity]:
    """Names together with the words behind them that are the rest of a customer's name.

    "Mohan" cut from "mohan lal 2000" would be another customer.
    """
    return [_whole_name(turn, one) for one in names] if turn.is_user else names


def _whole_name(turn: Turn, name: Entity) -> Entity:
    next_entity = min((e.start for e in turn.entities if e.start >= name.end), default=None)
    rest = turn.text[name.end : next_entity].split()[:MOST_WORDS_BEHIND]
    if not name.end or not rest or only(words(rest[0]), "filler"):
        return name
    with turn.read() as reader:
        for count in range(len(rest), 0, -1):
            longer = " ".join([name.value, *rest[:count]])
            found = customer_named(reader, longer).one
            if found and set(person_key(longer).split()) <= set(person_key(found.name).split()):
                return replace(name, value=longer)
    return name


def begins_anew(turn: Turn, draft: Draft) -> bool:
    """Whether the same kind of work begins for somebody else; then the draft is emptied, and it
    is said, so that nothing of one customer is written to another."""
    said = turn.value("customer_name")
    if not (said and draft["customer"] and draft.replying) or turn.intent in ("affirm", "deny"):
        return False
    if set(person_key(said).split()) <= set(person_key(draft["customer"]["name"]).split()):
        return False
    name_alone = all(one.name == "customer_name" for one in turn.entities) and only(
        words(" ".join(pieces_between(turn))), "filler"
    )
    if name_alone or says(turn.words, "negation"):
        return False
    former = draft.set_apart()
    draft.id, draft.data = turn.new_id(), {"asked": None}
    leave(turn, former, draft)
    return True


def customer_name(turn: Turn, customer_id: UUID) -> str:
    """A customer's name."""
    from erp_core.parties.queries import customer

    with turn.read() as reader:
        return customer(reader, customer_id).name


def bare_text(turn: Turn) -> str | None:
    """The message itself as an answer, when it is short and no known word."""
    text = turn.text.strip()
    if not text or len(text) > 60 or turn.intent in ("affirm", "deny", "help", "language_change"):
        return None
    if turn.intent in QUESTIONS - UNSURE and len(turn.words) > 3:
        return None
    return None if only(turn.words, "filler") else text


def pieces_between(turn: Turn) -> list[str]:
    """What a message says beside its entities, piece by piece."""
    pieces, at = [], 0
    for entity in sorted(turn.entities, key=lambda one: one.start):
        pieces.append(turn.text[at : entity.start])
        at = max(at, entity.end)
    return [*pieces, turn.text[at:]]


def denied_entities(turn: Turn) -> list[Entity]:
    """The entities of the message without those that it names only to refuse them."""
    return without_denied(turn.text, turn.entities)


def settle_product(
    turn: Turn, reader: Reader, draft: Draft, line: dict[str, Any], index: int, *, may_add: bool
) -> None:
    """Find the product that a line of the draft names."""
    found = product_named(reader, line["said"], spoken_of=recent(turn, "product"))
    if found.one:
        set_product(line, found.one)
        return
    options = [product_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="product", index=index, may_add=may_add)


def set_product(line: dict[str, Any], product: Any) -> None:
    """A line is about this product."""
    line.update(id=str(product.id), name=product.name, unit=product.unit, price=product.price_paise)
